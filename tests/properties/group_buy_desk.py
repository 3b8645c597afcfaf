"""What a desk and its books do beside group buys: charges and reversals by hand, closed days, two names made one."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from station.core import clock
from station.core.db import reading
from station.ledger import charging, closes, queries
from station.ledger import service as ledger
from station.ledger.chart import AccountKind, JournalKind
from station.residents import merging
from tests.properties.group_buy_payers import Payers, any_of
from tests.properties.group_buy_wishes import AMOUNT, WHICH, WHO


class Desk(Payers):
    """The same neighbours at a desk that makes mistakes and takes them back."""

    @rule(who=WHO, amount=AMOUNT)
    def charge(self, who, amount):
        person, key = self.people[who].id, self.key()
        owed = self.by_hand[person] + amount

        def charge():
            charging.charge(self.home.clerk, person, amount_minor=amount, reason="a stamp", key=key)
            self.by_hand[person] = owed

        for _twice in range(2):
            self.act(charge)

    def in_books(self, *kinds):
        return [one for one in self.seen.moves if one.kind in kinds]

    @precondition(lambda self: self.in_books(JournalKind.CHARGE, JournalKind.PAYMENT))
    @rule(which=WHICH, kind=st.sampled_from([JournalKind.CHARGE, JournalKind.PAYMENT]))
    def reverse(self, which, kind):
        """Take a charge or a payment back in the books: under its key again, then under another."""
        move = any_of(self.in_books(kind), which)
        if move is None:
            return
        is_cash, is_charge = move.from_kind == AccountKind.CASH, kind is JournalKind.CHARGE
        person = int(move.from_owner if is_charge else move.to_owner)
        owed = self.by_hand[person] + (-move.amount_minor if is_charge else move.amount_minor)
        drawer = self.drawer - move.amount_minor * is_cash
        first = self.key()

        def reverse(key):
            ledger.reverse(self.home.manager, move.id, key=key, reason="typed wrong")
            self.by_hand[person], self.drawer = owed, drawer

        for key in (first, first, self.key()):
            self.act(reverse, key)

    @rule()
    def close_the_day(self):
        with clock.use(self.clock), reading():
            today = queries.local_today(self.home.id)
        for _twice in range(2):
            self.act(closes.close_day, self.home.manager, today)

    @rule(act=st.sampled_from([merging.merge, merging.merge, merging.separate]))
    def merge(self, act):
        """Say that the first and the last are one person, or that they are two after all."""
        self.act(act, self.home.clerk, self.people[0].id, self.people[-1].id)
