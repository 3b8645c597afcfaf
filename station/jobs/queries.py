"""Reads of the scheduler's ledger."""

from datetime import datetime

from sqlalchemy import func, select

from station.core.db import db
from station.jobs.models import JobRun


def last_run_at() -> datetime | None:
    """Return when a job was last begun, None before the first."""
    return db.session.scalar(select(func.max(JobRun.started_at)))
