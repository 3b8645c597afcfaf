"""Reading one still picture as hard as possible, for `python -m kiosk decode`: time matters little, a wrong text much.

A camera shows the same code many times, a still picture once; so it is looked at in several views, and a format that
could come out of mere stripes is believed only when two views agree.
"""

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import zxingcpp

from kiosk.cameras.source import Image
from kiosk.codes.reading import Reading, read_codes, read_plain, turned
from kiosk.codes.unbend import read_unbent

_F = zxingcpp.BarcodeFormat

# What is on parcels (DOMAIN.md 2.5: waybills, post from abroad, DPD, UPS) and on the goods in them. Neither Micro QR
# (see reading.py) nor Aztec runes, which are as small.
_QR = (_F.QRCodeModel2, _F.QRCodeModel1)
_GOODS = (_F.EAN13, _F.EAN8, _F.UPCA)
FORMATS = zxingcpp.BarcodeFormats(
    (*_QR, _F.Code128, _F.Code39, _F.DataMatrix, _F.PDF417, _F.AztecCode, _F.MaxiCode, *_GOODS)
)
HARD_FORMATS = zxingcpp.BarcodeFormats((*_QR, _F.Code128, _F.DataMatrix))
# Corrected by Reed-Solomon codes: a text that comes out is the text that went in.
CERTAIN = frozenset({"QRCode", "DataMatrix", "PDF417", "Aztec", "MaxiCode"})
# A check digit of 103 and 106 patterns: certain enough in the picture as it is.
CHECKED = frozenset({"Code128"})

TURNS = (30, 60, 15, 45, 75)  # degrees; source: RECIPES.md "Codes", 36 of 36 angles
SMALL = 1_000  # pixels: a longer side gains nothing by being enlarged, and would cost seconds
LARGE = 1_600  # pixels: hard views of more are made smaller first
ENOUGH = 2  # views that agree
BINARIZERS = (zxingcpp.Binarizer.LocalAverage, zxingcpp.Binarizer.GlobalHistogram)


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a still picture; where it was does not matter to anybody."""

    format: str
    text: str


def read_still(grey: Image) -> tuple[Code, ...]:
    """Read all codes of a grey picture, each once, in order of finding; nothing from a picture without one."""
    fitting = _fitting(grey)
    found = [*_plain(grey), *_agreed(_views(fitting))]
    return tuple(dict.fromkeys(found)) or _agreed(_last_views(fitting)) or _unbent(fitting)


def _plain(grey: Image) -> list[Code]:
    """Read the picture as it is, and its tilted bars."""
    first = _codes(read_plain(grey, FORMATS))
    tilted = _codes(read_codes(grey, budget_s=math.inf).readings)
    doubted = {one for one in first if one.format not in CERTAIN | CHECKED}
    agreed = _codes_of_other_views(grey) if doubted else set()
    return [one for one in first if one not in doubted or one in agreed] + [
        one for one in tilted if one.format in CERTAIN | CHECKED
    ]


def _codes(readings: Iterable[Reading]) -> list[Code]:
    return [Code(one.format, one.text) for one in readings]


def _codes_of_other_views(grey: Image) -> set[Code]:
    """Return what is read from the picture enlarged, sharp or soft: stripes by chance read otherwise there."""
    views = _scaled(grey, 2.0), _softened(_scaled(grey, 1.5), 1.0)
    return {one for view in views for one in _codes(read_plain(view, FORMATS))}


def _agreed(views: Iterable[Image]) -> tuple[Code, ...]:
    """Read views of one picture; what is certain counts at once, other codes when enough views agree."""
    seen: Counter[Code] = Counter()
    for view, binarizer in itertools.product(views, BINARIZERS):
        seen.update(set(_codes(read_plain(view, HARD_FORMATS, binarizer))))
    return tuple(one for one, times in seen.items() if one.format in CERTAIN or times >= ENOUGH)


def _unbent(grey: Image) -> tuple[Code, ...]:
    text = read_unbent(grey)
    return () if text is None else (Code("QRCode", text),)


def _views(grey: Image) -> Iterator[Image]:
    """Yield the picture in other sizes, sharpened and softened: each reads codes that the others miss."""
    sizes = (1.0, 2.0, 0.5) if max(grey.shape) <= SMALL else (1.0, 0.5)
    for size in sizes:
        scaled = grey if size == 1.0 else _scaled(grey, size)
        yield scaled
        yield _sharpened(scaled, max(size, 1.0))
        yield _softened(scaled, max(size, 1.0))


def _last_views(grey: Image) -> Iterator[Image]:
    """Yield what is worth trying when nothing else showed a code."""
    if max(grey.shape) <= SMALL:
        large = _scaled(grey, 3.0)
        yield from (large, _sharpened(large, 3.0), _softened(large, 3.0))
    yield cv2.medianBlur(grey, 3).astype(np.uint8, copy=False)
    yield cv2.createCLAHE(4.0, (8, 8)).apply(grey).astype(np.uint8, copy=False)
    yield _evened(grey)
    for degrees in TURNS:
        yield turned(grey, degrees)[0]


def _fitting(grey: Image) -> Image:
    return _scaled(grey, LARGE / max(grey.shape)) if max(grey.shape) > LARGE else grey


def _scaled(grey: Image, by: float) -> Image:
    size = max(round(grey.shape[1] * by), 1), max(round(grey.shape[0] * by), 1)
    way = cv2.INTER_CUBIC if by > 1 else cv2.INTER_AREA
    return cv2.resize(grey, size, interpolation=way).astype(np.uint8, copy=False)


def _softened(grey: Image, pixels: float) -> Image:
    return cv2.GaussianBlur(grey, (0, 0), pixels).astype(np.uint8, copy=False)


def _sharpened(grey: Image, pixels: float) -> Image:
    soft = cv2.GaussianBlur(grey, (0, 0), 2 * pixels)
    return cv2.addWeighted(grey, 2.5, soft, -1.5, 0).astype(np.uint8, copy=False)


def _evened(grey: Image) -> Image:
    """Take out slow changes of light: a threshold for each place from a wide neighbourhood."""
    side = max(31, min(grey.shape) // 3) | 1
    way, kind = cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY
    return cv2.adaptiveThreshold(grey, 255, way, kind, side, 3).astype(np.uint8, copy=False)
