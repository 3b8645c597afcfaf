"""Reads of the simulator: when parcels came in and left, and whether a station is the demo's."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from station.core.db import connection
from station.events.models import CustodyEvent
from station.network.models import Station
from station.parcels.models import HandOver, Parcel

LONG = timedelta(hours=72)  # what the issue calls late


@dataclass(frozen=True, slots=True)
class Stay:
    """How long a parcel was here; `left_at` None: it still is."""

    stored_at: datetime
    left_at: datetime | None

    def is_long(self, until: datetime) -> bool:
        """Tell whether it waited more than LONG."""
        return (self.left_at or until) - self.stored_at > LONG


def stays(station_id: int, *, since: datetime, until: datetime) -> list[Stay]:
    """Return every parcel stored in that time, those first that came first."""
    query = (
        select(Parcel.stored_at, Parcel.left_at)
        .where(Parcel.station_id == station_id, Parcel.stored_at >= since, Parcel.stored_at < until)
        .order_by(Parcel.stored_at)
    )
    return [Stay(row.stored_at, row.left_at) for row in connection().execute(query)]


def collections(station_id: int, *, since: datetime, until: datetime) -> list[datetime]:
    """Return when parcels were handed over in that time, the undone ones left out, in order."""
    query = (
        select(HandOver.at)
        .where(
            HandOver.station_id == station_id,
            HandOver.undone_at.is_(None),
            HandOver.at >= since,
            HandOver.at < until,
        )
        .order_by(HandOver.at)
    )
    return list(connection().scalars(query))


def waybills_in(station_id: int, layer_id: int) -> list[str]:
    """Return the waybills in a row, those first that came first."""
    query = select(Parcel.waybill).where(Parcel.station_id == station_id, Parcel.layer_id == layer_id)
    return list(connection().scalars(query.order_by(Parcel.stored_at, Parcel.id)))


def has_event(kind: str, seq: int) -> bool:
    """Tell whether the event of this number is of this kind at some station."""
    query = select(CustodyEvent.seq).where(
        CustodyEvent.station_id.in_(select(Station.id)), CustodyEvent.seq == seq, CustodyEvent.kind == kind
    )
    return connection().execute(query.limit(1)).first() is not None
