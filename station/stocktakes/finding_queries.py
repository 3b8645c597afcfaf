"""Reads that explain differences: what was kept, what happened last to a parcel, and where it was seen before."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from station.core.db import connection
from station.events.models import CustodyEvent
from station.parcels.models import PickupCode
from station.stocktakes.compare import Sighting
from station.stocktakes.models import StocktakeFinding, StocktakeScan
from station.stocktakes.queries import PLACING

LAST = 3  # events told of each parcel: how it came, what happened then, and what happened last


@dataclass(frozen=True, slots=True)
class Kept:
    """A difference as it was kept: settled, or open when its stocktake was closed."""

    kind: str
    waybill: str
    parcel_id: int | None
    state: str | None
    pickup_code: str | None
    layer_id: int | None
    seen_layer_id: int | None
    resolution: str | None
    resolved_at: datetime | None
    resolved_by: str | None


@dataclass(frozen=True, slots=True)
class Happened:
    """One of the last events of a parcel."""

    at: datetime
    kind: str
    actor: str
    data: dict[str, Any]


def kept(station_id: int, stocktake_id: int) -> list[Kept]:
    """Return the differences kept of a stocktake, by kind and waybill."""
    columns = [getattr(StocktakeFinding, name) for name in Kept.__slots__]
    mine = (StocktakeFinding.station_id == station_id, StocktakeFinding.stocktake_id == stocktake_id)
    rows = select(*columns).where(*mine).order_by(StocktakeFinding.kind, StocktakeFinding.waybill)
    return [Kept(*row) for row in connection().execute(rows)]


def last_events(station_id: int, parcel_ids: Collection[int]) -> dict[int, list[Happened]]:
    """Return the LAST events of each parcel, newest first."""
    place = func.row_number().over(partition_by=CustodyEvent.parcel_id, order_by=CustodyEvent.seq.desc())
    ranked = (
        select(
            CustodyEvent.parcel_id,
            CustodyEvent.at,
            CustodyEvent.kind,
            CustodyEvent.actor,
            CustodyEvent.data,
            place.label("place"),
        )
        .where(CustodyEvent.station_id == station_id, CustodyEvent.parcel_id.in_(parcel_ids))
        .subquery()
    )
    newest = select(ranked).where(ranked.c.place <= LAST).order_by(ranked.c.place)
    found: dict[int, list[Happened]] = {}
    for row in connection().execute(newest):
        event = Happened(row.at, row.kind, row.actor, json.loads(row.data))
        found.setdefault(row.parcel_id, []).append(event)
    return found


def placed_at(station_id: int, parcel_ids: Collection[int]) -> dict[int, datetime]:
    """Return when the place of each parcel changed last."""
    placed = (
        select(CustodyEvent.parcel_id, func.max(CustodyEvent.at))
        .where(
            CustodyEvent.station_id == station_id,
            CustodyEvent.parcel_id.in_(parcel_ids),
            CustodyEvent.kind.in_(PLACING),
        )
        .group_by(CustodyEvent.parcel_id)
    )
    return {row[0]: row[1] for row in connection().execute(placed)}


def last_sightings(station_id: int, waybills: Collection[str]) -> dict[str, Sighting]:
    """Return where each waybill was scanned last in any stocktake."""
    scans = (
        select(StocktakeScan.waybill, StocktakeScan.layer_id, StocktakeScan.at)
        .where(
            StocktakeScan.station_id == station_id,
            StocktakeScan.waybill.in_(waybills),
            StocktakeScan.layer_id.is_not(None),
        )
        .order_by(StocktakeScan.at, StocktakeScan.id)
    )
    return {row.waybill: Sighting(*row) for row in connection().execute(scans)}


def rows_before(station_id: int, parcel_ids: Collection[int]) -> dict[int, list[int]]:
    """Return the rows each parcel ever had a code of, the latest first."""
    codes = (
        select(PickupCode.parcel_id, PickupCode.layer_id)
        .where(PickupCode.station_id == station_id, PickupCode.parcel_id.in_(parcel_ids))
        .order_by(PickupCode.given_at.desc(), PickupCode.id.desc())
    )
    found: dict[int, list[int]] = {}
    for row in connection().execute(codes):
        found.setdefault(row.parcel_id, []).append(row.layer_id)
    return found
