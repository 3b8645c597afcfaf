"""Periods in the station's calendar, and what each is compared with."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.quality.periods import LONGEST, Choice, Period, before, chosen

FRIDAY = date(2026, 11, 20)
CHOICES = st.sampled_from([choice for choice in Choice if choice is not Choice.RANGE])


def period(first: str, last: str) -> Period:
    return Period(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("choice", "found", "compared"),
    [
        (Choice.THIS_WEEK, ("2026-11-16", "2026-11-20"), ("2026-11-09", "2026-11-13")),
        (Choice.LAST_WEEK, ("2026-11-09", "2026-11-15"), ("2026-11-02", "2026-11-08")),
        (Choice.THIS_MONTH, ("2026-11-01", "2026-11-20"), ("2026-10-01", "2026-10-20")),
        (Choice.LAST_MONTH, ("2026-10-01", "2026-10-31"), ("2026-09-01", "2026-09-30")),
    ],
)
def test_periods_of_a_friday(choice, found, compared):
    now = chosen(choice, FRIDAY)

    assert now == period(*found)
    assert before(choice, now) == period(*compared)


def test_a_free_range_is_compared_with_as_many_days_just_before():
    assert before(Choice.RANGE, period("2026-11-11", "2026-11-20")) == period("2026-11-01", "2026-11-10")


def test_the_31st_is_compared_with_the_whole_of_a_shorter_month():
    assert before(Choice.THIS_MONTH, period("2026-03-01", "2026-03-31")) == period("2026-02-01", "2026-02-28")


@given(CHOICES, st.dates(date(2025, 3, 1), date(2094, 1, 1)))
def test_no_choice_is_longer_than_the_longest_or_overlaps_what_it_is_compared_with(choice, today):
    now = chosen(choice, today)
    then = before(choice, now)

    assert now.first <= now.last <= today
    assert now.length <= LONGEST
    assert then.first <= then.last < now.first
    assert len(list(now.days())) == now.length


def test_days_begin_at_the_zone_s_midnight_also_when_clocks_change():
    since, until = period("2026-03-29", "2026-03-29").moments(ZoneInfo("Europe/Berlin"))

    assert (
        until.astimezone(ZoneInfo("UTC")) - since.astimezone(ZoneInfo("UTC"))
    ).total_seconds() == 23 * 3600
