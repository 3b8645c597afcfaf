"""Random payments, callbacks repeated, reordered and forged, refunds that fail and repeat: the books balance."""

from datetime import timedelta

from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from station.core import clock
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.payments import (
    asking,
    at_counter,
    book_queries,
    provider_test,
    queries,
    reconciliation,
    refunds,
    scanning,
    service,
    test_bank,
    test_codes,
)
from station.payments.catalogue import ACCEPTED, Outcome, Reason, Way
from station.payments.lifecycle import PaymentState
from station.payments.provider import Kind, ProviderError, RefusedError, Wish
from station.payments.provider_test import TestProvider
from station.payments.test_codes import Mood
from tests import payments
from tests.factories import make_station, recipient

INDEX = st.integers(min_value=0, max_value=30)
AMOUNT = st.integers(min_value=1, max_value=3000)
# What a forger may change of a callback that was signed.
FIELDS = st.sampled_from(["number", "amount_minor", "currency", "status", "notice", "signature", "ref"])


class Payments(RuleBasedStateMachine):
    """One station, two people, and whatever may happen to their money."""

    app = None

    @initialize()
    def open(self):
        self.station = make_station()
        self.allowed = payments.allowing_tests(self.app)
        payments.set_up(self.station, Way.TEST)
        self.through = payments.provider(self.station, self.allowed)
        self.people = [recipient(self.station), recipient(self.station, "13900001111", "王")]
        self.asked, self.told, self.refunds = [], [], []
        self.paid = {}

    @rule(who=st.booleans(), amount=AMOUNT)
    def ask(self, who, amount):
        try:
            self.asked.append(payments.ask(self.station, self.people[who], amount_minor=amount))
        except StationError as error:
            assert error.code == "too_many_attempts"  # noqa: PT017 - nothing else may refuse it

    @rule(who=st.booleans(), amount=AMOUNT)
    def ask_at_the_counter(self, who, amount):
        person = self.people[who]
        with reading():
            waiting = queries.waiting_at_counter(self.station.id, [person.id], clock.now())
        try:
            self.asked.append(payments.ask_at_counter(self.station, person, amount_minor=amount))
        except StationError as error:
            assert error.code == ("payment_waiting" if waiting else "too_many_attempts")  # noqa: PT017
            return
        assert not waiting

    @precondition(lambda self: self.asked)
    @rule(which=INDEX, in_between=st.booleans())
    def cancel(self, which, in_between):
        """Wait no longer; the money may come at the very moment."""
        asked = self.asked[which % len(self.asked)]
        if asked.provider is not Way.TEST:
            return
        honest = TestProvider.cancel

        def paid_just_now(provider, number):
            payments.pay(self.station, asked)
            return honest(provider, number)

        try:
            TestProvider.cancel = paid_just_now if in_between else honest
            after = at_counter.cancel(self.station.clerk, asked, self.allowed, on_paid=_nothing)
        finally:
            TestProvider.cancel = honest
        assert after.state is not PaymentState.ASKED
        if after.state is PaymentState.PAID:
            self.paid[asked.id] = asked.amount_minor

    @precondition(lambda self: self.asked)
    @rule(which=INDEX, mood=st.sampled_from(Mood), is_late=st.booleans())
    def scan_a_customers_code(self, which, mood, is_late):
        """Whatever the app does and however the payment stands, it is paid once; a second scan adds nothing."""
        asked = self.asked[which % len(self.asked)]
        if asked.provider is not Way.TEST:
            return
        began = clock.now()
        code = test_codes.make(self.station.id, mood, began - timedelta(minutes=2 * is_late))
        for _ in range(2):
            scanning.charge(self.station.clerk, self.through, _wish(asked), code=code, on_paid=_nothing)
        self._note_paid(asked)

    @precondition(lambda self: self.asked)
    @rule(which=INDEX, seconds=st.integers(min_value=0, max_value=400))
    def look_later(self, which, seconds):
        asked = self.asked[which % len(self.asked)]
        if asked.provider is not Way.TEST:
            return
        later = clock.now() + timedelta(seconds=seconds)
        with clock.use(lambda: later):
            at_counter.look(
                self.station.clerk, payments.now(self.station, asked), self.allowed, on_paid=_nothing
            )
        self._note_paid(asked)

    def _note_paid(self, asked):
        """Remember that a payment is paid, if the provider took the money for it."""
        with reading():
            moved = test_bank.find(self.station.id, Kind.PAYMENT, str(asked.id))
        if payments.now(self.station, asked).state is PaymentState.PAID:
            assert moved.amount_minor == asked.amount_minor
            self.paid[asked.id] = asked.amount_minor

    @rule()
    def compare_the_providers_file_of_today(self):
        """Let every fee be booked, and lost payments with theirs, however often the file comes."""
        day = payments.today(self.station)
        content = self.through.fetch_file(day)
        lines = self.through.read_file(content)
        tomorrow = clock.now() + timedelta(days=1)
        with clock.use(lambda: tomorrow), transaction():
            made = reconciliation.compare(self.station.manager, Way.TEST, day, lines, content)
        with reading():
            differences = book_queries.differences(self.station.id, made)
        for line in differences:
            if line.can_be_booked and line.state == "open" and line.what is Kind.PAYMENT:
                with transaction():
                    reconciliation.book(self.station.manager, line.id)
                self.paid[line.payment_id] = line.theirs_minor

    @rule(who=st.booleans(), amount=AMOUNT)
    def take_cash(self, who, amount):
        person = self.people[who]
        with reading():
            waiting = queries.waiting_at_counter(self.station.id, [person.id], clock.now())
        try:
            asked = payments.take_cash(self.station, person, amount)
        except StationError as error:
            assert (error.code, bool(waiting)) == ("payment_waiting", True)  # noqa: PT017
            return
        assert not waiting
        self.asked.append(asked)
        self.paid[asked.id] = amount

    @precondition(lambda self: self.asked)
    @rule(which=INDEX)
    def pay_and_keep_the_callback(self, which):
        asked = self.asked[which % len(self.asked)]
        if asked.provider is Way.TEST:
            self.told.append((asked, payments.pay(self.station, asked)))

    @precondition(lambda self: self.asked)
    @rule(which=INDEX)
    def close_and_keep_the_callback(self, which):
        asked = self.asked[which % len(self.asked)]
        if asked.provider is Way.TEST:
            self.told.append((None, provider_test.closed_notice(self.station.id, str(asked.id))))

    @precondition(lambda self: self.told)
    @rule(which=INDEX, times=st.integers(min_value=1, max_value=3))
    def deliver(self, which, times):
        asked, fields = self.told[which % len(self.told)]
        for _ in range(times):
            taken = payments.tell(self.station, self.through, fields)
            assert taken.outcome in ACCEPTED
        if asked:
            self.paid[asked.id] = asked.amount_minor

    @precondition(lambda self: self.told)
    @rule(which=INDEX, field=FIELDS, value=st.text(max_size=12))
    def forge(self, which, field, value):
        _asked, fields = self.told[which % len(self.told)]
        if fields[field] != value:
            assert (
                payments.tell(self.station, self.through, {**fields, field: value}).outcome is Outcome.FORGED
            )

    @precondition(lambda self: self.asked)
    @rule(which=INDEX)
    def let_expire(self, which):
        asked = self.asked[which % len(self.asked)]
        if asked.expires_at:
            with payments.later(asked), transaction():
                service.expire(self.station.manager, asked.id)

    @rule()
    def let_the_scheduler_look(self):
        later = clock.now() + timedelta(minutes=2)
        with clock.use(lambda: later):
            asking.run(self.station.id, self.allowed, on_paid=_nothing)
        with reading():
            listed = queries.listed(self.station.id)
        self.paid |= {one.id: one.amount_minor for one in listed if one.state is PaymentState.PAID}

    @precondition(lambda self: self.asked)
    @rule(which=INDEX, amount=AMOUNT, key=st.integers(min_value=0, max_value=5))
    def give_back(self, which, amount, key):
        asked = self.asked[which % len(self.asked)]
        try:
            with transaction():
                given = refunds.give_back(
                    self.station.manager,
                    asked.id,
                    amount_minor=amount,
                    key=f"k{key}",
                    reason=Reason.COMPLAINT,
                )
        except StationError:
            return
        self.refunds.append(given)

    @precondition(lambda self: self.refunds)
    @rule(which=INDEX, how=st.sampled_from(["done", "silent", "refused"]))
    def let_the_provider_answer(self, which, how):
        given = self.refunds[which % len(self.refunds)]
        with reading():
            given = queries.refund(self.station.id, given.id)
        if given.state == "asked":
            _answer(self, given, how)

    @invariant()
    def the_books_balance_and_each_payment_is_in_them_once(self):
        payments.check(self.station)
        with reading():
            listed = queries.listed(self.station.id)
        assert {one.id: one.amount_minor for one in listed if one.state is PaymentState.PAID} == self.paid


def _nothing(actor, asked):
    """What follows when money came, for those who look at the payment alone."""


def _wish(asked):
    return Wish(
        str(asked.id), "Maple", asked.amount_minor, "CNY", asked.expires_at, "https://a/b", "https://a/c"
    )


def _answer(machine, given, how):
    failures = {"silent": ProviderError("TimeoutError"), "refused": RefusedError("no_money")}
    honest = TestProvider.refund

    def fail(self, back):
        raise failures[how]

    try:
        if how in failures:
            TestProvider.refund = fail
        asking.give_back(machine.station.manager, given, machine.allowed)
    finally:
        TestProvider.refund = honest


def test_whatever_happens_to_payments_the_books_balance(sqlite):
    with sqlite.app.app_context():
        Payments.app = sqlite.app
        run_state_machine_as_test(
            Payments, settings=hypothesis(max_examples=20, stateful_step_count=25, deadline=None)
        )
