"""Quiet hours: when a message waits and until when, over midnight and over the nights on which clocks change."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.notices import quiet
from station.notices.quiet import Hours

NIGHT = Hours(time(21), time(8))
SHANGHAI, BERLIN = "Asia/Shanghai", "Europe/Berlin"


def local(zone, *parts, fold=0):
    return datetime(*parts, fold=fold, tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ((2026, 3, 2, 20, 59, 59), None),
        ((2026, 3, 2, 21, 0), (2026, 3, 3, 8, 0)),
        ((2026, 3, 2, 23, 59), (2026, 3, 3, 8, 0)),
        ((2026, 3, 3, 0, 0), (2026, 3, 3, 8, 0)),
        ((2026, 3, 3, 7, 59, 59), (2026, 3, 3, 8, 0)),
        ((2026, 3, 3, 8, 0), None),
        ((2026, 12, 31, 22, 0), (2027, 1, 1, 8, 0)),
    ],
)
def test_night_ends_in_the_morning(now, end):
    found = quiet.until(local(SHANGHAI, *now), SHANGHAI, NIGHT)

    assert found == (local(SHANGHAI, *end) if end else None)


def test_hours_within_a_day():
    siesta = Hours(time(13), time(15))

    assert quiet.until(local(SHANGHAI, 2026, 3, 2, 14), SHANGHAI, siesta) == local(SHANGHAI, 2026, 3, 2, 15)
    assert quiet.until(local(SHANGHAI, 2026, 3, 2, 15), SHANGHAI, siesta) is None


def test_night_is_an_hour_shorter_in_spring_and_longer_in_autumn():
    spring, autumn = local(BERLIN, 2026, 3, 28, 21), local(BERLIN, 2026, 10, 24, 21)

    assert quiet.until(spring, BERLIN, NIGHT) - spring == timedelta(hours=10)
    assert quiet.until(autumn, BERLIN, NIGHT) - autumn == timedelta(hours=12)


def test_repeated_hour_is_quiet_twice():
    late = Hours(time(21), time(2, 30))
    first = local(BERLIN, 2026, 10, 25, 2, 15)
    again = local(BERLIN, 2026, 10, 25, 2, 15, fold=1)

    assert quiet.until(first, BERLIN, late) == local(BERLIN, 2026, 10, 25, 2, 30)
    assert quiet.until(again, BERLIN, late) == local(BERLIN, 2026, 10, 25, 2, 30, fold=1)


def test_skipped_end_comes_later():
    late = Hours(time(21), time(2, 30))

    found = quiet.until(local(BERLIN, 2026, 3, 29, 1, 50), BERLIN, late)

    assert found == local(BERLIN, 2026, 3, 29, 3, 30)


@pytest.mark.parametrize(
    ("begins", "ends"), [("21:00", "21:00"), (None, None), ("", "08:00"), ("21:00", None)]
)
def test_no_quiet_hours(begins, ends):
    assert quiet.hours(begins, ends) is None
    assert quiet.until(datetime.now(UTC), SHANGHAI, None) is None


def test_hours_are_read_as_kept():
    assert quiet.hours("21:00", "08:00") == NIGHT


START = datetime(2024, 1, 1, tzinfo=UTC)
TIMES = st.times().map(lambda one: one.replace(second=0, microsecond=0, fold=0))


@given(
    now=st.integers(0, 6 * 366 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes)),
    zone=st.sampled_from([SHANGHAI, BERLIN, "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia"]),
    begins=TIMES,
    ends=TIMES,
)
def test_wait_ends_after_now_and_within_a_day_when_nothing_is_quiet(now, zone, begins, ends):
    chosen = Hours(begins, ends)
    end = quiet.until(now, zone, chosen)
    if end is None:
        assert not chosen.hold(now.astimezone(ZoneInfo(zone)).time())
        return

    assert now < end <= now + timedelta(hours=25)
    # In the night of a change the clock may show a quiet time again; then there is one more wait, not one without end.
    further = quiet.until(end, zone, chosen)
    assert further is None or further - end <= timedelta(hours=25)
