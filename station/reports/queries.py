"""Income and parcels of a period, day by day. Reads only.

Income is what the ledger says for its own days; parcels are counted by the days of the day book.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import CTE, and_, func, select

from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.days import queries as days
from station.days.queries import CAME, LEFT_BY
from station.ledger.chart import CHART, AccountKind, Side
from station.ledger.models import LedgerAccount, LedgerPosting
from station.ledger.statements import Period
from station.parcels.lifecycle import ParcelState
from station.parcels.models import Parcel

LONGEST_DAYS = 366  # ours: a year by its days; one statement holds a part for each, and SQLite takes 500
INCOME = tuple(kind for kind, account in CHART.items() if account.side is Side.INCOME)
EXPENSE = tuple(kind for kind, account in CHART.items() if account.side is Side.EXPENSE)
MOVES = ("in", "handed_over", "returned")


@dataclass(slots=True)
class Day:
    """A day, or the sum of some: income and expenses by kind of account, parcels by what became of them."""

    money: Counter[AccountKind] = field(default_factory=Counter)
    parcels: Counter[str] = field(default_factory=Counter)

    @property
    def income_minor(self) -> int:
        """All income."""
        return sum(self.money[kind] for kind in INCOME)

    @property
    def expense_minor(self) -> int:
        """All expenses."""
        return sum(self.money[kind] for kind in EXPENSE)

    @property
    def result_minor(self) -> int:
        """What is left of the income."""
        return self.income_minor - self.expense_minor


@dataclass(frozen=True, slots=True)
class Report:
    """A period in one currency."""

    period: Period
    currency: str
    days: dict[date, Day]
    total: Day


def report(station_id: int, currency: str, period: Period) -> Report:
    """Return every day of a period and their total. Raises StationError `bad_input` for a period that is too long."""
    length = (period.last_day - period.first_day).days + 1
    if length > LONGEST_DAYS:
        raise StationError("bad_input", _("Choose at most %(days)s days.", days=LONGEST_DAYS))
    found = {period.first_day + timedelta(days=number): Day() for number in range(length)}
    for day, kind, amount in _money(station_id, currency, period):
        found[day].money[kind] += amount
    for day, move, count in _parcels(station_id, list(found)):
        found[day].parcels[move] += count
    total = Day()
    for one in found.values():
        total.money.update(one.money)
        total.parcels.update(one.parcels)
    return Report(period, currency, found, total)


def moved(report: Report) -> tuple[AccountKind, ...]:
    """Return the kinds of income and expense that there were, in the order of the chart."""
    found = {kind for day in report.days.values() for kind, amount in day.money.items() if amount}
    return tuple(kind for kind in (*INCOME, *EXPENSE) if kind in found)


def currencies(station_id: int) -> list[str]:
    """Return the currencies in which the station keeps books, in the order of their codes."""
    query = select(LedgerAccount.currency).where(LedgerAccount.station_id == station_id).distinct()
    return list(connection().scalars(query.order_by(LedgerAccount.currency)))


def _money(station_id: int, currency: str, period: Period) -> list[tuple[date, AccountKind, int]]:
    """Return what each kind of income and expense grew by on each day."""
    grown = []
    for side, is_debit in ((LedgerPosting.debit_account_id, True), (LedgerPosting.credit_account_id, False)):
        query = (
            select(LedgerPosting.day, LedgerAccount.kind, func.sum(LedgerPosting.amount_minor))
            .join(
                LedgerAccount,
                and_(LedgerAccount.station_id == LedgerPosting.station_id, LedgerAccount.id == side),
            )
            .where(
                LedgerPosting.station_id == station_id,
                LedgerPosting.currency == currency,
                LedgerPosting.day.between(period.first_day, period.last_day),
                LedgerAccount.kind.in_((*INCOME, *EXPENSE)),
            )
            .group_by(LedgerPosting.day, LedgerAccount.kind)
            .order_by(LedgerPosting.day, LedgerAccount.kind)
        )
        for day, text, amount in connection().execute(query):
            kind = AccountKind(text)
            grows = CHART[kind].side.grows_by_debit == is_debit
            grown.append((day, kind, int(amount) if grows else -int(amount)))
    return grown


def _parcels(station_id: int, wanted: list[date]) -> list[tuple[date, str, int]]:
    """Return how many parcels came in and left on each day, counted as the day book counts its days."""
    spans = days.spans_table(station_id, wanted)
    came = _within(station_id, spans, Parcel.stored_at, CAME)
    left = _within(station_id, spans, Parcel.left_at, tuple(LEFT_BY))
    counted = [(wanted[place], "in", count) for place, _state, count in came]
    return counted + [(wanted[place], LEFT_BY[ParcelState(state)], count) for place, state, count in left]


def _within(station_id: int, spans: CTE, column: Any, states: Any) -> Any:
    query = (
        select(spans.c.place, Parcel.state, func.count())
        .select_from(spans)
        .join(Parcel, and_(column >= spans.c.since, column < spans.c.until))
        .where(Parcel.station_id == station_id, Parcel.state.in_(states))
        .group_by(spans.c.place, Parcel.state)
        .order_by(spans.c.place, Parcel.state)
    )
    return connection().execute(query)
