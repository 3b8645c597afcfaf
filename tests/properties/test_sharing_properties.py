"""Whatever people order, whatever comes and whoever collects: late, missed and doubled jobs lead to the same end.

And at every end the books balance, no order costs more than what was got, and all money is somebody's.
"""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from station.core import clock
from station.core.db import reading, transaction
from station.group_buys import arrival, bags, cut_off, supplier_orders, unclaimed
from station.group_buys.arrival import Count
from station.group_buys.lifecycle import CAMPAIGN_ENDS, CampaignState, OrderState
from station.group_buys.plans import AtCutOff, UnclaimedRule
from station.group_buys.prices import Tier
from station.ledger import queries as ledger
from station.ledger.chart import AccountKind
from station.parcels import hand_over
from station.parcels.hand_over import Taker
from station.parcels.lifecycle import ParcelState
from tests import invariants
from tests.factories import make_station
from tests.sharing import CUT_OFF, bag, deal, parcel

WITHIN_H = 20  # hours in which those who collect come: before any bag's time is over
ORDERS = st.lists(st.tuples(st.integers(1, 5), st.integers(0, 3)), min_size=1, max_size=5)
TERMS = st.fixed_dictionaries(
    {
        "box_size": st.integers(1, 6),
        "minimum_total": st.none() | st.integers(1, 12),
        "at_cut_off": st.sampled_from([AtCutOff.CLOSE, AtCutOff.CLOSE_AND_ORDER]),
        "commission_bp": st.sampled_from([0, 333, 1000]),
        "unclaimed_rule": st.sampled_from(UnclaimedRule),
        "collect_h": st.sampled_from([None, 30]),
    }
)


class World:
    """A campaign at a station of its own, and the jobs, which run when the test says so."""

    def __init__(self, name, terms, orders):
        self.station = make_station(name)
        self.one = deal(self.station, tiers=(Tier(1, 999), Tier(7, 850)), **terms)
        self.one.prepaid = 100_000  # what is paid at pickup is paid, so that everybody may collect
        self.orders = [self.one.order(*each) for each in orders]

    def jobs(self, hour=0.0):
        """Run all jobs of sharing out, so many hours after the bags were put on their shelves."""
        moment = self.one.clock.time + timedelta(hours=hour)
        with clock.use(lambda: moment):
            while True:
                with transaction():
                    if cut_off.cut_off_next(self.station.id) is None:
                        break
            with transaction():
                bags.follow(self.station.id)
            with transaction():
                unclaimed.run(self.station.id)

    def to_the_shelves(self, came):
        """Order, count and shelve; False when the campaign came to nothing before."""
        self.one.clock.time = CUT_OFF + timedelta(hours=3)
        self.jobs()
        if self.one.campaign.state == CampaignState.FAILED:
            return False
        if self.one.campaign.state == CampaignState.CLOSED:
            self.one.do(supplier_orders.make, self.one.id)
        self.one.do(arrival.count_crate, self.one.id, "A", Count(came))
        self.one.do(arrival.finish, self.one.id)
        self.one.do(bags.pack, self.one.id)
        layer = self.station.layer()
        for order in self.ready():
            self.one.do(bags.shelve, parcel(self.station, bag(self.one, order).parcel_id).waybill, layer)
        return True

    def ready(self):
        return [one.id for one in self.one.all({OrderState.ALLOCATED})]

    def collect(self, place, hour):
        """Let a buyer come, if there is something for them."""
        found = self.one.get(self.orders[place])
        if found.state != OrderState.READY:
            return
        parcel_id, moment = bag(self.one, found.id).parcel_id, self.one.clock.time + timedelta(hours=hour)
        if parcel(self.station, parcel_id).state != ParcelState.STORED:
            return  # collected, and no job has noticed yet
        with clock.use(lambda: moment), transaction():
            hand_over.hand_over(self.station.clerk, parcel_id, Taker())

    def end(self):
        """Return everything that has to be the same however the jobs ran."""
        with reading():
            lines = {
                (line.kind, line.debit_minor - line.credit_minor)
                for line in ledger.trial_balance(self.station.id)
            }
        orders = [(got.state, got.allocated, got.delivered, got.unit_price_minor) for got in self.one.all()]
        return self.one.campaign.state, orders, [self.one.balance(order) for order in self.orders], lines


def check(world, came):
    """Hold the end to what is promised."""
    state, orders, balances, lines = world.end()
    assert state in CAMPAIGN_ENDS
    assert sum(amount for _kind, amount in lines) == 0
    kept = -sum(balances)
    earned = sum(-amount for kind, amount in lines if kind in (AccountKind.SUPPLIER, AccountKind.COMMISSION))
    spent = sum(amount for kind, amount in lines if kind == AccountKind.WASTE)
    assert kept == earned - spent
    assert sum(delivered or 0 for _state, _allocated, delivered, _price in orders) <= came
    for (order_state, _allocated, delivered, price), balance in zip(orders, balances, strict=True):
        assert -balance in (0, (delivered or 0) * (price or 0))
        if order_state == OrderState.COLLECTED:
            assert -balance == delivered * price
    invariants.check(world.station.id)


@settings(max_examples=6)
@given(
    terms=TERMS,
    orders=ORDERS,
    came=st.integers(0, 25),
    comes=st.lists(st.tuples(st.integers(0, 4), st.integers(1, WITHIN_H)), max_size=4),
    runs=st.lists(st.integers(0, 300), max_size=6),
)
def test_late_missed_and_doubled_jobs_lead_to_the_same_end(app, terms, orders, came, comes, runs):
    often, once = World("Often", terms, orders), World("Once", terms, orders)
    for world in (often, once):
        if world.to_the_shelves(came):
            events = [(hour, place) for place, hour in comes if place < len(orders)]
            jobs = [(hour, None) for hour in runs] if world is often else []
            for hour, place in sorted(events + jobs, key=lambda one: (one[0], one[1] is None)):
                if place is None:
                    world.jobs(hour)
                else:
                    world.collect(place, hour)
            for _twice in range(2):
                world.jobs(24 * 40)
        check(world, came)
    assert often.end() == once.end()
