"""The storage clock at its boundaries."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from station.network.calendar import Span, are_valid
from station.parcels.clock_rules import (
    LEVELS,
    Calendar,
    SkippedDay,
    StorageLevel,
    StorageRules,
    deadlines,
    elapsed,
    explain,
    level_at,
    next_due,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
RULES = StorageRules()
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
DAYTIME = (Span(time(9), time(20)),)
ALWAYS = (Span(time(0), time(0)),)
SUNDAY, MONDAY, TUESDAY, WEDNESDAY = (date(2026, 11, day) for day in (15, 16, 17, 18))
STORED = datetime(2026, 11, 16, 10, 0, tzinfo=SHANGHAI)  # a Monday


def calendar(hours=DAYTIME, *, zone=SHANGHAI, closed=(), extra=None, rest=()):
    """The same hours every day but on the weekdays of rest."""
    weekly = tuple(() if weekday in rest else hours for weekday in range(7))
    return Calendar(zone, weekly, frozenset(closed), extra or {})


def local(moment, zone=SHANGHAI):
    """A moment as people write it down."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")


BOUNDARIES = [
    (24, StorageLevel.NONE, StorageLevel.REMIND),
    (48, StorageLevel.REMIND, StorageLevel.OVERDUE),
    (72, StorageLevel.OVERDUE, StorageLevel.ALERT),
    (168, StorageLevel.ALERT, StorageLevel.RETURN),
]


@pytest.mark.parametrize(("hours", "before", "after"), BOUNDARIES)
@pytest.mark.parametrize("opening", [DAYTIME, ALWAYS], ids=["daytime", "always"])
def test_a_level_begins_at_its_limit(hours, before, after, opening):
    found = deadlines(STORED, RULES, calendar(opening))

    assert level_at(found, STORED + hours * HOUR - MINUTE) is before
    assert level_at(found, STORED + hours * HOUR) is after


@pytest.mark.parametrize(("hours", "before", "after"), BOUNDARIES)
@pytest.mark.parametrize("passed", [0, 1, 2])
def test_a_closed_day_inside_puts_a_level_off_by_a_day(hours, before, after, passed):
    days_stored = hours // 24
    closed = (STORED + min(passed, days_stored - 1) * DAY).date() + DAY
    found = deadlines(STORED, RULES, calendar(closed=[closed]))

    assert level_at(found, STORED + hours * HOUR + DAY - MINUTE) is before
    assert level_at(found, STORED + hours * HOUR + DAY) is after


@pytest.mark.parametrize(
    ("stored", "overdue"),
    [
        (datetime(2026, 3, 28, 10, 0, tzinfo=BERLIN), "2026-03-30 11:00"),
        (datetime(2026, 10, 24, 10, 0, tzinfo=BERLIN), "2026-10-26 09:00"),
    ],
    ids=["spring", "autumn"],
)
def test_hours_are_real_hours_when_clocks_change(stored, overdue):
    found = deadlines(stored, RULES, calendar(zone=BERLIN))

    assert local(found.overdue_at, BERLIN) == overdue
    assert found.overdue_at - stored.astimezone(UTC) == 48 * HOUR


@pytest.mark.parametrize(
    ("stored", "closed", "length"),
    [
        (datetime(2026, 3, 28, 10, 0, tzinfo=BERLIN), date(2026, 3, 29), 23),
        (datetime(2026, 10, 24, 10, 0, tzinfo=BERLIN), date(2026, 10, 25), 25),
    ],
)
def test_a_closed_day_is_as_long_as_the_clocks_make_it(stored, closed, length):
    found = deadlines(stored, RULES, calendar(ALWAYS, zone=BERLIN, closed=[closed]))

    assert found.overdue_at - stored.astimezone(UTC) == (48 + length) * HOUR
    assert local(found.overdue_at, BERLIN).endswith("10:00")


@pytest.mark.parametrize(
    ("zone", "day"),
    [("America/Santiago", date(2026, 9, 6)), ("Africa/Cairo", date(2026, 4, 24))],
)
def test_a_day_without_a_midnight_is_still_a_day(zone, day):
    where = ZoneInfo(zone)
    noon_before = datetime(day.year, day.month, day.day, 12, tzinfo=where) - DAY
    closed = calendar(ALWAYS, zone=where, closed=[day])

    assert elapsed(noon_before, noon_before + 3 * DAY, closed) == 2 * DAY
    assert deadlines(noon_before, RULES, closed).remind_at == (noon_before + 2 * DAY).astimezone(UTC)


