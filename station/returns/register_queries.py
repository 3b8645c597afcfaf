"""Reads of the register of the unclaimable: what is in it, and how each entry stands."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, and_, select

from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.parcels.lifecycle import ON_SHELF, ParcelState
from station.parcels.models import Parcel
from station.returns.models import UnclaimedParcel

PAGE = 50  # entries shown at once


class Stage(StrEnum):
    """How an entry stands."""

    KEPT = "kept"  # its term is not over
    DUE = "due"  # it may be disposed of
    PROPOSED = "proposed"
    DISPOSED = "disposed"
    GONE = "gone"  # collected, given back or lost meanwhile
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the register with its parcel."""

    id: int
    parcel_id: int
    reason: str
    entered_by: str
    entered_at: datetime
    term_ends_at: datetime
    removed_by: str | None
    removed_at: datetime | None
    waybill: str
    pickup_code: str | None
    carrier: str | None
    state: str
    stored_at: datetime | None
    left_at: datetime | None
    write_off_by: str | None
    write_off_reason: str | None

    def stage(self, now: datetime) -> Stage:
        """Return how the entry stands at a moment."""
        if self.removed_at is not None:
            return Stage.REMOVED
        if self.state == ParcelState.WRITTEN_OFF:
            return Stage.DISPOSED
        if self.state not in ON_SHELF:
            return Stage.GONE
        if self.write_off_by is not None:
            return Stage.PROPOSED
        return Stage.KEPT if now < self.term_ends_at else Stage.DUE


_OWN = tuple(getattr(UnclaimedParcel, name) for name in Entry.__slots__[: Entry.__slots__.index("waybill")])
_PARCEL = tuple(getattr(Parcel, name) for name in Entry.__slots__[Entry.__slots__.index("waybill") :])
_SAME = and_(Parcel.station_id == UnclaimedParcel.station_id, Parcel.id == UnclaimedParcel.parcel_id)


def _entries(station_id: int) -> Select[Any]:
    return select(*_OWN, *_PARCEL).join(Parcel, _SAME).where(UnclaimedParcel.station_id == station_id)


def entry(station_id: int, entry_id: int) -> Entry:
    """Return an entry of the station's register. Raises StationError `not_found`."""
    row = connection().execute(_entries(station_id).where(UnclaimedParcel.id == entry_id)).first()
    if row is None:
        raise StationError("not_found", _("There is no such entry in your station's register."))
    return Entry(*row)


def entries(station_id: int, *, before: int | None = None) -> list[Entry]:
    """Return entries of the register, the newest first, those made before the one called `before`."""
    query = _entries(station_id)
    if before is not None:
        query = query.where(UnclaimedParcel.id < before)
    rows = connection().execute(query.order_by(UnclaimedParcel.id.desc()).limit(PAGE))
    return [Entry(*row) for row in rows]
