"""What a camera is to the rest of the kiosk: something that is opened, read frame by frame, and closed."""

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]

# Source: DESIGN.md 6 asks for 1280x720 frames; the capture thread, not the camera, decides what is kept of them.
WIDTH = 1280
HEIGHT = 720
FPS = 15  # what the loop must keep with codes (issue "The kiosk", speed)


class CameraError(Exception):
    """The camera cannot be opened, or gave no frame: it is missing, taken by another program, or was unplugged."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture. `number` counts from 1 for each capture, `at_s` is the monotonic clock, not the time of day.

    `image`: uint8, (height, width, 3), BGR. It is shared by all who read it; nobody writes into it.
    """

    number: int
    at_s: float
    image: Image


class Camera(Protocol):
    """A source of pictures, used by one thread. It waits in `read` for as long as its next picture takes."""

    name: str

    def open(self) -> None:
        """Get ready to read. Raises CameraError."""

    def read(self) -> Image:
        """Return the next picture: uint8, (height, width, 3), BGR. Raises CameraError when there is none."""

    def close(self) -> None:
        """Give the device back; harmless when it is not open."""


def grey_of(picture: Image) -> Image:
    """Return a picture in grey, (height, width); a grey one as it is."""
    if picture.ndim == 2:
        return picture
    return cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False)
