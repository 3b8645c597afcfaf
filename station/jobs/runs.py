"""The run ledger: one job runs once for one slot of time, over all processes, however often it is called.

A slot whose run failed or died is run again after RETRY_AFTER, so that a full disk at night does not cost the day's
backup. Jobs own their transactions; the ledger's are its own, before and after.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import and_, delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement

from station.core import clock, ids
from station.core.db import connection, reading, transaction
from station.core.failures import describe
from station.core.settings import Settings
from station.jobs.models import JobRun
from station.network import queries as network

RETRY_AFTER = timedelta(hours=1)  # ours: longer than any job of a station takes
KEEP = timedelta(days=30)
AHEAD = timedelta(minutes=1)  # ours: clocks of two machines differ less
FAILED = "failed: "
RESULT_LIMIT = 200

log = logging.getLogger(__name__)


class Rhythm(Protocol):
    """When a job runs: which slot a moment belongs to, and how often to look."""

    @property
    def look_every(self) -> timedelta:
        """How often the scheduler calls the job."""

    def slot(self, now: datetime, zone: ZoneInfo) -> datetime:
        """Return the beginning (UTC) of the slot `now` is in."""


@dataclass(frozen=True, slots=True)
class Every:
    """Run once in each `span`, counted from 1970."""

    span: timedelta

    @property
    def look_every(self) -> timedelta:
        """As often as it runs."""
        return self.span

    def slot(self, now: datetime, zone: ZoneInfo) -> datetime:
        """Return the last multiple of `span`."""
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        return epoch + (now - epoch) // self.span * self.span


@dataclass(frozen=True, slots=True)
class Daily:
    """Run once a day from a local time on; later, when the machine was off then."""

    at: time

    @property
    def look_every(self) -> timedelta:
        """Often, since only looking tells whether today's run is missing."""
        return timedelta(minutes=1)

    def slot(self, now: datetime, zone: ZoneInfo) -> datetime:
        """Return the last time it was `at` in `zone`."""
        local = now.astimezone(zone)
        day = local.date() if local.time() >= self.at else local.date() - timedelta(days=1)
        return datetime.combine(day, self.at, zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Job:
    """One line of the timetable.

    `act` opens its own transactions and returns a few words on what it did.
    `is_due`: a cheap look inside a reading transaction; without work the slot is not even noted.
    """

    id: str
    rhythm: Rhythm
    act: Callable[[Settings], str]
    is_due: Callable[[datetime], bool] = lambda now: True


def run(job: Job, settings: Settings) -> str | None:
    """Run `job` unless its slot was run; return its result, None when there was nothing to do. Never raises."""
    try:
        slot = _open_slot(job)
        return None if slot is None else _run_slot(job, settings, slot)
    except Exception as error:  # noqa: BLE001 - the scheduler's loop: whatever a job does, the others go on
        log.error("job %s: the ledger could not be written: %s", job.id, describe(error))
        return None


def _run_slot(job: Job, settings: Settings, slot: datetime) -> str:
    try:
        result = job.act(settings)
    except Exception as error:  # noqa: BLE001 - a failing job is noted, logged and tried again
        log.error("job %s failed: %s", job.id, describe(error))
        result = FAILED + type(error).__name__
    _note_end(job.id, slot, result)
    return result


def _open_slot(job: Job) -> datetime | None:
    """Take the slot of now for this process; None when nothing is due or the slot was run already."""
    now = clock.now()
    with reading():
        slot = job.rhythm.slot(now, _zone())
        if not job.is_due(now) or not _is_open(job.id, slot, now):
            return None
    ids.hold_node()
    with transaction():
        return slot if _take(job.id, slot, now) else None


def _zone() -> ZoneInfo:
    """Return the zone of the first station; an installation that has none yet lives in UTC."""
    stations = network.stations()
    return ZoneInfo(stations[0].zone) if stations else ZoneInfo("UTC")


def _is_open(job_id: str, slot: datetime, now: datetime) -> bool:
    run = and_(JobRun.slot == slot, ~_may_run_again(now))
    lines = select(JobRun.slot).where(JobRun.job == job_id, or_(run, _is_ahead(now)))
    noted = connection().scalars(lines).all()
    return not noted or max(noted) > now + AHEAD  # a ledger ahead of the clock has to be put right first


def _is_ahead(now: datetime) -> ColumnElement[bool]:
    """Return the condition of lines that a clock noted before it was set back."""
    return JobRun.slot > now + AHEAD


def _may_run_again(now: datetime) -> ColumnElement[bool]:
    unfinished = or_(JobRun.ended_at.is_(None), JobRun.result.startswith(FAILED))
    return and_(JobRun.started_at <= now - RETRY_AFTER, unfinished)


def _take(job_id: str, slot: datetime, now: datetime) -> bool:
    _forget_ahead(job_id, now)
    build = postgresql.insert if connection().dialect.name == "postgresql" else sqlite.insert
    added = build(JobRun).values(job=job_id, slot=slot, started_at=now).on_conflict_do_nothing()
    if connection().execute(added.returning(JobRun.job)).first():
        return True
    again = (
        update(JobRun)
        .where(JobRun.job == job_id, JobRun.slot == slot, _may_run_again(now))
        .values(started_at=now, ended_at=None, result=None)
    )
    return bool(connection().execute(again).rowcount)


def _forget_ahead(job_id: str, now: datetime) -> None:
    """Delete lines that are ahead of the clock, else the same times would count as run when they really come."""
    connection().execute(delete(JobRun).where(JobRun.job == job_id, _is_ahead(now)))


def _note_end(job_id: str, slot: datetime, result: str) -> None:
    with transaction():
        connection().execute(
            update(JobRun)
            .where(JobRun.job == job_id, JobRun.slot == slot)
            .values(ended_at=clock.now(), result=result[:RESULT_LIMIT])
        )


def note(job_id: str, result: str) -> None:
    """Note a run that somebody started by hand, inside the transaction that is open."""
    now = clock.now()
    connection().execute(
        insert(JobRun).values(job=job_id, slot=now, started_at=now, ended_at=now, result=result)
    )


def forget_old(now: datetime) -> int:
    """Delete runs older than KEEP; return how many."""
    return connection().execute(delete(JobRun).where(JobRun.slot < now - KEEP)).rowcount
