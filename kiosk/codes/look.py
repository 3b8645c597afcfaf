"""A cheap look for bars: where in a picture a linear code may be, and which way its bars run.

It reads nothing. It spares the reader turning every frame six ways: a code of tilted bars is not found by the
reader's own pass (RECIPES.md "Codes": 10 of 36 angles), but its place and angle show in the gradients at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.cameras.source import Image

Samples = NDArray[np.float32]

# Ours, measured by tests/benchmarks/test_kiosk_codes.py and tests/kiosk/test_codes_reading.py on drawn labels.
STEP = 4  # every fourth pixel of every fourth row is looked at: enough, and 16 times cheaper
BLOCK = 8  # samples: 32 pixels, a third of the shortest side of a label's code
REACH = 1  # pixels to either side between which brightness is compared: a bar is 2 wide where it can be read
LEAST_ENERGY = 400.0  # mean squared difference: bars differ by 60 and more of 255, sensor noise by 5
LEAST_COHERENCE = 0.6  # 1: all gradients along one line; QR codes and text stay below .5
MOST_POLARITY = 0.2  # 1: all from dark to bright, as at the edge of a box; bars go both ways
SHORTEST = 3  # blocks along the code: 96 pixels, while the shortest readable label code has 120
MOST_PLACES = 6  # the largest first; DESIGN.md 6: several parcels are taken at once, a hand holds few
DIRECTIONS = range(-90, 90, 30)  # degrees; places are looked for in one direction at a time
NEAR = 20  # degrees to either side: directions overlap, so that none falls between two


@dataclass(frozen=True, slots=True)
class Bars:
    """Where bars may be: a box in pixels, and by how much the picture must turn until they stand upright.

    `turn`: degrees counter-clockwise as cv2.getRotationMatrix2D turns, from -90 to 90.
    """

    left: int
    top: int
    width: int
    height: int
    turn: float

    @property
    def middle(self) -> tuple[float, float]:
        """Return the middle of the box, in pixels."""
        return self.left + self.width / 2, self.top + self.height / 2

    def holds(self, x: float, y: float) -> bool:
        """Tell whether a point is inside the box."""
        return self.left <= x < self.left + self.width and self.top <= y < self.top + self.height


def find_bars(grey: Image) -> tuple[Bars, ...]:
    """Return the places of a grey picture where bars may be, the largest first, at most MOST_PLACES."""
    rows, columns = ((size - 2 * REACH) // (STEP * BLOCK) for size in grey.shape)
    if rows < 1 or columns < 1:
        return ()
    high, wide = rows * BLOCK * STEP, columns * BLOCK * STEP

    def shifted(down: int, right: int) -> Samples:
        return grey[down : high + down : STEP, right : wide + right : STEP].astype(np.float32)

    across = shifted(REACH, 2 * REACH) - shifted(REACH, 0)
    down = shifted(2 * REACH, REACH) - shifted(0, REACH)
    blocks = (columns, rows)
    xx, yy, xy = (_mean(across * across, blocks), _mean(down * down, blocks), _mean(across * down, blocks))
    energy = xx + yy
    floor = np.maximum(energy, 1.0)
    coherence = np.hypot(xx - yy, 2 * xy) / floor
    polarity = (_mean(across, blocks) ** 2 + _mean(down, blocks) ** 2) / floor
    turns = np.degrees(np.arctan2(2 * xy, xx - yy)) / 2
    likely = (energy > LEAST_ENERGY) & (coherence > LEAST_COHERENCE) & (polarity < MOST_POLARITY)
    found = [
        place for middle in DIRECTIONS for place in _places(likely & _is_near(turns, middle), energy, turns)
    ]
    return _largest(found)


def _mean(samples: Samples, blocks: tuple[int, int]) -> Samples:
    """Return the mean of each block."""
    return cv2.resize(samples, blocks, interpolation=cv2.INTER_AREA).astype(np.float32, copy=False)


def _is_near(turns: Samples, middle: int) -> NDArray[np.bool_]:
    """Tell for each block whether its bars run within NEAR of a direction; -90 and 90 are one."""
    near: NDArray[np.bool_] = np.abs((turns - middle + 90) % 180 - 90) <= NEAR
    return near


def _places(bars: NDArray[np.bool_], energy: Samples, turns: Samples) -> Iterator[tuple[int, Bars]]:
    """Join neighbouring blocks into places, each with how many blocks it has."""
    if not bars.any():
        return
    count, labels, stats, _ = cv2.connectedComponentsWithStats(bars.astype(np.uint8))
    for one in range(1, count):
        left, top, width, height, area = (int(value) for value in stats[one])
        if max(width, height) < SHORTEST:
            continue
        inside = labels == one
        doubled = np.radians(2 * turns[inside])
        weight = energy[inside]
        turn = float(np.arctan2((np.sin(doubled) * weight).sum(), (np.cos(doubled) * weight).sum()) / 2)
        down, right = np.nonzero(inside)
        along = right * np.cos(turn) + down * np.sin(turn)
        if np.ptp(along) + 1 >= SHORTEST:
            side = STEP * BLOCK
            yield area, Bars(left * side, top * side, width * side, height * side, float(np.degrees(turn)))


def _largest(found: list[tuple[int, Bars]]) -> tuple[Bars, ...]:
    """Return the largest places, each once though two directions may have found it."""
    kept: list[Bars] = []
    for _, place in sorted(found, key=lambda one: -one[0]):
        if not any(other.holds(*place.middle) for other in kept):
            kept.append(place)
    return tuple(kept[:MOST_PLACES])
