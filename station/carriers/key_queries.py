"""Reads of carriers' keys, for the managers' page."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from station.accounts.models import Device
from station.carriers.keys import Scope
from station.carriers.models import CarrierKeyRow
from station.core.db import connection


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """A key as a list shows it; `previous_until`: how long the token before works, None when there was none."""

    id: int
    name: str
    carrier: str
    scopes: tuple[Scope, ...]
    per_minute: int
    created_at: datetime
    seen_at: datetime | None
    previous_until: datetime | None
    revoked_at: datetime | None


def listed(station_id: int) -> list[KeyEntry]:
    """Return a station's keys, those that still open something first, then the newest."""
    same_device = (CarrierKeyRow.station_id == Device.station_id) & (CarrierKeyRow.device_id == Device.id)
    query = (
        select(
            Device.id,
            Device.name,
            CarrierKeyRow.carrier,
            CarrierKeyRow.scopes,
            CarrierKeyRow.per_minute,
            Device.created_at,
            Device.seen_at,
            Device.previous_until,
            Device.revoked_at,
        )
        .join(CarrierKeyRow, same_device)
        .where(Device.station_id == station_id)
        .order_by(Device.revoked_at.is_not(None), Device.id.desc())
    )
    return [
        KeyEntry(row.id, row.name, row.carrier, tuple(map(Scope, row.scopes.split())), *row[4:])
        for row in connection().execute(query)
    ]
