"""`python -m station.jobs`: the scheduler process. Ends cleanly on SIGTERM and SIGINT, after the jobs that run.

With `--attached` it also ends when its standard input closes: with the process that started it.
"""

import logging
import os
import signal
import sys
import threading
from types import FrameType

from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from station.core import schema
from station.core.db import reading
from station.core.schema import Fit
from station.core.settings import SettingsError, load_settings
from station.jobs import clock_watch, lease
from station.jobs.scheduler import Keeper, build, within
from station.jobs.timetable import JOBS
from station.web.factory import create_app


def main() -> None:
    """Run until told to stop; exit 1 with a sentence when the installation cannot start."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)  # it would log every look of every job
    try:
        settings = load_settings()
    except SettingsError as error:
        sys.exit(f"The scheduler cannot start: {error}")
    app = create_app(settings)
    if _is_outdated(app):
        sys.exit(f"The scheduler cannot start: {schema.OUTDATED}")
    keeper = Keeper(lease.new_owner())
    scheduler = build(app, keeper, JOBS, settings=settings)
    _stop_on_signals(scheduler)
    if "--attached" in sys.argv:
        threading.Thread(target=_stop_with_parent, name="parent", daemon=True).start()
    clock_watch.start(scheduler, within(app, keeper.renew))
    with app.app_context():
        try:
            keeper.renew()
            scheduler.start()
        finally:
            keeper.give_back()


def _is_outdated(app: Flask) -> bool:
    """Tell whether the jobs would find other tables than they know; a database that is away is waited for."""
    try:
        with app.app_context(), reading():
            return schema.look().fit is Fit.OUTDATED
    except SQLAlchemyError:
        return False


def _stop_on_signals(scheduler: BlockingScheduler) -> None:
    stopping = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        if stopping.is_set():
            return
        stopping.set()
        if not scheduler.running:
            sys.exit(0)
        # In a thread, because the handler interrupts the scheduler's own loop, perhaps while it holds its locks.
        threading.Thread(target=scheduler.shutdown, name="stop").start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


def _stop_with_parent() -> None:
    os.read(0, 1)  # nothing is ever written: this returns when the other end is gone
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
