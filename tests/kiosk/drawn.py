"""Frames drawn for tests of the cameras and codes: labels at angles, and pictures in which nothing can be read."""

import cv2
import numpy as np

from kiosk.cameras.code128 import draw_code128
from kiosk.cameras.posing import Grain, Pose, place

WAYBILL = "SF1234567890123"
IDENTITY = "ID:" + "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ$%*+-./:" * 3 + "123456"
SHAPE = (720, 1280, 3)
GREY = 120


def label(text=WAYBILL, *, module=2, height=80):
    """Return a Code 128 on white, as posing.place takes it."""
    bars = np.kron(draw_code128(text, 1), np.ones((height, module), np.uint8))
    framed = cv2.copyMakeBorder(bars, 24, 24, 8, 8, cv2.BORDER_CONSTANT, value=255)
    return cv2.merge([framed] * 3 + [np.full_like(framed, 255)])


def frame(*things, noise=4.0):
    """Return a frame with things, each with its pose, before shelves."""
    picture = np.full(SHAPE, GREY, np.uint8)
    picture[150:162] = 90
    picture[:, 1100:1108] = 180
    for thing, pose in things:
        place(picture, thing, pose)
    return Grain(SHAPE, noise, seed=1).add(picture) if noise else picture


def tilted(turn, text=WAYBILL, **look):
    """Return a frame with one label, turned."""
    return frame((label(text, **look), Pose(640, 380, turn=turn, blur=0.7)))


def without_code(kind, random):
    """Return a grey picture of a kind that holds no code."""
    height, width = (int(random.integers(60, 420)) for _ in range(2))
    return KINDS[kind](height, width, random)


def _noise(height, width, random):
    soft = cv2.GaussianBlur(random.normal(128, 60, (height, width)), (0, 0), random.uniform(0.3, 3))
    return cv2.normalize(soft, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)


def _text(height, width, random):
    page = np.full((height, width), 255, np.uint8)
    for row in range(12, height, 16):
        words = "".join(chr(char) for char in random.integers(48, 91, width // 9))
        cv2.putText(page, words, (2, row), cv2.FONT_HERSHEY_PLAIN, 0.9, 0, 1)
    return page


def _stripes(height, width, random):
    runs = random.integers(1, 7, width)
    row = np.repeat(np.arange(width) % 2, runs)[:width] * 255
    return np.tile(row.astype(np.uint8), (height, 1))


def _waves(height, width, random):
    down, right = np.mgrid[:height, :width]
    angle, period = random.uniform(0, np.pi), random.uniform(3, 20)
    wave = np.sin((right * np.cos(angle) + down * np.sin(angle)) * 2 * np.pi / period)
    return np.where(wave > random.uniform(-0.5, 0.5), 255, 0).astype(np.uint8)


def _squares(height, width, random):
    cells = random.integers(0, 2, (height // 8 + 1, width // 8 + 1))
    return np.kron(cells, np.ones((8, 8)))[:height, :width].astype(np.uint8) * 255


def _shelves(height, width, random):
    picture = np.full((height, width), 60, np.uint8)
    for _ in range(30):
        left, top = int(random.integers(width)), int(random.integers(height))
        size = random.integers(4, 60, 2)
        cv2.rectangle(
            picture, (left, top), (left + int(size[0]), top + int(size[1])), int(random.integers(256)), -1
        )
    picture[:: max(height // 4, 2)] = 200
    return picture


KINDS = {
    "noise": _noise,
    "text": _text,
    "stripes": _stripes,
    "waves": _waves,
    "squares": _squares,
    "shelves": _shelves,
}
