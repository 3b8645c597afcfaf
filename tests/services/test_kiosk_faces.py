"""Whose face is enrolled at which kiosk, and when it must be gone."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from station.core import clock
from station.core.actor import Actor
from station.core.db import connection, reading, transaction
from station.core.errors import StationError
from station.kiosks import face_queries, faces
from station.kiosks.face_queries import Enrolment
from station.kiosks.faces import UNUSED_FOR, Agreed, GoneReason
from station.residents import agreements, merging
from station.residents.agreement_texts import CURRENT, Purpose
from station.residents.agreements import GivenBy, Guardian, InForce
from station.residents.models import Agreement
from station.residents.service import Known
from tests.factories import Station, recipient
from tests.services.kiosk_world import kinds, kiosk

AGREED = Agreed(CURRENT[Purpose.FACE], "zh")
PARENT = Guardian("陈国强", "13977770001")


@pytest.fixture
def door(station: Station) -> Actor:
    return kiosk(station)


@pytest.fixture
def ming(station: Station) -> Known:
    return recipient(station)


def enrol(door: Actor, who: Known, agreed: Agreed = AGREED) -> None:
    with transaction():
        faces.enrol(door, who.id, agreed)


def gone(door: Actor, who: Known, reason: GoneReason = GoneReason.WITHDRAWN) -> bool:
    with transaction():
        return faces.gone(door, who.id, reason, at=clock.now())


def withdraw(door: Actor, who: Known) -> None:
    with transaction():
        agreements.withdraw(door, who.id, Purpose.FACE)


def to_forget(door: Actor) -> tuple[int, ...]:
    with reading():
        return face_queries.to_forget(door.station_id, door.id)


def told(who: Known, door: Actor) -> list[Enrolment]:
    with reading():
        return face_queries.of_recipient(door.station_id, who.id)


def in_force(door: Actor, who: Known) -> InForce | None:
    with reading():
        return agreements.in_force(door.station_id, who.id, Purpose.FACE)


def test_enrolling_records_the_agreement_in_the_language_it_was_read_in(door: Actor, ming: Known) -> None:
    enrol(door, ming)
    held = in_force(door, ming)
    assert held
    assert (held.language, held.given_by) == ("zh", GivenBy.SELF)
    (told_of,) = told(ming, door)
    assert told_of.kiosk == "Door kiosk"
    assert told_of.expires_at - told_of.enrolled_at == UNUSED_FOR
    assert not told_of.is_leaving
    assert to_forget(door) == ()
    assert kinds(door.station_id)[-2:] == ["agreement_given", "face_enrolled"]


def test_a_guardian_agrees_for_a_child(door: Actor, ming: Known) -> None:
    enrol(door, ming, Agreed(CURRENT[Purpose.FACE], "en", PARENT))
    with reading():
        row = connection().execute(select(Agreement.given_by, Agreement.guardian_name)).one()
    assert tuple(row) == ("guardian", PARENT.name)


def test_a_text_that_is_not_the_current_one_is_refused(door: Actor, ming: Known) -> None:
    with pytest.raises(StationError) as refused:
        enrol(door, ming, Agreed(CURRENT[Purpose.FACE] + 1, "en"))
    assert refused.value.code == "stale"
    assert told(ming, door) == []


def test_withdrawing_on_the_phone_asks_every_kiosk_to_delete(
    station: Station, door: Actor, ming: Known
) -> None:
    yard, other = kiosk(station, "Yard"), recipient(station, "13900002222", "张伟")
    for at in (door, yard):
        enrol(at, ming)
    enrol(door, other)
    withdraw(door, ming)
    assert to_forget(door) == to_forget(yard) == (ming.id,)
    assert [one.is_leaving for one in told(ming, door)] == [True, True]
    assert gone(door, ming)
    assert to_forget(door) == ()
    assert to_forget(yard) == (ming.id,)
    assert [(one.kiosk, one.gone_at is not None) for one in told(ming, door)] == [
        ("Yard", False),
        ("Door kiosk", True),
    ]


def test_agreeing_again_brings_no_old_template_back(door: Actor, ming: Known) -> None:
    enrol(door, ming)
    withdraw(door, ming)
    with transaction():
        agreements.give(door, ming.id, Purpose.FACE, version=CURRENT[Purpose.FACE])
    assert to_forget(door) == (ming.id,)


def test_a_late_receipt_withdraws_nothing_that_was_agreed_since(
    station: Station, door: Actor, ming: Known
) -> None:
    enrol(door, ming)
    withdraw(door, ming)
    enrol(kiosk(station, "Yard"), ming)
    assert gone(door, ming)
    assert in_force(door, ming)


def test_deleting_at_the_kiosk_withdraws_for_all_kiosks(station: Station, door: Actor, ming: Known) -> None:
    yard = kiosk(station, "Yard")
    for at in (door, yard):
        enrol(at, ming)
    assert gone(door, ming)
    assert in_force(door, ming) is None
    assert to_forget(yard) == (ming.id,)


@pytest.mark.parametrize("reason", [GoneReason.UNUSED, GoneReason.EXPIRED, GoneReason.KEY_LOST])
def test_what_the_kiosk_deletes_by_itself_withdraws_nothing(
    door: Actor, ming: Known, reason: GoneReason
) -> None:
    enrol(door, ming)
    assert gone(door, ming, reason)
    assert in_force(door, ming)


def test_a_receipt_counts_once(door: Actor, ming: Known) -> None:
    enrol(door, ming)
    assert gone(door, ming)
    assert not gone(door, ming)
    assert kinds(door.station_id).count("face_deleted") == 1


def test_enrolling_again_replaces_and_the_receipt_of_it_ends_nothing(door: Actor, ming: Known) -> None:
    enrol(door, ming)
    enrol(door, ming)
    assert not gone(door, ming, GoneReason.REPLACED)
    assert [one.gone_at is None for one in told(ming, door)] == [True, False]


def test_a_face_unused_for_a_year_is_forgotten_and_a_used_one_is_not(
    station: Station, door: Actor, ming: Known
) -> None:
    other = recipient(station, "13900002222", "张伟")
    enrol(door, ming)
    enrol(door, other)
    used_at = clock.now() + timedelta(days=100)
    with clock.use(lambda: used_at), transaction():
        faces.used(door, [ming.id], at=used_at + timedelta(days=9))  # a kiosk's clock may be ahead
    year_later = clock.now() + UNUSED_FOR
    with clock.use(lambda: year_later):
        assert to_forget(door) == (other.id,)
    with clock.use(lambda: used_at + UNUSED_FOR):
        assert set(to_forget(door)) == {ming.id, other.id}


def test_use_never_shortens(door: Actor, ming: Known) -> None:
    enrol(door, ming)
    before = told(ming, door)
    with transaction():
        faces.used(door, [ming.id], at=clock.now() - timedelta(days=30))
    assert told(ming, door) == before


def test_an_entry_that_is_merged_into_another_loses_its_face(
    station: Station, door: Actor, ming: Known
) -> None:
    other = recipient(station, name="陈小明")
    enrol(door, other)
    with transaction():
        merging.merge(station.manager, ming.id, other.id)
    assert to_forget(door) == (other.id,)
