"""Whatever happens to a group buy and its money: what people paid is goods, refunds and balances, after every step."""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from station.core import clock
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.group_buys import (
    arrival,
    bags,
    calling_off,
    campaigns,
    cut_off,
    offers,
    orders,
    supplier_orders,
    unclaimed,
    waiting,
)
from station.group_buys.arrival import Count
from station.group_buys.lifecycle import CAMPAIGN_ENDS, CampaignState, OrderState
from station.group_buys.offers import OfferState
from station.group_buys.orders import Wish
from station.group_buys.plans import Point
from station.parcels import hand_over, handling
from station.parcels.hand_over import Taker
from station.parcels.lifecycle import ParcelState
from station.payments import asking, notices, provider_test, queries, refunds, service, test_bank
from station.payments.catalogue import Outcome, Reason, Way
from station.payments.provider import ProviderError, RefusedError
from station.payments.provider_test import TestProvider
from station.payments.settling import on_paid
from tests import payments
from tests.factories import make_station, recipient
from tests.group_buys import make_campaign
from tests.properties import group_buy_books as books
from tests.properties.group_buy_wishes import (
    AMOUNT,
    AWAY_OR_HERE,
    FORGED,
    MORE,
    PEOPLE,
    PREPAID,
    SHARE,
    TERMS,
    UNITS,
    WHICH,
    WHO,
)
from tests.services.winding import Clock
from tests.sharing import parcel

STEPS = 30
# An example is thirty steps, looked at one by one; PostgreSQL repeats what SQLite has shown with a part of them.
EXAMPLES = {"sqlite": 12, "postgresql": 3}
ANSWER = st.sampled_from([offers.accept, offers.accept, offers.decline])
AWAY = (ParcelState.RETURNING, ParcelState.LOST, ParcelState.WRITTEN_OFF)
JOBS = (waiting.let_holds_fall, cut_off.cut_off_next, bags.follow, unclaimed.run)


def any_of(found, which):
    """Return one of what there is, None when there is nothing."""
    return found[which % len(found)] if found else None


