"""Pages of settlements: whom the station owes, a partner's period with its files, and paying it out."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from station.accounts import queries as accounts
from station.core import clock, paper
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import LANGUAGES, speaking
from station.core.i18n import gettext as _
from station.core.moments import full
from station.core.money import format_money, parse_money, plain_money
from station.core.paper import Paper, figures, file_name, words
from station.core.permissions import Permission
from station.ledger import asked, files, queries, rules, settlement_queries, settling, whose
from station.ledger.chart import JOURNAL_LABELS, AccountKind, AccountRef
from station.ledger.forms import PayoutForm
from station.ledger.settlement_queries import PARTNERS, Account, Settled
from station.ledger.settling import Payout
from station.ledger.statements import Entry, Period
from station.ledger.views import names_of_templates
from station.network import queries as network
from station.web import idempotent
from station.web.downloads import download
from station.web.forms import first_error
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, said, told

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
        direction="receive" if values["owed"] < 0 else "pay",
        amount=plain_money(abs(values["owed"]), currency),
        first_day=period.first_day,
        last_day=period.last_day,
    )
    return render_template("ledger/settlement.html", form=form, languages=LANGUAGES, **values)


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


def _paper(kind: str, owner: str, write: Any) -> tuple[Paper, tuple[str, ...]]:
    """Return a partner's period as a paper to sign, and what its file is called."""
    ref, currency, period = _asked_for(kind, owner)
    values = _values(ref, currency, period)
    shown: Account = values["account"]
    first, last = period.first_day.isoformat(), period.last_day.isoformat()
    station = network.station(current_actor().station_id)
    made = Paper(
        station=station.name,
        title=_("Settlement statement"),
        about=(
            (_("Partner"), values["name"]),
            (_("Period"), f"{first} – {last}"),
            (_("Currency"), currency),
            *_paid(values, write),
            (_("Printed"), full(clock.now(), station.zone)),
        ),
        columns=(
            words(_("Group buy")),
            figures(_("Short")),
            figures(_("Damaged")),
            figures(_("Sold")),
            figures(_("Given back")),
            figures(_("Commission and shares")),
            figures(_("Their part")),
        ),
        rows=[
            *(_line(row, currency, write) for row in shown.rows),
            *(_plain_line(entry, currency, write) for entry in shown.plain),
        ],
        sums=(
            (_("Owed before"), write(shown.before_minor, currency)),
            (_("Their part"), write(sum(row.own_minor for row in shown.rows), currency)),
            (_("Other movements"), write(shown.other_minor, currency)),
            (_("Paid out"), write(shown.paid_minor, currency)),
            (_("Owed after"), write(shown.after_minor, currency)),
        ),
        signers=(_("For the station: date and signature"), _("For the partner: date and signature")),
    )
    return made, (_("Settlement statement"), values["name"], first, last)


def _paid(values: dict[str, Any], write: Any) -> list[tuple[str, str]]:
    """Return how the period was settled: how much, when, and the bank's reference; nothing while it is open."""
    settled: Settled | None = values["settled"]
    if settled is None:
        return []
    amount = write(settled.paid_minor or settled.received_minor, settled.currency)
    label = _("Received") if settled.received_minor else _("Paid out")
    taken_back = [(_("Reversed"), _("It is owed again and settled with the next period."))]
    return [
        (label, f"{amount}, {values['journal'].day.isoformat()}" if values["journal"] else amount),
        *([(_("Bank’s reference"), settled.reference)] if settled.reference else []),
        *(taken_back if values["reversal_id"] else []),
    ]


def _plain_line(entry: Entry, currency: str, write: Any) -> tuple[str, ...]:
    label = f"{entry.place.day.isoformat()} {_(JOURNAL_LABELS[entry.kind])}"
    return (label, "", "", "", "", "", write(entry.amount_minor, currency))


def _line(row: settlement_queries.Row, currency: str, write: Any) -> tuple[str, ...]:
    campaign = row.campaign
    return (
        f"{campaign.number} {campaign.title}" if campaign else "?",
        str(campaign.short if campaign else 0),
        str(campaign.damaged if campaign else 0),
        *(
            write(amount, currency)
            for amount in (row.sold_minor, row.back_minor, row.kept_minor, row.own_minor)
        ),
    )
