"""Reads of parcel fees: what stands for each carrier, how many parcels earned it, and what is in the books of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import CTE, and_, func, literal, select, union_all

from station.core.db import UtcDateTime, connection
from station.days import queries as day_book
from station.days.queries import CAME
from station.ledger.queries import chunks
from station.network import queries as network
from station.parcel_fees.models import ParcelFee, ParcelFeeCount
from station.parcel_fees.terms import Earned, Fee, Term, terms
from station.parcels.lifecycle import ParcelState
from station.parcels.models import Parcel

FAR = datetime(9999, 1, 1, tzinfo=UTC)  # the end of a term that goes on
# By which moment of a parcel a fee is earned, and in which states that moment still holds.
MOMENTS: dict[Earned, tuple[Any, Sequence[ParcelState]]] = {
    Earned.HANDED_OVER: (Parcel.left_at, (ParcelState.HANDED_OVER,)),
    Earned.CHECKED_IN: (Parcel.stored_at, CAME),
}
Counts = dict[tuple[date, int], int]  # parcels by day and fee


@dataclass(frozen=True, slots=True)
class Booked:
    """What is in the books of a day and a fee: how many parcels, in how many lines."""

    parcels: int
    lines: int


@dataclass(frozen=True, slots=True)
class Earning:
    """A line of a carrier's statement: how many parcels of a day earned which fee. Negative: put right later."""

    journal_id: int
    day: date
    parcels: int
    fee_minor: int

    @property
    def amount_minor(self) -> int:
        """What the carrier owes for them."""
        return self.parcels * self.fee_minor


def fees(station_id: int) -> list[Fee]:
    """Return all fees that were ever set, in the order in which they were set."""
    columns = (getattr(ParcelFee, name) for name in Fee.__slots__)
    query = select(*columns).where(ParcelFee.station_id == station_id).order_by(ParcelFee.id)
    return [
        Fee(row.id, row.carrier, row.first_day, row.fee_minor, row.currency, Earned(row.earned_by))
        for row in connection().execute(query)
    ]


def standing(station_id: int, today: date) -> list[Term]:
    """Return what each carrier pays today and what it will pay later, by carrier and day."""
    here = [term for term in terms(fees(station_id)) if term.until is None or term.until > today]
    return [term for term in here if term.fee.fee_minor or term.since > today]


def earned(station_id: int, wanted: Iterable[Term], days: Sequence[date]) -> Counts:
    """Return how many parcels earned a fee on each of some days of the day book."""
    zone = ZoneInfo(network.rules(station_id).zone)
    found: Counts = {}
    for how, (moment, states) in MOMENTS.items():
        mine = [term for term in wanted if term.fee.earned_by is how]
        if mine:
            found |= _earned(station_id, _table(mine, zone), days, moment, states)
    return found


def _earned(
    station_id: int, mine: CTE, days: Sequence[date], moment: Any, states: Sequence[ParcelState]
) -> Counts:
    spans = day_book.spans_table(station_id, days)
    # An expression, so that no index of check-ins is used for it: a fee stands for years, the days asked for are few.
    checked_in = func.coalesce(Parcel.stored_at, literal(FAR, UtcDateTime))
    query = (
        select(spans.c.place, mine.c.fee_id, func.count())
        .select_from(spans)
        .join(Parcel, and_(moment >= spans.c.since, moment < spans.c.until))
        .join(
            mine,
            and_(
                mine.c.carrier == Parcel.carrier,
                checked_in >= mine.c.since,
                checked_in < mine.c.until,
            ),
        )
        .where(Parcel.station_id == station_id, Parcel.state.in_(states))
        .group_by(spans.c.place, mine.c.fee_id)
    )
    return {(days[place], fee_id): count for place, fee_id, count in connection().execute(query)}


def _table(wanted: Iterable[Term], zone: ZoneInfo) -> CTE:
    def midnight(day: date) -> datetime:
        return datetime.combine(day, time(), zone)

    rows = (
        select(
            literal(term.fee.id).label("fee_id"),
            literal(term.fee.carrier).label("carrier"),
            literal(midnight(term.since), UtcDateTime).label("since"),
            literal(midnight(term.until) if term.until else FAR, UtcDateTime).label("until"),
        )
        for term in wanted
    )
    return union_all(*rows).cte("terms")


def booked(station_id: int, first_day: date, last_day: date) -> dict[tuple[date, int], Booked]:
    """Return what is in the books of some days, by day and fee."""
    query = (
        select(ParcelFeeCount.day, ParcelFeeCount.fee_id, func.sum(ParcelFeeCount.parcels), func.count())
        .where(ParcelFeeCount.station_id == station_id, ParcelFeeCount.day.between(first_day, last_day))
        .group_by(ParcelFeeCount.day, ParcelFeeCount.fee_id)
    )
    return {
        (day, fee_id): Booked(int(count), lines) for day, fee_id, count, lines in connection().execute(query)
    }


def earnings(station_id: int, journal_ids: Sequence[int]) -> list[Earning]:
    """Return what stands behind some journals, by the day on which it was earned."""
    columns = (ParcelFeeCount.journal_id, ParcelFeeCount.day, ParcelFeeCount.parcels, ParcelFee.fee_minor)
    found: list[Earning] = []
    for part in chunks(journal_ids):
        query = (
            select(*columns)
            .join(
                ParcelFee,
                and_(
                    ParcelFee.station_id == ParcelFeeCount.station_id, ParcelFee.id == ParcelFeeCount.fee_id
                ),
            )
            .where(ParcelFeeCount.station_id == station_id, ParcelFeeCount.journal_id.in_(part))
        )
        found += [Earning(*row) for row in connection().execute(query)]
    return sorted(found, key=lambda one: (one.day, one.journal_id))


def days_between(first_day: date, last_day: date) -> list[date]:
    """Return the days from the first to the last, both included."""
    return [first_day + timedelta(days=number) for number in range((last_day - first_day).days + 1)]
