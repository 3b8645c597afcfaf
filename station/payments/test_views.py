"""The test provider's page, where somebody pretends to pay: whoever has its address, as whoever scans a real code.

Beside it the pretended app's payment code, for a counter to scan.

It tells the station by a signed callback, which takes the whole way through the application: its route, its
verification, its answer.
"""

from collections.abc import Callable

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from qrcode.constants import ERROR_CORRECT_M
from werkzeug.test import Client

from station.core import clock, crypto
from station.core.actor import Actor, system_actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.idempotency import OK, Body
from station.events.service import take_turn
from station.network import queries as network
from station.payments import provider_test, queries, settings, test_bank, test_codes, words
from station.payments.catalogue import WAYS, Way
from station.payments.lifecycle import PaymentState
from station.payments.queries import Asked
from station.payments.test_codes import MOODS, Mood
from station.residents import queries as residents
from station.shelves import cards
from station.web import idempotent
from station.web.gate import load_resident, public
from station.web.idempotent import act_once, told

bp = Blueprint("test_payments", __name__, url_prefix="/test-payments/<int:station_id>")
idempotent.install(bp)
ONE_PAYMENT = "/<int:number>/<seal>"


@bp.get(ONE_PAYMENT)
@public
def page(station_id: int, number: int, seal: str) -> ResponseReturnValue:
    """Ask whether to pay."""
    with reading():
        asked = _of(station_id, number, seal)
        g.station = network.station(station_id)
    page = {"asked": asked, "seal": seal, "is_own": _is_own(asked)}
    return render_template("payments/test_page.html", words=words, ways=WAYS, **page)


@bp.get("/code")
@public
def code(station_id: int) -> ResponseReturnValue:
    """Show a payment code of the pretended app, a fresh one each time, which behaves as `mood` says."""
    wanted = request.args.get("mood", Mood.PAYS.value)
    mood = Mood(wanted) if wanted in {one.value for one in Mood} else Mood.PAYS
    with reading():
        settings.provider(station_id, Way.TEST, current_app.config["SETTINGS"])
        g.station = network.station(station_id)
    shown = test_codes.make(station_id, mood, clock.now())
    return render_template(
        "payments/test_code.html",
        ways=WAYS,
        shown=shown,
        mood=mood,
        moods=MOODS,
        bars=test_codes.bars(shown),
        drawing=cards.draw(shown, ERROR_CORRECT_M),
        until=clock.now() + test_codes.COUNTS_FOR,
    )


@bp.post(f"{ONE_PAYMENT}/pay")
@public
def pay(station_id: int, number: int, seal: str) -> ResponseReturnValue:
    """Pretend to pay, tell the station, and lead back."""

    def act(actor: Actor) -> Body:
        take_turn(actor.station_id)
        asked = _of(station_id, number, seal)
        if asked.state is not PaymentState.ASKED:
            raise StationError("stale", _("This payment is settled already."))
        moved = test_bank.take(station_id, str(number), asked.amount_minor, asked.currency)
        return provider_test.paid_notice(station_id, moved)

    return _tell((station_id, number, seal), "test_payments.pay", act)


@bp.post(f"{ONE_PAYMENT}/refuse")
@public
def refuse(station_id: int, number: int, seal: str) -> ResponseReturnValue:
    """Pretend not to pay, tell the station, and lead back."""

    def act(actor: Actor) -> Body:
        _of(station_id, number, seal)
        return provider_test.closed_notice(actor.station_id, str(number))

    return _tell((station_id, number, seal), "test_payments.refuse", act)


def _tell(which: tuple[int, int, str], operation: str, act: Callable[[Actor], Body]) -> ResponseReturnValue:
    station_id, number, seal = which
    answer = act_once(operation, {"payment": str(number)}, act, actor=system_actor(station_id))
    if answer.status == OK:
        path = url_for("payment_callbacks.tell", provider=Way.TEST, station_id=station_id)
        Client(current_app).post(path, data=answer.body, base_url=request.host_url)
    else:
        told(answer, "")
    with reading():
        asked = queries.payment(station_id, number)
    if _is_own(asked):
        return redirect(url_for("me_pay.payment", station_id=station_id, payment_id=number), 303)
    return redirect(url_for("test_payments.page", station_id=station_id, number=number, seal=seal), 303)


def _of(station_id: int, number: int, seal: str) -> Asked:
    """Return the test payment of an address. Raises StationError `not_found` for any other."""
    settings.provider(station_id, Way.TEST, current_app.config["SETTINGS"])
    known = provider_test.seal(station_id, str(number))
    asked = queries.by_number(station_id, Way.TEST, str(number))
    if asked is None or not crypto.same(known.encode(), seal.encode()):
        raise StationError("not_found", _("There is no such payment at your station."))
    return asked


def _is_own(asked: Asked) -> bool:
    """Tell whether the resident signed in here pays for themselves, and so has a page to go back to."""
    resident = load_resident()
    if resident is None:
        return False
    with reading():
        return asked.recipient_id in residents.ids_at_phone(asked.station_id, resident.phone_hash)
