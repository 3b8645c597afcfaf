"""Releases without the station: what the rules allow is written down first, opens, and is told afterwards."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from kiosk.refusals import keys
from kiosk.session.events import NotReleased, Released, Settled, Unfinished
from kiosk.spool.lifecycle import State
from kiosk.words import TABLE
from station.core.db import connection, reading, transaction
from station.kiosks.watch_models import KioskConflict
from station.parcels import hand_over, handling
from station.parcels.hand_over import Taker
from station.parcels.models import HandOver
from tests import factories
from tests.kiosk.kiosks import JPEG, agree_to_face, hand_overs
from tests.kiosk.line import Loss


@pytest.fixture
def person(world):
    return factories.recipient(world.station)


@pytest.fixture
def stored(world, person):
    return world.store(to=person)


@pytest.fixture
def kiosk(world, person, stored):
    agree_to_face(world, person.id)
    world.code(person.id)
    made = world.kiosk()
    made.line.is_cut = True
    return made


def come(world, kiosk, person):
    return kiosk.show(world.code(person.id)).person


def come_back(world, kiosk, *, after_s=60):
    kiosk.line.is_cut = False
    world.time.pass_(seconds=after_s)
    kiosk.syncing.turn()


def refused(answer):
    assert isinstance(answer, NotReleased), answer
    return answer.notice.key


def at_of(parcel_id):
    with reading():
        return connection().scalar(select(HandOver.at).where(HandOver.parcel_id == parcel_id))


def reasons(parcel_id):
    with reading():
        mine = select(KioskConflict.reason).where(KioskConflict.parcel_id == parcel_id)
        return list(connection().scalars(mine))


WAYS = {
    "identity_code": lambda world, kiosk, person, stored: kiosk.show(world.code(person.id)),
    "pickup_code": lambda world, kiosk, person, stored: kiosk.type_pickup_code(stored.pickup_code),
    "face": lambda world, kiosk, person, stored: kiosk.see_face(person.id),
}


@pytest.mark.parametrize("way", WAYS)
def test_hand_over_is_in_the_books_with_its_own_time(world, kiosk, person, stored, way):
    shown = WAYS[way](world, kiosk, person, stored).person
    left_at = world.time.now

    assert kiosk.take(shown, shown.parcels[0])

    assert hand_overs(stored.parcel_id) == []
    assert kiosk.spool.length() == 1
    come_back(world, kiosk, after_s=3600)
    assert len(hand_overs(stored.parcel_id)) == 1
    assert at_of(stored.parcel_id) == left_at
    assert kiosk.spool.length() == 0
    world.time.pass_(seconds=15)
    kiosk.syncing.turn()
    assert kiosk.state(stored.parcel_id) is None


def test_pickup_code_of_yesterdays_list_is_taken_after_midnight(world, person, stored):
    world.time.pass_(hours=6, minutes=50)  # 23:50 at the station
    kiosk = world.kiosk()
    kiosk.line.is_cut = True
    world.time.pass_(minutes=20)
    shown = kiosk.type_pickup_code(stored.pickup_code).person

    assert kiosk.take(shown, shown.parcels[0])

    come_back(world, kiosk)
    assert len(hand_overs(stored.parcel_id)) == 1
    assert reasons(stored.parcel_id) == []


def test_yes_is_on_the_disk_before_the_door_may_open(world, kiosk, person, stored):
    shown = come(world, kiosk, person)

    assert isinstance(kiosk.release(shown, shown.parcels[0]), Released)

    assert kiosk.state(stored.parcel_id) is State.ALLOWED_OFFLINE


def test_several_are_told_in_their_order(world, kiosk, person, stored):
    kiosk.line.is_cut = False
    more = [world.store(to=person) for _ in range(3)]
    come_back(world, kiosk)
    kiosk.line.is_cut = True
    shown = come(world, kiosk, person)
    for parcel in shown.parcels:
        world.time.pass_(seconds=5)
        assert kiosk.take(shown, parcel)

    come_back(world, kiosk)

    told = [body["parcel_id"] for body in kiosk.line.posts("/replays")]
    assert told == [parcel.id for parcel in shown.parcels]
    assert all(len(hand_overs(one.parcel_id)) == 1 for one in [stored, *more])


def test_parcel_leaves_once_however_often_it_is_scanned(world, kiosk, person, stored):
    shown = come(world, kiosk, person)
    assert kiosk.take(shown, shown.parcels[0])

    assert refused(kiosk.release(shown, shown.parcels[0])) == "refused_in_doubt"
    come_back(world, kiosk)
    assert len(hand_overs(stored.parcel_id)) == 1


def test_parcel_taken_before_the_cable_was_pulled_does_not_leave_again(world, person, stored):
    world.code(person.id)
    kiosk = world.kiosk()
    shown = come(world, kiosk, person)
    assert kiosk.take(shown, shown.parcels[0])
    kiosk.line.is_cut = True

    assert refused(kiosk.release(shown, shown.parcels[0])) == "refused_already_handed_over"


def test_parcel_of_somebody_else_stays(world, kiosk, person, stored):
    shown = come(world, kiosk, person)
    other = replace(shown.parcels[0], owner="somebody else")

    assert refused(kiosk.release(shown, other)) == "refused_not_your_parcel"


def test_parcel_that_the_person_was_not_shown_stays(world, kiosk, person, stored):
    liu = factories.recipient(world.station, "13912340099", "刘一")
    kiosk.line.is_cut = False
    others = world.store(to=liu)
    come_back(world, kiosk)
    kiosk.line.is_cut = True
    shown = come(world, kiosk, person)

    theirs = kiosk.waiting.by_id(str(others.parcel_id)).parcel

    assert refused(kiosk.release(shown, theirs)) == "refused_not_your_parcel"
    assert kiosk.state(others.parcel_id) is State.WITHHELD


def test_label_of_another_parcel_stays(world, kiosk, person, stored):
    shown = come(world, kiosk, person)

    answer = kiosk.release(shown, replace(shown.parcels[0], waybill="SF9999999999999"))

    assert refused(answer) == "refused_waybill_mismatch"


def test_parcel_that_is_held_stays(world, person, stored):
    with transaction():
        handling.hold(world.station.clerk, stored.parcel_id, reason="complaint")
    world.code(person.id)
    kiosk = world.kiosk()
    kiosk.line.is_cut = True
    shown = come(world, kiosk, person)

    assert refused(kiosk.release(shown, shown.parcels[0])) == "refused_is_held"


def test_visit_ends_after_ten_minutes(world, kiosk, person, stored):
    shown = come(world, kiosk, person)
    world.time.pass_(minutes=10)

    assert refused(kiosk.release(shown, shown.parcels[0])) == "refused_session_over"


def test_list_that_grows_too_old_during_a_visit_releases_nothing(world, kiosk, person, stored):
    world.time.pass_(hours=11, minutes=59)
    shown = come(world, kiosk, person)
    world.time.pass_(minutes=2)

    assert refused(kiosk.release(shown, shown.parcels[0])) == "refused_list_old"


def test_clock_that_is_set_during_a_visit_releases_nothing(world, kiosk, person, stored):
    shown = come(world, kiosk, person)
    kiosk.skew = timedelta(minutes=-2)

    assert refused(kiosk.release(shown, shown.parcels[0])) == "refused_clock_wrong"


def test_person_of_an_ended_visit_takes_nothing(world, kiosk, person, stored):
    shown = come(world, kiosk, person)
    kiosk.ways.forget()

    assert refused(kiosk.release(shown, shown.parcels[0])) == "refused_session_over"


def test_proxy_code_proved_online_takes_nothing_offline(world, person, stored):
    kiosk = world.kiosk()
    shown = kiosk.type_proxy_code(world.proxy_code(person.id)).person
    kiosk.line.is_cut = True

    assert refused(kiosk.release(shown, shown.parcels[0])) == "refused_needs_network"


def test_pickup_code_of_which_nothing_could_be_told_later_takes_nothing_offline(world, person, stored):
    kiosk = world.kiosk()
    kiosk.waiting.clear()
    shown = kiosk.type_pickup_code(stored.pickup_code).person
    kiosk.syncing.turn()
    kiosk.line.is_cut = True

    assert refused(kiosk.release(shown, shown.parcels[0])) == "refused_needs_network"


def test_visit_that_began_without_a_line_goes_on_with_it(world, kiosk, person, stored):
    shown = come(world, kiosk, person)
    kiosk.line.is_cut = False

    assert kiosk.take(shown, shown.parcels[0])

    assert kiosk.state(stored.parcel_id) is State.OPENED
    assert len(hand_overs(stored.parcel_id)) == 1


def test_code_that_grew_old_meanwhile_still_counts_as_it_was_shown(world, kiosk, person, stored):
    shown = come(world, kiosk, person)
    world.time.pass_(minutes=3)
    kiosk.line.is_cut = False

    assert kiosk.take(shown, shown.parcels[0])

    come_back(world, kiosk)
    assert len(hand_overs(stored.parcel_id)) == 1
    assert reasons(stored.parcel_id) == []


def test_second_hand_over_becomes_a_conflict_and_the_first_one_stands(world, kiosk, person, stored):
    shown = come(world, kiosk, person)
    with transaction():
        first = hand_over.hand_over(world.station.clerk, stored.parcel_id, Taker("counter")).hand_over_id

    assert kiosk.take(shown, shown.parcels[0])

    come_back(world, kiosk)
    assert kiosk.state(stored.parcel_id) is State.CONFLICTED
    assert hand_overs(stored.parcel_id) == [first]
    assert reasons(stored.parcel_id) == ["already_handed_over"]
    assert Settled(str(stored.parcel_id)) in kiosk.told


def test_replay_whose_answer_was_lost_is_told_again_and_counts_once(world, kiosk, person, stored):
    shown = come(world, kiosk, person)
    kiosk.take(shown, shown.parcels[0])
    kiosk.line.is_cut = False
    kiosk.line.lose("/replays", Loss.AFTER, Loss.AFTER)

    for _ in range(3):
        world.time.pass_(seconds=15)
        kiosk.turn()

    assert len(kiosk.line.posts("/replays")) == 3
    assert len(hand_overs(stored.parcel_id)) == 1
    assert reasons(stored.parcel_id) == []


def test_door_that_does_not_open_is_left_to_staff(world, kiosk, person, stored):
    shown = come(world, kiosk, person)
    kiosk.release(shown, shown.parcels[0])
    kiosk.line.is_cut = False
    world.time.pass_(minutes=2)

    kiosk.syncing.turn()

    assert Unfinished(shown.parcels[0]) in kiosk.told
    assert [one.id for one in kiosk.releasing.unfinished()] == [str(stored.parcel_id)]


def test_photo_waits_for_its_hand_over_and_is_deleted_once_it_is_there(world, kiosk, person, stored):
    shown = come(world, kiosk, person)
    kiosk.take(shown, shown.parcels[0])
    kiosk.letters.photo(str(stored.parcel_id), JPEG, world.time.now)
    assert kiosk.spool.photos.count() == 1

    come_back(world, kiosk)

    assert [body["hand_over_id"] for body in kiosk.line.posts("/photos")] == [
        str(hand_overs(stored.parcel_id)[0])
    ]
    assert kiosk.spool.photos.count() == 0


def test_every_refusal_has_its_sentence():
    assert keys() <= set(TABLE)
