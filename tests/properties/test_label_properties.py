"""Reading labels: no text breaks it, nothing hidden is ever completed, every find stands where its line does."""

from hypothesis import given
from hypothesis import strategies as st

from station.core import phones
from station.labels.reading import MOST, Kind, agrees, read
from station.labels.sight import Box, Code, Line, Sight

PIECES = st.sampled_from(
    [
        "收",
        "寄",
        "收件人:",
        "陈晓明",
        "陈**",
        "13812344068",
        "138****4068",
        "17012345678转8462",
        "YT1234567890123",
        *("*", "x", "-", ",", " ", "转", "浙江省", "已验视", "342-081", "１３８", "圆通"),
    ]
)
TEXTS = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=8).map("".join))
BOXES = st.builds(Box, *[st.integers(0, 2000)] * 2, *[st.integers(1, 900)] * 2)
LINES = st.builds(Line, TEXTS, BOXES, st.floats(0, 1))
CODES = st.builds(Code, TEXTS, BOXES)
SIGHTS = st.builds(
    Sight,
    st.just(2000),
    st.just(2000),
    st.lists(LINES, max_size=8).map(tuple),
    st.lists(CODES, max_size=3).map(tuple),
)
MOBILES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)


@given(SIGHTS)
def test_any_picture_gives_ranked_finds_with_boxes_of_its_own(sight: Sight) -> None:
    fields = read(sight)
    boxes = {line.box for line in sight.lines} | {code.box for code in sight.codes}

    for found in (fields.waybills, fields.phones, fields.names, fields.carriers):
        assert len(found) <= MOST
        assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
        assert len({one.value for one in found}) == len(found)
        assert all(0 <= one.score <= 1 and one.box in boxes for one in found)


@given(SIGHTS)
def test_no_find_has_digits_that_its_label_does_not_show(sight: Sight) -> None:
    for found in read(sight).phones:
        phone = phones.parse(found.value)
        assert (phone is None) == (found.kind is Kind.MASKED)
        assert found.kind is not Kind.MASKED or "****" in found.value


@given(MOBILES, st.integers(0, 5))
def test_masked_number_is_read_back_and_agrees_with_its_own(number: str, head: int) -> None:
    hidden = f"{number[:head]}****{number[-4:]}"
    (found,) = read(Sight(9, 9, (Line(f"陈晓明 {hidden}", Box(0, 0, 9, 9)),))).phones

    assert (found.kind, found.value) == (Kind.MASKED, hidden)
    assert agrees(found.value, number)


@given(MOBILES, MOBILES, st.integers(0, 5))
def test_number_with_another_visible_digit_never_agrees(number: str, other: str, head: int) -> None:
    is_same = number[:head] == other[:head] and number[-4:] == other[-4:]

    assert agrees(f"{number[:head]}****{number[-4:]}", other) == is_same
