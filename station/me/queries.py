"""What a resident sees of their parcels: each of their stations is asked in turn, for the names at their phone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select

from station.accounts.queries import Resident
from station.core import clock
from station.core.db import connection
from station.network import queries as network
from station.network.queries import StationRules
from station.parcels.clock_rules import StorageLevel, level_at
from station.parcels.lifecycle import ParcelState
from station.parcels.models import Parcel
from station.parcels.station_clock import deadlines_of
from station.residents import queries as residents

MOST = 100  # parcels of one person at one station on one page; a person with more asks at the counter


@dataclass(frozen=True, slots=True)
class Waiting:
    """A parcel that waits for a resident. `goes_back_at`: when the station may send it back."""

    id: int
    pickup_code: str
    carrier: str | None
    waybill_tail: str
    stored_at: datetime
    goes_back_at: datetime
    level: StorageLevel


@dataclass(frozen=True, slots=True)
class AtStation:
    """A station that knows the resident, and what waits there: the longest first."""

    rules: StationRules
    waiting: list[Waiting]


def stations(resident: Resident) -> list[AtStation]:
    """Return every station that knows the resident's phone, those where something waits first."""
    found = [_at(station_id, resident) for station_id in residents.stations_of(resident.phone_hash)]
    return sorted(found, key=lambda place: not place.waiting)


def _at(station_id: int, resident: Resident) -> AtStation:
    rules = network.rules(station_id)
    people = [one.id for one in residents.same_phone(station_id, resident.phone_hash)]
    return AtStation(rules, _waiting(rules, people))


def _waiting(rules: StationRules, recipient_ids: Sequence[int]) -> list[Waiting]:
    query = (
        select(
            Parcel.id,
            Parcel.pickup_code,
            Parcel.carrier,
            Parcel.waybill_tail,
            Parcel.stored_at,
            Parcel.extended_h,
        )
        .where(
            Parcel.station_id == rules.station_id,
            Parcel.recipient_id.in_(recipient_ids),
            Parcel.state == ParcelState.STORED,
        )
        .order_by(Parcel.stored_at, Parcel.id)
        .limit(MOST)
    )
    return [_parcel(row, rules) for row in connection().execute(query)]


def _parcel(row: Row[Any], rules: StationRules) -> Waiting:
    found = deadlines_of(row.stored_at, rules, timedelta(hours=row.extended_h))
    return Waiting(
        id=row.id,
        pickup_code=row.pickup_code,
        carrier=row.carrier,
        waybill_tail=row.waybill_tail,
        stored_at=row.stored_at,
        goes_back_at=found.return_at,
        level=level_at(found, clock.now()),
    )
