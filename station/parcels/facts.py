"""Which parcel a waybill means, and one parcel with its storage level as the clock says it now."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.statements import Statement
from station.parcels import parcel_queries
from station.parcels.clock_rules import next_due
from station.parcels.intake import find_active
from station.parcels.lifecycle import ParcelState
from station.parcels.models import Parcel
from station.parcels.parcel_queries import Detail
from station.parcels.queries import clock_of


@dataclass(frozen=True, slots=True)
class Facts:
    """A parcel's row, its level now, and when the next one begins (None once it left)."""

    detail: Detail
    level: str
    due_at: datetime | None


_NEWEST = Statement(
    select(Parcel.id)
    .where(Parcel.station_id == bindparam("station_id"), Parcel.waybill == bindparam("waybill"))
    .order_by(Parcel.id.desc())
    .limit(1)
)


def get(station_id: int, parcel_id: int) -> Facts:
    """Return a parcel of the station. Raises StationError `not_found`."""
    found = parcel_queries.detail(station_id, parcel_id)
    if found.state != ParcelState.STORED or found.stored_at is None:
        return Facts(found, found.level, None)
    storage = clock_of(station_id)
    level = storage.level(found.stored_at, found.extended_h, entered=found.level)
    return Facts(found, level, next_due(storage.deadlines(found.stored_at, found.extended_h), level))


def id_of(station_id: int, waybill: str) -> int:
    """Return the active parcel with a waybill, else the one that had it last. Raises StationError `not_found`."""
    found = find_active(station_id, waybill) or _NEWEST.first(station_id=station_id, waybill=waybill)
    if found is None:
        raise StationError("not_found", _("No parcel with this waybill is known at your station."))
    return int(found.id)
