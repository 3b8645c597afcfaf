"""A kiosk that restarted between commit and opening: staff say whether the parcel left."""

import pytest

from station.core.actor import Actor
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.events.verify import verify
from station.kiosks import unfinished
from station.parcels import hand_over, parcel_queries
from station.parcels.hand_over import HandedOver
from tests.factories import Station
from tests.services.kiosk_world import hand_over_by, kinds, kiosk, left_by, open_alerts, release


@pytest.fixture
def door(station: Station) -> Actor:
    return kiosk(station)


@pytest.fixture
def left(station: Station, door: Actor) -> HandedOver:
    """A parcel that left by the kiosk, as the books say."""
    left = left_by(door, station)
    release(door, left)
    return left


def note(door: Actor, *parcel_ids: int) -> tuple[int, ...]:
    with transaction():
        return unfinished.note(door, parcel_ids)


def state(station: Station, parcel_id: int) -> str:
    with reading():
        assert verify(station.id).is_whole
        return parcel_queries.detail(station.id, parcel_id).state


def test_staff_are_asked_once_however_often_it_is_reported(
    station: Station, door: Actor, left: HandedOver
) -> None:
    assert note(door, left.parcel_id, left.parcel_id) == ()
    assert note(door, left.parcel_id) == ()
    assert open_alerts(station.id) == ["recover"]
    assert kinds(station.id).count("release_unfinished") == 1


def test_that_it_left_leaves_the_hand_over_as_it_is(station: Station, door: Actor, left: HandedOver) -> None:
    note(door, left.parcel_id)
    with transaction():
        unfinished.it_left(station.clerk, left.hand_over_id)
    assert note(door, left.parcel_id) == (left.parcel_id,)
    assert state(station, left.parcel_id) == "handed_over"
    assert open_alerts(station.id) == []


def test_that_it_is_still_here_takes_the_hand_over_back(
    station: Station, door: Actor, left: HandedOver
) -> None:
    note(door, left.parcel_id)
    with transaction():
        unfinished.it_is_here(station.clerk, left.hand_over_id)
    assert note(door, left.parcel_id) == (left.parcel_id,)
    assert state(station, left.parcel_id) == "stored"
    assert "hand_over_undone" in kinds(station.id)


def test_what_somebody_took_back_already_is_settled(station: Station, door: Actor, left: HandedOver) -> None:
    note(door, left.parcel_id)
    with transaction():
        hand_over.undo_hand_over(station.clerk, left.parcel_id, reason="not_taken")
    assert note(door, left.parcel_id) == (left.parcel_id,)
    with transaction():
        unfinished.it_is_here(station.clerk, left.hand_over_id)
    assert state(station, left.parcel_id) == "stored"


def test_it_is_settled_once(station: Station, door: Actor, left: HandedOver) -> None:
    note(door, left.parcel_id)
    with transaction():
        unfinished.it_left(station.clerk, left.hand_over_id)
    with pytest.raises(StationError) as refused, transaction():
        unfinished.it_is_here(station.clerk, left.hand_over_id)
    assert refused.value.code == "not_found"


def test_the_same_parcel_may_be_unfinished_again(station: Station, door: Actor, left: HandedOver) -> None:
    note(door, left.parcel_id)
    with transaction():
        unfinished.it_is_here(station.clerk, left.hand_over_id)
    release(door, hand_over_by(door, left.parcel_id))
    assert note(door, left.parcel_id) == ()
    assert kinds(station.id).count("release_unfinished") == 2


def test_one_of_two_settled_leaves_the_call(station: Station, door: Actor, left: HandedOver) -> None:
    second = left_by(door, station)
    release(door, second)
    note(door, left.parcel_id, second.parcel_id)
    with transaction():
        unfinished.it_left(station.clerk, left.hand_over_id)
    assert open_alerts(station.id) == ["recover"]


def test_what_has_not_come_here_yet_waits(station: Station, door: Actor) -> None:
    elsewhere = left_by(station.clerk, station)
    assert note(door, elsewhere.parcel_id) == ()
    assert open_alerts(station.id) == []


def test_what_became_a_conflict_is_settled_there(station: Station, door: Actor) -> None:
    first = left_by(station.clerk, station)
    release(door, first, conflict_id=1)
    assert note(door, first.parcel_id) == (first.parcel_id,)