class Neighbours(RuleBasedStateMachine):
    """Four neighbours, a station and its partner, up to three group buys, a provider whose word comes late."""

    app = None

    def __init__(self):
        super().__init__()
        self.clock, self.told, self.drawer, self.keys = Clock(), [], 0, 0

    @initialize(
        terms=TERMS,
        share=SHARE,
        prepaid=st.lists(PREPAID, min_size=PEOPLE, max_size=PEOPLE),
        wishes=st.lists(st.tuples(st.integers(1, 4), MORE, AWAY_OR_HERE), min_size=3, max_size=PEOPLE),
        stages=st.sampled_from([0, 4, 10, 10]),
    )
    def begin(self, terms, share, prepaid, wishes, stages):
        with clock.use(self.clock):
            self.home, self.partner = make_station(), make_station("Elm Court")
            self.allowed = payments.allowing_tests(self.app)
            payments.set_up(self.home, Way.TEST)
            self.through = payments.provider(self.home, self.allowed)
            self.people = [recipient(self.home, f"1381234500{number}", "王芳") for number in range(PEOPLE)]
        self.seen = self.look()
        self.start(terms, share)
        for who, amount in enumerate(prepaid):
            self.cash(who, amount)
        for who, (quantity, tolerance, is_away) in enumerate(wishes):
            self.order(0, who, quantity, tolerance, is_away=is_away)
        self.go_on(0, stages, came=0, damaged=0)

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
        self.seen = self.look()
        books.check(self.home.id, self.seen)
        balances = books.booked(self.seen)
        assert balances["cash", ""] == -self.drawer

    def key(self):
        self.keys += 1
        return f"key:{self.keys}"

    def start(self, terms, share):
        points = (Point(self.home.id), Point(self.partner.id, share))
        with clock.use(self.clock):
            make_campaign(self.home, points=points, **terms)
        self.check()

    # Ordering

    @precondition(lambda self: len(self.seen.campaigns) < 3)
    @rule(terms=TERMS, share=SHARE)
    def start_another(self, terms, share):
        self.start(terms, share)

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

    # Time

    @rule(
        minutes=st.sampled_from([2, 31, 5 * 60, 25 * 60, 9 * 24 * 60]),
        jobs=st.lists(st.sampled_from(JOBS), max_size=6),
    )
    def time_goes_by(self, minutes, jobs):
        """Let jobs come late, twice, in any order, or not at all."""
        self.clock.wind(timedelta(minutes=minutes))
        for job in jobs:
            self.act(job, self.home.id)

    # Sharing out

    @rule(which=WHICH, stages=st.integers(1, 8), came=st.integers(-3, 1), damaged=st.integers(0, 2))
    def go_on(self, which, stages, came, damaged):
        for _stage in range(stages):
            campaign = any_of(self.live(), which)
            if campaign:
                self.next_stage(campaign, came, damaged)

    def next_stage(self, campaign, came, damaged):
        clerk = self.home.clerk
        if campaign.state == CampaignState.OPEN:
            self.clock.time = max(self.clock.time, campaign.cut_off_at)
            self.act(cut_off.cut_off, clerk, campaign.id)
        elif campaign.state == CampaignState.CLOSED:
            self.act(supplier_orders.make, clerk, campaign.id)
        elif campaign.state == CampaignState.ORDERED and not self.crates(campaign):
            mine = [one for one in self.seen.orders.values() if one.campaign_id == campaign.id]
            counted = max(0, sum(one.allocated or 0 for one in mine) + came)
            self.act(arrival.count_crate, clerk, campaign.id, "A", Count(counted, min(counted, damaged)))
        elif campaign.state == CampaignState.ORDERED:
            self.act(arrival.finish, clerk, campaign.id)
        elif campaign.state == CampaignState.ARRIVED:
            self.act(bags.pack, clerk, campaign.id)
        else:
            self.shelve()

    def live(self):
        return [one for one in self.seen.campaigns.values() if one.state not in CAMPAIGN_ENDS]

    def crates(self, campaign):
        return [one for one in self.seen.crates.values() if one.campaign_id == campaign.id]

    def shelve(self):
        for found in self.parcels(ParcelState.EXPECTED)[:1]:
            there = self.at(found.station_id)
            self.act(bags.shelve, there.clerk, parcel(there, found.id).waybill, there.layer())

    def at(self, station_id):
        return self.home if station_id == self.home.id else self.partner

    @precondition(lambda self: self.seen.crates)
    @rule(which=WHICH, counted=UNITS, is_known=st.booleans())
    def count_again(self, which, counted, is_known):
        crate = any_of(list(self.seen.crates.values()), which)
        if is_known:
            self.act(
                arrival.recount, self.home.clerk, crate.campaign_id, crate.id, Count(counted, counted // 3)
            )
        else:
            self.act(arrival.count_crate, self.home.clerk, crate.campaign_id, crate.crate, Count(counted))

    def parcels(self, *states):
        return [one for one in self.seen.parcels.values() if one.state in states]

    @precondition(lambda self: self.parcels(ParcelState.STORED, ParcelState.HANDED_OVER))
    @rule(which=WHICH)
    def collect(self, which):
        found = any_of(self.parcels(ParcelState.STORED, ParcelState.HANDED_OVER), which)
        self.act(hand_over.hand_over, self.at(found.station_id).clerk, found.id, Taker())

    @precondition(lambda self: self.parcels(ParcelState.HANDED_OVER))
    @rule(which=WHICH)
    def bring_back(self, which):
        found = any_of(self.parcels(ParcelState.HANDED_OVER), which)
        there = self.at(found.station_id)
        self.act(hand_over.undo_hand_over, there.clerk, found.id, reason="wrong_person")

    @precondition(lambda self: self.parcels(ParcelState.STORED, ParcelState.LOST))
    @rule(which=WHICH)
    def write_off(self, which):
        found = any_of(self.parcels(ParcelState.STORED, ParcelState.LOST), which)
        there = self.at(found.station_id)
        self.act(handling.ask_write_off, there.clerk, found.id, reason="destroyed")
        self.act(handling.confirm_write_off, there.manager, found.id)

    @precondition(lambda self: self.parcels(ParcelState.STORED))
    @rule(which=WHICH)
    def lose(self, which):
        found = any_of(self.parcels(ParcelState.STORED), which)
        self.act(handling.mark_lost, self.at(found.station_id).clerk, found.id, reason="not_found")

    @precondition(lambda self: self.parcels(*AWAY))
    @rule(which=WHICH)
    def put_back_on_its_shelf(self, which):
        found = any_of(self.parcels(*AWAY), which)
        there = self.at(found.station_id)
        if found.state == ParcelState.RETURNING:
            self.act(handling.cancel_return, there.clerk, found.id)
        else:
            self.act(handling.find_again, there.clerk, found.id, there.layer())

    def orders_in(self, *states):
        return [one.id for one in self.seen.orders.values() if one.state in states]

    @precondition(lambda self: self.orders_in(OrderState.READY, OrderState.COLLECTED))
    @rule(which=WHICH, answer=ANSWER)
    def let_others_have_it(self, which, answer):
        found = any_of(self.orders_in(OrderState.READY, OrderState.COLLECTED), which)
        for _twice in range(2):
            self.act(unclaimed.agree_release, self.home.clerk, found)
        if self.seen.offers:
            self.answer_an_offer(0, answer)

    @precondition(lambda self: self.seen.offers)
    @rule(which=WHICH, answer=ANSWER)
    def answer_an_offer(self, which, answer):
        made = list(self.seen.offers.values())
        found = any_of([one for one in made if one.state == OfferState.OPEN] or made, which)
        for _twice in range(2):
            self.act(answer, self.home.clerk, found.order_id)

    @precondition(lambda self: self.parcels(ParcelState.RETURNING))
    @rule(which=WHICH)
    def clear_the_shelf(self, which):
        found = any_of(self.parcels(ParcelState.RETURNING), which)
        bag = next(one for one in self.seen.bags.values() if one.parcel_id == found.id)
        self.act(unclaimed.clear_shelf, self.home.clerk, bag.id)

    @precondition(lambda self: self.live())
    @rule(which=WHICH, how=st.sampled_from([campaigns.cancel, calling_off.call_off]))
    def call_off(self, which, how):
        self.act(how, self.home.manager, any_of(self.live(), which).id, reason="no harvest")


def test_money_paid_is_goods_refunds_and_balances_whatever_happens(backend):
    with backend.app.app_context():
        Neighbours.app = backend.app
        examples = EXAMPLES[backend.name]
        run_state_machine_as_test(
            Neighbours,
            settings=settings(max_examples=examples, stateful_step_count=STEPS),
        )
