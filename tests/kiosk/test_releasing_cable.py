"""The cable is pulled before and after every request of a collection: it ends in one hand-over or none."""

import pytest

from kiosk.session.events import PersonKnown, Released
from kiosk.spool.lifecycle import State
from station.core.db import transaction
from station.kiosks import unfinished
from tests import factories
from tests.kiosk.kiosks import hand_overs
from tests.kiosk.line import Loss
from tests.kiosk.test_spool_killed import conflicts, unsettled

REQUESTS = (
    8  # of a collection and the turn after it: session, release, report, setup, list, photo; two to spare
)
LOSSES = [[loss] * times for loss in Loss if loss is not Loss.NONE for times in (1, 2, 3)]


@pytest.fixture
def person(world):
    return factories.recipient(world.station)


@pytest.fixture
def stored(world, person):
    return world.store(to=person)


@pytest.fixture
def kiosk(world, person, stored):
    world.code(person.id)
    return world.kiosk()


def collect(world, kiosk, person):
    """Show a code, take the parcel, and sync; return whether the door opened."""
    shown = kiosk.show(world.code(person.id))
    assert isinstance(shown, PersonKnown), shown
    answer = kiosk.release(shown.person, shown.person.parcels[0])
    if isinstance(answer, Released):
        kiosk.releasing.opened(answer.parcel_id)
    kiosk.turn()
    return isinstance(answer, Released)


def rest(world, kiosk):
    kiosk.line.is_cut = False
    kiosk.line.losses = []
    for _ in range(3):
        world.time.pass_(minutes=12)
        kiosk.syncing.turn()
        for hand_over_id in unsettled():
            with transaction():
                unfinished.it_is_here(world.station.clerk, hand_over_id)


def agree(kiosk, stored, *, is_open):
    assert len(hand_overs(stored.parcel_id)) == is_open
    assert conflicts(stored.parcel_id) == []
    assert kiosk.spool.length() == 0
    assert kiosk.spool.intents.busy() == frozenset()
    assert (kiosk.waiting.by_id(str(stored.parcel_id)) is None) is is_open


@pytest.mark.parametrize("losses", LOSSES, ids=lambda losses: f"{len(losses)}-{losses[0].value}")
@pytest.mark.parametrize("at", range(REQUESTS))
def test_loss_at_any_request_ends_in_one_hand_over(world, kiosk, person, stored, at, losses):
    kiosk.line.losses = [Loss.NONE] * at + losses

    is_open = collect(world, kiosk, person)

    assert is_open
    rest(world, kiosk)
    agree(kiosk, stored, is_open=True)


@pytest.mark.parametrize("is_answered", [True, False])
@pytest.mark.parametrize("at", range(REQUESTS))
def test_cable_that_stays_out_from_any_request_on(world, kiosk, person, stored, at, is_answered):
    last = Loss.NONE if is_answered else Loss.AFTER
    kiosk.line.losses = [Loss.NONE] * at + [last] + [Loss.BEFORE] * 50

    is_open = collect(world, kiosk, person)

    assert is_open
    rest(world, kiosk)
    agree(kiosk, stored, is_open=True)


@pytest.mark.parametrize("loss", [Loss.BEFORE, Loss.AFTER, Loss.LATE])
def test_release_without_answer_and_without_a_list_is_settled_later(world, kiosk, person, stored, loss):
    shown = kiosk.show(world.code(person.id)).person
    kiosk.waiting.clear()
    kiosk.line.lose("/releases", loss, loss)

    assert not kiosk.take(shown, shown.parcels[0])

    assert kiosk.state(stored.parcel_id) is State.DOUBTFUL
    rest(world, kiosk)
    agree(kiosk, stored, is_open=False)


@pytest.mark.parametrize("loss", [Loss.BEFORE, Loss.AFTER, Loss.LATE])
def test_doubt_ends_when_the_same_person_scans_again(world, kiosk, person, stored, loss):
    shown = kiosk.show(world.code(person.id)).person
    kiosk.waiting.clear()
    kiosk.line.lose("/releases", loss, loss)
    assert not kiosk.take(shown, shown.parcels[0])

    assert kiosk.take(shown, shown.parcels[0])

    assert len(hand_overs(stored.parcel_id)) == 1
    rest(world, kiosk)
    agree(kiosk, stored, is_open=True)


def test_doubt_is_not_asked_about_while_the_visit_may_go_on(world, kiosk, person, stored):
    shown = kiosk.show(world.code(person.id)).person
    kiosk.waiting.clear()
    kiosk.line.lose("/releases", Loss.BEFORE, Loss.BEFORE)
    kiosk.take(shown, shown.parcels[0])

    world.time.pass_(minutes=9)
    kiosk.syncing.turn()

    assert kiosk.line.posts("/releases") == []  # asked now, it would be handed over with nobody there
    assert hand_overs(stored.parcel_id) == []


def test_parcel_in_doubt_is_for_nobody_else(world, kiosk, person, stored):
    shown = kiosk.show(world.code(person.id)).person
    kiosk.waiting.clear()
    kiosk.line.lose("/releases", Loss.BEFORE, Loss.BEFORE)
    kiosk.take(shown, shown.parcels[0])
    world.time.pass_(seconds=30)

    again = kiosk.show(world.code(person.id)).person

    assert again.parcels == ()
    assert kiosk.release(again, shown.parcels[0]).notice.key == "refused_in_doubt"
