"""What people and spreadsheets do to a cell, undone where that is certain and refused where it is not. Pure."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

LONGEST = 200  # characters of a cell that are read: longer than any field, shorter than any novel
# Digits a spreadsheet's numbers keep. Source: IEEE 754 binary64, as all spreadsheets store numbers: 15 decimal digits.
EXACT = 10**15

_WRAPPED = re.compile(r'="(.*)"', re.DOTALL)  # how exports keep a spreadsheet from taking a text for a number
_WHOLE = re.compile(r"([0-9]+)[.,]0+", re.ASCII)
_SHORTENED = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE]\+[0-9]+", re.ASCII)
_APOSTROPHES = ("'", "’", "‘", "＇")


class Why(StrEnum):
    """Why a row is not imported; words.py says each in a sentence."""

    UNREADABLE = "unreadable"
    WAYBILL_MISSING = "waybill_missing"
    WAYBILL_WRONG = "waybill_wrong"
    SHORTENED = "shortened"
    PHONE_WRONG = "phone_wrong"
    NAME_WRONG = "name_wrong"
    SIZE_WRONG = "size_wrong"
    CONSENT_WRONG = "consent_wrong"
    CONSENT_HOW = "consent_how"
    CONSENT_PHONE = "consent_phone"
    CARRIER_WRONG = "carrier_wrong"
    CARRIER_MISSING = "carrier_missing"
    DAY_WRONG = "day_wrong"
    DAY_FAR = "day_far"
    REFUSED = "refused"  # by the check-in's own rules


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row: in which field, why, and what stood there."""

    column: str
    why: Why
    value: str = ""


class FaultError(Exception):
    """Carries a Fault out of the reading of a row."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.why)
        self.fault = fault


def text_of(value: Any) -> str:
    """Return a spreadsheet's value as the text it was meant to be.

    A whole number loses its `.0`; one of more digits than a spreadsheet keeps is written as it is there, shortened, so
    that `number` refuses it.
    """
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        return _digits(value)
    return str(value)


def _digits(value: int | float) -> str:
    if value != value or abs(value) >= EXACT:  # noqa: PLR0124 - the one number that is not itself is none
        return f"{float(value):.14E}" if abs(value) < 1e300 else str(value)[:LONGEST]
    return str(int(value)) if value == int(value) else repr(value)


def tidy(text: str) -> str:
    """Return a cell without what surrounds it: blanks, a byte order mark, `="…"`, an apostrophe that kept it a text."""
    plain = text[: LONGEST + 1].strip().strip("\ufeff\u200b\u200e\u200f").strip()
    wrapped = _WRAPPED.fullmatch(plain)
    if wrapped:
        plain = wrapped[1].strip()
    if plain.startswith(_APOSTROPHES):
        plain = plain[1:].strip()
    return plain


def number(column: str, text: str) -> str:
    """Return a cell that holds a number of many digits: `776012345678901.0` is repaired.

    Raises FaultError for one whose digits the spreadsheet has dropped (`7.76E+14`).
    """
    if _SHORTENED.fullmatch(text):
        raise FaultError(Fault(column, Why.SHORTENED, text))
    whole = _WHOLE.fullmatch(text)
    return whole[1] if whole else text
