"""The desk that the page talks to: the board to look at, the loop to touch, the camera's picture to see oneself in."""

from collections.abc import Callable, Iterator

import cv2

from kiosk.cameras.capture import NewestFrame
from kiosk.cameras.files import Pace
from kiosk.cameras.source import Image
from kiosk.runtime.board import Board
from kiosk.runtime.desk import Snapshot
from kiosk.runtime.needs import Tell
from kiosk.session.events import Touch

PREVIEW_FPS = 10.0  # UI.md 7
PREVIEW_WIDTH = 640  # ours: the panel is half of 1280 wide
PREVIEW_QUALITY = 70  # of 100, ours: about 30 kB, 0.3 MB/s on the loopback
WAIT_S = 1.0  # ours: no matter, a camera that is gone is waited for again


class LiveDesk:
    """Implements Desk. `show` puts a scene before the drawn camera; with a real one it does nothing."""

    def __init__(self, board: Board, frames: NewestFrame, tell: Tell, *, show: Callable[[str], None]) -> None:
        self._board = board
        self._frames = frames
        self._tell = tell
        self._show = show

    def snapshot(self) -> Snapshot:
        """Return the screen as it is now."""
        return self._board.newest()

    def changes(self, after: int, *, timeout_s: float) -> Snapshot | None:
        """Wait for a snapshot newer than `after`; None when nothing changed in time."""
        return self._board.after(after, timeout_s=timeout_s)

    def touch(self, action: str, value: str) -> None:
        """Tell the session that a button was pressed."""
        self._tell(Touch(action, value))

    def preview(self) -> Iterator[bytes]:
        """Yield the camera's picture as JPEG, about ten a second, for as long as it is read."""
        number = 0
        pace = Pace(PREVIEW_FPS)
        while True:
            pace.wait()
            frame = self._frames.newer(number, timeout_s=WAIT_S)
            if frame is None:
                continue
            number = frame.number
            yield _jpeg(frame.image)

    def show_demo(self, scene: str) -> None:
        """Put something before the drawn camera."""
        self._show(scene)


def _jpeg(image: Image) -> bytes:
    height, width = image.shape[:2]
    size = (PREVIEW_WIDTH, round(height * PREVIEW_WIDTH / width))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return bytes(cv2.imencode(".jpg", small, (cv2.IMWRITE_JPEG_QUALITY, PREVIEW_QUALITY))[1])
