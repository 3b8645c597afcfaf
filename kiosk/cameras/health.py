"""Whether a camera's picture is fit for reading: light and focus, measured on a frame."""

from enum import StrEnum

import cv2
import numpy as np

from kiosk.cameras.source import Image, grey_of


class Health(StrEnum):
    """What can be said of a camera; the station is told the same words."""

    OK = "ok"
    MISSING = "missing"
    DARK = "dark"
    BLURRED = "blurred"


# Measured on the demo's parcels and shelves and on shared photographs and film, 2026-11-21, made dark and soft step by
# step: labels were read down to a 95th percentile of 30, when the empty shelves behind them stood at 13, and up to a
# blur of 2 pixels (standard deviation).
DARKEST = 12.0  # of 255: the 95th percentile of brightness
SOFTEST = 0.185  # part of an edge's height that falls within one pixel; sharp pictures had .24 and more
WEAK_EDGE = 40  # of 255: below it there is no edge that could say anything about focus
STRONG = 99.0  # percentile: focus is judged by the strongest edges
WINDOW = np.ones((1, 11), np.uint8)  # pixels across within which an edge's whole height lies
CALM = 1.0  # pixels of blur that take the sensor's noise out first; a sharp edge keeps 0.4 of its height


def look_at(image: Image) -> Health:
    """Judge a frame: uint8, (height, width, 3), BGR. A picture without edges is not called blurred."""
    grey = grey_of(image)
    if np.percentile(grey[::4, ::4], 95) < DARKEST:
        return Health.DARK
    edge = sharpness(grey)
    return Health.BLURRED if edge is not None and edge < SOFTEST else Health.OK


def sharpness(grey: Image) -> float | None:
    """Return how much of the height of its strongest edges falls within one pixel, 0 to 0.4; None without edges."""
    calm = cv2.GaussianBlur(grey, (0, 0), CALM)[::4]
    height = cv2.subtract(cv2.dilate(calm, WINDOW), cv2.erode(calm, WINDOW))
    limit = max(float(np.percentile(height, STRONG)), WEAK_EDGE)
    strong = height >= limit
    if not strong.any():
        return None
    step = cv2.absdiff(calm[:, 1:], calm[:, :-1])
    steepest = cv2.dilate(cv2.copyMakeBorder(step, 0, 0, 0, 1, cv2.BORDER_REPLICATE), WINDOW)
    return float(np.median(steepest[strong] / height[strong]))
