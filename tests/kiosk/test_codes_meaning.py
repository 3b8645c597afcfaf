"""What a code means to a kiosk: ours by prefix, carriers by form, everything else nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.codes.kinds import Kind, canonical_waybill, is_s10, meaning
from station.carriers import detection
from tests.kiosk import drawn

WAYBILLS = (
    "SF1234567890123",
    "73123456789012",
    "YT1234567890123",
    "YT1234567890123456",
    "77123456789012",
    "431234567890123",
    "312345678901234",
    "5123456789012",
    "JD0212345678901",
    "9812345678901",
    "PA12345678901",
    "JT1234567890123",
    "DPK123456789012",
    "621123456789012",
    "RA473124829CN",
)
MEANINGLESS = (
    "",
    "https://example.com/SF1234567890123",
    "SHELF:",
    "CMD:undo",
    "ID:TOO SHORT",
    "PROXY:K7MWA2R",  # seven characters
    "PROXY:K7MWA2R0",  # a character that is none of theirs
    "123456789012",  # an older form: no more than a length
    "12-3-3210",
    "(00)123456789012345675",
    "RA473124828CN",  # the check digit is wrong
    "SF123456789012",
    "WIFI:T:WPA;S:home;;",
)


def nobody(_waybill):
    return False


def read(text, code_format="QRCode", is_waiting=nobody):
    found = meaning(code_format, text, is_waiting)
    return (found.kind, found.value) if found else None


@pytest.mark.parametrize("waybill", WAYBILLS)
def test_carriers_numbers_are_known_by_their_form(waybill):
    assert read(waybill, "Code128") == (Kind.WAYBILL, waybill)


@pytest.mark.parametrize("text", MEANINGLESS)
def test_anything_else_means_nothing(text):
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (drawn.IDENTITY, (Kind.IDENTITY, drawn.IDENTITY)),
        ("PROXY:K7MWA2RD", (Kind.PROXY, "K7MWA2RD")),
        ("SHELF:12-3", (Kind.SHELF, "12-3")),
        ("CMD:UNDO", (Kind.COMMAND, "UNDO")),
    ],
)
def test_our_codes_are_told_apart_by_their_prefix(text, expected):
    assert read(text) == expected


@pytest.mark.parametrize("text", [drawn.IDENTITY, "PROXY:K7MWA2RD"])
def test_who_somebody_is_comes_only_from_a_qr_code(text):
    assert read(text, "Code128") is None


@given(st.text(max_size=40))
def test_no_text_with_our_prefix_is_ever_a_waybill(text):
    for prefix in ("ID:", "PROXY:", "SHELF:", "CMD:"):
        found = meaning("QRCode", prefix + text, lambda _waybill: True)
        assert found is None or found.kind is not Kind.WAYBILL


def test_an_older_number_counts_when_it_waits_here():
    assert read("123456789012", "Code128", lambda waybill: waybill == "123456789012") == (
        Kind.WAYBILL,
        "123456789012",
    )


def test_code_39_counts_only_with_a_check_digit():
    assert read("SF1234567890123", "Code39", lambda _waybill: True) is None
    assert read("RA473124829CN", "Code39") == (Kind.WAYBILL, "RA473124829CN")


@given(st.from_regex(r"(?:[A-Z]{2})?\d{8,20}(?:-1-1-)?| ?[a-z]{2}\d{6} \d{6}", fullmatch=True))
def test_a_waybill_is_spelt_as_the_station_spells_it(text):
    assert canonical_waybill(text) == detection.canonical_waybill(text)


@given(st.from_regex(r"[A-Z]{2}\d{9}[A-Z]{2}", fullmatch=True))
def test_the_check_digit_is_the_stations(number):
    assert is_s10(number) == detection.is_s10(number)
