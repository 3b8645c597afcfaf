"""The parcels list: one page of it, its counts and the shelf map, each in one statement whatever the list's length."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ColumnElement, Row, Select, and_, func, literal, select, tuple_

from station.core import clock
from station.core.db import EPOCH, MICROSECOND, UtcDateTime, connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.ids import LARGEST_ID
from station.network import queries as network
from station.network.queries import StationRules
from station.parcels import search, search_queries
from station.parcels.clock_rules import StorageLevel
from station.parcels.levels import Clock
from station.parcels.lifecycle import ParcelState
from station.parcels.models import STORED, TROUBLED, Parcel
from station.residents.models import Recipient
from station.shelves import queries as shelves

PAGE = 50
MANY = 500  # troubled parcels shown at once; more is a station that does not work its list
# Microseconds since 1970, until the year 5138, and an id.
_CURSOR = re.compile(r"(\d{1,17})-(\d{1,19})", re.ASCII)


class Tab(StrEnum):
    """What a list shows."""

    WAITING = "waiting"
    OVERDUE = "overdue"
    PROBLEMS = "problems"
    RETURNING = "returning"
    COLLECTED = "collected"


class Order(StrEnum):
    """By which end of the waiting the list starts."""

    LONGEST = "longest"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class Filter:
    """What somebody wants to see. `after` is the cursor of the page before; `person` a recipient at whose phone."""

    tab: Tab = Tab.WAITING
    text: str = ""
    carrier: str | None = None
    shelf: str | None = None
    person: int | None = None
    order: Order = Order.LONGEST
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A parcel as lists show it: masked. `waited` counts local days, `elapsed` the storage time that counts."""

    id: int
    waybill: str
    carrier: str | None
    state: str
    pickup_code: str | None
    needs_sticker: bool
    problem: str | None
    hold_reason: str | None
    consent_basis: str
    write_off_by: str | None
    recipient_id: int | None
    name_masked: str | None
    phone_tail: str | None
    phone_kind: str | None
    stored_at: datetime
    left_at: datetime | None
    level: StorageLevel
    extended_h: int
    waited: int
    elapsed: timedelta


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list; `after` leads to the next one, None at the end."""

    rows: list[Listed]
    after: str | None


_COLUMNS = (
    Parcel.id,
    Parcel.waybill,
    Parcel.carrier,
    Parcel.state,
    Parcel.pickup_code,
    Parcel.needs_sticker,
    Parcel.problem,
    Parcel.hold_reason,
    Parcel.consent_basis,
    Parcel.write_off_by,
    Parcel.recipient_id,
    Recipient.name_masked,
    Recipient.phone_tail,
    Recipient.phone_kind,
    Parcel.stored_at,
    Parcel.left_at,
    Parcel.level,
    Parcel.extended_h,
)
_SAME_PERSON = and_(Recipient.station_id == Parcel.station_id, Recipient.id == Parcel.recipient_id)


def clock_of(station_id: int) -> Clock:
    """Return the station's storage clock now."""
    return Clock(network.rules(station_id), clock.now())


def page(clock_now: Clock, wanted: Filter, *, size: int = PAGE) -> Page:
    """Return one page of the list, masked. Raises StationError `bad_input` for a cursor that is none."""
    query = _ordered(_listed(clock_now.rules.station_id), wanted).where(*_conditions(clock_now, wanted))
    found = [_row(row, clock_now) for row in connection().execute(query.limit(size + 1))]
    rows = found[:size]
    return Page(rows, _cursor(rows[-1], wanted) if len(found) > size else None)


def by_ids(clock_now: Clock, parcel_ids: Sequence[int]) -> dict[int, Listed]:
    """Return parcels that were stored once, in any state, by their ids."""
    query = _listed(clock_now.rules.station_id).where(
        Parcel.id.in_(parcel_ids), Parcel.stored_at.is_not(None)
    )
    return {row.id: _row(row, clock_now) for row in connection().execute(query)}


def troubled(clock_now: Clock) -> list[Listed]:
    """Return parcels with a problem, on hold, or waiting for a write-off's second person: the oldest, at most MANY."""
    query = _listed(clock_now.rules.station_id).where(TROUBLED, Parcel.stored_at.is_not(None))
    rows = connection().execute(query.order_by(Parcel.stored_at, Parcel.id).limit(MANY))
    return [_row(row, clock_now) for row in rows]


def search_ids(clock_now: Clock, text: str) -> list[int]:
    """Return the parcels a search means, whatever their state."""
    return search_queries.parcel_ids(clock_now.rules.station_id, search.interpret(text))


def _listed(station_id: int) -> Select[Any]:
    return select(*_COLUMNS).outerjoin(Recipient, _SAME_PERSON).where(Parcel.station_id == station_id)


def _row(row: Row[Any], clock_now: Clock) -> Listed:
    zone = ZoneInfo(clock_now.rules.zone)
    until = row.left_at or clock_now.now
    days = (until.astimezone(zone).date() - row.stored_at.astimezone(zone).date()).days
    is_waiting = row.state == ParcelState.STORED
    reached = clock_now.level(row.stored_at, row.extended_h, entered=row.level) if is_waiting else row.level
    counted = {
        "level": StorageLevel(reached),
        "waited": max(0, days),
        "elapsed": clock_now.elapsed(row.stored_at),
    }
    return Listed(**(row._asdict() | counted))


