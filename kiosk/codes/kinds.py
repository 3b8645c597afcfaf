"""What a code that was read can mean to a kiosk: our own codes by their prefix, a carrier's waybill by its form.

Everything else (addresses of web pages, routing codes, what is printed on goods) means nothing here. Nothing is
verified: whether an identity code is genuine, or a waybill waits here, is asked of others.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of code a kiosk knows."""

    IDENTITY = "identity"
    PROXY = "proxy"
    SHELF = "shelf"
    COMMAND = "command"
    WAYBILL = "waybill"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code says. `value`: an identity code whole, a waybill's one spelling, else what follows the prefix."""

    kind: Kind
    value: str


QR = "QRCode"
CODE_39 = "Code39"

# Our own codes (DESIGN.md 6, DOMAIN.md 4.6): every one has a prefix, so that it is never taken for a waybill. An
# identity code is 92 bytes in base45 (RFC 9285): 138 characters. A proxy code has eight, those that are not mixed up.
_IDENTITY = re.compile(r"ID:[0-9A-Z $%*+\-./:]{138}", re.ASCII)
_PROXY = re.compile(r"PROXY:([A-HJKMNP-Z2-9]{8})", re.ASCII)
_SHELF = re.compile(r"SHELF:([A-Z0-9]{1,8}-[1-9][0-9]?)", re.ASCII)
_COMMAND = re.compile(r"CMD:([A-Z_]{1,20})", re.ASCII)

# Source: DOMAIN.md 2.6, the current forms. The older ones say little more than a length, so a serial number on a box
# could be one: they count only where the list of waiting parcels knows them.
_WAYBILL = re.compile(
    "|".join(
        (
            r"SF[A-Z0-9]\d{12}",  # SF
            r"7[3-68]\d{12}",  # ZTO
            r"YT\d{13}",  # YTO
            r"YT\d{16}",  # YunExpress
            r"(?:77|43)\d{12,15}",  # STO
            r"[34]\d{14}",  # Yunda
            r"5\d{12}",  # Yunda
            r"JD[A-Z0-9]{2}\d{11}",  # JD
            r"JD[A-Z0-9]{2}\d{13,15}",  # JD: one of several boxes
            r"[189]\d{12}",  # China Post
            r"P[A-Z]\d{11}",  # China Post
            r"JT\d{13}",  # J&T
            r"DPK\d{12}",  # Deppon
            r"621\d{12}",  # Cainiao
        )
    ),
    re.ASCII,
)
_S10 = re.compile(r"[A-Z]{2}(\d{8})(\d)[A-Z]{2}", re.ASCII)
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
# JD's `waybill-box-boxes-`.
_ONLY_BOX = re.compile(r"(JD[A-Z0-9]{2}\d{8,13})-1-1-?", re.ASCII | re.IGNORECASE)
_PLAIN = re.compile(r"[A-Z0-9]{8,32}", re.ASCII)
_LONGEST = 80  # characters that are looked at for a waybill: it has 34 at most


def meaning(code_format: str, text: str, is_waiting: Callable[[str], bool]) -> Meaning | None:
    """Return what a code means here, None when nothing. `is_waiting`: whether a waybill is on the kiosk's list.

    Our own codes are QR codes, but for the cards of shelves. Code 39 has no check digit of its own, so that only a
    waybill with one is taken from it.
    """
    own = _own_code(code_format, text)
    if own or ":" in text:
        return own
    waybill = canonical_waybill(text)
    if not waybill:
        return None
    if is_s10(waybill):
        return Meaning(Kind.WAYBILL, waybill)
    if code_format != CODE_39 and (_WAYBILL.fullmatch(waybill) or is_waiting(waybill)):
        return Meaning(Kind.WAYBILL, waybill)
    return None


def _own_code(code_format: str, text: str) -> Meaning | None:
    if code_format == QR and _IDENTITY.fullmatch(text):
        return Meaning(Kind.IDENTITY, text)
    proxy = _PROXY.fullmatch(text) if code_format == QR else None
    if proxy:
        return Meaning(Kind.PROXY, proxy[1])
    shelf = _SHELF.fullmatch(text)
    if shelf:
        return Meaning(Kind.SHELF, shelf[1])
    command = _COMMAND.fullmatch(text)
    return Meaning(Kind.COMMAND, command[1]) if command else None


def canonical_waybill(text: str) -> str | None:
    """Return the spelling under which the station knows a waybill; None when the text cannot be one."""
    if len(text) > _LONGEST:
        return None
    plain = unicodedata.normalize("NFKC", text).strip()
    only_box = _ONLY_BOX.fullmatch(plain)
    squeezed = (only_box[1] if only_box else re.sub(r"[ -]", "", plain)).upper()
    if not _PLAIN.fullmatch(squeezed) or not any(char.isdigit() for char in squeezed):
        return None
    return squeezed


def is_s10(waybill: str) -> bool:
    """Tell whether this is a postal item number with the right check digit.

    Source: UPU standard S10: weights 8 6 4 2 3 5 9 7, 11 - (sum mod 11), where 10 becomes 0 and 11 becomes 5.
    """
    found = _S10.fullmatch(waybill)
    if not found:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(found[1], _S10_WEIGHTS, strict=True))
    check = 11 - total % 11
    return {10: 0, 11: 5}.get(check, check) == int(found[2])
