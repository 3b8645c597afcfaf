"""A station's storage clock and cool-downs: its own settings put into the pure rules."""

from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from station.network.calendar import Timetable
from station.network.queries import StationRules
from station.parcels import clock_rules
from station.parcels.clock_rules import Calendar, Deadlines, StorageLevel, StorageRules
from station.parcels.numbering import CoolDownRules

CALENDARS_KEPT = 256
NOT_EXTENDED = timedelta(0)
_HOUR = timedelta(hours=1)


@lru_cache(CALENDARS_KEPT)
def _calendar(timetable: Timetable) -> Calendar:
    zone, extra = ZoneInfo(timetable.zone), timetable.extra_open()
    return Calendar(zone, timetable.weekly, timetable.closed_dates(), extra)


def calendar(rules: StationRules) -> Calendar:
    """Return the station's calendar; kept until its hours or special days change."""
    return _calendar(rules.timetable)


def storage_rules(rules: StationRules) -> StorageRules:
    """Return the station's storage limits."""
    return StorageRules(rules.remind_h, rules.overdue_h, rules.alert_h, rules.return_h)


def limits(rules: StationRules, extension: timedelta) -> tuple[StorageRules, timedelta]:
    """Return the limits that count for a parcel, and by how much they are put off.

    A negative extension is a shorter storage time, as for fresh goods: a reminder at half of it, everything else at its
    end, since nothing is overdue before. Source: ours.
    """
    if extension >= NOT_EXTENDED:
        return storage_rules(rules), extension
    whole = max(1, rules.return_h + extension // _HOUR)
    return StorageRules(max(1, whole // 2), whole, whole, whole), NOT_EXTENDED


def cool_down_rules(rules: StationRules) -> CoolDownRules:
    """Return how long the station lets a released number rest."""
    return CoolDownRules(
        normal=timedelta(hours=rules.cool_normal_h),
        tight=timedelta(hours=rules.cool_tight_h),
        floor=timedelta(hours=rules.cool_floor_h),
    )


def deadlines_of(stored_at: datetime, rules: StationRules, extension: timedelta = NOT_EXTENDED) -> Deadlines:
    """Return when each storage level of a parcel begins at this station, put off by its extension."""
    counting, put_off = limits(rules, extension)
    return clock_rules.deadlines(stored_at, counting, calendar(rules), put_off)


def first_due(stored_at: datetime, rules: StationRules) -> datetime | None:
    """Return when the first level of a parcel stored at `stored_at` begins."""
    return clock_rules.next_due(deadlines_of(stored_at, rules), StorageLevel.NONE)
