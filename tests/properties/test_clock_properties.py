"""The storage clock against a slow one that looks at every quarter of an hour."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from station.network.calendar import Span
from station.parcels.clock_rules import (
    LEVELS,
    Calendar,
    StorageLevel,
    StorageRules,
    deadlines,
    elapsed,
    explain,
    level_at,
    next_due,
)

QUICK = settings(max_examples=60, deadline=None)
QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
ZONES = ["Asia/Shanghai", "Europe/Berlin", "Asia/Kathmandu", "America/Santiago", "Australia/Lord_Howe"]
QUARTERS_A_YEAR = 365 * 96


def clock_time(quarter):
    return time(quarter // 4, quarter % 4 * 15)


@st.composite
def day_hours(draw):
    edges = draw(st.lists(st.integers(0, 95), unique=True, max_size=4).map(sorted))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return tuple(Span(clock_time(opens), clock_time(closes)) for opens, closes in pairs)


dates = st.integers(0, 400).map(lambda days: date(2026, 1, 1) + days * DAY)
moments = st.integers(0, QUARTERS_A_YEAR).map(lambda quarters: FIRST + quarters * QUARTER)
calendars = st.builds(
    Calendar,
    st.sampled_from(ZONES).map(ZoneInfo),
    st.lists(day_hours(), min_size=7, max_size=7).map(tuple).filter(any),
    st.frozensets(dates, max_size=30),
    st.dictionaries(dates, day_hours(), max_size=5),
)
rules = st.lists(st.integers(1, 200), min_size=4, max_size=4).map(lambda hours: StorageRules(*sorted(hours)))
extensions = st.integers(0, 72).map(lambda hours: hours * HOUR)


def slow_elapsed(start, end, calendar):
    """Count the quarters of an hour that lie in local days with openings."""
    quarters = (end - start) // QUARTER
    counted = 0
    for quarter in range(quarters):
        day = (start + quarter * QUARTER).astimezone(calendar.zone).date()
        counted += bool(calendar.hours_on(day))
    return counted * QUARTER


def is_open(moment, calendar):
    local = moment.astimezone(calendar.zone)
    return any(span.has(local.time()) for span in calendar.hours_on(local.date()))


@QUICK
@given(start=moments, length=st.integers(0, 96 * 20), calendar=calendars)
def test_elapsed_equals_the_slow_count(start, length, calendar):
    end = start + length * QUARTER

    assert elapsed(start, end, calendar) == slow_elapsed(start, end, calendar)


@QUICK
@given(start=moments, calendar=calendars, limits=rules, extension=extensions)
def test_a_level_begins_when_its_time_has_elapsed_and_people_could_come(start, calendar, limits, extension):
    for place, level in enumerate(LEVELS):
        why = explain(level, start, rules=limits, calendar=calendar, extension=extension)
        limit = limits.hours[place] * HOUR + extension

        if why.moved_to_opening:
            event("moved")
            assert elapsed(start, why.at, calendar) >= limit
        else:
            event("kept")
            assert elapsed(start, why.at, calendar) == limit
            assert is_open(why.at, calendar)


@QUICK
@given(start=moments, calendar=calendars, hours=st.integers(1, 100))
def test_a_moved_deadline_follows_the_first_opening_after_the_time_was_up(start, calendar, hours):
    limits = StorageRules(hours, hours, hours, hours)
    why = explain(StorageLevel.REMIND, start, rules=limits, calendar=calendar)
    assume(why.moved_to_opening)
    # On days when clocks change the quarter before an opening may lie in a repeated hour.
    offsets = {(why.at + days * DAY).astimezone(calendar.zone).utcoffset() for days in (-1, 1)}
    assume(len(offsets) == 1)

    opening = why.at - HOUR

    assert is_open(opening, calendar)
    assert not is_open(opening - QUARTER, calendar) or elapsed(start, opening, calendar) == hours * HOUR
    moment = opening - QUARTER
    while not is_open(moment, calendar) and moment > start:
        moment -= QUARTER
    assert elapsed(start, moment, calendar) < hours * HOUR


@QUICK
@given(start=moments, calendar=calendars, limits=rules, extension=extensions)
def test_levels_never_fall_and_begin_when_they_are_due(start, calendar, limits, extension):
    found = deadlines(start, limits, calendar, extension)

    assert list(found.moments) == sorted(found.moments)
    for place, moment in enumerate(found.moments):
        assert level_at(found, moment).rank >= place + 1
        assert level_at(found, moment - timedelta(microseconds=1)).rank <= place
    for level in (StorageLevel.NONE, *LEVELS[:-1]):
        assert level_at(found, next_due(found, level)).rank > level.rank
    assert next_due(found, StorageLevel.RETURN) is None


@QUICK
@given(start=moments, calendar=calendars, limits=rules, closed=st.integers(0, 10))
def test_a_further_closure_takes_no_opening_from_anybody(start, calendar, limits, closed):
    day = start.astimezone(calendar.zone).date() + closed * DAY
    stricter = Calendar(calendar.zone, calendar.weekly, calendar.closed_dates | {day}, calendar.extra_open)

    before = deadlines(start, limits, calendar)
    after = deadlines(start, limits, stricter)

    # A deadline moved to an hour after opening may become one that lies in that very hour by itself.
    assert all(late >= early - HOUR for late, early in zip(after.moments, before.moments, strict=True))


@QUICK
@given(start=moments, calendar=calendars, limits=rules)
def test_skipped_days_are_closed_days_since_storing(start, calendar, limits):
    found = deadlines(start, limits, calendar)

    first, last = (moment.astimezone(calendar.zone).date() for moment in (start, found.return_at))
    assert list(found.skipped) == sorted(set(found.skipped))
    assert all(first <= day <= last and not calendar.hours_on(day) for day in found.skipped)
