"""A clock that a test winds, for everything that happens by time."""

from datetime import UTC, datetime

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


class Clock:
    """Stands at a moment, NOON unless told, until it is wound."""

    def __init__(self, time=NOON):
        self.time = time

    def __call__(self):
        return self.time

    def wind(self, span):
        self.time += span
