"""Reads of accounts: who is signed in, who works where, and which devices may speak to the API."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, or_, select

from station.accounts.models import Account, Membership
from station.core.actor import Actor, ActorKind
from station.core.db import db
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
        .where(Membership.account_id == account_id, Membership.disabled_at.is_(None))
        .order_by(Membership.id)
    ).all()
    joined = [station_id for station_id in memberships if station_id is not None]
    if joined or not memberships:
        return joined[0] if joined else None
    return db.session.scalar(select(Station.id).order_by(Station.id).limit(1))
