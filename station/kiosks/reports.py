"""What a kiosk says of itself every few seconds, what it must do in turn, and noticing that it fell silent."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import insert, update

from station.core import clock
from station.core.actor import Actor
from station.core.db import connection
from station.kiosks import alerts, face_queries, pictures, unfinished, watch_queries
from station.kiosks.alerts import Call
from station.kiosks.call_kinds import AlertKind
from station.kiosks.watch_models import KioskReport

SILENT_AFTER = timedelta(minutes=5)  # ours: twenty reports that did not come


class Camera(StrEnum):
    """What a kiosk sees of its own camera."""

    OK = "ok"
    MISSING = "missing"
    DARK = "dark"
    BLURRED = "blurred"


@dataclass(frozen=True, slots=True)
class Report:
    """What a kiosk says. `list_age_s`: of its waiting list, none before it has one."""

    version: str
    queue_length: int
    clock_drift_ms: int
    list_age_s: int | None
    camera: Camera
    faces: int
    is_demo: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a kiosk must do: send a picture, delete templates, open again for what staff have settled."""

    is_thumbnail_wanted: bool
    forget_faces: tuple[int, ...]
    settled: tuple[int, ...]


def note(actor: Actor, report: Report, unfinished_parcels: tuple[int, ...] = ()) -> Wanted:
    """Keep what a kiosk said and return what it must do. The newest counts, so the same again is harmless."""
    _keep(actor, report)
    alerts.end(actor, actor.id, AlertKind.SILENT)
    return Wanted(
        pictures.is_wanted(actor.station_id, actor.id),
        face_queries.to_forget(actor.station_id, actor.id),
        unfinished.note(actor, unfinished_parcels),
    )


def _keep(actor: Actor, report: Report) -> None:
    values = {
        "reported_at": clock.now(),
        "version": report.version,
        "queue_length": report.queue_length,
        "clock_drift_ms": report.clock_drift_ms,
        "list_age_s": report.list_age_s,
        "camera": report.camera,
        "faces": report.faces,
        "is_demo": report.is_demo,
    }
    mine = (KioskReport.station_id == actor.station_id, KioskReport.kiosk_id == actor.id)
    if not connection().execute(update(KioskReport).where(*mine).values(**values)).rowcount:
        new = {"station_id": actor.station_id, "kiosk_id": actor.id}
        connection().execute(insert(KioskReport).values(**new, **values))


def find_silent(station_id: int) -> int:
    """Call staff to every kiosk that has been silent for SILENT_AFTER, once for each silence; return to how many."""
    silent = watch_queries.silent_kiosks(station_id, since=clock.now() - SILENT_AFTER)
    for kiosk_id in silent:
        alerts.raise_alert(station_id, kiosk_id, Call(AlertKind.SILENT))
    return len(silent)
