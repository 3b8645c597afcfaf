"""An account over a period: what stood at its start, each movement with the balance after it, page by page."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, select, tuple_, union_all

from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.ledger import queries
from station.ledger.chart import CHART, AccountKind, AccountRef, JournalKind
from station.ledger.models import LedgerAccount, LedgerJournal, LedgerPosting

PAGE = 50
STEP = 500  # rows read at a time for a file
LONGEST = timedelta(days=3 * 366)  # ours: longer than any tax period; a file stays one that opens

_LINE = (LedgerPosting.day, LedgerPosting.journal_id, LedgerPosting.line)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where in an account's history a line stands; a page goes on behind one."""

    day: date
    journal_id: int
    line: int

    def __str__(self) -> str:
        return f"{self.day.isoformat()}.{self.journal_id}.{self.line}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One movement on an account: `amount_minor` is what the balance grew by, `balance_minor` what stood after it."""

    place: Place
    at: datetime
    kind: JournalKind
    refers_to: str | None
    other: AccountRef
    amount_minor: int
    balance_minor: int


@dataclass(frozen=True, slots=True)
class Statement:
    """An account over a period, or a page of it; `following` is where the next page begins, None on the last."""

    ref: AccountRef
    currency: str
    first_day: date
    last_day: date
    opening_minor: int
    closing_minor: int
    carried_minor: int
    entries: tuple[Entry, ...]
    following: Place | None


def place_of(text: str) -> Place | None:
    """Return the place that `text` names, None for an empty text. Raises StationError `bad_input` for anything else."""
    if not text:
        return None
    try:
        day, journal_id, line = text[:60].split(".")
        return Place(date.fromisoformat(day), _whole(journal_id), _whole(line))
    except ValueError as error:
        message = _("This page of the list does not exist. Start from the first one.")
        raise StationError("bad_input", message) from error


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise ValueError(text)
    return int(text)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which lines of an account are wanted."""

    station_id: int
    account_id: int
    period: "Period"
    after: Place | None
    limit: int


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days, both included."""

    first_day: date
    last_day: date

    def check(self) -> None:
        """Raise StationError `bad_input` for a period that ends before it begins, or that is too long."""
        if self.first_day > self.last_day:
            raise StationError("bad_input", _("The period ends before it begins."))
        if self.last_day - self.first_day > LONGEST:
            raise StationError("bad_input", _("Choose a period of three years at most."))


def statement(
    station_id: int,
    ref: AccountRef,
    currency: str,
    period: Period,
    *,
    after: Place | None = None,
    limit: int = PAGE,
) -> Statement:
    """Return a page of an account's history, oldest first, behind `after`. Raises StationError `bad_input`."""
    period.check()
    before = period.first_day - timedelta(days=1)
    account_id = queries.account_ids(station_id, [(ref, currency)]).get((ref, currency))
    opening = queries.balance(station_id, ref, currency, until=before)
    blank = Statement(ref, currency, period.first_day, period.last_day, opening, opening, opening, (), None)
    if account_id is None:
        return blank
    closing = queries.balance(station_id, ref, currency, until=period.last_day)
    asked = _Asked(station_id, account_id, period, after, limit + 1)
    carried = opening if after is None else opening + _moved(asked, ref.kind, after)
    rows = _rows(asked)
    entries = tuple(_entries(ref, rows[:limit], carried))
    following = entries[-1].place if len(rows) > limit else None
    return replace(blank, closing_minor=closing, carried_minor=carried, entries=entries, following=following)


def whole(station_id: int, ref: AccountRef, currency: str, period: Period) -> Iterator[Entry]:
    """Yield every entry of a period, read a step at a time: for files."""
    after = None
    while True:
        page = statement(station_id, ref, currency, period, after=after, limit=STEP)
        yield from page.entries
        if page.following is None:
            return
        after = page.following


def _within(station_id: int, period: Period) -> ColumnElement[bool]:
    return and_(
        LedgerPosting.station_id == station_id,
        LedgerPosting.day >= period.first_day,
        LedgerPosting.day <= period.last_day,
    )


def _moved(asked: _Asked, kind: AccountKind, until: Place) -> int:
    """Return by how much the balance grew from the period's start to `until`, included."""
    sums = [
        connection().scalar(
            select(func.coalesce(func.sum(LedgerPosting.amount_minor), 0)).where(
                _within(asked.station_id, asked.period),
                side == asked.account_id,
                tuple_(*_LINE) <= (until.day, until.journal_id, until.line),
            )
        )
        for side in queries.SIDES
    ]
    debit, credit = (int(amount or 0) for amount in sums)
    return debit - credit if CHART[kind].side.grows_by_debit else credit - debit


def _rows(asked: _Asked) -> list[Any]:
    """Read the movements on both sides of an account: each side by its own index, then together in order."""
    debits, credits_ = (_side(asked, side) for side in queries.SIDES)
    lines = union_all(select(debits.subquery()), select(credits_.subquery())).subquery()
    query = (
        select(
            lines,
            LedgerJournal.at,
            LedgerJournal.kind,
            LedgerJournal.refers_to,
            LedgerAccount.kind.label("other_kind"),
            LedgerAccount.owner.label("other_owner"),
        )
        .join(
            LedgerJournal,
            and_(LedgerJournal.station_id == lines.c.station_id, LedgerJournal.id == lines.c.journal_id),
        )
        .join(
            LedgerAccount,
            and_(LedgerAccount.station_id == lines.c.station_id, LedgerAccount.id == lines.c.other_id),
        )
        .order_by(lines.c.day, lines.c.journal_id, lines.c.line)
        .limit(asked.limit)
    )
    return list(connection().execute(query))


def _side(asked: _Asked, side: Any) -> Select[Any]:
    is_debit = side is LedgerPosting.debit_account_id
    other = LedgerPosting.credit_account_id if is_debit else LedgerPosting.debit_account_id
    query = select(
        LedgerPosting.station_id,
        *_LINE,
        LedgerPosting.amount_minor,
        other.label("other_id"),
        literal(is_debit).label("is_debit"),
    ).where(_within(asked.station_id, asked.period), side == asked.account_id)
    if asked.after is not None:
        query = query.where(tuple_(*_LINE) > (asked.after.day, asked.after.journal_id, asked.after.line))
    return query.order_by(*_LINE).limit(asked.limit)


def _entries(ref: AccountRef, rows: list[Any], carried: int) -> Iterator[Entry]:
    grows_by_debit = CHART[ref.kind].side.grows_by_debit
    balance = carried
    for row in rows:
        amount = row.amount_minor if bool(row.is_debit) == grows_by_debit else -row.amount_minor
        balance += amount
        yield Entry(
            place=Place(row.day, row.journal_id, row.line),
            at=row.at,
            kind=JournalKind(row.kind),
            refers_to=row.refers_to,
            other=AccountRef(AccountKind(row.other_kind), row.other_owner),
            amount_minor=amount,
            balance_minor=balance,
        )
