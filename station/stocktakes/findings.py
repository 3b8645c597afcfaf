"""Keeping what differed: each difference once in a stocktake, with how it was settled and by whom."""

from sqlalchemy import insert, update

from station.core import clock, ids
from station.core.actor import Actor
from station.core.db import connection
from station.stocktakes.compare import Difference
from station.stocktakes.models import StocktakeFinding
from station.stocktakes.resolutions import Resolution


def keep(actor: Actor, stocktake_id: int, found: Difference, resolution: Resolution | None) -> None:
    """Keep a difference as settled, or as open by None; one that was kept before is written anew."""
    settled = {"resolved_at": clock.now(), "resolved_by": actor.key} if resolution else _OPEN
    values = {"resolution": resolution, "seen_layer_id": found.seen_layer_id, **settled, **_booked(found)}
    same = {
        "station_id": actor.station_id,
        "stocktake_id": stocktake_id,
        "kind": found.kind,
        "waybill": found.waybill,
    }
    changed = connection().execute(update(StocktakeFinding).filter_by(**same).values(**values))
    if not changed.rowcount:
        connection().execute(insert(StocktakeFinding).values(id=ids.next_id(), **same, **values))


_OPEN = {"resolved_at": None, "resolved_by": None}


def _booked(found: Difference) -> dict[str, object]:
    if found.booked is None:
        return {"parcel_id": None, "state": None, "pickup_code": None, "layer_id": None}
    one = found.booked
    return {
        "parcel_id": one.parcel_id,
        "state": one.state,
        "pickup_code": one.pickup_code,
        "layer_id": one.layer_id,
    }
