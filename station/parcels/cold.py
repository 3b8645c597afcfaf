"""Which bags stand on a shelf, by how cold they have to be kept: what a shelf has to stay because of them."""

from collections.abc import Sequence

from sqlalchemy import func, select

from station.core.db import connection
from station.parcels.lifecycle import ON_SHELF
from station.parcels.models import Parcel


def bags_on(station_id: int, layer_ids: Sequence[int]) -> dict[str, int]:
    """Return how many parcels on these layers have to be kept in each way; those nobody said it of do not count."""
    query = (
        select(Parcel.storage, func.count().label("bags"))
        .where(
            Parcel.station_id == station_id,
            Parcel.layer_id.in_(layer_ids),
            Parcel.state.in_(sorted(ON_SHELF)),
            Parcel.storage.is_not(None),
        )
        .group_by(Parcel.storage)
    )
    return {row.storage: row.bags for row in connection().execute(query)}
