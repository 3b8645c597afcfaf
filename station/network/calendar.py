"""When a station opens, as values: weekly hours, special days, and how both are written down. Pure.

The storage clock that counts with them is parcels/clock_rules.py.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum
from typing import NamedTuple

WEEKDAYS = 7
MOST_SPANS = 3  # morning, afternoon, evening; source: ours, no station with more was seen
LONGEST_SPECIAL_DAYS = 366  # a closure beyond a year is no closure but the end of a station
MIDNIGHT = time(0)
# Four digits, the colon may be left out or be full-width (typed with a Chinese input method).
_CLOCK = re.compile(r"(\d{1,2})[:：.]?(\d{2})", re.ASCII)


class Span(NamedTuple):
    """One opening on one day in local time; `closes` at 00:00 means the end of that day."""

    opens: time
    closes: time

    def has(self, clock: time) -> bool:
        """Tell whether the station is open at this local time; at the closing minute it is not."""
        return self.opens <= clock and (clock < self.closes or self.closes == MIDNIGHT)


DayHours = tuple[Span, ...]
Week = tuple[DayHours, ...]  # seven days, Monday first
EVERY_DAY_9_TO_21: Week = ((Span(time(9), time(21)),),) * WEEKDAYS


class SpecialKind(StrEnum):
    """Why the weekly hours do not hold on a day."""

    HOLIDAY = "holiday"
    CLOSURE = "closure"
    OPEN = "open"


class SpecialSpan(NamedTuple):
    """Days on which the weekly hours do not hold; `opens` and `closes` only with the kind `open`."""

    kind: SpecialKind
    first_day: date
    last_day: date
    opens: time | None
    closes: time | None

    def days(self) -> Iterator[date]:
        """Yield the days in order."""
        for ordinal in range(self.first_day.toordinal(), self.last_day.toordinal() + 1):
            yield date.fromordinal(ordinal)


@dataclass(frozen=True, slots=True)
class PublicDays:
    """The public days on which a station closes (`off`), and the days of rest on which it works instead (`made_up`)."""

    off: frozenset[date] = frozenset()
    made_up: frozenset[date] = frozenset()


NO_PUBLIC_DAYS = PublicDays()


@dataclass(frozen=True, slots=True)
class Timetable:
    """All that says when a station opens. Hashable, so that what is computed from it can be kept.

    A special day, which the station declared itself, stands above a public one.
    """

    zone: str
    weekly: Week
    special: tuple[SpecialSpan, ...] = ()
    public: PublicDays = NO_PUBLIC_DAYS

    def closed_dates(self) -> frozenset[date]:
        """Return every date the station stays closed: an extra opening breaks into a holiday, never into a closure."""
        holidays = self._days(SpecialKind.HOLIDAY) | self.public.off
        return self._days(SpecialKind.CLOSURE) | (holidays - self._special_hours().keys())

    def _days(self, kind: SpecialKind) -> frozenset[date]:
        return frozenset(day for span in self.special if span.kind is kind for day in span.days())

    def extra_open(self) -> Mapping[date, DayHours]:
        """Return the hours of the dates that open differently from their weekday; the later entry wins."""
        return {**self._made_up_hours(), **self._special_hours()}

    def _made_up_hours(self) -> Mapping[date, DayHours]:
        """Return the hours of days of rest that are worked: those of the week's first day of work."""
        hours = next((day for day in self.weekly if day), ())
        rest = (day for day in self.public.made_up if not self.weekly[day.weekday()])
        return dict.fromkeys(rest, hours) if hours else {}

    def _special_hours(self) -> Mapping[date, DayHours]:
        return {
            day: (Span(span.opens, span.closes),)
            for span in self.special
            if span.opens is not None and span.closes is not None
            for day in span.days()
        }


def parse_clock(text: str) -> time | None:
    """Read a time of day such as `9:00` or `0900`; `24:00`, the end of the day, is 00:00; else None."""
    match = _CLOCK.fullmatch(text.strip())
    if match is None:
        return None
    hour, minute = int(match[1]), int(match[2])
    if (hour, minute) == (24, 0):
        return MIDNIGHT
    return time(hour, minute) if hour < 24 and minute < 60 else None


def are_valid(spans: Sequence[Span]) -> bool:
    """Tell whether the openings of one day rise, do not overlap and do not cross midnight."""
    before = MIDNIGHT
    for place, (opens, closes) in enumerate(spans):
        ends_day = closes == MIDNIGHT and place == len(spans) - 1
        if opens < before or not (opens < closes or ends_day):
            return False
        before = closes
    return True


def week_to_json(week: Week) -> list[list[list[str]]]:
    """Return a week as it is stored: seven lists of [opens, closes], `HH:MM`."""
    return [[[f"{span.opens:%H:%M}", f"{span.closes:%H:%M}"] for span in day] for day in week]


def week_from_json(stored: Iterable[Iterable[Sequence[str]]]) -> Week:
    """Return the week that `week_to_json` wrote."""
    return tuple(
        tuple(Span(time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in day)
        for day in stored
    )


def length(first_day: date, last_day: date) -> int:
    """Return how many days a span of days has, both ends counted."""
    return (last_day - first_day) // timedelta(days=1) + 1
