"""Public holidays by calendar: which days they are, and which days of rest are worked to make up for them.

The days come from a library, since a government names them once a year; a year that it does not know yet has none, so
its weeks are plain. What a public day means for opening hours is calendar.py's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache

from chinese_calendar import constants as china

from station.network.calendar import PublicDays


class HolidayCalendar(StrEnum):
    """Whose public holidays a station looks at."""

    NONE = "none"
    CHINA = "china"


@dataclass(frozen=True, slots=True)
class Known:
    """The days of a calendar with the English name of their holiday; `last_year`: the last one known, None if none.

    `off`: nobody works, weekends within a holiday too. `made_up`: worked although it is a weekend.
    """

    off: Mapping[date, str] = field(default_factory=dict)
    made_up: Mapping[date, str] = field(default_factory=dict)
    last_year: int | None = None


@cache
def known(calendar: HolidayCalendar) -> Known:
    """Return the days of a calendar; made once, since the library's are fixed with its version."""
    if calendar is HolidayCalendar.NONE:
        return Known()
    return Known(dict(china.holidays), dict(china.workdays), max(china.holidays).year)


@cache
def public_days(calendar: HolidayCalendar, *, closes: bool, opens_made_up: bool) -> PublicDays:
    """Return what a station observes that closes on the holidays of a calendar, or opens on the days made up, or both.

    Kept, so that a check-in neither makes the days again nor computes their hash again.
    """
    days = known(calendar)
    off, made_up = frozenset(days.off), frozenset(days.made_up)
    return PublicDays(off if closes else frozenset(), made_up if opens_made_up else frozenset())


def unknown_years(calendar: HolidayCalendar, today: date) -> tuple[int, ...]:
    """Return which of this year and the next the calendar does not know yet; none for a station without one."""
    last_year = known(calendar).last_year
    if last_year is None:
        return ()
    return tuple(year for year in (today.year, today.year + 1) if year > last_year)
