"""A resident's own pages of money: their balance, paying an order or ahead, and having a free balance back.

What an order costs comes from the books; the browser only says which order. A page that waits for the provider asks
for the payment's state until its notice came (static/js/pay.js).
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, current_app, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.idempotency import OK, Body
from station.core.money import parse_money
from station.core.permissions import Permission
from station.ledger import queries as ledger
from station.ledger import rules
from station.me import queries as me
from station.network import queries as network
from station.payments import asking, balances, queries, refunds, service, settings, wish_views, words
from station.payments.catalogue import WAYS, Way
from station.payments.forms import OrderForm, PayForm
from station.payments.provider import Begun, Page, ProviderError, RefusedError
from station.payments.queries import Asked
from station.payments.service import Wanted
from station.residents import queries as residents
from station.shelves import cards
from station.web import idempotent
from station.web.forms import first_error
from station.web.gate import current_resident, needs
from station.web.idempotent import act_once, key_of_request, said, told

bp = Blueprint("me_pay", __name__, url_prefix="/me/pay")
idempotent.install(bp)
ONE_PAYMENT = "/<int:station_id>/<int:payment_id>"


@bp.context_processor
def _names() -> dict[str, Any]:
    return {"words": words, "ways": WAYS}


@bp.get("")
@needs(Permission.OWN_PARCELS)
def page() -> ResponseReturnValue:
    """Lead to the money at the resident's station; with several, let them choose one."""
    with reading():
        station_ids = residents.stations_of(current_resident().phone_hash)
        stations = [network.station(one) for one in station_ids]
    if len(stations) == 1:
        return redirect(url_for("me_pay.station", station_id=stations[0].id), 303)
    return render_template("payments/me_stations.html", stations=stations)


@bp.get("/<int:station_id>")
@needs(Permission.OWN_PARCELS)
def station(station_id: int) -> ResponseReturnValue:
    """Show the balance, what orders need, and what was paid."""
    return _page(station_id, PayForm(formdata=None))


@bp.post("/<int:station_id>/ahead")
@needs(Permission.OWN_PARCELS)
def ahead(station_id: int) -> ResponseReturnValue:
    """Pay ahead: an amount of the resident's own choice goes to their balance."""
    form = PayForm()
    if not form.validate():
        return _page(station_id, form), 422
    way, text = Way(form.way.data), form.amount.data or ""

    def act(actor: Actor) -> Body:
        owner = me.recipient(station_id, current_resident())
        currency = rules.for_station(station_id).currency
        return _asked(actor, Wanted("balance", owner, parse_money(text, currency), currency, way))

    return _ask(station_id, form, "me_pay.ahead", act)


@bp.post("/<int:station_id>/order")
@needs(Permission.OWN_PARCELS)
def order(station_id: int) -> ResponseReturnValue:
    """Pay what an order of the resident's needs, by the books."""
    form = OrderForm()
    if not form.validate():
        raise StationError("bad_input", first_error(form))
    way, order_id = Way(form.way.data), form.order.data or ""

    def act(actor: Actor) -> Body:
        me.recipient(station_id, current_resident())
        currency = rules.for_station(station_id).currency
        mine = _entries(station_id)
        due = [one for one in balances.due(station_id, mine, currency) if str(one.order_id) == order_id]
        if not due:
            raise StationError("not_found", _("This order does not wait for a payment."))
        one = due[0]
        return _asked(actor, Wanted(one.purpose, one.recipient_id, one.amount_minor, currency, way))

    return _ask(station_id, form, "me_pay.order", act)


def _asked(actor: Actor, wanted: Wanted) -> Body:
    if wanted.provider not in settings.enabled(actor.station_id, current_app.config["SETTINGS"]):
        raise StationError("not_found", _("This way to pay is not set up at your station."))
    return {"payment": str(service.ask(actor, wanted, f"me:{key_of_request()}").id)}


def _ask(
    station_id: int, form: PayForm | OrderForm, operation: str, act: Callable[[Actor], Body]
) -> ResponseReturnValue:
    body = {**said(form), "station": str(station_id)}
    answer = act_once(operation, body, act, actor=current_resident().at(station_id))
    if answer.status != OK:
        told(answer, "")
        return redirect(url_for("me_pay.station", station_id=station_id), 303)
    return redirect(
        url_for("me_pay.payment", station_id=station_id, payment_id=int(answer.body["payment"])), 303
    )


