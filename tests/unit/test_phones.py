"""Phone numbers: every spelling gives one value, and a mask shows the tail at most."""

import pytest

from station.core.phones import LONGEST, Phone, PhoneKind, parse, tail_of

MOBILE = Phone(PhoneKind.MOBILE, "13812344068")
PRIVACY = Phone(PhoneKind.PRIVACY, "17012345678", "8462")


@pytest.mark.parametrize(
    "text",
    [
        "13812344068",
        "138 1234 4068",
        "138-1234-4068",
        " 13812344068\n",
        "+86 138 1234 4068",
        "+8613812344068",
        "008613812344068",
        "8613812344068",
        "1381234-4068",
        "１３８１２３４４０６８",
        "138–1234–4068",
        "013812344068",
    ],
)
def test_parse_mobile_in_any_spelling(text):
    assert parse(text) == MOBILE


@pytest.mark.parametrize(
    "text",
    [
        "17012345678,8462",
        "17012345678，8462",
        "17012345678转8462",
        "17012345678 转 8462",
        "17012345678分机8462",
        "17012345678-8462",
        "17012345678—8462",
        "17012345678#8462",
        "17012345678＃8462",
        "17012345678,8462#",
        "17012345678 ext 8462",
        "17012345678 Ext. 8462",
        "+86 170 1234 5678,8462",
        "170-1234-5678-8462",
    ],
)
def test_parse_privacy_number_in_any_spelling(text):
    assert parse(text) == PRIVACY


def test_privacy_number_has_its_extension_as_tail_and_in_the_key():
    assert PRIVACY.key == "17012345678,8462"
    assert PRIVACY.tail == "8462"
    assert PRIVACY.display_masked == "170****,8462"
    assert parse("17012345678,846") == Phone(PhoneKind.PRIVACY, "17012345678", "846")
    assert parse("17012345678,8462") != parse("17012345678,8463")


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("010-12345678", Phone(PhoneKind.LANDLINE, "01012345678")),
        ("+86 10 1234 5678", Phone(PhoneKind.LANDLINE, "01012345678")),
        ("0571-87654321", Phone(PhoneKind.LANDLINE, "057187654321")),
        ("(0571) 8765 4321", Phone(PhoneKind.LANDLINE, "057187654321")),
        ("0571-87654321-801", Phone(PhoneKind.LANDLINE, "057187654321", "801")),
        ("0571-87654321转80123", Phone(PhoneKind.LANDLINE, "057187654321", "80123")),
        ("400-603-3600", Phone(PhoneKind.LANDLINE, "4006033600")),
        ("+852 5123 4567", Phone(PhoneKind.INTERNATIONAL, "+85251234567")),
        ("+1 650 253 0000", Phone(PhoneKind.INTERNATIONAL, "+16502530000")),
        ("+1 650 253 0000 ext 12", Phone(PhoneKind.INTERNATIONAL, "+16502530000", "12")),
    ],
)
def test_parse_other_kinds(text, phone):
    assert parse(text) == phone
    assert parse(phone.key) == phone


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "138****4068",
        "1381234406",
        "138123440689",
        "12345678901",
        "4068",
        "87654321",
        "-13812344068",
        "13812344068.5x",
        "17012345678,84",
        "17012345678,84621",
        "17012345678,",
        ",8462",
        "13812344068 13812344069",
        "13812344068/13812344069",
        "CALL-ME-NOW",
        "1-800-FLOWERS",
        "١٣٨١٢٣٤٤٠٦٨",
        "138\x0012344068",
        "😀13812344068",
        "陈晓明13812344068",
        "+999 12345678",
        "0" * 12,
        "1" * LONGEST,
        " " * LONGEST + "13812344068",
        "9" * 100_000,
        "﷽" * LONGEST,
    ],
)
def test_parse_refuses_what_is_no_whole_number(text):
    assert parse(text) is None


def test_region_decides_how_a_bare_number_is_read():
    assert parse("6502530000", region="US") == Phone(PhoneKind.INTERNATIONAL, "+16502530000")
    assert parse("+86 13812344068", region="US") == MOBILE
    assert parse("13812344068", region="nowhere") is None


@pytest.mark.parametrize(
    ("text", "tail"),
    [
        ("138****4068", "4068"),
        ("138 **** 4068", "4068"),
        ("138＊＊＊＊4068", "4068"),
        ("138xxxx4068", "4068"),
        ("138•••• 40 68", "4068"),
        ("1**********4068", "4068"),
        ("+86 138****4068", "4068"),
        ("170****5678,8462", "8462"),
        ("170****5678转8462", "8462"),
        ("170****,8462", "8462"),
        ("13812344068", "4068"),
        ("17012345678,8462", "8462"),
        ("0571-87654321-801", "4321"),
        ("4068", "4068"),
        (" ４０６８ ", "4068"),
    ],
)
def test_tail_of_whole_and_masked_numbers(text, tail):
    assert tail_of(text) == tail


@pytest.mark.parametrize("text", ["", "138****068", "406", "40688", "****", "陈**4068x", "1" * 99, "4o68"])
def test_tail_of_anything_else_is_none(text):
    assert tail_of(text) is None


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("13812344068", "138****4068"),
        ("0571-87654321-801", "057****4321"),
        ("+16502530000", "+16****0000"),
        ("+6834000", "****4000"),
    ],
)
def test_display_masked_shows_beginning_and_tail(text, masked):
    assert parse(text).display_masked == masked


def test_a_phone_in_a_log_or_trace_shows_no_digit():
    assert repr(PRIVACY) == str(PRIVACY) == "Phone(privacy)"
    assert "138" not in f"{[MOBILE]}"
