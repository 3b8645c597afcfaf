"""Reading one still picture as hard as possible, for `python -m kiosk decode`: time matters little, a wrong text much.

A camera shows the same code many times, a still picture once; so it is looked at in several views, and a format that
could come out of mere stripes is believed only when two views agree.
"""

from collections import Counter
from collections.abc import Iterator

import cv2
import numpy as np
import zxingcpp

from kiosk.cameras.source import Image
from kiosk.codes.reading import Reading, read_codes, read_plain, turned
from kiosk.codes.unbend import read_unbent

_F = zxingcpp.BarcodeFormat
_B = zxingcpp.Binarizer

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
CHECKED = frozenset(
    {"Code128"}
)  # a check digit of 103 and 106 patterns: certain enough in the picture as it is

TURNS = (30, 60, 15, 45, 75)  # degrees; source: RECIPES.md "Codes", 36 of 36 angles
SMALL = 1_000  # pixels: a longer side gains nothing by being enlarged, and would cost seconds
LARGE = 1_600  # pixels: hard views of more are made smaller first
STRONG_ENOUGH = 2  # views that agree


def read_still(grey: Image) -> tuple[Reading, ...]:
    """Read all codes of a grey picture, each once, in order of finding; nothing from a picture without one."""
    found = _plain(grey)
    return found or _hard(_fitting(grey)) or read_unbent(_fitting(grey))


def _plain(grey: Image) -> tuple[Reading, ...]:
    """Read the picture as it is, and its tilted bars."""
    first = list(read_plain(grey, FORMATS))
    doubted = [one for one in first if one.format not in CERTAIN | CHECKED]
    agreed = _texts_of_other_views(grey) if doubted else frozenset()
    sure = [one for one in first if one not in doubted or (one.format, one.text) in agreed]
    known = {(one.format, one.text) for one in sure}
    tilted = [
        one for one in read_codes(grey, budget_s=float("inf")).readings if one.format in CERTAIN | CHECKED
    ]
    return tuple(dict.fromkeys([*sure, *(one for one in tilted if (one.format, one.text) not in known)]))


def _texts_of_other_views(grey: Image) -> frozenset[tuple[str, str]]:
    """Return what is read from the picture enlarged, sharp or soft: stripes by chance read otherwise there."""
    views = _scaled(grey, 2.0), _softened(_scaled(grey, 1.5), 1.0)
    return frozenset((one.format, one.text) for view in views for one in read_plain(view, FORMATS))


def _hard(grey: Image) -> tuple[Reading, ...]:
    """Try view after view; the first that shows a certain code, or the second with the same text, settles it."""
    agreed: Counter[tuple[str, str]] = Counter()
    for view in _views(grey):
        for binarizer in (_B.LocalAverage, _B.GlobalHistogram):
            readings = list(read_plain(view, HARD_FORMATS, binarizer))
            agreed.update({(one.format, one.text) for one in readings})
            sure = [one for one in readings if _is_sure(one, agreed)]
            if sure:
                return tuple(sure)
    return ()


def _is_sure(one: Reading, agreed: Counter[tuple[str, str]]) -> bool:
    return one.format in CERTAIN or agreed[one.format, one.text] >= STRONG_ENOUGH


def _views(grey: Image) -> Iterator[Image]:
    """Yield pictures of the picture, the most helpful first: measured on shared samples made worse in known ways."""
    yield grey
    sizes = (2.0, 3.0, 0.5) if max(grey.shape) <= SMALL else (0.5,)
    for size in sizes:
        scaled = _scaled(grey, size)
        yield scaled
        yield _sharpened(scaled, max(size, 1.0))
        yield _softened(scaled, max(size, 1.0))
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
