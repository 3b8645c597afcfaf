"""The scheduler: calls each job of the timetable in its rhythm, while this process holds the lease."""

import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask

from station.core import clock
from station.core.db import transaction
from station.core.failures import describe
from station.core.settings import Settings
from station.jobs import lease, runs
from station.jobs.runs import Job

log = logging.getLogger(__name__)


class Steady(IntervalTrigger):  # type: ignore[misc] # APScheduler carries no types
    """Calls in a rhythm; what was missed, by sleep or by a clock that was set, is one call.

    APScheduler's own lists every missed call before it makes them one: hours of work after years (a clock without
    battery that gets the right time).
    """

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Return the first beat after `now`."""
        if previous_fire_time is None:
            return now
        every: timedelta = self.interval
        missed = max((now - previous_fire_time) // every, 0)
        return previous_fire_time + (missed + 1) * every


class Keeper:
    """Holds the lease for this process."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._since = self._until = datetime.min.replace(tzinfo=UTC)
        self._works: bool | None = None  # as logged last

    def renew(self) -> None:
        """Take or renew the lease; a database that does not answer leaves the old end standing."""
        now = clock.now()
        try:
            with transaction():
                taken = lease.take(self._owner, now)
        except Exception as error:  # noqa: BLE001 - a loop: tried again, and nothing runs after the lease
            log.error("the scheduler's lease could not be renewed: %s", describe(error))
            return
        self._since = now
        self._until = now + lease.LENGTH - lease.MARGIN if taken else now
        if taken is not self._works:
            self._works = taken
            log.info("this scheduler %s", "works" if taken else "stands by")

    def holds(self) -> bool:
        """Whether this process may work now: not either when its lease is of a clock that was set back since."""
        return self._since <= clock.now() < self._until

    def give_back(self) -> None:
        """Let a standby take over at once; when the database does not answer it waits until the lease ends."""
        try:
            with transaction():
                lease.give_back(self._owner)
        except Exception as error:  # noqa: BLE001 - the process ends in any case
            log.error("the scheduler's lease could not be given back: %s", describe(error))


def build(app: Flask, keeper: Keeper, jobs: Iterable[Job], *, settings: Settings) -> BlockingScheduler:
    """Return a scheduler that is ready to start; all jobs are called once at the start."""
    scheduler = BlockingScheduler(
        timezone=UTC,
        # No call is too late: the ledger knows whether the job has to run.
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    _add(scheduler, "lease", lease.RENEW_EVERY, within(app, keeper.renew))
    for job in jobs:
        _add(scheduler, job.id, job.rhythm.look_every, within(app, tick(keeper, job, settings)))
    return scheduler


def tick(keeper: Keeper, job: Job, settings: Settings) -> Callable[[], None]:
    """Return what the scheduler calls for `job`: a run, if this process holds the lease."""

    def call() -> None:
        if keeper.holds():
            runs.run(job, settings)

    return call


def within(app: Flask, act: Callable[[], None]) -> Callable[[], None]:
    """Return `act` inside the application's context, which gives each call a database session of its own."""

    def call() -> None:
        with app.app_context():
            act()

    return call


def _add(scheduler: BlockingScheduler, name: str, every: timedelta, call: Callable[[], None]) -> None:
    trigger = Steady(seconds=every.total_seconds(), timezone=UTC)
    scheduler.add_job(call, trigger, id=name, name=name, next_run_time=clock.now())
