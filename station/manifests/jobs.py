"""What the scheduler does for manifests: importing files step by step, forgetting old ones, reporting what never came.

Each opens its own transactions. A step that was not finished is done again by the next run.
"""

import logging
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from station.core.db import reading, transaction
from station.core.settings import Settings
from station.days.queries import local_today
from station.manifests import missed, missed_queries, queries, retention, service, spool
from station.manifests.lifecycle import HAS_FILE, ManifestAction
from station.manifests.queries import Running
from station.manifests.spool import Placed, SpoolError
from station.network import queries as network

log = logging.getLogger(__name__)


def _station_ids() -> list[int]:
    return [station.id for station in network.stations()]


def is_importing() -> bool:
    """Say whether an import is to go on, inside a reading transaction."""
    return bool(queries.running(_station_ids()))


def import_files(settings: Settings) -> str:
    """Import every file that was begun, to its end."""
    with reading():
        waiting = queries.running(_station_ids())
    return f"{sum(_import(settings, one) for one in waiting)} rows"


def _import(settings: Settings, one: Running) -> int:
    path = spool.path_of(settings, one.manifest_id)
    with reading():
        begun = queries.manifest(one.station_id, one.manifest_id)
    try:
        rows = _steps(spool.read(path, begun.place), one, begun.rows_done)
    except SpoolError:
        log.error("manifest %s: its rows on disk are gone or broken", one.manifest_id)
        _end(one, ManifestAction.FAIL)
        rows = 0
    _drop(path, one)
    return rows


def _steps(placed: Iterator[Placed], one: Running, done: int) -> int:
    """Import the rows in steps; stop when another process does the same, or a person stopped it."""
    actor = service.importer(one.station_id, one.added_by)
    before = done
    while chunk := list(islice(placed, service.CHUNK)):
        with transaction():
            today = local_today(one.station_id)
            is_mine = service.import_rows(actor, one.manifest_id, chunk, today=today, done=done)
        if not is_mine:
            return done - before
        done += len(chunk)
    _end(one, ManifestAction.FINISH)
    return done - before


def _end(one: Running, action: ManifestAction) -> None:
    with transaction():
        service.end(one.station_id, one.manifest_id, action)


def _drop(path: Path, one: Running) -> None:
    """Delete the rows on disk unless another process is still at them."""
    with reading():
        state = queries.manifest(one.station_id, one.manifest_id).state
    if state not in HAS_FILE:
        path.unlink(missing_ok=True)


def forget(settings: Settings) -> str:
    """Give up uploads that nobody confirmed, delete rows on disk that no import needs, erase old refused values."""
    given_up = erased = 0
    with reading():
        station_ids = _station_ids()
    for station_id in station_ids:
        with transaction():
            given_up += retention.give_up_drafts(station_id)
        with transaction():
            erased += retention.erase(station_id)
    with reading():
        needed = queries.with_files(station_ids)
    deleted = spool.delete_others(settings, needed)
    return f"{given_up} uploads given up, {erased} values erased, {deleted} files deleted"


def report_missed(settings: Settings) -> str:
    """Report what was announced for a day that is over and has not come."""
    with reading():
        station_ids = _station_ids()
    return f"{sum(_report(station_id) for station_id in station_ids)} parcels"


def _report(station_id: int) -> int:
    reported = 0
    while True:
        with transaction():
            step = missed.report(station_id, today=local_today(station_id))
        reported += step
        if step < missed_queries.STEP:
            return reported
