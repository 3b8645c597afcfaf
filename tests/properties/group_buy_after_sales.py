"""What comes after the goods: complaints about what was collected and their answers, and units that nobody ordered."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from station.claims import service as claims
from station.claims.rules import BorneBy, ClaimState, Problem
from station.claims.service import Refund, Wish
from station.group_buys import surplus_uses
from station.group_buys.lifecycle import OrderState
from station.group_buys.surplus_uses import Way
from tests.properties.group_buy_desk import Desk
from tests.properties.group_buy_payers import any_of
from tests.properties.group_buy_wishes import ANSWERS, UNITS, WHICH

COLLECTED = (OrderState.COLLECTED, OrderState.READY)  # the second: some that came back among them


class AfterSales(Desk):
    """The same neighbours, who look at what they got."""

    def orders_in(self, *states):
        return [one.id for one in self.seen.orders.values() if one.state in states]

    @precondition(lambda self: self.orders_in(*COLLECTED))
    @rule(which=WHICH, units=UNITS)
    def complain(self, which, units):
        wish = Wish(Problem.MISSING, units, "Fewer than ordered")
        for _twice in range(2):
            self.act(claims.make, self.home.clerk, any_of(self.orders_in(*COLLECTED), which), wish, [])

    @precondition(lambda self: self.seen.claims)
    @rule(which=WHICH, answer=ANSWERS, units=UNITS)
    def answer_a_complaint(self, which, answer, units):
        made = list(self.seen.claims.values())
        found = any_of([one for one in made if one.state == ClaimState.OPEN] or made, which)
        for _twice in range(2):
            if answer in set(BorneBy):
                self.act(claims.refund, self.home.manager, found.id, Refund(units, answer))
            elif answer == "refuse":
                self.act(claims.refuse, self.home.manager, found.id, "Nothing to be seen")
            else:
                self.act(claims.withdraw, self.home.clerk, found.id)

    @precondition(lambda self: self.seen.surplus)
    @rule(which=WHICH, units=UNITS, way=st.sampled_from(Way))
    def use_what_is_left(self, which, units, way):
        """Let staff do something with units that nobody ordered; what is sold lies in the drawer."""
        left = any_of(list(self.seen.surplus.values()), which)
        drawer = self.drawer + units * left.unit_price_minor * (way is Way.SOLD)

        def use():
            surplus_uses.use(self.home.clerk, left.campaign_id, units, way=way)
            self.drawer = drawer

        self.act(use)
