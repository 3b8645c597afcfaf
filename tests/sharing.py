"""A group buy for tests of what happens from cut-off on: made, opened and ordered in by the real use cases."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count

from sqlalchemy import select, update

from station.core import clock
from station.core.db import db, reading, transaction
from station.events.models import OutboxMessage
from station.group_buys import (
    arrival,
    bag_store,
    bags,
    campaigns,
    cut_off,
    orders,
    sharing_store,
    store,
    suppliers,
)
from station.group_buys.arrival import Count
from station.group_buys.lifecycle import OrderState
from station.group_buys.orders import Wish
from station.group_buys.plans import AtCutOff, Pays, Plan, Point
from station.group_buys.prices import Tier
from station.group_buys.suppliers import Details
from station.ledger import queries as ledger
from station.ledger import service as ledger_service
from station.ledger.chart import AccountKind, AccountRef, JournalKind
from station.ledger.journal import Journal, Move
from station.network.models import StationSettings
from station.parcels import store as parcels
from tests import factories
from tests.services.winding import NOON, Clock

CUT_OFF = NOON + timedelta(days=1)
ARRIVES = date(2026, 11, 24)
_phones = count(13_900_000_001)
_names = count(1)


@dataclass
class Deal:
    """A campaign of a test's station and a clock that stands at NOON; each order is by somebody new."""

    station: factories.Station
    id: int
    clock: Clock = field(default_factory=Clock)
    prepaid: int = 0  # minor units that each buyer pays ahead; balances are told without it

    def order(self, quantity, tolerance=0, *, point=None, person=None):
        """Order a moment after the one before; return the order's id."""
        self.clock.wind(timedelta(seconds=1))
        buyer = person or self.person()
        if self.prepaid:
            self.do(pay, buyer.id, self.prepaid)
        wish = Wish(quantity, tolerance, point or self.station.id)
        with clock.use(self.clock), transaction():
            return orders.order(self.station.clerk, self.id, buyer.id, wish).order_id

    def person(self):
        return factories.recipient(self.station, str(next(_phones)), "陈晓明")

    def do(self, act, *args, **values):
        """Do something as the clerk, by the deal's clock, in a transaction of its own."""
        with clock.use(self.clock), transaction():
            return act(self.station.clerk, *args, **values)

    def at_cut_off(self):
        self.clock.time = max(self.clock.time, CUT_OFF)
        return self

    def cut_off(self):
        """Let the time of the cut-off come, and cut off."""
        self.at_cut_off()
        return self.do(cut_off.cut_off, self.id)

    @property
    def campaign(self):
        with reading():
            return store.look_campaign(self.station.id, self.id)

    def get(self, order_id):
        with reading():
            return store.look_order(self.station.id, order_id)

    def all(self, states=frozenset(OrderState)):
        with reading():
            return sharing_store.orders(self.station.id, self.id, states)

    def balance(self, order_id):
        with reading():
            person = store.look_order(self.station.id, order_id).recipient_id
            return ledger.resident_balance(self.station.id, person, "CNY") - self.prepaid


def pay(actor, recipient_id, amount_minor):
    """Let somebody pay cash, as the counter does."""
    move = Move(
        AccountRef(AccountKind.CASH), AccountRef(AccountKind.RESIDENT, str(recipient_id)), amount_minor
    )
    key = f"test:{next(_names)}"
    ledger_service.post(actor, Journal(key, JournalKind.PAYMENT, "CNY", (move,)))
    orders.settle_holds(actor, recipient_id)


def deal(station, **values):
    """Return an open campaign of single units at 10.00, paid at pickup, without a commission, unless told otherwise."""
    with clock.use(lambda: NOON), transaction():
        supplier = suppliers.add(station.manager, Details(f"Farm {next(_names)}", language="en"))
        plan = {
            "title": "Strawberries",
            "text": "Fresh from the field.",
            "unit": "box of 500 g",
            "supplier_id": supplier,
            "currency": "CNY",
            "tiers": (Tier(1, 1000),),
            "points": (Point(station.id),),
            "pays": Pays.AT_PICKUP,
            "cut_off_at": CUT_OFF,
            "arrives_on": ARRIVES,
        }
        campaign_id = campaigns.create(station.manager, Plan(**(plan | values)))
        campaigns.open_campaign(station.manager, campaign_id)
    return Deal(station, campaign_id)


def messages(station):
    """Return (topic without number, recipient) of everything the outbox owes, in order."""
    with reading():
        query = select(OutboxMessage.topic, OutboxMessage.recipient_id).where(
            OutboxMessage.station_id == station.id
        )
        rows = db.session.execute(query.order_by(OutboxMessage.id)).all()
    return [(topic.partition(":")[0], recipient_id) for topic, recipient_id in rows]


def packed(station, *orders, came=None, point=None, prepaid=100_000, people=(), **values):
    """Return a deal whose bags are made, and its orders."""
    one = deal(station, at_cut_off=AtCutOff.CLOSE_AND_ORDER, **values)
    one.prepaid = prepaid
    buyers = [*people, *[None] * (len(orders) - len(people))]
    placed = [one.order(*each, point=point, person=buyer) for each, buyer in zip(orders, buyers, strict=True)]
    one.cut_off()
    one.clock.wind(timedelta(days=1))
    total = sum(each[0] for each in orders) if came is None else came
    one.do(arrival.count_crate, one.id, "A", Count(total))
    one.do(arrival.finish, one.id)
    one.do(bags.pack, one.id)
    return one, placed


def bag(one, order_id):
    with reading():
        return bag_store.of_order(one.station.id, order_id)


def parcel(station, parcel_id):
    with reading():
        return next(iter(parcels.look(station.id, [parcel_id])), None)


def shelve(one, order_id):
    number = parcel(one.station, bag(one, order_id).parcel_id).waybill
    layer = one.station.layer()
    return one.do(bags.shelve, number, layer)


def sleep_at_night(station):
    """Give the station quiet hours from 21:00 to 08:00."""
    with transaction():
        db.session.execute(
            update(StationSettings)
            .where(StationSettings.station_id == station.id)
            .values(quiet_from="21:00", quiet_until="08:00")
        )


def follow(station, at):
    with clock.use(at), transaction():
        return bags.follow(station.id)
