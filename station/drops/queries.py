"""Reads of drops: one, a courier's, a station's of a day; their scans and counts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, bindparam, func, or_, select

from station.core import clock
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.listed import among
from station.core.statements import Statement
from station.couriers import queries as couriers
from station.drops.lifecycle import DropState, Outcome
from station.drops.models import Drop, DropScan
from station.network import queries as network
from station.parcels.lifecycle import ParcelState
from station.parcels.models import Parcel

PAGE = 500  # scans in one answer, as many as a phone sends at once
MANY = 200  # drops on the clerk's page; a large station has a few dozen a day


@dataclass(frozen=True, slots=True)
class DropFacts:
    """One drop. `told` is the courier's own count, `counted` the clerk's."""

    station_id: int
    id: int
    account_id: int
    state: str
    opened_at: datetime
    told_at: datetime
    closes_at: datetime
    finished_at: datetime | None
    finished_by: str | None
    told: int | None
    receipt: str | None
    signature: bytes | None
    counted: int | None
    confirmed_at: datetime | None
    confirmed_by: str | None


@dataclass(frozen=True, slots=True)
class ScanFacts:
    """One scan of a drop and what came of it."""

    id: int
    key: str
    seq: int
    raw_hash: bytes
    waybill: str | None
    scanned_at: datetime
    size_class: str | None
    outcome: str
    stop: str | None
    parcel_id: int | None
    tag: str | None
    pickup_code: str | None
    needs_sticker: bool
    problem: str | None
    choice: str | None
    how: str | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many scans of a drop came to what; `aside` are those of the accepted that were set aside with a problem."""

    by_outcome: dict[str, int]
    aside: int

    @property
    def scans(self) -> int:
        """Every scan that was kept."""
        return sum(self.by_outcome.values())

    @property
    def accepted(self) -> int:
        """Parcels that the station has taken in."""
        return self.by_outcome.get(Outcome.ACCEPTED, 0)

    def as_json(self) -> dict[str, int]:
        """Return all of them by name."""
        each = {str(outcome): self.by_outcome.get(outcome, 0) for outcome in Outcome}
        return {"scans": self.scans, "aside": self.aside, **each}


_DROP = [getattr(Drop, name) for name in DropFacts.__dataclass_fields__]
_SCAN = [getattr(DropScan, name) for name in ScanFacts.__dataclass_fields__]
_GET = Statement(select(*_DROP).where(Drop.station_id == bindparam("station_id"), Drop.id == bindparam("id")))
_OF_KEY = Statement(
    select(*_SCAN).where(
        DropScan.station_id == bindparam("station_id"),
        DropScan.drop_id == bindparam("drop_id"),
        DropScan.key == bindparam("key"),
    )
)
_OF_KEYS = Statement(
    select(*_SCAN).where(
        DropScan.station_id == bindparam("station_id"),
        DropScan.drop_id == bindparam("drop_id"),
        among(DropScan.key, "keys"),
    )
)
_COUNTS = Statement(
    select(DropScan.outcome, func.count().label("scans"), func.count(DropScan.problem).label("aside"))
    .where(DropScan.station_id == bindparam("station_id"), DropScan.drop_id == bindparam("drop_id"))
    .group_by(DropScan.outcome)
)


def get(station_id: int, drop_id: int) -> DropFacts:
    """Return a drop of the station. Raises StationError `not_found`."""
    row = _GET.first(station_id=station_id, id=drop_id)
    if row is None:
        raise StationError("not_found", _("There is no such drop."))
    return DropFacts(*row)


def own(actor: Actor, drop_id: int) -> DropFacts:
    """Return a courier's own drop. Raises StationError `not_found`, for another's too."""
    drop = get(actor.station_id, drop_id)
    if drop.account_id != actor.id:
        raise StationError("not_found", _("There is no such drop."))
    return drop


def own_anywhere(account_id: int, drop_id: int) -> DropFacts:
    """Return a courier's drop at whichever of their stations. Raises StationError `not_found`."""
    for place in couriers.stations(account_id):
        row = _GET.first(station_id=place.station_id, id=drop_id)
        if row is not None and row.account_id == account_id:
            return DropFacts(*row)
    raise StationError("not_found", _("There is no such drop."))


def _of(station_id: int, account_id: int) -> Select[Any]:
    return select(*_DROP).where(Drop.station_id == station_id, Drop.account_id == account_id)


def by_step(station_id: int, account_id: int, step: int) -> DropFacts | None:
    """Return the drop that a courier opened with the code of a step."""
    row = connection().execute(_of(station_id, account_id).where(Drop.step == step)).one_or_none()
    return DropFacts(*row) if row else None


