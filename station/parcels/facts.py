"""One parcel as other systems may see it: masked, with the storage level as the clock says it now."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from station.core import clock
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.statements import Statement
from station.network import queries as network
from station.parcels.clock_rules import level_at
from station.parcels.intake import find_active
from station.parcels.lifecycle import ParcelState
from station.parcels.models import Parcel
from station.parcels.station_clock import deadlines_of
from station.residents import service as residents
from station.residents.service import Known
from station.shelves import queries as shelves
from station.shelves.queries import LayerFacts


@dataclass(frozen=True, slots=True)
class Facts:
    """What a parcel is, where it stands and for whom; `row` None once it left."""

    id: int
    waybill: str
    state: str
    carrier: str | None
    pickup_code: str | None
    needs_sticker: bool
    size_class: str
    consent_basis: str
    problem: str | None
    is_held: bool
    level: str
    due_at: datetime | None
    announced_at: datetime | None
    stored_at: datetime | None
    left_at: datetime | None
    row: LayerFacts | None
    recipient: Known | None


_GET = Statement(
    select(
        Parcel.waybill,
        Parcel.state,
        Parcel.carrier,
        Parcel.pickup_code,
        Parcel.needs_sticker,
        Parcel.size_class,
        Parcel.consent_basis,
        Parcel.problem,
        Parcel.hold_reason,
        Parcel.level,
        Parcel.due_at,
        Parcel.announced_at,
        Parcel.stored_at,
        Parcel.left_at,
        Parcel.layer_id,
        Parcel.recipient_id,
    ).where(Parcel.station_id == bindparam("station_id"), Parcel.id == bindparam("id"))
)
_NEWEST = Statement(
    select(Parcel.id)
    .where(Parcel.station_id == bindparam("station_id"), Parcel.waybill == bindparam("waybill"))
    .order_by(Parcel.id.desc())
    .limit(1)
)


def get(station_id: int, parcel_id: int) -> Facts:
    """Return a parcel of the station. Raises StationError `not_found`."""
    found = _GET.first(station_id=station_id, id=parcel_id)
    if found is None:
        raise StationError("not_found", _("This parcel does not exist at your station."))
    values = found._asdict()
    layer_id, recipient_id = values.pop("layer_id"), values.pop("recipient_id")
    values["is_held"] = values.pop("hold_reason") is not None
    if found.state == ParcelState.STORED:
        values["level"] = _level_now(station_id, found.stored_at)
    return Facts(
        id=parcel_id,
        row=shelves.layer(station_id, layer_id) if layer_id else None,
        recipient=residents.get(station_id, recipient_id) if recipient_id else None,
        **values,
    )


def id_of(station_id: int, waybill: str) -> int:
    """Return the active parcel with a waybill, else the one that had it last. Raises StationError `not_found`."""
    found = find_active(station_id, waybill) or _NEWEST.first(station_id=station_id, waybill=waybill)
    if found is None:
        raise StationError("not_found", _("No parcel with this waybill is known at your station."))
    return int(found.id)


def _level_now(station_id: int, stored_at: datetime) -> str:
    return level_at(deadlines_of(stored_at, network.rules(station_id)), clock.now())
