"""Keeping a rate without a busy loop: sleeps what is left of each turn, and owes nothing after a late one."""

import time


class Pace:
    """At most so many turns a second."""

    def __init__(self, per_second: float) -> None:
        self._turn_s = 1 / per_second
        self._next = time.monotonic() + self._turn_s

    def wait(self) -> None:
        """Sleep until the next turn may begin."""
        left_s = self._next - time.monotonic()
        if left_s > 0:
            time.sleep(left_s)
        self._next = max(self._next, time.monotonic()) + self._turn_s
