"""Into how many parts a text message is cut, which is what a gateway charges for. Pure.

Source: 3GPP TS 23.038, sections 6.1.1 and 6.2 (the 7-bit default alphabet, its extension table, UCS-2), and 3GPP TS
23.040, section 9.2.3.24.1 (the header of 6 octets that each part of a long message carries).
"""

from dataclasses import dataclass

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")  # an escape and a character: two places
# Places of a message that is one part, and of each part of a longer one: 140 octets with and without the header.
GSM_ONE, GSM_EACH = 160, 153
UCS2_ONE, UCS2_EACH = 70, 67


@dataclass(frozen=True, slots=True)
class Size:
    """How long a message is: `units` are places of 7 bits, or of 16 when `is_ucs2`."""

    units: int
    parts: int
    is_ucs2: bool


def size(text: str) -> Size:
    """Return how a text travels; an empty one is one part."""
    is_ucs2 = not BASIC.union(EXTENDED).issuperset(text)
    places = [_ucs2(char) if is_ucs2 else _gsm(char) for char in text]
    one, each = (UCS2_ONE, UCS2_EACH) if is_ucs2 else (GSM_ONE, GSM_EACH)
    units = sum(places)
    return Size(units, 1 if units <= one else _parts(places, each), is_ucs2)


def _gsm(char: str) -> int:
    return 2 if char in EXTENDED else 1


def _ucs2(char: str) -> int:
    return len(char.encode("utf-16-be")) // 2


def _parts(places: list[int], each: int) -> int:
    """Fill part after part; what takes two places is never cut in half."""
    parts, used = 1, 0
    for place in places:
        if used + place > each:
            parts, used = parts + 1, 0
        used += place
    return parts
