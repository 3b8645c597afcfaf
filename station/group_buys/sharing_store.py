"""A campaign's orders taken together: read in the order of sign-up, changed in one statement, from cut-off on.

One campaign or one order at a time is store.py's.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from station.core import clock
from station.core.statements import Statement
from station.group_buys import store
from station.group_buys.lifecycle import CampaignAction, CampaignState, OrderAction, OrderState
from station.group_buys.models import GroupOrder
from station.group_buys.store import ORDER_COLUMNS, Current, Order


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one order: the action (None: it stays where it is), and the new values there are."""

    order: Order
    action: OrderAction | None
    allocated: int | None = None
    unit_price_minor: int | None = None
    delivered: int | None = None
    result: str | None = None


_ALL = Statement(
    select(*ORDER_COLUMNS)
    .where(
        GroupOrder.station_id == bindparam("station_id"), GroupOrder.campaign_id == bindparam("campaign_id")
    )
    .order_by(GroupOrder.ranked_at, GroupOrder.id)
)
_WRITTEN = ("state", "allocated", "unit_price_minor", "delivered", "result", "changed_at", "version")
_CHANGE = Statement(
    update(GroupOrder)
    .where(
        GroupOrder.station_id == bindparam("station"),
        GroupOrder.id == bindparam("order"),
        GroupOrder.version == bindparam("seen"),
    )
    .values({name: bindparam(name) for name in _WRITTEN} | {"hold_until": None})
)


def orders(station_id: int, campaign_id: int, states: Collection[OrderState]) -> list[Order]:
    """Return a campaign's orders in these states, the earliest first."""
    found = [Order(*row) for row in _ALL.all(station_id=station_id, campaign_id=campaign_id)]
    return [one for one in found if one.state in states]


def point_shares(station_id: int, campaign_id: int) -> dict[int, int]:
    """Return each partner station's part of the sale, in hundredths of a percent; the own one has its commission."""
    found = store.points(station_id, campaign_id)
    return {point.station_id: point.share_bp for point in found if point.station_id != station_id}


def advance(station_id: int, found: Current, action: CampaignAction, **moments: datetime) -> CampaignState:
    """Take a campaign one step on and note when; return its new state.

    Raises StationError `campaign_moved_on`, or `stale` when it is not what was read any more.
    """
    state = store.next_campaign_state(found, action)
    store.change_campaign(station_id, found, state=state, **moments)
    return state


def change(station_id: int, changes: Sequence[Change]) -> None:
    """Write what becomes of orders that were read in this station's turn.

    Raises StationError `order_moved_on` for a step that no order takes from where it stands.
    """
    now = clock.now()
    _CHANGE.run_many([_row(station_id, one, now) for one in changes])


def _row(station_id: int, change: Change, now: datetime) -> dict[str, Any]:
    before = change.order
    return {
        "station": station_id,
        "order": before.id,
        "seen": before.version,
        "state": store.next_order_state(before, change.action) if change.action else before.state,
        "allocated": _or(change.allocated, before.allocated),
        "unit_price_minor": _or(change.unit_price_minor, before.unit_price_minor),
        "delivered": _or(change.delivered, before.delivered),
        "result": change.result or before.result,
        "changed_at": now,
        "version": before.version + 1,
    }


def _or(new: int | None, old: int | None) -> int | None:
    return old if new is None else new
