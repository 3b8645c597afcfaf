"""The worker for codes: newest frame, readings, agreement, and a word to whoever listens."""

import logging
import statistics
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from kiosk.cameras.capture import NewestFrame
from kiosk.cameras.source import Frame
from kiosk.codes.agreement import Memory, Rule, hear
from kiosk.codes.kinds import Kind, Meaning, meaning
from kiosk.codes.reading import Corners, FrameReadings, read_codes

logger = logging.getLogger(__name__)

WAIT_S = 0.25  # how long one look for a frame waits, and so how long stopping takes at most
KEPT_TIMES = 150  # frames whose times are kept for the numbers: ten seconds


@dataclass(frozen=True, slots=True)
class Sighting:
    """A code that enough frames agree on, told once for each time it appears.

    `value`: see kinds.Meaning. `at_s`: when the frame that settled it was taken, monotonic; `frame`: its number.
    """

    kind: Kind
    value: str
    at_s: float
    frame: int


@dataclass(frozen=True, slots=True)
class Gone:
    """A code that was believed has left the view, told once for each Sighting. Fields as there."""

    kind: Kind
    value: str
    at_s: float
    frame: int


Told = Sighting | Gone


@dataclass(frozen=True, slots=True)
class Counters:
    """What the worker did since it started. `read_ms`: median of the last frames; `fps`: over the same frames."""

    frames: int = 0
    with_codes: int = 0
    turns: int = 0
    cut: int = 0
    sightings: int = 0
    read_ms: float = 0.0
    fps: float = 0.0


def nothing_waits(_waybill: str) -> bool:
    """Know no waybill: only those of a carrier's present form are believed."""
    return False


class CodeDecoder:
    """Reads the newest frames in a thread of its own and tells what they agree on, from that thread.

    `tell` must return quickly; it gets each sighting, and each end of one, once. `is_waiting`: whether a waybill is on
    the kiosk's list.
    Nothing outlives its appearance: what is not seen any more is forgotten after Rule.gone_s.
    """

    def __init__(
        self,
        slot: NewestFrame,
        tell: Callable[[Told], None],
        *,
        is_waiting: Callable[[str], bool] = nothing_waits,
        rule: Rule | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._slot = slot
        self._tell = tell
        self._is_waiting = is_waiting
        self._rule = rule or Rule()
        self._clock = clock
        self._memory = Memory()
        self._outlines: tuple[Corners, ...] = ()
        self._counters = Counters()
        self._times: deque[tuple[float, float]] = deque(maxlen=KEPT_TIMES)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="codes", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """End the thread. Idempotent."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def outlines(self) -> tuple[Corners, ...]:
        """Return where the newest frame's codes are that mean something here, for the page's preview."""
        return self._outlines

    def counters(self) -> Counters:
        """Return what was done so far."""
        times = tuple(self._times)
        if len(times) < 2:
            return self._counters
        span_s = times[-1][0] - times[0][0]
        return replace(
            self._counters,
            read_ms=statistics.median(spent for _, spent in times) * 1000,
            fps=(len(times) - 1) / span_s if span_s > 0 else 0.0,
        )

    def take(self, frame: Frame) -> tuple[Told, ...]:
        """Read one frame and return what is believed from now on, in the order of reading, then what is gone."""
        start_s = self._clock()
        said = read_codes(frame.image, clock=self._clock)
        found = [(meaning(one.format, one.text, self._is_waiting), one.corners) for one in said.readings]
        meanings = [(one, corners) for one, corners in found if one]
        self._memory, heard = hear(self._memory, [one for one, _ in meanings], frame.at_s, self._rule)
        self._outlines = tuple(corners for _, corners in meanings)
        self._count(said, len(heard.believed))
        now_s = self._clock()
        self._times.append((now_s, now_s - start_s))
        return _told(Sighting, heard.believed, frame) + _told(Gone, heard.gone, frame)

    def _count(self, said: FrameReadings, believed: int) -> None:
        before = self._counters
        self._counters = Counters(
            frames=before.frames + 1,
            with_codes=before.with_codes + bool(said.readings),
            turns=before.turns + said.turns,
            cut=before.cut + said.is_cut,
            sightings=before.sightings + believed,
        )

    def _run(self) -> None:
        last = 0
        while not self._stopped.is_set():
            frame = self._slot.newer(last, timeout_s=WAIT_S)
            if frame is None:
                continue
            last = frame.number
            try:
                self._read_and_tell(frame)
            except Exception:  # a worker's top: one bad frame must not end the reading of all others
                logger.exception("Frame %d could not be read", frame.number)

    def _read_and_tell(self, frame: Frame) -> None:
        for told in self.take(frame):
            self._tell(told)


def _told(kind: type[Told], meanings: tuple[Meaning, ...], frame: Frame) -> tuple[Told, ...]:
    return tuple(kind(one.kind, one.value, frame.at_s, frame.number) for one in meanings)
