"""Invariant 8 for what is left over and for reminders: however often the jobs run, nobody is told or charged twice.

And every unit left over is somebody's: taken, used by staff, or still lying there.
"""

from collections import Counter
from contextlib import suppress
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from station.core import clock
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.group_buys import arrival, bags, lateness, offers, reminders, surplus, surplus_uses, unclaimed
from station.group_buys.arrival import Count
from station.group_buys.lifecycle import OrderState
from station.group_buys.plans import AtCutOff
from station.group_buys.surplus_uses import Way
from station.ledger import queries as ledger
from station.ledger.chart import AccountKind
from tests import invariants, sharing
from tests.factories import make_station
from tests.sharing import CUT_OFF, deal

HOURS = st.integers(0, 120)
ACTS = st.sampled_from(["accept", "decline", "use", "pack", "run"])


class Shop:
    """A campaign of which more comes than was ordered, at a station of its own."""

    def __init__(self, name, wants, back, extra):
        self.station = make_station(name)
        terms = {"at_cut_off": AtCutOff.CLOSE_AND_ORDER, "maximum_total": 3, "commission_bp": 700}
        self.one = deal(self.station, **terms)
        self.orders = [self.one.order(3), *(self.one.order(want) for want in wants)]
        self.one.cut_off()
        self.one.clock.wind(timedelta(days=2, hours=15))
        if back:
            self.one.do(lateness.postpone, self.one.id, sharing.ARRIVES + timedelta(days=5))
            self.one.do(lateness.give_back, self.orders[0])
        self.one.do(arrival.count_crate, self.one.id, "A", Count(3 + extra))
        self.one.do(arrival.finish, self.one.id)
        self.begun = self.one.clock.time

    def act(self, hour, what, place):
        """Let something happen; what is refused changes nothing."""
        self.one.clock.time = self.begun + timedelta(hours=hour)
        order = self.orders[1 + place % (len(self.orders) - 1)]
        acts = {
            "accept": lambda: self.one.do(offers.accept, order),
            "decline": lambda: self.one.do(offers.decline, order),
            "use": lambda: self.one.do(surplus_uses.use, self.one.id, 1, way=list(Way)[place % 3]),
            "pack": lambda: self.one.do(bags.pack, self.one.id),
            "run": self.run,
        }
        with suppress(StationError):
            acts[what]()

    def run(self):
        with clock.use(self.one.clock), transaction():
            unclaimed.run(self.station.id)

    def check(self):
        """Hold what is left over to its sum, and money to the units that people have."""
        with reading(), clock.use(self.one.clock):
            left = surplus.of_campaign(self.station.id, self.one.id)
            uses = surplus_uses.of_campaign(self.station.id, self.one.id)
            lines = ledger.trial_balance(self.station.id)
        waited = [self.one.get(order) for order in self.orders[1:]]
        taken = sum(got.delivered or 0 for got in waited)
        if left:
            assert left.units == left.remaining + taken + sum(one.units for one in uses)
            assert 0 <= left.offered <= left.remaining
        else:
            assert taken == 0
        for order in self.orders:
            assert -self.one.balance(order) == 1000 * (self.one.get(order).delivered or 0)
        sold = sum(one.units for one in uses if one.way == Way.SOLD)
        amounts = {line.kind: line.debit_minor - line.credit_minor for line in lines}
        assert sum(amounts.values()) == 0
        assert amounts.get(AccountKind.CASH, 0) == 1000 * sold
        told = Counter(each for each in sharing.messages(self.station) if each[0] == "group_offer")
        assert set(told.values()) <= {1}
        invariants.check(self.station.id)


@settings(max_examples=12)
@given(
    wants=st.lists(st.integers(1, 3), min_size=1, max_size=4),
    back=st.booleans(),
    extra=st.integers(0, 5),
    acts=st.lists(st.tuples(HOURS, ACTS, st.integers(0, 5)), max_size=10),
)
def test_every_unit_left_over_is_somebodys_and_paid_for_once(app, wants, back, extra, acts):
    shop = Shop("Maple", wants, back, extra)
    shop.check()
    for hour, what, place in sorted(acts):
        shop.act(hour, what, place)
        shop.check()
    for _twice in range(2):
        shop.act(24 * 40, "run", 0)
        shop.check()
    with reading(), clock.use(shop.one.clock):
        left = surplus.of_campaign(shop.station.id, shop.one.id)
    assert left is None or left.offered == 0


@settings(max_examples=8)
@given(
    wants=st.lists(st.integers(1, 3), min_size=1, max_size=3),
    extra=st.integers(1, 4),
    runs=st.lists(HOURS, max_size=6),
)
def test_a_job_that_ran_often_and_one_that_ran_once_leave_the_same(app, wants, extra, runs):
    often, once = Shop("Often", wants, back=False, extra=extra), Shop("Once", wants, back=False, extra=extra)
    for shop in (often, once):
        shop.act(1, "pack", 0)
        for hour in sorted(runs) if shop is often else ():
            shop.act(max(1, hour), "run", 0)
        for _twice in range(2):
            shop.act(24 * 40, "run", 0)

    def end(shop):
        with reading(), clock.use(shop.one.clock):
            left = surplus.of_campaign(shop.station.id, shop.one.id)
        states = [shop.one.get(order).state for order in shop.orders]
        return shop.one.campaign.state, states, (left.units, left.remaining, left.offered)

    assert end(often) == end(once)


@settings(max_examples=10)
@given(
    runs=st.lists(st.integers(-30, 30), max_size=8).map(sorted),
    asked=st.integers(0, 3),
    units=st.integers(1, 5),
    minimum=st.integers(1, 6),
)
def test_reminders_go_out_once_and_never_after_the_cut_off(app, runs, asked, units, minimum):
    station = make_station("Maple")
    one = deal(station, at_cut_off=AtCutOff.CLOSE_IF_MINIMUM, minimum_total=minimum)
    buyer = one.get(one.order(units)).recipient_id
    wishing = [one.person().id for _place in range(asked)]
    for person in wishing:
        one.do(reminders.ask, one.id, person)
    for hour in runs:
        one.clock.time = max(one.clock.time, CUT_OFF + timedelta(hours=hour))
        for _twice in range(2):
            with clock.use(one.clock), transaction():
                reminders.run(station.id)
    is_told = any(-3 <= hour < 0 for hour in runs)
    told = Counter(each for each in sharing.messages(station) if each[0] in ("group_closing", "group_more"))
    expected = [("group_closing", person) for person in wishing]
    expected += [("group_more", buyer)] if units < minimum else []
    assert told == Counter(expected if is_told else [])
    assert one.get(one.all()[0].id).state == OrderState.PLACED
