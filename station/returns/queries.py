"""Reads of the returns room: which parcels should go back and why, manifests, and what is on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, and_, func, or_, select, union

from station.carriers.catalogue import OWN
from station.core import crypto
from station.core.actor import ActorKind
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.parcels import codes, queries
from station.parcels.attachments import Picture
from station.parcels.clock_rules import StorageLevel
from station.parcels.levels import Clock
from station.parcels.lifecycle import ParcelState, Problem
from station.parcels.models import OVERDUE, STORED, TROUBLED, Parcel
from station.parcels.queries import Listed
from station.returns.lifecycle import ItemState, ManifestState
from station.returns.models import ReturnItem, ReturnManifest, UnclaimedParcel
from station.shelves import queries as shelves

PAGE = 50  # manifests shown at once


class Why(StrEnum):
    """Why a parcel stands on the return list."""

    STARTED = "started"  # picked for its carrier already
    REFUSED = "refused"
    TERM = "term"  # its storage time is over


@dataclass(frozen=True, slots=True)
class Going:
    """A parcel of the return list; `manifest_id` of the open manifest it is on, `entry_id` in the register."""

    row: Listed
    why: Why
    manifest_id: int | None
    entry_id: int | None

    @property
    def is_to_fetch(self) -> bool:
        """Whether it is to be fetched from its shelf for its carrier now."""
        return self.manifest_id is None and self.entry_id is None


def why(row: Listed) -> Why | None:
    """Return why a parcel should go back to its carrier, None for one that should not."""
    if row.state == ParcelState.RETURNING:
        return Why.STARTED
    if row.state != ParcelState.STORED:
        return None
    if row.problem == Problem.REFUSED:
        return Why.REFUSED
    return Why.TERM if row.level is StorageLevel.RETURN else None


def going_back(clock_now: Clock) -> list[Going]:
    """Return the return list in the order of the shelves: of all its parcels the oldest `queries.MANY`."""
    station_id = clock_now.rules.station_id
    found = list(queries.by_ids(clock_now, _candidates(clock_now)).values())
    on = on_manifests(station_id, [row.id for row in found])
    kept = in_register(station_id, [row.id for row in found])
    going = [Going(row, reason, on.get(row.id), kept.get(row.id)) for row in found if (reason := why(row))]
    places = {(one.shelf_code, one.number): place for place, one in enumerate(shelves.layers(station_id))}
    return sorted(going, key=lambda one: _walk(one.row, places))


def _candidates(clock_now: Clock) -> list[int]:
    """Return parcels that may have to go back, each kind by its own index."""
    # Bags of group buys are the station's own: nobody comes for them (group_buys/unclaimed.py).
    mine = and_(
        Parcel.station_id == clock_now.rules.station_id, or_(Parcel.carrier.is_(None), Parcel.carrier != OWN)
    )
    kinds = (
        Parcel.state == ParcelState.RETURNING,
        and_(TROUBLED, STORED, Parcel.problem == Problem.REFUSED),
        and_(OVERDUE, Parcel.level == StorageLevel.RETURN),
        and_(STORED, Parcel.due_at <= clock_now.now),  # a level that was not entered yet
    )
    parts = [select(Parcel.id).where(mine, kind).order_by(Parcel.id).limit(queries.MANY) for kind in kinds]
    ids = union(*(select(part.subquery().c.id) for part in parts))
    return [int(row.id) for row in connection().execute(ids)]


def _walk(row: Listed, places: dict[tuple[str, int], int]) -> tuple[int, int, int]:
    code = codes.parse(row.pickup_code or "")
    if code is None:
        return len(places), 0, row.id
    return places.get((code.shelf, code.layer), len(places)), code.number, row.id


def on_manifests(station_id: int, parcel_ids: Sequence[int]) -> dict[int, int]:
    """Return the open manifest of each parcel that is on one."""
    query = select(ReturnItem.parcel_id, ReturnItem.manifest_id).where(
        ReturnItem.station_id == station_id,
        ReturnItem.parcel_id.in_(parcel_ids),
        ReturnItem.state == ItemState.ON,
    )
    return {row.parcel_id: row.manifest_id for row in connection().execute(query)}


def in_register(station_id: int, parcel_ids: Sequence[int]) -> dict[int, int]:
    """Return the entry in the register of the unclaimable of each parcel that has one in force."""
    query = select(UnclaimedParcel.parcel_id, UnclaimedParcel.id).where(
        UnclaimedParcel.station_id == station_id,
        UnclaimedParcel.parcel_id.in_(parcel_ids),
        UnclaimedParcel.removed_at.is_(None),
    )
    return {row.parcel_id: row.id for row in connection().execute(query)}


@dataclass(frozen=True, slots=True)
class Manifest:
    """A return manifest. `sha256` names the signature as it was given; `parcels` counts those on it."""

    id: int
    carrier: str
    state: str
    opened_by: str
    opened_at: datetime
    ended_by: str | None
    ended_at: datetime | None
    courier_name: str | None
    sha256: bytes | None
    parcels: int

    @property
    def is_open(self) -> bool:
        """Whether it is still being filled."""
        return self.state == ManifestState.OPEN

    @property
    def is_on_phone(self) -> bool:
        """Whether its courier signed on their own phone: then the log has their account as who did it."""
        return self.state == ManifestState.SIGNED and str(self.ended_by).startswith(f"{ActorKind.COURIER}:")

    @property
    def given_back_by(self) -> str:
        """Who of the staff gave the parcels back: who had it signed, or opened it for a courier's phone."""
        return self.opened_by if self.is_on_phone else self.ended_by or self.opened_by


