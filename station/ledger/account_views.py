"""Pages of accounts: the trial balance, whose accounts there are of a kind, a statement as page, CSV and PDF."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from station.core import clock, paper
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import LANGUAGES, speaking
from station.core.i18n import gettext as _
from station.core.moments import full
from station.core.money import format_money, plain_money
from station.core.paper import Paper, figures, file_name, words
from station.core.permissions import Permission
from station.ledger import asked, files, queries, rules, statements, whose
from station.ledger.chart import JOURNAL_LABELS, OWNED, AccountKind, AccountRef
from station.ledger.statements import Entry, Period
from station.ledger.views import names_of_templates
from station.ledger.words import about
from station.network import queries as network
from station.web.downloads import download
from station.web.gate import current_actor, needs

bp = Blueprint("money_accounts", __name__)
bp.context_processor(names_of_templates)


@bp.get("/money/accounts")
@needs(Permission.MONEY_SEE)
def page() -> ResponseReturnValue:
    """Show the trial balance at the end of a day, today unless told."""
    station_id = current_actor().station_id
    with reading():
        until = asked.day(request.args, "until") or queries.posting_day(station_id)
        lines = queries.trial_balance(station_id, until)
    sums: dict[str, list[int]] = {}
    for line in lines:
        held = sums.setdefault(line.currency, [0, 0])
        held[0] += line.debit_minor
        held[1] += line.credit_minor
    return render_template("ledger/accounts.html", lines=lines, sums=sums, until=until, owned=OWNED)


@bp.get("/money/accounts/<kind>")
@needs(Permission.MONEY_SEE)
def owners(kind: str) -> ResponseReturnValue:
    """Show every account of a kind that is not at zero."""
    if kind not in OWNED:
        raise StationError("not_found", _("There is no such account."))
    station_id = current_actor().station_id
    with reading():
        found = queries.owners(station_id, AccountKind(kind), limit=queries.MOST_OWNERS + 1)
        called = whose.names(station_id, [one.ref for one in found])
    shown = found[: queries.MOST_OWNERS]
    return render_template(
        "ledger/owners.html", kind=kind, owners=shown, accounts=called, is_cut=len(found) > len(shown)
    )


def _asked_for(kind: str) -> tuple[AccountRef, str, Period]:
    """Return the account, the currency and the period that the address names."""
    station_id, args = current_actor().station_id, request.args
    currency = asked.currency(args, default=rules.for_station(station_id).currency)
    ref = asked.account(kind, args.get("owner", ""))
    return ref, currency, asked.period(args, today=queries.posting_day(station_id))


@bp.get("/money/accounts/<kind>/statement")
@needs(Permission.MONEY_SEE)
def statement(kind: str) -> ResponseReturnValue:
    """Show an account over a period, a page at a time."""
    station_id = current_actor().station_id
    with reading():
        ref, currency, period = _asked_for(kind)
        after = statements.place_of(request.args.get("after", ""))
        shown = statements.statement(station_id, ref, currency, period, after=after)
        called = whose.names(station_id, [ref, *(one.other for one in shown.entries)])
    return render_template(
        "ledger/statement.html",
        shown=shown,
        accounts=called,
        ref=ref,
        is_first=after is None,
        languages=LANGUAGES,
    )


@bp.get("/money/accounts/<kind>/statement.csv")
@needs(Permission.MONEY_SEE)
def statement_csv(kind: str) -> ResponseReturnValue:
    """Answer an account over a period as CSV."""
    with reading(), speaking(asked.language(request.args)):
        made, name = _paper(kind, plain_money)
    return download(files.as_csv(made), "text/csv", file_name(*name, suffix="csv"))


@bp.get("/money/accounts/<kind>/statement.pdf")
@needs(Permission.MONEY_SEE)
def statement_pdf(kind: str) -> ResponseReturnValue:
    """Answer an account over a period as PDF."""
    with reading(), speaking(asked.language(request.args)):
        made, name = _paper(kind, format_money)
        content = paper.as_pdf(made)
    return download(content, "application/pdf", file_name(*name, suffix="pdf"))


def _paper(kind: str, write: Any) -> tuple[Paper, tuple[str, ...]]:
    """Return an account over the period asked for as a paper, and what its file is called."""
    station_id = current_actor().station_id
    ref, currency, period = _asked_for(kind)
    shown = statements.statement(station_id, ref, currency, period, limit=1)
    entries = list(statements.whole(station_id, ref, currency, period))
    called = whose.names(station_id, [ref, *{one.other for one in entries}])
    notes = queries.notes_of(station_id, [one.place.journal_id for one in entries])
    station = network.station(station_id)
    made = Paper(
        station=station.name,
        title=_("Account statement"),
        about=(
            (_("Account"), called[ref]),
            (_("Period"), f"{period.first_day.isoformat()} – {period.last_day.isoformat()}"),
            (_("Currency"), currency),
            (_("Printed"), full(clock.now(), station.zone)),
        ),
        columns=(
            words(_("Counts for")),
            words(_("Journal")),
            words(_("Kind of journal")),
            words(_("Other account")),
            words(_("About")),
            figures(_("Amount")),
            figures(_("Balance")),
        ),
        rows=list(_rows(entries, called, notes, partial(write, currency=currency))),
        sums=(
            (_("Balance before"), write(shown.opening_minor, currency)),
            (_("Balance after"), write(shown.closing_minor, currency)),
        ),
    )
    days = (period.first_day.isoformat(), period.last_day.isoformat())
    return made, (_("Account statement"), called[ref], *days)


def _rows(
    entries: Iterable[Entry], called: whose.Names, notes: Mapping[int, str], write: Callable[[int], str]
) -> Iterable[tuple[str, ...]]:
    """Return an account's lines: what somebody typed says more than what a journal refers to."""
    for one in entries:
        yield (
            one.place.day.isoformat(),
            str(one.place.journal_id),
            _(JOURNAL_LABELS[one.kind]),
            called[one.other],
            notes.get(one.place.journal_id) or about(one.refers_to),
            write(one.amount_minor),
            write(one.balance_minor),
        )