@bp.get(ONE_PAYMENT)
@needs(Permission.OWN_PARCELS)
def payment(station_id: int, payment_id: int) -> ResponseReturnValue:
    """Show one payment: where to pay it while it waits, and what became of it."""
    asked, at = _mine(station_id, payment_id)
    begun, refusal = _begin(asked) if asked.state == "asked" else (None, "")
    drawing = cards.draw(begun.text) if begun and begun.page is Page.QR else None
    with reading():
        given = queries.refunds_of(station_id, [payment_id])
    g.station = at
    return render_template(
        "payments/me_payment.html", asked=asked, begun=begun, drawing=drawing, refusal=refusal, given=given
    )


@bp.get(f"{ONE_PAYMENT}.json")
@needs(Permission.OWN_PARCELS)
def state(station_id: int, payment_id: int) -> ResponseReturnValue:
    """Answer where a payment stands, for the page that waits."""
    return {"state": _mine(station_id, payment_id)[0].state}


@bp.post("/<int:station_id>/back")
@needs(Permission.OWN_PARCELS)
def back(station_id: int) -> ResponseReturnValue:
    """Give the free balance back the ways it came."""
    resident = current_resident()

    def act(actor: Actor) -> Body:
        me.recipient(station_id, resident)
        currency, given = rules.for_station(station_id).currency, []
        for one in _entries(station_id):
            given += refunds.give_back_balance(actor, one, currency, key=f"me:{key_of_request()}:{one}")
        if not given:
            raise StationError("balance_too_small", _("Nothing can be given back this way."))
        return {"refunds": [str(one.id) for one in given]}

    actor = resident.at(station_id)
    answer = act_once("me_pay.back", {"station": str(station_id)}, act, actor=actor)
    if answer.status == OK and not answer.replayed:
        _give(actor, [int(one) for one in answer.body["refunds"]])
    told(answer, _("It is on its way back to where it came from."))
    return redirect(url_for("me_pay.station", station_id=station_id), 303)


def _entries(station_id: int) -> list[int]:
    """Return every entry of the resident at a station, those that were merged into another too: money may lie there."""
    return residents.ids_at_phone(station_id, current_resident().phone_hash)


def _give(actor: Actor, refund_ids: list[int]) -> None:
    for refund_id in refund_ids:
        with reading():
            given = queries.refund(actor.station_id, refund_id)
        asking.give_back(actor, given, current_app.config["SETTINGS"])


def _mine(station_id: int, payment_id: int) -> tuple[Asked, Any]:
    """Return a payment of the resident's and its station. Raises StationError `not_found` for anybody else's."""
    with reading():
        asked = queries.payment(station_id, payment_id)
        if asked.recipient_id not in _entries(station_id):
            raise StationError("not_found", _("There is no such payment at your station."))
        return asked, network.station(station_id)


def _begin(asked: Asked) -> tuple[Begun | None, str]:
    """Return where to pay, or why that is not known now."""
    mine = url_for("me_pay.payment", station_id=asked.station_id, payment_id=asked.id)
    try:
        through, wish = wish_views.ready(asked, mine)
        return through.begin(wish), ""
    except StationError:
        return None, _("This way to pay is closed now. Begin a new payment.")
    except (ProviderError, RefusedError):
        return None, _("The provider does not answer now. Load this page again in a minute.")


def _page(station_id: int, form: PayForm) -> str:
    resident = current_resident()
    config = current_app.config["SETTINGS"]
    with reading():
        me.recipient(station_id, resident)
        mine = _entries(station_id)
        currency = rules.for_station(station_id).currency
        page = {
            "currency": currency,
            "balance": ledger.entries_balance(station_id, mine, currency),
            "free": _refundable(station_id, mine, currency),
            "due": balances.due(station_id, mine, currency),
            "payments": queries.of_recipients(station_id, mine),
            "open_ways": settings.enabled(station_id, config),
        }
        g.station = network.station(station_id)
    return render_template("payments/me_pay.html", station_id=station_id, form=form, **page)


def _refundable(station_id: int, recipient_ids: list[int], currency: str) -> int:
    """Return how much of a person's free balance, over all their entries, can go back to providers."""
    rest = sum(
        one.rest_minor
        for recipient_id in recipient_ids
        for one in queries.refundable(station_id, recipient_id, currency)
        if WAYS[one.provider].account.owner
    )
    return min(rest, balances.free(station_id, recipient_ids[0], currency))
