"""Changes of the network room: a new station, and the settings of one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select, update

from station.carriers import service as carriers
from station.core import clock, ids
from station.core.actor import Actor, system_actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.events import service as events
from station.events.service import Event
from station.network import queries
from station.network.calendar import EVERY_DAY_9_TO_21, SpecialKind, week_to_json
from station.network.models import City, SpecialDay, Station, StationSettings
from station.residents import agreement_texts

STATION_FIELDS = frozenset({"name", "city", "zone"})  # the rest of a station's settings are StationSettings
# What the storage clock counts with: when one of these changes, deadlines move (parcels.overdue.reschedule).
PUBLIC_HOLIDAYS = frozenset({"holiday_calendar", "closes_on_holidays", "opens_made_up_days"})
CLOCK_FIELDS = PUBLIC_HOLIDAYS | {"zone", "weekly_hours", "remind_h", "overdue_h", "alert_h", "return_h"}
# A power cut or a snow day is declared when it is over; older than a week, its parcels have been dealt with.
REPORTED_WITHIN = timedelta(days=7)


def create_station(*, name: str, city: str, zone: str, language: str) -> int:
    """Create a station with the default rules, open 09:00 to 21:00 every day; return its id.

    The values are clean already (forms.py). Fills the reference tables too: parcels can come in at once.
    """
    fill_reference_tables()
    station_id = ids.next_id()
    connection().execute(
        insert(Station).values(
            id=station_id, city_id=city_id(city), name=name, zone=zone, created_at=clock.now()
        )
    )
    connection().execute(
        insert(StationSettings).values(
            station_id=station_id, language=language, weekly_hours=week_to_json(EVERY_DAY_9_TO_21)
        )
    )
    events.open_chain(station_id)
    events.append(system_actor(station_id), Event("station_created"))
    return station_id


def city_id(name: str) -> int:
    """Return the id of the city called `name`, which is added when it is new."""
    known = connection().execute(select(City.id).where(City.name == name)).scalar()
    if known is not None:
        return int(known)
    new = ids.next_id()
    connection().execute(insert(City).values(id=new, name=name))
    return new


def fill_reference_tables() -> None:
    """Bring the tables that every station refers to up to the code. Idempotent; also done at start-up."""
    carriers.fill_table()
    agreement_texts.fill_table()


def change_settings(actor: Actor, changes: Mapping[str, Any], *, version: int) -> frozenset[str]:
    """Change the settings of the actor's station to `changes`; return the names of those that differ.

    Names: `name`, `city`, `zone` and the columns of StationSettings; the values are clean already (forms.py).
    `version` is the one the person saw. Nothing is written when nothing differs.
    Raises StationError `stale` when somebody else changed the settings since.
    """
    before = queries.settings(actor.station_id)
    differing = {name: value for name, value in changes.items() if before[name] != value}
    if not differing:
        return frozenset()
    if before["version"] != version:
        raise _stale()
    own = {name: value for name, value in differing.items() if name not in STATION_FIELDS}
    _raise_version(actor.station_id, version, **own)
    about = {name: value for name, value in differing.items() if name in STATION_FIELDS}
    if about:
        _change_station(actor.station_id, about)
    _note(actor, {name: [before[name], value] for name, value in differing.items()})
    return frozenset(differing)


def _change_station(station_id: int, changes: dict[str, Any]) -> None:
    values = {name: value for name, value in changes.items() if name != "city"}
    if "city" in changes:
        values["city_id"] = city_id(changes["city"])
    connection().execute(update(Station).where(Station.id == station_id).values(**values))


def _raise_version(station_id: int, version: int, **values: Any) -> None:
    """Write `values` into the settings if they still are the ones of `version`. Raises StationError `stale`."""
    changed = connection().execute(
        update(StationSettings)
        .where(StationSettings.station_id == station_id, StationSettings.version == version)
        .values(version=version + 1, **values)
    )
    if not changed.rowcount:
        raise _stale()


def _stale() -> StationError:
    return StationError(
        "stale", _("Somebody else changed the settings in the meantime. Load the page again, then repeat.")
    )


def _note(actor: Actor, changes: dict[str, list[Any]]) -> None:
    """Append the change to the custody log: each name with its old and its new value."""
    events.append(actor, Event("settings_changed", data={"changes": changes}))


@dataclass(frozen=True, slots=True)
class NewSpecialDay:
    """Days to be closed, or open at other hours; `opens` and `closes` stand with the kind `open` only."""

    kind: SpecialKind
    first_day: date
    last_day: date
    reason: str
    opens: time | None = None
    closes: time | None = None


def add_special_day(actor: Actor, new: NewSpecialDay) -> int:
    """Declare a holiday, a closure or an extra opening; return its id. The values are clean already (forms.py).

    Raises StationError `bad_input` for days longer ago than REPORTED_WITHIN and for days that overlap with others.
    """
    rules = queries.rules(actor.station_id)
    if new.first_day < today(rules.zone) - REPORTED_WITHIN:
        raise StationError("bad_input", _("Days of more than a week ago can no longer be declared."))
    _refuse_overlap(actor.station_id, new)
    day_id = ids.next_id()
    connection().execute(
        insert(SpecialDay).values(
            station_id=actor.station_id,
            id=day_id,
            kind=new.kind,
            first_day=new.first_day,
            last_day=new.last_day,
            reason=new.reason,
            opens=f"{new.opens:%H:%M}" if new.opens else None,
            closes=f"{new.closes:%H:%M}" if new.closes else None,
            declared_by=actor.id,
            declared_at=clock.now(),
        )
    )
    _raise_version(actor.station_id, rules.version)
    _note(actor, {"special_days": [None, _in_words(day_id, new.kind, new.first_day, new.last_day)]})
    return day_id


def _refuse_overlap(station_id: int, new: NewSpecialDay) -> None:
    other = connection().execute(
        select(SpecialDay.reason).where(
            SpecialDay.station_id == station_id,
            SpecialDay.first_day <= new.last_day,
            SpecialDay.last_day >= new.first_day,
        )
    )
    reason = other.scalar()
    if reason is not None:
        raise StationError(
            "bad_input", _("These days overlap with “%(reason)s”. Choose other days.", reason=reason)
        )


def remove_special_day(actor: Actor, day_id: int) -> None:
    """Take back a special day that has not begun.

    Raises StationError `not_found`, and `bad_input` when it has begun: deadlines were counted with it.
    """
    rules = queries.rules(actor.station_id)
    mine = (SpecialDay.station_id == actor.station_id, SpecialDay.id == day_id)
    day = (
        connection()
        .execute(select(SpecialDay.kind, SpecialDay.first_day, SpecialDay.last_day).where(*mine))
        .one_or_none()
    )
    if day is None:
        raise StationError("not_found", _("This entry does not exist any more."))
    if day.first_day <= today(rules.zone):
        raise StationError("bad_input", _("This has begun and stays in the calendar."))
    connection().execute(delete(SpecialDay).where(*mine))
    _raise_version(actor.station_id, rules.version)
    _note(actor, {"special_days": [_in_words(day_id, day.kind, day.first_day, day.last_day), None]})


def today(zone: str) -> date:
    """Return the local date in `zone`."""
    return clock.now().astimezone(ZoneInfo(zone)).date()


def _in_words(day_id: int, kind: str, first_day: date, last_day: date) -> str:
    """Return a special day as the custody log names it; the reason, free text, stays out of the log."""
    return f"{day_id} {kind} {first_day.isoformat()}..{last_day.isoformat()}"
