"""The lease by which one scheduler process works while others stand by: a row with an owner and an end.

Taken and renewed by conditional statements, alike on SQLite and PostgreSQL, so two processes never hold it at once as
long as their clocks differ by less than MARGIN. Jobs are safe to run twice all the same (runs.py).
"""

import os
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, update
from sqlalchemy.dialects import postgresql, sqlite

from station.core.db import connection
from station.jobs.models import SchedulerLease

LENGTH = timedelta(seconds=30)  # how long a dead scheduler is missed; ours: a message may wait half a minute
RENEW_EVERY = LENGTH / 3  # two renewals may fail before the lease is lost
MARGIN = timedelta(seconds=2)  # the holder stops this much early
NAME = "scheduler"


def new_owner() -> str:
    """Return a name for this process that no other process has."""
    return f"{os.getpid()}-{secrets.token_hex(8)}"


def take(owner: str, now: datetime) -> bool:
    """Take or renew the lease; False while another process holds it."""
    values = {"owner": owner, "until": now + LENGTH}
    # Nobody leases for longer: such an end is of a clock that has been set back since.
    is_ahead = SchedulerLease.until > now + LENGTH + MARGIN
    free_or_mine = or_(SchedulerLease.owner == owner, SchedulerLease.until <= now, is_ahead)
    renewed = connection().execute(
        update(SchedulerLease).where(SchedulerLease.name == NAME, free_or_mine).values(values)
    )
    if renewed.rowcount:
        return True
    build = postgresql.insert if connection().dialect.name == "postgresql" else sqlite.insert
    added = build(SchedulerLease).values(name=NAME, **values).on_conflict_do_nothing()
    return connection().execute(added.returning(SchedulerLease.name)).first() is not None


def give_back(owner: str) -> None:
    """End the lease if it is ours, so that a standby takes over at its next try."""
    ours = delete(SchedulerLease).where(SchedulerLease.name == NAME, SchedulerLease.owner == owner)
    connection().execute(ours)
