"""Reading campaigns and orders to change them, and writing them back only if nobody else did."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from station.core import clock
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.events.service import take_turn
from station.group_buys.lifecycle import (
    CampaignAction,
    CampaignState,
    OrderAction,
    OrderState,
    step_campaign,
    step_order,
)
from station.group_buys.models import Campaign, CampaignPoint, CampaignTier, GroupOrder
from station.group_buys.plans import Point
from station.group_buys.prices import Tier


@dataclass(frozen=True, slots=True)
class Current:
    """A campaign as it stands now, for a use case to decide on."""

    id: int
    number: int
    share_token: str
    state: str
    title: str
    text: str
    unit: str
    currency: str
    supplier_id: int
    storage: str
    minimum_total: int | None
    maximum_total: int | None
    per_person_most: int | None
    box_size: int
    commission_bp: int
    pays: str
    at_cut_off: str
    opens_at: datetime | None
    cut_off_at: datetime
    arrives_on: date
    collect_h: int | None
    unclaimed_rule: str
    claim_h: int | None
    ordered_units: int
    version: int
    made_at: datetime
    opened_at: datetime | None
    closed_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None

    @property
    def room(self) -> int | None:
        """How many units may still be ordered; None without a maximum."""
        return None if self.maximum_total is None else self.maximum_total - self.ordered_units

    def takes_orders(self, now: datetime) -> bool:
        """Tell whether the clock lets people order now: the clock decides, however late a job is."""
        has_begun = self.opens_at is None or self.opens_at <= now
        return self.state == CampaignState.OPEN and has_begun and now < self.cut_off_at


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it stands now."""

    id: int
    campaign_id: int
    recipient_id: int
    account_id: int | None
    point_station_id: int
    quantity: int
    tolerance: int
    state: str
    ranked_at: datetime
    hold_until: datetime | None
    allocated: int | None
    unit_price_minor: int | None
    delivered: int | None
    result: str | None
    made_at: datetime
    changed_at: datetime
    version: int


CAMPAIGN_COLUMNS = tuple(getattr(Campaign, name) for name in Current.__slots__)
ORDER_COLUMNS = tuple(getattr(GroupOrder, name) for name in Order.__slots__)


def look_campaign(station_id: int, campaign_id: int) -> Current:
    """Return a campaign as it stands, to show it. Raises StationError `not_found`."""
    query = select(*CAMPAIGN_COLUMNS).where(Campaign.station_id == station_id, Campaign.id == campaign_id)
    row = connection().execute(query).one_or_none()
    if row is None:
        raise StationError("not_found", _("This group buy does not exist."))
    return Current(*row)


def campaign(station_id: int, campaign_id: int) -> Current:
    """Take the station's turn and return a campaign to change. Raises StationError `not_found`."""
    take_turn(station_id)
    return look_campaign(station_id, campaign_id)


def look_order(station_id: int, order_id: int) -> Order:
    """Return an order as it stands, to show it. Raises StationError `not_found`."""
    query = select(*ORDER_COLUMNS).where(GroupOrder.station_id == station_id, GroupOrder.id == order_id)
    row = connection().execute(query).one_or_none()
    if row is None:
        raise StationError("not_found", _("This order does not exist."))
    return Order(*row)


def order(station_id: int, order_id: int) -> Order:
    """Take the station's turn and return an order to change. Raises StationError `not_found`."""
    take_turn(station_id)
    return look_order(station_id, order_id)


def tiers(station_id: int, campaign_id: int) -> tuple[Tier, ...]:
    """Return a campaign's prices, the first tier first."""
    return tiers_of(station_id, [campaign_id])[campaign_id]


def tiers_of(station_id: int, campaign_ids: Sequence[int]) -> dict[int, tuple[Tier, ...]]:
    """Return the prices of several campaigns at once."""
    query = (
        select(CampaignTier.campaign_id, CampaignTier.from_total, CampaignTier.unit_price_minor)
        .where(CampaignTier.station_id == station_id, CampaignTier.campaign_id.in_(campaign_ids))
        .order_by(CampaignTier.campaign_id, CampaignTier.from_total)
    )
    found: dict[int, tuple[Tier, ...]] = dict.fromkeys(campaign_ids, ())
    for campaign_id, from_total, price in connection().execute(query):
        found[campaign_id] += (Tier(from_total, price),)
    return found


def points(station_id: int, campaign_id: int) -> tuple[Point, ...]:
    """Return the stations where a campaign's orders are collected, in the order of their ids."""
    query = (
        select(CampaignPoint.point_station_id, CampaignPoint.share_bp)
        .where(CampaignPoint.station_id == station_id, CampaignPoint.campaign_id == campaign_id)
        .order_by(CampaignPoint.point_station_id)
    )
    return tuple(Point(*row) for row in connection().execute(query))


def next_campaign_state(found: Current, action: CampaignAction) -> CampaignState:
    """Return where `action` leads. Raises StationError `campaign_moved_on` when it may not be done now."""
    state = step_campaign(CampaignState(found.state), action)
    if state is None:
        raise StationError(
            "campaign_moved_on",
            _("This is not possible any more: the group buy has moved on. Load the page again."),
        )
    return state


def next_order_state(found: Order, action: OrderAction) -> OrderState:
    """Return where `action` leads. Raises StationError `order_moved_on` when it may not happen now."""
    state = step_order(OrderState(found.state), action)
    if state is None:
        raise StationError("order_moved_on", _("This order cannot be changed any more. Load the page again."))
    return state


def change_campaign(station_id: int, found: Current, **values: Any) -> None:
    """Write `values` if the campaign is still what was read. Raises StationError `stale` when it is not."""
    mine = (Campaign.station_id == station_id, Campaign.id == found.id, Campaign.version == found.version)
    changed = connection().execute(update(Campaign).where(*mine).values(version=found.version + 1, **values))
    if not changed.rowcount:
        raise StationError("stale", _("Somebody else changed this at the same moment. Load it again."))


def change_order(station_id: int, found: Order, **values: Any) -> None:
    """Write `values` if the order is still what was read. Raises StationError `stale` when it is not."""
    mine = (
        GroupOrder.station_id == station_id,
        GroupOrder.id == found.id,
        GroupOrder.version == found.version,
    )
    moved = {"version": found.version + 1, "changed_at": clock.now()} | values
    if not connection().execute(update(GroupOrder).where(*mine).values(**moved)).rowcount:
        raise StationError("stale", _("Somebody else changed this at the same moment. Load it again."))


def count(station_id: int, campaign_id: int, units: int) -> None:
    """Add `units` (negative: take away) to what a campaign counts as ordered.

    The table's own CHECK has the last word: raises StationError `sold_out` when the maximum would be passed.
    """
    mine = (Campaign.station_id == station_id, Campaign.id == campaign_id)
    values = {"ordered_units": Campaign.ordered_units + units, "version": Campaign.version + 1}
    try:
        connection().execute(update(Campaign).where(*mine).values(**values))
    except IntegrityError as error:
        raise StationError("sold_out", _("So many are not left any more. Load the page again.")) from error
