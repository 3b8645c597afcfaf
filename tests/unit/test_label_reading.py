"""What the lines of a label may mean: whose number is whose, what is hidden, what a barcode is worth."""

import pytest

from station.labels.reading import Fields, Kind, agrees, is_masked, read
from station.labels.sight import Box, Code, Line, Sight


def label(*lines: tuple[str, int, int], codes: tuple[Code, ...] = ()) -> Fields:
    """Read lines that stand at (text, left, top), each 45 pixels high."""
    placed = tuple(Line(text, Box(left, top, 300, 45)) for text, left, top in lines)
    return read(Sight(760, 1300, placed, codes))


def values(found: tuple) -> list[str]:
    return [one.value for one in found]


def test_empty_picture_says_nothing():
    assert read(Sight(10, 10)) == Fields()


def test_barcode_counts_more_than_a_number_read_as_text():
    fields = label(("SF1234567890123", 0, 0), codes=(Code("YT1234567890123", Box(0, 50, 9, 9)),))

    assert values(fields.waybills) == ["YT1234567890123", "SF1234567890123"]


def test_barcode_that_is_no_waybill_is_left_out():
    assert label(codes=(Code("https://example.com/x?y=1", Box(0, 0, 9, 9)),)).waybills == ()


def test_waybill_read_from_bars_and_text_is_proposed_once_with_the_box_of_the_bars():
    box = Box(1, 2, 3, 4)
    fields = label(("YT1234567890123", 0, 300), codes=(Code("YT1234567890123", box),))

    assert [(one.value, one.box) for one in fields.waybills] == [("YT1234567890123", box)]


def test_phone_number_is_no_waybill():
    assert label(("陈晓明 13812344068", 0, 0)).waybills == ()


@pytest.mark.parametrize(
    "lines",
    [
        [("收", 20, 530), ("陈晓明13812344068", 110, 510), ("寄", 20, 690), ("李四 13900001111", 110, 670)],
        [("寄", 20, 530), ("李四 13900001111", 110, 510), ("收", 20, 690), ("陈晓明13812344068", 110, 670)],
        [("收件人:陈晓明", 20, 100), ("电话:13812344068", 20, 150), ("寄件人:李四 13900001111", 20, 200)],
        [("寄件人:李四", 20, 100), ("电话:13900001111", 20, 150), ("收件人:陈晓明 13812344068", 20, 200)],
    ],
)
def test_recipient_comes_before_the_sender(lines):
    fields = label(*lines)

    assert values(fields.phones) == ["13812344068", "13900001111"]
    assert values(fields.names)[0] == "陈晓明"
    assert fields.phones[0].box == Box(*next(line for line in lines if "13812344068" in line[0])[1:], 300, 45)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("138 1234 4068", Kind.PHONE, "13812344068"),
        ("+86 138-1234-4068", Kind.PHONE, "13812344068"),
        ("１３８１２３４４０６８", Kind.PHONE, "13812344068"),
        ("0571-87654321", Kind.PHONE, "057187654321"),
        ("17012345678,8462", Kind.PRIVACY, "17012345678,8462"),
        ("17012345678转8462", Kind.PRIVACY, "17012345678,8462"),
        ("17012345678-8462", Kind.PRIVACY, "17012345678,8462"),
        ("138****4068", Kind.MASKED, "138****4068"),
        ("138xxxx4068", Kind.MASKED, "138****4068"),
        ("陈**138****4068", Kind.MASKED, "138****4068"),
        ("170****5678转8462", Kind.MASKED, "170****5678,8462"),
        ("*******4068", Kind.MASKED, "****4068"),
    ],
)
def test_phone_number_is_read_as_it_stands(text, kind, value):
    found = label((text, 0, 0)).phones

    assert [(one.kind, one.value) for one in found] == [(kind, value)]


@pytest.mark.parametrize(
    "text", ["342-081-00 052", "****", "138****40", "已验视", "", "13812344068999", "2345678"]
)
def test_what_is_no_phone_number_is_none(text):
    assert label((text, 0, 0)).phones == ()


@pytest.mark.parametrize("text", ["陈晓明", "陈**", "陈*明", "欧阳小明", "买买提·艾力"])
def test_name_beside_a_phone_number_is_read(text):
    assert values(label((f"{text} 13812344068", 0, 0)).names) == [text]


def test_latin_name_beside_a_phone_number_is_read():
    assert values(label(("Chen Xiaoming 13812344068", 0, 0)).names) == ["Chen Xiaoming"]


@pytest.mark.parametrize("text", ["已验视", "顺丰速运", "浙江省", "YTO", "收件人"])
def test_stamps_places_and_firms_are_no_names(text):
    assert label((text, 0, 0)).names == ()


def test_carrier_is_read_from_its_name():
    assert values(label(("圆通速递", 0, 0)).carriers) == ["yto"]


@pytest.mark.parametrize(
    ("shown", "key"),
    [
        ("13812344068", "13812344068"),
        ("138****4068", "13812344068"),
        ("****4068", "13812344068"),
        ("170****5678", "17012345678,8462"),
        ("170****5678,8462", "17012345678,8462"),
        ("****,8462", "17012345678,8462"),
        ("17012345678转8462", "17012345678,8462"),
    ],
)
def test_visible_digits_agree(shown, key):
    assert agrees(shown, key)


@pytest.mark.parametrize(
    ("shown", "key"),
    [
        ("13812344069", "13812344068"),
        ("138****4069", "13812344068"),
        ("139****4068", "13812344068"),
        ("1381234****4068", "13812344068"),
        ("170****5678,8463", "17012345678,8462"),
        ("****,8462", "13812344068"),
        ("17012345678", "17012345678,8462"),
        ("****", "13812344068"),
        ("138****", "13812344068"),
        ("", "13812344068"),
    ],
)
def test_what_differs_or_says_too_little_does_not_agree(shown, key):
    assert not agrees(shown, key)


@pytest.mark.parametrize(
    ("text", "hides"), [("138****4068", True), ("陈**", True), ("陈晓明", False), ("", False), ("Max", False)]
)
def test_hidden_parts_are_known(text, hides):
    assert is_masked(text) is hides