def _conditions(clock_now: Clock, wanted: Filter) -> list[ColumnElement[bool]]:
    station_id = clock_now.rules.station_id
    where = [_of_tab(clock_now, wanted.tab)]
    if wanted.text:
        where.append(Parcel.id.in_(search_ids(clock_now, wanted.text)))
    if wanted.carrier:
        where.append(Parcel.carrier == wanted.carrier)
    if wanted.shelf:
        rows = [row.id for row in shelves.layers(station_id) if row.shelf_code == wanted.shelf]
        where.append(Parcel.layer_id.in_(rows))
    if wanted.person:
        where.append(Parcel.recipient_id.in_(_same_phone(station_id, wanted.person)))
    if wanted.after:
        where.append(_behind(wanted, wanted.after))
    return where


def _same_phone(station_id: int, recipient_id: int) -> Select[Any]:
    phone = select(Recipient.phone_hash).where(
        Recipient.station_id == station_id, Recipient.id == recipient_id
    )
    return select(Recipient.id).where(
        Recipient.station_id == station_id, Recipient.phone_hash == phone.scalar_subquery()
    )


def _of_tab(clock_now: Clock, tab: Tab) -> ColumnElement[bool]:
    if tab is Tab.OVERDUE:
        return clock_now.is_overdue()
    if tab is Tab.COLLECTED:
        today = start_of_day(clock_now.rules, clock_now.now)
        # No index knows `lower`: so the few of today are looked at, and not all that ever left.
        return and_(func.lower(Parcel.state) == ParcelState.HANDED_OVER, Parcel.left_at >= today)
    if tab is Tab.RETURNING:
        return Parcel.state == ParcelState.RETURNING
    if tab is Tab.PROBLEMS:
        return and_(TROUBLED, STORED, Parcel.problem.is_not(None))
    return and_(STORED)


def start_of_day(rules: StationRules, now: datetime) -> datetime:
    """Return when the station's local day of `now` began."""
    local = now.astimezone(ZoneInfo(rules.zone))
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


def _ordered(query: Select[Any], wanted: Filter) -> Select[Any]:
    moment = _moment(wanted)
    if _is_falling(wanted):
        return query.order_by(moment.desc(), Parcel.id.desc())
    return query.order_by(moment, Parcel.id)


def _moment(wanted: Filter) -> Any:
    return Parcel.left_at if wanted.tab is Tab.COLLECTED else Parcel.stored_at


def _is_falling(wanted: Filter) -> bool:
    return wanted.order is Order.NEWEST or wanted.tab is Tab.COLLECTED


def _behind(wanted: Filter, after: str) -> ColumnElement[bool]:
    """Return the condition of the rows behind a cursor: the moment and the id of the last row shown."""
    moment, parcel_id = _read_cursor(after)
    place = tuple_(_moment(wanted), Parcel.id)
    last = tuple_(literal(moment, UtcDateTime()), literal(parcel_id, BigInteger()))
    return place < last if _is_falling(wanted) else place > last


def _read_cursor(after: str) -> tuple[datetime, int]:
    found = _CURSOR.fullmatch(after)
    if not found or int(found[2]) > LARGEST_ID:
        raise StationError("bad_input", _("This page of the list does not exist. Start from the first one."))
    return EPOCH + int(found[1]) * MICROSECOND, int(found[2])


def _cursor(row: Listed, wanted: Filter) -> str:
    moment = row.left_at if wanted.tab is Tab.COLLECTED and row.left_at else row.stored_at
    return f"{(moment - EPOCH) // MICROSECOND}-{row.id}"


def counts(clock_now: Clock) -> dict[Tab, int]:
    """Return how many parcels each tab shows when nothing else is filtered."""
    station_id = clock_now.rules.station_id
    columns = [
        select(func.count())
        .where(Parcel.station_id == station_id, _of_tab(clock_now, tab))
        .scalar_subquery()
        .label(f"in_{tab}")
        for tab in Tab
    ]
    found = connection().execute(select(*columns)).one()
    return {tab: int(count) for tab, count in zip(Tab, found, strict=True)}


@dataclass(frozen=True, slots=True)
class ShelfLoad:
    """A shelf on the map: how cold and how full it is and how many of its parcels are overdue."""

    code: str
    is_set_aside: bool
    storage: str
    stored: int = 0
    capacity: int = 0
    late: int = 0

    @property
    def percent(self) -> int:
        """Places in use of a hundred; a set-aside shelf may overflow."""
        return 100 * self.stored // self.capacity if self.capacity else 0


def shelf_map(clock_now: Clock) -> list[ShelfLoad]:
    """Return the station's shelves in use, as they stand."""
    station_id = clock_now.rules.station_id
    late_query = (
        select(Parcel.layer_id, func.count().label("late"))
        .where(Parcel.station_id == station_id, clock_now.is_overdue())
        .group_by(Parcel.layer_id)
    )
    late = {row.layer_id: row.late for row in connection().execute(late_query)}
    loads: dict[str, ShelfLoad] = {}
    for layer in shelves.layers(station_id):
        load = loads.get(layer.shelf_code) or ShelfLoad(layer.shelf_code, layer.is_set_aside, layer.storage)
        loads[layer.shelf_code] = replace(
            load,
            stored=load.stored + layer.stored,
            capacity=load.capacity + layer.capacity,
            late=load.late + late.get(layer.id, 0),
        )
    return list(loads.values())
