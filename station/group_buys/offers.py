"""Goods that their buyer gives up, offered to the waiting list: to one person at a time, the whole bag, for a time.

Asked is whoever waits for at least so many at the same place, the earliest first. Who takes them pays what the buyer
had paid, who gets it back.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, insert, select, update

from station.core import clock, ids
from station.core.actor import Actor, ActorKind
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.events.service import Event, append, take_turn
from station.group_buys import bag_store, balances, charges, messages, paying, sharing_store, store
from station.group_buys.bag_store import Bag, BagAction, BagState
from station.group_buys.lifecycle import OrderAction, OrderState
from station.group_buys.messages import GroupNote
from station.group_buys.models import CampaignOffer, OrderBag
from station.group_buys.plans import Pays
from station.group_buys.sharing_store import Change
from station.group_buys.store import Current, Order
from station.ledger import service as ledger
from station.parcels import extension, own_bags
from station.parcels import store as parcels
from station.parcels.lifecycle import ParcelState

# Ours: long enough to read a message and decide; fresh goods do not keep longer.
LASTS = timedelta(hours=24)
LASTS_FRESH = timedelta(hours=2)
WAITS_H = 24  # hours that goods wait for whoever took them over, unless the campaign's own are fewer


class OfferState(StrEnum):
    """Where an offer stands."""

    OPEN = "open"
    TAKEN = "taken"
    DECLINED = "declined"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Offer:
    """A bag offered to somebody who waits."""

    id: int
    campaign_id: int
    bag_id: int
    order_id: int
    units: int
    state: str
    until: datetime


_COLUMNS = tuple(getattr(CampaignOffer, name) for name in Offer.__slots__)


def _find(station_id: int, *where: ColumnElement[bool]) -> list[Offer]:
    query = select(*_COLUMNS).where(CampaignOffer.station_id == station_id, *where).order_by(CampaignOffer.id)
    return [Offer(*row) for row in connection().execute(query)]


def open_for(station_id: int, order_id: int) -> Offer | None:
    """Return what a waiting order may take now."""
    mine = (CampaignOffer.order_id == order_id, CampaignOffer.state == OfferState.OPEN)
    return next(iter(_find(station_id, *mine, CampaignOffer.until > clock.now())), None)


def is_open(station_id: int, bag_id: int) -> bool:
    """Tell whether somebody may still take a bag they were offered."""
    mine = (CampaignOffer.bag_id == bag_id, CampaignOffer.state == OfferState.OPEN)
    return bool(_find(station_id, *mine, CampaignOffer.until > clock.now()))


def offer(actor: Actor, bag: Bag) -> bool:
    """Offer a left bag to the next who waits; False when nobody is left to ask."""
    station_id = actor.station_id
    order = store.look_order(station_id, bag.order_id)
    campaign = store.look_campaign(station_id, order.campaign_id)
    _end(station_id, CampaignOffer.bag_id == bag.id)
    asked = {one.order_id for one in _find(station_id, CampaignOffer.campaign_id == campaign.id)}
    waiting = sharing_store.orders(station_id, campaign.id, {OrderState.WAITING})
    nearest = next((one for one in waiting if one.id not in asked and _fits(one, bag, station_id)), None)
    if nearest is None:
        return False
    now = clock.now()
    values = {"campaign_id": campaign.id, "bag_id": bag.id, "order_id": nearest.id, "units": bag.units}
    lasts = LASTS if campaign.collect_h is None else LASTS_FRESH
    made = {"state": OfferState.OPEN, "offered_at": now, "until": now + lasts, "answered_at": None}
    connection().execute(
        insert(CampaignOffer).values(station_id=station_id, id=ids.next_id(), **values, **made)
    )
    append(actor, Event("bag_offered", data={"bag": str(bag.id), "order": str(nearest.id)}))
    messages.tell(station_id, GroupNote.OFFER, campaign.number, [nearest.recipient_id])
    return True


def _fits(order: Order, bag: Bag, station_id: int) -> bool:
    """Tell whether a waiting order is for at least a whole bag, collected where the bag stands, at this station."""
    is_here = order.point_station_id == bag.point_station_id == station_id
    return is_here and order.quantity + order.tolerance >= bag.units


def withdraw(station_id: int, bag_id: int) -> None:
    """Offer a bag no more: it was collected after all."""
    _end(station_id, CampaignOffer.bag_id == bag_id)


def _end(station_id: int, *which: ColumnElement[bool], state: OfferState = OfferState.OVER) -> None:
    mine = (CampaignOffer.station_id == station_id, CampaignOffer.state == OfferState.OPEN)
    connection().execute(
        update(CampaignOffer).where(*mine, *which).values(state=state, answered_at=clock.now())
    )


def decline(actor: Actor, order_id: int) -> None:
    """Let what was offered go to the next. Raises StationError `offer_over`."""
    take_turn(actor.station_id)
    found = _open(actor.station_id, order_id)
    _end(actor.station_id, CampaignOffer.id == found.id, state=OfferState.DECLINED)
    offer(actor, bag_store.get(actor.station_id, found.bag_id))


def accept(actor: Actor, order_id: int) -> int:
    """Take what was offered to a waiting order; return its new bag. Who takes it is told the code.

    Raises StationError `offer_over` when it is too late or the goods are gone, `balance_low` where the campaign is paid
    before and the balance does not cover it.
    """
    station_id = actor.station_id
    take_turn(station_id)
    found = _open(station_id, order_id)
    bag, taker = bag_store.get(station_id, found.bag_id), store.look_order(station_id, order_id)
    giver, campaign = (
        store.look_order(station_id, bag.order_id),
        store.look_campaign(station_id, found.campaign_id),
    )
    parcel = parcels.look(station_id, [bag.parcel_id])[0]
    is_there = parcel.state == ParcelState.STORED and parcel.hold_reason in (None, paying.REASON)
    if bag.state != BagState.LEFT or not is_there:
        raise _over()
    paying.lift(bag, parcel)
    price = giver.unit_price_minor or 0
    _refuse_unpaid(station_id, campaign, taker, bag.units * price)
    journals = charges.take_over(
        campaign, giver, taker, amount_minor=bag.units * price, key=f"offer:{found.id}"
    )
    ledger.post_all(actor, journals)
    _end(station_id, CampaignOffer.id == found.id, state=OfferState.TAKEN)
    _hand_on(actor, giver, taker, bag=bag, price=price)
    append(actor, Event("bag_taken_over", data={"bag": str(bag.id), "order": str(taker.id)}))
    return _new_bag(actor, campaign, taker, bag=bag)


def _open(station_id: int, order_id: int) -> Offer:
    found = open_for(station_id, order_id)
    if found is None:
        raise _over()
    return found


def _over() -> StationError:
    return StationError("offer_over", _("This offer is over. Somebody else may have it now."))


def _refuse_unpaid(station_id: int, campaign: Current, taker: Order, amount_minor: int) -> None:
    if campaign.pays != Pays.BEFORE:
        return
    missing = amount_minor - max(0, balances.free(station_id, taker.recipient_id, campaign.currency))
    if missing > 0:
        raise StationError(
            "balance_low",
            _("Your balance does not cover this. Add to it, then take the offer."),
            missing_minor=missing,
        )


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


def _new_bag(actor: Actor, campaign: Current, taker: Order, *, bag: Bag) -> int:
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
    return bag_id
