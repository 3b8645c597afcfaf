"""The days that are looked at, in the station's own calendar, and the days they are compared with. Pure."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
LONGEST = 92  # days: the longest quarter; what a page reads is bounded by it


class Choice(StrEnum):
    """What can be asked for."""

    THIS_WEEK = "this_week"  # from Monday to today (ISO 8601)
    LAST_WEEK = "last_week"
    THIS_MONTH = "this_month"  # from the 1st to today
    LAST_MONTH = "last_month"
    RANGE = "range"


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def length(self) -> int:
        """Return how many days these are."""
        return (self.last - self.first).days + 1

    def days(self) -> Iterator[date]:
        """Return the days in their order."""
        return (self.first + number * DAY for number in range(self.length))

    def moments(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return when the first day begins, and when the last is over."""
        return midnight(self.first, zone), midnight(self.last + DAY, zone)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return when a day begins."""
    return datetime.combine(day, time(), zone)


def chosen(choice: Choice, today: date) -> Period:
    """Return the days of a choice other than RANGE."""
    monday, month = today - today.weekday() * DAY, today.replace(day=1)
    if choice is Choice.THIS_WEEK:
        return Period(monday, today)
    if choice is Choice.LAST_WEEK:
        return Period(monday - WEEK, monday - DAY)
    if choice is Choice.THIS_MONTH:
        return Period(month, today)
    return Period((month - DAY).replace(day=1), month - DAY)


def before(choice: Choice, period: Period) -> Period:
    """Return the days that a period is compared with.

    Weeks with the same weekdays a week earlier, months with the same days of the month before (the whole of it after a
    whole month), other days with as many just before them.
    """
    if choice in (Choice.THIS_WEEK, Choice.LAST_WEEK):
        return Period(period.first - WEEK, period.last - WEEK)
    if choice is Choice.RANGE:
        return Period(period.first - period.length * DAY, period.first - DAY)
    end = period.first - DAY
    if choice is Choice.LAST_MONTH:
        return Period(end.replace(day=1), end)
    last = min(period.last.day, monthrange(end.year, end.month)[1])
    return Period(end.replace(day=1), end.replace(day=last))
