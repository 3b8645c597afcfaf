"""A resident's own goods of a group buy: letting others have them, taking what is offered, giving late ones back.

And, before any of it, being reminded of a cut-off.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from station.accounts.queries import Resident
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.permissions import Permission
from station.events.service import take_turn
from station.group_buys import bag_store, desk, lateness, offer_store, offers, reminders, store, unclaimed
from station.group_buys.bag_store import BagState
from station.group_buys.models import OrderBag
from station.group_buys.offer_store import Offer
from station.group_buys.queries import Offer as CampaignOffer
from station.group_buys.store import Order
from station.residents import queries as people
from station.web import idempotent
from station.web.forms import KeyForm
from station.web.gate import current_resident, needs
from station.web.idempotent import act_once, told

bp = Blueprint("me_group_goods", __name__)
idempotent.install(bp)
CAMPAIGN = "/me/group-buys/<int:station_id>/<int:campaign_id>"
ONE = f"{CAMPAIGN}/orders/<int:order_id>"


@dataclass(frozen=True, slots=True)
class Reminder:
    """Whether somebody may ask for a reminder before the cut-off, whether they did, and when it comes."""

    may_ask: bool
    is_asked: bool
    at: datetime


@bp.app_context_processor
def _names() -> dict[str, Any]:
    return {"offer_to": offer_to, "may_release": may_release, "reminder": reminder}


def offer_to(station_id: int, order: Order) -> Offer | None:
    """Return what a waiting order may take now."""
    with reading():
        return offer_store.open_for(station_id, order.id)


def reminder(offer: CampaignOffer) -> Reminder:
    """Return what a campaign's page says of a reminder to the resident who is signed in."""
    mine = people.ids_at_phone(offer.station_id, current_resident().phone_hash)
    with reading():
        return Reminder(
            reminders.may_ask(offer.station_id, offer.campaign),
            reminders.is_asked(offer.station_id, offer.campaign.id, mine),
            reminders.moment_of(offer.station_id, offer.campaign),
        )


def may_release(station_id: int, order: Order) -> bool:
    """Tell whether a buyer's goods wait, so that they may let others have them."""
    with reading():
        found = bag_store.find(station_id, OrderBag.order_id == order.id)
    return any(bag.state == BagState.READY for bag in found)


@bp.post(f"{ONE}/release")
@needs(Permission.OWN_PARCELS)
def release(station_id: int, campaign_id: int, order_id: int) -> ResponseReturnValue:
    """Let others have one's goods."""
    done = _("Noted. Whoever waits is asked; if somebody takes them, your money is back on your account.")
    return _act(station_id, campaign_id, order_id, act=unclaimed.agree_release, done=done)


@bp.post(f"{ONE}/give-back")
@needs(Permission.OWN_PARCELS)
def give_back(station_id: int, campaign_id: int, order_id: int) -> ResponseReturnValue:
    """Give one's own order back, whose goods are late."""
    done = _("Given back. Nothing is charged; what you paid is on your account.")
    return _act(station_id, campaign_id, order_id, act=lateness.give_back, done=done)


@bp.post(f"{ONE}/take")
@needs(Permission.OWN_PARCELS)
def take(station_id: int, campaign_id: int, order_id: int) -> ResponseReturnValue:
    """Take what was offered."""
    done = _("It is yours. The pickup code comes by message.")
    return _act(station_id, campaign_id, order_id, act=offers.accept, done=done)


@bp.post(f"{ONE}/decline")
@needs(Permission.OWN_PARCELS)
def decline(station_id: int, campaign_id: int, order_id: int) -> ResponseReturnValue:
    """Let what was offered go to the next."""
    return _act(
        station_id, campaign_id, order_id, act=offers.decline, done=_("Noted. The next one is asked.")
    )


@bp.post(f"{CAMPAIGN}/remind")
@needs(Permission.OWN_PARCELS)
def remind(station_id: int, campaign_id: int) -> ResponseReturnValue:
    """Ask for a reminder before the cut-off."""
    resident = current_resident()

    def act(actor: Actor) -> None:
        take_turn(station_id)
        reminders.ask(actor, campaign_id, desk.enter(resident, station_id))

    return _remind(station_id, campaign_id, act, done=_("Noted: you get one message before it closes."))


@bp.post(f"{CAMPAIGN}/remind/stop")
@needs(Permission.OWN_PARCELS)
def stop_reminding(station_id: int, campaign_id: int) -> ResponseReturnValue:
    """Want no reminder any more."""
    resident = current_resident()

    def act(actor: Actor) -> None:
        take_turn(station_id)
        reminders.take_back(actor, campaign_id, people.ids_at_phone(station_id, resident.phone_hash))

    return _remind(station_id, campaign_id, act, done=_("Noted: no reminder comes."))


def _remind(
    station_id: int, campaign_id: int, act: Callable[[Actor], None], *, done: str
) -> ResponseReturnValue:
    KeyForm()
    actor = current_resident().at(station_id)
    told(act_once(f"{request.endpoint}", {"campaign": str(campaign_id)}, act, actor=actor), done)
    return redirect(url_for("me_group_buys.campaign", station_id=station_id, campaign_id=campaign_id), 303)


def _act(
    station_id: int, campaign_id: int, order_id: int, *, act: Callable[[Actor, int], object], done: str
) -> ResponseReturnValue:
    resident = current_resident()
    KeyForm()

    def acts(actor: Actor) -> None:
        take_turn(station_id)
        _refuse_others(resident, station_id, order_id)
        act(actor, order_id)

    operation = f"me.group_goods.{act.__name__}"
    told(act_once(operation, {"order": str(order_id)}, acts, actor=resident.at(station_id)), done)
    return redirect(url_for("me_group_buys.campaign", station_id=station_id, campaign_id=campaign_id), 303)


def _refuse_others(resident: Resident, station_id: int, order_id: int) -> None:
    """Refuse, alone at work, an order that is nobody's at the resident's phone. Raises StationError `not_found`."""
    mine = people.ids_at_phone(station_id, resident.phone_hash)
    if store.look_order(station_id, order_id).recipient_id not in mine:
        raise StationError("not_found", _("This order is not one of yours."))
