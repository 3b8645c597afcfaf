"""What a buyer's money allows: the free part of their balance, and what an order still needs of it."""

from collections.abc import Sequence

from sqlalchemy import select

from station.core.db import connection
from station.group_buys import prices, store
from station.group_buys.lifecycle import OrderState
from station.group_buys.models import Campaign, GroupOrder
from station.group_buys.plans import Pays
from station.group_buys.store import Current, Order
from station.ledger import queries as ledger
from station.residents import queries as residents


def needed(station_id: int, campaign: Current, *, quantity: int, tolerance: int) -> int:
    """Return what an order costs at most, in minor units: all it allows, at the price of the first tier."""
    return prices.most_to_pay(store.tiers(station_id, campaign.id), quantity, tolerance)


def free(station_id: int, recipient_id: int, currency: str) -> int:
    """Return what a person may still spend: their balance without what their paid orders wait to be charged for.

    A person is all entries at one phone: what was paid under one name also pays what was ordered under another.
    """
    reserved, entries = 0, residents.person_ids(station_id, recipient_id)
    for order in _placed(station_id, entries, currency):
        campaign = store.look_campaign(station_id, order.campaign_id)
        reserved += needed(station_id, campaign, quantity=order.quantity, tolerance=order.tolerance)
    return ledger.entries_balance(station_id, entries, currency) - reserved


def _placed(station_id: int, recipient_ids: Sequence[int], currency: str) -> list[Order]:
    """Return the person's paid orders that were not charged yet: the ones of campaigns that are paid before."""
    query = (
        select(*store.ORDER_COLUMNS)
        .join(
            Campaign, (Campaign.station_id == GroupOrder.station_id) & (Campaign.id == GroupOrder.campaign_id)
        )
        .where(
            GroupOrder.station_id == station_id,
            GroupOrder.recipient_id.in_(recipient_ids),
            GroupOrder.state == OrderState.PLACED,
            Campaign.pays == Pays.BEFORE,
            Campaign.currency == currency,
        )
    )
    return [Order(*row) for row in connection().execute(query.order_by(GroupOrder.id))]


def to_pay(station_id: int, order_id: int) -> int:
    """Return what has to be paid so that a held order is placed; 0 for any other order."""
    order = store.look_order(station_id, order_id)
    if order.state != OrderState.HELD:
        return 0
    campaign = store.look_campaign(station_id, order.campaign_id)
    wanted = needed(station_id, campaign, quantity=order.quantity, tolerance=order.tolerance)
    return max(0, wanted - free(station_id, order.recipient_id, campaign.currency))
