"""The capture thread: it always has the newest frame, never waits for a reader, and comes back when a camera does.

Readers (decoders, the page's preview, the evidence photo) ask the slot for a frame newer than the one they had. A
frame that nobody took before the next one came is counted as dropped, nothing queues.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from kiosk.cameras.health import Health, look_at
from kiosk.cameras.source import Camera, CameraError, Frame, Image

logger = logging.getLogger(__name__)

# Seconds between attempts to open a camera. Ours: a plug pushed back in is noticed at once, a camera that is gone
# for the night costs one attempt in ten seconds.
BACK_OFF_S = (0.5, 1.0, 2.0, 5.0, 10.0)
SILENT_S = 5.0  # a camera that hangs in its driver gives neither frames nor errors: then it is missing too
LOOK_EVERY_S = 1.0  # how often light and focus are measured, which takes some milliseconds


class NewestFrame:
    """A slot for one frame: the newest wins."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._frame: Frame | None = None
        self._is_taken = True
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """Return how many frames nobody took."""
        return self._dropped

    def put(self, frame: Frame) -> None:
        """Replace the frame and wake everybody who waits."""
        with self._changed:
            self._dropped += not self._is_taken
            self._frame, self._is_taken = frame, False
            self._changed.notify_all()

    def newer(self, than: int, *, timeout_s: float) -> Frame | None:
        """Return the newest frame once its number is above `than`; None when none came in time.

        Frames stay for other readers. A number is never used twice, also when the camera was reopened.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._number() > than, timeout_s)
            if self._frame is None or self._frame.number <= than:
                return None
            self._is_taken = True
            return self._frame

    def clear(self) -> None:
        """Forget the frame: the visit is over, or its camera is gone."""
        with self._changed:
            self._frame, self._is_taken = None, True

    def _number(self) -> int:
        return self._frame.number if self._frame else 0


@dataclass(frozen=True, slots=True)
class CaptureState:
    """How the camera does. `health` is measured, `frames` and `dropped` count since the start."""

    camera: str
    health: Health
    frames: int
    dropped: int
    opened: int


class Capture:
    """Runs a camera in a thread of its own. `start` once, `stop` once; `slot` may be read from any thread."""

    def __init__(
        self,
        camera: Camera,
        *,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        """`wait` sleeps for so many seconds and returns whether the capture was stopped meanwhile."""
        self.slot = NewestFrame()
        self._camera = camera
        self._clock = clock
        self._stopped = threading.Event()
        self._wait = wait or self._stopped.wait
        self._health = Health.MISSING
        self._frames = 0
        self._opened = 0
        self._looked_at_s: float | None = None
        self._kept_at_s = clock()
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)

    def start(self) -> None:
        """Begin to read frames."""
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """End the thread and give the camera back. Idempotent."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def state(self) -> CaptureState:
        """Return how the camera does now."""
        is_silent = self._clock() - self._kept_at_s > SILENT_S
        health = Health.MISSING if is_silent else self._health
        return CaptureState(self._camera.name, health, self._frames, self.slot.dropped, self._opened)

    def _run(self) -> None:
        attempt = 0
        while not self._stopped.is_set():
            if self._open():
                before = self._frames
                self._read_while_it_works()
                attempt = 0 if self._frames > before else attempt
            if self._stopped.is_set() or self._wait(BACK_OFF_S[min(attempt, len(BACK_OFF_S) - 1)]):
                return
            attempt += 1

    def _open(self) -> bool:
        try:
            self._camera.open()
        except CameraError as error:
            self._lose(error)
            return False
        self._opened += 1
        return True

    def _read_while_it_works(self) -> None:
        try:
            while not self._stopped.is_set():
                self._keep(self._camera.read())
        except CameraError as error:
            self._lose(error)
        except Exception as error:  # the thread's top: whatever a driver raises, the camera is gone
            logger.exception("The camera %s failed", self._camera.name)
            self._lose(error)
        finally:
            self._camera.close()

    def _keep(self, image: Image) -> None:
        now_s = self._kept_at_s = self._clock()
        self._frames += 1
        self.slot.put(Frame(self._frames, now_s, image))
        if self._looked_at_s is None or now_s - self._looked_at_s >= LOOK_EVERY_S:
            self._looked_at_s = now_s
            self._health = look_at(image)

    def _lose(self, error: Exception) -> None:
        if self._health is not Health.MISSING or not self._opened:
            logger.warning("The camera %s gives no pictures: %s", self._camera.name, error)
        self._health = Health.MISSING
        self._looked_at_s = None
        self.slot.clear()
