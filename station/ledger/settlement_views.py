"""Pages of settlements: whom the station owes, a partner's period with its files, and paying it out."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from station.accounts import queries as accounts
from station.core import paper
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import LANGUAGES, speaking
from station.core.i18n import gettext as _
from station.core.money import format_money, parse_money, plain_money
from station.core.paper import Paper, file_name
from station.core.permissions import Permission
from station.ledger import (
    asked,
    files,
    queries,
    rules,
    settlement_papers,
    settlement_queries,
    settling,
    whose,
)
from station.ledger.chart import AccountKind, AccountRef
from station.ledger.forms import FineForm, PayoutForm
from station.ledger.settlement_papers import About, Write
from station.ledger.settlement_queries import PARTNERS
from station.ledger.settling import Payout
from station.ledger.statements import Period
from station.ledger.views import names_of_templates
from station.network import queries as network
from station.parcel_fees import service as parcel_fees
from station.web import idempotent
from station.web.downloads import download
from station.web.forms import first_error
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, key_of_request, said, told

bp = Blueprint("settlements", __name__)
idempotent.install(bp)
bp.context_processor(names_of_templates)

SHOWN = 20  # settlements in the list of past ones
ONE = "/money/settlements/<kind>/<owner>"


@bp.get("/money/settlements")
@needs(Permission.MONEY_SEE)
def page() -> ResponseReturnValue:
    """Show how the station stands with each partner at the end of a day, last month's unless told."""
    station_id = current_actor().station_id
    with reading():
        month_end = queries.posting_day(station_id).replace(day=1) - timedelta(days=1)
        until = asked.day(request.args, "until") or month_end
        standing = settlement_queries.standings(station_id, until)
        past = settlement_queries.settlements(station_id, limit=SHOWN)
        called = whose.names(station_id, [*(one.ref for one in standing), *(one.ref for one in past)])
        names = accounts.names(station_id, [one.made_by for one in past])
    return render_template(
        "ledger/settlements.html", standing=standing, until=until, past=past, accounts=called, names=names
    )


def _partner(kind: str, owner: str) -> AccountRef:
    ref = asked.account(kind, owner)
    if ref.kind not in PARTNERS:
        raise StationError("not_found", _("There is no such account."))
    return ref


def _asked_for(kind: str, owner: str) -> tuple[AccountRef, str, Period]:
    """Return whose account, in which currency, over which days: last month unless told."""
    station_id = current_actor().station_id
    ref = _partner(kind, owner)
    currency = asked.currency(request.args, default=rules.for_station(station_id).currency)
    usual = settlement_queries.usual_period(station_id, ref, currency)
    first, last = asked.day(request.args, "first"), asked.day(request.args, "last")
    period = Period(first or usual.first_day, last or usual.last_day)
    period.check()
    return ref, currency, period


@bp.get(ONE)
@needs(Permission.MONEY_SEE)
def one(kind: str, owner: str) -> ResponseReturnValue:
    """Show a partner's period, and the form that pays it out."""
    with reading():
        ref, currency, period = _asked_for(kind, owner)
        values = _values(ref, currency, period)
    form = PayoutForm(
        direction="receive" if values["owed"] < 0 or ref.kind is AccountKind.CARRIER else "pay",
        amount=plain_money(abs(values["owed"]), currency),
        first_day=period.first_day,
        last_day=period.last_day,
    )
    fine = FineForm() if ref.kind is AccountKind.CARRIER else None
    return render_template("ledger/settlement.html", form=form, fine=fine, languages=LANGUAGES, **values)


def _values(ref: AccountRef, currency: str, period: Period) -> dict[str, Any]:
    station_id = current_actor().station_id
    settled = settlement_queries.touching(station_id, ref, currency, period)
    journal = settlement_queries.journal_of(station_id, settled) if settled else None
    return {
        "account": settlement_queries.account(station_id, ref, currency, period),
        "owed": settling.owed(station_id, ref, currency, period),
        "settled": settled,
        "journal": journal,
        "reversal_id": queries.reversal_of(station_id, journal.id) if journal else None,
        "is_over": period.last_day < queries.posting_day(station_id),
        "name": whose.names(station_id, [ref])[ref],
    }


