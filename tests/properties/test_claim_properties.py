"""Whatever is claimed, answered and brought back: a second, naive book of each order agrees with the ledger.

No order ever gives back more than it was charged, and the supplier never bears what the station bears.
"""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from station.claims import service as claims
from station.claims.rules import BorneBy, Problem
from station.claims.service import Refund, Wish
from station.core import clock
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.group_buys import unclaimed
from station.group_buys.charges import Rates, split
from station.group_buys.plans import UnclaimedRule
from station.group_buys.prices import Tier
from station.ledger import proof
from station.ledger import queries as ledger
from station.ledger.chart import AccountKind, AccountRef
from tests.claims import bring_back, collect, hand_out
from tests.factories import make_station
from tests.sharing import bag, packed

PRICE = 333  # minor units: no part of it is whole
ORDERED = st.integers(1, 5)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("claim"), st.integers(-1, 6)),
        st.tuples(st.sampled_from(BorneBy), st.integers(-1, 6)),
        st.tuples(st.sampled_from(["refuse", "withdraw", "bring_back", "hand_out"]), st.just(0)),
    ),
    max_size=14,
)


class Counter:
    """One order at a station of its own, and the naive book: units got, given back by each, whether it is here."""

    def __init__(self, ordered, came, rate):
        station = make_station("Naive")
        rules = {"commission_bp": rate, "unclaimed_rule": UnclaimedRule.REFUND, "tiers": (Tier(1, PRICE),)}
        self.one, (self.order,) = packed(station, (ordered,), came=min(came, ordered), **rules)
        collect(self.one, self.order)
        self.got, self.rate = min(came, ordered), rate
        self.supplier = AccountRef(AccountKind.SUPPLIER, str(self.one.campaign.supplier_id))
        self.back = {BorneBy.SUPPLIER: 0, BorneBy.STATION: 0}
        self.open: tuple[int, int] | None = None  # id and units of the claim that waits
        self.made, self.is_here = 0, False

    @property
    def left(self):
        return self.got - sum(self.back.values())

    def do(self, step, units):
        """Do a step as the real services allow, and as the naive book expects."""
        if step == "claim":
            self.claim(units)
        elif step in set(BorneBy):
            self.refund(BorneBy(step), units)
        elif step in ("bring_back", "hand_out"):
            self.move(step)
        elif self.open:
            self.end(step)

    def claim(self, units):
        wish = Wish(Problem.MISSING, units, "Fewer than ordered")
        is_right = not self.is_here and self.open is None and self.made < 5 and 1 <= units <= self.left
        made = self.attempt(claims.make, self.order, wish, [])
        assert (made is not None) == is_right
        if made:
            self.open, self.made = (made, units), self.made + 1

    def refund(self, borne_by, units):
        if self.open is None:
            return
        claim_id, claimed = self.open
        amount = self.attempt(claims.refund, claim_id, Refund(units, borne_by))
        assert amount == (units * PRICE if not self.is_here and 1 <= units <= claimed else None)
        if amount:
            self.open = None
            self.back[borne_by] += units

    def end(self, step):
        rest = ("Nothing to be seen",) if step == "refuse" else ()
        self.one.do(getattr(claims, step), self.open[0], *rest)
        self.open = None

    def move(self, step):
        if (step == "bring_back") == self.is_here:
            return
        (bring_back if step == "bring_back" else hand_out)(self.one, self.order)
        self.is_here = step == "bring_back"

    def attempt(self, act, *args):
        try:
            return self.one.do(act, *args)
        except StationError:
            return None

    def over(self):
        """Let the time of goods that are back come to its end: the station gives back the rest."""
        if self.is_here:
            self.one.clock.time = bag(self.one, self.order).collect_until + timedelta(seconds=1)
            with clock.use(self.one.clock), transaction():
                unclaimed.run(self.one.station.id)
            self.back[BorneBy.STATION] += self.left

    def agrees(self):
        """Compare the ledger with the naive book."""
        sold = split((self.got - self.back[BorneBy.SUPPLIER]) * PRICE, Rates(self.rate))
        with reading():
            found = [
                ledger.balance(self.one.station.id, account, "CNY")
                for account in (
                    self.supplier,
                    AccountRef(AccountKind.COMMISSION),
                    AccountRef(AccountKind.WASTE),
                )
            ]
            assert proof.first_fault(self.one.station.id) is None
        assert found == [sold.supplier, sold.commission, self.back[BorneBy.STATION] * PRICE]
        assert self.one.balance(self.order) == -self.left * PRICE
        assert 0 <= self.left <= self.got


@settings(max_examples=12)
@given(ordered=ORDERED, came=ORDERED, rate=st.sampled_from([0, 777, 10_000]), steps=STEPS)
def test_the_ledger_agrees_with_a_naive_book(app, ordered, came, rate, steps):
    counter = Counter(ordered, came, rate)
    counter.agrees()
    for step, units in steps:
        counter.do(step, units)
        counter.agrees()
    counter.over()
    counter.agrees()
