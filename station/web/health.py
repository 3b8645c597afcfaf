"""Whether this installation works: the database answers and fits the program, and the scheduler says that it lives.

Also what keeps a program that was started before `flask --app app station upgrade` from touching older tables.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flask import Flask, Response, current_app, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from station.core import clock, i18n, schema
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.schema import Fit
from station.jobs import queries as jobs
from station.jobs.runs import AHEAD
from station.web import language

SILENT = "The database does not answer."
FITS = "schema_fits"  # kept with the application: tables never become older


class SchedulerState(StrEnum):
    """What is known of the scheduler: nothing yet, that it works, that it stopped, or nothing at all."""

    NEVER = "never"
    RUNNING = "running"
    SILENT = "silent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Health:
    """The state of the installation; `reason` says to machines and operators why the database does not work."""

    database_works: bool
    scheduler: SchedulerState
    last_run_at: datetime | None
    reason: str | None = None

    def as_json(self) -> dict[str, object]:
        """Return the body of GET /healthz."""
        word = "ok" if self.database_works else "failing"
        last = self.last_run_at.isoformat() if self.last_run_at else None
        scheduler = {"state": self.scheduler, "last_run_at": last}
        reason = {"reason": self.reason} if self.reason else {}
        return {"status": word, "database": word, "scheduler": scheduler, **reason}


def install(app: Flask) -> None:
    """Put the look at the tables before every other hook of `app`: those ask the database."""
    app.before_request(_need_tables)


def _need_tables() -> ResponseReturnValue | None:
    """Answer /healthz, and refuse everything else but static files while the tables are older than the program."""
    if request.endpoint == "web.healthz":
        answer: Response = current_app.view_functions["web.healthz"]()  # type: ignore[assignment] # it is no coroutine
        return answer
    if request.endpoint == "static" or current_app.extensions.get(FITS):
        return None
    with reading():
        is_outdated = schema.look().fit is Fit.OUTDATED
    if is_outdated:
        i18n.set_language(language.choose(None, None))  # nobody can be looked up yet
        raise StationError(
            "database_outdated",
            _(
                "Stationmaster was updated, but its database was not yet. Whoever looks after this computer has to"
                " run “flask --app app station upgrade”."
            ),
        )
    current_app.extensions[FITS] = True
    return None


def look() -> Health:
    """Ask the database; a failure is an answer here, not an exception."""
    try:
        with reading():
            if schema.look().fit is Fit.OUTDATED:
                return _failing(schema.OUTDATED)
            last = jobs.last_heartbeat()
    except (SQLAlchemyError, TimeoutError):
        return _failing(SILENT)
    return Health(database_works=True, scheduler=_state(last), last_run_at=last)


def _failing(reason: str) -> Health:
    return Health(database_works=False, scheduler=SchedulerState.UNKNOWN, last_run_at=None, reason=reason)


def _state(last: datetime | None) -> SchedulerState:
    if last is None:
        return SchedulerState.NEVER
    # A beat from the future is of a clock that was set back since; only clocks of two machines differ a little.
    is_lately = -AHEAD <= clock.now() - last <= jobs.SILENT_AFTER
    return SchedulerState.RUNNING if is_lately else SchedulerState.SILENT
