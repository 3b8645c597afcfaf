"""Identity codes as a service: signed by the key in use, good once, at one station, for a short time."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from station.core import clock
from station.core.db import db, reading, transaction
from station.core.errors import StationError
from station.jobs import timetable
from station.residents import identity, identity_codes
from station.residents.models import IdentityKey, UsedIdentityCode
from tests.factories import make_station, recipient

NOW = datetime(2030, 1, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def person(station):
    return recipient(station)


def codes(station, person, **after):
    with transaction():
        identity.prepare()
        return identity.codes(station.id, person.id, **after)


def read(station, text, *, late=timedelta(0)):
    with transaction():
        return identity.read(station.clerk, text, now=clock.now() + late)


def refusal(station, text, **late):
    with pytest.raises(StationError) as caught:
        read(station, text, **late)
    return caught.value.code


def test_a_code_names_its_owner(station, person):
    assert read(station, codes(station, person)[0].text) == person.id


def test_twenty_codes_follow_each_other(station, person):
    found = codes(station, person)

    first = identity_codes.step_of(clock.now())
    assert [code.step - found[0].step for code in found] == list(range(20))
    assert found[0].step in (first, first - 1)
    assert len({code.text for code in found}) == 20


def test_only_the_codes_that_are_missing_are_made(station, person):
    have = codes(station, person)[-3].step

    assert [code.step for code in codes(station, person, after=have)][:2] == [have + 1, have + 2]


def test_a_code_works_once(station, person):
    text = codes(station, person)[0].text
    read(station, text)

    assert refusal(station, text) == "identity_code_used"
    assert refusal(station, text.lower()) == "identity_code_used"


def test_a_code_counts_only_around_its_time(station, person):
    found = codes(station, person)

    assert refusal(station, found[0].text, late=timedelta(seconds=90)) == "identity_code_expired"
    assert refusal(station, found[3].text) == "identity_code_expired"
    assert read(station, found[19].text, late=timedelta(minutes=9, seconds=30)) == person.id


def test_a_code_of_another_station_is_refused(station, person):
    other = make_station("Lotus Garden")

    assert refusal(other, codes(station, person)[0].text) == "other_station"
    assert read(station, codes(station, person)[0].text) == person.id


def test_a_changed_code_is_refused(station, person):
    text = codes(station, person)[0].text
    signed = identity_codes.read(text)
    stranger = identity_codes.Payload(
        signed.payload.key_id, person.id + 1, station.id, signed.payload.not_before, signed.payload.nonce
    )

    assert refusal(station, identity_codes.write(identity_codes.pack(stranger), signed.signature)) == (
        "identity_code_invalid"
    )


@pytest.mark.parametrize("text", ["ID:", "ID:HELLO", "SF1234567890123", ""])
def test_anything_else_is_refused(station, text):
    assert refusal(station, text) == "identity_code_invalid"


def test_a_key_nobody_knows_is_refused(station, person):
    text = codes(station, person)[0].text
    with transaction():
        db.session.execute(delete(IdentityKey))

    assert refusal(station, text) == "identity_code_invalid"


def test_a_recipient_who_is_gone_is_refused(station, person):
    with transaction():
        identity.prepare()
        text = identity.codes(station.id, person.id + 1)[0].text

    assert refusal(station, text) == "not_found"


def test_there_is_one_key_until_it_is_old(station, person):
    codes(station, person)
    codes(station, person)

    with transaction():
        assert not identity.rotate()
        assert len(db.session.scalars(select(IdentityKey.id)).all()) == 1


def test_rotation_keeps_the_codes_on_screens_and_erases_the_old_private_key(station, person):
    codes(station, person)
    made_at = clock.now()
    with clock.use(lambda: made_at + identity.ROTATED_AFTER):
        on_screen = codes(station, person)[-1].text
        with transaction():
            assert identity.rotate()
            assert not identity.rotate()
        new = codes(station, person)[0].text
        with reading():
            keys = db.session.execute(select(IdentityKey).order_by(IdentityKey.id)).scalars().all()
            assert [key.private is None for key in keys] == [True, False]

        assert read(station, on_screen, late=timedelta(minutes=9, seconds=30)) == person.id
        assert read(station, new) == person.id


def test_a_retired_key_signs_nothing_later(station, person):
    with clock.use(lambda: NOW):
        text = codes(station, person)[5].text
        with transaction():
            long_ago = NOW - timedelta(minutes=9)
            db.session.execute(update(IdentityKey).values(retired_at=long_ago, private=None))

        assert refusal(station, text, late=timedelta(minutes=2, seconds=30)) == "identity_code_invalid"


def test_used_codes_are_forgotten_when_no_kiosk_can_tell_of_them_any_more(station, person):
    read(station, codes(station, person)[0].text)

    with transaction():
        assert identity.forget_used(station.id) == 0
    with clock.use(lambda: NOW), transaction():
        assert identity.forget_used(station.id) == 1
        assert db.session.scalars(select(UsedIdentityCode.nonce)).all() == []


def test_private_keys_are_not_in_the_clear(station, person):
    codes(station, person)
    with reading():
        raw = db.session.connection().exec_driver_sql("SELECT private FROM identity_keys").scalar_one()
        key = db.session.execute(select(IdentityKey.private)).scalar_one()

    assert key.encode() not in bytes(raw)
    assert bytes.fromhex(key) not in bytes(raw)


def test_the_job_rotates_an_old_key_and_forgets_used_codes(app, station, person):
    read(station, codes(station, person)[0].text)

    assert timetable.keep_identity(app.config["SETTINGS"]) == "the same key, 0 codes forgotten"
    with clock.use(lambda: NOW):
        assert timetable.keep_identity(app.config["SETTINGS"]) == "a new key, 1 codes forgotten"
        assert timetable.keep_identity(app.config["SETTINGS"]) == "the same key, 0 codes forgotten"
