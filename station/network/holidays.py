"""Public holidays by calendar: which days they are, and which days of rest are worked to make up for them.

The days come from a library, since a government names them once a year; a year that it does not know yet has none, so
its weeks are plain. What a public day means for opening hours is calendar.py's.
"""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cache

from chinese_calendar import constants as china

from station.core.i18n import lazy as _l
from station.network.calendar import DayHours, PublicDays, Timetable

# The names of the library in our words; a holiday of its later versions keeps the library's English.
NAMES = {
    "New Year's Day": _l("New Year's Day"),
    "Spring Festival": _l("Spring Festival"),
    "Tomb-sweeping Day": _l("Tomb-Sweeping Day"),
    "Labour Day": _l("Labour Day"),
    "Dragon Boat Festival": _l("Dragon Boat Festival"),
    "Mid-autumn Festival": _l("Mid-Autumn Festival"),
    "National Day": _l("National Day"),
}


class HolidayCalendar(StrEnum):
    """Whose public holidays a station looks at."""

    NONE = "none"
    CHINA = "china"


@dataclass(frozen=True, slots=True)
class Known:
    """The days of a calendar with the English name of their holiday; `last_year`: the last one known, None if none.

    `off`: nobody works, weekends within a holiday too. `made_up`: worked although it is a weekend.
    """

    off: dict[date, str] = field(default_factory=dict)
    made_up: dict[date, str] = field(default_factory=dict)
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


@dataclass(frozen=True, slots=True)
class Ahead:
    """A run of public days that come, and the hours of the station on them; none when it is closed."""

    first_day: date
    last_day: date
    name: str
    is_made_up: bool
    hours: DayHours


def ahead(calendar: HolidayCalendar, timetable: Timetable, today: date) -> list[Ahead]:
    """Return the public days known from today on, in order; days alike that follow each other as one run."""
    days, closed, extra = known(calendar), timetable.closed_dates(), timetable.extra_open()
    coming = sorted((day, name) for day, name in (days.off | days.made_up).items() if today <= day)
    runs: list[Ahead] = []
    for day, name in coming:
        hours = () if day in closed else extra.get(day, timetable.weekly[day.weekday()])
        here = Ahead(day, day, NAMES.get(name, name), day in days.made_up, hours)
        if runs and _goes_on(runs[-1], here):
            runs[-1] = replace(runs[-1], last_day=day)
        else:
            runs.append(here)
    return runs


def _goes_on(run: Ahead, day: Ahead) -> bool:
    follows = run.last_day + timedelta(days=1) == day.first_day
    return follows and replace(day, first_day=run.first_day, last_day=run.last_day) == run
