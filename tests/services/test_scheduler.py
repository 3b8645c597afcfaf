"""The scheduler with its clock faked: leases, slots, failures, and each job of the timetable."""

import logging
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import select

from station.core import clock
from station.core.db import connection, reading, transaction
from station.jobs import lease, runs, scheduler, timetable
from station.jobs.models import JobRun
from station.jobs.runs import RETRY_AFTER, Daily, Every, Job
from station.jobs.scheduler import Keeper
from tests.services.winding import NOON, Clock

SHANGHAI = ZoneInfo("Asia/Shanghai")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def wound(app):
    hand = Clock()
    with clock.use(hand):
        yield hand


@pytest.fixture
def settings(app):
    return app.config["SETTINGS"]


EACH_MINUTE = Every(MINUTE)


def job(act=lambda settings: "done", rhythm=EACH_MINUTE, **more):
    return Job("a_job", rhythm, act, **more)


def counting():
    calls = []
    return calls, job(lambda settings: calls.append(1) or "done")


def ledger():
    with reading():
        return connection().execute(select(JobRun.job, JobRun.slot, JobRun.ended_at, JobRun.result)).all()


# Slots.


def test_every_counts_from_the_epoch():
    assert Every(5 * MINUTE).slot(NOON + timedelta(minutes=7), SHANGHAI) == NOON + 5 * MINUTE


@pytest.mark.parametrize(
    ("local", "day"),
    [("2026-11-21 02:59", 20), ("2026-11-21 03:00", 21), ("2026-11-21 23:59", 21)],
)
def test_daily_begins_at_a_local_time(local, day):
    now = datetime.fromisoformat(local).replace(tzinfo=SHANGHAI)

    slot = Daily(time(3)).slot(now.astimezone(UTC), SHANGHAI)

    assert slot == datetime(2026, 11, day, 3, tzinfo=SHANGHAI)


def test_daily_has_one_slot_a_day_when_clocks_change():
    zone = ZoneInfo("Europe/Berlin")
    start = datetime(2026, 10, 24, 12, tzinfo=UTC)
    slots = {Daily(time(2, 30)).slot(start + number * 10 * MINUTE, zone) for number in range(2 * 144)}

    assert len(slots) == 3


# Runs.


def test_slot_runs_once(wound, settings):
    calls, one = counting()
    runs.run(one, settings)
    again = runs.run(one, settings)

    assert calls == [1]
    assert again is None


def test_next_slot_runs_again(wound, settings):
    calls, one = counting()
    runs.run(one, settings)
    wound.wind(MINUTE)
    runs.run(one, settings)

    assert len(calls) == 2


def test_a_clock_that_was_set_back_does_not_stop_the_jobs(wound, settings):
    """Whatever ran while it was ahead is no reason to leave out the same times when they really come."""
    calls, one = counting()
    for _ in range(5):
        runs.run(one, settings)
        wound.wind(MINUTE)
    wound.wind(-4.5 * MINUTE)
    for _ in range(5):
        runs.run(one, settings)
        runs.run(one, settings)
        wound.wind(MINUTE)

    assert len(calls) == 8  # the two slots around the moment it was set back to count as run
    assert max(line.slot for line in ledger()) <= clock.now()


def test_run_is_noted_with_its_result(wound, settings):
    runs.run(job(lambda settings: "x" * 500), settings)

    [line] = ledger()
    assert (line.job, line.slot, line.ended_at) == ("a_job", NOON, NOON)
    assert line.result == "x" * 200


def test_job_without_work_leaves_no_line(wound, settings):
    runs.run(job(is_due=lambda now: False), settings)

    assert ledger() == []


def test_failing_job_is_logged_and_noted(wound, settings, caplog):
    def fail(settings):
        raise ZeroDivisionError

    with caplog.at_level(logging.ERROR):
        result = runs.run(job(fail), settings)

    assert result == "failed: ZeroDivisionError"
    assert "a_job" in caplog.text
    assert ledger()[0].result == result


def test_failed_slot_runs_again_after_a_while(wound, settings):
    calls = []

    def fail_once(settings):
        calls.append(1)
        if len(calls) == 1:
            raise OSError
        return "done"

    nightly = job(fail_once, Daily(time(3)))
    runs.run(nightly, settings)
    soon = runs.run(nightly, settings)
    wound.wind(RETRY_AFTER)
    later = runs.run(nightly, settings)
    wound.wind(RETRY_AFTER)
    after = runs.run(nightly, settings)

    assert (soon, later, after) == (None, "done", None)


