"""What of a resident's account is free, and what their orders still need."""

from dataclasses import dataclass

from station.group_buys import balances as group_buys
from station.group_buys import queries as group_queries
from station.group_buys.lifecycle import OrderState
from station.ledger import queries as ledger


@dataclass(frozen=True, slots=True)
class Due:
    """An order that waits for its money. `purpose`: what a payment of it is asked for."""

    order_id: int
    recipient_id: int
    title: str
    amount_minor: int

    @property
    def purpose(self) -> str:
        """What the payment is for."""
        return f"group_order:{self.order_id}"


def free(station_id: int, recipient_id: int, currency: str) -> int:
    """Return what could be given back to a resident now; never below nothing."""
    return max(0, group_buys.free(station_id, recipient_id, currency))


def owed(station_id: int, recipient_ids: list[int], currency: str) -> int:
    """Return what a resident owes over all their entries; never below nothing."""
    return max(0, -ledger.entries_balance(station_id, recipient_ids, currency))


def due(station_id: int, recipient_ids: list[int], currency: str) -> list[Due]:
    """Return a resident's orders in the station's currency that wait for their money, newest first."""
    held = [
        mine
        for mine in group_queries.orders_of(station_id, recipient_ids)
        if mine.order.state == OrderState.HELD and mine.offer.campaign.currency == currency
    ]
    return [
        Due(
            mine.order.id,
            mine.order.recipient_id,
            mine.offer.campaign.title,
            group_buys.to_pay(station_id, mine.order.id),
        )
        for mine in held
    ]
