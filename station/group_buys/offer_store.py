"""Goods offered to who waits: to one person at a time, for a time. What is offered is offers.py's and surplus.py's."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, insert, select, update

from station.core import clock, ids
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.events.service import Event, append
from station.group_buys import messages
from station.group_buys.messages import GroupNote
from station.group_buys.models import CampaignOffer
from station.group_buys.store import Current, Order
from station.network import queries as network
from station.notices import quiet

# Ours: long enough to read a message and decide; fresh goods do not keep longer.
LASTS = timedelta(hours=24)
LASTS_FRESH = timedelta(hours=2)


class OfferState(StrEnum):
    """Where an offer stands."""

    OPEN = "open"
    TAKEN = "taken"
    DECLINED = "declined"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Offer:
    """Units offered to somebody who waits: those of a bag, or (`bag_id` None) such as are left over."""

    id: int
    campaign_id: int
    bag_id: int | None
    order_id: int
    units: int
    state: str
    until: datetime


_COLUMNS = tuple(getattr(CampaignOffer, name) for name in Offer.__slots__)


def find(station_id: int, *where: ColumnElement[bool]) -> list[Offer]:
    """Return offers of a station that meet the conditions, the oldest first."""
    query = select(*_COLUMNS).where(CampaignOffer.station_id == station_id, *where).order_by(CampaignOffer.id)
    return [Offer(*row) for row in connection().execute(query)]


def open_now(station_id: int, *where: ColumnElement[bool]) -> list[Offer]:
    """Return the offers that may still be taken: the clock decides, however late a job is."""
    still = (CampaignOffer.state == OfferState.OPEN, CampaignOffer.until > clock.now())
    return find(station_id, *still, *where)


def open_for(station_id: int, order_id: int) -> Offer | None:
    """Return what a waiting order may take now."""
    return next(iter(open_now(station_id, CampaignOffer.order_id == order_id)), None)


def required(station_id: int, order_id: int) -> Offer:
    """Return what a waiting order may take now. Raises StationError `offer_over`."""
    found = open_for(station_id, order_id)
    if found is None:
        raise over()
    return found


def over() -> StationError:
    """Return the refusal of an offer that is over."""
    return StationError("offer_over", _("This offer is over. Somebody else may have it now."))


def ask(actor: Actor, campaign: Current, order: Order, *, units: int, bag_id: int | None) -> None:
    """Offer units to somebody who waits, and tell them. The time to answer begins when quiet hours are over."""
    station_id, now = actor.station_id, clock.now()
    lasts = LASTS if campaign.collect_h is None else LASTS_FRESH
    values = {"campaign_id": campaign.id, "bag_id": bag_id, "order_id": order.id, "units": units}
    moments = {"offered_at": now, "until": _heard_at(station_id, now) + lasts, "answered_at": None}
    connection().execute(
        insert(CampaignOffer).values(
            station_id=station_id, id=ids.next_id(), state=OfferState.OPEN, **values, **moments
        )
    )
    if bag_id:
        append(actor, Event("bag_offered", data={"bag": str(bag_id), "order": str(order.id)}))
    else:
        append(actor, Event("surplus_offered", data={"units": units, "order": str(order.id)}))
    messages.tell(station_id, GroupNote.OFFER, campaign.number, [order.recipient_id])


def _heard_at(station_id: int, now: datetime) -> datetime:
    """Return when the message of an offer goes out: nobody loses one while they sleep."""
    rules = network.rules(station_id)
    return quiet.until(now, rules.zone, quiet.hours(rules.quiet_from, rules.quiet_until)) or now


def end(station_id: int, *which: ColumnElement[bool], state: OfferState = OfferState.OVER) -> None:
    """End the open offers that meet the conditions."""
    mine = (CampaignOffer.station_id == station_id, CampaignOffer.state == OfferState.OPEN)
    connection().execute(
        update(CampaignOffer).where(*mine, *which).values(state=state, answered_at=clock.now())
    )


def withdraw(station_id: int, bag_id: int) -> None:
    """Offer a bag no more: it was collected after all."""
    end(station_id, CampaignOffer.bag_id == bag_id)
