"""Who somebody is while the station answers: it decides, and a code verified here is used up here."""

from datetime import timedelta

import pytest

from kiosk.model import Way
from kiosk.session.events import GuardianKnown, ParcelKnown, ParcelUnknown, PersonKnown, PersonUnknown
from station.core import clock
from station.core.db import reading, transaction
from station.kiosks.rules import KioskRules
from station.residents import identity_codes, six_digits
from tests import factories
from tests.kiosk.kiosks import TAIL, agree_to_face, allow

OTHER_PHONE = "13912340099"


@pytest.fixture
def person(world):
    return factories.recipient(world.station)


@pytest.fixture
def stored(world, person):
    return world.store(to=person)


@pytest.fixture
def kiosk(world, stored):
    return world.kiosk()


def ids(answer):
    return [parcel.id for parcel in answer.person.parcels]


def key(answer):
    assert isinstance(answer, PersonUnknown), answer
    return answer.notice.key


def test_identity_code_shows_what_waits(world, kiosk, person, stored):
    answer = kiosk.show(world.code(person.id))

    assert isinstance(answer, PersonKnown)
    assert ids(answer) == [str(stored.parcel_id)]
    assert (answer.person.way, answer.person.is_offline, answer.person.may_enrol) == (
        Way.IDENTITY_CODE,
        False,
        True,
    )
    assert answer.person.name == "陈**"


def test_code_counts_once_here_without_asking(world, kiosk, person):
    text = world.code(person.id)
    kiosk.show(text)

    assert key(kiosk.show(text)) == "refused_identity_code_used"
    assert len(kiosk.line.posts("/sessions")) == 1


def test_code_counts_once_between_two_kiosks(world, kiosk, person):
    other, text = world.kiosk("other"), world.code(person.id)
    kiosk.show(text)

    assert key(other.show(text)) == "refused_identity_code_used"


def test_what_is_no_code_never_leaves_the_kiosk(kiosk):
    assert key(kiosk.show("ID:" + "0" * 138)) == "refused_identity_code_invalid"
    assert kiosk.line.posts("/sessions") == []


def test_old_code_is_refused_here(world, kiosk, person):
    text = world.code(person.id)
    world.time.pass_(minutes=2)

    assert key(kiosk.show(text)) == "refused_identity_code_expired"


def test_clock_that_is_wrong_by_a_known_length_reads_codes_all_the_same(world, person):
    kiosk = world.kiosk("late", skew=timedelta(minutes=-5))

    assert isinstance(kiosk.show(world.code(person.id)), PersonKnown)


def test_pickup_code_and_tail_show_one_parcel(world, kiosk, person, stored):
    world.store(to=person)

    answer = kiosk.type_pickup_code(stored.pickup_code.replace("-", " "))

    assert ids(answer) == [str(stored.parcel_id)]
    assert not answer.person.may_enrol


def test_fifth_wrong_tail_locks_the_code(world, kiosk, stored):
    for _ in range(5):
        assert key(kiosk.type_pickup_code(stored.pickup_code, "0000")) == "refused_pickup_code_or_tail_wrong"

    assert key(kiosk.type_pickup_code(stored.pickup_code)) == "refused_too_many_attempts"
    world.time.pass_(minutes=16)
    assert isinstance(kiosk.type_pickup_code(stored.pickup_code), PersonKnown)


def test_cable_gives_no_further_tries(world, kiosk, stored):
    for _ in range(3):
        kiosk.type_pickup_code(stored.pickup_code, "0000")
    kiosk.line.is_cut = True
    for _ in range(2):
        kiosk.type_pickup_code(stored.pickup_code, "0000")

    assert key(kiosk.type_pickup_code(stored.pickup_code)) == "refused_too_many_attempts"


def test_way_that_is_off_says_so(world, kiosk, stored):
    allow(world, KioskRules(takes_pickup_codes=False))

    assert key(kiosk.type_pickup_code(stored.pickup_code)) == "refused_way_off"


def test_six_digits_and_tail_show_what_waits(world, kiosk, person, stored):
    with transaction():
        six_digits.prepare(world.station.id, person.id)
    with reading():
        digits = six_digits.shown(world.station.id, person.id, [identity_codes.step_of(clock.now())])[0]

    assert ids(kiosk.type_six_digits(TAIL, digits)) == [str(stored.parcel_id)]
    assert key(kiosk.type_six_digits(TAIL, digits)) == "refused_six_digits_wrong"


