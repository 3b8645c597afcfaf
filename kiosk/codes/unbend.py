"""Reading a QR code on something crumpled or round: its place is found, its lines are not straight.

zxing-cpp lays a straight grid between the corners. Here the found square is bent back a little in many ways, the
smallest first, and read again; the code's own error correction says when it is right.
"""

import itertools
from collections.abc import Iterator

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from kiosk.cameras.source import Image
from kiosk.codes.reading import Corners

Samples = NDArray[np.float32]
Bend = tuple[float, ...]

# Measured on shared samples of codes on cloth, 2026-11-21: four of five that nothing else read; 2.7 ms for one bend.
SIDE = 300  # pixels of the straightened square with its margin: five and more for a module of version 6
MARGIN = 0.25  # of the code's half side: the quiet zone and what a bend needs
SWELL, SHIFT = 0.06, 0.04  # of the code's half side: a lens or a belly, and edges that give way
MOST_TRIES = 1_000  # a number, not a time: the same picture says the same on a slow machine
CANDIDATES = 2  # squares, the largest first: pieces of one code are found as codes too
QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCodeModel2)
_UNIT: Samples = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float32)


def read_unbent(grey: Image) -> str | None:
    """Return the text of a QR code that was found in a grey picture but not understood; None where none was found."""
    tries = itertools.product(_bends(), _squares(grey))
    for bend, corners in itertools.islice(tries, MOST_TRIES):
        for code in _read(_straightened(grey, corners, bend)):
            return code.text
    return None


def _squares(grey: Image) -> list[Corners]:
    """Return where QR codes with unreadable content are, the largest first."""
    broken = zxingcpp.read_barcodes(grey, formats=QR, return_errors=True)
    places = [code.position for code in broken]
    found = [(one.top_left, one.top_right, one.bottom_right, one.bottom_left) for one in places]
    squares = [tuple((float(point.x), float(point.y)) for point in points) for points in found]
    return sorted(squares, key=lambda one: -cv2.contourArea(np.array(one, np.float32)))[:CANDIDATES]


def _bends() -> Iterator[Bend]:
    """Yield ways to bend, those that bend least in number first."""
    steps = [(0.0, -SWELL, SWELL)] * 2 + [(0.0, -SHIFT, SHIFT)] * 4
    yield from sorted(itertools.product(*steps), key=lambda bend: sum(value != 0 for value in bend))


def _straightened(grey: Image, corners: Corners, bend: Bend) -> Image:
    """Return the square between the corners as a picture of its own, bent back."""
    wide, high, aside, down, lean_x, lean_y = bend
    x, y = _grid()
    bow_x, bow_y = 1 - x * x, 1 - y * y
    from_x = x * (1 + wide * bow_y) + aside * bow_y + lean_x * bow_x
    from_y = y * (1 + high * bow_x) + down * bow_x + lean_y * bow_y
    there = cv2.getPerspectiveTransform(_UNIT, np.array(corners, np.float32))
    depth = there[2, 0] * from_x + there[2, 1] * from_y + there[2, 2]
    left = (there[0, 0] * from_x + there[0, 1] * from_y + there[0, 2]) / depth
    top = (there[1, 0] * from_x + there[1, 1] * from_y + there[1, 2]) / depth
    picture = cv2.remap(
        grey,
        left.astype(np.float32),
        top.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return picture.astype(np.uint8, copy=False)


def _grid() -> tuple[Samples, Samples]:
    line = (((np.arange(SIDE) + 0.5) / SIDE * 2 - 1) * (1 + 2 * MARGIN)).astype(np.float32)
    return line[None, :], line[:, None]


def _read(grey: Image) -> list[zxingcpp.Barcode]:
    return zxingcpp.read_barcodes(grey, formats=QR, try_rotate=False, try_invert=False, try_downscale=False)
