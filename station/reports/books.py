"""The books as tables for files: trial balance, accounts of a kind, journals, counts of the drawer, settlements."""

from datetime import date

from station.accounts import queries as accounts
from station.core.i18n import gettext as _
from station.ledger import drawer, queries, settlement_queries, whose
from station.ledger.chart import CHART, JOURNAL_LABELS, AccountKind
from station.ledger.wanted import Wanted
from station.ledger.words import MOMENTS
from station.reports.files import Cell, Sheet
from station.reports.sheets import amount

MOST = 100_000  # rows: what Excel still opens at once, and more than a station posts in a year


def trial_balance(station_id: int, until: date) -> Sheet:
    """Return debits, credits and balance of each kind of account at the end of a day."""
    head = (_("Account"), _("Currency"), _("Debits"), _("Credits"), _("Balance"))
    rows: list[list[Cell]] = [
        [
            _(CHART[line.kind].label),
            line.currency,
            amount(line.debit_minor, line.currency),
            amount(line.credit_minor, line.currency),
            amount(line.balance_minor, line.currency),
        ]
        for line in queries.trial_balance(station_id, until)
    ]
    return Sheet(_("Trial balance"), head, rows)


def owners(station_id: int, kind: AccountKind) -> Sheet:
    """Return every account of a kind that is not at zero; names of people are masked."""
    found = queries.owners(station_id, kind, limit=MOST)
    called = whose.names(station_id, [one.ref for one in found])
    rows: list[list[Cell]] = [
        [called[one.ref], one.ref.owner, one.currency, amount(one.balance_minor, one.currency)]
        for one in found
    ]
    return Sheet(_(CHART[kind].label), (_("Account"), _("Number"), _("Currency"), _("Balance")), rows)


def journals(station_id: int, wanted: Wanted) -> Sheet:
    """Return the journals asked for, a line for each amount that moved, newest first."""
    found = queries.find_journals(station_id, wanted, limit=MOST)
    refs = {ref for one in found for move in one.moves for ref in (move.debit, move.credit)}
    called, names = whose.names(station_id, refs), accounts.names(station_id, [one.actor for one in found])
    head = (
        _("Counts for"),
        _("Time"),
        _("Number"),
        _("Kind of journal"),
        _("To (debit)"),
        _("From (credit)"),
        _("Currency"),
        _("Amount"),
        _("About"),
        _("By"),
    )
    rows: list[list[Cell]] = [
        [
            one.day.isoformat(),
            one.at.isoformat(timespec="seconds"),
            str(one.id),
            _(JOURNAL_LABELS[one.kind]),
            called[move.debit],
            called[move.credit],
            one.currency,
            amount(move.amount_minor, one.currency),
            one.refers_to or "",
            names.get(one.actor, _("the station")),
        ]
        for one in found
        for move in one.moves
    ]
    return Sheet(_("Journals"), head, rows)


def drawer_counts(station_id: int) -> Sheet:
    """Return every count of the drawer, newest first, with why it differed."""
    found = drawer.counts(station_id, limit=MOST)
    names = accounts.names(station_id, [one.actor for one in found])
    notes = queries.notes_of(station_id, [one.journal_id for one in found if one.journal_id])
    head = (
        _("Time"),
        _("Part of the day"),
        _("Counted by"),
        _("Currency"),
        _("Counted"),
        _("The books said"),
        _("Difference"),
        _("Why"),
    )
    rows: list[list[Cell]] = [
        [
            one.at.isoformat(timespec="seconds"),
            _(MOMENTS[one.moment]),
            names.get(one.actor, _("the station")),
            one.currency,
            amount(one.counted_minor, one.currency),
            amount(one.expected_minor, one.currency),
            amount(one.difference_minor, one.currency),
            notes.get(one.journal_id or 0, ""),
        ]
        for one in found
    ]
    return Sheet(_("Cash in the drawer"), head, rows)


def settlements(station_id: int, until: date) -> Sheet:
    """Return how the station stands with each partner at the end of a day and now."""
    found = settlement_queries.standings(station_id, until)
    called = whose.names(station_id, [one.ref for one in found])
    head = (
        _("Partner"),
        _("Settled until"),
        _("Currency"),
        _("Owed on %(day)s", day=until.isoformat()),
        _("Owed now"),
    )
    rows: list[list[Cell]] = [
        [
            called[one.ref],
            one.settled_until.isoformat() if one.settled_until else "",
            one.currency,
            amount(one.then_minor, one.currency),
            amount(one.now_minor, one.currency),
        ]
        for one in found
    ]
    return Sheet(_("Settlements"), head, rows)
