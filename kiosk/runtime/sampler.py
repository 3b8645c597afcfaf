"""Frames at an even rate while somebody is looked for: what is slow to compute leaves no gap in what was seen.

Between two frames somebody else could step in, so the face rules begin again after a gap. Computing an embedding
takes longer than such a gap on a small machine; the frames of that time wait here.
"""

import queue
import threading
from types import TracebackType
from typing import Self

from kiosk.cameras.capture import NewestFrame
from kiosk.cameras.files import Pace
from kiosk.cameras.source import Frame

ROOM = 10  # frames, ours: two seconds at five a second, 28 MB; a machine that lags further gets its gap
WAIT_S = 0.25  # ours: how soon an end is noticed


class Sampler:
    """Samples inside a `with` block."""

    def __init__(self, frames: NewestFrame, fps: float) -> None:
        self._frames = frames
        self._fps = fps
        self._waiting: queue.Queue[Frame] = queue.Queue(ROOM)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._thread.join()

    def next(self) -> Frame | None:
        """Return the next frame in order; None when none came in time."""
        try:
            return self._waiting.get(timeout=WAIT_S)
        except queue.Empty:
            return None

    def _run(self) -> None:
        pace, number = Pace(self._fps), 0
        while not self._stopping.is_set():
            pace.wait()
            frame = self._frames.newer(number, timeout_s=WAIT_S)
            if frame is None:
                continue
            number = frame.number
            if not self._waiting.full():
                self._waiting.put_nowait(frame)
