"""Reads of the ledger: balances, the trial balance, journals as they stand, and which day a posting counts for."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, Subquery, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from station.core import clock
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.statements import Statement
from station.ledger.chart import CHART, AccountKind, AccountRef, JournalKind
from station.ledger.journal import Move, Posted
from station.ledger.models import JournalNote, LedgerAccount, LedgerClose, LedgerJournal, LedgerPosting
from station.ledger.wanted import Wanted
from station.network import queries as network
from station.residents import queries as residents

SIDES = (LedgerPosting.debit_account_id, LedgerPosting.credit_account_id)
MOST_OWNERS = 500  # accounts of a kind shown at once: what a page of a long list still shows well
CHUNK = 500  # values of one IN list: far below what either database takes


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of account in one currency: all that was ever debited and credited."""

    kind: AccountKind
    currency: str
    debit_minor: int
    credit_minor: int

    @property
    def balance_minor(self) -> int:
        """What stands on the account, seen from the side on which it grows."""
        return _seen(self.kind, self.debit_minor, self.credit_minor)


@dataclass(frozen=True, slots=True)
class OwnerLine:
    """One owner's account, with its balance."""

    ref: AccountRef
    currency: str
    balance_minor: int


def _seen(kind: AccountKind, debit: int, credit: int) -> int:
    return debit - credit if CHART[kind].side.grows_by_debit else credit - debit


def local_today(station_id: int) -> date:
    """Return the station's date now."""
    return clock.now().astimezone(ZoneInfo(network.rules(station_id).zone)).date()


_LAST_CLOSE = Statement(
    select(LedgerClose.day, LedgerClose.closed_at)
    .where(LedgerClose.station_id == bindparam("station_id"))
    .order_by(LedgerClose.day.desc())
    .limit(1)
)


def last_closed(station_id: int) -> date | None:
    """Return the last day that was closed."""
    row = _LAST_CLOSE.first(station_id=station_id)
    return row.day if row else None


def posting_day(station_id: int) -> date:
    """Return the day what is posted now counts for: today, or the first that is still open."""
    return open_day(station_id, local_today(station_id))


def open_day(station_id: int, day: date) -> date:
    """Return `day`, or the first after it that is still open."""
    closed = last_closed(station_id)
    return day if closed is None or closed < day else closed + timedelta(days=1)


def account_ids(
    station_id: int, accounts: Iterable[tuple[AccountRef, str]]
) -> dict[tuple[AccountRef, str], int]:
    """Return the ids of those of `accounts` (whose, currency) that exist."""
    by_kind: dict[tuple[AccountKind, str], list[str]] = {}
    for ref, currency in accounts:
        by_kind.setdefault((ref.kind, currency), []).append(ref.owner)
    found: dict[tuple[AccountRef, str], int] = {}
    for (kind, currency), owners in by_kind.items():
        for part in chunks(owners):
            query = select(LedgerAccount.owner, LedgerAccount.id).where(
                LedgerAccount.station_id == station_id,
                LedgerAccount.kind == kind,
                LedgerAccount.owner.in_(part),
                LedgerAccount.currency == currency,
            )
            found |= {(AccountRef(kind, owner), currency): row_id for owner, row_id in _rows(query)}
    return found


def _rows(query: Select[Any]) -> Iterable[Any]:
    return connection().execute(query)


def chunks(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    """Return `values` in parts that fit one IN list."""
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))


def posted_under(station_id: int, keys: Sequence[str]) -> dict[str, Posted]:
    """Return the journals that stand under `keys`, by key."""
    return {
        one.key: one
        for part in chunks(keys)
        for one in read_journals(station_id, LedgerJournal.key.in_(part))
    }


def standing(station_id: int, key: str) -> tuple[str, Posted | None]:
    """Return the journal of `key` that nobody reversed, with its own key; else the key under which it may be posted.

    What was reversed stands under its key for ever; the next one's is made of `key` and the reversal.
    """
    free = key
    while (found := posted_under(station_id, [free]).get(free)) is not None:
        reversal_id = reversal_of(station_id, found.id)
        if reversal_id is None:
            return free, found
        free = f"{key}:{reversal_id}"
    return free, None


def posted(station_id: int, journal_id: int) -> Posted:
    """Return one journal. Raises StationError `not_found`."""
    found = read_journals(station_id, LedgerJournal.id == journal_id)
    if not found:
        raise StationError("not_found", _("This journal is not in the books."))
    return found[0]


_DEBIT, _CREDIT = aliased(LedgerAccount), aliased(LedgerAccount)
_MOVES = (
    select(
        LedgerPosting.journal_id,
        _DEBIT.kind.label("debit_kind"),
        _DEBIT.owner.label("debit_owner"),
        _CREDIT.kind.label("credit_kind"),
        _CREDIT.owner.label("credit_owner"),
        LedgerPosting.amount_minor,
    )
    .join(
        _DEBIT,
        and_(_DEBIT.station_id == LedgerPosting.station_id, _DEBIT.id == LedgerPosting.debit_account_id),
    )
    .join(
        _CREDIT,
        and_(_CREDIT.station_id == LedgerPosting.station_id, _CREDIT.id == LedgerPosting.credit_account_id),
    )
    .order_by(LedgerPosting.journal_id, LedgerPosting.line)
)


