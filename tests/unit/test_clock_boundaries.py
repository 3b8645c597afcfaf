"""The storage clock at 23:59 / 24:00, 47:59 / 48:00, 71:59 / 72:00 and 167:59 / 168:00 of counted time.

A row says where the station is, when the parcel comes in, which days do not count, and by how many hours the real
clocks then run ahead of the counted time when the limit is reached.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from station.network.calendar import Span, SpecialKind, SpecialSpan, Timetable
from station.network.holidays import HolidayCalendar, public_days
from station.parcels.clock_rules import (
    LEVELS,
    Calendar,
    StorageLevel,
    StorageRules,
    deadlines,
    elapsed,
    explain,
    level_at,
)

ALL_DAY = (Span(time(0), time(0)),)
WEEK = (ALL_DAY,) * 7
SUNDAY_OFF = (ALL_DAY,) * 6 + ((),)
CHINA = public_days(HolidayCalendar.CHINA, closes=True, opens_made_up=True)
SHANGHAI, BERLIN = "Asia/Shanghai", "Europe/Berlin"
RULES = StorageRules()
MINUTE = timedelta(minutes=1)


def closed(*days):
    return tuple(SpecialSpan(SpecialKind.CLOSURE, day, day, None, None) for day in days)


def at(zone, *moment):
    return datetime(*moment, tzinfo=ZoneInfo(zone))


@dataclass(frozen=True)
class Row:
    """A parcel at a station, and the hours that do not count before each of the four limits."""

    timetable: Timetable
    stored_at: datetime
    paused_h: tuple[int, int, int, int]


PLAIN = Timetable(SHANGHAI, WEEK)
MONDAY = at(SHANGHAI, 2026, 11, 16, 10)
ROWS = {
    "open every day": Row(PLAIN, MONDAY, (0, 0, 0, 0)),
    "closed on the first day after": Row(
        Timetable(SHANGHAI, WEEK, closed(date(2026, 11, 17))), MONDAY, (24, 24, 24, 24)
    ),
    "closed inside the second day": Row(
        Timetable(SHANGHAI, WEEK, closed(date(2026, 11, 18))), MONDAY, (0, 24, 24, 24)
    ),
    "closed inside the third day": Row(
        Timetable(SHANGHAI, WEEK, closed(date(2026, 11, 19))), MONDAY, (0, 0, 24, 24)
    ),
    "closed inside the seventh day": Row(
        Timetable(SHANGHAI, WEEK, closed(date(2026, 11, 23))), MONDAY, (0, 0, 0, 24)
    ),
    "stored on a closed day": Row(
        Timetable(SHANGHAI, WEEK, closed(date(2026, 11, 16))), MONDAY, (14, 14, 14, 14)
    ),
    "a rest each Sunday": Row(Timetable(SHANGHAI, SUNDAY_OFF), MONDAY, (0, 0, 0, 24)),
    "the week of National Day": Row(
        Timetable(SHANGHAI, WEEK, (), CHINA), at(SHANGHAI, 2026, 9, 29, 10), (0, 168, 168, 168)
    ),
    "a Sunday that is made up": Row(
        Timetable(SHANGHAI, SUNDAY_OFF, (), CHINA), at(SHANGHAI, 2026, 9, 18, 10), (0, 0, 0, 72)
    ),
    "spring in Berlin": Row(Timetable(BERLIN, WEEK), at(BERLIN, 2026, 3, 28, 10), (0, 0, 0, 0)),
    "autumn in Berlin": Row(Timetable(BERLIN, WEEK), at(BERLIN, 2026, 10, 24, 10), (0, 0, 0, 0)),
    "closed while clocks go forward": Row(
        Timetable(BERLIN, WEEK, closed(date(2026, 3, 29))), at(BERLIN, 2026, 3, 28, 10), (23, 23, 23, 23)
    ),
    "closed while clocks go back": Row(
        Timetable(BERLIN, WEEK, closed(date(2026, 10, 25))), at(BERLIN, 2026, 10, 24, 10), (25, 25, 25, 25)
    ),
}
CASES = [
    pytest.param(row, place, id=f"{name}, {RULES.hours[place]} h")
    for name, row in ROWS.items()
    for place in range(len(LEVELS))
]


def calendar_of(days):
    return Calendar(ZoneInfo(days.zone), days.weekly, days.closed_dates(), days.extra_open())


@pytest.mark.parametrize(("row", "place"), CASES)
def test_a_level_begins_with_the_last_minute_of_its_time(row, place):
    calendar = calendar_of(row.timetable)
    limit = timedelta(hours=RULES.hours[place])
    moment = row.stored_at.astimezone(UTC) + limit + timedelta(hours=row.paused_h[place])
    before = (StorageLevel.NONE, *LEVELS)[place]

    found = deadlines(row.stored_at, RULES, calendar)

    assert level_at(found, moment - MINUTE) is before
    assert level_at(found, moment) is LEVELS[place]
    assert elapsed(row.stored_at, moment - MINUTE, calendar) == limit - MINUTE
    assert elapsed(row.stored_at, moment, calendar) == limit
    assert explain(LEVELS[place], row.stored_at, rules=RULES, calendar=calendar).at == moment
