"""Reads of sharing out: what a message says of somebody's order, and what stands where on the pages of the work."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import and_, func, select

from station.core import clock
from station.core.db import connection
from station.group_buys.lifecycle import OVER
from station.group_buys.models import OPEN, Campaign, CampaignOffer, GroupOrder, OrderBag
from station.residents import queries as people

_OF_CAMPAIGN = and_(GroupOrder.station_id == Campaign.station_id, GroupOrder.campaign_id == Campaign.id)
_OF_ORDER = and_(OrderBag.station_id == GroupOrder.station_id, OrderBag.order_id == GroupOrder.id)


@dataclass(frozen=True, slots=True)
class Mine:
    """One person's order in one campaign, as a message tells of it."""

    number: int
    title: str
    arrives_on: date
    unclaimed_rule: str
    state: str
    hold_until: datetime | None
    allocated: int | None
    delivered: int | None
    collect_until: datetime | None
    offered: int = 0
    offer_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Closing:
    """A campaign that closes soon, as a message tells of it. `missing`: units to its minimum."""

    title: str
    cut_off_at: datetime
    share_token: str
    missing: int


def closing(station_id: int, number: int) -> Closing | None:
    """Return an open campaign by its number; None when its cut-off has passed."""
    query = select(
        Campaign.title,
        Campaign.cut_off_at,
        Campaign.share_token,
        func.coalesce(Campaign.minimum_total, 0) - Campaign.ordered_units,
    ).where(Campaign.station_id == station_id, Campaign.number == number, OPEN)
    row = connection().execute(query.where(Campaign.cut_off_at > clock.now())).one_or_none()
    if row is None:
        return None
    title, cut_off_at, share_token, missing = row
    return Closing(title, cut_off_at, share_token, max(0, missing))


def has_order(station_id: int, recipient_id: int, number: int) -> bool:
    """Tell whether somebody has an order that counts in the campaign with this number."""
    found = mine(station_id, recipient_id, number)
    return found is not None and found.state not in OVER


def mine(station_id: int, recipient_id: int, number: int) -> Mine | None:
    """Return somebody's newest order in the campaign with this number, under whatever name; None when there is none."""
    query = (
        select(
            GroupOrder.id,
            Campaign.number,
            Campaign.title,
            Campaign.arrives_on,
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
            GroupOrder.recipient_id.in_(people.entries_of(station_id, recipient_id)),
        )
        .order_by(GroupOrder.id.desc())
        .limit(1)
    )
    row = connection().execute(query).first()
    if row is None:
        return None
    offered, until = _offer(station_id, row[0])
    return replace(Mine(*row[1:]), offered=offered, offer_until=until)


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
