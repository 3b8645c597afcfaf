"""Many people order, change, take back, pay and are late, in any order: the count, the one order and the list hold."""

from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from station.core import clock
from station.core.db import connection, reading, transaction
from station.core.errors import StationError
from station.group_buys import balances, orders, store, waiting
from station.group_buys.lifecycle import COUNTED, OVER
from station.group_buys.models import GroupOrder
from station.group_buys.orders import Wish
from station.group_buys.plans import Pays
from tests.factories import make_station, recipient
from tests.group_buys import make_campaign, pay_in
from tests.services.winding import Clock

PEOPLE = 5
ANYBODY = st.integers(0, PEOPLE - 1)
QUANTITY = st.integers(-1, 6)
REFUSALS = {"bad_input", "already_ordered", "sold_out", "balance_low", "order_moved_on", "cut_off_over"}


class Neighbours(RuleBasedStateMachine):
    """Five neighbours and one campaign with ten units."""

    def __init__(self, backend):
        super().__init__()
        backend.reset()
        self.winding, self.paid = Clock(), 0
        self.refused: set[str] = set()

    @initialize(pays=st.sampled_from(Pays), maximum=st.sampled_from([None, 6, 10]))
    def begin(self, pays, maximum):
        with clock.use(self.winding):
            self.station = make_station()
            self.people = [recipient(self.station, f"1381234500{number}", "王芳") for number in range(PEOPLE)]
            self.campaign_id = make_campaign(
                self.station, pays=pays, maximum_total=maximum, per_person_most=6
            )

    def asked(self, act):
        """Do `act` as an edge does; a refusal is an answer, and changes nothing."""
        with clock.use(self.winding):
            try:
                with transaction():
                    act()
            except StationError as error:
                self.refused.add(error.code)

    def live(self, who):
        with reading():
            return orders.live_order(self.station.id, self.campaign_id, self.people[who].id)

    @rule(who=ANYBODY, quantity=QUANTITY, tolerance=st.integers(-1, 3))
    def order(self, who, quantity, tolerance):
        wish = Wish(quantity, tolerance, self.station.id)
        self.asked(lambda: orders.order(self.station.clerk, self.campaign_id, self.people[who].id, wish))

    @rule(who=ANYBODY, quantity=QUANTITY, tolerance=st.integers(0, 3))
    def change(self, who, quantity, tolerance):
        found = self.live(who)
        if found:
            wish = Wish(quantity, tolerance, self.station.id)
            self.asked(lambda: orders.change(self.station.clerk, found.id, wish))

    @rule(who=ANYBODY)
    def take_back(self, who):
        found = self.live(who)
        if found:
            self.asked(lambda: orders.cancel(self.station.clerk, found.id))

    @rule(who=ANYBODY, amount=st.sampled_from([2990, 5980, 17940]))
    def pay(self, who, amount):
        self.paid += 1
        with clock.use(self.winding):
            pay_in(self.station, self.people[who], amount, f"cash-{self.paid:04d}")

    @rule(minutes=st.sampled_from([1, 29, 31, 24 * 60 + 1]))
    def time_goes_by(self, minutes):
        self.winding.wind(timedelta(minutes=minutes))

    @rule()
    def job(self):
        self.asked(lambda: waiting.let_holds_fall(self.station.id))

    def all_orders(self):
        query = select(*store.ORDER_COLUMNS).where(GroupOrder.station_id == self.station.id)
        return [store.Order(*row) for row in connection().execute(query.order_by(GroupOrder.id))]

    @invariant()
    def the_count_is_that_of_the_orders_and_never_too_much(self):
        if not hasattr(self, "campaign_id"):
            return
        with reading():
            found = store.look_campaign(self.station.id, self.campaign_id)
            counted = sum(one.quantity for one in self.all_orders() if one.state in COUNTED)
        assert found.ordered_units == counted
        assert found.maximum_total is None or counted <= found.maximum_total

    @invariant()
    def every_refusal_has_its_reason(self):
        assert self.refused <= REFUSALS

    @invariant()
    def everybody_has_one_order_at_most(self):
        if not hasattr(self, "campaign_id"):
            return
        with reading():
            buyers = [one.recipient_id for one in self.all_orders() if one.state not in OVER]
        assert len(buyers) == len(set(buyers))

    @invariant()
    def nobody_waits_for_what_is_there(self):
        """The first of the list needs more than is left, once what the clock says was done."""
        if not hasattr(self, "campaign_id"):
            return
        self.asked(lambda: waiting.settle(self.station.clerk, self.campaign_id))
        with reading():
            found = store.look_campaign(self.station.id, self.campaign_id)
            line = waiting.waiting(self.station.id, self.campaign_id)
        assert line == sorted(line, key=lambda one: (one.ranked_at, one.id))
        if line and self.winding.time < found.cut_off_at:
            assert found.room is not None
            assert line[0].quantity > found.room

    @invariant()
    def paid_orders_are_covered(self):
        if not hasattr(self, "campaign_id"):
            return
        with reading():
            assert all(balances.free(self.station.id, one.id, "CNY") >= 0 for one in self.people)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_neighbours_never_break_a_campaign(backend):
    with backend.app.app_context():
        run_state_machine_as_test(
            lambda: Neighbours(backend), settings=settings(max_examples=25, stateful_step_count=25)
        )
