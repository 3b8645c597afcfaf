"""What follows when money arrived: held group orders that it covers are placed, in the same transaction."""

from station.core.actor import Actor
from station.group_buys import orders
from station.payments.queries import Asked


def on_paid(actor: Actor, asked: Asked) -> None:
    """Let paid money do what it was paid for."""
    orders.settle_holds(actor, asked.recipient_id)
