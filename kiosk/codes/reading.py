"""Reading codes from one frame with zxing-cpp: all codes of it, and tilted bars by turning what looks like bars.

What a code means is said by kinds.py, whether it is believed by agreement.py.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from kiosk.cameras.source import Image, grey_of
from kiosk.codes.look import Bars, find_bars

Corners = tuple[tuple[float, float], ...]

# Source: DOMAIN.md 2.5: waybills are Code 128, with a QR code beside it; post from abroad may use Code 39. Every
# format more costs time and is one more way to read what is not there (RECIPES.md "Codes"). QRCode would include Micro
# QR, whose few modules were seen where there was no code at all (median filter over a shared sample, 2026-11-21).
_BARS = (zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.Code39)
LINEAR = zxingcpp.BarcodeFormats(_BARS)
FORMATS = zxingcpp.BarcodeFormats((*_BARS, zxingcpp.BarcodeFormat.QRCodeModel2))

BUDGET_S = 0.06  # a frame at 15 a second has 67 ms; what is not read now is read in a later one
# Pixels: the look may miss a code's thinner ends, and reading needs a quiet zone of ten bars (ISO/IEC 15417, 4.3.2).
MARGIN = 64
UPRIGHT = 4.0  # degrees; what stands straighter was read by the first pass, or turning would not help it
WHITE = 255


@dataclass(frozen=True, slots=True)
class Reading:
    """A code that was read. `corners`: four points in pixels of the picture, in the code's own order."""

    format: str
    text: str
    corners: Corners

    @property
    def middle(self) -> tuple[float, float]:
        """Return the middle of the code, in pixels."""
        return sum(x for x, _ in self.corners) / 4, sum(y for _, y in self.corners) / 4


@dataclass(frozen=True, slots=True)
class FrameReadings:
    """What one frame said. `turns`: how often a part was turned; `is_cut`: the budget ended before all were."""

    readings: tuple[Reading, ...]
    turns: int
    is_cut: bool


def read_codes(
    picture: Image, *, budget_s: float = BUDGET_S, clock: Callable[[], float] = time.perf_counter
) -> FrameReadings:
    """Read all codes of a frame, each once. `picture`: uint8, (height, width, 3), BGR, or (height, width), grey.

    Only bars that the plain pass left unread are turned, the largest first, for as long as the budget lasts.
    """
    until = clock() + budget_s
    grey = grey_of(picture)
    readings = list(read_plain(grey, FORMATS))
    turns = 0
    for bars in _unread(find_bars(grey), readings):
        if clock() >= until:
            return FrameReadings(_once(readings), turns, is_cut=True)
        readings += _read_turned(grey, bars)
        turns += 1
    return FrameReadings(_once(readings), turns, is_cut=False)


def read_plain(
    grey: Image,
    formats: zxingcpp.BarcodeFormats,
    binarizer: zxingcpp.Binarizer = zxingcpp.Binarizer.LocalAverage,
) -> Iterator[Reading]:
    """Read the codes of a grey picture in one pass; bars tilted by 20 to 60 degrees are missed."""
    for code in zxingcpp.read_barcodes(grey, formats=formats, binarizer=binarizer):
        place = code.position
        points = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
        yield Reading(code.format.name, code.text, tuple((float(p.x), float(p.y)) for p in points))


def turned(grey: Image, degrees: float) -> tuple[Image, NDArray[np.float64]]:
    """Return a picture turned counter-clockwise on a white ground large enough, and the way back: 2 x 3, affine."""
    height, width = grey.shape[:2]
    there = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    cosine, sine = abs(there[0, 0]), abs(there[0, 1])
    wide, high = int(height * sine + width * cosine) + 1, int(height * cosine + width * sine) + 1
    there[:, 2] += (wide - width) / 2, (high - height) / 2
    picture = cv2.warpAffine(grey, there, (wide, high), borderMode=cv2.BORDER_CONSTANT, borderValue=WHITE)
    return picture.astype(np.uint8, copy=False), cv2.invertAffineTransform(there).astype(np.float64)


def moved_back(reading: Reading, back: NDArray[np.float64], left: float = 0, top: float = 0) -> Reading:
    """Return a reading of a turned part with its corners where they are in the whole picture."""
    points = np.asarray(reading.corners) @ back[:, :2].T + back[:, 2] + (left, top)
    return Reading(reading.format, reading.text, tuple((float(x), float(y)) for x, y in points))


def _unread(found: Sequence[Bars], readings: Sequence[Reading]) -> list[Bars]:
    """Leave out upright bars and those of codes that were read."""
    tilted = [bars for bars in found if UPRIGHT < abs(bars.turn) < 90 - UPRIGHT]
    return [bars for bars in tilted if not any(bars.holds(*reading.middle) for reading in readings)]


def _read_turned(grey: Image, bars: Bars) -> Iterator[Reading]:
    left, top = max(bars.left - MARGIN, 0), max(bars.top - MARGIN, 0)
    part = grey[top : bars.top + bars.height + MARGIN, left : bars.left + bars.width + MARGIN]
    picture, back = turned(part, bars.turn)
    return (moved_back(reading, back, left, top) for reading in read_plain(picture, LINEAR))


def _once(readings: Sequence[Reading]) -> tuple[Reading, ...]:
    """Keep each text once; a label often has its waybill printed twice."""
    return tuple({(reading.format, reading.text): reading for reading in reversed(readings)}.values())[::-1]
