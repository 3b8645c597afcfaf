"""Whether the scheduler lives."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from station.core.db import connection
from station.jobs.models import JobRun

HEARTBEAT = "heartbeat"
HEARTBEAT_EVERY = timedelta(minutes=1)
SILENT_AFTER = 3 * HEARTBEAT_EVERY  # two beats may be missed: a restart, a lease passing to a standby


def last_heartbeat() -> datetime | None:
    """Return when the scheduler last said that it lives."""
    return connection().scalar(select(func.max(JobRun.started_at)).where(JobRun.job == HEARTBEAT))


def is_alive(now: datetime) -> bool:
    """Tell whether the scheduler said so lately."""
    beat = last_heartbeat()
    return beat is not None and now - beat <= SILENT_AFTER