def read_journals(
    station_id: int, *conditions: ColumnElement[bool], limit: int | None = None
) -> list[Posted]:
    """Return the journals that meet `conditions`, newest first, each with its moves: two statements in all."""
    query = (
        select(LedgerJournal)
        .with_only_columns(*LedgerJournal.__table__.columns)
        .where(LedgerJournal.station_id == station_id, *conditions)
        .order_by(LedgerJournal.day.desc(), LedgerJournal.id.desc())
        .limit(limit)
    )
    rows = [row._mapping for row in _rows(query)]
    moves = moves_of(station_id, [row["id"] for row in rows])
    return [
        Posted(**{**row, "kind": JournalKind(row["kind"])}, moves=tuple(moves.get(row["id"], ())))
        for row in rows
    ]


def find_journals(station_id: int, wanted: Wanted, *, limit: int) -> list[Posted]:
    """Return the journals asked for, newest first, behind `wanted.before`."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.first:
        conditions.append(LedgerJournal.day >= wanted.first)
    if wanted.last:
        conditions.append(LedgerJournal.day <= wanted.last)
    if wanted.kind:
        conditions.append(LedgerJournal.kind == wanted.kind)
    if wanted.refers_to:
        conditions.append(LedgerJournal.refers_to == wanted.refers_to)
    if wanted.before is not None:
        behind = posted(station_id, wanted.before)
        same_day = and_(LedgerJournal.day == behind.day, LedgerJournal.id < behind.id)
        conditions.append(or_(LedgerJournal.day < behind.day, same_day))
    return read_journals(station_id, *conditions, limit=limit)


def moves_of(station_id: int, journal_ids: Sequence[int]) -> dict[int, list[Move]]:
    """Return what moved in each of `journal_ids`, in the order of its lines."""
    moves: dict[int, list[Move]] = {}
    for part in chunks(journal_ids):
        here = (LedgerPosting.station_id == station_id, LedgerPosting.journal_id.in_(part))
        for row in _rows(_MOVES.where(*here)):
            debit = AccountRef(AccountKind(row.debit_kind), row.debit_owner)
            credit = AccountRef(AccountKind(row.credit_kind), row.credit_owner)
            moves.setdefault(row.journal_id, []).append(Move(debit, credit, row.amount_minor))
    return moves


_NOTE = Statement(
    select(JournalNote.text, JournalNote.journal_id).where(
        JournalNote.station_id == bindparam("station_id"), JournalNote.journal_id == bindparam("journal_id")
    )
)


def note_of(station_id: int, journal_id: int) -> str:
    """Return what somebody typed about a journal, empty when nothing was typed or it was erased."""
    row = _NOTE.first(station_id=station_id, journal_id=journal_id)
    return row.text if row else ""


def notes_of(station_id: int, journal_ids: Sequence[int]) -> dict[int, str]:
    """Return what somebody typed about these journals, by journal; none where nothing was typed or it was erased."""
    found: dict[int, str] = {}
    for part in chunks(journal_ids):
        here = (JournalNote.station_id == station_id, JournalNote.journal_id.in_(part))
        found |= {
            row.journal_id: row.text
            for row in _rows(select(JournalNote.journal_id, JournalNote.text).where(*here))
        }
    return found


_REVERSAL = Statement(
    select(LedgerJournal.id, LedgerJournal.at).where(
        LedgerJournal.station_id == bindparam("station_id"),
        LedgerJournal.reverses_id == bindparam("reverses_id"),
    )
)


def reversal_of(station_id: int, journal_id: int) -> int | None:
    """Return the journal that took `journal_id` back, None when none did."""
    row = _REVERSAL.first(station_id=station_id, reverses_id=journal_id)
    return row.id if row else None


def balance(station_id: int, ref: AccountRef, currency: str, *, until: date | None = None) -> int:
    """Return what stands on an account at the end of day `until`, else now; 0 for one that nothing was posted to.

    Liabilities, income and opening balances count what was credited, the others what was debited.
    """
    account_id = account_ids(station_id, [(ref, currency)]).get((ref, currency))
    if account_id is None:
        return 0
    debit, credit = (_sum(station_id, side == account_id, until) for side in SIDES)
    return _seen(ref.kind, debit, credit)


def _sum(station_id: int, condition: ColumnElement[bool], until: date | None) -> int:
    query = select(func.coalesce(func.sum(LedgerPosting.amount_minor), 0)).where(
        LedgerPosting.station_id == station_id, condition, *_by(until)
    )
    return int(connection().scalar(query) or 0)


def _by(until: date | None) -> tuple[ColumnElement[bool], ...]:
    return () if until is None else (LedgerPosting.day <= until,)


def resident_balance(station_id: int, recipient_id: int, currency: str) -> int:
    """Return what the station owes a person, over all entries that are theirs; negative is what they owe."""
    return entries_balance(station_id, residents.person_ids(station_id, recipient_id), currency)


def entries_balance(station_id: int, recipient_ids: Sequence[int], currency: str) -> int:
    """Return what the station owes to these entries together; negative is what they owe."""
    refs = [(AccountRef(AccountKind.RESIDENT, str(one)), currency) for one in recipient_ids]
    accounts = list(account_ids(station_id, refs).values())
    debit, credit = (_sum(station_id, side.in_(accounts), None) for side in SIDES)
    return _seen(AccountKind.RESIDENT, debit, credit)


def trial_balance(station_id: int, until: date | None = None) -> tuple[Line, ...]:
    """Return debits and credits of each kind of account and currency up to the end of day `until`, else all.

    By currency, then in the order of the chart. In each currency all debits are all credits.
    """
    sums: Sums = {}
    for place in range(len(SIDES)):
        for kind, currency, amount in _rows(_by_kind(station_id, place).where(*_by(until))):
            sums.setdefault((AccountKind(kind), currency), [0, 0])[place] = int(amount)
    return _lines(sums)


def trial_balances(station_id: int, days: Sequence[date]) -> Iterator[tuple[Line, ...]]:
    """Yield the trial balance at the end of each of `days`, oldest first: every posting is added up once."""
    daily: dict[date, list[tuple[AccountKind, str, int, int]]] = {}
    for place in range(len(SIDES)):
        query = _by_kind(station_id, place).add_columns(LedgerPosting.day).group_by(LedgerPosting.day)
        for kind, currency, amount, day in _rows(query):
            daily.setdefault(day, []).append((AccountKind(kind), currency, place, int(amount)))
    sums: Sums = {}
    waiting = sorted(daily, reverse=True)
    for day in sorted(days):
        while waiting and waiting[-1] <= day:
            for kind, currency, place, amount in daily[waiting.pop()]:
                sums.setdefault((kind, currency), [0, 0])[place] += amount
        yield _lines(sums)


Sums = dict[tuple[AccountKind, str], list[int]]


def _by_kind(station_id: int, place: int) -> Select[Any]:
    """Select what one side of the postings sums up to, by kind of account and currency."""
    of_side = and_(LedgerPosting.station_id == LedgerAccount.station_id, SIDES[place] == LedgerAccount.id)
    return (
        select(LedgerAccount.kind, LedgerAccount.currency, func.sum(LedgerPosting.amount_minor))
        .join(LedgerPosting, of_side)
        .where(LedgerAccount.station_id == station_id)
        .group_by(LedgerAccount.kind, LedgerAccount.currency)
    )


def _lines(sums: Sums) -> tuple[Line, ...]:
    order = {kind: place for place, kind in enumerate(AccountKind)}
    return tuple(
        Line(kind, currency, *sums[kind, currency])
        for kind, currency in sorted(sums, key=lambda one: (one[1], order[one[0]]))
    )


def owners(
    station_id: int, kind: AccountKind, *, limit: int = MOST_OWNERS, until: date | None = None
) -> list[OwnerLine]:
    """Return the accounts of a kind that are not at zero at the end of `until`, else now, the largest sums first."""
    debits, credits_ = (_per_account(station_id, side, until) for side in SIDES)
    grown = func.coalesce(debits.c.amount, 0) - func.coalesce(credits_.c.amount, 0)
    query = (
        select(LedgerAccount.owner, LedgerAccount.currency, grown.label("grown"))
        .outerjoin(debits, _is_of(debits))
        .outerjoin(credits_, _is_of(credits_))
        .where(LedgerAccount.station_id == station_id, LedgerAccount.kind == kind, grown != 0)
        .order_by(func.abs(grown).desc(), LedgerAccount.owner, LedgerAccount.currency)
        .limit(limit)
    )
    return [
        OwnerLine(AccountRef(kind, row.owner), row.currency, _seen(kind, int(row.grown), 0))
        for row in _rows(query)
    ]


def _per_account(station_id: int, side: Any, until: date | None) -> Subquery:
    return (
        select(
            LedgerPosting.station_id,
            side.label("account_id"),
            func.sum(LedgerPosting.amount_minor).label("amount"),
        )
        .where(LedgerPosting.station_id == station_id, *_by(until))
        .group_by(LedgerPosting.station_id, side)
        .subquery()
    )


def _is_of(sums: Subquery) -> ColumnElement[bool]:
    return and_(sums.c.station_id == LedgerAccount.station_id, sums.c.account_id == LedgerAccount.id)
