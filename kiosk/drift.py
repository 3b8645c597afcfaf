"""How far this kiosk's clock is from the station's, and what time it is by the station's.

Measured at every report, half of the round trip taken off; between two measurements a clock that was set is noticed
by what a monotonic clock says. A Pi without a battery for its clock begins in the past: what was seen before the
power went tells by how much at least.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from kiosk.spool.memory import Memory

MEASURED, SEEN = "drift_s", "seen_at"
# Ours: an answer that took longer says too little, since half of it is the most the measurement can be wrong by.
LONGEST_TRIP = timedelta(seconds=5)
NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class _Measured:
    drift: timedelta
    at: datetime
    monotonic_s: float


class Clock:
    """Tells the time by the station. `here` is this machine's clock. Safe from any thread."""

    def __init__(
        self,
        memory: Memory,
        here: Callable[[], datetime],
        *,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.here = here
        self._memory = memory
        self._monotonic_s = monotonic_s
        self._turn = threading.Lock()
        self._measured = self._remembered()

    def now(self) -> datetime:
        """Return the station's time."""
        return self.here() - self.drift()

    def drift(self) -> timedelta:
        """Return by how much this clock is ahead of the station's; below zero it is behind."""
        with self._turn:
            was = self._measured
        elapsed = timedelta(seconds=self._monotonic_s() - was.monotonic_s)
        return was.drift + (self.here() - was.at) - elapsed

    def measure(self, *, sent_at: datetime, answered_at: datetime, station_now: datetime) -> None:
        """Take over what an answer tells, unless it took too long to tell anything."""
        if answered_at - sent_at > LONGEST_TRIP or answered_at < sent_at:
            return
        drift = sent_at + (answered_at - sent_at) / 2 - station_now
        with self._turn:
            self._measured = _Measured(drift, answered_at, self._monotonic_s())
        self._memory.put(MEASURED, drift.total_seconds())

    def note(self) -> None:
        """Remember the moment, so that a clock that begins earlier next time is known to be wrong."""
        self._memory.put(SEEN, self.here().isoformat())

    def _remembered(self) -> _Measured:
        now, seen = self.here(), self._memory.get(SEEN)
        drift = timedelta(seconds=self._memory.get(MEASURED) or 0)
        behind = min(now - datetime.fromisoformat(seen), NONE) if seen else NONE
        return _Measured(drift + behind, now, self._monotonic_s())
