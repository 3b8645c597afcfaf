"""Public holidays by calendar: which days they are, and which days of rest are worked to make up for them. Pure.

The days come from a library, since a government names them once a year; a year that it does not know yet has none, so
its weeks are plain. What a station does on such a day is calendar.py's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache

from chinese_calendar import constants as china


class HolidayCalendar(StrEnum):
    """Whose public holidays a station looks at."""

    NONE = "none"
    CHINA = "china"


@dataclass(frozen=True, slots=True)
class PublicDays:
    """The days of a calendar with the English name of their holiday; `last_year`: the last one known, None if none.

    `off`: nobody works, weekends within a holiday too. `made_up`: worked although it is a weekend.
    """

    off: Mapping[date, str] = field(default_factory=dict)
    made_up: Mapping[date, str] = field(default_factory=dict)
    last_year: int | None = None


@cache
def days_of(calendar: HolidayCalendar) -> PublicDays:
    """Return the days of a calendar; made once, since the library's are fixed with its version."""
    if calendar is HolidayCalendar.NONE:
        return PublicDays()
    return PublicDays(dict(china.holidays), dict(china.workdays), max(china.holidays).year)


def unknown_years(calendar: HolidayCalendar, today: date) -> tuple[int, ...]:
    """Return which of this year and the next the calendar does not know yet; none for a station without one."""
    last_year = days_of(calendar).last_year
    if last_year is None:
        return ()
    return tuple(year for year in (today.year, today.year + 1) if year > last_year)
