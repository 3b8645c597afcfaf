"""Reads of the simulator: when parcels came in and left, what waits for whom, and whether a station is the demo's."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, func, select

from station.core.db import connection
from station.events.models import CustodyEvent
from station.manifests.models import Announced
from station.network.models import Station
from station.parcels.lifecycle import ParcelState
from station.parcels.models import HandOver, Parcel
from station.residents.models import Recipient

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


@dataclass(frozen=True, slots=True)
class Waiting:
    """A parcel that can be collected, and whose phone it is for."""

    waybill: str
    carrier: str | None
    pickup_code: str
    recipient_id: int
    phone_hash: bytes


_COLLECTABLE = (Parcel.state == ParcelState.STORED, Parcel.hold_reason.is_(None))
_WAITING = (
    select(Parcel.waybill, Parcel.carrier, Parcel.pickup_code, Parcel.recipient_id, Recipient.phone_hash)
    .join(Recipient, (Recipient.station_id == Parcel.station_id) & (Recipient.id == Parcel.recipient_id))
    .where(*_COLLECTABLE)
    .order_by(Parcel.stored_at, Parcel.id)
)


def waiting_of(station_id: int, phone_hash: bytes) -> list[Waiting]:
    """Return what waits for a phone, longest first."""
    query = _WAITING.where(Parcel.station_id == station_id, Recipient.phone_hash == phone_hash)
    return [_waiting(row) for row in connection().execute(query)]


def waiting_of_others(station_id: int, phone_hash: bytes) -> Waiting | None:
    """Return a parcel that waits for another phone."""
    query = _WAITING.where(Parcel.station_id == station_id, Recipient.phone_hash != phone_hash)
    row = connection().execute(query.limit(1)).first()
    return _waiting(row) if row else None


def busiest_phone(station_id: int) -> bytes:
    """Return the phone (its hash) for which most waits; empty when nothing does."""
    query = (
        select(Recipient.phone_hash)
        .join(Parcel, (Recipient.station_id == Parcel.station_id) & (Recipient.id == Parcel.recipient_id))
        .where(Parcel.station_id == station_id, *_COLLECTABLE)
        .group_by(Recipient.phone_hash)
        .order_by(func.count().desc(), Recipient.phone_hash)
    )
    return bytes(connection().scalar(query.limit(1)) or b"")


def _waiting(row: Row[tuple[str, str | None, str | None, int | None, bytes]]) -> Waiting:
    return Waiting(
        row.waybill, row.carrier, row.pickup_code or "", row.recipient_id or 0, bytes(row.phone_hash)
    )


def has_event(kind: str, seq: int) -> bool:
    """Tell whether the event of this number is of this kind at some station."""
    query = select(CustodyEvent.seq).where(
        CustodyEvent.station_id.in_(select(Station.id)), CustodyEvent.seq == seq, CustodyEvent.kind == kind
    )
    return connection().execute(query.limit(1)).first() is not None


def under_way(station_id: int) -> list[tuple[str, str]]:
    """Return carrier and waybill of what carriers announced and what has not come, the missed ones left out."""
    query = (
        select(Parcel.carrier, Parcel.waybill)
        .join(Announced, (Announced.station_id == Parcel.station_id) & (Announced.parcel_id == Parcel.id))
        .where(
            Parcel.station_id == station_id,
            Parcel.state == ParcelState.EXPECTED,
            Parcel.carrier.is_not(None),
            Announced.missed_on.is_(None),
        )
        .order_by(Parcel.carrier, Parcel.id)
    )
    return [(str(row.carrier), row.waybill) for row in connection().execute(query)]
