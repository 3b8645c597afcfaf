"""Where a parcel is, for whoever knows its waybill and the end of its recipient's phone number: masked, no code."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, func, select

from station.core import crypto
from station.core.db import UtcDateTime, connection
from station.network import queries as network
from station.network.queries import StationFacts
from station.parcels.lifecycle import ParcelState
from station.parcels.models import Parcel
from station.residents.models import Recipient


@dataclass(frozen=True, slots=True)
class Tracked:
    """A parcel as a stranger may see it. `at`: since when it is in this state, or at the station."""

    station: str
    zone: str
    carrier: str | None
    waybill_tail: str
    state: ParcelState
    at: datetime


_WHEN = func.coalesce(Parcel.left_at, Parcel.stored_at, Parcel.announced_at, type_=UtcDateTime())


def find(waybill: str, tail: str) -> Tracked | None:
    """Return the newest parcel with this waybill for a phone with this tail, at whichever station.

    One look into an index for each station of the network. None for anything that does not fit, whatever it is.
    """
    here = {station.id: station for station in network.stations()}
    query = (
        select(
            Parcel.station_id,
            Parcel.carrier,
            Parcel.waybill_tail,
            Parcel.state,
            _WHEN.label("at"),
            Recipient.phone_tail,
        )
        .join(
            Recipient,
            and_(Recipient.station_id == Parcel.station_id, Recipient.id == Parcel.recipient_id),
        )
        .where(
            Parcel.station_id.in_(list(here)),
            Parcel.waybill == waybill,
            Parcel.state != ParcelState.CANCELLED,
            _WHEN.is_not(None),
        )
        .order_by(Parcel.id.desc())
    )
    for row in connection().execute(query):
        if crypto.same(row.phone_tail.encode(), tail.encode()):
            return _tracked(row, here[row.station_id])
    return None


def _tracked(row: Row[Any], station: StationFacts) -> Tracked:
    return Tracked(station.name, station.zone, row.carrier, row.waybill_tail, ParcelState(row.state), row.at)
