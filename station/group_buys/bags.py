"""Sharing out: one bag for each order, a parcel of the station itself at the place where it is collected.

The parcel goes through the same shelves, counter, kiosk and messages as any other; nothing calls back from there. What
happened to it is read from it (`follow`), by the pages of the work at once and by the job for everything else.
"""

from collections import defaultdict
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, insert, or_, select

from station.core import clock, ids
from station.core.actor import Actor, system_actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.phones import parse
from station.events.service import Event, append, take_turn
from station.group_buys import (
    bag_store,
    charges,
    messages,
    offer_store,
    order_money,
    paying,
    sharing_store,
    store,
    surplus,
)
from station.group_buys.bag_store import LIVE, Bag, BagAction, BagState
from station.group_buys.lifecycle import CampaignAction, CampaignState, OrderAction, OrderState
from station.group_buys.messages import GroupNote
from station.group_buys.models import OrderBag
from station.group_buys.sharing_store import Change
from station.group_buys.store import Order
from station.ledger import service as ledger
from station.network import queries as network
from station.parcels import extension, own_bags
from station.parcels import store as parcels
from station.parcels.intake import CheckedIn
from station.parcels.lifecycle import ParcelState
from station.residents import queries as people
from station.residents import service as residents

STEP = 500  # parcels read at once; source: ours, below what either database takes in one list
# Ours: who notices a mistaken hand-over later than that gives the bag by hand.
UNDONE_WITHIN = timedelta(days=7)


def pack(actor: Actor, campaign_id: int) -> int:
    """Make the bags of everything that came; return how many. Their labels can be printed then.

    Raises StationError `campaign_moved_on` before the count is finished, or when it was done.
    """
    campaign = store.campaign(actor.station_id, campaign_id)
    orders = sharing_store.orders(actor.station_id, campaign_id, {OrderState.ALLOCATED})
    per_point: dict[int, list[Order]] = defaultdict(list)
    for one in orders:
        per_point[one.point_station_id].append(one)
    for point in sorted(
        {actor.station_id, *per_point}
    ):  # in one order, so that two stations never wait crosswise
        take_turn(point)
    sharing_store.advance(actor.station_id, campaign, CampaignAction.SHARE, sharing_at=clock.now())
    for point in sorted(per_point):
        pack_for(actor, point, per_point[point], storage=campaign.storage)
    append(actor, Event("bags_packed", data={"campaign": str(campaign_id), "bags": len(orders)}))
    finish_if_over(actor, campaign_id)
    return len(orders)


def pack_for(actor: Actor, point: int, orders: list[Order], *, storage: str) -> None:
    """Make the bags that are collected at one place; what another station knows of it is that they will come."""
    there = actor if point == actor.station_id else system_actor(point)
    bags = [
        own_bags.Bag(_recipient(actor.station_id, point, one), "own_page" if one.account_id else "in_person")
        for one in orders
    ]
    parcel_ids = own_bags.expect(there, bags, storage=storage)
    rows = [
        {
            "station_id": actor.station_id,
            "id": ids.next_id(),
            "order_id": one.id,
            "point_station_id": point,
            "parcel_id": parcel_id,
            "units": one.delivered,
            "state": BagState.PACKED,
        }
        for one, parcel_id in zip(orders, parcel_ids, strict=True)
    ]
    connection().execute(insert(OrderBag), rows)


def _recipient(station_id: int, point: int, order: Order) -> int:
    """Return who the buyer is at the place where they collect."""
    if point == station_id:
        return residents.get(station_id, order.recipient_id).id
    known = people.personal(station_id, order.recipient_id)
    phone = parse(known.phone) if known else None
    if known is None or phone is None:
        raise StationError(
            "bad_input", _("A buyer has no phone number any more, so nobody could reach them.")
        )
    return residents.find_or_add(point, phone, known.name).id


