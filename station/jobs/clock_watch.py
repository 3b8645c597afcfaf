"""Notices that the wall clock was set, and lets the jobs go on: APScheduler waits until a time of day comes.

Set back by a day it would wait for a day, while a clock that only counts what passes goes on as before.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from apscheduler.schedulers.blocking import BlockingScheduler

from station.core import clock
from station.core.failures import describe

LOOK_EVERY_S = 15.0  # ours: with STEP, the jobs go on within a minute or so
STEP = timedelta(minutes=1)  # ours: a smaller step makes a job late by as much, which it may be

log = logging.getLogger(__name__)


class ClockWatch:
    """Compares the wall clock with one that nobody can set."""

    def __init__(self, elapsed_s: Callable[[], float] = time.monotonic) -> None:
        self._elapsed_s = elapsed_s
        self._beginning = self._look()

    def was_set(self) -> bool:
        """Tell whether the wall clock was set by more than STEP since the last time this was so.

        True also after the machine slept: what passes then is not counted (clock_gettime(2), CLOCK_MONOTONIC).
        """
        beginning = self._look()
        if abs(beginning - self._beginning) <= STEP:
            return False
        self._beginning = beginning
        return True

    def _look(self) -> datetime:
        """Return the time of day at which the other clock began: always the same until the wall clock is set."""
        return clock.now() - timedelta(seconds=self._elapsed_s())


def start(scheduler: BlockingScheduler, renew: Callable[[], None]) -> None:
    """Watch from a thread of its own, for as long as the process lives."""
    watch = ClockWatch()

    def look_for_ever() -> None:
        while True:
            threading.Event().wait(LOOK_EVERY_S)
            try:
                if watch.was_set():
                    go_on(scheduler, renew)
            except Exception as error:  # noqa: BLE001 - a loop: the next look may succeed
                log.error("the clock could not be watched: %s", describe(error))

    threading.Thread(target=look_for_ever, name="clock", daemon=True).start()


def go_on(scheduler: BlockingScheduler, renew: Callable[[], None]) -> None:
    """Renew the lease, whose end was a time of the old clock, then call every job now."""
    log.warning("the clock was set: every job is called now")
    renew()
    for job in scheduler.get_jobs():
        job.modify(next_run_time=clock.now())
