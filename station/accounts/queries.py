"""Reads of accounts: who is signed in, who works where, and which devices may speak to the API."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, or_, select

from station.accounts.models import Account, AccountDirectory, Device, Membership
from station.core.actor import Actor, ActorKind
from station.core.db import db
from station.core.i18n import gettext as _
from station.core.permissions import Role
from station.core.statements import Statement
from station.network.models import Station


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody signed in, as they are at the station they work at now."""

    account_id: int
    epoch: int
    station_id: int
    name: str
    role: Role
    language: str | None
    theme: str
    contrast: str
    must_change_password: bool

    @property
    def actor(self) -> Actor:
        """The actor this person is in services."""
        return Actor(ActorKind.STAFF, self.account_id, self.station_id, self.role, self.name)


@dataclass(frozen=True, slots=True)
class Resident:
    """A resident signed in. Their parcels may wait at several stations; an actor is made for each (`at`)."""

    account_id: int
    epoch: int
    phone_hash: bytes
    language: str | None
    theme: str
    contrast: str

    def at(self, station_id: int) -> Actor:
        """Return the actor this resident is at a station."""
        return Actor(ActorKind.RESIDENT, self.account_id, station_id, Role.RESIDENT)


_RESIDENT = Statement(
    select(AccountDirectory.phone_hash, Account.language, Account.theme, Account.contrast)
    .join(AccountDirectory, AccountDirectory.account_id == Account.id)
    .where(
        Account.id == bindparam("account_id"),
        Account.epoch == bindparam("epoch"),
        Account.disabled_at.is_(None),
    )
)


def resident(account_id: int, *, epoch: int) -> Resident | None:
    """Return whose session this is, or None when it has ended."""
    row: Any = _RESIDENT.first(account_id=account_id, epoch=epoch)
    return Resident(account_id, epoch, *row) if row else None


_PERSON = Statement(
    select(
        Account.name,
        Account.language,
        Account.theme,
        Account.contrast,
        Account.must_change_password,
        Membership.role,
    )
    .join(Membership, Membership.account_id == Account.id)
    .where(
        Account.id == bindparam("account_id"),
        Account.epoch == bindparam("epoch"),
        Account.disabled_at.is_(None),
        Membership.disabled_at.is_(None),
        Membership.role != Role.COURIER,
        or_(Membership.station_id.is_(None), Membership.station_id == bindparam("station_id")),
    )
    .order_by(Membership.station_id.is_not(None))  # what somebody is in the whole network comes first
)


def person(account_id: int, *, epoch: int, station_id: int) -> Person | None:
    """Return who a session belongs to, or None when it has ended: disabled, signed out, or no longer there."""
    row: Any = _PERSON.first(account_id=account_id, epoch=epoch, station_id=station_id)
    if row is None:
        return None
    return Person(
        account_id,
        epoch,
        station_id,
        name=row.name,
        role=Role(row.role),
        language=row.language,
        theme=row.theme,
        contrast=row.contrast,
        must_change_password=row.must_change_password,
    )


def home_station(account_id: int) -> int | None:
    """Return the station somebody starts at: the one they joined first; for the network's own, its oldest station."""
    memberships = db.session.scalars(
        select(Membership.station_id)
        .where(
            Membership.account_id == account_id,
            Membership.role != Role.COURIER,
            Membership.disabled_at.is_(None),
        )
        .order_by(Membership.id)
    ).all()
    joined = [station_id for station_id in memberships if station_id is not None]
    if joined or not memberships:
        return joined[0] if joined else None
    return db.session.scalar(select(Station.id).order_by(Station.id).limit(1))


@dataclass(frozen=True, slots=True)
class StaffEntry:
    """Somebody who works at a station, as the staff page lists them."""

    account_id: int
    login: str
    name: str
    role: Role
    disabled_at: datetime | None
    signed_in_at: datetime | None
    has_one_time_password: bool


def staff(station_id: int) -> list[StaffEntry]:
    """Return everybody who works or worked at a station: managers first, then in the order they came."""
    statement = (
        select(
            Account.id,
            Account.login,
            Account.name,
            Membership.role,
            Membership.disabled_at,
            Account.signed_in_at,
            Account.must_change_password,
        )
        .join(Membership, Membership.account_id == Account.id)
        .where(Membership.station_id == station_id, Membership.role != Role.COURIER)
        .order_by(Membership.disabled_at.is_not(None), Membership.role.desc(), Membership.id)
    )
    return [
        StaffEntry(row.id, row.login or "", row.name, Role(row.role), *row[4:])
        for row in db.session.execute(statement)
    ]


@dataclass(frozen=True, slots=True)
class DeviceEntry:
    """A device as the devices page lists it."""

    id: int
    name: str
    kind: str
    created_at: datetime
    seen_at: datetime | None
    revoked_at: datetime | None


def devices(station_id: int) -> list[DeviceEntry]:
    """Return a station's devices, those that still speak first, then the newest."""
    statement = (
        select(Device.id, Device.name, Device.kind, Device.created_at, Device.seen_at, Device.revoked_at)
        .where(Device.station_id == station_id)
        .order_by(Device.revoked_at.is_not(None), Device.id.desc())
    )
    return [DeviceEntry(*row) for row in db.session.execute(statement)]


@dataclass(frozen=True, slots=True)
class WorkPlace:
    """A station somebody may work at."""

    station_id: int
    name: str
    managers: int


def work_places(account_id: int) -> list[WorkPlace]:
    """Return the stations somebody may work at, by name: all of them for the network's own people."""
    mine = select(Membership.station_id).where(
        Membership.account_id == account_id, Membership.disabled_at.is_(None)
    )
    managers = (
        select(func.count())
        .where(
            Membership.station_id == Station.id,
            Membership.role == Role.MANAGER,
            Membership.disabled_at.is_(None),
        )
        .scalar_subquery()
    )
    statement = select(Station.id, Station.name, managers).order_by(Station.name, Station.id)
    if None not in db.session.scalars(mine).all():
        statement = statement.where(Station.id.in_(mine))
    return [WorkPlace(*row) for row in db.session.execute(statement)]


def names(station_id: int, actor_keys: Iterable[str]) -> dict[str, str]:
    """Return the names behind actors' keys (`staff:42`, `courier:4`, `device:7`, `system:0`), as lists show them.

    An actor that is not known any more is left out. Two statements, whatever the number of keys.
    """
    wanted: dict[str, list[int]] = {"staff": [], "courier": [], "device": []}
    for key in set(actor_keys):
        kind, _separator, number = key.partition(":")
        wanted.get(kind, []).append(int(number))
    people = select(Account.id, Account.name).where(Account.id.in_(wanted["staff"] + wanted["courier"]))
    machines = select(Device.id, Device.name).where(
        Device.station_id == station_id, Device.id.in_(wanted["device"])
    )
    called = {row.id: row.name for row in db.session.execute(people)}
    found = {
        f"{kind}:{id_}": called[id_] for kind in ("staff", "courier") for id_ in wanted[kind] if id_ in called
    }
    found |= {f"device:{row.id}": row.name for row in db.session.execute(machines)}
    return found | {"system:0": _("Stationmaster")}
