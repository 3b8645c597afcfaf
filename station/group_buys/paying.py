"""Goods that are paid when they are collected: their bags wait on hold until the buyer's account is settled.

A hold stops every hand-over, at the counter and at the kiosk, and says that something is still to be paid.
"""

from sqlalchemy import select

from station.core.actor import Actor, system_actor
from station.group_buys import bag_store, store
from station.group_buys.bag_store import Bag, BagState
from station.group_buys.models import GroupOrder, OrderBag
from station.group_buys.plans import Pays
from station.group_buys.store import Current, Order
from station.ledger import queries as ledger
from station.parcels import handling
from station.parcels import store as parcels
from station.residents import queries as residents

REASON = "payment_due"  # of events/vocabulary.py


def hold_unpaid(station_id: int, campaign: Current, order: Order, bag: Bag) -> None:
    """Hold a bag on its shelf whose buyer still owes money, where the campaign is paid at pickup."""
    if campaign.pays == Pays.AT_PICKUP and _owes(station_id, order, campaign.currency):
        handling.hold(system_actor(bag.point_station_id), bag.parcel_id, reason=REASON)


def hold_refunded(bag: Bag) -> None:
    """Hold a bag that nobody collected and whose money was given back: it is not free for who comes late."""
    handling.hold(system_actor(bag.point_station_id), bag.parcel_id, reason=REASON)


def _owes(station_id: int, order: Order, currency: str) -> bool:
    return ledger.resident_balance(station_id, order.recipient_id, currency) < 0


def lift(bag: Bag, parcel: parcels.Current) -> None:
    """Lift the hold for money from a bag that its buyer does not get any more."""
    if parcel.hold_reason == REASON:
        handling.release_hold(system_actor(bag.point_station_id), bag.parcel_id)


def lift_if_paid(station_id: int, bag: Bag, parcel: parcels.Current) -> None:
    """Lift the hold for money when nothing is owed any more."""
    order = store.look_order(station_id, bag.order_id)
    currency = store.look_campaign(station_id, order.campaign_id).currency
    if not _owes(station_id, order, currency):
        lift(bag, parcel)


def release_paid(actor: Actor, recipient_id: int) -> None:
    """Let a buyer have their bags, under whatever name, once they have paid; called in the payment's transaction."""
    mine = select(GroupOrder.id).where(
        GroupOrder.station_id == actor.station_id,
        GroupOrder.recipient_id.in_(residents.person_ids(actor.station_id, recipient_id)),
    )
    waiting = OrderBag.state.in_((BagState.READY, BagState.LEFT))
    for bag in bag_store.find(actor.station_id, waiting, OrderBag.order_id.in_(mine)):
        for parcel in parcels.look(bag.point_station_id, [bag.parcel_id]):
            lift_if_paid(actor.station_id, bag, parcel)
