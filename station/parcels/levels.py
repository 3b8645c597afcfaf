"""The storage level a screen shows: computed from the clock, so it is right even when the scheduler is late.

A level that was entered stays; one whose deadline has passed counts before it is entered. Entering levels, with events
and messages, is overdue.py's.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, or_, select

from station.core.statements import Statement
from station.network.queries import StationRules
from station.parcels import clock_rules
from station.parcels.clock_rules import Deadlines, StorageLevel
from station.parcels.models import OVERDUE, STORED, Parcel
from station.parcels.station_clock import calendar, deadlines_of

# In two steps, so that SQLite looks along the deadlines for the few that passed and not along all arrival times.
_PASSED = select(Parcel.id).where(
    Parcel.station_id == bindparam("station_id"), STORED, Parcel.due_at <= bindparam("now")
)
_LATE = Statement(
    select(Parcel.extended_h, Parcel.stored_at)
    .where(Parcel.station_id == bindparam("station_id"), Parcel.id.in_(_PASSED))
    .distinct()
    .order_by(Parcel.extended_h, Parcel.stored_at)
)


class Span(NamedTuple):
    """Arrival times from `first` to `last` whose parcels, extended by so many hours, are all overdue."""

    extended_h: int
    first: datetime
    last: datetime


@dataclass
class Clock:
    """The storage clock of one station at one moment; remembers what it computed for parcels of one batch."""

    rules: StationRules
    now: datetime
    _known: dict[tuple[datetime, int], Deadlines] = field(init=False, default_factory=dict)
    _spans: list[Span] | None = field(init=False, default=None)

    def deadlines(self, stored_at: datetime, extended_h: int) -> Deadlines:
        """Return when the levels of a parcel stored at `stored_at` begin, put off by its hours of extension."""
        parcel = (stored_at, extended_h)
        if parcel not in self._known:
            self._known[parcel] = deadlines_of(stored_at, self.rules, timedelta(hours=extended_h))
        return self._known[parcel]

    def level(self, stored_at: datetime, extended_h: int, *, entered: str) -> StorageLevel:
        """Return the level shown: the one entered or, when it is higher, the one the clock has reached."""
        reached = clock_rules.level_at(self.deadlines(stored_at, extended_h), self.now)
        return max(reached, StorageLevel(entered), key=lambda level: level.rank)

    def elapsed(self, stored_at: datetime) -> timedelta:
        """Return the storage time that counts until now."""
        return clock_rules.elapsed(stored_at, self.now, calendar(self.rules))

    def is_overdue(self) -> ColumnElement[bool]:
        """Return the condition on parcels that are stored and shown as overdue, alert or return.

        Reads the parcels whose deadline passed unnoticed: none while the scheduler runs. Deadlines do not keep the
        order of arrival in the hour after an opening, hence spans of arrival times and not one limit.
        """
        if self._spans is None:
            self._spans = self._late_spans()
        spans = [
            and_(Parcel.extended_h == span.extended_h, Parcel.stored_at.between(span.first, span.last))
            for span in self._spans
        ]
        late = [and_(STORED, Parcel.due_at <= self.now, or_(*spans))] if spans else []
        return or_(OVERDUE, *late)

    def _late_spans(self) -> list[Span]:
        spans: list[Span] = []
        goes_on = False
        for extended_h, stored_at in _LATE.all(station_id=self.rules.station_id, now=self.now):
            is_overdue = self.now >= self.deadlines(stored_at, extended_h).overdue_at
            if is_overdue and goes_on and spans[-1].extended_h == extended_h:
                spans[-1] = spans[-1]._replace(last=stored_at)
            elif is_overdue:
                spans.append(Span(extended_h, stored_at, stored_at))
            goes_on = is_overdue
        return spans
