"""Whatever happens to a group buy and its money: what people paid is goods, refunds and balances, after every step."""

from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test

from station.claims.rules import CLAIM, BorneBy
from station.core import clock
from station.core.db import transaction
from station.group_buys import (
    arrival,
    bags,
    calling_off,
    campaigns,
    cut_off,
    offers,
    supplier_orders,
    unclaimed,
    waiting,
)
from station.group_buys.arrival import Count
from station.group_buys.bag_store import BAG
from station.group_buys.lifecycle import CAMPAIGN, CAMPAIGN_ENDS, ORDER, CampaignState, OrderState
from station.group_buys.offers import OfferState
from station.group_buys.plans import UnclaimedRule
from station.group_buys.surplus_uses import Way
from station.parcels import hand_over, handling
from station.parcels.hand_over import Taker
from station.parcels.lifecycle import ParcelState
from station.payments.lifecycle import PAYMENTS, REFUNDS
from tests.properties import group_buy_books as books
from tests.properties.group_buy_after_sales import AfterSales
from tests.properties.group_buy_payers import any_of
from tests.properties.group_buy_scenes import SCENES
from tests.properties.group_buy_wishes import (
    AWAY_OR_HERE,
    MORE,
    PEOPLE,
    PREPAID,
    SHARE,
    TERMS,
    UNITS,
    WHICH,
)
from tests.sharing import parcel

ROUNDS = 3  # of all jobs, one leading to the next, until nothing is due
# Everything is looked at after each step; PostgreSQL repeats what SQLite has shown with a part of it.
EXAMPLES = {"sqlite": 4, "postgresql": 1}
STEPS = 25
BEHIND = {"sqlite": (2, 8), "postgresql": (1, 2)}  # a scene: examples, and steps of each
ANSWER = st.sampled_from([offers.accept, offers.accept, offers.decline])
AWAY = (ParcelState.RETURNING, ParcelState.LOST, ParcelState.WRITTEN_OFF)
JOBS = (waiting.let_holds_fall, cut_off.cut_off_next, bags.follow, unclaimed.run)


class Neighbours(AfterSales):
    """The same neighbours, while time goes by and what they ordered comes."""

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

    @rule()
    def all_jobs(self):
        """Let everything run that is due; then nothing is due any more, and the books say where the goods are."""
        for _again in range(ROUNDS):
            self.run_all()
        self.check()
        self.run_all()
        assert self.look() == self.seen
        books.check_in_step(self.seen, self.clock.time)

    def run_all(self):
        for job in JOBS:
            with clock.use(self.clock), transaction():
                job(self.home.id)

    # Sharing out

    @rule(which=WHICH, stages=st.integers(1, 8), came=st.integers(-3, 2), damaged=st.integers(0, 2))
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


class FromScratch(Neighbours):
    """A group buy with a few orders, some of them paid, at some stage."""

    @initialize(
        terms=TERMS,
        share=SHARE,
        prepaid=st.lists(PREPAID, min_size=PEOPLE, max_size=PEOPLE),
        wishes=st.lists(st.tuples(st.integers(1, 4), MORE, AWAY_OR_HERE), min_size=3, max_size=PEOPLE),
        stages=st.sampled_from([0, 4, 10, 10]),
    )
    def begin(self, terms, share, prepaid, wishes, stages):
        self.set_up(share)
        self.start(terms)
        for who, amount in enumerate(prepaid):
            self.cash(who, amount)
        for who, (quantity, tolerance, is_away) in enumerate(wishes):
            self.order(0, who, quantity, tolerance, is_away=is_away)
        self.go_on(0, stages, came=0, damaged=0)


class BehindAScene(Neighbours):
    """Anything that may happen behind one of the scenes."""

    scene = None

    @initialize(terms=TERMS, share=SHARE)
    def begin(self, terms, share):
        self.set_up(share)
        self.scene.begin(self, terms)


def test_money_paid_is_goods_refunds_and_balances_whatever_happens(backend):
    with backend.app.app_context():
        FromScratch.app = backend.app
        run_state_machine_as_test(
            FromScratch, settings=settings(max_examples=EXAMPLES[backend.name], stateful_step_count=STEPS)
        )


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_money_is_straight_behind_every_step_of_a_group_buy(backend, scene):
    machine = type("Machine", (BehindAScene,), {"app": backend.app, "scene": scene, "reached": set()})
    examples, steps = BEHIND[backend.name]
    with backend.app.app_context():
        run_state_machine_as_test(
            machine, settings=settings(max_examples=examples, stateful_step_count=steps)
        )
    assert scene.reaches <= machine.reached


def test_the_scenes_reach_every_step_there_is():
    tables = {"campaign": CAMPAIGN, "order": ORDER, "bag": BAG, "claim": CLAIM}
    tables |= {"payment": PAYMENTS, "refund": REFUNDS}
    steps = {
        f"{name} {before} → {after}"
        for name, table in tables.items()
        for (before, _action), after in table.items()
    }
    steps |= {f"offer {OfferState.OPEN} → {state}" for state in OfferState if state != OfferState.OPEN}
    steps |= {f"left over {state}" for state in OfferState if state != OfferState.OPEN}
    steps |= {f"left over {way}" for way in Way}
    steps |= {f"unclaimed {rule}" for rule in UnclaimedRule}
    steps |= {f"borne by {who}" for who in BorneBy}
    assert steps <= {step for scene in SCENES for step in scene.reaches}
