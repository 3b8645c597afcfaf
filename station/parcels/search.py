"""The one box: what typed or scanned text may mean. Pure.

Text is read as a pickup code, phone, tail, waybill, waybill's end or name; several readings can hold at once. Which
parcels they mean is search_queries.py's.
"""

import re
import unicodedata
from dataclasses import dataclass

from station.carriers.detection import canonical_waybill
from station.core import names, phones
from station.core.phones import Phone
from station.parcels import codes
from station.parcels.codes import PickupCode

BOX = 200  # characters a box takes: an identity code has 141 (DESIGN.md 6), more is no scan of ours
TAIL = 4  # the last characters of a waybill, which people read aloud
IDENTITY = "ID:"

_TAIL = re.compile(r"\d{3,4}", re.ASCII)  # an extension of a privacy number has 3 or 4 digits
_END = re.compile(rf"[A-Z0-9]{{{TAIL},32}}", re.ASCII)
_SPACES = re.compile(r"[\s-]+")


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody's text may mean. `waybill` is a whole number, `waybill_end` its last characters or all of them."""

    code: PickupCode | None = None
    phone: Phone | None = None
    tail: str | None = None
    waybill: str | None = None
    waybill_end: str | None = None
    name: str | None = None
    is_identity: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether the text means nothing the station knows."""
        return self == Query()

    @property
    def public(self) -> str | None:
        """What of it may stand in an address: a pickup code or a whole waybill, nothing of a person."""
        if self.code:
            return codes.canonical(self.code)
        return None if self.phone else self.waybill


def interpret(text: str) -> Query:
    """Return every reading of `text`; none for text that is longer than BOX or means nothing. Never raises."""
    if len(text) > BOX:
        return Query()
    plain = unicodedata.normalize("NFKC", text).strip()
    if plain.upper().startswith(IDENTITY):
        return Query(is_identity=True)
    code = codes.parse(plain)
    if code:
        return Query(code=code)
    waybill = canonical_waybill(plain)
    phone = phones.parse(plain)
    if phone:
        return Query(phone=phone, waybill=waybill, waybill_end=waybill)
    tail = plain if _TAIL.fullmatch(plain) else phones.tail_of(plain)
    return Query(tail=tail, waybill=waybill, waybill_end=waybill or _end(plain), name=_name(plain))


def _end(plain: str) -> str | None:
    squeezed = _SPACES.sub("", plain).upper()
    has_digit = any(char.isdigit() for char in squeezed)
    return squeezed if has_digit and _END.fullmatch(squeezed) else None


def _name(plain: str) -> str | None:
    if any(char.isnumeric() for char in plain):
        return None
    name = names.clean(plain)
    return name if name and names.search_key(name) else None
