"""Two kiosks and the counter reach for one parcel at the same moment: one of them has it, the others are told."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from kiosk.session.events import Released
from station.core import clock
from station.core.db import db, transaction
from station.core.errors import StationError
from station.parcels import hand_over
from station.parcels.hand_over import Taker
from tests import factories
from tests.kiosk.kiosks import hand_overs
from tests.kiosk.line import Loss
from tests.kiosk.test_spool_killed import conflicts

WAIT_S = 300  # for a machine that is busy with everything else


@pytest.fixture
def person(world):
    return factories.recipient(world.station)


@pytest.fixture
def stored(world, person):
    return world.store(to=person)


@pytest.fixture
def two(world, person, stored):
    world.code(person.id)
    return world.kiosk("left"), world.kiosk("right")


def come(world, kiosk, person):
    world.time.pass_(seconds=30)
    return kiosk.show(world.code(person.id)).person


def at_once(world, *acts):
    """Do these at the same moment, each in a thread; return what each returned."""
    start = threading.Barrier(len(acts))

    def run(act):
        with world.app.app_context(), clock.use(world.time):
            start.wait(WAIT_S)
            try:
                return act()
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(WAIT_S) for future in [pool.submit(run, act) for act in acts]]


def at_the_counter(world, stored):
    try:
        with transaction():
            hand_over.hand_over(world.station.clerk, stored.parcel_id, Taker("counter"))
    except StationError:
        return False
    return True


@pytest.mark.parametrize("turn", range(5))
def test_of_two_kiosks_and_the_counter_one_hands_over(world, two, person, stored, turn):
    left, right = two
    here, there = come(world, left, person), come(world, right, person)

    won = at_once(
        world,
        lambda: left.take(here, here.parcels[0]),
        lambda: right.take(there, there.parcels[0]),
        lambda: at_the_counter(world, stored),
    )

    assert sum(won) == 1
    assert len(hand_overs(stored.parcel_id)) == 1
    assert conflicts(stored.parcel_id) == []


@pytest.mark.parametrize("turn", range(3))
def test_offline_both_open_and_the_second_becomes_a_conflict(world, two, person, stored, turn):
    for kiosk in two:
        kiosk.line.is_cut = True
        shown = come(world, kiosk, person)
        assert kiosk.take(shown, shown.parcels[0])
        kiosk.line.is_cut = False

    at_once(world, *(kiosk.syncing.turn for kiosk in two))

    assert len(hand_overs(stored.parcel_id)) == 1
    assert len(conflicts(stored.parcel_id)) == 1
    assert [kiosk.spool.length() for kiosk in two] == [0, 0]


def test_one_kiosk_online_and_one_offline(world, two, person, stored):
    left, right = two
    left.line.is_cut = True
    here, there = come(world, left, person), come(world, right, person)

    assert left.take(here, here.parcels[0])
    assert right.take(there, there.parcels[0])

    left.line.is_cut = False
    left.syncing.turn()
    assert len(hand_overs(stored.parcel_id)) == 1
    assert len(conflicts(stored.parcel_id)) == 1


def test_two_scans_of_one_parcel_at_one_kiosk_open_once(world, two, person, stored):
    kiosk = two[0]
    shown = come(world, kiosk, person)

    answers = at_once(world, *[lambda: kiosk.release(shown, shown.parcels[0])] * 3)

    assert sum(isinstance(answer, Released) for answer in answers) == 1
    assert len(hand_overs(stored.parcel_id)) == 1


@pytest.mark.parametrize("turn", range(3))
def test_two_scans_of_a_doubtful_parcel_open_once(world, two, person, stored, turn):
    kiosk = two[0]
    shown = come(world, kiosk, person)
    kiosk.waiting.clear()
    kiosk.line.lose("/releases", Loss.AFTER, Loss.AFTER)
    assert not kiosk.take(shown, shown.parcels[0])

    opened = at_once(world, *[lambda: kiosk.take(shown, shown.parcels[0])] * 3)

    assert sum(opened) == 1
    assert len(hand_overs(stored.parcel_id)) == 1


def test_code_shown_at_two_kiosks_at_once_counts_at_one(world, two, person, stored):
    world.time.pass_(seconds=30)
    text = world.code(person.id)

    answers = at_once(world, *(lambda kiosk=kiosk: kiosk.show(text) for kiosk in two))

    assert sorted(type(answer).__name__ for answer in answers) == ["PersonKnown", "PersonUnknown"]
