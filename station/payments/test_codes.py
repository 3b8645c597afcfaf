"""The payment codes of the test provider's pretended app: what a counter scans to try it, made and read here. Pure.

24 digits: 90, how the app behaves, the millisecond it was made, and eight digits of a keyed hash of all that, so that
nobody outside can make one. Such a code is shown as a bar code and as a QR code, and counts as long as a real one.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from reportlab.graphics.barcode.code128 import Code128

from station.core import crypto
from station.core.i18n import lazy as _l
from station.payments.catalogue import Way
from station.payments.payer_codes import way_of
from station.payments.provider import RefusedError
from station.payments.refusals import EXPIRED, NOT_ENOUGH

COUNTS_FOR = timedelta(minutes=1)  # as Alipay's (developer.aliyun.com/ask/285437)
DIGITS = 8  # of the hash: nobody tries a hundred million codes within a minute
QUIET = 10  # modules left and right of a bar code (ISO/IEC 15417, 4.3.2)


class Mood(Enum):
    """How the pretended app behaves: the digit that stands for it."""

    PAYS = "0"
    ASKS = "1"
    POOR = "2"
    SILENT = "3"
    LOST = "4"


MOODS: dict[Mood, str] = {
    Mood.PAYS: _l("It pays at once"),
    Mood.ASKS: _l("It asks for the password"),
    Mood.POOR: _l("There is not enough money"),
    Mood.SILENT: _l("It pays, but the answer is lost"),
    Mood.LOST: _l("The question is lost"),
}


@dataclass(frozen=True, slots=True)
class Bars:
    """A bar code as an SVG path in modules, its quiet zone in it; `width` is the whole of it, a bar's height 1."""

    width: int
    path: str


def make(station_id: int, mood: Mood, now: datetime) -> str:
    """Return the code that the app shows at a moment."""
    text = f"90{mood.value}{now.astimezone(UTC).timestamp() * 1000:013.0f}"
    return f"{text}{_check(station_id, text)}"


def read(station_id: int, code: str, now: datetime) -> Mood:
    """Return how the app behaves whose code it is. Raises RefusedError for one that is too old, or not its own."""
    text, seal = code[:-DIGITS], code[-DIGITS:]
    is_ours = way_of(code) is Way.TEST and crypto.same(_check(station_id, text).encode(), seal.encode())
    if not is_ours or now - datetime.fromtimestamp(int(text[3:]) / 1000, UTC) > COUNTS_FOR:
        raise RefusedError(EXPIRED)
    mood = Mood(text[2])
    if mood is Mood.POOR:
        raise RefusedError(NOT_ENOUGH)
    return mood


def hashed(station_id: int, code: str) -> bytes:
    """Return by what a code is known again once it was used."""
    return crypto.keyed_hash("test payment code used", f"{station_id}:{code}")


def bars(code: str) -> Bars:
    """Draw a code as Code 128 (ISO/IEC 15417)."""
    drawn: Any = Code128(code)
    drawn.validate()
    drawn.encode()
    drawn.decompose()
    x, path = QUIET, []
    # A letter for each bar and each space, capital for a bar; a is one module wide.
    for step in drawn.decomposed:
        width = ord(step.lower()) - ord("a") + 1
        if step.isupper():
            path.append(f"M{x} 0h{width}v1h-{width}z")
        x += width
    return Bars(x + QUIET, "".join(path))


def _check(station_id: int, text: str) -> str:
    seal = int.from_bytes(crypto.keyed_hash("test payment code", f"{station_id}:{text}"))
    return f"{seal % 10**DIGITS:0{DIGITS}}"