@bp.post(ONE)
@needs(Permission.MONEY_CHANGE)
def settle(kind: str, owner: str) -> ResponseReturnValue:
    """Settle a period and pay out what is owed."""
    form = PayoutForm()
    if not form.validate() or form.first_day.data is None or form.last_day.data is None:
        flash(first_error(form), "bad")
        return redirect(url_for("settlements.one", kind=kind, owner=owner), 303)
    currency, period = request.args.get("currency", ""), Period(form.first_day.data, form.last_day.data)

    def act(actor: Actor) -> None:
        ref = _partner(kind, owner)
        amount = parse_money(str(form.amount.data), currency)
        paid, received = (amount, 0) if form.direction.data == "pay" else (0, amount)
        way, reason = AccountKind(str(form.way.data)), str(form.reason.data or "")
        reference = (form.reference.data or "").strip()
        settling.settle(actor, Payout(ref, currency, period, paid, way, reason, reference, received))

    body = {"kind": kind, "owner": owner, "currency": currency, **said(form)}
    told(act_once("settle", body, act), _("The period is settled."))
    first, last = period.first_day.isoformat(), period.last_day.isoformat()
    here = url_for("settlements.one", kind=kind, owner=owner, currency=currency, first=first, last=last)
    return redirect(here, 303)


@bp.post("/money/settlements/carrier/<carrier>/fine")
@needs(Permission.MONEY_CHANGE)
def fine(carrier: str) -> ResponseReturnValue:
    """Book what a carrier keeps back as a fine or compensation."""
    form, here = FineForm(), url_for("settlements.one", kind="carrier", owner=carrier)
    if not form.validate():
        flash(first_error(form), "bad")
        return redirect(here, 303)

    def act(actor: Actor) -> None:
        amount = parse_money(str(form.fine.data), rules.for_station(actor.station_id).currency)
        why = str(form.why.data)
        parcel_fees.fine(actor, carrier, amount_minor=amount, reason=why, key=key_of_request())

    answer = act_once("fine", {"carrier": carrier, **said(form)}, act)
    told(answer, _("Booked. It is deducted at the next settlement."))
    return redirect(here, 303)


@bp.get(f"{ONE}.csv")
@needs(Permission.MONEY_SEE)
def as_csv(kind: str, owner: str) -> ResponseReturnValue:
    """Answer a partner's period as CSV."""
    with reading(), speaking(asked.language(request.args)):
        made, name = _paper(kind, owner, plain_money)
    return download(files.as_csv(made), "text/csv", file_name(*name, suffix="csv"))


@bp.get(f"{ONE}.pdf")
@needs(Permission.MONEY_SEE)
def as_pdf(kind: str, owner: str) -> ResponseReturnValue:
    """Answer a partner's period as PDF."""
    with reading(), speaking(asked.language(request.args)):
        made, name = _paper(kind, owner, format_money)
        content = paper.as_pdf(made)
    return download(content, "application/pdf", file_name(*name, suffix="pdf"))


def _paper(kind: str, owner: str, write: Write) -> tuple[Paper, tuple[str, ...]]:
    """Return a partner's period as a paper to sign, and what its file is called."""
    ref, currency, period = _asked_for(kind, owner)
    values = _values(ref, currency, period)
    about = About(values["name"], values["settled"], values["journal"], values["reversal_id"] is not None)
    made = settlement_papers.paper(
        network.station(current_actor().station_id), values["account"], about, write
    )
    days = (period.first_day.isoformat(), period.last_day.isoformat())
    return made, (_("Settlement statement"), values["name"], *days)
