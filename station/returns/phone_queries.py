"""Reads of return manifests for couriers on their phones, and for the clerk who waits for them."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select

from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.couriers import queries as couriers
from station.parcels.models import Parcel
from station.returns import queries
from station.returns.lifecycle import ItemState, ManifestState
from station.returns.models import ReturnItem, ReturnManifest
from station.returns.queries import Item, Manifest

LATELY = 20  # receipts on the phone's list, the newest first: about two weeks of a courier who comes daily with a pause


def of_courier(actor: Actor, manifest_id: int) -> Manifest:
    """Return a manifest that a courier may see: of a carrier for which they come, or signed by them.

    Raises StationError `not_found`, for any other too.
    """
    found = queries.manifest(actor.station_id, manifest_id)
    if found.ended_by != actor.key and found.carrier not in couriers.carriers_of(actor.station_id, actor.id):
        raise StationError("not_found", _("There is no such return manifest at your station."))
    return found


def signed(station_id: int, carriers: Collection[str]) -> list[Manifest]:
    """Return the manifests signed for these carriers, the newest first, at most LATELY."""
    query = (
        select(ReturnManifest.id)
        .where(
            ReturnManifest.station_id == station_id,
            ReturnManifest.state == ManifestState.SIGNED,
            ReturnManifest.carrier.in_(carriers),
        )
        .order_by(ReturnManifest.id.desc())
        .limit(LATELY)
    )
    return queries.by_ids(station_id, list(connection().scalars(query)))


def fingerprint(items: Sequence[Item]) -> str:
    """Return what tells one list of parcels from any other: SHA-256 (FIPS 180-4) over the ids of its lines."""
    return hashlib.sha256(",".join(str(one.id) for one in items).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that a courier did not take, and why. `ended_by` names the courier's account."""

    parcel_id: int
    waybill: str
    pickup_code: str | None
    reason: str
    ended_by: str
    ended_at: datetime


def refused(station_id: int, manifest_id: int) -> list[Refused]:
    """Return the lines that couriers refused, the newest first."""
    query = (
        select(
            ReturnItem.parcel_id,
            Parcel.waybill,
            Parcel.pickup_code,
            ReturnItem.off_reason,
            ReturnItem.ended_by,
            ReturnItem.ended_at,
        )
        .join(Parcel, and_(Parcel.station_id == ReturnItem.station_id, Parcel.id == ReturnItem.parcel_id))
        .where(
            ReturnItem.station_id == station_id,
            ReturnItem.manifest_id == manifest_id,
            ReturnItem.state == ItemState.OFF,
            ReturnItem.off_reason.is_not(None),
        )
        .order_by(ReturnItem.id.desc())
    )
    return [Refused(*row) for row in connection().execute(query)]
