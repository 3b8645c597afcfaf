"""Bags of orders: their states, reading them with what they belong to, and writing what becomes of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, select, update

from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.group_buys.models import OrderBag


class BagState(StrEnum):
    """Where a bag stands."""

    PACKED = "packed"  # its label is made; it stands on no shelf yet
    READY = "ready"  # on a shelf, its buyer knows
    COLLECTED = "collected"
    LEFT = "left"  # its time is over, or its buyer lets others have it
    SETTLED = "settled"  # nobody has it any more: taken over, or by the campaign's rule


LIVE = frozenset({BagState.PACKED, BagState.READY, BagState.LEFT})
"""Bags that somebody still waits for."""


@dataclass(frozen=True, slots=True)
class Bag:
    """A bag as it stands now."""

    id: int
    order_id: int
    point_station_id: int
    parcel_id: int
    units: int
    state: str
    ready_at: datetime | None
    collect_until: datetime | None
    reminded_at: datetime | None
    release_agreed_at: datetime | None


_COLUMNS = tuple(getattr(OrderBag, name) for name in Bag.__slots__)


def find(station_id: int, *where: ColumnElement[bool]) -> list[Bag]:
    """Return bags of a station that meet the conditions, the oldest first."""
    query = select(*_COLUMNS).where(OrderBag.station_id == station_id, *where).order_by(OrderBag.id)
    return [Bag(*row) for row in connection().execute(query)]


def of_order(station_id: int, order_id: int) -> Bag:
    """Return the bag of an order. Raises StationError `not_found`."""
    found = find(station_id, OrderBag.order_id == order_id)
    if not found:
        raise StationError("not_found", _("There is no bag for this order yet."))
    return found[0]


def get(station_id: int, bag_id: int) -> Bag:
    """Return one bag. Raises StationError `not_found`."""
    found = find(station_id, OrderBag.id == bag_id)
    if not found:
        raise StationError("not_found", _("There is no such bag."))
    return found[0]


def change(station_id: int, bag: Bag, **values: Any) -> None:
    """Write what becomes of a bag. Raises StationError `stale` when it is not where it was any more."""
    mine = (OrderBag.station_id == station_id, OrderBag.id == bag.id, OrderBag.state == bag.state)
    if not connection().execute(update(OrderBag).where(*mine).values(**values)).rowcount:
        raise StationError("stale", _("Somebody else changed this at the same moment. Load it again."))
