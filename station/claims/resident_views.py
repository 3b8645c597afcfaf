"""A resident's claims about goods they collected: saying what was wrong, with photos, taking it back, the answer."""

from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from station.accounts.queries import Resident
from station.claims import forms, pictures, queries, store, words
from station.claims import service as claims
from station.claims.forms import ClaimForm
from station.claims.queries import AfterSales
from station.claims.rules import MOST_PICTURES, WORDS
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.idempotency import OK, Body
from station.core.permissions import Permission
from station.events.service import take_turn
from station.group_buys import store as buys
from station.group_buys.store import Order
from station.network import queries as network
from station.residents import queries as people
from station.web.forms import KeyForm, first_error
from station.web.gate import current_resident, needs
from station.web.idempotent import act_once, told

bp = Blueprint("me_group_claims", __name__)
ONE = "/me/group-buys/<int:station_id>/<int:campaign_id>/orders/<int:order_id>"


@bp.app_context_processor
def _names() -> dict[str, Any]:
    return {"after_sales": after_sales, "claim_words": words}


def after_sales(station_id: int, order: Order) -> AfterSales:
    """Return what was claimed of an order, and what more can be."""
    with reading():
        return queries.of_order(station_id, order)


@bp.get(f"{ONE}/complaint")
@needs(Permission.OWN_PARCELS)
def page(station_id: int, campaign_id: int, order_id: int) -> ResponseReturnValue:
    """Ask what was wrong."""
    return _page(station_id, order_id, ClaimForm(formdata=None))


def _page(
    station_id: int, order_id: int, form: ClaimForm, *, refusal: str = "", status: int = 200
) -> ResponseReturnValue:
    with reading():
        order = _own(current_resident(), station_id, order_id)
        g.station = network.station(station_id)
        shown = {
            "order": order,
            "campaign": buys.look_campaign(station_id, order.campaign_id),
            "room": claims.room(station_id, order),
        }
    limits = {"most": MOST_PICTURES, "most_words": WORDS}
    at = {"station_id": station_id, "campaign_id": order.campaign_id}
    return render_template("claims/me_new.html", form=form, refusal=refusal, at=at, **shown, **limits), status


@bp.post(f"{ONE}/complaint")
@needs(Permission.OWN_PARCELS)
def make(station_id: int, campaign_id: int, order_id: int) -> ResponseReturnValue:
    """Keep what was wrong, as the signed-in resident."""
    resident, form, photos = current_resident(), ClaimForm(), forms.photos()
    if not form.validate():
        return _page(station_id, order_id, form, refusal=first_error(form), status=422)
    wish = form.wish()

    def act(actor: Actor) -> Body:
        take_turn(station_id)
        _own(resident, station_id, order_id)
        return {"claim": str(claims.make(actor, order_id, wish, photos))}

    answer = act_once(
        "me.group_claim", forms.said(order_id, wish, photos), act, actor=resident.at(station_id)
    )
    if answer.status != OK:
        return _page(station_id, order_id, form, refusal=str(answer.body["message"]), status=answer.status)
    told(answer, _("Thank you. Your complaint is here; you are told the answer."))
    return _back(station_id, campaign_id)


@bp.post(f"{ONE}/complaints/<int:claim_id>/withdraw")
@needs(Permission.OWN_PARCELS)
def withdraw(station_id: int, campaign_id: int, order_id: int, claim_id: int) -> ResponseReturnValue:
    """Take one's own claim back."""
    resident = current_resident()
    KeyForm()

    def act(actor: Actor) -> None:
        take_turn(station_id)
        _own_claim(resident, station_id, order_id, claim_id)
        claims.withdraw(actor, claim_id)

    body = {"order": str(order_id), "claim": str(claim_id)}
    answer = act_once("me.group_claim_withdraw", body, act, actor=resident.at(station_id))
    told(answer, _("Your complaint is withdrawn."))
    return _back(station_id, campaign_id)


@bp.get(f"{ONE}/complaints/<int:claim_id>/photos/<int:place>")
@needs(Permission.OWN_PARCELS)
def photo(station_id: int, campaign_id: int, order_id: int, claim_id: int, place: int) -> ResponseReturnValue:
    """Send a photo of one's own claim."""
    with reading():
        _own_claim(current_resident(), station_id, order_id, claim_id)
        found = pictures.get(station_id, claim_id, place)
    return Response(found.content, mimetype=found.media_type)


def _own(resident: Resident, station_id: int, order_id: int) -> Order:
    """Return an order of the resident's phone. Raises StationError `not_found` for anybody else's."""
    order = buys.look_order(station_id, order_id)
    if order.recipient_id not in people.ids_at_phone(station_id, resident.phone_hash):
        raise StationError("not_found", _("This order is not one of yours."))
    return order


def _own_claim(resident: Resident, station_id: int, order_id: int, claim_id: int) -> None:
    _own(resident, station_id, order_id)
    if store.get(station_id, claim_id).order_id != order_id:
        raise StationError("not_found", _("This complaint does not exist."))


def _back(station_id: int, campaign_id: int) -> ResponseReturnValue:
    target = url_for(
        "me_group_buys.campaign", station_id=station_id, campaign_id=campaign_id, _anchor="complaint"
    )
    return redirect(target, 303)
