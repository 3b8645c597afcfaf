"""Signing in by phone number: six digits for five minutes, five tries, few asks, the same answers for every number."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from station import models
from station.core import clock
from station.core.db import db, reading, transaction
from station.core.errors import StationError
from station.core.phones import parse
from station.events.models import OutboxMessage
from station.residents import sign_in
from station.residents.service import phone_hash
from tests.factories import make_station, recipient, store
from tests.services.test_dispatch import Recorder, run

NOW = datetime(2030, 1, 1, 4, 0, tzinfo=UTC)  # noon in Shanghai: no quiet hours
PHONE, NOBODY = "13812344068", "13900000000"


@pytest.fixture(autouse=True)
def person(station):
    with clock.use(lambda: NOW):
        yield recipient(station, PHONE)


def ask(phone=PHONE, *, address="10.0.0.1", at=NOW):
    with clock.use(lambda: at), transaction():
        sign_in.ask(parse(phone), address=address)


def code(phone=PHONE):
    with reading():
        return sign_in.current_code(phone_hash(phone))


def prove(typed, phone=PHONE, *, address="10.0.0.1", at=NOW):
    """Prove as the page does, which commits a refusal too; return the error's code, or the phone's hash."""
    with clock.use(lambda: at), transaction():
        try:
            return sign_in.prove(parse(phone), typed, address=address)
        except StationError as error:
            return error.code


def wrong(right):
    return f"{(int(right) + 1) % 1_000_000:06d}"


def owed():
    with reading():
        return db.session.scalar(select(func.count()).select_from(OutboxMessage))


def test_a_code_has_six_digits_and_signs_in(station):
    ask()

    assert len(code()) == 6
    assert prove(code()) == phone_hash(PHONE)


@pytest.mark.parametrize(
    ("after", "is_valid"), [(timedelta(seconds=299), True), (timedelta(minutes=5), False)]
)
def test_a_code_is_valid_for_five_minutes(station, after, is_valid):
    ask()

    assert (prove(code(), at=NOW + after) == phone_hash(PHONE)) is is_valid


@pytest.mark.parametrize(("tries", "is_valid"), [(4, True), (5, False)])
def test_a_code_has_five_tries(station, tries, is_valid):
    ask()
    right = code()
    for number in range(tries):
        assert prove(wrong(right), address=f"10.0.0.{number}") == "sign_in_code_wrong"

    assert (prove(right) == phone_hash(PHONE)) is is_valid


def test_a_new_code_makes_the_old_one_void(station):
    ask()
    old = code()
    ask()

    assert code() != old
    assert prove(old) == "sign_in_code_wrong"


def test_a_code_is_used_once(station):
    ask()
    right = code()
    prove(right)

    assert prove(right) == "sign_in_code_wrong"


def test_a_number_nobody_knows_is_owed_nothing_and_answered_alike(station):
    ask(NOBODY)

    assert owed() == 0
    assert code(NOBODY) is None
    assert prove("123456", NOBODY) == "sign_in_code_wrong"


@pytest.mark.parametrize("phone", [PHONE, NOBODY])
def test_a_phone_is_sent_five_codes_an_hour(station, phone):
    for number in range(sign_in.ASKED_PER_PHONE):
        ask(phone, address=f"10.0.0.{number}")

    with pytest.raises(StationError) as caught:
        ask(phone, address="10.0.0.99")
    assert caught.value.code == "too_many_attempts"
    ask(phone, address="10.0.0.99", at=NOW + timedelta(hours=1, seconds=1))


def test_an_address_asks_for_thirty_codes_an_hour(station):
    for number in range(sign_in.ASKED_PER_ADDRESS):
        ask(f"139000{number:05d}")

    with pytest.raises(StationError) as caught:
        ask(PHONE)
    assert caught.value.code == "too_many_attempts"
    ask(PHONE, address="10.0.0.2")


def test_an_address_tries_thirty_codes_an_hour(station):
    ask()
    for number in range(sign_in.ASKED_PER_ADDRESS):
        assert prove("000000", f"139000{number:05d}") == "sign_in_code_wrong"

    assert prove(code()) == "too_many_attempts"
    assert prove(code(), address="10.0.0.2") == phone_hash(PHONE)


def test_the_first_station_that_still_knows_the_person_sends_the_code(station):
    other = make_station("Lotus Garden")
    recipient(other, PHONE)
    ask()

    with reading():
        assert db.session.scalars(select(OutboxMessage.station_id)).all() == [station.id]


def test_a_station_whose_channels_reach_the_phone_sends_the_code(station):
    other = make_station("Other")
    recipient(other, PHONE)
    with clock.use(lambda: NOW), transaction():
        sign_in.ask(parse(PHONE), address="10.0.0.1", reaches=lambda station_id: station_id == other.id)

    with reading():
        assert db.session.scalars(select(OutboxMessage.station_id)).all() == [other.id]


def test_a_code_goes_before_all_that_waits(station):
    store(station)
    ask()

    with reading():
        waiting = db.session.scalars(select(OutboxMessage.topic).order_by(OutboxMessage.due_at)).all()
    assert waiting == [sign_in.TOPIC, "stored"]


def test_the_code_leaves_through_the_outbox_and_is_kept_nowhere(station):
    ask()
    right = code()
    assert right not in everything()
    channel = Recorder()
    run(station, channel)

    assert [right in message.text for message in channel.messages] == [True]
    assert right not in everything()


def everything():
    """Return all that the database holds, as the application reads it: decrypted."""
    with reading():
        rows = [
            str(value)
            for table in models.metadata.sorted_tables
            for row in db.session.execute(select(table))
            for value in row
            if not isinstance(value, int | datetime)
        ]
    return "\n".join(rows)
