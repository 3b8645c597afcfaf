"""Quiet hours: until when a message waits so that nobody is woken by it. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Hours:
    """Times of the day, local, between which nobody is written to; over midnight when `ends` comes first.

    The same time twice means that no hour is quiet.
    """

    begins: time
    ends: time

    def hold(self, at: time) -> bool:
        """Tell whether a time of the day is quiet: from `begins`, and no longer at `ends`."""
        if self.begins <= self.ends:
            return self.begins <= at < self.ends
        return at >= self.begins or at < self.ends


def hours(begins: str | None, ends: str | None) -> Hours | None:
    """Read quiet hours as settings keep them, such as 21:00 and 08:00; None when there are none."""
    if not begins or not ends or begins == ends:
        return None
    return Hours(time.fromisoformat(begins), time.fromisoformat(ends))


def until(now: datetime, zone: str, quiet: Hours | None) -> datetime | None:
    """Return when a message due `now` may go out (UTC), None when at once.

    Counted by the clock on the wall of `zone`: the hour that is repeated in autumn is quiet twice, and an end that is
    skipped in spring comes as much later as the clock was put on.
    """
    local = now.astimezone(ZoneInfo(zone))
    if quiet is None or not quiet.hold(local.time()):
        return None
    day = local.date() if local.time() < quiet.ends else local.date() + timedelta(days=1)
    end = datetime.combine(day, quiet.ends, ZoneInfo(zone))
    first, again = end.astimezone(UTC), end.replace(fold=1).astimezone(UTC)
    return first if first > now else again
