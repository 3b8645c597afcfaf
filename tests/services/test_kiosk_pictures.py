"""Photos of hand-overs, and looks through a kiosk's camera."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from station.core import clock
from station.core.actor import Actor
from station.core.db import connection, reading, transaction
from station.core.errors import StationError
from station.kiosks import pictures, rules
from station.kiosks.pictures import LOOK_KEPT, PHOTOS_KEPT, Photo
from station.kiosks.rules import KioskRules
from station.kiosks.watch_models import KioskPhoto, KioskThumbnail
from station.parcels import attachments
from station.parcels.models import Attachment
from tests.factories import Station, make_station
from tests.services.kiosk_world import kinds, kiosk, left_by

JPEG = b"\xff\xd8\xff\xe0 hands and a parcel"


@pytest.fixture
def door(station: Station) -> Actor:
    with transaction():
        rules.change(station.manager, KioskRules(takes_photos=True))
    return kiosk(station)


def keep(door: Actor, hand_over_id: int, content: bytes = JPEG, at: datetime | None = None) -> int:
    with transaction():
        return pictures.keep_photo(door, Photo(hand_over_id, at or clock.now(), content))


def refusal(door: Actor, hand_over_id: int, content: bytes = JPEG, at: datetime | None = None) -> str:
    with pytest.raises(StationError) as refused:
        keep(door, hand_over_id, content, at)
    return refused.value.code


def test_a_photo_is_an_encrypted_picture_of_its_parcel(station: Station, door: Actor) -> None:
    left = left_by(door, station)
    photo_id = keep(door, left.hand_over_id)
    with reading():
        assert attachments.of_parcel(station.id, left.parcel_id) == [(photo_id, "hand_over")]
        assert attachments.get(station.id, photo_id).content == JPEG
        stored = connection().scalar(select(Attachment.content).where(Attachment.id == photo_id))
    assert JPEG not in (stored or b"")
    assert kinds(station.id)[-1] == "attachment_added"


def test_a_hand_over_has_one_photo(station: Station, door: Actor) -> None:
    left = left_by(door, station)
    assert keep(door, left.hand_over_id) == keep(door, left.hand_over_id, JPEG + b" another")


def test_only_the_kiosk_that_handed_over_sends_one(station: Station, door: Actor) -> None:
    by_hand, elsewhere = left_by(station.clerk, station), make_station("Lotus Garden")
    assert refusal(door, by_hand.hand_over_id) == "not_found"
    assert refusal(door, left_by(elsewhere.clerk, elsewhere).hand_over_id) == "not_found"


def test_what_is_no_jpeg_or_too_old_is_refused(station: Station, door: Actor) -> None:
    left = left_by(door, station)
    assert refusal(door, left.hand_over_id, b"GIF89a") == "bad_input"
    assert refusal(door, left.hand_over_id, JPEG, clock.now() - PHOTOS_KEPT) == "bad_input"


def test_a_station_that_takes_none_keeps_none(station: Station, door: Actor) -> None:
    left = left_by(door, station)
    with transaction():
        rules.change(station.manager, KioskRules(takes_photos=False))
    assert refusal(door, left.hand_over_id) == "photos_off"


def test_photos_are_erased_after_thirty_days_and_once(station: Station, door: Actor) -> None:
    left = left_by(door, station)
    photo_id = keep(door, left.hand_over_id, at=clock.now() + timedelta(days=400))  # its clock is wrong
    with transaction():
        assert pictures.forget_photos(station.id) == 0
    later = clock.now() + PHOTOS_KEPT
    with clock.use(lambda: later):
        for erased in (1, 0):
            with transaction():
                assert pictures.forget_photos(station.id) == erased
    with reading():
        assert attachments.of_parcel(station.id, left.parcel_id) == []
        assert connection().scalar(select(Attachment.sha256).where(Attachment.id == photo_id))
        assert connection().execute(select(KioskPhoto.hand_over_id)).all() == []
    assert kinds(station.id).count("kiosk_photos_erased") == 1


def ask(station: Station, door: Actor) -> None:
    with transaction():
        pictures.ask(station.manager, door.id)


def is_wanted(door: Actor) -> bool:
    with reading():
        return pictures.is_wanted(door.station_id, door.id)


def take(station: Station, door: Actor) -> bytes | None:
    with transaction():
        return pictures.take(station.manager, door.id)


def receive(door: Actor, content: bytes = JPEG) -> None:
    with transaction():
        pictures.receive(door, content)


def test_a_look_is_asked_for_sent_and_shown_once(station: Station, door: Actor) -> None:
    assert not is_wanted(door)
    ask(station, door)
    assert is_wanted(door)
    assert take(station, door) is None
    receive(door)
    assert not is_wanted(door)
    assert take(station, door) == JPEG
    assert take(station, door) is None
    assert kinds(station.id)[-2:] == ["kiosk_look_asked", "kiosk_look_shown"]


def test_a_look_nobody_asked_for_is_not_kept(station: Station, door: Actor) -> None:
    receive(door)
    assert take(station, door) is None


def test_a_look_is_kept_encrypted_and_for_ten_minutes_at_most(station: Station, door: Actor) -> None:
    ask(station, door)
    receive(door)
    with reading():
        assert JPEG not in (connection().scalar(select(KioskThumbnail.content)) or b"")
    later = clock.now() + LOOK_KEPT
    with clock.use(lambda: later):
        assert take(station, door) is None
        with transaction():
            assert pictures.forget_looks(station.id) == 1


def test_asking_again_begins_anew(station: Station, door: Actor) -> None:
    ask(station, door)
    receive(door)
    ask(station, door)
    assert is_wanted(door)
    assert take(station, door) is None


def test_only_a_kiosk_of_the_station_can_be_asked(station: Station, door: Actor) -> None:
    other = make_station("Lotus Garden")
    with pytest.raises(StationError) as refused, transaction():
        pictures.ask(other.manager, door.id)
    assert refused.value.code == "not_found"
