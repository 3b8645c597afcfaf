"""A resident's pages of group buys: what is open at their stations, ordering, their orders and what came of them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from station.accounts.queries import Resident
from station.core import clock
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.idempotency import Answer, Body
from station.core.permissions import Permission
from station.events.service import take_turn
from station.group_buys import balances, desk, orders, pictures, prices, queries, store
from station.group_buys.forms import OrderForm
from station.group_buys.lifecycle import CAMPAIGN_ENDS, ORDER_ENDS, CampaignState, OrderState
from station.group_buys.pictures import Shown
from station.group_buys.queries import Mine, Offer
from station.group_buys.store import Order
from station.ledger import queries as ledger
from station.network import queries as network
from station.network.queries import StationFacts
from station.residents import queries as residents
from station.web.forms import KeyForm, first_error, whole
from station.web.gate import current_resident, needs
from station.web.idempotent import act_once, said, told

bp = Blueprint("me_group_buys", __name__, url_prefix="/me/group-buys")
ONE = "/<int:station_id>/<int:campaign_id>"


@dataclass(frozen=True, slots=True)
class AtStation:
    """What a station offers a resident, and their orders there: `live` ones, and `past` ones."""

    facts: StationFacts
    offers: list[Offer]
    live: list[Mine]
    past: list[Mine]


@dataclass(frozen=True, slots=True)
class Seen:
    """One campaign as one resident sees it. `balance_minor`: what they have at the station, in its currency."""

    facts: StationFacts
    offer: Offer
    pictures: list[Shown]
    point_names: dict[int, str]
    order: Order | None
    ahead: int
    to_pay_minor: int
    balance_minor: int


@dataclass(frozen=True, slots=True)
class Quote:
    """What a wish costs in minor units: by today's price without what is on top, and at most."""

    now_minor: int
    most_minor: int


@bp.get("/")
@needs(Permission.OWN_PARCELS)
def page() -> ResponseReturnValue:
    """Show what can be ordered at the resident's stations, and their own orders."""
    resident = current_resident()
    with reading():
        places = [_at(resident, one) for one in residents.stations_of(resident.phone_hash)]
        g.station = places[0].facts if len(places) == 1 else None
    return render_template("group_buys/me.html", places=places)


def _at(resident: Resident, station_id: int) -> AtStation:
    mine = queries.orders_of(station_id, _entries(resident, station_id))
    live = [one for one in mine if not _is_past(one)]
    ordered = {one.offer.campaign.id for one in live}
    now = clock.now()
    offers = [
        one
        for one in queries.offered(station_id)
        if one.campaign.id not in ordered and one.campaign.cut_off_at > now
    ]
    past = [one for one in mine if _is_past(one)]
    return AtStation(network.station(station_id), offers, live, past)


def _is_past(mine: Mine) -> bool:
    return mine.order.state in ORDER_ENDS or (
        mine.order.state == OrderState.WAITING and mine.offer.campaign.state in CAMPAIGN_ENDS
    )


def _entries(resident: Resident, station_id: int) -> Collection[int]:
    return residents.ids_at_phone(station_id, resident.phone_hash)


@bp.get(ONE)
@needs(Permission.OWN_PARCELS)
def campaign(station_id: int, campaign_id: int) -> ResponseReturnValue:
    """Show a campaign, with the resident's order or a form to order."""
    return _page(station_id, campaign_id, OrderForm(formdata=None))


@bp.get(f"{ONE}/live")
@needs(Permission.OWN_PARCELS)
def live(station_id: int, campaign_id: int) -> ResponseReturnValue:
    """Send how far a campaign has come, for the page that shows it."""
    with reading():
        found = _visible(station_id, campaign_id)
    return render_template("group_buys/_progress.html", offer=found, live_url=request.path)


@bp.get(f"{ONE}/quote")
@needs(Permission.OWN_PARCELS)
def quote(station_id: int, campaign_id: int) -> ResponseReturnValue:
    """Send what so many would cost, by the server's prices; nothing for what no order may be."""
    with reading():
        found = _visible(station_id, campaign_id)
    quantity, more = (whole(request.args.get(name, "") or "0") for name in ("quantity", "tolerance"))
    return render_template("group_buys/_quote.html", offer=found, quote=_quote(found, quantity, more))


def _quote(offer: Offer, quantity: int | None, more: int | None) -> Quote | None:
    if not quantity or more is None:
        return None
    return Quote(quantity * offer.price_minor, prices.most_to_pay(offer.tiers, quantity, more))


@bp.post(f"{ONE}/order")
@needs(Permission.OWN_PARCELS)
def order(station_id: int, campaign_id: int) -> ResponseReturnValue:
    """Order, as the signed-in resident."""
    resident, form = current_resident(), OrderForm()
    if not form.validate():
        return _page(station_id, campaign_id, form, refusal=first_error(form), status=422)
    wish = form.wish()

    def act(actor: Actor) -> Body:
        take_turn(station_id)
        _visible(station_id, campaign_id)
        _refuse_second(resident, station_id, campaign_id)
        entry = desk.enter(resident, station_id)
        made = orders.order(actor, campaign_id, entry, wish, account_id=resident.account_id)
        return {"state": made.state}

    body = said(form) | {"campaign": str(campaign_id)}
    return _after(
        station_id, campaign_id, form, act_once("me.group_order", body, act, actor=resident.at(station_id))
    )


