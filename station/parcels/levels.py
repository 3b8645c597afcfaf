"""The storage level a screen shows: computed from the clock, so it is right even when the scheduler is late.

A level that was entered stays; one whose deadline has passed counts before it is entered. Entering levels, with events
and messages, is overdue.py's.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

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
    select(Parcel.stored_at)
    .where(Parcel.station_id == bindparam("station_id"), Parcel.id.in_(_PASSED))
    .distinct()
    .order_by(Parcel.stored_at)
)


@dataclass
class Clock:
    """The storage clock of one station at one moment; remembers what it computed for parcels of one batch."""

    rules: StationRules
    now: datetime
    _known: dict[datetime, Deadlines] = field(init=False, default_factory=dict)
    _spans: list[tuple[datetime, datetime]] | None = field(init=False, default=None)

    def deadlines(self, stored_at: datetime) -> Deadlines:
        """Return when the levels of a parcel stored at `stored_at` begin."""
        if stored_at not in self._known:
            self._known[stored_at] = deadlines_of(stored_at, self.rules)
        return self._known[stored_at]

    def level(self, stored_at: datetime, entered: str) -> StorageLevel:
        """Return the level shown: the one entered or, when it is higher, the one the clock has reached."""
        reached = clock_rules.level_at(self.deadlines(stored_at), self.now)
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
        spans = [Parcel.stored_at.between(first, last) for first, last in self._spans]
        late = [and_(STORED, Parcel.due_at <= self.now, or_(*spans))] if spans else []
        return or_(OVERDUE, *late)

    def _late_spans(self) -> list[tuple[datetime, datetime]]:
        spans: list[tuple[datetime, datetime]] = []
        goes_on = False
        for row in _LATE.all(station_id=self.rules.station_id, now=self.now):
            is_overdue = self.now >= self.deadlines(row.stored_at).overdue_at
            if is_overdue and goes_on:
                spans[-1] = (spans[-1][0], row.stored_at)
            elif is_overdue:
                spans.append((row.stored_at, row.stored_at))
            goes_on = is_overdue
        return spans
