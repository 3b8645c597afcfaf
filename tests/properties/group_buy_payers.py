"""Neighbours who order in group buys and pay: the part of the machine before anything is shared out."""

from collections import Counter
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
)

from station.core import clock
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.group_buys import (
    orders,
)
from station.group_buys.orders import Wish
from station.group_buys.plans import Point
from station.payments import asking, notices, provider_test, queries, refunds, service, test_bank
from station.payments.catalogue import Outcome, Reason, Way
from station.payments.provider import ProviderError, RefusedError
from station.payments.provider_test import TestProvider
from station.payments.settling import on_paid
from tests import payments
from tests.factories import make_station, recipient
from tests.group_buys import make_campaign
from tests.properties import group_buy_books as books
from tests.properties.group_buy_trace import trace
from tests.properties.group_buy_wishes import (
    AMOUNT,
    FORGED,
    MORE,
    NEIGHBOURS,
    TERMS,
    UNITS,
    WHICH,
    WHO,
)
from tests.services.winding import Clock


def any_of(found, which):
    """Return one of what there is, None when there is nothing."""
    return found[which % len(found)] if found else None


class Payers(RuleBasedStateMachine):
    """Four neighbours, a station and its partner, up to three group buys, a provider whose word comes late.

    `reached`: the steps that were seen in all examples of a run, as group_buy_trace.py names them.
    """

    app = None
    reached: ClassVar[set[str]] = set()

    def __init__(self):
        super().__init__()
        self.clock, self.told, self.drawer, self.keys = Clock(), [], 0, 0
        self.by_hand = Counter()  # what each resident was charged at the desk, or had taken back

    def set_up(self, share):
        """Make a station, its partner, people and a provider; nobody has ordered or paid yet."""
        with clock.use(self.clock):
            self.home, self.partner = make_station(), make_station("Elm Court")
            self.allowed = payments.allowing_tests(self.app)
            payments.set_up(self.home, Way.TEST)
            self.through = payments.provider(self.home, self.allowed)
            self.people = [recipient(self.home, phone, name) for phone, name in NEIGHBOURS]
        self.share, self.seen = share, self.look()

    def look(self):
        return books.look(self.home.id, self.partner.id)

    def act(self, do, *args, **values):
        """Do something as an edge does; a refusal is an answer, and changes nothing."""
        with clock.use(self.clock):
            try:
                with transaction():
                    done = do(*args, **values)
            except StationError:
                assert self.look() == self.seen
                return None
        self.check()
        return done

    def check(self):
        before, self.seen = self.seen, self.look()
        self.reached.update(trace(before, self.seen))
        books.check(self.home.id, self.seen, self.by_hand)
        balances = books.booked(self.seen)
        assert balances["cash", ""] == -self.drawer

    def key(self):
        self.keys += 1
        return f"key:{self.keys}"

    def start(self, terms):
        """Open a group buy that is collected here and at the partner's."""
        points = (Point(self.home.id), Point(self.partner.id, self.share))
        with clock.use(self.clock):
            make_campaign(self.home, points=points, **terms)
        self.check()

    # Ordering

    @precondition(lambda self: len(self.seen.campaigns) < 3)
    @rule(terms=TERMS)
    def start_another(self, terms):
        self.start(terms)

    @rule(which=WHICH, who=WHO, quantity=UNITS, tolerance=MORE, is_away=st.booleans())
    def order(self, which, who, quantity, tolerance, is_away):
        campaign = any_of(list(self.seen.campaigns), which)
        wish = Wish(quantity, tolerance, (self.partner if is_away else self.home).id)
        self.act(orders.order, self.home.clerk, campaign, self.people[who].id, wish)

    @precondition(lambda self: self.seen.orders)
    @rule(which=WHICH, quantity=UNITS, tolerance=MORE)
    def change(self, which, quantity, tolerance):
        found = any_of(list(self.seen.orders), which)
        self.act(orders.change, self.home.clerk, found, Wish(quantity, tolerance, self.home.id))

    @precondition(lambda self: self.seen.orders)
    @rule(which=WHICH)
    def take_back(self, which):
        self.act(orders.cancel, self.home.clerk, any_of(list(self.seen.orders), which))

    # Money

    @rule(who=WHO, amount=AMOUNT)
    def cash(self, who, amount):
        wanted, key = payments.wanted(self.people[who], amount, Way.CASH), self.key()
        self.drawer += amount
        for _twice in range(2):
            self.act(self.receive, wanted, key)

    def receive(self, wanted, key):
        """Take money at the counter as its page does."""
        on_paid(self.home.clerk, service.receive(self.home.clerk, wanted, key))

    @rule(who=WHO, amount=AMOUNT, is_paid=st.booleans())
    def ask(self, who, amount, is_paid):
        asked = self.act(service.ask, self.home.clerk, payments.wanted(self.people[who], amount), self.key())
        if asked and is_paid:
            self.pay(asked)

    def asked(self):
        return [one for one in self.seen.payments.values() if one.provider == Way.TEST]

    def pay(self, asked):
        """Let the provider take the money; what it says of that is kept for later."""
        sum_of = (str(asked.id), asked.amount_minor, asked.currency)
        movement = self.act(test_bank.take, self.home.id, *sum_of)
        self.told.append((asked.id, provider_test.paid_notice(self.home.id, movement)))

    @precondition(lambda self: self.asked())
    @rule(which=WHICH, is_paid=st.booleans())
    def answer_what_was_asked(self, which, is_paid):
        """Let the provider say, now or later, that it was paid or that it was closed."""
        asked = any_of(self.asked(), which)
        if is_paid:
            self.pay(asked)
            return
        self.told.append((None, provider_test.closed_notice(self.home.id, str(asked.id))))

    @precondition(lambda self: self.told)
    @rule(which=WHICH, times=st.integers(1, 2))
    def hear(self, which, times):
        payment_id, fields = any_of(self.told, which)
        for _again in range(times):
            self.act(self.take_notice, fields)
        assert payment_id is None or self.seen.payments[payment_id].state == "paid"

    def take_notice(self, fields):
        """Take a callback as its page does."""
        taken = notices.take(self.home.manager, self.through, fields)
        if taken.outcome is Outcome.PAID:
            on_paid(self.home.manager, taken.asked)
        return taken

    @precondition(lambda self: self.told)
    @rule(which=WHICH, field=FORGED, value=st.sampled_from(["", "1", "paid", "x"]))
    def hear_a_forger(self, which, field, value):
        _payment, fields = any_of(self.told, which)
        if fields[field] != value:
            before = self.seen
            assert self.act(self.take_notice, {**fields, field: value}).outcome is Outcome.FORGED
            assert self.seen == before

    @rule()
    def ask_the_provider(self):
        with clock.use(self.clock):
            asking.run(self.home.id, self.allowed, on_paid=on_paid)
        self.check()

    @precondition(lambda self: self.seen.payments)
    @rule(which=WHICH, amount=AMOUNT, key=st.sampled_from(["one", "two", None]))
    def refund(self, which, amount, key):
        asked = any_of(list(self.seen.payments.values()), which)
        values = {"amount_minor": amount, "key": key or self.key(), "reason": Reason.COMPLAINT}
        self.give(refunds.give_back, self.home.manager, asked.id, **values)

    @precondition(lambda self: self.seen.payments)
    @rule(which=WHICH)
    def undo(self, which):
        """Take money at the counter back that was typed by mistake, spent or not."""
        asked, key = any_of(list(self.seen.payments.values()), which), self.key()
        for _twice in range(2):
            self.give(refunds.undo, self.home.clerk, asked.id, key=key)

    @rule(who=WHO)
    def refund_all_that_is_free(self, who):
        self.act(refunds.give_back_balance, self.home.manager, self.people[who].id, "CNY", key=self.key())

    def give(self, do, *args, **values):
        """Give money back; what is cash leaves the drawer, once."""
        known = set(self.seen.refunds)
        drawer = self.drawer

        def count():
            given = do(*args, **values)
            asked = queries.payment(self.home.id, given.payment_id)
            is_new = given.id not in known and asked.provider is Way.CASH
            self.drawer = drawer - given.amount_minor * is_new

        self.act(count)

    @precondition(lambda self: any(one.state == "asked" for one in self.seen.refunds.values()))
    @rule(which=WHICH, how=st.sampled_from([None, ProviderError("TimeoutError"), RefusedError("no_money")]))
    def provider_answers(self, which, how):
        given = any_of([one for one in self.seen.refunds.values() if one.state == "asked"], which)
        with reading():
            given = queries.refund(self.home.id, given.id)
        honest = TestProvider.refund

        def fail(self, back):
            raise how

        try:
            TestProvider.refund = fail if how else honest
            with clock.use(self.clock):
                asking.give_back(self.home.manager, given, self.allowed)
        finally:
            TestProvider.refund = honest
        self.check()
