"""Frames at an even rate while somebody is looked for: what is slow to compute leaves no gap in what was seen.

Between two frames somebody else could step in, so the face rules begin again after a gap. Computing an embedding
takes longer than such a gap on a small machine; the frames of that time wait here. Where it lags further they are
thinned out, so that the gaps grow evenly.
"""

import threading
from collections import deque
from types import TracebackType
from typing import Self

from kiosk.cameras.capture import NewestFrame
from kiosk.cameras.files import Pace
from kiosk.cameras.source import Frame

ROOM = 10  # frames, ours: two seconds at five a second, 28 MB
WAIT_S = 0.25  # ours: how soon an end is noticed


class Sampler:
    """Samples inside a `with` block."""

    def __init__(self, frames: NewestFrame, fps: float) -> None:
        self._frames = frames
        self._fps = fps
        self._waiting: deque[Frame] = deque()
        self._changed = threading.Condition()
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
        with self._changed:
            self._changed.wait_for(lambda: self._waiting, WAIT_S)
            return self._waiting.popleft() if self._waiting else None

    def keep(self, frame: Frame) -> None:
        """Let a frame wait behind the others; where there is no room, the one that leaves the smallest gap goes."""
        with self._changed:
            self._waiting.append(frame)
            if len(self._waiting) > ROOM:
                del self._waiting[min(range(1, ROOM), key=self._gap_without)]
            self._changed.notify()

    def _gap_without(self, place: int) -> float:
        return self._waiting[place + 1].at_s - self._waiting[place - 1].at_s

    def _run(self) -> None:
        pace, number = Pace(self._fps), 0
        while not self._stopping.is_set():
            pace.wait()
            frame = self._frames.newer(number, timeout_s=WAIT_S)
            if frame:
                number = frame.number
                self.keep(frame)