@pytest.mark.parametrize(
    ("stored", "remind"),
    [
        ((16, 9, 0), "2026-11-17 09:00"),
        ((16, 8, 59), "2026-11-17 10:00"),
        ((16, 19, 59), "2026-11-17 19:59"),
        ((16, 20, 0), "2026-11-18 10:00"),
        ((16, 0, 0), "2026-11-17 10:00"),
        ((15, 23, 59), "2026-11-17 10:00"),
    ],
)
def test_a_deadline_outside_opening_hours_waits_for_an_hour_of_opening(stored, remind):
    day, hour, minute = stored
    stored_at = datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)

    assert local(deadlines(stored_at, RULES, calendar()).remind_at) == remind


def test_a_midday_break_does_not_pause_but_moves_the_deadline():
    hours = (Span(time(9), time(12)), Span(time(14), time(20)))
    stored = datetime(2026, 11, 16, 13, 0, tzinfo=SHANGHAI)

    found = deadlines(stored, RULES, calendar(hours))

    assert local(found.remind_at) == "2026-11-17 15:00"
    assert elapsed(stored, stored + DAY, calendar(hours)) == DAY


def test_midnight_before_a_closed_day_is_reached_and_moved_behind_it():
    stored = datetime(2026, 11, 16, 0, 0, tzinfo=SHANGHAI)

    found = deadlines(stored, RULES, calendar(ALWAYS, closed=[TUESDAY]))

    assert local(found.remind_at) == "2026-11-18 01:00"
    assert local(found.overdue_at) == "2026-11-19 00:00"


def test_a_day_that_begins_when_the_time_is_up_is_not_called_skipped():
    stored = datetime(2026, 11, 10, 0, 0, tzinfo=SHANGHAI)

    found = deadlines(stored, RULES, calendar(ALWAYS, closed=[TUESDAY]))

    assert local(found.return_at) == "2026-11-18 01:00"
    assert found.skipped == ()


def test_weekly_rest_and_holidays_run_together():
    found = deadlines(
        datetime(2026, 11, 14, 10, 0, tzinfo=SHANGHAI),
        RULES,
        calendar(rest={SUNDAY.weekday()}, closed=[MONDAY]),
    )

    assert local(found.remind_at) == "2026-11-17 10:00"
    assert local(found.return_at) == "2026-11-24 10:00"
    assert found.skipped == (SUNDAY, MONDAY, date(2026, 11, 22))


def test_time_stored_on_a_closed_day_counts_from_the_next_day():
    found = deadlines(STORED, RULES, calendar(ALWAYS, closed=[MONDAY]))

    assert local(found.remind_at) == "2026-11-18 00:00"
    assert elapsed(STORED, STORED + DAY, calendar(closed=[MONDAY])) == 10 * HOUR


def test_a_make_up_day_opens_a_day_of_rest():
    extra = {SUNDAY: (Span(time(10), time(15)),)}
    stored = datetime(2026, 11, 14, 18, 0, tzinfo=SHANGHAI)

    found = deadlines(stored, RULES, calendar(rest={6}, extra=extra))

    assert SUNDAY not in found.skipped
    assert local(found.remind_at) == "2026-11-16 10:00"


def test_a_date_both_closed_and_open_is_closed():
    both = calendar(closed=[TUESDAY], extra={TUESDAY: DAYTIME})

    assert deadlines(STORED, RULES, both).skipped == (TUESDAY,)


def test_a_special_day_without_hours_is_closed():
    assert deadlines(STORED, RULES, calendar(extra={TUESDAY: ()})).skipped == (TUESDAY,)


def test_a_closure_declared_later_moves_every_future_deadline():
    before = deadlines(STORED, RULES, calendar())
    after = deadlines(STORED, RULES, calendar(closed=[WEDNESDAY]))

    assert after.remind_at == before.remind_at
    assert [late - early for late, early in zip(after.moments, before.moments, strict=True)] == [
        timedelta(0),
        DAY,
        DAY,
        DAY,
    ]


def test_a_station_that_changes_its_zone_counts_the_same_hours_and_its_new_days():
    here = deadlines(STORED, RULES, calendar(ALWAYS))
    there = deadlines(STORED, RULES, calendar(ALWAYS, zone=BERLIN))

    assert here.moments == there.moments
    assert deadlines(STORED, RULES, calendar(ALWAYS, zone=BERLIN, closed=[TUESDAY])).skipped == (TUESDAY,)


def test_an_extension_puts_off_every_level():
    plain = deadlines(STORED, RULES, calendar())
    extended = deadlines(STORED, RULES, calendar(), DAY)

    assert all(late - early == DAY for late, early in zip(extended.moments, plain.moments, strict=True))


def test_levels_keep_their_order_when_one_is_moved_past_the_next():
    stored = datetime(2026, 11, 16, 8, 45, tzinfo=SHANGHAI)

    found = deadlines(stored, StorageRules(24, 25, 72, 168), calendar())

    assert local(found.remind_at) == local(found.overdue_at) == "2026-11-17 10:00"


