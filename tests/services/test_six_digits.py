"""The six digits beside the identity code: RFC 6238, with the phone's tail, few tries, each step once."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from station.core import clock, shown_codes
from station.core.db import db, reading, transaction
from station.core.errors import CountedError, StationError
from station.residents import identity_codes, six_digits
from station.residents.models import DigitSecret
from tests.factories import make_station, recipient

NOW = datetime(2030, 1, 1, 9, 0, 5, tzinfo=UTC)
PHONE, TAIL = "13812344068", "4068"


@pytest.fixture(autouse=True)
def _still():
    with clock.use(lambda: NOW):
        yield


@pytest.fixture
def person(station):
    found = recipient(station, PHONE)
    with transaction():
        six_digits.prepare(station.id, found.id)
    return found


def digits(station, person, *, ahead=0):
    with reading():
        return six_digits.shown(station.id, person.id, [identity_codes.step_of(NOW) + ahead])[0]


def wrong(right):
    return f"{(int(right) + 1) % 1_000_000:06d}"


def prove(actor, typed, *, tail=TAIL, at=NOW):
    """Try digits as an edge does: a wrong try is committed."""
    with clock.use(lambda: at):
        refusal = None
        with transaction():
            try:
                return six_digits.prove(actor, tail, typed)
            except CountedError as error:
                refusal = error.code
            except StationError as error:
                return error.code
        return refusal


def test_digits_and_tail_name_their_owner(station, person):
    assert prove(station.clerk, digits(station, person)) == person.id


@pytest.mark.parametrize("ahead", [-1, 1])
def test_a_step_either_side_is_accepted(station, person, ahead):
    assert prove(station.clerk, digits(station, person, ahead=ahead)) == person.id


@pytest.mark.parametrize("ahead", [-2, 2])
def test_digits_of_another_time_are_refused(station, person, ahead):
    assert prove(station.clerk, digits(station, person, ahead=ahead)) == "six_digits_wrong"


def test_each_step_is_accepted_once(station, person):
    assert prove(station.clerk, digits(station, person)) == person.id
    assert prove(station.manager, digits(station, person)) == "six_digits_wrong"
    assert prove(station.manager, digits(station, person, ahead=-1)) == "six_digits_wrong"
    assert prove(station.clerk, digits(station, person, ahead=1)) == person.id


def test_digits_count_only_with_their_phone_and_station(station, person):
    other = make_station("Lotus Garden")
    recipient(other, PHONE)
    recipient(station, "13912345555")

    assert prove(station.clerk, digits(station, person), tail="5555") == "six_digits_wrong"
    assert prove(other.clerk, digits(station, person)) == "six_digits_wrong"


def test_five_wrong_tries_lock_the_phone_tail_for_15_minutes(station, person):
    right = digits(station, person)
    for _ in range(5):
        assert prove(station.clerk, wrong(right)) == "six_digits_wrong"

    assert prove(station.clerk, right) == "too_many_attempts"
    assert prove(station.manager, right) == "too_many_attempts"
    later = NOW + timedelta(minutes=15)
    with reading():
        then = six_digits.shown(station.id, person.id, [identity_codes.step_of(later)])[0]
    assert prove(station.clerk, then, at=later) == person.id


def test_a_device_that_goes_from_tail_to_tail_is_stopped(station, person):
    for number in range(six_digits.TRIES_PER_DEVICE):
        assert prove(station.clerk, "000000", tail=f"{1000 + number}") == "six_digits_wrong"

    assert prove(station.clerk, digits(station, person)) == "too_many_attempts"
    assert prove(station.manager, digits(station, person)) == person.id


def test_right_digits_forgive_the_wrong_ones_before(station, person):
    right = digits(station, person)
    for _ in range(4):
        prove(station.clerk, wrong(right))
    assert prove(station.clerk, right) == person.id
    for _ in range(4):
        prove(station.clerk, wrong(right))
    assert prove(station.clerk, digits(station, person, ahead=1)) == person.id


def test_nobody_with_the_tail_costs_the_same_tries(station):
    for _ in range(5):
        assert prove(station.clerk, "123456", tail="0000") == "six_digits_wrong"
    assert prove(station.clerk, "123456", tail="0000") == "too_many_attempts"


def test_the_secret_is_not_in_the_clear(station, person):
    with reading():
        raw = db.session.connection().exec_driver_sql("SELECT secret FROM digit_secrets").scalar_one()
        secret = db.session.execute(select(DigitSecret.secret)).scalar_one()

    assert secret.encode() not in bytes(raw)


def test_a_secret_is_made_once(station, person):
    before = digits(station, person)
    with transaction():
        six_digits.prepare(station.id, person.id)

    assert digits(station, person) == before


# RFC 6238, appendix B, SHA-256: the last six of eight digits, T = time // 30.
@pytest.mark.parametrize(
    ("moment", "expected"),
    [(59, "119246"), (1111111109, "084774"), (1234567890, "819424"), (20000000000, "737706")],
)
def test_digits_are_those_of_the_rfc(moment, expected):
    assert six_digits.at_step(b"12345678901234567890123456789012", moment // 30) == expected


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("4068 883046", ("4068", "883046")),
        (" 4068  883 046 ", ("4068", "883046")),
        ("4068 8830 46", ("4068", "883046")),
        ("4068883046", None),
        ("4068 88304", None),
        ("406 8883046", None),
        ("4068-883046", None),
    ],
)
def test_what_is_typed_is_split(text, read):
    assert shown_codes.tail_and_digits(text) == read
