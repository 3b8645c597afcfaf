"""The one picture of a hand-over: parcel and hands, and a face only of who agreed to that and is alone in it.

Every other face that is found is blurred with room around it. Where none is found the whole upper half is: finders
miss heads that look down or aside, and the camera stands at the height of a parcel in the hands. Codes in the picture
stay: they were used up.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import cv2
import numpy as np

from kiosk.cameras.capture import NewestFrame
from kiosk.cameras.source import Image

WIDTH = 960  # ours: a label of 100 mm can still be read at arm's length
THUMBNAIL_WIDTH = 480  # ours: shows light, place and dirt; about 30 kB, within the API's 100 kB
QUALITY = 80  # of 100, ours: about 100 kB at this width, within the API's 400 kB
BLOCKS = 8  # ours: a face drawn in 8 x 8 squares; recognisers need 20 pixels and more between the eyes
ROOM = 0.4  # ours, of a face's box on every side: hair and chin

Box = tuple[int, int, int, int]  # left, top, width, height in pixels
FindFaces = Callable[[Image], Sequence[Box]]


@dataclass(frozen=True, slots=True)
class Seen:
    """A frame taken for a photo, and when."""

    image: Image
    at: datetime


class Evidence:
    """Takes photos from the newest frame."""

    def __init__(self, frames: NewestFrame, *, find: FindFaces, clock: Callable[[], datetime]) -> None:
        self._frames = frames
        self._find = find
        self._clock = clock

    def seize(self) -> Seen | None:
        """Take the newest frame as it is now; None when the camera shows nothing. Returns at once."""
        frame = self._frames.newer(0, timeout_s=0)
        return Seen(frame.image, self._clock()) if frame else None

    def develop(self, seen: Seen) -> bytes:
        """Return the picture as JPEG, smaller and with its faces blurred."""
        return self._drawn(seen, WIDTH)

    def develop_with_face(self, seen: Seen) -> bytes:
        """Return the picture of somebody who agreed to be seen in it; with a second face in it all are blurred."""
        picture = _smaller(seen.image, WIDTH)
        return _jpeg(picture) if len(self._find(picture)) == 1 else self.develop(seen)

    def thumbnail(self, seen: Seen) -> bytes:
        """Return the picture as a much smaller JPEG, blurred the same."""
        return self._drawn(seen, THUMBNAIL_WIDTH)

    def _drawn(self, seen: Seen, width: int) -> bytes:
        picture = _smaller(seen.image, width)
        for box in self._faces(picture):
            _blur(picture, box)
        return _jpeg(picture)

    def _faces(self, picture: Image) -> Sequence[Box]:
        height, width = picture.shape[:2]
        found = [_roomy(box, width, height) for box in self._find(picture)]
        return found or [(0, 0, width, height // 2)]


def _jpeg(picture: Image) -> bytes:
    done, jpeg = cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, QUALITY))
    if not done:
        raise ValueError("the picture could not be written as JPEG")
    return jpeg.tobytes()


def _smaller(image: Image, width: int) -> Image:
    high, wide = image.shape[:2]
    if wide <= width:
        return image.copy()
    small = cv2.resize(image, (width, round(high * width / wide)), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _roomy(box: Box, width: int, height: int) -> Box:
    left, top, wide, high = box
    right, bottom = left + wide + round(ROOM * wide), top + high + round(ROOM * high)
    left, top = max(left - round(ROOM * wide), 0), max(top - round(ROOM * high), 0)
    return left, top, min(right, width) - left, min(bottom, height) - top


def _blur(picture: Image, box: Box) -> None:
    """Draw a part of the picture in a few squares; what was between them is gone, unlike with a soft blur."""
    left, top, width, height = box
    part = picture[top : top + height, left : left + width]
    if part.size == 0:
        return
    blocks = cv2.resize(part, (BLOCKS, BLOCKS), interpolation=cv2.INTER_AREA)
    part[:] = cv2.resize(blocks, (part.shape[1], part.shape[0]), interpolation=cv2.INTER_NEAREST)