def _refuse_second(resident: Resident, station_id: int, campaign_id: int) -> None:
    """Refuse a second order of one phone, whatever name the first one stands under."""
    found = queries.order_in(station_id, campaign_id, _entries(resident, station_id))
    if found and found.state not in (OrderState.CANCELLED, OrderState.FALLEN):
        raise StationError("already_ordered", _("You have ordered already. Change that order."))


@bp.post(f"{ONE}/orders/<int:order_id>/change")
@needs(Permission.OWN_PARCELS)
def change(station_id: int, campaign_id: int, order_id: int) -> ResponseReturnValue:
    """Change one's own order."""
    resident, form = current_resident(), OrderForm()
    if not form.validate():
        return _page(station_id, campaign_id, form, refusal=first_error(form), status=422)
    wish = form.wish()

    def act(actor: Actor) -> Body:
        take_turn(station_id)
        _refuse_others(resident, station_id, order_id)
        return {"state": orders.change(actor, order_id, wish).state}

    body = said(form) | {"order": str(order_id)}
    answer = act_once("me.group_order_change", body, act, actor=resident.at(station_id))
    return _after(station_id, campaign_id, form, answer)


@bp.post(f"{ONE}/orders/<int:order_id>/cancel")
@needs(Permission.OWN_PARCELS)
def cancel(station_id: int, campaign_id: int, order_id: int) -> ResponseReturnValue:
    """Take one's own order back."""
    resident = current_resident()
    KeyForm()

    def act(actor: Actor) -> None:
        take_turn(station_id)
        _refuse_others(resident, station_id, order_id)
        orders.cancel(actor, order_id)

    answer = act_once("me.group_order_cancel", {"order": str(order_id)}, act, actor=resident.at(station_id))
    told(answer, _("Taken back. What you paid ahead is your balance."))
    return redirect(url_for("me_group_buys.campaign", station_id=station_id, campaign_id=campaign_id), 303)


def _refuse_others(resident: Resident, station_id: int, order_id: int) -> None:
    """Refuse, alone at work, an order that is nobody's at the resident's phone. Raises StationError `not_found`."""
    if store.look_order(station_id, order_id).recipient_id not in _entries(resident, station_id):
        raise StationError("not_found", _("This order is not one of yours."))


def _after(station_id: int, campaign_id: int, form: OrderForm, answer: Answer) -> ResponseReturnValue:
    sentences = {
        "placed": _("Ordered. You can change it until the cut-off."),
        "held": _("Your units are kept for half an hour. The order counts once it is paid."),
        "waiting": _("So many are not left: you are on the waiting list now."),
    }
    if not told(answer, sentences.get(str(answer.body.get("state")), "")):
        return _page(station_id, campaign_id, form, status=answer.status)
    return redirect(url_for("me_group_buys.campaign", station_id=station_id, campaign_id=campaign_id), 303)


def _visible(station_id: int, campaign_id: int) -> Offer:
    """Return a campaign that residents may see. Raises StationError `not_found` for a draft too."""
    found = queries.offer(station_id, campaign_id)
    if found.campaign.state == CampaignState.DRAFT:
        raise StationError("not_found", _("There is no such group buy. Ask at the counter."))
    return found


def _page(
    station_id: int, campaign_id: int, form: OrderForm, *, refusal: str = "", status: int = 200
) -> ResponseReturnValue:
    with reading():
        seen = _seen(current_resident(), station_id, campaign_id)
    g.station = seen.facts
    names: dict[str, Any] = {
        "seen": seen,
        "offer": seen.offer,
        "order": seen.order,
        "pictures": seen.pictures,
        "point_names": seen.point_names,
        "zone": seen.facts.zone,
    }
    is_open = seen.offer.campaign.takes_orders(clock.now())
    page = render_template(
        "group_buys/me_campaign.html", form=form, refusal=refusal, is_open=is_open, **names
    )
    return page, status


def _seen(resident: Resident, station_id: int, campaign_id: int) -> Seen:
    offer = _visible(station_id, campaign_id)
    entries = _entries(resident, station_id)
    found = queries.order_in(station_id, campaign_id, entries)
    entry = found.recipient_id if found else desk.entry_of(resident, station_id)
    is_waiting = found is not None and found.state == OrderState.WAITING
    return Seen(
        facts=network.station(station_id),
        offer=offer,
        pictures=pictures.of_campaign(station_id, campaign_id),
        point_names=queries.names([point.station_id for point in store.points(station_id, campaign_id)]),
        order=found,
        ahead=queries.place_in_line(station_id, found) if found and is_waiting else 0,
        to_pay_minor=balances.to_pay(station_id, found.id) if found else 0,
        balance_minor=ledger.resident_balance(station_id, entry, offer.campaign.currency) if entry else 0,
    )