def shelve(actor: Actor, raw: str, layer_id: int) -> CheckedIn:
    """Put the bag whose label was scanned on a shelf; its buyer is told.

    Raises StationError as own_bags.put_on_shelf does.
    """
    stored = own_bags.put_on_shelf(actor, raw, layer_id)
    mine = bag_store.find(
        actor.station_id,
        OrderBag.point_station_id == actor.station_id,
        OrderBag.parcel_id == stored.parcel_id,
        OrderBag.state.in_(sorted(LIVE)),
    )
    _follow(actor, mine)
    return stored


def follow(station_id: int) -> int:
    """Bring the bags of a station to where their parcels are; return how many moved. Safe late and twice."""
    take_turn(station_id)
    return _follow(system_actor(station_id), bag_store.find(station_id, _may_move()))


def _may_move() -> ColumnElement[bool]:
    """Return the condition of bags whose parcel may have moved on: live ones, and a hand-over that may be undone."""
    since = clock.now() - UNDONE_WITHIN
    just_collected = and_(OrderBag.state == BagState.COLLECTED, OrderBag.ended_at > since)
    return or_(OrderBag.state.in_(sorted(LIVE)), just_collected)


def _follow(actor: Actor, bags: list[Bag]) -> int:
    moved: set[int] = set()
    for point, parcel_id_of in _by_point(bags).items():
        for start in range(0, len(parcel_id_of), STEP):
            some = dict(list(parcel_id_of.items())[start : start + STEP])
            for parcel in parcels.look(point, list(some)):
                campaign_id = _follow_one(actor, some[parcel.id], parcel)
                moved |= {campaign_id} if campaign_id else set()
    for campaign_id in sorted(moved):
        finish_if_over(actor, campaign_id)
    return len(moved)


def _by_point(bags: list[Bag]) -> dict[int, dict[int, Bag]]:
    found: dict[int, dict[int, Bag]] = defaultdict(dict)
    for bag in bags:
        found[bag.point_station_id][bag.parcel_id] = bag
    return dict(sorted(found.items()))


def _follow_one(actor: Actor, bag: Bag, parcel: parcels.Current) -> int | None:
    """Bring one bag to where its parcel is; return its campaign when that moved it."""
    if bag.state == BagState.COLLECTED and parcel.state != ParcelState.HANDED_OVER:
        back = _ready(actor, bag, parcel)  # and then to wherever it went since
        return _follow_one(actor, bag_store.get(actor.station_id, bag.id), parcel) or back
    if bag.state == BagState.PACKED and parcel.state == ParcelState.STORED:
        return _ready(actor, bag, parcel)
    if parcel.state == ParcelState.HANDED_OVER and bag.state in LIVE:
        return _collected(actor, bag, parcel)
    if parcel.hold_reason == paying.REASON:
        paying.lift_if_paid(actor.station_id, bag, parcel)
    if parcel.state == ParcelState.WRITTEN_OFF and bag.state in LIVE:
        return _gone(actor, bag)
    if (
        bag.state == BagState.READY
        and parcel.state == ParcelState.STORED
        and parcel.stored_at != bag.ready_at
    ):
        return _ready_again(actor, bag, parcel)
    return None


def _ready(actor: Actor, bag: Bag, parcel: parcels.Current) -> int:
    order = store.look_order(actor.station_id, bag.order_id)
    campaign = store.look_campaign(actor.station_id, order.campaign_id)
    is_back = bag.state == BagState.COLLECTED
    until = _deadline(bag, parcel, None if is_back else campaign.collect_h)
    sharing_store.change(actor.station_id, [Change(order, OrderAction.MAKE_READY)])
    values = {"ready_at": parcel.stored_at, "collect_until": until, "ended_at": None}
    bag_store.step(actor.station_id, bag, BagAction.MAKE_READY, **values)
    _log(actor, "bag_back" if is_back else "bag_ready", bag)
    if parcel.state == ParcelState.STORED:
        paying.hold_unpaid(actor.station_id, campaign, order, bag)
    return campaign.id


