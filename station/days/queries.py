"""Reads of the day book: the days themselves, who is on shift, and a day's figures.

A day counts from the moment the day before was closed, or from midnight if it never was before midnight, until it is
closed or over: every parcel falls into one day, also one that came in after closing. Nothing here reads more than the
day and what is on the shelves now.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import CTE, ColumnElement, and_, func, literal, or_, select, union_all

from station.core import clock
from station.core.db import UtcDateTime, connection
from station.days.models import Day, Shift
from station.events.models import CustodyAnchor, CustodyEvent, OutboxMessage, RefusedScan
from station.network import queries as network
from station.parcels import queries as parcels
from station.parcels.clock_rules import StorageLevel
from station.parcels.lifecycle import ON_SHELF, ParcelState
from station.parcels.models import STORED, TROUBLED, Parcel

NO_CARRIER = "unknown"
LEFT_BY = {
    ParcelState.HANDED_OVER: "handed_over",
    ParcelState.RETURNED: "returned",
    ParcelState.LOST: "other",
    ParcelState.WRITTEN_OFF: "other",
}
CAME = (*ON_SHELF, *LEFT_BY)  # states of parcels that really were here
COLUMNS = ("at_start", "in", "handed_over", "returned", "other", "left")
MESSAGES = {"sent": "sent", "dead": "failed", "open": "waiting", "claimed": "waiting"}
LONGEST_SHIFT = timedelta(days=2)  # a shift nobody ended is found by being open, not by when it began


@dataclass(frozen=True, slots=True)
class DayFacts:
    """A day of the book. `statement` is what was signed at the close."""

    id: int
    day: date
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None
    closed_by: str | None
    statement: str | None
    anchor_seq: int | None
    signature: bytes | None
    note: str | None

    @property
    def is_closed(self) -> bool:
        """Whether the figures are final."""
        return self.closed_at is not None


@dataclass(frozen=True, slots=True)
class ShiftFacts:
    """Somebody's time at the station; `ended_at` None while they are there."""

    id: int
    account_id: int
    started_at: datetime
    ended_at: datetime | None

    @property
    def actor_key(self) -> str:
        """The key by which names are looked up."""
        return f"staff:{self.account_id}"


@dataclass(frozen=True, slots=True)
class Span:
    """The time a day's figures count: from `since`, not including `until`."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Sealed:
    """What stands behind a signed day: the anchor's hash and the event it anchors."""

    anchor_hash: bytes
    event_hash: bytes
    kind: str
    data: str


Figures = dict[str, Any]


def local_today(station_id: int) -> date:
    """Return the station's date now."""
    return clock.now().astimezone(_zone(station_id)).date()


def day_of(station_id: int, day: date) -> DayFacts | None:
    """Return a day of the book, None when it was never opened."""
    row = connection().execute(_DAYS.where(Day.station_id == station_id, Day.day == day)).first()
    return DayFacts(*row) if row else None


_DAYS = select(*(getattr(Day, name) for name in DayFacts.__slots__))


def recent_days(station_id: int, *, limit: int) -> list[DayFacts]:
    """Return the newest days of the book."""
    query = _DAYS.where(Day.station_id == station_id).order_by(Day.day.desc()).limit(limit)
    return [DayFacts(*row) for row in connection().execute(query)]


def span_of(station_id: int, day: date) -> Span:
    """Return the time that counts for a day, up to now when it is neither closed nor over."""
    return spans_of(station_id, [day])[0]


def spans_of(station_id: int, wanted: Sequence[date]) -> list[Span]:
    """Return the time that counts for each of some days, each up to now when it is neither closed nor over."""
    zone, now = _zone(station_id), clock.now()
    first, last = min(wanted) - timedelta(days=1), max(wanted)
    query = select(Day.day, Day.closed_at).where(Day.station_id == station_id, Day.day.between(first, last))
    closed: dict[date, datetime | None] = {row.day: row.closed_at for row in connection().execute(query)}
    return [_span(day, zone, closed, now) for day in wanted]


def spans_table(station_id: int, wanted: Sequence[date]) -> CTE:
    """Return the time that counts for each of some days as a table to join: place in `wanted`, since, until."""
    rows = (
        select(
            literal(place).label("place"),
            literal(span.since, UtcDateTime).label("since"),
            literal(span.until, UtcDateTime).label("until"),
        )
        for place, span in enumerate(spans_of(station_id, wanted))
    )
    return union_all(*rows).cte("spans")


def _span(day: date, zone: ZoneInfo, closed: Mapping[date, datetime | None], now: datetime) -> Span:
    midnight, end = (datetime.combine(one, time(), zone) for one in (day, day + timedelta(days=1)))
    before = closed.get(day - timedelta(days=1))
    since = before if before and before < midnight else midnight
    return Span(since, min(closed.get(day) or now, end))


def on_shift(station_id: int) -> list[ShiftFacts]:
    """Return who is at the station now, in the order in which they came."""
    query = _SHIFTS.where(Shift.station_id == station_id, Shift.ended_at.is_(None))
    return _shifts(query)


def shifts_in(station_id: int, span: Span) -> list[ShiftFacts]:
    """Return the shifts that touch a day, ended ones too."""
    lasted = or_(Shift.ended_at.is_(None), Shift.ended_at > span.since)
    query = _SHIFTS.where(
        Shift.station_id == station_id,
        Shift.started_at >= span.since - LONGEST_SHIFT,
        Shift.started_at < span.until,
        lasted,
    )
    return _shifts(query)