def test_slot_whose_process_died_runs_again_after_a_while(wound, settings):
    def die(settings):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        runs.run(job(die, Daily(time(3))), settings)
    nightly = job(rhythm=Daily(time(3)))
    soon = runs.run(nightly, settings)
    wound.wind(RETRY_AFTER)
    later = runs.run(nightly, settings)

    assert (soon, later) == (None, "done")


def test_ledger_that_cannot_be_read_stops_nothing(wound, settings, caplog):
    def explode(now):
        raise RuntimeError

    with caplog.at_level(logging.ERROR):
        assert runs.run(job(is_due=explode), settings) is None
    assert "ledger" in caplog.text


def test_daily_job_follows_the_stations_zone(station, wound, settings):
    runs.run(job(rhythm=Daily(time(3))), settings)

    assert ledger()[0].slot == datetime(2026, 11, 21, 3, tzinfo=SHANGHAI)


def test_old_lines_are_forgotten(wound, settings):
    runs.run(job(), settings)
    wound.wind(runs.KEEP + MINUTE)
    runs.run(job(), settings)
    with transaction():
        forgotten = runs.forget_old(clock.now())

    assert forgotten == 1
    assert len(ledger()) == 1


def test_slot_taken_by_another_process_at_the_same_moment_is_left_to_it(wound, settings, monkeypatch):
    calls, one = counting()
    runs.run(one, settings)
    monkeypatch.setattr(runs, "_is_open", lambda job_id, slot, now: True)

    assert runs.run(one, settings) is None
    assert calls == [1]


# The lease.


def take(owner):
    with transaction():
        return lease.take(owner, clock.now())


def test_lease_has_one_holder(wound):
    assert [take("one"), take("two"), take("one")] == [True, False, True]


def test_standby_takes_over_when_the_lease_ran_out(wound):
    take("one")
    wound.wind(lease.LENGTH - MINUTE / 60)
    early = take("two")
    wound.wind(MINUTE / 60)

    assert (early, take("two"), take("one")) == (False, True, False)


def test_renewed_lease_does_not_run_out(wound):
    take("one")
    for _ in range(10):
        wound.wind(lease.RENEW_EVERY)
        assert take("one")

    assert not take("two")


def test_lease_of_a_clock_that_was_ahead_is_no_lease(wound):
    wound.wind(timedelta(days=1))
    take("one")
    wound.wind(-timedelta(days=1))

    assert take("two")


def test_returned_lease_is_free_at_once(wound):
    take("one")
    with transaction():
        lease.give_back("two")
    held = take("two")
    with transaction():
        lease.give_back("one")

    assert (held, take("two")) == (False, True)


def test_keeper_works_only_while_it_holds(wound, settings):
    first, second = Keeper("one"), Keeper("two")
    calls, one = counting()
    first.renew()
    second.renew()
    scheduler.tick(first, one, settings)()
    wound.wind(MINUTE)
    second.renew()
    scheduler.tick(first, one, settings)()
    stalled = len(calls)
    scheduler.tick(second, one, settings)()

    assert (stalled, len(calls)) == (1, 2)


def test_keeper_stops_before_its_lease_ends(wound):
    keeper = Keeper("one")
    keeper.renew()
    wound.wind(lease.LENGTH - lease.MARGIN)

    assert not keeper.holds()
    assert not take("two")


def test_keeper_survives_a_database_that_does_not_answer(wound, monkeypatch, caplog):
    keeper = Keeper("one")
    keeper.renew()
    monkeypatch.setattr(lease, "take", lambda owner, now: 1 / 0)
    with caplog.at_level(logging.ERROR):
        keeper.renew()

    assert keeper.holds()
    assert "could not be renewed" in caplog.text


def test_keeper_gives_back(wound):
    keeper = Keeper("one")
    keeper.renew()
    keeper.give_back()

    assert take("two")


# The scheduler.


def test_every_job_is_scheduled_with_its_rhythm(app, settings):
    built = scheduler.build(app, Keeper("one"), timetable.JOBS, settings=settings)
    triggers = {one.id: one.trigger for one in built.get_jobs()}

    assert triggers.keys() == {"lease", *(one.id for one in timetable.JOBS)}
    assert all(isinstance(trigger, IntervalTrigger) for trigger in triggers.values())
    assert triggers["outbox"].interval == timedelta(seconds=5)


def test_missed_calls_become_one_that_is_never_too_late(app, settings):
    built = scheduler.build(app, Keeper("one"), timetable.JOBS, settings=settings)

    assert built._job_defaults == {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}


def test_jobs_have_names_of_their_own():
    assert len({one.id for one in timetable.JOBS}) == len(timetable.JOBS)


def test_each_call_has_a_session_of_its_own(app, settings):
    seen = []
    scheduler.within(app, lambda: seen.append(connection()))()

    assert len(seen) == 1