def _ready_again(actor: Actor, bag: Bag, parcel: parcels.Current) -> int:
    """Count anew for a bag that was taken off its shelf by mistake and checked in again."""
    order = store.look_order(actor.station_id, bag.order_id)
    campaign = store.look_campaign(actor.station_id, order.campaign_id)
    until = _deadline(bag, parcel, campaign.collect_h)
    bag_store.change(actor.station_id, bag, ready_at=parcel.stored_at, collect_until=until)
    return campaign.id


def _deadline(bag: Bag, parcel: parcels.Current, collect_h: int | None) -> datetime:
    """Return until when a bag waits: the campaign's hours where it has some, else as long as any parcel there."""
    if collect_h is not None:
        return extension.keep_for(system_actor(bag.point_station_id), parcel.id, collect_h)
    return extension.waits_until(parcel, network.rules(bag.point_station_id))


def _collected(actor: Actor, bag: Bag, parcel: parcels.Current) -> int:
    order = store.look_order(actor.station_id, bag.order_id)
    if order.state == OrderState.ALLOCATED:  # collected before anybody looked
        sharing_store.change(actor.station_id, [Change(order, OrderAction.MAKE_READY)])
        order = store.look_order(actor.station_id, bag.order_id)
    sharing_store.change(actor.station_id, [Change(order, OrderAction.COLLECT)])
    ready_at = bag.ready_at or parcel.stored_at
    left = {"ready_at": ready_at, "ended_at": parcel.left_at}
    bag_store.step(actor.station_id, bag, BagAction.COLLECT, **left)
    offer_store.withdraw(actor.station_id, bag.id)
    _log(actor, "bag_collected", bag)
    return order.campaign_id


def _gone(actor: Actor, bag: Bag) -> int:
    """Give the money back for a bag that was written off: the station had it and has it no more."""
    order = store.look_order(actor.station_id, bag.order_id)
    campaign = store.look_campaign(actor.station_id, order.campaign_id)
    sharing_store.change(actor.station_id, [Change(order, OrderAction.CLOSE, delivered=0)])
    bag_store.step(actor.station_id, bag, BagAction.SETTLE, ended_at=clock.now())
    amount = order_money.charged(actor.station_id, campaign, order)
    key = f"gone:{order.id}"
    ledger.post_all(actor, charges.give_back_as_waste(campaign, order, amount_minor=amount, key=key))
    messages.tell(actor.station_id, GroupNote.SHORT, campaign.number, [order.recipient_id])
    offer_store.withdraw(actor.station_id, bag.id)
    _log(actor, "bag_settled", bag)
    return campaign.id


def _log(actor: Actor, kind: str, bag: Bag) -> None:
    facts = {"order": str(bag.order_id), "bag": str(bag.id), "parcel": str(bag.parcel_id)}
    append(actor, Event(kind, data=facts))


def finish_if_over(actor: Actor, campaign_id: int) -> bool:
    """End a campaign whose last bag is gone; who still waited gets nothing any more. Tell whether it ended."""
    campaign = store.campaign(actor.station_id, campaign_id)
    if campaign.state != CampaignState.SHARING:
        return False
    open_states = {OrderState.ALLOCATED, OrderState.READY, OrderState.UNCLAIMED}
    if sharing_store.orders(actor.station_id, campaign_id, open_states):
        return False
    if surplus.offer_on(actor, campaign_id):
        return False  # somebody may still take what is left over
    waiting = sharing_store.orders(actor.station_id, campaign_id, {OrderState.WAITING})
    sharing_store.change(actor.station_id, [Change(one, OrderAction.FALL) for one in waiting])
    sharing_store.advance(actor.station_id, campaign, CampaignAction.FINISH, ended_at=clock.now())
    append(actor, Event("campaign_finished", data={"campaign": str(campaign_id)}))
    return True


def stations_sharing() -> list[int]:
    """Return the stations with bags whose parcel may have moved on. Reads only; takes no lock."""
    query = select(OrderBag.station_id).where(_may_move()).distinct()
    return list(connection().scalars(query.order_by(OrderBag.station_id)))
