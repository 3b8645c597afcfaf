"""How a pickup code is written and read.

Responsible for the text of a code (`15-1-7231`: shelf, layer, number) and for reading it back in any
spelling people, labels and scanners use. Not responsible for choosing the number (numbering.py) nor for
knowing which parcel a code names.
"""

import re
import unicodedata
from dataclasses import dataclass

# 40 characters hold the longest code (8 + 2 + 5) with generous white space; longer input is no code.
MAX_TEXT = 40
MAX_LAYER = 99  # DESIGN.md 5: a shelf is a rack with layers; no rack has a hundred
MAX_NUMBER = 99_999  # DOMAIN.md 2.2: five digits are the longest number seen (`2-3-05025`)

_SHELF = re.compile(r"[^\W_]{1,8}")  # letters of any script and digits: `15`, `M`, `冷藏`
_DIGITS = re.compile(r"[0-9]+")
_SEPARATORS = re.compile(r"[-–—./ ]+")  # DESIGN.md 5; full-width forms become these under NFKC


@dataclass(frozen=True, slots=True)
class PickupCode:
    """Name a place in the station's numbering: shelf text in upper case, layer from 1, number from 0."""

    shelf: str
    layer: int
    number: int


def parse(text: str) -> PickupCode | None:
    """Read a pickup code in any accepted spelling; None when the text is none.

    One or more separators stand between the three parts: `15-1-01`, `15 – 1 – 1` and `15.1.1` are one
    code. Nothing is a code without separators, since digits alone are ambiguous.
    """
    if len(text) > MAX_TEXT:
        return None
    parts = _SEPARATORS.split(_normal(text))
    if len(parts) != 3:
        return None
    shelf = parse_shelf(parts[0])
    layer = _integer(parts[1], low=1, high=MAX_LAYER)
    number = _integer(parts[2], low=0, high=MAX_NUMBER)
    if shelf is None or layer is None or number is None:
        return None
    return PickupCode(shelf, layer, number)


def parse_shelf(text: str) -> str | None:
    """Return a shelf's text as codes spell it, or None when it cannot stand in a code.

    Shelf settings use it too, so that every shelf that can be made can also be typed in a code.
    Leading zeros of a shelf stay: shelves are names, `01` and `1` may both exist.
    """
    shelf = _normal(text)
    return shelf if _SHELF.fullmatch(shelf) else None


def canonical(code: PickupCode) -> str:
    """Return the one spelling that is stored and searched: `15-1-1`."""
    return f"{code.shelf}-{code.layer}-{code.number}"


def display(code: PickupCode, digits: int) -> str:
    """Return the spelling for tags and messages, the number padded with zeros to `digits`.

    4 for numbers from a waybill's last four digits, so that they look like the label; 0 pads nothing.
    """
    return f"{code.shelf}-{code.layer}-{str(code.number).zfill(digits)}"


def _normal(text: str) -> str:
    # Upper-casing can leave a form that NFKC would change again, hence twice.
    upper = unicodedata.normalize("NFKC", text).upper()
    return unicodedata.normalize("NFKC", upper).strip()


def _integer(text: str, *, low: int, high: int) -> int | None:
    if not _DIGITS.fullmatch(text):
        return None
    value = int(text)
    return value if low <= value <= high else None
