"""When the last backup was made, for the reminder on screen."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from station.core.db import connection
from station.jobs.models import JobRun

BACKUP = "backup"
MADE = "made "  # how the result of a successful run begins
OLD_AFTER = timedelta(hours=48)  # one nightly backup may be missed (issue: a reminder after 48 h)


def newest() -> datetime | None:
    """Return when the newest backup was made, by the nightly job or by hand; None when there is none."""
    made = select(func.max(JobRun.ended_at)).where(JobRun.job == BACKUP, JobRun.result.startswith(MADE))
    return connection().scalar(made)


def is_old(now: datetime) -> bool:
    """Tell whether the screens should remind: the newest backup is older than OLD_AFTER, or there is none."""
    made_at = newest()
    return made_at is None or now - made_at > OLD_AFTER
