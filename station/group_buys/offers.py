"""Goods that their buyer gives up, offered to the waiting list: to one person at a time, the whole bag, for a time.

Asked is whoever waits for at least so many at the same place, the earliest first. Who takes them pays what the buyer
had paid, who gets it back. Answers to any offer come here; units left over beyond all orders go on to surplus_uses.py.
"""

from datetime import timedelta

from sqlalchemy import insert

from station.core import clock, ids
from station.core.actor import Actor, ActorKind
from station.core.db import connection
from station.events.service import Event, append, take_turn
from station.group_buys import (
    bag_store,
    charges,
    offer_store,
    paying,
    sharing_store,
    store,
    surplus,
    surplus_uses,
)
from station.group_buys.bag_store import Bag, BagAction, BagState
from station.group_buys.lifecycle import OrderAction, OrderState
from station.group_buys.models import CampaignOffer, OrderBag
from station.group_buys.offer_store import OfferState
from station.group_buys.sharing_store import Change
from station.group_buys.store import Current, Order
from station.ledger import service as ledger
from station.parcels import extension, own_bags
from station.parcels import store as parcels
from station.parcels.lifecycle import ParcelState

WAITS_H = 24  # hours that goods wait for whoever took them over, unless the campaign's own are fewer


def is_open(station_id: int, bag_id: int) -> bool:
    """Tell whether somebody may still take a bag they were offered."""
    return bool(offer_store.open_now(station_id, CampaignOffer.bag_id == bag_id))


def offer(actor: Actor, bag: Bag) -> bool:
    """Offer a left bag to the next who waits; False when nobody is left to ask."""
    station_id = actor.station_id
    order = store.look_order(station_id, bag.order_id)
    campaign = store.look_campaign(station_id, order.campaign_id)
    offer_store.end(station_id, CampaignOffer.bag_id == bag.id)
    of_campaign = CampaignOffer.campaign_id == campaign.id
    asked = {one.order_id for one in offer_store.find(station_id, of_campaign) if one.bag_id is not None}
    busy = {one.order_id for one in offer_store.open_now(station_id, of_campaign)}
    waiting = sharing_store.orders(station_id, campaign.id, {OrderState.WAITING})
    others = (one for one in waiting if one.id not in asked | busy)
    nearest = next((one for one in others if _fits(one, bag, station_id)), None)
    if nearest is None:
        return False
    offer_store.ask(actor, campaign, nearest, units=bag.units, bag_id=bag.id)
    return True


def _fits(order: Order, bag: Bag, station_id: int) -> bool:
    """Tell whether a waiting order is for at least a whole bag, collected where the bag stands, at this station."""
    is_here = order.point_station_id == bag.point_station_id == station_id
    return is_here and order.quantity + order.tolerance >= bag.units


def decline(actor: Actor, order_id: int) -> None:
    """Let what was offered go to the next. Raises StationError `offer_over`."""
    take_turn(actor.station_id)
    found = offer_store.required(actor.station_id, order_id)
    offer_store.end(actor.station_id, CampaignOffer.id == found.id, state=OfferState.DECLINED)
    if found.bag_id is None:
        surplus.offer_on(actor, found.campaign_id)
    else:
        offer(actor, bag_store.get(actor.station_id, found.bag_id))


def accept(actor: Actor, order_id: int) -> None:
    """Take what was offered to a waiting order. Who takes it is told the code once it stands on a shelf.

    Raises StationError `offer_over` when it is too late or the goods are gone, `balance_low` where the campaign is paid
    before and the balance does not cover it.
    """
    take_turn(actor.station_id)
    found = offer_store.required(actor.station_id, order_id)
    taker = store.look_order(actor.station_id, order_id)
    if found.bag_id is None:
        surplus_uses.take(actor, found, taker)
    else:
        _take_bag(actor, found.id, taker, bag=bag_store.get(actor.station_id, found.bag_id))
    offer_store.end(actor.station_id, CampaignOffer.id == found.id, state=OfferState.TAKEN)


def _take_bag(actor: Actor, offer_id: int, taker: Order, *, bag: Bag) -> None:
    station_id = actor.station_id
    giver = store.look_order(station_id, bag.order_id)
    campaign = store.look_campaign(station_id, taker.campaign_id)
    parcel = parcels.look(station_id, [bag.parcel_id])[0]
    is_there = parcel.state == ParcelState.STORED and parcel.hold_reason in (None, paying.REASON)
    if bag.state != BagState.LEFT or not is_there:
        raise offer_store.over()
    paying.lift(bag, parcel)
    price = giver.unit_price_minor or 0
    surplus_uses.refuse_unpaid(station_id, campaign, taker, bag.units * price)
    journals = charges.take_over(
        campaign, giver, taker, amount_minor=bag.units * price, key=f"offer:{offer_id}"
    )
    ledger.post_all(actor, journals)
    _hand_on(actor, giver, taker, bag=bag, price=price)
    append(actor, Event("bag_taken_over", data={"bag": str(bag.id), "order": str(taker.id)}))
    _new_bag(actor, campaign, taker, bag=bag)


def _hand_on(actor: Actor, giver: Order, taker: Order, *, bag: Bag, price: int) -> None:
    """Close the giver's order and let the taker's have the units."""
    sharing_store.change(actor.station_id, [Change(giver, OrderAction.CLOSE)])
    bag_store.step(actor.station_id, bag, BagAction.SETTLE, ended_at=clock.now())
    change = Change(
        taker, OrderAction.ALLOCATE, allocated=bag.units, delivered=bag.units, unit_price_minor=price
    )
    sharing_store.change(actor.station_id, [change])
    fresh = store.look_order(actor.station_id, taker.id)
    sharing_store.change(actor.station_id, [Change(fresh, OrderAction.MAKE_READY)])


def _new_bag(actor: Actor, campaign: Current, taker: Order, *, bag: Bag) -> None:
    """Give the parcel to the taker and their order a bag of its own, which waits as long as they need."""
    station_id, now, bag_id = actor.station_id, clock.now(), ids.next_id()
    how = "own_page" if actor.kind is ActorKind.RESIDENT else "in_person"
    own_bags.hand_on(actor, bag.parcel_id, own_bags.Bag(taker.recipient_id, how))
    parcel = parcels.get(station_id, bag.parcel_id)
    stood = (now - (parcel.stored_at or now)) // timedelta(hours=1)
    hours = stood + min(WAITS_H, campaign.collect_h or WAITS_H)
    until = extension.keep_for(actor, bag.parcel_id, hours)
    values = {"order_id": taker.id, "point_station_id": bag.point_station_id, "parcel_id": bag.parcel_id}
    stands = {
        "units": bag.units,
        "state": BagState.READY,
        "ready_at": parcel.stored_at,
        "collect_until": until,
    }
    connection().execute(insert(OrderBag).values(station_id=station_id, id=bag_id, **values, **stands))
    paying.hold_unpaid(station_id, campaign, taker, bag_store.get(station_id, bag_id))