_SHIFTS = select(*(getattr(Shift, name) for name in ShiftFacts.__slots__))


def _shifts(query: Any) -> list[ShiftFacts]:
    rows = connection().execute(query.order_by(Shift.started_at, Shift.id))
    return [ShiftFacts(*row) for row in rows]


def figures(station_id: int, span: Span) -> Figures:
    """Return what happened in a day, and what is unsolved now."""
    by_carrier = _by_carrier(station_id, span)
    total = {name: sum(row[name] for row in by_carrier.values()) for name in COLUMNS}
    return {
        "carriers": by_carrier,
        "total": total,
        "problems": _problems(station_id),
        "levels": _levels(station_id),
        "refused": _refused(station_id, span),
        "messages": _messages(station_id, span),
    }


def _by_carrier(station_id: int, span: Span) -> dict[str, dict[str, int]]:
    counted: dict[str, Counter[str]] = {}

    def note(carrier: str | None, column: str, count: int) -> None:
        counted.setdefault(carrier or NO_CARRIER, Counter())[column] += count

    came = and_(Parcel.state.in_(CAME), _within(Parcel.stored_at, span))
    for carrier, _state, count in _grouped(station_id, came):
        note(carrier, "in", count)
    went = and_(Parcel.state.in_(LEFT_BY), _within(Parcel.left_at, span))
    for carrier, state, count in _grouped(station_id, went):
        note(carrier, LEFT_BY[ParcelState(state)], count)
    for column, moment in (("at_start", span.since), ("left", span.until)):
        for condition in _here_at(moment):
            for carrier, _state, count in _grouped(station_id, condition):
                note(carrier, column, count)
    return {
        carrier: {column: counts[column] for column in COLUMNS} for carrier, counts in sorted(counted.items())
    }


def _here_at(moment: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions on what was on the shelves: still there, or gone since. Each has an index."""
    came_before = Parcel.stored_at < moment
    return (
        and_(Parcel.state.in_(ON_SHELF), came_before),
        and_(Parcel.state.in_(LEFT_BY), Parcel.left_at >= moment, came_before),
    )


def _within(column: Any, span: Span) -> ColumnElement[bool]:
    return and_(column >= span.since, column < span.until)


def _grouped(station_id: int, condition: ColumnElement[bool]) -> Iterable[tuple[str | None, str, int]]:
    query = (
        select(Parcel.carrier, Parcel.state, func.count())
        .where(Parcel.station_id == station_id, condition)
        .group_by(Parcel.carrier, Parcel.state)
    )
    return [(row[0], row[1], row[2]) for row in connection().execute(query)]


def _problems(station_id: int) -> dict[str, int]:
    query = (
        select(Parcel.problem, func.count())
        .where(Parcel.station_id == station_id, TROUBLED, Parcel.problem.is_not(None))
        .group_by(Parcel.problem)
    )
    return {str(problem): count for problem, count in sorted(map(tuple, connection().execute(query)))}


def _levels(station_id: int) -> dict[str, int]:
    """Count stored parcels by the level the clock says; what the scheduler has entered is only looked at."""
    storage = parcels.clock_of(station_id)
    mine = and_(Parcel.station_id == station_id, STORED)
    in_time = or_(Parcel.due_at.is_(None), Parcel.due_at > storage.now)
    entered = select(Parcel.level, func.count()).where(mine, in_time).group_by(Parcel.level)
    counted = Counter({str(level): int(count) for level, count in connection().execute(entered)})
    columns = (Parcel.stored_at, Parcel.extended_h, Parcel.level)
    due = select(*columns).where(mine, Parcel.due_at <= storage.now)
    counted.update(
        storage.level(row.stored_at, row.extended_h, entered=row.level).value
        for row in connection().execute(due)
    )
    return {level.value: counted[level.value] for level in StorageLevel if level is not StorageLevel.NONE}


def _refused(station_id: int, span: Span) -> dict[str, int]:
    query = (
        select(RefusedScan.reason, func.count())
        .where(RefusedScan.station_id == station_id, _within(RefusedScan.at, span))
        .group_by(RefusedScan.reason)
    )
    return dict(sorted(map(tuple, connection().execute(query))))


def _messages(station_id: int, span: Span) -> dict[str, int]:
    query = (
        select(OutboxMessage.state, func.count())
        .where(OutboxMessage.station_id == station_id, _within(OutboxMessage.created_at, span))
        .group_by(OutboxMessage.state)
    )
    counted = dict.fromkeys(("sent", "failed", "waiting"), 0)
    for state, count in connection().execute(query):
        if state in MESSAGES:
            counted[MESSAGES[state]] += count
    return counted


def sealed(station_id: int, seq: int) -> Sealed | None:
    """Return the anchor of a closed day with the event it pins, None when either is gone."""
    query = (
        select(CustodyAnchor.hash, CustodyEvent.hash, CustodyEvent.kind, CustodyEvent.data)
        .join(
            CustodyEvent,
            and_(CustodyEvent.station_id == CustodyAnchor.station_id, CustodyEvent.seq == CustodyAnchor.seq),
        )
        .where(CustodyAnchor.station_id == station_id, CustodyAnchor.seq == seq)
    )
    row = connection().execute(query).first()
    return Sealed(*row) if row else None


def _zone(station_id: int) -> ZoneInfo:
    return ZoneInfo(network.rules(station_id).zone)