def test_proxy_code_shows_what_may_be_collected(world, kiosk, person, stored):
    code = world.proxy_code(person.id)

    assert ids(kiosk.type_proxy_code(code)) == [str(stored.parcel_id)]


def test_proxy_code_that_is_wrong_is_refused(kiosk):
    assert key(kiosk.type_proxy_code("ZZZZZZZZ")) == "refused_proxy_code_wrong"


def test_face_and_tail_show_what_waits(world, kiosk, person, stored):
    agree_to_face(world, person.id)
    kiosk.faces = frozenset({str(person.id)})

    answer = kiosk.see_face(person.id)

    assert ids(answer) == [str(stored.parcel_id)]
    assert answer.person.has_face


def test_nobody_enrols_where_faces_are_off(world, kiosk, person):
    allow(world, KioskRules(takes_faces=False))
    world.time.pass_(seconds=15)
    kiosk.syncing.turn()

    assert not kiosk.show(world.code(person.id)).person.may_enrol


def test_face_without_agreement_is_nobody(world, kiosk, person):
    assert key(kiosk.see_face(person.id)) == "refused_face_not_agreed"


def test_second_factor_of_a_face_is_not_skipped(world, kiosk, person):
    agree_to_face(world, person.id)

    assert key(kiosk.see_face(person.id, tail=None)) == "refused_tail_needed"
    assert kiosk.line.posts("/sessions") == []


def test_wrong_tails_of_a_face_are_counted(world, kiosk, person):
    agree_to_face(world, person.id)
    for _ in range(5):
        assert key(kiosk.see_face(person.id, "0000")) == "refused_pickup_code_or_tail_wrong"

    assert key(kiosk.see_face(person.id)) == "refused_too_many_attempts"


def test_guardian_is_known_by_their_own_code(world, kiosk, person):
    answer = kiosk.show_guardian(world.code(person.id))

    assert isinstance(answer, GuardianKnown)
    assert answer.recipient_id == str(person.id)


def test_guardian_needs_the_station(world, kiosk, person):
    kiosk.show(world.code(person.id))
    world.time.pass_(seconds=30)
    kiosk.line.is_cut = True

    assert key(kiosk.show_guardian(world.code(person.id))) == "refused_needs_network"


def test_code_of_a_key_that_is_not_known_yet_needs_the_station(world, kiosk, person):
    text = world.code(person.id)
    kiosk.line.is_cut = True

    assert key(kiosk.show(text)) == "refused_needs_network"


def test_parcel_is_looked_up_in_the_list(world, kiosk, stored):
    answer = kiosk.look_up(stored.waybill)

    assert isinstance(answer, ParcelKnown)
    assert (answer.parcel.id, answer.has_face) == (str(stored.parcel_id), False)


def test_parcel_of_somebody_enrolled_here_can_be_shown_to_a_face(world, person, stored):
    agree_to_face(world, person.id)
    kiosk = world.kiosk(faces=frozenset({str(person.id)}))

    assert kiosk.look_up(stored.waybill).has_face
    assert kiosk.ways.candidates((str(stored.parcel_id),)) == [str(person.id)]
    assert kiosk.ways.expected() == {str(person.id)}


def test_parcel_that_came_a_moment_ago_is_found(world, kiosk, person):
    new = world.store(to=person)

    assert isinstance(kiosk.look_up(new.waybill), ParcelKnown)


def test_parcel_of_nowhere_is_unknown(kiosk):
    assert isinstance(kiosk.look_up("SF9999999999999"), ParcelUnknown)


def test_parcel_this_kiosk_just_handed_over_is_unknown(world, kiosk, person, stored):
    answer = kiosk.show(world.code(person.id))
    kiosk.take(answer.person, answer.person.parcels[0])

    assert isinstance(kiosk.look_up(stored.waybill), ParcelUnknown)


def test_nobody_is_kept_after_the_visit(world, kiosk, person):
    answer = kiosk.show(world.code(person.id))

    kiosk.ways.forget()

    assert kiosk.visits.find(answer.person.key) is None
