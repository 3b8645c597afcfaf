import pytest
from hypothesis import given
from hypothesis import strategies as st
from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_H

from station.shelves.cards import Command, CommandCard, ShelfCard, draw, parse


@pytest.mark.parametrize(
    ("text", "card"),
    [
        ("SHELF:12-3", ShelfCard("12", 3)),
        ("shelf:m-2", ShelfCard("M", 2)),
        ("  SHELF:01-10 ", ShelfCard("01", 10)),
        ("ＳＨＥＬＦ：１２－３", ShelfCard("12", 3)),  # a scanner behind a Chinese input method
        ("CMD:UNDO", CommandCard(Command.UNDO)),
        ("cmd:set-aside", CommandCard(Command.SET_ASIDE)),
        ("CMD:0", CommandCard(Command.DIGIT_0)),
    ],
)
def test_card_is_read_in_every_spelling(text, card):
    assert parse(text) == card


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12-3",
        "SF1409876543210",
        "SHELF:",
        "SHELF:12",
        "SHELF:12-0",
        "SHELF:12-03",
        "SHELF:12-100",
        "SHELF:123456789-1",
        "SHELF:12-3-4",
        "SHELF:冷-1",
        "SHELF:1²-3x",
        "SHELF:12-3SHELF:12-4",
        "CMD:",
        "CMD:FORMAT",
        "CMD:UNDOCMD:UNDO",
        "UNDO",
        "SHELF:12-3" + " " * 40,
        "x" * 100_000,
    ],
)
def test_anything_else_is_no_card(text):
    assert parse(text) is None


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text):
    parse(text)


@given(st.from_regex(r"[A-Z0-9]{1,8}", fullmatch=True), st.integers(1, 99))
def test_shelf_card_survives_printing_and_scanning(shelf, layer):
    card = ShelfCard(shelf, layer)

    assert parse(card.text) == card


@pytest.mark.parametrize("command", Command)
def test_command_card_survives_printing_and_scanning(command):
    assert parse(command.text) == CommandCard(command)


def test_digits_are_known_to_be_digits():
    assert {command.digit for command in Command} == {None, *range(10)}


def test_drawing_covers_the_dark_modules_and_nothing_else():
    reference = QRCode(error_correction=ERROR_CORRECT_H, border=0)
    reference.add_data("SHELF:12-3")
    reference.make()
    dark = {(x, y) for y, row in enumerate(reference.get_matrix()) for x, on in enumerate(row) if on}

    drawing = draw("SHELF:12-3")

    assert drawing.size == len(reference.get_matrix())
    assert modules_of(drawing.path) == dark


def modules_of(path):
    found = set()
    for run in path.removeprefix("M").split("M"):
        x, rest = run.split(" ")
        y, length = rest.split("h")[:2]
        found |= {(int(x) + step, int(y)) for step in range(int(length.split("v")[0]))}
    return found
