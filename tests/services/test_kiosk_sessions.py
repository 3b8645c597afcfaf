"""The five ways to show at a kiosk who one is, what each opens, and how often one may try; on both databases."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from station.core import clock
from station.core.actor import Actor, ActorKind
from station.core.db import connection, reading, transaction
from station.core.permissions import Role
from station.core.phones import parse
from station.kiosks import sessions
from station.kiosks.enrolment import forget_old as forget_codes
from station.kiosks.lifecycle import VISIT, Way
from station.kiosks.limits import FAILURES, LOCK, PER_KIOSK
from station.kiosks.models import KioskCode, KioskRelease, KioskSession
from station.kiosks.rules import KioskRules
from station.kiosks.sessions import KEPT, Visit
from station.parcels import handling
from station.parcels.intake import CheckedIn
from station.parcels.models import HandOver
from station.residents import agreements, proxies
from station.residents.agreement_texts import CURRENT, Purpose
from station.residents.models import Agreement, Recipient
from station.residents.proxies import Wish
from station.residents.service import Known
from tests.factories import Station, make_station, recipient, store
from tests.services import kiosks
from tests.services.kiosks import begin, in_a_while, kept_back, refusal, release

TAIL, OTHER_PHONE = "4068", "13900002222"


@pytest.fixture
def kiosk(station: Station) -> Actor:
    kiosks.allow(station)
    return kiosks.make_kiosk(station)


@pytest.fixture
def person(station: Station) -> Known:
    return recipient(station)


@pytest.fixture
def other(station: Station) -> Known:
    return recipient(station, OTHER_PHONE, "张伟")


@pytest.fixture
def parcel(station: Station, person: Known) -> CheckedIn:
    return store(station, to=person)


def parcels(station: Station, visit: Visit) -> list[int]:
    with reading():
        return sessions.parcels_of(station.id, visit)


def move(station: Station, parcel: CheckedIn) -> str:
    """Move a parcel to shelf 2; return its new code."""
    layer_id = station.layer("2", 1)
    with transaction():
        return handling.move(station.clerk, parcel.parcel_id, layer_id).pickup_code


def method(station: Station) -> tuple[str, str]:
    with reading():
        return tuple(connection().execute(select(HandOver.method, HandOver.taken_by)).one())


# Each way


def test_an_identity_code_opens_all_that_waits_at_the_phone(
    station: Station, kiosk: Actor, person: Known, parcel: CheckedIn
) -> None:
    spouse = store(station, to=recipient(station, name="李雷雷"))
    visit = begin(kiosk, Way.IDENTITY_CODE, text=kiosks.identity_code(station, person))

    assert set(parcels(station, visit)) == {parcel.parcel_id, spouse.parcel_id}
    release(kiosk, visit, parcel)
    release(kiosk, visit, spouse)


def test_six_digits_open_as_the_code_does(
    station: Station, kiosk: Actor, person: Known, parcel: CheckedIn
) -> None:
    visit = begin(kiosk, Way.SIX_DIGITS, tail=TAIL, digits=kiosks.digits(station, person))

    release(kiosk, visit, parcel)
    assert method(station) == ("kiosk_six_digits", "recipient")


def test_a_pickup_code_and_the_tail_open_that_parcel_only(
    station: Station, kiosk: Actor, person: Known, parcel: CheckedIn
) -> None:
    second = store(station, to=person)
    visit = begin(kiosk, Way.PICKUP_CODE, code=f" {parcel.pickup_code} ", tail=TAIL)

    assert parcels(station, visit) == [parcel.parcel_id]
    assert kept_back(kiosk, visit, second) == "not_your_parcel"
    release(kiosk, visit, parcel)
    assert method(station) == ("kiosk_pickup_code", "recipient")


def test_an_old_code_of_a_moved_parcel_needs_its_owner_s_tail_too(
    station: Station, kiosk: Actor, parcel: CheckedIn
) -> None:
    move(station, parcel)

    assert (
        refusal(kiosk, Way.PICKUP_CODE, code=parcel.pickup_code, tail="0000") == "pickup_code_or_tail_wrong"
    )
    release(kiosk, begin(kiosk, Way.PICKUP_CODE, code=parcel.pickup_code, tail=TAIL), parcel)


def test_a_parcel_that_got_another_owner_meanwhile_stays(
    station: Station, kiosk: Actor, parcel: CheckedIn, other: Known
) -> None:
    visit = begin(kiosk, Way.PICKUP_CODE, code=parcel.pickup_code, tail=TAIL)
    with transaction():
        handling.assign_recipient(station.clerk, parcel.parcel_id, other.id)

    assert kept_back(kiosk, visit, parcel) == "not_your_parcel"


def test_a_proxy_s_code_opens_what_it_was_given_for_once(
    station: Station, kiosk: Actor, person: Known, parcel: CheckedIn
) -> None:
    second = store(station, to=person)
    with transaction():
        code = proxies.give(station.clerk, Wish(person.id, parcel.parcel_id)).code
    visit = begin(kiosk, Way.PROXY_CODE, code=code)

    assert parcels(station, visit) == [parcel.parcel_id]
    assert kept_back(kiosk, visit, second) == "not_your_parcel"
    release(kiosk, visit, parcel)
    assert method(station) == ("kiosk_proxy_code", "proxy")
    assert refusal(kiosk, Way.PROXY_CODE, code=code) == "proxy_used"


def test_a_proxy_s_code_for_a_day_opens_no_other_phone_s(
    station: Station, kiosk: Actor, person: Known, parcel: CheckedIn, other: Known
) -> None:
    strange = store(station, to=other)
    with transaction():
        code = proxies.give(station.clerk, Wish(person.id)).code
    visit = begin(kiosk, Way.PROXY_CODE, code=code)

    assert kept_back(kiosk, visit, strange) == "not_your_parcel"
    release(kiosk, visit, parcel)


def test_who_was_let_collect_takes_it_with_their_own_code(
    station: Station, kiosk: Actor, person: Known, parcel: CheckedIn, other: Known
) -> None:
    with transaction():
        proxies.give(station.clerk, Wish(person.id, parcel.parcel_id, phone=parse(OTHER_PHONE)))
    visit = begin(kiosk, Way.IDENTITY_CODE, text=kiosks.identity_code(station, other))

    assert parcels(station, visit) == [parcel.parcel_id]
    release(kiosk, visit, parcel)
    assert method(station) == ("kiosk_identity_code", "proxy")


def test_what_was_taken_back_during_the_visit_opens_nothing(
    station: Station, kiosk: Actor, person: Known, parcel: CheckedIn, other: Known
) -> None:
    with transaction():
        made = proxies.give(station.clerk, Wish(person.id, phone=parse(OTHER_PHONE)))
    visit = begin(kiosk, Way.IDENTITY_CODE, text=kiosks.identity_code(station, other))
    with transaction():
        proxies.revoke(station.clerk, made.proxy_id)

    assert kept_back(kiosk, visit, parcel) == "not_your_parcel"


def test_a_face_opens_while_it_is_agreed_to(
    station: Station, kiosk: Actor, person: Known, parcel: CheckedIn
) -> None:
    assert refusal(kiosk, Way.FACE, recipient_id=person.id) == "face_not_agreed"
    kiosks.agree(station, person)
    release(kiosk, begin(kiosk, Way.FACE, recipient_id=person.id), parcel)
    assert method(station) == ("kiosk_face", "recipient")
    kiosks.disagree(station, person)
    assert refusal(kiosk, Way.FACE, recipient_id=person.id) == "face_not_agreed"


def test_a_face_is_asked_for_the_tail_where_the_station_wants_it(
    station: Station, kiosk: Actor, person: Known
) -> None:
    kiosks.agree(station, person)
    kiosks.allow(station, KioskRules(takes_faces=True))

    assert refusal(kiosk, Way.FACE, recipient_id=person.id) == "tail_needed"
    assert refusal(kiosk, Way.FACE, recipient_id=person.id, tail="0000") == "pickup_code_or_tail_wrong"
    begin(kiosk, Way.FACE, recipient_id=person.id, tail=TAIL)


def test_ways_that_are_switched_off_open_nothing(
    station: Station, kiosk: Actor, person: Known, parcel: CheckedIn
) -> None:
    kiosks.agree(station, person)
    kiosks.allow(station, KioskRules(takes_pickup_codes=False, takes_faces=False))

    assert refusal(kiosk, Way.PICKUP_CODE, code=parcel.pickup_code, tail=TAIL) == "way_off"
    assert refusal(kiosk, Way.FACE, recipient_id=person.id) == "way_off"


def test_nobody_of_another_station_is_known_here(
    station: Station, kiosk: Actor, person: Known, parcel: CheckedIn
) -> None:
    elsewhere = make_station("Lotus Garden")
    stranger = kiosks.make_kiosk(elsewhere)
    kiosks.allow(elsewhere)

    assert refusal(stranger, Way.IDENTITY_CODE, text=kiosks.identity_code(station, person)) == "other_station"
    assert refusal(stranger, Way.FACE, recipient_id=person.id) == "not_found"
    assert (
        refusal(stranger, Way.PICKUP_CODE, code=parcel.pickup_code, tail=TAIL) == "pickup_code_or_tail_wrong"
    )


def test_a_parcel_on_hold_stays(station: Station, kiosk: Actor, person: Known, parcel: CheckedIn) -> None:
    visit = begin(kiosk, Way.IDENTITY_CODE, text=kiosks.identity_code(station, person))
    with transaction():
        handling.hold(station.clerk, parcel.parcel_id, reason="complaint")

    assert kept_back(kiosk, visit, parcel) == "is_held"


# Limits


def test_five_wrong_tails_lock_the_parcel_for_fifteen_minutes_and_the_right_one_too(
    station: Station, kiosk: Actor, parcel: CheckedIn
) -> None:
    second = kiosks.make_kiosk(station, "Door")
    for number in range(FAILURES):
        said = {"code": parcel.pickup_code, "tail": f"000{number}"}
        assert refusal(kiosk, Way.PICKUP_CODE, **said) == "pickup_code_or_tail_wrong"

    right = {"code": parcel.pickup_code, "tail": TAIL}
    assert refusal(kiosk, Way.PICKUP_CODE, **right) == "too_many_attempts"
    assert refusal(second, Way.PICKUP_CODE, **right) == "too_many_attempts"
    with in_a_while(seconds=LOCK.total_seconds() - 5):
        assert refusal(kiosk, Way.PICKUP_CODE, **right) == "too_many_attempts"
    with in_a_while(seconds=LOCK.total_seconds() + 5):
        begin(kiosk, Way.PICKUP_CODE, **right)


def test_the_lock_counts_from_the_fifth_failure(station: Station, kiosk: Actor, parcel: CheckedIn) -> None:
    for minute in (0, 3, 6, 9, 12):
        with in_a_while(minutes=minute):
            refusal(kiosk, Way.PICKUP_CODE, code=parcel.pickup_code, tail="0000")

    with in_a_while(minutes=26):
        assert refusal(kiosk, Way.PICKUP_CODE, code=parcel.pickup_code, tail=TAIL) == "too_many_attempts"


def test_a_moved_parcel_s_codes_are_one_target(station: Station, kiosk: Actor, parcel: CheckedIn) -> None:
    now = move(station, parcel)
    for number in range(FAILURES):
        code = (parcel.pickup_code, now)[number % 2]
        refusal(kiosk, Way.PICKUP_CODE, code=code, tail="0000")

    assert refusal(kiosk, Way.PICKUP_CODE, code=now, tail=TAIL) == "too_many_attempts"


def test_a_code_nobody_has_is_locked_as_one_that_somebody_has(station: Station, kiosk: Actor) -> None:
    for _ in range(FAILURES):
        assert refusal(kiosk, Way.PICKUP_CODE, code="3-3-9", tail=TAIL) == "pickup_code_or_tail_wrong"

    assert refusal(kiosk, Way.PICKUP_CODE, code="3-3-9", tail=TAIL) == "too_many_attempts"


def test_a_kiosk_misses_twenty_times_an_hour_at_most(
    station: Station, kiosk: Actor, parcel: CheckedIn
) -> None:
    for number in range(PER_KIOSK):
        assert refusal(kiosk, Way.PICKUP_CODE, code=f"3-3-{number}", tail=TAIL) == "pickup_code_or_tail_wrong"

    right = {"code": parcel.pickup_code, "tail": TAIL}
    assert refusal(kiosk, Way.PICKUP_CODE, **right) == "too_many_attempts"
    begin(kiosks.make_kiosk(station, "Door"), Way.PICKUP_CODE, **right)
    with in_a_while(minutes=61):
        begin(kiosk, Way.PICKUP_CODE, **right)


def test_a_right_try_makes_earlier_failures_forgotten(
    station: Station, kiosk: Actor, parcel: CheckedIn
) -> None:
    for _ in range(2):
        for _ in range(FAILURES - 1):
            refusal(kiosk, Way.PICKUP_CODE, code=parcel.pickup_code, tail="0000")
        begin(kiosk, Way.PICKUP_CODE, code=parcel.pickup_code, tail=TAIL)


def test_a_face_s_tail_is_limited_as_well(station: Station, kiosk: Actor, person: Known) -> None:
    kiosks.agree(station, person)
    for _ in range(FAILURES):
        refusal(kiosk, Way.FACE, recipient_id=person.id, tail="0000")

    assert refusal(kiosk, Way.FACE, recipient_id=person.id, tail=TAIL) == "too_many_attempts"


# Afterwards


def test_a_child_is_no_guardian(station: Station, kiosk: Actor, person: Known) -> None:
    visit = begin(kiosk, Way.IDENTITY_CODE, text=kiosks.identity_code(station, person))
    weak = begin(kiosk, Way.SIX_DIGITS, tail=TAIL, digits=kiosks.digits(station, person))
    with reading():
        assert sessions.is_guardian_fit(station.id, visit)
        assert not sessions.is_guardian_fit(station.id, weak)
    kiosks.agree(station, person)
    with transaction():
        connection().execute(update(Agreement).values(given_by="guardian"))
    with reading():
        assert not sessions.is_guardian_fit(station.id, visit)


def test_a_face_in_photos_is_shown_only_of_who_agreed_and_stands_there(
    station: Station, kiosk: Actor, person: Known, parcel: CheckedIn
) -> None:
    themselves = begin(kiosk, Way.IDENTITY_CODE, text=kiosks.identity_code(station, person))
    somebody = begin(kiosk, Way.PICKUP_CODE, code=parcel.pickup_code, tail=TAIL)
    with reading():
        assert not sessions.shows_face(station.id, themselves)
    with transaction():
        resident = Actor(ActorKind.RESIDENT, 1, station.id, Role.RESIDENT, "")
        agreements.give(resident, person.id, Purpose.PHOTOS, version=CURRENT[Purpose.PHOTOS])
    with reading():
        assert sessions.shows_face(station.id, themselves)
        assert not sessions.shows_face(station.id, somebody)


def test_old_visits_are_forgotten_with_their_keys_and_hand_overs_stay(
    station: Station, kiosk: Actor, person: Known, parcel: CheckedIn
) -> None:
    release(kiosk, begin(kiosk, Way.IDENTITY_CODE, text=kiosks.identity_code(station, person)), parcel)

    with transaction():
        assert sessions.forget_old(station.id) == 0
    with in_a_while(days=KEPT.days + 1), transaction():
        assert sessions.forget_old(station.id) == 1
        assert forget_codes(clock.now()) == 1
    with reading():
        counts = [
            connection().scalar(select(func.count()).select_from(table))
            for table in (KioskSession, KioskRelease, KioskCode, HandOver)
        ]
    assert counts == [0, 0, 0, 1]


def test_a_visit_lasts_ten_minutes(station: Station, kiosk: Actor, person: Known, parcel: CheckedIn) -> None:
    visit = begin(kiosk, Way.IDENTITY_CODE, text=kiosks.identity_code(station, person))

    assert visit.expires_at - visit.began_at == VISIT == timedelta(minutes=10)
    with in_a_while(minutes=11):
        assert kept_back(kiosk, visit, parcel) == "session_over"


def test_an_erased_phone_s_tail_opens_nothing(
    app: Flask, station: Station, kiosk: Actor, parcel: CheckedIn
) -> None:
    with transaction():
        connection().execute(update(Recipient).values(phone_tail=""))

    assert refusal(kiosk, Way.PICKUP_CODE, code=parcel.pickup_code, tail="") == "pickup_code_or_tail_wrong"
