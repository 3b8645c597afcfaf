"""A release with the station there: it decides, and what it says is on the disk before a door opens."""

from datetime import timedelta

from kiosk.session.events import NotReleased, PersonKnown, Released
from kiosk.spool.lifecycle import State
from tests import factories
from tests.kiosk.kiosks import hand_overs
from tests.kiosk.line import Loss


def come(world, kiosk):
    """Let the resident show their identity code."""
    known = kiosk.show(world.code(factories.recipient(world.station).id))
    assert isinstance(known, PersonKnown)
    return known.person


def test_parcel_is_handed_over_once_and_the_door_opens(world):
    stored = world.store()
    kiosk = world.kiosk()
    person = come(world, kiosk)

    answer = kiosk.release(person, person.parcels[0])

    assert isinstance(answer, Released)
    assert kiosk.state(stored.parcel_id) is State.ACCEPTED
    kiosk.releasing.opened(answer.parcel_id)
    assert kiosk.state(stored.parcel_id) is State.OPENED
    assert len(hand_overs(stored.parcel_id)) == 1


def test_lost_answer_is_asked_for_once_under_the_same_key(world):
    stored = world.store()
    kiosk = world.kiosk()
    person = come(world, kiosk)
    kiosk.line.losses = [Loss.AFTER]

    assert kiosk.take(person, person.parcels[0])

    assert kiosk.state(stored.parcel_id) is State.OPENED
    assert len(kiosk.line.posts("/releases")) == 2
    assert len(hand_overs(stored.parcel_id)) == 1


def test_refusal_is_a_sentence_and_nothing_opens(world):
    stored = world.store()
    kiosk = world.kiosk()
    person = come(world, kiosk)
    world.time.pass_(minutes=11)

    answer = kiosk.release(person, person.parcels[0])

    assert isinstance(answer, NotReleased)
    assert answer.notice.key == "refused_session_over"
    assert kiosk.state(stored.parcel_id) is State.REFUSED
    assert hand_overs(stored.parcel_id) == []


def test_line_lost_in_the_middle_falls_back_to_the_offline_rules(world):
    stored = world.store()
    kiosk = world.kiosk()
    person = come(world, kiosk)
    kiosk.line.losses = [Loss.AFTER, Loss.AFTER]

    assert kiosk.take(person, person.parcels[0])

    assert kiosk.state(stored.parcel_id) is State.OPENED_OFFLINE
    world.time.pass_(seconds=20)
    kiosk.syncing.turn()
    assert kiosk.state(stored.parcel_id) in (State.REPLAYED, None)
    assert len(hand_overs(stored.parcel_id)) == 1


def test_settled_intents_are_pruned_once_the_list_knows(world):
    stored = world.store()
    kiosk = world.kiosk()
    person = come(world, kiosk)
    kiosk.take(person, person.parcels[0])

    world.time.pass_(seconds=20)
    kiosk.syncing.turn()

    assert kiosk.state(stored.parcel_id) is None
    assert kiosk.waiting.by_id(str(stored.parcel_id)) is None


def test_list_stays_new_while_nothing_changes(world):
    world.store()
    kiosk = world.kiosk()

    world.time.pass_(hours=11)
    kiosk.syncing.turn()

    assert kiosk.waiting.age(world.time.now) == timedelta(0)
