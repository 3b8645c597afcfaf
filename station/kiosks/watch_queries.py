"""Reads of the kiosk watch over several rooms' tables: what an id of a kiosk stands for here, and what staff see."""

from sqlalchemy import select

from station.core.db import connection
from station.parcels.models import HandOver, Parcel
from station.residents.models import Recipient


def parcel_here(station_id: int, parcel_id: int | None) -> int | None:
    """Return the parcel's id if it is one of the station's."""
    return _here(Parcel, station_id, parcel_id)


def recipient_here(station_id: int, recipient_id: int | None) -> int | None:
    """Return the recipient's id if they are one of the station's."""
    return _here(Recipient, station_id, recipient_id)


def standing_hand_over(station_id: int, parcel_id: int | None) -> int | None:
    """Return the hand-over by which a parcel left, if it did and nobody took it back."""
    query = select(HandOver.id).where(
        HandOver.station_id == station_id, HandOver.parcel_id == parcel_id, HandOver.undone_at.is_(None)
    )
    return connection().scalar(query)


def _here(table: type[Parcel] | type[Recipient], station_id: int, row_id: int | None) -> int | None:
    return connection().scalar(select(table.id).where(table.station_id == station_id, table.id == row_id))
