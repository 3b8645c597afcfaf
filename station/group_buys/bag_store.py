"""Bags of orders: their states and what leads from one to the next, and reading and writing them."""

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


class BagAction(StrEnum):
    """What happens to a bag."""

    MAKE_READY = "make_ready"  # put on its shelf, or its hand-over was undone
    COLLECT = "collect"
    LEAVE = "leave"
    SETTLE = "settle"


_B, _BA = BagState, BagAction
BAG_BEGINNINGS = {"pack": _B.PACKED, "take_over": _B.READY}
BAG: dict[tuple[BagState, BagAction], BagState] = {
    (_B.PACKED, _BA.MAKE_READY): _B.READY,
    (_B.PACKED, _BA.COLLECT): _B.COLLECTED,
    (_B.PACKED, _BA.SETTLE): _B.SETTLED,
    (_B.READY, _BA.COLLECT): _B.COLLECTED,
    (_B.READY, _BA.LEAVE): _B.LEFT,
    (_B.READY, _BA.SETTLE): _B.SETTLED,
    (_B.LEFT, _BA.COLLECT): _B.COLLECTED,
    (_B.LEFT, _BA.SETTLE): _B.SETTLED,
    (_B.COLLECTED, _BA.MAKE_READY): _B.READY,
}
BAG_ENDS = (_B.COLLECTED, _B.SETTLED)

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


def ended_at(station_id: int, order_id: int) -> datetime | None:
    """Return when the bag of an order was collected or settled; None before, or while there is none."""
    mine = (OrderBag.station_id == station_id, OrderBag.order_id == order_id)
    return connection().scalar(select(OrderBag.ended_at).where(*mine))


def get(station_id: int, bag_id: int) -> Bag:
    """Return one bag. Raises StationError `not_found`."""
    found = find(station_id, OrderBag.id == bag_id)
    if not found:
        raise StationError("not_found", _("There is no such bag."))
    return found[0]


def step(station_id: int, bag: Bag, action: BagAction, **values: Any) -> None:
    """Take a bag one step on and write `values`. Raises StationError `stale` for a step it does not take from there."""
    state = BAG.get((BagState(bag.state), action))
    if state is None:
        raise _stale()
    change(station_id, bag, state=state, **values)


def change(station_id: int, bag: Bag, **values: Any) -> None:
    """Write `values` of a bag. Raises StationError `stale` when it is not where it was any more."""
    mine = (OrderBag.station_id == station_id, OrderBag.id == bag.id, OrderBag.state == bag.state)
    if not connection().execute(update(OrderBag).where(*mine).values(**values)).rowcount:
        raise _stale()


def _stale() -> StationError:
    return StationError("stale", _("Somebody else changed this at the same moment. Load it again."))