def current(station_id: int, account_id: int, now: datetime) -> DropFacts | None:
    """Return the drop that a courier may go on with."""
    going = _of(station_id, account_id).where(Drop.state == DropState.OPEN, Drop.closes_at > now)
    row = connection().execute(going.order_by(Drop.id.desc()).limit(1)).one_or_none()
    return DropFacts(*row) if row else None


def today(station_id: int, account_id: int) -> list[DropFacts]:
    """Return a courier's drops of the station's today, and those not finished, newest first."""
    wanted = _of(station_id, account_id).where(
        or_(Drop.opened_at >= _midnight(station_id), Drop.state == DropState.OPEN)
    )
    rows = connection().execute(wanted.order_by(Drop.opened_at.desc(), Drop.id.desc()).limit(MANY))
    return [DropFacts(*row) for row in rows]


def of_today(station_id: int) -> list[DropFacts]:
    """Return all drops of the station's today, and older ones that nobody counted yet, newest first; at most MANY."""
    wanted = select(*_DROP).where(
        Drop.station_id == station_id,
        or_(Drop.opened_at >= _midnight(station_id), Drop.state != DropState.CONFIRMED),
    )
    rows = connection().execute(wanted.order_by(Drop.opened_at.desc(), Drop.id.desc()).limit(MANY))
    return [DropFacts(*row) for row in rows]


def _midnight(station_id: int) -> datetime:
    zone = ZoneInfo(network.station(station_id).zone)
    return clock.now().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def scan_of(drop: DropFacts, key: str) -> ScanFacts | None:
    """Return the scan that carried this key."""
    row = _OF_KEY.first(station_id=drop.station_id, drop_id=drop.id, key=key)
    return ScanFacts(*row) if row else None


def scans_of(drop: DropFacts, keys: Sequence[str]) -> dict[str, ScanFacts]:
    """Return those of the keys that came before, with their scans."""
    if len(keys) == 1:
        found = scan_of(drop, keys[0])
        return {found.key: found} if found else {}
    rows = _OF_KEYS.all(station_id=drop.station_id, drop_id=drop.id, keys=list(keys))
    return {row.key: ScanFacts(*row) for row in rows}


def scans(drop: DropFacts, *, after: int = 0, limit: int = PAGE) -> list[ScanFacts]:
    """Return the scans of a drop in the order in which they were kept, those after a scan's id."""
    query = select(*_SCAN).where(
        DropScan.station_id == drop.station_id, DropScan.drop_id == drop.id, DropScan.id > after
    )
    return [ScanFacts(*row) for row in connection().execute(query.order_by(DropScan.id).limit(limit))]


def counts(station_id: int, drop_id: int) -> Counts:
    """Return how many scans of a drop came to what."""
    rows: list[Any] = _COUNTS.all(station_id=station_id, drop_id=drop_id)
    by_outcome = {row.outcome: row.scans for row in rows}
    aside = {row.outcome: row.aside for row in rows}
    return Counts(by_outcome, aside.get(Outcome.ACCEPTED, 0))


def counts_of(station_id: int, drops: Iterable[DropFacts]) -> dict[int, Counts]:
    """Return the counts of several drops, by their ids."""
    wanted = [drop.id for drop in drops]
    query = (
        select(DropScan.drop_id, DropScan.outcome, func.count(), func.count(DropScan.problem))
        .where(DropScan.station_id == station_id, DropScan.drop_id.in_(wanted))
        .group_by(DropScan.drop_id, DropScan.outcome)
    )
    found: dict[int, Counts] = {drop_id: Counts({}, 0) for drop_id in wanted}
    for drop_id, outcome, number, aside in connection().execute(query):
        before = found[drop_id]
        problems = aside if outcome == Outcome.ACCEPTED else before.aside
        found[drop_id] = Counts({**before.by_outcome, outcome: number}, problems)
    return found


def expected_at(station_id: int, waybills: Sequence[str]) -> set[str]:
    """Return those of the waybills that were announced at a station and have not come there yet."""
    query = select(Parcel.waybill).where(
        Parcel.station_id == station_id,
        Parcel.waybill.in_(waybills),
        Parcel.state == ParcelState.EXPECTED,
    )
    return set(connection().scalars(query))


def recipients_of(station_id: int, parcel_ids: Sequence[int]) -> dict[int, int]:
    """Return whose parcels are, by the parcels' ids, as far as anybody knows."""
    query = select(Parcel.id, Parcel.recipient_id).where(
        Parcel.station_id == station_id, Parcel.id.in_(parcel_ids), Parcel.recipient_id.is_not(None)
    )
    return {row.id: row.recipient_id for row in connection().execute(query)}