@pytest.mark.parametrize("closed_for_good", [calendar(()), calendar((), zone=BERLIN)])
def test_a_station_that_never_opens_counts_plain_time(closed_for_good):
    found = deadlines(STORED, RULES, closed_for_good)

    assert [moment - STORED for moment in found.moments] == [h * HOUR for h in RULES.hours]
    assert found.skipped == ()
    assert elapsed(STORED, STORED + 9 * DAY, closed_for_good) == 9 * DAY


def test_a_long_closure_ends_with_its_one_open_day():
    reopening = date(2027, 11, 1)  # 350 days later
    found = deadlines(STORED, RULES, calendar((), extra={MONDAY: DAYTIME, reopening: DAYTIME}))

    assert local(found.remind_at) == "2027-11-01 10:00"
    assert local(found.overdue_at).startswith("2027-11-02")


def test_repeated_hour_moves_a_deadline_to_the_opening_still_ahead():
    night = (Span(time(2, 30), time(6)),)
    second_two_ten = datetime(2026, 10, 25, 2, 10, fold=1, tzinfo=BERLIN).astimezone(UTC)

    found = deadlines(second_two_ten - DAY, RULES, calendar(night, zone=BERLIN))

    assert found.remind_at == second_two_ten + 20 * MINUTE + HOUR


def test_next_due_is_the_deadline_of_the_level_after():
    found = deadlines(STORED, RULES, calendar())

    due = [next_due(found, level) for level in StorageLevel]

    assert due == [*found.moments, None]


def test_ranks_rise():
    assert [level.rank for level in StorageLevel] == [0, 1, 2, 3, 4]


def test_elapsed_is_zero_before_storing():
    assert elapsed(STORED, STORED - HOUR, calendar()) == timedelta(0)


def test_elapsed_stands_still_on_a_closed_day():
    closed = calendar(closed=[TUESDAY])
    noon = datetime(2026, 11, 17, 12, 0, tzinfo=SHANGHAI)

    assert elapsed(STORED, noon, closed) == elapsed(STORED, noon + 12 * HOUR, closed) == 14 * HOUR


def test_explain_tells_what_did_not_count():
    found = explain(StorageLevel.OVERDUE, STORED, rules=RULES, calendar=calendar(closed=[TUESDAY]))

    assert found.at == (STORED + 3 * DAY).astimezone(UTC)
    assert (found.hours, found.extension, found.moved_to_opening) == (48, timedelta(0), False)
    assert found.skipped == (SkippedDay(TUESDAY, 1),)


def test_explain_leaves_out_days_after_the_level():
    found = explain(StorageLevel.REMIND, STORED, rules=RULES, calendar=calendar(closed=[date(2026, 11, 20)]))

    assert found.skipped == ()


def test_explain_tells_of_a_moved_deadline_and_an_extension():
    found = explain(
        StorageLevel.REMIND, STORED, rules=RULES, calendar=calendar(), extension=timedelta(hours=12)
    )

    assert local(found.at) == "2026-11-18 10:00"
    assert (found.extension, found.moved_to_opening) == (12 * HOUR, True)


@pytest.mark.parametrize("level", LEVELS)
def test_explain_names_the_deadline_that_holds(level):
    closed = calendar(rest={6}, closed=[WEDNESDAY])
    found = deadlines(STORED, RULES, closed)

    assert explain(level, STORED, rules=RULES, calendar=closed).at == found.moments[level.rank - 1]


def test_explain_refuses_the_level_without_a_deadline():
    with pytest.raises(ValueError, match="not in tuple"):
        explain(StorageLevel.NONE, STORED, rules=RULES, calendar=calendar())


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="without a zone"):
        deadlines(STORED.replace(tzinfo=None), RULES, calendar())


@pytest.mark.parametrize("hours", [(0, 48, 72, 168), (48, 24, 72, 168), (24, 48, 72, 71), (-1, 1, 2, 3)])
def test_rules_that_fall_are_refused(hours):
    with pytest.raises(ValueError, match="positive"):
        StorageRules(*hours)


@pytest.mark.parametrize(
    ("spans", "valid"),
    [
        ([], True),
        ([(9, 20)], True),
        ([(9, 12), (12, 20)], True),
        ([(0, 0)], True),
        ([(9, 12), (14, 0)], True),
        ([(9, 12), (11, 20)], False),
        ([(14, 20), (9, 12)], False),
        ([(22, 2)], False),
        ([(9, 9)], False),
        ([(9, 0), (14, 20)], False),
    ],
)
def test_opening_hours_rise_within_their_day(spans, valid):
    assert are_valid(tuple(Span(time(opens), time(closes)) for opens, closes in spans)) is valid


@pytest.mark.parametrize("weekly", [(DAYTIME,) * 6, (DAYTIME,) * 6 + ((Span(time(9), time(8)),),)])
def test_a_calendar_with_impossible_weeks_is_refused(weekly):
    with pytest.raises(ValueError, match=r"week|hours"):
        Calendar(SHANGHAI, weekly)
