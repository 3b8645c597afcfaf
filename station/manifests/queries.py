"""Reading manifests: how far each came, its refused rows, and what is running."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select

from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.manifests.lifecycle import HAS_FILE, ManifestState
from station.manifests.models import Announced, Manifest, ManifestFault
from station.parcels.lifecycle import ParcelState
from station.parcels.models import Parcel

PAGE = 50  # manifests, or faults, on a page


@dataclass(frozen=True, slots=True)
class Facts:
    """A manifest as its page shows it. `layout`: what was found out about the file and, once begun, what was chosen."""

    id: int
    source: str
    state: ManifestState
    carrier: str | None
    expected_on: date
    file_name: str | None
    sha256: bytes | None
    layout: dict[str, Any]
    rows: int
    rows_done: int
    place: int
    announced: int
    known: int
    refused: int
    added_by: str
    added_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row that was not imported."""

    row: int
    column: str
    reason: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Running:
    """An import to go on with."""

    station_id: int
    manifest_id: int
    added_by: str


@dataclass(frozen=True, slots=True)
class Hint:
    """What a carrier shows of somebody whose number it hides."""

    masked_phone: str | None
    name: str | None


_COLUMNS = (
    Manifest.id,
    Manifest.source,
    Manifest.state,
    Manifest.carrier,
    Manifest.expected_on,
    Manifest.file_name,
    Manifest.sha256,
    Manifest.layout,
    Manifest.rows,
    Manifest.rows_done,
    Manifest.place,
    Manifest.announced,
    Manifest.known,
    Manifest.refused,
    Manifest.added_by,
    Manifest.added_at,
    Manifest.ended_at,
)


def _facts(row: Any) -> Facts:
    values = dict(zip((column.key for column in _COLUMNS), row, strict=True))
    values["state"] = ManifestState(values["state"])
    values["layout"] = json.loads(values["layout"] or "{}")
    return Facts(**values)


def _of(station_id: int) -> Select[Any]:
    return select(*_COLUMNS).where(Manifest.station_id == station_id)


def manifest(station_id: int, manifest_id: int) -> Facts:
    """Return one manifest. Raises StationError `not_found`."""
    row = connection().execute(_of(station_id).where(Manifest.id == manifest_id)).one_or_none()
    if row is None:
        raise StationError("not_found", _("There is no such announcement at your station."))
    return _facts(row)


def awaited(station_id: int, manifest_id: int) -> int:
    """Return how many parcels that a manifest announced have not come yet."""
    query = (
        select(func.count())
        .select_from(Announced)
        .join(Parcel, (Parcel.station_id == Announced.station_id) & (Parcel.id == Announced.parcel_id))
        .where(
            Announced.station_id == station_id,
            Announced.manifest_id == manifest_id,
            Parcel.state == ParcelState.EXPECTED,
        )
    )
    return connection().scalar(query) or 0


def recent(station_id: int, *, before: int | None = None) -> list[Facts]:
    """Return the newest PAGE manifests, those given up left out."""
    query = _of(station_id).where(Manifest.state != ManifestState.CANCELLED)
    if before is not None:
        query = query.where(Manifest.id < before)
    return [_facts(row) for row in connection().execute(query.order_by(Manifest.id.desc()).limit(PAGE))]


def same_file(station_id: int, sha256: bytes, *, but: int) -> Facts | None:
    """Return the last manifest that was imported from the very same file."""
    query = _of(station_id).where(
        Manifest.sha256 == sha256,
        Manifest.id != but,
        Manifest.state.in_((ManifestState.RUNNING, ManifestState.DONE)),
    )
    row = connection().execute(query.order_by(Manifest.id.desc()).limit(1)).one_or_none()
    return _facts(row) if row else None


def faults(station_id: int, manifest_id: int, *, after: int = 0, limit: int = PAGE) -> list[RowFault]:
    """Return refused rows in their order, behind row `after`."""
    query = (
        select(ManifestFault.row, ManifestFault.column, ManifestFault.reason, ManifestFault.value)
        .where(
            ManifestFault.station_id == station_id,
            ManifestFault.manifest_id == manifest_id,
            ManifestFault.row > after,
        )
        .order_by(ManifestFault.row)
        .limit(limit)
    )
    return [RowFault(*row) for row in connection().execute(query)]


def running(station_ids: list[int]) -> list[Running]:
    """Return the imports that are to go on, the oldest first."""
    query = select(Manifest.station_id, Manifest.id, Manifest.added_by).where(
        Manifest.station_id.in_(station_ids), Manifest.state == ManifestState.RUNNING
    )
    return [Running(*row) for row in connection().execute(query.order_by(Manifest.id))]


def with_files(station_ids: list[int]) -> set[int]:
    """Return the manifests whose rows on disk are still needed."""
    query = select(Manifest.id).where(Manifest.station_id.in_(station_ids), Manifest.state.in_(HAS_FILE))
    return set(connection().scalars(query))


def hint(station_id: int, waybill: str) -> Hint | None:
    """Return what the announcement of a parcel that is expected shows of its recipient, None when it shows nothing."""
    query = (
        select(Announced.masked_phone, Announced.name)
        .join(Parcel, (Parcel.station_id == Announced.station_id) & (Parcel.id == Announced.parcel_id))
        .where(
            Announced.station_id == station_id,
            Parcel.station_id == station_id,
            Parcel.waybill == waybill,
            Parcel.recipient_id.is_(None),
        )
        .order_by(Announced.parcel_id.desc())
        .limit(1)
    )
    row = connection().execute(query).one_or_none()
    return Hint(*row) if row and (row[0] or row[1]) else None
