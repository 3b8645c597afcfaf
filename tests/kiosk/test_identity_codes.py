"""Identity codes checked without the station: what its signer writes, the kiosk reads, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from kiosk import identity_codes, pickup_codes
from kiosk.identity_codes import Fault, Identity, from_base45, verify
from kiosk.model import PublicKey
from station.parcels import codes as station_codes
from station.residents import identity_codes as station_identity
from station.residents.identity_codes import Payload
from tests.unit.test_identity_codes import BEGIN, GOLDEN, KEY, PAYLOAD

PUBLIC = PublicKey(7, KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
STATION = str(PAYLOAD.station)


def check(text, *, keys=(PUBLIC,), station_id=STATION, now=BEGIN):
    return verify(text, keys, station_id=station_id, now=now)


def signed(payload, key=KEY):
    message = station_identity.pack(payload)
    return station_identity.write(message, key.sign(message))


def test_golden_code_of_the_station_names_its_owner():
    found = check(GOLDEN)

    assert found == Identity(str(PAYLOAD.recipient), PAYLOAD.nonce, BEGIN + timedelta(seconds=60))


def test_numbers_are_the_stations():
    assert identity_codes.LENGTH == station_identity.LENGTH == 141
    assert identity_codes.STEP == station_identity.STEP
    assert identity_codes.TOLERANCE == station_identity.TOLERANCE
    assert identity_codes.ON_SCREENS == station_identity.PREFETCHED * station_identity.STEP


@given(
    st.builds(
        Payload,
        key_id=st.just(7),
        recipient=st.integers(0, 2**63 - 1),
        station=st.integers(0, 2**63 - 1),
        not_before=st.integers(0, 2**32 - 1),
        nonce=st.binary(min_size=5, max_size=5),
    )
)
def test_whatever_the_station_signs_is_read(payload):
    now = datetime.fromtimestamp(payload.not_before, UTC)

    found = check(signed(payload), station_id=str(payload.station), now=now)

    assert isinstance(found, Identity)
    assert found.recipient_id == str(payload.recipient)


@given(st.integers(0, 140), st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"))
def test_no_character_can_be_changed(at, char):
    changed = GOLDEN[:at] + char + GOLDEN[at + 1 :]

    assert changed == GOLDEN or check(changed) in (Fault.INVALID, Fault.UNKNOWN_KEY)


@given(st.text(max_size=300))
def test_reading_never_breaks(text):
    assert isinstance(check(text), Fault)
    assert isinstance(check("ID:" + text), Fault)


@pytest.mark.parametrize("text", [GOLDEN.lower(), f" {GOLDEN}\n", GOLDEN.replace("ID:", "ID：")])
def test_habits_of_scanners_are_forgiven(text):
    assert isinstance(check(text), Identity)


def test_signature_of_another_key_is_refused():
    assert check(signed(PAYLOAD, Ed25519PrivateKey.from_private_bytes(bytes(32)))) is Fault.INVALID


def test_key_that_is_not_known_is_told_apart():
    assert check(GOLDEN, keys=()) is Fault.UNKNOWN_KEY


def test_other_station_is_refused():
    assert check(GOLDEN, station_id="1") is Fault.OTHER_STATION


@pytest.mark.parametrize(
    ("seconds", "is_valid"), [(-30.001, False), (-30, True), (0, True), (59.999, True), (60, False)]
)
def test_code_counts_as_long_as_at_the_station(seconds, is_valid):
    now = BEGIN + timedelta(seconds=seconds)

    assert isinstance(check(GOLDEN, now=now), Identity) is is_valid is PAYLOAD.is_valid_at(now)


@pytest.mark.parametrize(("ago", "is_valid"), [(timedelta(minutes=10), True), (timedelta(minutes=11), False)])
def test_retired_key_counts_for_what_may_still_be_on_screens(ago, is_valid):
    key = PublicKey(7, PUBLIC.public, retired_at=BEGIN - ago)

    assert isinstance(check(GOLDEN, keys=(key,)), Identity) is is_valid


@given(st.binary(max_size=46).map(lambda half: half + half))
def test_base45_reads_what_the_station_writes(content):
    assert from_base45(station_identity.base45(content)) == content


@pytest.mark.parametrize("text", [":::", "é00", "00", "GGX"])
def test_base45_that_nobody_writes_is_none(text):
    assert from_base45(text) is None


@given(
    st.text(max_size=20)
    | st.from_regex(r"[0-9A-Za-z]{1,4}[-–. /]{1,2}[0-9]{1,2}[- ][0-9]{1,5}", fullmatch=True)
)
def test_pickup_codes_are_spelled_as_the_station_does(text):
    parsed = station_codes.parse(text)
    if parsed is not None:
        assert pickup_codes.canonical(text) == station_codes.canonical(parsed)
