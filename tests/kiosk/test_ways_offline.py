"""Who somebody is while the station cannot be asked: identity code, face and pickup code, by the list and the rules."""

from datetime import timedelta

import pytest

from kiosk.session.events import PersonKnown, PersonUnknown
from station.kiosks import rules
from station.kiosks.rules import KioskRules
from tests import factories
from tests.kiosk.kiosks import TAIL, agree_to_face, allow


@pytest.fixture
def person(world):
    return factories.recipient(world.station)


@pytest.fixture
def stored(world, person):
    return world.store(to=person)


@pytest.fixture
def kiosk(world, person, stored):
    agree_to_face(world, person.id)
    world.code(person.id)  # the network has a key
    made = world.kiosk()
    made.line.is_cut = True
    return made


def ids(answer):
    assert isinstance(answer, PersonKnown), answer
    assert answer.person.is_offline
    return [parcel.id for parcel in answer.person.parcels]


def key(answer):
    assert isinstance(answer, PersonUnknown), answer
    return answer.notice.key


def test_identity_code_is_verified_here(world, kiosk, person, stored):
    answer = kiosk.show(world.code(person.id))

    assert ids(answer) == [str(stored.parcel_id)]
    assert answer.person.name == "陈**"
    assert not answer.person.may_enrol


def test_identity_code_counts_once_across_a_restart(world, kiosk, person):
    text = world.code(person.id)
    kiosk.show(text)

    again = world.restarted(kiosk)
    again.line.is_cut = True

    assert key(again.show(text)) == "refused_identity_code_used"


def test_identity_code_of_a_lost_answer_is_used_too(world, kiosk, person):
    text = world.code(person.id)
    kiosk.show(text)
    kiosk.line.is_cut = False

    assert key(kiosk.show(text)) == "refused_identity_code_used"


def test_pickup_code_and_tail_are_compared_by_their_hash(world, kiosk, person, stored):
    world.store(to=person)

    assert ids(kiosk.type_pickup_code(stored.pickup_code)) == [str(stored.parcel_id)]


@pytest.mark.parametrize(("code", "tail"), [(None, "0000"), ("1-1-99999", TAIL), ("nonsense", TAIL)])
def test_wrong_pickup_code_or_tail_is_nobody(kiosk, stored, code, tail):
    assert (
        key(kiosk.type_pickup_code(code or stored.pickup_code, tail)) == "refused_pickup_code_or_tail_wrong"
    )


def test_fifth_wrong_tail_locks_the_code_across_a_restart(world, kiosk, stored):
    for _ in range(5):
        assert key(kiosk.type_pickup_code(stored.pickup_code, "0000")) == "refused_pickup_code_or_tail_wrong"

    again = world.restarted(kiosk)
    again.line.is_cut = True

    assert key(again.type_pickup_code(stored.pickup_code)) == "refused_too_many_attempts"
    world.time.pass_(minutes=15)
    assert ids(again.type_pickup_code(stored.pickup_code)) == [str(stored.parcel_id)]


def test_twentieth_wrong_code_locks_the_kiosk(kiosk, stored):
    for number in range(20):
        kiosk.type_pickup_code(f"1-1-{90000 + number}")

    assert key(kiosk.type_pickup_code(stored.pickup_code)) == "refused_too_many_attempts"


def test_old_code_of_a_moved_parcel_needs_the_tail_and_opens_it(world, person, stored):
    new = world.move(stored.parcel_id)
    kiosk = world.kiosk()
    kiosk.line.is_cut = True

    assert new != stored.pickup_code
    assert key(kiosk.type_pickup_code(stored.pickup_code, "0000")) == "refused_pickup_code_or_tail_wrong"
    assert ids(kiosk.type_pickup_code(stored.pickup_code)) == [str(stored.parcel_id)]


def test_face_and_tail_show_what_may_be_taken_by_face(kiosk, person, stored):
    assert ids(kiosk.see_face(person.id)) == [str(stored.parcel_id)]


def test_face_with_a_wrong_tail_is_nobody(kiosk, person):
    assert key(kiosk.see_face(person.id, "0000")) == "refused_pickup_code_or_tail_wrong"


def test_face_for_whom_nothing_waits_needs_the_station(world, kiosk):
    nobody = factories.recipient(world.station, "13912340099", "刘一")

    assert key(kiosk.see_face(nobody.id)) == "refused_needs_network"


@pytest.mark.parametrize("way", ["six_digits", "proxy_code"])
def test_what_only_the_station_can_check_says_so(world, kiosk, person, way):
    answer = (
        kiosk.type_six_digits(TAIL, "123456")
        if way == "six_digits"
        else kiosk.type_proxy_code(world.proxy_code(person.id))
    )

    assert key(answer) == "refused_needs_network"


@pytest.mark.parametrize(
    ("off", "come"),
    [
        (KioskRules(takes_pickup_codes=False, takes_faces=True), "code"),
        (KioskRules(takes_pickup_codes=True, takes_faces=False), "face"),
    ],
)
def test_way_that_is_off_stays_off(world, kiosk, person, stored, off, come):
    allow(world, off)
    kiosk.line.is_cut = False
    world.time.pass_(seconds=15)
    kiosk.syncing.turn()
    kiosk.line.is_cut = True

    answer = kiosk.type_pickup_code(stored.pickup_code) if come == "code" else kiosk.see_face(person.id)

    assert key(answer) == "refused_way_off"


@pytest.mark.parametrize(("hours", "is_known"), [(12, True), (12.01, False)])
def test_list_counts_for_twelve_hours(world, kiosk, person, hours, is_known):
    world.time.pass_(hours=hours)

    answer = kiosk.show(world.code(person.id))

    assert isinstance(answer, PersonKnown) is is_known
    if not is_known:
        assert key(answer) == "refused_list_old"


@pytest.mark.parametrize(("seconds", "is_known"), [(29, True), (31, False), (-29, True), (-31, False)])
def test_clock_that_drifts_past_the_limit_serves_nobody(world, kiosk, person, seconds, is_known):
    kiosk.skew = timedelta(seconds=seconds)

    answer = kiosk.show(world.code(person.id))

    assert isinstance(answer, PersonKnown) is is_known
    if not is_known:
        assert key(answer) == "refused_clock_wrong"


def test_kiosk_that_never_heard_of_a_list_knows_nobody(world, person):
    text = world.code(person.id)
    kiosk = world.kiosk()
    kiosk.waiting.clear()
    kiosk.line.is_cut = True

    assert key(kiosk.show(text)) == "refused_list_old"


def test_parcel_that_left_offline_is_not_shown_again(world, kiosk, person, stored):
    first = kiosk.show(world.code(person.id))
    assert kiosk.take(first.person, first.person.parcels[0])
    world.time.pass_(seconds=60)

    assert ids(kiosk.show(world.code(person.id))) == []
    assert ids(kiosk.type_pickup_code(stored.pickup_code)) == []


def test_no_code_or_tail_is_logged(world, kiosk, person, stored, caplog):
    caplog.set_level("DEBUG")
    text = world.code(person.id)

    kiosk.show(text)
    kiosk.type_pickup_code(stored.pickup_code)
    kiosk.line.is_cut = False
    kiosk.type_pickup_code(stored.pickup_code, "0000")

    kiosks = [record for record in caplog.records if record.name.startswith("kiosk")]
    said = " ".join(record.getMessage() for record in kiosks)
    assert not any(secret in said for secret in (text, TAIL, stored.pickup_code, kiosk.token, "陈"))


def test_rules_of_these_tests_are_those_that_were_set(world):
    assert rules.for_station(world.station.id).takes_faces
