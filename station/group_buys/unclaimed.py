"""Goods that nobody collects: reminded of, offered to who waits if their buyer agrees, then settled by the stated rule.

Everything follows from the clock and from what people said, so a late or doubled run of the job ends in the same state.
A bag on hold is left alone until the hold is lifted.
"""

from datetime import datetime, timedelta

from sqlalchemy import select

from station.core import clock
from station.core.actor import Actor, system_actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.events.service import Event, append, take_turn
from station.group_buys import (
    bag_store,
    bags,
    charges,
    messages,
    offers,
    order_money,
    paying,
    sharing_store,
    store,
    surplus,
)
from station.group_buys.bag_store import Bag, BagAction, BagState
from station.group_buys.lifecycle import OrderAction
from station.group_buys.messages import GroupNote
from station.group_buys.models import OrderBag
from station.group_buys.plans import UnclaimedRule
from station.group_buys.sharing_store import Change
from station.ledger import service as ledger
from station.network import queries as network
from station.parcels import extension, handling
from station.parcels import store as parcels
from station.parcels.lifecycle import ParcelState

OPEN = (BagState.READY, BagState.LEFT)


def due_stations() -> list[int]:
    """Return the stations with bags on a shelf, or left, or with units left over. Reads only; takes no lock."""
    query = select(OrderBag.station_id).where(OrderBag.state.in_(OPEN)).distinct()
    return sorted({*connection().scalars(query), *surplus.due_stations()})


def run(station_id: int) -> int:
    """Do what is due for a station's bags, and offer on what is left over; return for how many bags something was done.

    Safe late and twice.
    """
    take_turn(station_id)
    actor = system_actor(station_id)
    bags.follow(station_id)  # somebody may have collected meanwhile
    for campaign_id in surplus.running(station_id):
        surplus.offer_on(actor, campaign_id)
        bags.finish_if_over(actor, campaign_id)
    return sum(_step(actor, bag) for bag in bag_store.find(station_id, OrderBag.state.in_(OPEN)))


def _step(actor: Actor, bag: Bag) -> bool:
    if bag.state == BagState.LEFT:
        return _settle_unless_offered(actor, bag)
    now = clock.now()
    until = _until(actor, bag)
    if now >= until:
        leave(actor, bag)
        _settle_unless_offered(actor, bag_store.get(actor.station_id, bag.id))
        return True
    if bag.reminded_at is None and now >= _remind_at(bag, until):
        bag_store.change(actor.station_id, bag, reminded_at=now)
        messages.tell(actor.station_id, GroupNote.REMIND, *_whose(actor, bag))
        return True
    return False


def _until(actor: Actor, bag: Bag) -> datetime:
    """Return until when a bag waits now: its buyer may have put that off, and a holiday may have come."""
    parcel = parcels.look(bag.point_station_id, [bag.parcel_id])[0]
    until = extension.waits_until(parcel, network.rules(bag.point_station_id))
    if until != bag.collect_until:
        bag_store.change(actor.station_id, bag, collect_until=until)
    return until


def _remind_at(bag: Bag, until: datetime) -> datetime:
    """Return when to remind: at half of the time, but a day before the end where that is later."""
    begun = bag.ready_at or until
    return max(begun + (until - begun) / 2, until - timedelta(days=1))


def _whose(actor: Actor, bag: Bag) -> tuple[int, list[int]]:
    order = store.look_order(actor.station_id, bag.order_id)
    return store.look_campaign(actor.station_id, order.campaign_id).number, [order.recipient_id]


def leave(actor: Actor, bag: Bag) -> None:
    """Note that a bag's time is over, or that its buyer lets others have it."""
    order = store.look_order(actor.station_id, bag.order_id)
    sharing_store.change(actor.station_id, [Change(order, OrderAction.LEAVE)])
    bag_store.step(actor.station_id, bag, BagAction.LEAVE)
    append(actor, Event("bag_left", data={"order": str(order.id), "bag": str(bag.id)}))


def agree_release(actor: Actor, order_id: int) -> None:
    """Note that a buyer will not come and lets others have the goods; they are offered at once. Twice is once.

    The caller knows that the actor is the buyer, or staff whom the buyer told. Raises StationError `not_found`, or
    `order_moved_on` when the goods are gone.
    """
    take_turn(actor.station_id)
    bag = bag_store.of_order(actor.station_id, order_id)
    if bag.release_agreed_at is not None:
        return
    if bag.state != BagState.READY:
        raise StationError("order_moved_on", _("These goods do not wait any more."))
    order = store.look_order(actor.station_id, order_id)
    campaign = store.look_campaign(actor.station_id, order.campaign_id)
    if order_money.given_back(actor.station_id, campaign, order) > 0:
        raise StationError(
            "order_moved_on", _("Money was given back for some of these goods, so nobody else is asked.")
        )
    bag_store.change(actor.station_id, bag, release_agreed_at=clock.now())
    append(actor, Event("bag_release_agreed", data={"order": str(order_id), "bag": str(bag.id)}))
    leave(actor, bag_store.get(actor.station_id, bag.id))
    offers.offer(actor, bag_store.get(actor.station_id, bag.id))


def _settle_unless_offered(actor: Actor, bag: Bag) -> bool:
    """Offer a left bag to the next who waits; when nobody does, settle it. Tell whether something was done."""
    if bag.release_agreed_at is not None:
        if offers.is_open(actor.station_id, bag.id):
            return False
        if offers.offer(actor, bag):
            return True
        if bag.collect_until and clock.now() < bag.collect_until:
            return False  # nobody else wants it, and its buyer may still come
    return settle(actor, bag)


def settle(actor: Actor, bag: Bag) -> bool:
    """Do what the campaign said for goods that nobody collects, and ask for the shelf to be cleared; once.

    False for a bag on hold, or one that is not on its shelf: then people have to look first.
    """
    parcel = parcels.look(bag.point_station_id, [bag.parcel_id])[0]
    if parcel.hold_reason not in (None, paying.REASON) or parcel.state != ParcelState.STORED:
        return False
    paying.lift(bag, parcel)
    order = store.look_order(actor.station_id, bag.order_id)
    campaign = store.look_campaign(actor.station_id, order.campaign_id)
    handling.start_return(system_actor(bag.point_station_id), parcel.id, reason="not_collected")
    sharing_store.change(actor.station_id, [Change(order, OrderAction.CLOSE)])
    bag_store.step(actor.station_id, bag, BagAction.SETTLE, ended_at=clock.now())
    if campaign.unclaimed_rule == UnclaimedRule.REFUND:
        amount = order_money.charged(actor.station_id, campaign, order)
        key = f"unclaimed:{order.id}"
        ledger.post_all(actor, charges.give_back_as_waste(campaign, order, amount_minor=amount, key=key))
        paying.hold_refunded(bag)
    facts = {"order": str(order.id), "bag": str(bag.id), "rule": campaign.unclaimed_rule}
    append(actor, Event("bag_settled", data=facts))
    messages.tell(actor.station_id, GroupNote.LEFT, campaign.number, [order.recipient_id])
    bags.finish_if_over(actor, campaign.id)
    return True


def clear_shelf(actor: Actor, bag_id: int) -> None:
    """Note that a settled bag was taken off its shelf: it is the station's again.

    Raises StationError `not_found`, `illegal_transition` when it is gone already.
    """
    bag = bag_store.get(actor.station_id, bag_id)
    for parcel in parcels.look(bag.point_station_id, [bag.parcel_id]):
        paying.lift(bag, parcel)
    handling.return_to_carrier(system_actor(bag.point_station_id), bag.parcel_id)
