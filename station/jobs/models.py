"""Tables of the scheduler: which job ran for which slot, who holds the lease, and when a backup was made."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from station.core.db import Base, UtcDateTime


class JobRun(Base):
    """One job run for one slot of time; the key makes a second run of the same slot impossible."""

    __tablename__ = "job_runs"

    job: Mapped[str] = mapped_column(String(40), primary_key=True)
    slot: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    result: Mapped[str | None] = mapped_column(String(200))


class SchedulerLease(Base):
    """Which scheduler process works now; a standby takes over when the lease runs out."""

    __tablename__ = "scheduler_leases"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    until: Mapped[datetime] = mapped_column(UtcDateTime)
