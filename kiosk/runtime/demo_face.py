"""The person before the demo's camera: drawn, nobody's face, and turning their head as the screen asks."""

import time
from collections.abc import Callable

import cv2

from kiosk.cameras.drawn_face import draw_face
from kiosk.cameras.drawn_person import CAST
from kiosk.cameras.source import Image

SEED = CAST[0]
SIZE = (640, 360)  # drawn at half a frame's size: a quarter of the time
STEP = 5.0  # degrees; each angle is drawn once
FURTHEST = 35.0  # degrees: the whole head turn, and not yet in profile (kiosk/faces/gates.py)
ANGLES = round(FURTHEST / STEP)  # to either side
# Seconds of one turn, ours: facing the camera, turning, holding it, turning back.
FACING_S, TURNING_S, HOLDING_S = 1.5, 1.5, 1.0
TURN_S = FACING_S + TURNING_S + HOLDING_S + TURNING_S


class DemoFace:
    """Paints the person into a frame. `asked` tells the side that a head turn is asked for: left, right or None."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.asked: Callable[[], str | None] = lambda: None
        self._clock = clock
        self._side: str | None = None
        self._since_s = 0.0
        self._drawn: dict[int, Image] = {}

    def __call__(self, frame: Image, since_s: float) -> None:
        """Paint the person as they look now; `since_s` seconds after they came."""
        side, now_s = self.asked(), self._clock()
        if side != self._side:
            self._side, self._since_s = side, now_s
        high, wide = frame.shape[:2]
        if not self._drawn:
            self.prepare()
        face = self._drawn[round(turn(side, now_s - self._since_s) / STEP)]
        frame[:] = cv2.resize(face, (wide, high), interpolation=cv2.INTER_LINEAR)

    def prepare(self) -> None:
        """Draw every angle, which takes some seconds: a turn that is drawn while it is seen would be too slow."""
        for step in range(-ANGLES, ANGLES + 1):
            self._drawn[step] = draw_face(SEED, step * STEP, SIZE)


def turn(side: str | None, since_s: float) -> float:
    """Return the head's angle in degrees, positive to the person's own left, so many seconds after it was asked for."""
    if side is None:
        return 0.0
    moment = since_s % TURN_S - FACING_S
    going, coming = moment / TURNING_S, (TURN_S - FACING_S - moment) / TURNING_S
    part = min(max(min(going, coming), 0.0), 1.0)
    return FURTHEST * part * (1.0 if side == "left" else -1.0)
