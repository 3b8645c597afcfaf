"""Why a deadline is what it is, said in both languages."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from station.core import i18n
from station.network.calendar import Span
from station.parcels.clock_rules import Calendar, StorageLevel, StorageRules, explain
from station.parcels.clock_words import why

ZONE = "Asia/Shanghai"
SUNDAY, MONDAY, TUESDAY, THURSDAY = (date(2026, 11, day) for day in (22, 23, 24, 26))
SUNDAY_NOON = datetime(2026, 11, 22, 12, tzinfo=ZoneInfo(ZONE))
NIGHT = datetime(2026, 11, 22, 22, tzinfo=ZoneInfo(ZONE))


def said(stored_at=SUNDAY_NOON, *, closed=(), level=StorageLevel.OVERDUE, language="en", **values):
    rules = StorageRules(**values.pop("rules", {}))
    calendar = Calendar(ZoneInfo(ZONE), ((Span(time(9), time(21)),),) * 7, frozenset(closed))
    with i18n.speaking(language):
        return why(explain(level, stored_at, rules=rules, calendar=calendar, **values), ZONE)


@pytest.mark.parametrize(("language", "text"), [("en", "2 days"), ("zh", "2 天")])
def test_a_plain_deadline_is_its_days(language, text):
    assert said(language=language) == text


def test_a_time_of_odd_hours_is_said_in_hours():
    assert said(rules={"overdue_h": 26}) == "26 hours"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "2 days, not counting Monday 23 Nov (closed)"),
        ("zh", "2 天，不计 11月23日 星期一（休息）"),
    ],
)
def test_a_closed_day_is_named(language, text):
    assert said(closed=[MONDAY], language=language) == text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "3 days, not counting Monday 23 Nov to Tuesday 24 Nov and Thursday 26 Nov (closed)"),
        ("zh", "3 天，不计 11月23日 星期一至11月24日 星期二和11月26日 星期四（休息）"),
    ],
)
def test_closed_days_that_follow_each_other_are_one_span(language, text):
    found = said(closed=[MONDAY, TUESDAY, THURSDAY], level=StorageLevel.ALERT, language=language)

    assert found == text


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "2 days and 1 day of extension"), ("zh", "2 天，另延长 1 天")],
)
def test_an_extension_is_told_apart(language, text):
    assert said(extension=timedelta(days=1), language=language) == text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "2 days; they end while the station is closed, so it is 25 Nov 10:00, an hour after it opens"),
        ("zh", "2 天；到时正逢休息，顺延到 11月25日 10:00，即开门后一小时"),
    ],
)
def test_a_moved_deadline_says_where_to(language, text):
    assert said(NIGHT, language=language) == text


def test_everything_at_once_is_one_sentence():
    text = said(NIGHT, closed=[MONDAY], extension=timedelta(hours=12))

    assert text.startswith("2 days and 12 hours of extension, not counting Monday 23 Nov (closed)")
