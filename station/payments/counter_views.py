"""A clerk's pages of money: taking it for a resident, the receipt, and undoing what was typed by mistake."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from station.accounts import queries as accounts
from station.core import clock
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.idempotency import OK, Body
from station.core.money import parse_money, plain_money
from station.core.permissions import Permission
from station.ledger import queries as ledger
from station.ledger import rules
from station.network import queries as network
from station.payments import balances, payer_codes, queries, refunds, scan_views, service, settings, words
from station.payments.balances import Due
from station.payments.catalogue import AT_COUNTER, REMOTE, WAYS, Reason, Way
from station.payments.forms import FindForm, RefundForm, TakeForm
from station.payments.queries import Asked
from station.payments.service import Wanted
from station.payments.settling import on_paid
from station.residents import people_queries
from station.residents import queries as residents
from station.residents.people_queries import Person
from station.web import idempotent
from station.web.forms import first_error
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, key_of_request, said, told

bp = Blueprint("payment_counter", __name__, url_prefix="/money/counter")
idempotent.install(bp)
LAST_WAY = "counter_way"  # the key of a browser's session
ICONS = {Way.CASH: "coin", Way.CARD: "receipt"} | dict.fromkeys(REMOTE, "qrcode")


@bp.context_processor
def _names() -> dict[str, Any]:
    return {"words": words, "ways": WAYS, "at_counter": AT_COUNTER, "way_icons": ICONS}


@bp.get("")
@needs(Permission.CASH)
def page() -> ResponseReturnValue:
    """Ask for whom money is taken."""
    return render_template("payments/counter.html", people=None, text=None)


@bp.post("/find")
@needs(Permission.CASH)
def find() -> ResponseReturnValue:
    """Show whom a phone number, its last digits or a name means; somebody alone at once."""
    form = FindForm()
    if not form.validate():
        raise StationError("bad_input", first_error(form))
    text = " ".join((form.text.data or "").split())
    if payer_codes.is_any(payer_codes.plain(text)):
        flash(_("That is a payment code. Find the person first, then scan it."), "bad")
        return redirect(url_for("payment_counter.page"), 303)
    with reading():
        found = _each_once(people_queries.find(current_actor().station_id, text))
    if len(found) == 1:
        return redirect(url_for("payment_counter.person", recipient_id=found[0].id), 303)
    return render_template("payments/counter.html", people=found, text=text)


def _each_once(found: Sequence[Person]) -> list[Person]:
    """Return one entry of each person: whoever has several names at a phone has one sum of money."""
    seen: set[int] = set()
    people = []
    for one in found:
        if one.id not in seen:
            people.append(one)
            seen.update(residents.person_ids(current_actor().station_id, one.id))
    return people


@bp.get("/people/<int:recipient_id>")
@needs(Permission.CASH)
def person(recipient_id: int) -> ResponseReturnValue:
    """Show what a person has, owes and paid, with the form to take money: by the way that was used here last."""
    return _page(recipient_id, TakeForm(formdata=None, way=session.get(LAST_WAY, Way.CASH.value)))


@bp.post("/people/<int:recipient_id>")
@needs(Permission.CASH)
def take(recipient_id: int) -> ResponseReturnValue:
    """Take money and show the receipt, or the code under which it is paid by phone; by a payer's code at once."""
    form = TakeForm()
    if not form.validate():
        return _page(recipient_id, form), 422
    code, text = payer_codes.plain(form.code.data or ""), form.amount.data or ""
    refusal = scan_views.why_not(code, _remote()) if code else ""
    if refusal:
        if not payer_codes.is_any(code):
            form.amount.data = None  # a scan that was cut may have begun in this field
        return _page(recipient_id, form, refusal), 422
    way = payer_codes.way_of(code) or Way(form.way.data)

    def act(actor: Actor) -> Body:
        if form.paid_before.data is not None:
            service.refuse_unseen(actor, recipient_id, paid_before=form.paid_before.data)
        currency = rules.for_station(actor.station_id).currency
        wanted = Wanted("balance", recipient_id, parse_money(text, currency), currency, way)
        return {"payment": str(_take(actor, wanted).id)}

    # Without the payer's code, which is kept nowhere: the same page is the same payment, whatever was scanned.
    wanted = {"amount": text, "way": way.value, "person": str(recipient_id)}
    answer = act_once("payment_counter.take", wanted, act)
    if answer.status == OK:
        return _taken(int(answer.body["payment"]), way, code)
    if answer.body["code"] == "not_found":
        raise StationError("not_found", answer.body["message"])
    return _page(recipient_id, form, answer.body["message"]), answer.status


def _taken(payment_id: int, way: Way, code: str) -> ResponseReturnValue:
    """Go on with a payment that is written down: charge the code that was scanned, else remember the way."""
    if code:
        scan_views.charge(payment_id, code)
    else:
        session[LAST_WAY] = way.value
    place = "payment_counter.receipt" if way in AT_COUNTER else "payment_waiting.page"
    return redirect(url_for(place, payment_id=payment_id), 303)


