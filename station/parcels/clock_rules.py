"""The storage clock: when a waiting parcel is reminded of, overdue, alarming, and to be returned.

Responsible for counting a parcel's storage time fairly and for saying why a deadline is what it is.
Not responsible for entering a level (an event of the service), for sending anything, nor for words:
`explain` returns facts, screens and messages turn them into sentences.

The rule (DESIGN.md 5): elapsed time counts except whole local days on which the station does not open;
nights and part-day closures do not pause it; a deadline outside opening hours moves to one hour after the
next opening; a level begins when its deadline is reached. Everything is computed from `stored_at` and
the calendar of today, so a closure declared later moves every future deadline.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from station.network.calendar import MIDNIGHT, WEEKDAYS, DayHours, Span, Week, are_valid

AFTER_OPENING = timedelta(hours=1)  # DESIGN.md 5: people get an hour of opening before a deadline
# A closure of more than a year is no closure but a station without hours: the clock then simply runs.
# 400 days leave room for a station that opens on one day of the year.
LONGEST_CLOSURE_DAYS = 400

_ONE_DAY = timedelta(days=1)
_ZERO = timedelta(0)


class StorageLevel(StrEnum):
    """How long a parcel has waited; in rising order, which `rank` gives as a number."""

    NONE = "none"
    REMIND = "remind"
    OVERDUE = "overdue"
    ALERT = "alert"
    RETURN = "return"

    @property
    def rank(self) -> int:
        """Position in the rising order, 0 for none."""
        return _RANKS[self]


_RANKS = {level: rank for rank, level in enumerate(StorageLevel)}
LEVELS = tuple(StorageLevel)[1:]
"""The levels that have a deadline, in rising order."""


@dataclass(frozen=True, slots=True)
class StorageRules:
    """Set the hours of storage after which each level begins; defaults are DESIGN.md 5.

    Raises ValueError unless they are positive and do not fall.
    """

    remind_h: int = 24
    overdue_h: int = 48
    alert_h: int = 72
    return_h: int = 168

    def __post_init__(self) -> None:
        if not 0 < self.remind_h <= self.overdue_h <= self.alert_h <= self.return_h:
            raise ValueError("the hours must be positive and not fall from remind to return")

    @property
    def hours(self) -> tuple[int, int, int, int]:
        """The four limits in the order of LEVELS."""
        return self.remind_h, self.overdue_h, self.alert_h, self.return_h


@dataclass(frozen=True, slots=True)
class Calendar:
    """Tell on which local days and hours a station opens.

    `weekly` holds seven days, Monday first. `extra_open` replaces the hours of single dates (make-up
    days, special hours). A date that is also in `closed_dates` is closed: a doubt counts for the recipient.
    Raises ValueError for hours that `are_valid` refuses.
    """

    zone: ZoneInfo
    weekly: Week
    closed_dates: frozenset[date] = frozenset()
    extra_open: Mapping[date, DayHours] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.weekly) != WEEKDAYS:
            raise ValueError("a week has seven days")
        if not all(map(are_valid, (*self.weekly, *self.extra_open.values()))):
            raise ValueError("opening hours must rise, not overlap and not cross midnight")

    def hours_on(self, day: date) -> DayHours:
        """Return the openings of a local day, in order; none when the station does not open."""
        if day in self.closed_dates:
            return ()
        special = self.extra_open.get(day)
        return self.weekly[day.weekday()] if special is None else special

    def local(self, moment: datetime) -> datetime:
        """Return a moment as the station's clock shows it."""
        return moment.astimezone(self.zone)

    def start_of(self, day: date) -> datetime:
        """Return the moment (UTC) at which a local day begins, where clocks change at midnight too."""
        return datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Hold the moments (UTC) at which each level begins, never falling, and the days not counted.

    `skipped`: the local dates, in order, that paused the clock before the return was due.
    """

    remind_at: datetime
    overdue_at: datetime
    alert_at: datetime
    return_at: datetime
    skipped: tuple[date, ...]

    @property
    def moments(self) -> tuple[datetime, datetime, datetime, datetime]:
        """The four deadlines in the order of LEVELS."""
        return self.remind_at, self.overdue_at, self.alert_at, self.return_at


class SkippedDay(NamedTuple):
    """Name a day that did not count; `weekday` is 0 for Monday."""

    day: date
    weekday: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """Say why a level begins when it does.

    `hours` of storage and `extension` were allowed; `skipped` days did not count; `moved_to_opening`
    when the time ran out outside opening hours, so that `at` is one hour after the next opening.
    """

    level: StorageLevel
    at: datetime
    hours: int
    extension: timedelta
    skipped: tuple[SkippedDay, ...]
    moved_to_opening: bool


class _Pause(NamedTuple):
    """A run of closed local days [first, reopening) and the moments [begin, end) it takes away."""

    first: date
    reopening: date
    begin: datetime
    end: datetime


def deadlines(
    stored_at: datetime, rules: StorageRules, calendar: Calendar, extension: timedelta = _ZERO
) -> Deadlines:
    """Compute when each level of a parcel begins; an extension puts off all four.

    A station that opens on none of the next 400 days has no hours to be fair by: plain time counts.
    """
    start = _utc(stored_at)
    limits = [timedelta(hours=hours) + extension for hours in rules.hours]
    pauses = _pauses(start, limits[-1], calendar)
    moments: list[datetime] = []
    for limit in limits:
        moment = _within_hours(_reached_at(start, limit, pauses), calendar)
        # Moving can carry a deadline past the next one an hour later; levels must keep their order.
        moments.append(max(moment, moments[-1]) if moments else moment)
    remind_at, overdue_at, alert_at, return_at = moments
    return Deadlines(remind_at, overdue_at, alert_at, return_at, skipped=_days(pauses))


def elapsed(stored_at: datetime, now: datetime, calendar: Calendar) -> timedelta:
    """Return the storage time that counts at `now`; zero before `stored_at`."""
    start, end = _utc(stored_at), _utc(now)
    if end <= start:
        return _ZERO
    paused = (min(pause.end, end) - pause.begin for pause in _pauses(start, end - start, calendar))
    return end - start - sum((part for part in paused if part > _ZERO), _ZERO)


def level_at(found: Deadlines, now: datetime) -> StorageLevel:
    """Return the highest level that has begun; a level begins at its deadline, not after it."""
    level = StorageLevel.NONE
    for candidate, moment in zip(LEVELS, found.moments, strict=True):
        if now >= moment:
            level = candidate
    return level


def next_due(found: Deadlines, level: StorageLevel) -> datetime | None:
    """Return when the level after this one begins; None after the last."""
    return found.moments[level.rank] if level.rank < len(LEVELS) else None


def explain(
    level: StorageLevel,
    stored_at: datetime,
    *,
    rules: StorageRules,
    calendar: Calendar,
    extension: timedelta = _ZERO,
) -> Explanation:
    """Return the facts behind the deadline of a level.

    Raises ValueError for the level `none`, which has no deadline.
    """
    place = LEVELS.index(level)
    hours = rules.hours[place]
    limit = timedelta(hours=hours) + extension
    pauses = _pauses(_utc(stored_at), limit, calendar)
    at = deadlines(stored_at, rules, calendar, extension).moments[place]
    return Explanation(
        level=level,
        at=at,
        hours=hours,
        extension=extension,
        skipped=tuple(SkippedDay(day, day.weekday()) for day in _days(pauses)),
        moved_to_opening=at != _reached_at(_utc(stored_at), limit, pauses),
    )


def _utc(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError("a time without a zone cannot be counted")
    return moment.astimezone(UTC)


def _pauses(start: datetime, length: timedelta, calendar: Calendar) -> list[_Pause]:
    """List the closed runs that `length` of counted time meets from `start` on."""
    pauses: list[_Pause] = []
    end = start + length
    day, last_day = calendar.local(start).date(), calendar.local(end).date()
    while day <= last_day:
        if calendar.hours_on(day):
            day += _ONE_DAY
            continue
        reopening = _next_open_day(day, calendar)
        begin = max(start, calendar.start_of(day))
        if reopening is None or begin >= end:
            break
        pause = _Pause(day, reopening, begin, calendar.start_of(reopening))
        pauses.append(pause)
        end += pause.end - pause.begin
        day, last_day = reopening, calendar.local(end).date()
    return pauses


def _reached_at(start: datetime, limit: timedelta, pauses: list[_Pause]) -> datetime:
    moment = start + limit
    for pause in pauses:
        if pause.begin >= moment:
            break
        moment += pause.end - pause.begin
    return moment


def _within_hours(moment: datetime, calendar: Calendar) -> datetime:
    """Keep a moment of opening hours; move any other to one hour after the next opening."""
    local = calendar.local(moment)
    today, clock = local.date(), local.time()
    for span in calendar.hours_on(today):
        if span.has(clock):
            return moment
        if clock < span.opens:
            return _hour_after_opening(local, span)
    next_day = _next_open_day(today + _ONE_DAY, calendar)
    if next_day is None:
        return moment
    midnight = datetime.combine(next_day, MIDNIGHT, tzinfo=calendar.zone)
    return _hour_after_opening(midnight, calendar.hours_on(next_day)[0])


def _hour_after_opening(local: datetime, span: Span) -> datetime:
    # `replace` keeps the fold: in the hour that a clock change repeats, the opening is the one still ahead.
    opening = local.replace(
        hour=span.opens.hour, minute=span.opens.minute, second=span.opens.second, microsecond=0
    )
    return opening.astimezone(UTC) + AFTER_OPENING


def _next_open_day(day: date, calendar: Calendar) -> date | None:
    """Return the first day from `day` on that the station opens; None if none of the next 400 does."""
    for _ in range(LONGEST_CLOSURE_DAYS):
        if calendar.hours_on(day):
            return day
        day += _ONE_DAY
    return None


def _days(pauses: list[_Pause]) -> tuple[date, ...]:
    return tuple(
        date.fromordinal(ordinal)
        for pause in pauses
        for ordinal in range(pause.first.toordinal(), pause.reopening.toordinal())
    )
