"""Reads of the network room: whether a station exists, what it is called, and the rules it works by."""

import json
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Text, bindparam, cast, select

from station.core import clock
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.statements import Statement
from station.network.calendar import (
    SpecialKind,
    SpecialSpan,
    Timetable,
    Week,
    week_from_json,
    week_to_json,
)
from station.network.holidays import HolidayCalendar, public_days
from station.network.models import City, SpecialDay, Station, StationSettings

# A parcel that still waits after so long is a case for people; the clock need not know older holidays.
LOOK_BACK = timedelta(days=400)
WEEKS_KEPT = 64  # different weekly hours whose parsed form one process keeps


@dataclass(frozen=True, slots=True)
class StationRules:
    """Everything a station decides about its own work. Times of day are local to `timetable.zone`.

    `version` grows with each change of the settings.
    """

    station_id: int
    name: str
    city: str
    language: str
    timetable: Timetable
    remind_h: int
    overdue_h: int
    alert_h: int
    return_h: int
    extension_h: int
    extensions_most: int
    unclaimed_days: int
    numbering: str
    cool_normal_h: int
    cool_tight_h: int
    cool_floor_h: int
    unknown_consent: str
    notice_delay_s: int
    quiet_from: str
    quiet_until: str
    holiday_calendar: str
    closes_on_holidays: bool
    opens_made_up_days: bool
    version: int

    @property
    def zone(self) -> str:
        """The station's time zone, an IANA name."""
        return self.timetable.zone


@dataclass(frozen=True, slots=True)
class StationFacts:
    """What the page frame says about a station."""

    id: int
    name: str
    zone: str
    language: str


_RULES = Statement(
    select(
        Station.name,
        City.name.label("city"),
        Station.zone,
        StationSettings.language,
        StationSettings.remind_h,
        StationSettings.overdue_h,
        StationSettings.alert_h,
        StationSettings.return_h,
        StationSettings.extension_h,
        StationSettings.extensions_most,
        StationSettings.unclaimed_days,
        StationSettings.numbering,
        StationSettings.cool_normal_h,
        StationSettings.cool_tight_h,
        StationSettings.cool_floor_h,
        StationSettings.unknown_consent,
        StationSettings.notice_delay_s,
        StationSettings.quiet_from,
        StationSettings.quiet_until,
        StationSettings.version,
        cast(StationSettings.weekly_hours, Text).label("weekly_hours"),
        StationSettings.holiday_calendar,
        StationSettings.closes_on_holidays,
        StationSettings.opens_made_up_days,
    )
    .join(Station, Station.id == StationSettings.station_id)
    .join(City, City.id == Station.city_id)
    .where(StationSettings.station_id == bindparam("station_id"))
)
_SPECIAL = Statement(
    select(SpecialDay.kind, SpecialDay.first_day, SpecialDay.last_day, SpecialDay.opens, SpecialDay.closes)
    .where(SpecialDay.station_id == bindparam("station_id"), SpecialDay.last_day >= bindparam("since"))
    .order_by(SpecialDay.first_day, SpecialDay.id)
)


def rules(station_id: int) -> StationRules:
    """Return the rules of a station: two small statements, made for every check-in.

    Special days that ended more than LOOK_BACK ago are left out. Raises StationError `not_found`.
    """
    row = _RULES.first(station_id=station_id)
    if row is None:
        raise StationError("not_found", _("There is no such station."))
    values = row._asdict()
    weekly = _week(values.pop("weekly_hours"))
    public = public_days(
        HolidayCalendar(row.holiday_calendar),
        closes=row.closes_on_holidays,
        opens_made_up=row.opens_made_up_days,
    )
    timetable = Timetable(values.pop("zone"), weekly, _special(station_id), public)
    return StationRules(station_id=station_id, timetable=timetable, **values)


@lru_cache(WEEKS_KEPT)
def _week(stored: str) -> Week:
    return week_from_json(json.loads(stored))


def _special(station_id: int) -> tuple[SpecialSpan, ...]:
    since = clock.now().date() - LOOK_BACK
    return tuple(
        SpecialSpan(SpecialKind(kind), first, last, _clock(opens), _clock(closes))
        for kind, first, last, opens, closes in _SPECIAL.all(station_id=station_id, since=since)
    )


def _clock(text: str | None) -> time | None:
    return None if text is None else time.fromisoformat(text)


def settings(station_id: int) -> dict[str, Any]:
    """Return everything the settings pages change, by name, as it is stored; `version` too.

    Raises StationError `not_found`.
    """
    found = rules(station_id)
    values = {name: getattr(found, name) for name in found.__dataclass_fields__}
    weekly = week_to_json(values.pop("timetable").weekly)
    return values | {"zone": found.zone, "weekly_hours": weekly}


def has_station() -> bool:
    """Tell whether the installation has been set up."""
    return connection().execute(select(Station.id).limit(1)).first() is not None


_STATION = Statement(
    select(Station.id, Station.name, Station.zone, StationSettings.language)
    .join(StationSettings, StationSettings.station_id == Station.id)
    .where(Station.id == bindparam("station_id"))
)


def station(station_id: int) -> StationFacts:
    """Return what the page frame says about a station. Raises StationError `not_found`."""
    row = _STATION.first(station_id=station_id)
    if row is None:
        raise StationError("not_found", _("There is no such station."))
    return StationFacts(*row)


def stations() -> list[StationFacts]:
    """Return every station of the installation, by name."""
    statement = (
        select(Station.id, Station.name, Station.zone, StationSettings.language)
        .join(StationSettings, StationSettings.station_id == Station.id)
        .order_by(Station.name, Station.id)
    )
    return [StationFacts(*row) for row in connection().execute(statement)]


@dataclass(frozen=True, slots=True)
class SpecialDayEntry:
    """A holiday, closure or extra opening as the settings page lists it."""

    id: int
    kind: SpecialKind
    first_day: date
    last_day: date
    reason: str
    opens: time | None
    closes: time | None


def special_days(station_id: int, *, since: date) -> list[SpecialDayEntry]:
    """Return the station's special days that end on `since` or later, in order of their first day."""
    statement = (
        select(
            SpecialDay.id,
            SpecialDay.kind,
            SpecialDay.first_day,
            SpecialDay.last_day,
            SpecialDay.reason,
            SpecialDay.opens,
            SpecialDay.closes,
        )
        .where(SpecialDay.station_id == station_id, SpecialDay.last_day >= since)
        .order_by(SpecialDay.first_day, SpecialDay.id)
    )
    return [
        SpecialDayEntry(
            row.id,
            SpecialKind(row.kind),
            row.first_day,
            row.last_day,
            row.reason,
            _clock(row.opens),
            _clock(row.closes),
        )
        for row in connection().execute(statement)
    ]
