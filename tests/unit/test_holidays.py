"""Public holidays: the library's days against the notice of the State Council, and what a station makes of them."""

from datetime import date, time

import pytest

from station.network.calendar import (
    Span,
    SpecialKind,
    SpecialSpan,
    Timetable,
)
from station.network.holidays import HolidayCalendar, known, public_days, unknown_years

NINE_TO_SIX, TEN_TO_FOUR = (Span(time(9), time(18)),), (Span(time(10), time(16)),)
WEEKDAYS_ONLY = (NINE_TO_SIX,) * 5 + ((), ())
CHINA = public_days(HolidayCalendar.CHINA, closes=True, opens_made_up=True)
MADE_UP = date(2026, 10, 10)  # a Saturday
NATIONAL_DAY = date(2026, 10, 1)


def timetable(*special, weekly=WEEKDAYS_ONLY, public=CHINA):
    return Timetable("Asia/Shanghai", weekly, special, public)


def special(kind, day, opens=None, closes=None):
    return SpecialSpan(kind, day, day, opens, closes)


def days(*spans):
    return {date(2026, month, day) for month, first, last in spans for day in range(first, last + 1)}


def test_china_s_days_of_2026_are_those_of_the_state_council_s_notice():
    """Source: 国务院办公厅关于2026年部分节假日安排的通知 (国办发明电〔2025〕7号), 2025-11-04."""
    off = days((1, 1, 3), (2, 15, 23), (4, 4, 6), (5, 1, 5), (6, 19, 21), (9, 25, 27), (10, 1, 7))
    made_up = days((1, 4, 4), (2, 14, 14), (2, 28, 28), (5, 9, 9), (9, 20, 20), (10, 10, 10))

    found = known(HolidayCalendar.CHINA)

    assert {day for day in found.off if day.year == 2026} == off
    assert {day for day in found.made_up if day.year == 2026} == made_up


def test_a_year_that_is_not_known_yet_has_plain_weeks():
    last = known(HolidayCalendar.CHINA).last_year

    assert not any(day.year > last for day in timetable().closed_dates() | timetable().extra_open().keys())
    assert unknown_years(HolidayCalendar.CHINA, date(last, 11, 21)) == (last + 1,)
    assert unknown_years(HolidayCalendar.CHINA, date(last + 1, 1, 1)) == (last + 1, last + 2)
    assert unknown_years(HolidayCalendar.CHINA, date(last - 1, 1, 1)) == ()


def test_a_station_without_a_calendar_knows_no_public_day():
    nothing = timetable(public=public_days(HolidayCalendar.NONE, closes=True, opens_made_up=True))

    assert (nothing.closed_dates(), nothing.extra_open()) == (frozenset(), {})
    assert unknown_years(HolidayCalendar.NONE, date(2090, 1, 1)) == ()


def test_a_station_closes_on_public_holidays_unless_it_says_otherwise():
    assert NATIONAL_DAY in timetable().closed_dates()
    assert (
        timetable(public=public_days(HolidayCalendar.CHINA, closes=False, opens_made_up=True)).closed_dates()
        == frozenset()
    )


def test_a_made_up_day_opens_a_day_of_rest_with_the_hours_of_a_day_of_work():
    assert timetable().extra_open()[MADE_UP] == NINE_TO_SIX
    assert (
        timetable(public=public_days(HolidayCalendar.CHINA, closes=True, opens_made_up=False)).extra_open()
        == {}
    )


@pytest.mark.parametrize("weekly", [(NINE_TO_SIX,) * 7, ((),) * 7], ids=["no rest", "never open"])
def test_a_made_up_day_changes_nothing_where_there_is_no_rest_or_no_work(weekly):
    assert timetable(weekly=weekly).extra_open() == {}


def test_special_days_of_the_station_stand_above_public_ones():
    opened = timetable(special(SpecialKind.OPEN, NATIONAL_DAY, time(10), time(16)))
    made_up_otherwise = timetable(special(SpecialKind.OPEN, MADE_UP, time(10), time(16)))
    made_up_closed = timetable(special(SpecialKind.HOLIDAY, MADE_UP))

    assert NATIONAL_DAY not in opened.closed_dates()
    assert opened.extra_open()[NATIONAL_DAY] == TEN_TO_FOUR
    assert made_up_otherwise.extra_open()[MADE_UP] == TEN_TO_FOUR
    assert MADE_UP in made_up_closed.closed_dates()


def test_a_closure_stands_above_everything():
    flooded = timetable(
        special(SpecialKind.CLOSURE, MADE_UP), special(SpecialKind.OPEN, MADE_UP, time(10), time(16))
    )

    assert MADE_UP in flooded.closed_dates()
