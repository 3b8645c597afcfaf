"""What the scheduler does for group buys: reminders, cut-offs, suppliers' orders, and bags that are to be collected.

Each opens its own transactions, one for each campaign or station. Late, twice or not for a day: the same final state.
"""

import logging

from station.core.actor import system_actor
from station.core.clock import now
from station.core.db import reading, transaction
from station.core.i18n import gettext as _
from station.core.i18n import speaking
from station.core.phones import Phone, PhoneKind
from station.core.settings import Settings
from station.group_buys import bags, cut_off, reminders, supplier_orders, unclaimed, waiting
from station.group_buys.supplier_orders import Unsent
from station.notices import channel_settings
from station.notices.channels import Channel, ChannelError, Medium, Message

TOPIC = "supplier_order"
# An e-mail goes to an address; the number stands only where a message has to have one.
NO_PHONE = Phone(PhoneKind.INTERNATIONAL, "")

log = logging.getLogger(__name__)


def cut_offs(settings: Settings) -> str:
    """Cut off every campaign whose time is over."""
    with reading():
        station_ids = cut_off.due_stations(now())
    done = 0
    for station_id in station_ids:
        while _cut_off_next(station_id) is not None:
            done += 1
    return f"{done} campaigns"


def _cut_off_next(station_id: int) -> int | None:
    with transaction():
        return cut_off.cut_off_next(station_id)


def let_holds_fall(settings: Settings) -> str:
    """Let orders fall that were not paid in time, and the waiting lists move up."""
    with reading():
        station_ids = waiting.stations_with_holds_over(now())
    done = 0
    for station_id in station_ids:
        with transaction():
            done += waiting.let_holds_fall(station_id)
    return f"{done} campaigns"


def remind(settings: Settings) -> str:
    """Remind who asked for it, and buyers of what would fail, before cut-offs."""
    with reading():
        station_ids = reminders.due_stations(now())
    done = 0
    for station_id in station_ids:
        with transaction():
            done += reminders.run(station_id)
    return f"{done} campaigns"


def send_orders(settings: Settings) -> str:
    """Send suppliers their orders by e-mail, where the station has a mail server; else somebody hands them over."""
    with reading():
        station_ids = supplier_orders.stations_with_unsent()
    return f"{sum(_send_orders(station_id, settings) for station_id in station_ids)} orders"


def _send_orders(station_id: int, settings: Settings) -> int:
    with reading():
        found = channel_settings.channels_for(station_id, settings)
        waiting_orders = supplier_orders.unsent(station_id)
    mail = next((channel for channel in found if channel.medium == Medium.EMAIL), None)
    return sum(_send(station_id, mail, one) for one in waiting_orders) if mail else 0


def _send(station_id: int, mail: Channel, order: Unsent) -> bool:
    """Send one order; its id is the message's, so that a second try after a crash is the same mail."""
    with speaking(order.language):
        subject = _("Order: %(title)s", title=order.title)
    try:
        mail.send(Message(order.id, NO_PHONE, order.text, subject=subject, email=order.email, topic=TOPIC))
    except ChannelError as error:
        log.warning("the order %s could not be sent: %s", order.id, error.reason)
        return False
    with transaction():
        return supplier_orders.mark_sent(system_actor(station_id), order.id, way="email")


def follow_bags(settings: Settings) -> str:
    """Bring orders to where their bags are, remind, offer, and settle what nobody collects."""
    with reading():
        following, due = bags.stations_sharing(), unclaimed.due_stations()
    done = 0
    for station_id in sorted({*following, *due}):
        with transaction():
            done += bags.follow(station_id)
        with transaction():
            done += unclaimed.run(station_id)
    return f"{done} bags"
