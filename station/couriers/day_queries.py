"""A courier's day at a station, for their carriers: what is to be collected, to be signed, to be put right."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from station.core.db import connection
from station.parcels.lifecycle import ParcelState
from station.parcels.models import TROUBLED, Parcel
from station.returns import queries as returns

SHOWN = 100  # problems shown on a phone at once, the newest first; more is scrolled by nobody


@dataclass(frozen=True, slots=True)
class HandBack:
    """Parcels of a carrier that go back: how many are picked, and how many of them wait on a list to be signed.

    `manifest_id` names that list, None while none is open.
    """

    carrier: str
    picked: int
    to_sign: int
    manifest_id: int | None


def hand_backs(station_id: int, carriers: Collection[str]) -> list[HandBack]:
    """Return what waits for the courier to take back, by carrier. Two statements."""
    manifests = returns.open_manifests(station_id)
    query = (
        select(Parcel.carrier, func.count().label("picked"))
        .where(
            Parcel.station_id == station_id,
            Parcel.state == ParcelState.RETURNING,
            Parcel.carrier.in_(carriers),
        )
        .group_by(Parcel.carrier)
        .order_by(Parcel.carrier)
    )
    found = []
    for row in connection().execute(query):
        manifest = manifests.get(row.carrier)
        on_it = (manifest.parcels, manifest.id) if manifest else (0, None)
        found.append(HandBack(row.carrier, row.picked, *on_it))
    return found


@dataclass(frozen=True, slots=True)
class Trouble:
    """A parcel the station could not store as it should. Nothing here tells whose it is."""

    waybill: str
    carrier: str
    problem: str
    stored_at: datetime


def troubles(station_id: int, carriers: Collection[str]) -> list[Trouble]:
    """Return parcels of the carriers that have a problem, the newest first, at most SHOWN."""
    query = (
        select(Parcel.waybill, Parcel.carrier, Parcel.problem, Parcel.stored_at)
        .where(
            Parcel.station_id == station_id,
            TROUBLED,
            Parcel.problem.is_not(None),
            Parcel.stored_at.is_not(None),
            Parcel.carrier.in_(carriers),
        )
        .order_by(Parcel.stored_at.desc(), Parcel.id.desc())
        .limit(SHOWN)
    )
    return [Trouble(*row) for row in connection().execute(query)]
