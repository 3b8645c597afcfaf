"""Reads of sharing out: what a message says of somebody's order, and what stands where on the pages of the work."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select

from station.core import clock
from station.core.db import connection
from station.group_buys.models import Campaign, CampaignOffer, GroupOrder, OrderBag

_OF_CAMPAIGN = and_(GroupOrder.station_id == Campaign.station_id, GroupOrder.campaign_id == Campaign.id)
_OF_ORDER = and_(OrderBag.station_id == GroupOrder.station_id, OrderBag.order_id == GroupOrder.id)


@dataclass(frozen=True, slots=True)
class Mine:
    """One person's order in one campaign, as a message tells of it."""

    order_id: int
    title: str
    unclaimed_rule: str
    state: str
    hold_until: datetime | None
    allocated: int | None
    delivered: int | None
    collect_until: datetime | None
    offered: int = 0
    offer_until: datetime | None = None


def mine(station_id: int, recipient_id: int, number: int) -> Mine | None:
    """Return somebody's newest order in the campaign with this number; None when there is none."""
    query = (
        select(
            GroupOrder.id,
            Campaign.title,
            Campaign.unclaimed_rule,
            GroupOrder.state,
            GroupOrder.hold_until,
            GroupOrder.allocated,
            GroupOrder.delivered,
            OrderBag.collect_until,
        )
        .select_from(Campaign)
        .join(GroupOrder, _OF_CAMPAIGN)
        .outerjoin(OrderBag, _OF_ORDER)
        .where(
            Campaign.station_id == station_id,
            Campaign.number == number,
            GroupOrder.recipient_id == recipient_id,
        )
        .order_by(GroupOrder.id.desc())
        .limit(1)
    )
    row = connection().execute(query).first()
    if row is None:
        return None
    order_id, title, rule, state, hold_until, allocated, delivered, collect_until = row
    order = (order_id, title, rule, state, hold_until, allocated, delivered, collect_until)
    return Mine(*order, *_offer(station_id, order_id))


def _offer(station_id: int, order_id: int) -> tuple[int, datetime | None]:
    query = (
        select(CampaignOffer.units, CampaignOffer.until)
        .where(
            CampaignOffer.station_id == station_id,
            CampaignOffer.order_id == order_id,
            CampaignOffer.state == "open",
            CampaignOffer.until > clock.now(),
        )
        .order_by(CampaignOffer.id.desc())
        .limit(1)
    )
    row = connection().execute(query).first()
    return (row.units, row.until) if row else (0, None)
