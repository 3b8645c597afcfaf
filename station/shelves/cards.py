"""The codes on printed cards: reading what a scanner sends, and drawing the QR code. Pure.

Every code we print carries a prefix, so that a card can never be taken for a waybill (DOMAIN.md 4.6): `SHELF:12-3`
for a layer, `CMD:UNDO` for a command. What a command does is the counter's work.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_H

from station.core.i18n import lazy as _l

MAX_TEXT = 40  # `SHELF:` and the longest tag have 17 characters; white space around them is forgiven
SHELF_CODE = re.compile(r"[A-Z0-9]{1,8}", re.ASCII)
_SHELF = re.compile(r"SHELF:([A-Z0-9]{1,8})-([1-9][0-9]?)", re.ASCII)
_COMMAND = "CMD:"


class Command(StrEnum):
    """What a command card asks for; the value is the text behind `CMD:`."""

    CHECK_IN = "CHECK-IN"
    HAND_OVER = "HAND-OVER"
    UNDO = "UNDO"
    DAMAGED = "DAMAGED"
    SET_ASIDE = "SET-ASIDE"
    PRINT = "PRINT"
    CLEAR = "CLEAR"
    DONE = "DONE"
    DIGIT_1 = "1"
    DIGIT_2 = "2"
    DIGIT_3 = "3"
    DIGIT_4 = "4"
    DIGIT_5 = "5"
    DIGIT_6 = "6"
    DIGIT_7 = "7"
    DIGIT_8 = "8"
    DIGIT_9 = "9"
    DIGIT_0 = "0"

    @property
    def digit(self) -> int | None:
        """The digit a card stands for when a question is open, else None."""
        return int(self.value) if self.value.isdecimal() else None

    @property
    def text(self) -> str:
        """What the card's code says."""
        return f"{_COMMAND}{self.value}"


# What stands on the card in words; a digit speaks for itself.
LABELS = {
    Command.CHECK_IN: _l("Check in"),
    Command.HAND_OVER: _l("Hand over"),
    Command.UNDO: _l("Undo last"),
    Command.DAMAGED: _l("Damaged"),
    Command.SET_ASIDE: _l("Set aside"),
    Command.PRINT: _l("Print sticker"),
    Command.CLEAR: _l("Clear"),
    Command.DONE: _l("Done"),
}


@dataclass(frozen=True, slots=True)
class ShelfCard:
    """A scanned shelf card: the shelf's code and the layer's number."""

    shelf: str
    layer: int

    @property
    def text(self) -> str:
        """What the card's code says."""
        return f"SHELF:{self.shelf}-{self.layer}"


@dataclass(frozen=True, slots=True)
class CommandCard:
    """A scanned command card."""

    command: Command


def parse(text: str) -> ShelfCard | CommandCard | None:
    """Read a card's code, in any case and width; None when it is none, a command nobody knows too."""
    if len(text) > MAX_TEXT:
        return None
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    shelf = _SHELF.fullmatch(plain)
    if shelf:
        return ShelfCard(shelf[1], int(shelf[2]))
    name = plain.removeprefix(_COMMAND)
    return CommandCard(Command(name)) if name != plain and name in set(Command) else None


@dataclass(frozen=True, slots=True)
class QrDrawing:
    """A QR code as an SVG path in modules; `size` is its side, the quiet zone of 4 modules not counted."""

    size: int
    path: str


def draw(text: str, correction: int = ERROR_CORRECT_H) -> QrDrawing:
    """Draw `text` as a QR code (ISO/IEC 18004) that can still be read when 30 % of it is worn off (level H).

    A `correction` of ERROR_CORRECT_M stands 15 %; its modules are larger, so it is read from further away.
    """
    code = QRCode(error_correction=correction, border=0)
    code.add_data(text)
    code.make()
    matrix = code.get_matrix()
    runs = (
        f"M{start} {y}h{end - start}v1h{start - end}z"
        for y, row in enumerate(matrix)
        for start, end in _runs(row)
    )
    return QrDrawing(len(matrix), "".join(runs))


def _runs(row: list[bool]) -> list[tuple[int, int]]:
    """Return [start, end) of each unbroken dark stretch."""
    edges = [x for x in range(len(row) + 1) if (x < len(row) and row[x]) != (x > 0 and row[x - 1])]
    return list(zip(edges[::2], edges[1::2], strict=True))
