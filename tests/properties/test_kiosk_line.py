"""Whatever the line and the power do, every hand-over stands once in the books and once in the kiosk's memory.

Two kiosks, the counter and residents act in any order; requests are lost before and after they are acted on, arrive
twice or behind later ones, cables are pulled and kiosks lose their power in the middle of a release.
"""

import shutil
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kiosk.session.events import PersonKnown, Released
from kiosk.spool.lifecycle import State
from station.core.db import transaction
from station.core.errors import StationError
from station.kiosks import unfinished
from station.parcels import hand_over
from station.parcels.hand_over import Taker
from tests import factories
from tests.kiosk import kiosks
from tests.kiosk.kiosks import hand_overs
from tests.kiosk.line import Loss
from tests.kiosk.test_spool_killed import conflicts, unsettled

PARCELS = 3
KIOSKS = 2
LOSSES = st.lists(st.sampled_from(list(Loss)), max_size=4)
WHICH = st.integers(0, KIOSKS - 1)
PHONES = ("13812344068", "13912340099")
ENOUGH_TURNS = 4
SHARE = 3  # a run makes two kiosks and comes to rest with some fifty requests


class Collections(RuleBasedStateMachine):
    """People collect while everything between kiosk and station breaks."""

    sqlite = None  # set by the test: the database that each run begins with, emptied

    @initialize()
    def begin(self):
        self.sqlite.reset()
        self.context = self.sqlite.app.app_context()
        self.context.push()
        self.time = kiosks.Time()
        self.clock = kiosks.ticking(self.time)
        self.clock.__enter__()
        self.folder = Path(tempfile.mkdtemp())
        self.world = kiosks.World(self.sqlite.app, factories.make_station(), self.time, self.folder)
        kiosks.allow(self.world, kiosks.ALL_WAYS)
        self.people = [factories.recipient(self.world.station, phone) for phone in PHONES]
        self.stored = [self.world.store(to=self.people[number % 2]) for number in range(PARCELS)]
        self.world.code(self.people[0].id)
        for number in range(KIOSKS):
            self.world.kiosk(f"kiosk{number}")
        self.shown = [None] * KIOSKS
        self.opened = Counter()  # by parcel: how often a kiosk's door opened, as somebody watching counts
        self.perhaps = (
            Counter()
        )  # how often one left, or did not, without anybody seeing; and over the counter

    @rule(which=WHICH, person=st.integers(0, 1), losses=LOSSES)
    def come(self, which, person, losses):
        kiosk = self.world.made[which]
        kiosk.line.losses = list(losses)
        self.time.pass_(seconds=31)
        answer = kiosk.show(self.world.code(self.people[person].id))
        self.shown[which] = answer.person if isinstance(answer, PersonKnown) else None

    @rule(which=WHICH, number=st.integers(0, PARCELS - 1), losses=LOSSES)
    def come_with_a_pickup_code(self, which, number, losses):
        kiosk = self.world.made[which]
        kiosk.line.losses = list(losses)
        tail = PHONES[number % 2][-4:]
        answer = kiosk.type_pickup_code(self.stored[number].pickup_code, tail)
        self.shown[which] = answer.person if isinstance(answer, PersonKnown) else None

    @rule(
        which=WHICH,
        place=st.integers(0, PARCELS - 1),
        losses=LOSSES,
        has_power=st.sampled_from([True] * 4 + [False]),
    )
    def take(self, which, place, losses, has_power):
        kiosk, person = self.world.made[which], self.shown[which]
        if person is None or place >= len(person.parcels):
            return
        kiosk.line.losses = list(losses)
        answer = kiosk.release(person, person.parcels[place])
        if not isinstance(answer, Released):
            self.perhaps[answer.parcel_id] += kiosk.state(answer.parcel_id) is State.DOUBTFUL
            return
        if has_power:
            self.opened[answer.parcel_id] += 1
            kiosk.releasing.opened(answer.parcel_id)
        else:
            self.perhaps[answer.parcel_id] += 1
            self.lose_power(which)

    @rule(which=WHICH)
    def lose_power(self, which):
        kiosk = self.world.made[which]
        is_cut = kiosk.line.is_cut
        self.world.restarted(kiosk).line.is_cut = is_cut
        self.shown[which] = None

    @rule(which=WHICH)
    def pull_or_plug_the_cable(self, which):
        line = self.world.made[which].line
        line.is_cut = not line.is_cut

    @rule(which=WHICH, losses=LOSSES, seconds=st.integers(1, 900))
    def sync(self, which, losses, seconds):
        self.time.pass_(seconds=seconds)
        self.world.made[which].line.losses = list(losses)
        self.world.made[which].turn()

    @rule(number=st.integers(0, PARCELS - 1))
    def hand_over_at_the_counter(self, number):
        try:
            with transaction():
                hand_over.hand_over(self.world.station.clerk, self.stored[number].parcel_id, Taker("counter"))
        except StationError:
            return
        self.perhaps[str(self.stored[number].parcel_id)] += 1

    @invariant()
    def no_parcel_is_handed_over_twice(self):
        if hasattr(self, "stored"):
            assert all(len(hand_overs(one.parcel_id)) <= 1 for one in self.stored)

    def teardown(self):
        if not hasattr(self, "stored"):
            return
        try:
            self.come_to_rest()
            self.check_both_sides()
        finally:
            self.world.close()
            self.clock.__exit__(None, None, None)
            self.context.pop()
            shutil.rmtree(self.folder)

    def come_to_rest(self):
        for _ in range(ENOUGH_TURNS):
            self.time.pass_(minutes=12)
            for kiosk in self.world.made:
                kiosk.line.is_cut, kiosk.line.losses = False, []
                kiosk.syncing.turn()
            for hand_over_id in unsettled():
                with transaction():
                    unfinished.it_left(self.world.station.clerk, hand_over_id)

    def check_both_sides(self):
        for kiosk in self.world.made:
            assert kiosk.spool.length() == 0
            assert kiosk.spool.intents.busy() == frozenset()
        for one in self.stored:
            standing, cases = hand_overs(one.parcel_id), conflicts(one.parcel_id)
            opened = self.opened[str(one.parcel_id)]
            # Every time a door opened is one hand-over or one conflict, and nothing is there that nobody did.
            assert opened <= len(standing) + len(cases) <= opened + self.perhaps[str(one.parcel_id)]
            listed = [kiosk.waiting.by_id(str(one.parcel_id)) is not None for kiosk in self.world.made]
            assert listed == [not standing] * KIOSKS


@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")
def test_every_hand_over_is_recorded_exactly_once_on_both_sides(sqlite):
    machine = type("Machine", (Collections,), {"sqlite": sqlite})
    case = machine.TestCase
    case.settings = settings(
        max_examples=settings().max_examples // SHARE,
        stateful_step_count=15,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    case().runTest()
