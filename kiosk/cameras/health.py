"""Whether a camera's picture is fit for reading: light and focus, measured on a frame."""

from enum import StrEnum

import numpy as np

from kiosk.cameras.source import Image, grey_of


class Health(StrEnum):
    """What can be said of a camera; the station is told the same words."""

    OK = "ok"
    MISSING = "missing"
    DARK = "dark"
    BLURRED = "blurred"


# Ours, measured on the demo's drawn scenes and on shared clips with tests/kiosk/test_cameras_health.py's steps of
# light and blur: below these no label was read any more.
DARKEST = 30.0  # of 255: the 95th percentile of brightness
SHARPEST_EDGE = 0.25  # how much of a strong edge's height one pixel takes; 0.5 and more in a sharp picture
WEAK_EDGE = 24  # of 255: below it there is no edge that could say anything about focus
TOP = 99.8  # percentile: strong edges are few
REACH = 4  # pixels to either side within which an edge's whole height lies


def look_at(image: Image) -> Health:
    """Judge a frame: uint8, (height, width, 3), BGR. A picture without edges is not called blurred."""
    grey = grey_of(image)
    if np.percentile(grey[::4, ::4], 95) < DARKEST:
        return Health.DARK
    edge = sharpness(grey)
    return Health.BLURRED if edge is not None and edge < SHARPEST_EDGE else Health.OK


def sharpness(grey: Image) -> float | None:
    """Return how much of the height of its strongest edges falls within one pixel, 0 to 1; None without edges."""
    row = grey[::4].astype(np.int16)
    step = np.abs(row[:, REACH + 1 : -REACH] - row[:, REACH : -REACH - 1])
    whole = np.abs(row[:, 2 * REACH + 1 :] - row[:, : -2 * REACH - 1])
    height = float(np.percentile(whole, TOP))
    if height < WEAK_EDGE:
        return None
    strong = whole >= height
    return float(np.mean(np.minimum(step[strong] / whole[strong], 1.0)))
