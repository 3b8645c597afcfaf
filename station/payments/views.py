"""Managers' pages of payments: the list, one payment with its refunds and what its provider said, giving money back."""

from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.idempotency import OK, Body
from station.core.money import parse_money
from station.core.permissions import Permission
from station.payments import asking, queries, refunds, words
from station.payments.catalogue import AT_COUNTER, WAYS, Outcome, Reason
from station.payments.forms import RefundForm
from station.payments.lifecycle import PaymentState
from station.payments.settling import on_paid
from station.residents import people_queries
from station.residents import queries as residents
from station.web import idempotent
from station.web.forms import first_error
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, key_of_request, said, told

bp = Blueprint("payments", __name__, url_prefix="/money/payments")
idempotent.install(bp)
ONE_PAYMENT = "/<int:payment_id>"


@bp.context_processor
def _names() -> dict[str, Any]:
    return {"words": words, "ways": WAYS, "at_counter": AT_COUNTER}


@bp.get("")
@needs(Permission.MONEY_SEE)
def page() -> ResponseReturnValue:
    """List payments, newest first, a page at a time."""
    wanted = request.args.get("state", "")
    state = PaymentState(wanted) if wanted in set(PaymentState) else None
    before = request.args.get("before", 0, type=int)
    station_id = current_actor().station_id
    with reading():
        found = queries.listed(station_id, state=state, before=max(0, before))
        refused = queries.notices_refused(station_id)
        shown = found[: queries.PAGE]
        people = residents.contacts(station_id, [one.recipient_id for one in shown])
    more = shown[-1].id if len(found) > queries.PAGE else 0
    return render_template(
        "payments/list.html",
        payments=shown,
        people=people,
        more=more,
        state=state,
        states=list(PaymentState),
        refused=refused,
    )


@bp.get(ONE_PAYMENT)
@needs(Permission.MONEY_SEE)
def payment(payment_id: int) -> ResponseReturnValue:
    """Show one payment."""
    station_id = current_actor().station_id
    with reading():
        asked = queries.payment(station_id, payment_id)
        page = {
            "who": people_queries.person(station_id, asked.recipient_id),
            "given": queries.refunds_of(station_id, [payment_id]),
            "notices": queries.notices_of(station_id, payment_id),
        }
    return render_template("payments/payment.html", asked=asked, form=RefundForm(formdata=None), **page)


@bp.post(f"{ONE_PAYMENT}/refund")
@needs(Permission.MONEY_CHANGE)
def refund(payment_id: int) -> ResponseReturnValue:
    """Give a part or all of a payment back the way it came."""
    form = RefundForm()
    if not form.validate():
        raise StationError("bad_input", first_error(form))
    text, reason = form.amount.data or "", Reason(form.reason.data)

    def act(actor: Actor) -> Body:
        currency = queries.payment(actor.station_id, payment_id).currency
        amount, key = parse_money(text, currency), f"refund:{key_of_request()}"
        given = refunds.give_back(actor, payment_id, amount_minor=amount, key=key, reason=reason)
        return {"refund": str(given.id)}

    answer = act_once("payments.refund", {**said(form), "payment": str(payment_id)}, act)
    if answer.status == OK and not answer.replayed:
        _give(int(answer.body["refund"]))
    told(answer, _("The refund is written down. Below is what the provider says."))
    return redirect(url_for("payments.payment", payment_id=payment_id), 303)


@bp.post(f"{ONE_PAYMENT}/ask")
@needs(Permission.MONEY_CHANGE)
def ask(payment_id: int) -> ResponseReturnValue:
    """Ask the provider where a payment stands, and book what it says."""

    def act(actor: Actor) -> Body:
        queries.payment(actor.station_id, payment_id)
        return {}

    # Only the right to ask is kept with the key: a provider may take long, and no transaction waits for it.
    answer = act_once("payments.ask", {"payment": str(payment_id)}, act)
    outcome = _ask(payment_id) if answer.status == OK else None
    silent = _("The provider does not answer now. Try again later.")
    told(answer, words.outcome(outcome) if outcome else silent)
    return redirect(url_for("payments.payment", payment_id=payment_id), 303)


def _ask(payment_id: int) -> Outcome | None:
    with reading():
        asked = queries.payment(current_actor().station_id, payment_id)
    if asked.state is PaymentState.PAID or asked.provider in AT_COUNTER:
        return Outcome.NOTHING
    return asking.ask(current_actor(), asked, current_app.config["SETTINGS"], on_paid=on_paid)


def _give(refund_id: int) -> None:
    actor = current_actor()
    with reading():
        given = queries.refund(actor.station_id, refund_id)
        is_remote = queries.payment(actor.station_id, given.payment_id).provider not in AT_COUNTER
    if is_remote:
        asking.give_back(actor, given, current_app.config["SETTINGS"])
