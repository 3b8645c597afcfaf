"""Whether this installation works: the database answers, and when the scheduler last began a job."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from station.core.db import reading
from station.jobs import queries as jobs


@dataclass(frozen=True, slots=True)
class Health:
    """The state of the installation."""

    database_works: bool
    job_ran_at: datetime | None

    def as_json(self) -> dict[str, object]:
        """Return the body of GET /healthz."""
        if not self.database_works:
            return {
                "status": "failing",
                "database": "failing",
                "scheduler": {"state": "unknown", "last_run_at": None},
            }
        ran_at = self.job_ran_at
        scheduler = {
            "state": "ran" if ran_at else "never",
            "last_run_at": ran_at.isoformat() if ran_at else None,
        }
        return {"status": "ok", "database": "ok", "scheduler": scheduler}


def look() -> Health:
    """Ask the database; a failure is an answer here, not an exception."""
    try:
        with reading():
            ran_at = jobs.last_run_at()
    except (SQLAlchemyError, TimeoutError):
        return Health(database_works=False, job_ran_at=None)
    return Health(database_works=True, job_ran_at=ran_at)