_OWN = tuple(getattr(ReturnManifest, name) for name in Manifest.__slots__[:-1])


def _manifests(station_id: int) -> Select[Any]:
    """Select manifests with their parcels counted: those on it, or those it took along."""
    counted = (
        select(func.count())
        .where(
            ReturnItem.station_id == ReturnManifest.station_id,
            ReturnItem.manifest_id == ReturnManifest.id,
            ReturnItem.state != ItemState.OFF,
        )
        .scalar_subquery()
    )
    return select(*_OWN, counted).where(ReturnManifest.station_id == station_id)


def manifest(station_id: int, manifest_id: int) -> Manifest:
    """Return a manifest of the station. Raises StationError `not_found`."""
    row = connection().execute(_manifests(station_id).where(ReturnManifest.id == manifest_id)).first()
    if row is None:
        raise StationError("not_found", _("There is no such return manifest at your station."))
    return Manifest(*row)


def by_ids(station_id: int, manifest_ids: Sequence[int]) -> list[Manifest]:
    """Return these manifests of the station, the newest first."""
    query = _manifests(station_id).where(ReturnManifest.id.in_(manifest_ids))
    return [Manifest(*row) for row in connection().execute(query.order_by(ReturnManifest.id.desc()))]


def open_manifests(station_id: int) -> dict[str, Manifest]:
    """Return the open manifest of each carrier that has one."""
    query = _manifests(station_id).where(ReturnManifest.state == ManifestState.OPEN)
    return {row.carrier: Manifest(*row) for row in connection().execute(query)}


def ended(station_id: int, *, before: int | None = None) -> list[Manifest]:
    """Return signed and cancelled manifests, the newest first, those opened before the one called `before`."""
    query = _manifests(station_id).where(ReturnManifest.state != ManifestState.OPEN)
    if before is not None:
        query = query.where(ReturnManifest.id < before)
    rows = connection().execute(query.order_by(ReturnManifest.id.desc()).limit(PAGE))
    return [Manifest(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Item:
    """A parcel on a manifest. `newest`: the last manifest line by which it went back, None when it never did."""

    id: int
    state: str
    added_by: str
    added_at: datetime
    parcel_id: int
    waybill: str
    pickup_code: str | None
    carrier: str | None
    parcel_state: str
    hold_reason: str | None
    newest: int | None

    @property
    def may_leave(self) -> bool:
        """Whether nothing has happened to the parcel since that keeps it here."""
        return self.parcel_state == ParcelState.RETURNING and self.hold_reason is None

    @property
    def is_undone(self) -> bool:
        """Whether it was signed for but did not stay away."""
        if self.state != ItemState.RETURNED:
            return False
        return self.parcel_state != ParcelState.RETURNED or self.newest != self.id


def items(station_id: int, manifest_id: int) -> list[Item]:
    """Return what is on a manifest, or was when it was signed, in the order in which it was scanned."""
    again = ReturnItem.__table__.alias("again")
    newest = (
        select(func.max(again.c.id))
        .where(
            again.c.station_id == station_id,
            again.c.parcel_id == ReturnItem.parcel_id,
            again.c.state == ItemState.RETURNED,
        )
        .scalar_subquery()
    )
    query = (
        select(
            ReturnItem.id,
            ReturnItem.state,
            ReturnItem.added_by,
            ReturnItem.added_at,
            ReturnItem.parcel_id,
            Parcel.waybill,
            Parcel.pickup_code,
            Parcel.carrier,
            Parcel.state.label("parcel_state"),
            Parcel.hold_reason,
            newest,
        )
        .join(Parcel, and_(Parcel.station_id == ReturnItem.station_id, Parcel.id == ReturnItem.parcel_id))
        .where(
            ReturnItem.station_id == station_id,
            ReturnItem.manifest_id == manifest_id,
            ReturnItem.state != ItemState.OFF,
        )
        .order_by(ReturnItem.id)
    )
    return [Item(*row) for row in connection().execute(query)]


def signature(station_id: int, manifest_id: int) -> Picture:
    """Return what the courier signed. Raises StationError `not_found` when nobody signed or it was erased."""
    query = select(ReturnManifest.media_type, ReturnManifest.signature).where(
        ReturnManifest.station_id == station_id, ReturnManifest.id == manifest_id
    )
    row = connection().execute(query).first()
    if row is None or row.signature is None:
        raise StationError("not_found", _("This picture does not exist any more."))
    return Picture(row.media_type, crypto.decrypt_bytes(row.signature))
