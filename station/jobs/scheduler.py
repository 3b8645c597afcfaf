"""The scheduler: calls each job of the timetable in its rhythm, while this process holds the lease."""

import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask

from station.core import clock
from station.core.db import transaction
from station.core.failures import describe
from station.core.settings import Settings
from station.jobs import lease, runs
from station.jobs.runs import Job

MISFIRE_GRACE_S = 300  # a job called five minutes late still runs: the ledger knows whether it has to

log = logging.getLogger(__name__)


class Keeper:
    """Holds the lease for this process."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._until = datetime.min.replace(tzinfo=UTC)
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
        self._until = now + lease.LENGTH - lease.MARGIN if taken else now
        if taken is not self._works:
            self._works = taken
            log.info("this scheduler %s", "works" if taken else "stands by")

    def holds(self) -> bool:
        """Whether this process may work now."""
        return clock.now() < self._until

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
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": MISFIRE_GRACE_S},
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
    scheduler.add_job(
        call, "interval", seconds=every.total_seconds(), id=name, name=name, next_run_time=clock.now()
    )
