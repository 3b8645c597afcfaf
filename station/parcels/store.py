"""Reading one parcel to change it, and changing it only if nobody else did: the parcels' optimistic lock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.statements import Statement
from station.events.service import take_turn
from station.parcels.lifecycle import STOPPED_BY_HOLD, Action, IllegalTransition, ParcelState, step
from station.parcels.models import Parcel


@dataclass(frozen=True, slots=True)
class Current:
    """A parcel as it stands now, for a use case to decide on."""

    id: int
    waybill: str
    state: str
    carrier: str | None
    recipient_id: int | None
    layer_id: int | None
    batch_id: int | None
    pickup_code: str | None
    problem: str | None
    hold_reason: str | None
    consent_basis: str
    storage: str | None
    level: str
    extended_h: int
    extended_times: int
    stored_at: datetime | None
    announced_at: datetime | None
    left_at: datetime | None
    write_off_reason: str | None
    write_off_by: str | None
    kept_until: datetime | None
    version: int


_COLUMNS = tuple(getattr(Parcel, name) for name in Current.__slots__)
_GET = Statement(
    select(*_COLUMNS).where(Parcel.station_id == bindparam("station_id"), Parcel.id == bindparam("id"))
)


def get(station_id: int, parcel_id: int) -> Current:
    """Take the station's turn and return a parcel to change. Raises StationError `not_found`."""
    take_turn(station_id)
    row = _GET.first(station_id=station_id, id=parcel_id)
    if row is None:
        raise StationError("not_found", _("This parcel does not exist at your station."))
    return Current(*row)


def look(station_id: int, parcel_ids: Sequence[int]) -> list[Current]:
    """Return parcels as they stand, to show and not to change, in the order in which they came in."""
    query = select(*_COLUMNS).where(Parcel.station_id == station_id, Parcel.id.in_(parcel_ids))
    return [Current(*row) for row in connection().execute(query.order_by(Parcel.stored_at, Parcel.id))]


def next_state(parcel: Current, action: Action) -> ParcelState:
    """Return the state `action` leads to.

    Raises StationError `illegal_transition`, or `is_held` while a hold forbids it.
    """
    try:
        state = step(ParcelState(parcel.state), action)
    except IllegalTransition as error:
        raise StationError(
            "illegal_transition",
            _("This is not possible any more: the parcel has changed. Load the page again."),
            state=parcel.state,
            parcel_id=str(parcel.id),
        ) from error
    if parcel.hold_reason and action in STOPPED_BY_HOLD:
        raise StationError(
            "is_held", _("This parcel is on hold. Lift the hold on its page first."), parcel_id=str(parcel.id)
        )
    return state


def change(station_id: int, parcel: Current, **values: Any) -> None:
    """Write `values` if the parcel is still what was read. Raises StationError `stale` when it is not."""
    changed = connection().execute(
        update(Parcel)
        .where(Parcel.station_id == station_id, Parcel.id == parcel.id, Parcel.version == parcel.version)
        .values(version=parcel.version + 1, **values)
    )
    if not changed.rowcount:
        raise StationError("stale", _("Somebody else changed this parcel at the same moment. Load it again."))