def _remote() -> list[Way]:
    with reading():
        return settings.enabled(current_actor().station_id, current_app.config["SETTINGS"])


def _take(actor: Actor, wanted: Wanted) -> Asked:
    if wanted.provider in AT_COUNTER:
        asked = service.receive(actor, wanted, f"counter:{key_of_request()}")
        on_paid(actor, asked)
        return asked
    if wanted.provider not in settings.enabled(actor.station_id, current_app.config["SETTINGS"]):
        raise StationError("bad_input", _("This way to pay is not set up at your station."))
    return service.ask_at_counter(actor, wanted, key_of_request())


@bp.get("/receipts/<int:payment_id>")
@needs(Permission.CASH)
def receipt(payment_id: int) -> ResponseReturnValue:
    """Show the receipt of a payment, ready to be printed."""
    station_id = current_actor().station_id
    with reading():
        asked = queries.payment(station_id, payment_id)
        if asked.paid_at is None:
            raise StationError("not_paid", _("This payment was not paid, so there is no receipt."))
        page = {
            "who": people_queries.person(station_id, asked.recipient_id),
            "station": network.station(station_id),
            "given": queries.refunds_of(station_id, [payment_id]),
            "by": _taker(asked),
        }
    return render_template("payments/receipt.html", asked=asked, form=_refund_form(asked), **page)


@bp.post("/receipts/<int:payment_id>/undo")
@needs(Permission.CASH)
def undo(payment_id: int) -> ResponseReturnValue:
    """Take a payment at the counter back that was typed by mistake."""

    def act(actor: Actor) -> Body:
        return {"refund": str(refunds.undo(actor, payment_id, key=f"undo:{key_of_request()}").id)}

    answer = act_once("payment_counter.undo", {"payment": str(payment_id)}, act)
    told(answer, _("Undone. Give the money back, and keep the receipt."))
    return redirect(url_for("payment_counter.receipt", payment_id=payment_id), 303)


@bp.post("/receipts/<int:payment_id>/back")
@needs(Permission.CASH)
def back(payment_id: int) -> ResponseReturnValue:
    """Give a free part of a payment at the counter back in cash, or to the card."""
    form = RefundForm()
    if not form.validate():
        raise StationError("bad_input", first_error(form))
    text, reason = form.amount.data or "", Reason(form.reason.data)

    def act(actor: Actor) -> Body:
        asked = queries.payment(actor.station_id, payment_id)
        if asked.provider not in AT_COUNTER:
            raise StationError("bad_input", _("This money came through a provider. A manager refunds it."))
        amount, key = parse_money(text, asked.currency), f"back:{key_of_request()}"
        given = refunds.give_back(actor, payment_id, amount_minor=amount, key=key, reason=reason)
        return {"refund": str(given.id)}

    answer = act_once("payment_counter.back", {**said(form), "payment": str(payment_id)}, act)
    told(answer, _("Written down. Give the money back."))
    return redirect(url_for("payment_counter.receipt", payment_id=payment_id), 303)


def _refund_form(asked: Asked) -> RefundForm | None:
    return RefundForm(formdata=None) if asked.rest_minor and asked.provider in AT_COUNTER else None


def _taker(asked: Asked) -> str:
    return accounts.names(asked.station_id, [asked.asked_by]).get(asked.asked_by, "")


def _page(recipient_id: int, form: TakeForm, refusal: str = "") -> str:
    station_id = current_actor().station_id
    with reading():
        who: Person = people_queries.person(station_id, recipient_id)
        entries = residents.person_ids(station_id, recipient_id)
        currency = rules.for_station(station_id).currency
        balance = ledger.resident_balance(station_id, recipient_id, currency)
        due = balances.due(station_id, entries, currency)
        remote = settings.enabled(station_id, current_app.config["SETTINGS"])
        page = {
            "balance": balance,
            "free": balances.free(station_id, recipient_id, currency),
            "due": due,
            "payments": queries.of_recipients(station_id, entries),
            "paid_before": queries.count_paid(station_id, entries),
            "waiting": queries.waiting_at_counter(station_id, entries, clock.now()),
            "remote": remote,
            "scannable": scan_views.scannable(remote),
        }
    if form.way.data not in {*AT_COUNTER, *remote}:
        form.way.data = Way.CASH.value
    if form.amount.data is None:
        form.amount.data = _suggestion(balance, due, currency)
    return render_template(
        "payments/counter_person.html", who=who, currency=currency, form=form, refusal=refusal, **page
    )


def _suggestion(balance_minor: int, due: Sequence[Due], currency: str) -> str:
    """Return what is to be paid now, as somebody would type it: what waiting orders need, else what is owed."""
    amount_minor = sum(one.amount_minor for one in due) or max(0, -balance_minor)
    return plain_money(amount_minor, currency) if amount_minor else ""
