"""The storage clock: deadlines per second, beside adding four plain time spans."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from station.network.calendar import Span, Timetable
from station.network.holidays import HolidayCalendar, public_days
from station.parcels import clock_rules
from station.parcels.clock_rules import Calendar, StorageRules
from tests.benchmarks.measure import median_of, result

PARCELS = 2_000
ROUNDS = 20
RULES = StorageRules()
FIRST = datetime(2026, 9, 1, 2, tzinfo=UTC)  # so that the week of National Day lies ahead of many of them
STORED = [FIRST + timedelta(minutes=20 * number) for number in range(PARCELS)]
LIMITS = [timedelta(hours=hours) for hours in RULES.hours]
WEEK = (((Span(time(9), time(21)),),) * 6) + ((),)


def test_deadlines_beside_plain_addition() -> None:
    public = public_days(HolidayCalendar.CHINA, closes=True, opens_made_up=True)
    days = Timetable("Asia/Shanghai", WEEK, (), public)
    calendar = Calendar(ZoneInfo(days.zone), days.weekly, days.closed_dates(), days.extra_open())

    def plain() -> None:
        for stored_at in STORED:
            [stored_at + limit for limit in LIMITS]

    def fair() -> None:
        for stored_at in STORED:
            clock_rules.deadlines(stored_at, RULES, calendar)

    limit, ours = median_of(plain, ROUNDS) / PARCELS, median_of(fair, ROUNDS) / PARCELS
    result(
        "storage clock, four deadlines of a parcel, against four additions",
        f"{1 / ours:,.0f}/s",
        f"{1 / limit:,.0f}/s",
        f"{ours / limit:.0f}",
        "≥ 5,000/s",
    )
