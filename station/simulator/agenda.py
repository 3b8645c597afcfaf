"""A simulated clock with a list of what is still to happen."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from station.core import clock


@dataclass(order=True, frozen=True, slots=True)
class _Entry:
    at: datetime
    place: int  # what was planned first happens first
    act: Callable[[], None] = field(compare=False)


class Agenda:
    """What will happen, in order of time. `now` is what the services see as the time while it runs."""

    def __init__(self, start: datetime) -> None:
        self.now = start.astimezone(UTC)
        self._entries: list[_Entry] = []
        self._places = count()

    def plan(self, at: datetime, act: Callable[[], None]) -> None:
        """Let `act` happen at `at`; what lies in the past happens next."""
        heapq.heappush(self._entries, _Entry(at.astimezone(UTC), next(self._places), act))

    def spend(self, seconds: float) -> None:
        """Let time pass inside an act: work takes its time."""
        self.now += timedelta(seconds=seconds)

    def run(self, until: datetime) -> None:
        """Let everything happen that is due up to `until`. What took longer than planned delays what follows."""
        with clock.use(lambda: self.now):
            while self._entries and self._entries[0].at <= until:
                entry = heapq.heappop(self._entries)
                self.now = max(self.now, entry.at)
                entry.act()
        self.now = max(self.now, until.astimezone(UTC))
