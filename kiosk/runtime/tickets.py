"""What a ticket says: where, when, which parcels by their codes. Nothing on it is personal: tickets are left lying."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from kiosk.model import Parcel, Station

LAST = 4  # of a waybill: ours: enough to know one's own parcel again, too few to look it up


def ticket(station: Station, parcels: Sequence[Parcel], *, now: datetime) -> list[str]:
    """Return the lines of a ticket, its time in the station's own zone."""
    local = now.astimezone(ZoneInfo(station.zone))
    taken = [f"{parcel.pickup_code}  ...{parcel.waybill[-LAST:]}" for parcel in parcels]
    return [station.name, f"{local:%Y-%m-%d %H:%M}", "", *taken, ""]
