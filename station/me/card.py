"""The identity card on a resident's phone: QR codes and digits for ten minutes, drawn. What they say is residents'."""

from dataclasses import dataclass
from itertools import pairwise

from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_M

from station.residents import identity, identity_codes, six_digits
from station.residents.identity import Code

SIZE = 41  # modules of a QR code of version 6 (ISO/IEC 18004), which 141 characters fill at level M (DESIGN.md 6)
# A code chooses among 8 masks the one with the best pattern, which takes five times as long as all the rest (measured:
# 12.5 ms against 1.9). A signature is as good as random under any mask, and readers read every mask.
MASK = 0


@dataclass(frozen=True, slots=True)
class Screen:
    """What the phone shows during a step: `path` draws the dark modules' rows as strokes of an SVG, one module wide."""

    step: int
    path: str
    digits: str


def is_ready(station_id: int, recipient_id: int) -> bool:
    """Tell whether there is a key to sign with and a secret for the digits."""
    return identity.is_ready() and six_digits.is_ready(station_id, recipient_id)


def prepare(station_id: int, recipient_id: int) -> None:
    """Make what `screens` needs. Idempotent."""
    identity.prepare()
    six_digits.prepare(station_id, recipient_id)


def screens(station_id: int, recipient_id: int, *, after: int = 0) -> list[Screen]:
    """Return what to show from now on for ten minutes, of the steps behind `after` only; `prepare` came before."""
    return _drawn(station_id, recipient_id, identity.codes(station_id, recipient_id, after=after))


def screen_now(station_id: int, recipient_id: int) -> Screen:
    """Return what to show now; `prepare` came before."""
    return _drawn(station_id, recipient_id, identity.codes(station_id, recipient_id)[:1])[0]


def seconds_left(step: int, now_s: float) -> int:
    """Return how many seconds of a step are left."""
    return max(0, round(identity_codes.begin_of(step + 1) - now_s))


def _drawn(station_id: int, recipient_id: int, codes: list[Code]) -> list[Screen]:
    digits = six_digits.shown(station_id, recipient_id, [code.step for code in codes])
    return [Screen(code.step, draw(code.text), typed) for code, typed in zip(codes, digits, strict=True)]


def draw(text: str) -> str:
    """Return the path of a text as a QR code of SIZE."""
    code = QRCode(error_correction=ERROR_CORRECT_M, border=0, mask_pattern=MASK)
    code.add_data(text, optimize=0)
    code.make()
    return "".join(_row(y, row) for y, row in enumerate(code.get_matrix()))


def _row(y: int, row: list[bool]) -> str:
    edges = [x for x in range(len(row) + 1) if (x < len(row) and row[x]) != (x > 0 and row[x - 1])]
    if not edges:
        return ""
    steps = [edges[0], *(right - left for left, right in pairwise(edges))]
    strokes = "".join(f"h{step}" if place % 2 else f"m{step} 0" for place, step in enumerate(steps))
    return f"M0 {y}.5{strokes}"
