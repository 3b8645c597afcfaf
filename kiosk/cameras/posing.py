"""How a drawn thing is held before the camera: where, how large, turned, leaning, in what light, how sharp."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.cameras.source import Image

Points = NDArray[np.float32]
_CORNERS: Points = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float32)


@dataclass(frozen=True, slots=True)
class Pose:
    """`x`, `y`: the middle in pixels of the frame; `turn`: degrees clockwise; `scale`: 1 as drawn.

    `lean_x`, `lean_y`: how much one side is nearer, 0 to .3 of the size; `light`: 1 as drawn; `blur`: standard
    deviation in pixels.
    """

    x: float
    y: float
    scale: float = 1.0
    turn: float = 0.0
    lean_x: float = 0.0
    lean_y: float = 0.0
    light: float = 1.0
    blur: float = 0.0


def place(frame: Image, thing: Image, pose: Pose) -> None:
    """Draw a thing into a frame, BGR, in place; what reaches over the frame is cut off.

    `thing`: uint8, BGRA, its colours multiplied with its cover already, so that blending is one addition.
    """
    height, width = thing.shape[:2]
    corners = _corners(width, height, pose)
    left, top = np.maximum(np.floor(corners.min(axis=0)).astype(int), 0)
    right, bottom = np.minimum(np.ceil(corners.max(axis=0)).astype(int), (frame.shape[1], frame.shape[0]))
    if right - left < 2 or bottom - top < 2:
        return
    flat: Points = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    there = cv2.getPerspectiveTransform(flat, (corners - (left, top)).astype(np.float32))
    seen = cv2.warpPerspective(thing, there, (int(right - left), int(bottom - top)), flags=cv2.INTER_AREA)
    if pose.blur > 0:
        seen = cv2.GaussianBlur(seen, (0, 0), pose.blur)
    cover = cv2.merge([seen[:, :, 3]] * 3)
    lit = cv2.convertScaleAbs(np.ascontiguousarray(seen[:, :, :3]), alpha=pose.light)
    part = frame[top:bottom, left:right]
    behind = cv2.multiply(part, cv2.bitwise_not(cover), scale=1 / 255)
    part[:] = cv2.add(behind, cv2.min(lit, cover))


def _corners(width: int, height: int, pose: Pose) -> Points:
    """Return where the thing's corners come to lie in the frame."""
    half = np.array([width, height], np.float32) * pose.scale / 2
    depth = 1 + _CORNERS[:, :1] * pose.lean_x + _CORNERS[:, 1:] * pose.lean_y
    flat = _CORNERS * half / depth
    turn = np.radians(pose.turn)
    spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]], np.float32)
    return (flat @ spin + (pose.x, pose.y)).astype(np.float32)


class Grain:
    """A sensor's noise, drawn once and moved for each frame: making it anew would cost ten times as much.

    `strength`: standard deviation.
    """

    ROOM = 64  # pixels by which the noise is larger than the frame, and can be moved

    def __init__(self, shape: tuple[int, int, int], strength: float, seed: int = 0) -> None:
        height, width, depth = self._shape = shape
        self._random = np.random.default_rng(seed)
        size = (height + self.ROOM, width + self.ROOM, depth)
        noise = self._random.standard_normal(size, np.float32)
        self._up, self._down = (
            cv2.convertScaleAbs(np.maximum(way, 0), alpha=strength) for way in (noise, -noise)
        )

    def add(self, frame: Image) -> Image:
        """Return the frame with noise on it."""
        top, left = (int(at) for at in self._random.integers(self.ROOM, size=2))
        here = np.s_[top : top + self._shape[0], left : left + self._shape[1]]
        return cv2.subtract(cv2.add(frame, self._up[here]), self._down[here]).astype(np.uint8, copy=False)
