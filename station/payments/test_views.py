"""The test provider's page, where a resident pretends to pay. It tells the station by a signed callback, as a real one.

The callback takes the whole way through the application: its route, its verification, its answer.
"""

from collections.abc import Callable

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.test import Client

from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.idempotency import OK, Body
from station.core.permissions import Permission
from station.events.service import take_turn
from station.network import queries as network
from station.payments import provider_test, queries, settings, test_bank, words
from station.payments.catalogue import WAYS, Way
from station.payments.lifecycle import PaymentState
from station.payments.queries import Asked
from station.residents import queries as residents
from station.web import idempotent
from station.web.gate import current_resident, needs
from station.web.idempotent import act_once, told

bp = Blueprint("test_payments", __name__, url_prefix="/test-payments/<int:station_id>")
idempotent.install(bp)
ONE_PAYMENT = "/<int:number>"


@bp.get(ONE_PAYMENT)
@needs(Permission.OWN_PARCELS)
def page(station_id: int, number: int) -> ResponseReturnValue:
    """Ask whether to pay."""
    with reading():
        asked = _mine(station_id, number)
        g.station = network.station(station_id)
    return render_template("payments/test_page.html", asked=asked, words=words, ways=WAYS)


@bp.post(f"{ONE_PAYMENT}/pay")
@needs(Permission.OWN_PARCELS)
def pay(station_id: int, number: int) -> ResponseReturnValue:
    """Pretend to pay, tell the station, and lead back to it."""

    def act(actor: Actor) -> Body:
        take_turn(actor.station_id)
        asked = _mine(station_id, number)
        if asked.state is not PaymentState.ASKED:
            raise StationError("stale", _("This payment is settled already."))
        moved = test_bank.take(station_id, str(number), asked.amount_minor, asked.currency)
        return provider_test.paid_notice(station_id, moved)

    return _tell((station_id, number), "test_payments.pay", act)


@bp.post(f"{ONE_PAYMENT}/refuse")
@needs(Permission.OWN_PARCELS)
def refuse(station_id: int, number: int) -> ResponseReturnValue:
    """Pretend not to pay, tell the station, and lead back to it."""

    def act(actor: Actor) -> Body:
        _mine(station_id, number)
        return provider_test.closed_notice(actor.station_id, str(number))

    return _tell((station_id, number), "test_payments.refuse", act)


def _tell(which: tuple[int, int], operation: str, act: Callable[[Actor], Body]) -> ResponseReturnValue:
    station_id, number = which
    actor = current_resident().at(station_id)
    answer = act_once(operation, {"payment": str(number)}, act, actor=actor)
    if answer.status == OK:
        path = url_for("payment_callbacks.tell", provider=Way.TEST, station_id=station_id)
        Client(current_app).post(path, data=answer.body, base_url=request.host_url)
    else:
        told(answer, "")
    return redirect(url_for("me_pay.payment", station_id=station_id, payment_id=number), 303)


def _mine(station_id: int, number: int) -> Asked:
    """Return a test payment of the resident's. Raises StationError `not_found` for any other."""
    settings.provider(station_id, Way.TEST, current_app.config["SETTINGS"])
    asked = queries.payment(station_id, number)
    entries = residents.ids_at_phone(station_id, current_resident().phone_hash)
    if asked.provider is not Way.TEST or asked.recipient_id not in entries:
        raise StationError("not_found", _("There is no such payment at your station."))
    return asked
