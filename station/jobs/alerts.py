"""Telling whoever runs the installation that something needs them, through Apprise.

An alert says what and how many, never who: it leaves the house by services that we know nothing of. One a kind and
hour, over all processes; one that could not be told is tried again at the next look.
"""

import logging
from datetime import datetime, timedelta
from enum import StrEnum

from apprise import Apprise
from sqlalchemy import func, select

from station.backups import queries as backups
from station.core import clock, throttle
from station.core.db import connection, reading, transaction
from station.core.errors import StationError
from station.core.settings import Settings
from station.events.models import OutboxMessage
from station.events.outbox import NO_CHANNEL, MessageState
from station.events.verify import verify
from station.jobs.models import JobRun
from station.jobs.runs import FAILED
from station.kiosks import watch_queries as kiosks
from station.ledger import proof
from station.network import queries as network
from station.network.models import Station
from station.tracking import queries as tracking

QUIET = timedelta(hours=1)
TITLE = "Stationmaster"
ANCHORS = "anchors"  # the job whose failure may mean that an anchor was tampered with
RESTARTS = 3  # in a row: once is an accident, three times is a fault that stays

log = logging.getLogger(__name__)


class Kind(StrEnum):
    """What an alert is about."""

    DEAD_LETTERS = "dead_letters"
    DEAD_WEBHOOKS = "dead_webhooks"
    OLD_BACKUP = "old_backup"
    RESTARTS = "restarts"
    CUSTODY = "custody"
    SILENT_KIOSKS = "silent_kiosks"


WORDS: dict[Kind, str] = {
    Kind.DEAD_LETTERS: "Messages that could not be delivered in the last hour: {number}. The managers see them.",
    Kind.DEAD_WEBHOOKS: "Events that carriers could not be told in the last hour: {number}. The managers see them.",
    Kind.OLD_BACKUP: "The newest backup is more than {number} hours old, or there is none.",
    Kind.RESTARTS: "The scheduler ended {number} times in a row. Messages and deadlines wait for it.",
    Kind.SILENT_KIOSKS: "Kiosks that fell silent in the last hour: {number}. Look at their power and network.",
    Kind.CUSTODY: "The custody log of {number} station(s) is not whole, or an anchor does not fit. Run: station verify",
}


def tell(settings: Settings, kind: Kind, number: int) -> bool:
    """Tell the operators; False when nobody is to be told, they were told lately, or it did not work."""
    if not settings.alert_urls or not _claim(kind):
        return False
    if _deliver(settings.alert_urls, WORDS[kind].format(number=number)):
        log.warning("operators were told: %s", kind)
        return True
    log.error("operators could not be told: %s", kind)
    with transaction():
        throttle.forgive(_key(kind))
    return False


def _key(kind: Kind) -> str:
    return f"alert {kind}"


def _claim(kind: Kind) -> bool:
    """Take the hour of this kind; False when another process or an earlier alert has it."""
    try:
        with transaction():
            throttle.check(_key(kind), limit=1, window=QUIET)
            throttle.count(_key(kind), window=QUIET)
    except StationError:
        return False
    return True


def _deliver(urls: tuple[str, ...], body: str) -> bool:
    # Its own log quotes addresses, and those hold passwords.
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    told = Apprise()
    understood = [told.add(url) for url in urls]
    return bool(told.notify(title=TITLE, body=body)) and all(understood)


def look(settings: Settings) -> str:
    """Tell of whatever needs somebody now."""
    now = clock.now()
    with reading():
        dead, is_backup_old, are_anchors_broken = _dead(now), _is_backup_old(now), _are_anchors_broken()
        silent = kiosks.silent_calls(since=now - QUIET)
        untold = tracking.given_up(since=now - QUIET)
    found = [
        (Kind.DEAD_LETTERS, dead, bool(dead)),
        (Kind.DEAD_WEBHOOKS, untold, bool(untold)),
        (Kind.OLD_BACKUP, int(backups.OLD_AFTER.total_seconds() // 3600), is_backup_old),
        (Kind.CUSTODY, 1, are_anchors_broken),
        (Kind.SILENT_KIOSKS, silent, bool(silent)),
    ]
    told = [tell(settings, kind, number) for kind, number, is_so in found if is_so]
    return f"{sum(told)} told"


def _dead(now: datetime) -> int:
    """Count messages given up within QUIET; the call list is staff's own."""
    # Dead ones keep the end of their last claim.
    lately = OutboxMessage.due_at.between(now - QUIET, now + QUIET)
    dead = (OutboxMessage.state == MessageState.DEAD.value, OutboxMessage.failure != NO_CHANNEL)
    return connection().scalar(select(func.count()).where(*dead, lately)) or 0


def _is_backup_old(now: datetime) -> bool:
    """Tell whether a backup is missing; an installation younger than one should be has none yet."""
    began = connection().scalar(select(func.min(Station.created_at)))
    return began is not None and now - began > backups.OLD_AFTER and backups.is_old(now)


def _are_anchors_broken() -> bool:
    newest = select(JobRun.result).where(JobRun.job == ANCHORS, JobRun.ended_at.is_not(None))
    result = connection().scalar(newest.order_by(JobRun.slot.desc()).limit(1))
    return bool(result and result.startswith(FAILED))


def verify_logs(settings: Settings) -> str:
    """Prove every station's custody log and ledger; tell the operators of those that are not whole."""
    with reading():
        stations = network.stations()
    broken = sum(not _is_whole(station.id) for station in stations)
    if broken:
        tell(settings, Kind.CUSTODY, broken)
    return f"{len(stations) - broken} whole, {broken} broken"


def _is_whole(station_id: int) -> bool:
    with reading():
        report = verify(station_id)
        fault = proof.first_fault(station_id)
    if not report.is_whole:
        log.error("the custody log of station %s is not whole", station_id)
    if fault:
        log.error("the ledger of station %s is not what was posted: %s", station_id, proof.explain(fault))
    return report.is_whole and fault is None
