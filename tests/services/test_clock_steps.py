"""The wall clock is set while the scheduler runs: noticed without waiting for it, and the jobs go on."""

from datetime import timedelta
from threading import Event

import pytest
from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers.base import STATE_RUNNING, BaseScheduler

from station.core import clock
from station.jobs import lease, scheduler
from station.jobs.clock_watch import ClockWatch, go_on
from station.jobs.runs import Every, Job
from station.jobs.scheduler import Keeper, Steady, within
from tests.services.winding import NOON, Clock

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOURS = timedelta(hours=5)
YEARS = timedelta(days=20 * 365)
LOOK = MINUTE / 4


class Time:
    """Time that passes: on the wall clock, and on the clock that nobody can set."""

    def __init__(self):
        self.wall = Clock()
        self.passed_s = 1000.0

    def pass_by(self, span):
        self.wall.wind(span)
        self.passed_s += span.total_seconds()


@pytest.fixture
def time():
    passing = Time()
    with clock.use(passing.wall):
        yield passing


# Noticing.


@pytest.fixture
def watch(time):
    return ClockWatch(elapsed_s=lambda: time.passed_s)


@pytest.mark.parametrize("step", [-YEARS, -HOURS, -1.5 * MINUTE, 1.5 * MINUTE, YEARS])
def test_a_clock_that_was_set_is_noticed_once(time, watch, step):
    time.pass_by(LOOK)
    before = watch.was_set()
    time.wall.wind(step)
    time.pass_by(LOOK)
    noticed = watch.was_set()
    time.pass_by(LOOK)

    assert (before, noticed, watch.was_set()) == (False, True, False)


def test_time_that_passes_is_no_step(time, watch):
    time.pass_by(HOURS)

    assert not watch.was_set()


def test_small_steps_count_together(time, watch):
    noticed = []
    for _ in range(5):
        time.wall.wind(-15 * SECOND)
        noticed.append(watch.was_set())

    assert noticed == [False, False, False, False, True]


# Going on. APScheduler waits for the wall clock, so it is shown the one that is wound.


@pytest.fixture
def calls():
    return []


@pytest.fixture
def keeper():
    return Keeper("one")


@pytest.fixture
def built(app, time, keeper, calls, monkeypatch):
    """A scheduler with one job, running as far as its loop, which the tests turn by hand."""
    monkeypatch.setattr("apscheduler.schedulers.base.datetime", WallTime(time.wall))
    job = Job("a_job", Every(MINUTE), lambda settings: calls.append(clock.now()) or "done")
    made = scheduler.build(app, keeper, [job], settings=app.config["SETTINGS"])
    made.add_executor(DebugExecutor())
    made._event = Event()
    BaseScheduler.start(made, paused=True)
    made.state = STATE_RUNNING
    keeper.renew()
    made._process_jobs()
    assert calls == [NOON]
    return made


class WallTime:
    """Says the time as APScheduler asks for it."""

    def __init__(self, wall):
        self._wall = wall

    def now(self, zone):
        return self._wall().astimezone(zone)


@pytest.fixture
def after_step(app, built, keeper):
    return lambda: go_on(built, within(app, keeper.renew))


def test_without_help_the_scheduler_would_wait_until_the_old_time_comes_again(time, built, calls):
    time.pass_by(MINUTE)
    time.wall.wind(-HOURS)

    assert built._process_jobs() > 3600
    assert calls == [NOON]


@pytest.mark.parametrize("step", [-HOURS, -YEARS, HOURS, YEARS])
def test_jobs_go_on_at_once_when_the_clock_was_set(time, built, after_step, calls, step):
    time.pass_by(MINUTE)
    time.wall.wind(step)
    now = time.wall()
    after_step()
    wait_s = built._process_jobs()

    assert calls == [NOON, now]
    assert wait_s == lease.RENEW_EVERY.total_seconds()


@pytest.mark.parametrize("step", [-HOURS, HOURS])
def test_jobs_keep_their_rhythm_after_it(time, built, after_step, calls, step):
    time.wall.wind(step)
    after_step()
    for _ in range(18):
        built._process_jobs()
        time.pass_by(10 * SECOND)

    assert [moment - NOON - step for moment in calls[1:]] == [0 * MINUTE, MINUTE, 2 * MINUTE]


def test_years_that_were_skipped_are_one_call(time):
    """APScheduler's own trigger lists every call that was missed: 126 million for 20 years of every five seconds."""
    every = Steady(seconds=5)
    now = NOON + YEARS + 2 * SECOND

    assert every.get_next_fire_time(NOON, now) == NOON + YEARS + 5 * SECOND
    assert every.get_next_fire_time(NOON, NOON) == NOON + 5 * SECOND
    assert every.get_next_fire_time(None, NOON) == NOON


def test_a_late_call_is_never_left_out(time, built, calls):
    """The ledger knows what was done, so a call that comes hours late still looks."""
    time.pass_by(HOURS)
    built._process_jobs()  # the lease is renewed first
    time.pass_by(MINUTE)
    built._process_jobs()

    assert calls[-1] == NOON + HOURS + MINUTE


def test_a_lease_of_the_future_is_not_held(time, keeper, app):
    """Another machine may have taken it by then: its clock was not set."""
    keeper.renew()
    time.wall.wind(-HOURS)

    assert not keeper.holds()
    keeper.renew()
    assert keeper.holds()
