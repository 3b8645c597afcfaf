"""Whether a head really turned to the side that was asked. A deterrent against held-up pictures, not a proof of life.

When a head turns, two things happen that a flat picture held at an angle does only in part: the nose moves sideways
against the eyes, and the far eye gets narrower than the near one (ratios of lengths on one line do not change when a
plane is seen from afar). The amount of a turn is the smaller of both, so that both must be seen. A video of
somebody turning to the right side passes. docs/kiosk-faces.md says how far both were told apart.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median

import numpy as np
from numpy.typing import NDArray

from kiosk.faces import settings


class Side(StrEnum):
    """Where the head is to be turned, as the person sees it."""

    LEFT = "left"
    RIGHT = "right"


PickSide = Callable[[tuple[Side, ...]], Side]
TOWARDS = {Side.LEFT: 1.0, Side.RIGHT: -1.0}  # a person's left is on the right of an unmirrored picture


@dataclass(frozen=True, slots=True)
class Pose:
    """How a head is turned, from its five landmarks.

    `nose`: how far the nose lies to the right of the eyes' middle along their line, in eye distances. `eyes`: the
    logarithm of how much wider the eye on the picture's right is than the other.
    """

    nose: float
    eyes: float


def pose_of(landmarks: NDArray[np.float64]) -> Pose:
    """Measure a pose. `landmarks`: (5, 2) as in embedder.Face."""
    right, left = landmarks[:2].mean(axis=0), landmarks[2:4].mean(axis=0)
    along = right - left
    distance = max(float(np.hypot(*along)), 1.0)
    line = along / distance
    nose = float((landmarks[4] - (right + left) / 2) @ line) / distance
    widths = [max(abs(float((landmarks[i] - landmarks[i + 1]) @ line)), 1.0) for i in (0, 2)]
    return Pose(nose, float(np.log(widths[0] / widths[1])))


@dataclass(slots=True)
class Turn:
    """Watches one head turn. `amount` is how far the head is turned now, towards `side`; 0 when it is not."""

    side: Side
    amount: float = 0.0
    furthest: float = 0.0
    _base: list[Pose] = field(default_factory=list)
    _turned: int = 0
    _turned_wrongly: int = 0

    @property
    def is_done(self) -> bool:
        """Whether the whole turn was seen."""
        return self._turned >= settings.TURNED_FRAMES

    @property
    def is_wrong(self) -> bool:
        """Whether the head was turned to the other side."""
        return self._turned_wrongly >= settings.TURNED_FRAMES

    @property
    def has_begun(self) -> bool:
        """Whether the head is turned now, though perhaps not far enough."""
        return self.amount >= settings.TURN_BEGUN

    @property
    def is_ready(self) -> bool:
        """Whether the face was seen from the front often enough to measure a turn against."""
        return len(self._base) >= settings.BASE_FRAMES

    def see(self, pose: Pose) -> None:
        """Take in the pose of the next frame that passed the gates."""
        if not self.is_ready:
            if abs(pose.nose) <= settings.NOSE_FRONTAL:
                self._base.append(pose)
            return
        nose = pose.nose - median(each.nose for each in self._base)
        eyes = (median(each.eyes for each in self._base) - pose.eyes) / settings.EYES_PER_NOSE
        towards = TOWARDS[self.side]
        self.amount = both(nose * towards, eyes * towards)
        self.furthest = max(self.furthest, self.amount)
        self._turned += self.amount >= settings.TURN_WANTED
        self._turned_wrongly += both(-nose * towards, -eyes * towards) >= settings.TURN_WANTED


def both(nose: float, eyes: float) -> float:
    """Return how much of a turn nose and eyes both show."""
    return max(0.0, min(nose, eyes))


def is_good_enough(reached: settings.Separation, target: settings.Separation) -> bool:
    """Tell whether a face may release without anything typed: the measured separation holds its target."""
    return reached.flat_passed <= target.flat_passed and reached.live_missed <= target.live_missed
