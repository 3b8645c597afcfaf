"""What group buys hold about people: their orders for an export, and what must be settled before they are erased.

The orders stay: what was bought and paid is kept for the books' sake, under numbers that lead to nobody.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, select, update

from station.core.db import connection
from station.core.money import plain_money
from station.group_buys.lifecycle import ORDER_ENDS
from station.group_buys.models import Campaign, GroupOrder
from station.group_buys.news_models import CampaignReminder

_FACTS = (
    "id",
    "quantity",
    "tolerance",
    "state",
    "made_at",
    "changed_at",
    "allocated",
    "delivered",
    "unit_price_minor",
)


def orders(station_id: int, recipient_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return every order of these recipients, oldest first, as plain values."""
    query = (
        select(*(getattr(GroupOrder, name) for name in _FACTS), Campaign.title, Campaign.currency)
        .join(
            Campaign,
            (Campaign.station_id == GroupOrder.station_id) & (Campaign.id == GroupOrder.campaign_id),
        )
        .where(GroupOrder.station_id == station_id, GroupOrder.recipient_id.in_(recipient_ids))
        .order_by(GroupOrder.id)
    )
    return [_facts(row) for row in connection().execute(query)]


def _facts(row: Any) -> dict[str, Any]:
    price = row.unit_price_minor
    return {
        "id": str(row.id),
        "group_buy": row.title,
        "quantity": row.quantity,
        "tolerance": row.tolerance,
        "state": row.state,
        "made_at": row.made_at.isoformat(),
        "changed_at": row.changed_at.isoformat(),
        "allocated": row.allocated,
        "delivered": row.delivered,
        "unit_price": None if price is None else f"{plain_money(price, row.currency)} {row.currency}",
    }


def reminders(station_id: int, recipient_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return of which group buys these recipients want to hear before they close, the oldest wish first."""
    query = (
        select(Campaign.title, CampaignReminder.asked_at)
        .join(
            Campaign,
            (Campaign.station_id == CampaignReminder.station_id)
            & (Campaign.id == CampaignReminder.campaign_id),
        )
        .where(CampaignReminder.station_id == station_id, CampaignReminder.recipient_id.in_(recipient_ids))
        .order_by(CampaignReminder.asked_at, CampaignReminder.campaign_id)
    )
    return [{"group_buy": title, "made_at": at.isoformat()} for title, at in connection().execute(query)]


def open_orders(station_id: int, recipient_ids: Sequence[int]) -> int:
    """Return how many orders of these recipients are not settled yet."""
    theirs = (GroupOrder.station_id == station_id, GroupOrder.recipient_id.in_(recipient_ids))
    query = select(func.count()).where(*theirs, GroupOrder.state.not_in(sorted(ORDER_ENDS)))
    return connection().scalar(query) or 0


def forget(station_id: int, recipient_ids: Sequence[int]) -> None:
    """Forget from which sign-in these recipients ordered, and what they wanted to be reminded of."""
    theirs = (GroupOrder.station_id == station_id, GroupOrder.recipient_id.in_(recipient_ids))
    connection().execute(update(GroupOrder).where(*theirs).values(account_id=None))
    wishes = (CampaignReminder.station_id == station_id, CampaignReminder.recipient_id.in_(recipient_ids))
    connection().execute(delete(CampaignReminder).where(*wishes))
