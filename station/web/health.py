"""Whether this installation works: the database answers, and the scheduler says that it lives."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.exc import SQLAlchemyError

from station.core import clock
from station.core.db import reading
from station.jobs import queries as jobs


class SchedulerState(StrEnum):
    """What is known of the scheduler: nothing yet, that it works, that it stopped, or nothing at all."""

    NEVER = "never"
    RUNNING = "running"
    SILENT = "silent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Health:
    """The state of the installation."""

    database_works: bool
    scheduler: SchedulerState
    last_run_at: datetime | None

    def as_json(self) -> dict[str, object]:
        """Return the body of GET /healthz."""
        word = "ok" if self.database_works else "failing"
        last = self.last_run_at.isoformat() if self.last_run_at else None
        return {"status": word, "database": word, "scheduler": {"state": self.scheduler, "last_run_at": last}}


def look() -> Health:
    """Ask the database; a failure is an answer here, not an exception."""
    try:
        with reading():
            last = jobs.last_heartbeat()
    except (SQLAlchemyError, TimeoutError):
        return Health(database_works=False, scheduler=SchedulerState.UNKNOWN, last_run_at=None)
    return Health(database_works=True, scheduler=_state(last), last_run_at=last)


def _state(last: datetime | None) -> SchedulerState:
    if last is None:
        return SchedulerState.NEVER
    is_late = clock.now() - last > jobs.SILENT_AFTER
    return SchedulerState.SILENT if is_late else SchedulerState.RUNNING
