"""How pickup codes are read and written."""

import pytest

from station.parcels.codes import PickupCode, canonical, display, parse, parse_shelf


@pytest.mark.parametrize(
    "text",
    [
        "15-1-01",
        "15-1-1",
        "15-01-00001",
        " 15 - 1 - 1 ",
        "15 1 1",
        "15.1.1",
        "15/1/1",
        "15–1—1",
        "15－1－０１",
        "15　1　1",
        "１５．１．１",
        "15--1- /1",
    ],
)
def test_parse_reads_every_spelling_as_one_code(text):
    assert parse(text) == PickupCode("15", 1, 1)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("15-1-7231", PickupCode("15", 1, 7231)),
        ("2-3-05025", PickupCode("2", 3, 5025)),
        ("109-6-4006", PickupCode("109", 6, 4006)),
        ("M-2-5341", PickupCode("M", 2, 5341)),
        ("m-2-5341", PickupCode("M", 2, 5341)),
        ("冷藏-2-0", PickupCode("冷藏", 2, 0)),
        ("ABCDEFGH-99-99999", PickupCode("ABCDEFGH", 99, 99_999)),
        ("015-1-1", PickupCode("015", 1, 1)),
    ],
)
def test_parse_reads_codes_of_real_messages(text, code):
    assert parse(text) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "1511",
        "15-1",
        "5-5-9-13",
        "-15-1-1",
        "15-1-1-",
        "15-0-1",
        "15-100-1",
        "15-1-100000",
        "15-1--",
        "15-A-1",
        "15-1-A",
        "15-1-²x",
        "15-1-٣",
        "ABCDEFGHI-1-1",
        "A_B-1-1",
        "15-1-1\x00",
        "15\t1\t1",
        "📦-1-1",
        "15-1-1" + " " * 40,
        "SF1234567890123",
        "x" * 100_000,
    ],
)
def test_parse_refuses_what_is_no_code(text):
    assert parse(text) is None


def test_canonical_drops_leading_zeros():
    assert canonical(PickupCode("A", 3, 7)) == "A-3-7"


@pytest.mark.parametrize(("digits", "text"), [(0, "12-3-10"), (4, "12-3-0010"), (1, "12-3-10")])
def test_display_pads_the_number(digits, text):
    assert display(PickupCode("12", 3, 10), digits) == text


@pytest.mark.parametrize(("text", "shelf"), [(" a1 ", "A1"), ("ａ", "A"), ("A-1", None), ("", None)])
def test_parse_shelf_accepts_what_codes_can_spell(text, shelf):
    assert parse_shelf(text) == shelf
