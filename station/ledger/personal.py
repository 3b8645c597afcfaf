"""What the books hold about people: their movements for an export, and the typed notes that erasing takes away.

The movements stay: money that moved is kept for the books' sake, under numbers that lead to nobody.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, or_, select

from station.core.db import connection
from station.core.i18n import gettext as _
from station.core.money import plain_money
from station.ledger import queries
from station.ledger.chart import JOURNAL_LABELS, AccountKind, JournalKind
from station.ledger.models import JournalNote, LedgerAccount, LedgerJournal, LedgerPosting


def _accounts(station_id: int, recipient_ids: Sequence[int]) -> Select[tuple[int]]:
    return select(LedgerAccount.id).where(
        LedgerAccount.station_id == station_id,
        LedgerAccount.kind == AccountKind.RESIDENT,
        LedgerAccount.owner.in_([str(one) for one in recipient_ids]),
    )


def _theirs(station_id: int, recipient_ids: Sequence[int]) -> tuple[ColumnElement[bool], frozenset[int]]:
    accounts = list(connection().scalars(_accounts(station_id, recipient_ids)))
    touched = or_(LedgerPosting.debit_account_id.in_(accounts), LedgerPosting.credit_account_id.in_(accounts))
    return and_(LedgerPosting.station_id == station_id, touched), frozenset(accounts)


def balances(station_id: int, recipient_ids: Sequence[int]) -> dict[str, int]:
    """Return what the station owes to these recipients together, by currency; negative is what they owe.

    Currencies in which nothing is open are left out.
    """
    theirs = _accounts(station_id, recipient_ids).with_only_columns(LedgerAccount.currency)
    currencies = connection().scalars(theirs.distinct().order_by(LedgerAccount.currency)).all()
    found = {one: queries.entries_balance(station_id, recipient_ids, one) for one in currencies}
    return {currency: amount for currency, amount in found.items() if amount}


def movements(station_id: int, recipient_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return every movement on these recipients' accounts, oldest first; what they paid in is positive."""
    condition, accounts = _theirs(station_id, recipient_ids)
    note = and_(
        JournalNote.station_id == LedgerPosting.station_id, JournalNote.journal_id == LedgerPosting.journal_id
    )
    journal = and_(
        LedgerJournal.station_id == LedgerPosting.station_id, LedgerJournal.id == LedgerPosting.journal_id
    )
    query = (
        select(
            LedgerJournal.at,
            LedgerJournal.kind,
            LedgerPosting.debit_account_id,
            LedgerPosting.amount_minor,
            LedgerPosting.currency,
            JournalNote.text,
        )
        .join(LedgerJournal, journal)
        .outerjoin(JournalNote, note)
        .where(condition)
        .order_by(LedgerPosting.day, LedgerPosting.journal_id, LedgerPosting.line)
    )
    return [
        {
            "at": row.at.isoformat(),
            "what": _(JOURNAL_LABELS[JournalKind(row.kind)]),
            "amount": _signed(row, is_debit=row.debit_account_id in accounts),
            "text": row.text,
        }
        for row in connection().execute(query)
    ]


def _signed(row: Any, *, is_debit: bool) -> str:
    amount = -row.amount_minor if is_debit else row.amount_minor
    return f"{plain_money(amount, row.currency)} {row.currency}"


def forget_notes(station_id: int, recipient_ids: Sequence[int]) -> None:
    """Delete what was typed about journals that moved money of these recipients."""
    condition, _accounts_of = _theirs(station_id, recipient_ids)
    touched = select(LedgerPosting.journal_id).where(condition)
    notes = (JournalNote.station_id == station_id, JournalNote.journal_id.in_(touched))
    connection().execute(delete(JournalNote).where(*notes))
