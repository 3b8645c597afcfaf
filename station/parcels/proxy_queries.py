"""What somebody who collects for others may take, and what was collected so: reads for the desk and for messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select

from station.core.db import connection
from station.parcels.models import HandOver, Parcel

_SAME_PARCEL = and_(Parcel.station_id == HandOver.station_id, Parcel.id == HandOver.parcel_id)


@dataclass(frozen=True, slots=True)
class Collected:
    """A parcel that a proxy took, and the proxy's name as it was noted."""

    pickup_code: str
    at: datetime
    name: str | None


def collected(station_id: int, recipient_id: int, parcel_ids: Sequence[int]) -> list[Collected]:
    """Return which of a recipient's parcels a proxy took; not those whose hand-over was taken back."""
    query = (
        select(Parcel.pickup_code, HandOver.at, HandOver.proxy_name)
        .join(Parcel, _SAME_PARCEL)
        .where(
            HandOver.station_id == station_id,
            HandOver.parcel_id.in_(parcel_ids),
            HandOver.undone_at.is_(None),
            HandOver.proxy_id.is_not(None),
            Parcel.recipient_id == recipient_id,
        )
        .order_by(HandOver.at, HandOver.id)
    )
    return [Collected(row.pickup_code or "", row.at, row.proxy_name) for row in connection().execute(query)]


def back_on_shelf(station_id: int, recipient_id: int, parcel_ids: Sequence[int]) -> list[str]:
    """Return the pickup codes of a recipient's parcels that wait, as after a hand-over that was taken back."""
    query = select(Parcel.pickup_code).where(
        Parcel.station_id == station_id,
        Parcel.id.in_(parcel_ids),
        Parcel.recipient_id == recipient_id,
        Parcel.layer_id.is_not(None),
    )
    return [code for code in connection().scalars(query.order_by(Parcel.id)) if code]
