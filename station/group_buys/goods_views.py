"""A resident's own goods of a group buy: letting others have them, and taking what somebody else left."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from station.accounts.queries import Resident
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.permissions import Permission
from station.events.service import take_turn
from station.group_buys import bag_store, offer_store, offers, store, unclaimed
from station.group_buys.bag_store import BagState
from station.group_buys.forms import KeyForm
from station.group_buys.models import OrderBag
from station.group_buys.offer_store import Offer
from station.group_buys.store import Order
from station.residents import queries as people
from station.web import idempotent
from station.web.gate import current_resident, needs
from station.web.idempotent import act_once, told

bp = Blueprint("me_group_goods", __name__)
idempotent.install(bp)
ONE = "/me/group-buys/<int:station_id>/<int:campaign_id>/orders/<int:order_id>"


@bp.app_context_processor
def _names() -> dict[str, Any]:
    return {"offer_to": offer_to, "may_release": may_release}


def offer_to(station_id: int, order: Order) -> Offer | None:
    """Return what a waiting order may take now."""
    with reading():
        return offer_store.open_for(station_id, order.id)


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
