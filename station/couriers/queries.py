"""Reads of couriers: whose session this is, where they may come, and for which carriers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, select

from station.accounts.models import Account, Membership
from station.core import clock
from station.core.actor import Actor, ActorKind
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.permissions import Role
from station.core.phones import Phone, parse
from station.core.statements import Statement
from station.couriers.models import Courier, CourierCarrier, CourierPhone
from station.network.models import Station


@dataclass(frozen=True, slots=True)
class SignedInCourier:
    """A courier signed in on a phone, at the station they work at now."""

    account_id: int
    epoch: int
    phone_id: int
    station_id: int
    name: str

    @property
    def actor(self) -> Actor:
        """The actor this courier is in services, at the station they work at now."""
        return self.at(self.station_id)

    def at(self, station_id: int) -> Actor:
        """Return the actor this courier is at another of their stations (`queries.stations`)."""
        return Actor(ActorKind.COURIER, self.account_id, station_id, Role.COURIER, self.name)


_MAY_COME = and_(
    Membership.account_id == Account.id, Membership.role == Role.COURIER, Membership.disabled_at.is_(None)
)
_SIGNED_IN = Statement(
    select(Account.name, Membership.station_id)
    .join(Membership, _MAY_COME)
    .join(CourierPhone, CourierPhone.account_id == Account.id)
    .where(
        Account.id == bindparam("account_id"),
        Account.epoch == bindparam("epoch"),
        Account.disabled_at.is_(None),
        CourierPhone.id == bindparam("phone_id"),
        CourierPhone.expires_at > bindparam("now"),
    )
    .order_by(Membership.station_id != bindparam("station_id"), Membership.id)
    .limit(1)
)


def signed_in(account_id: int, *, epoch: int, phone_id: int, station_id: int) -> SignedInCourier | None:
    """Return whose session this is, or None when it has ended.

    Whoever may not come to `station_id` any more, is at the first of their other stations.
    """
    row: Any = _SIGNED_IN.first(
        account_id=account_id, epoch=epoch, phone_id=phone_id, station_id=station_id, now=clock.now()
    )
    if row is None:
        return None
    return SignedInCourier(account_id, epoch, phone_id, station_id=row.station_id, name=row.name)


_CARRIERS = Statement(
    select(CourierCarrier.carrier)
    .where(
        CourierCarrier.station_id == bindparam("station_id"),
        CourierCarrier.account_id == bindparam("account_id"),
    )
    .order_by(CourierCarrier.carrier)
)


def carriers_of(station_id: int, account_id: int) -> tuple[str, ...]:
    """Return the carriers for which a courier comes to a station, by code."""
    return tuple(row.carrier for row in _CARRIERS.all(station_id=station_id, account_id=account_id))


@dataclass(frozen=True, slots=True)
class Place:
    """A station a courier may come to."""

    station_id: int
    name: str


def stations(account_id: int) -> list[Place]:
    """Return the stations a courier may come to, in the order in which they joined them."""
    query = (
        select(Station.id, Station.name)
        .join(Membership, Membership.station_id == Station.id)
        .where(
            Membership.account_id == account_id,
            Membership.role == Role.COURIER,
            Membership.disabled_at.is_(None),
        )
        .order_by(Membership.id)
    )
    return [Place(*row) for row in connection().execute(query)]


@dataclass(frozen=True, slots=True)
class Proof:
    """What a courier's password is checked against: whose it is, and its hash; None for a number nobody has.

    `login` is what a password must not be: the number itself.
    """

    account_id: int | None = None
    password_hash: str | None = None
    login: str = ""


def proof(phone_hash: bytes) -> Proof:
    """Return what proves the owner of a phone number."""
    query = (
        select(Account.id, Account.password_hash, Courier.phone)
        .join(Courier, Courier.account_id == Account.id)
        .where(Courier.phone_hash == phone_hash, Account.disabled_at.is_(None))
    )
    row = connection().execute(query).one_or_none()
    return Proof(*row) if row else Proof()


@dataclass(frozen=True, slots=True)
class Known:
    """A courier by name and phone number."""

    name: str
    phone: Phone


def known(account_id: int) -> Known | None:
    """Return who a courier is; None for one whose account is erased."""
    query = (
        select(Account.name, Courier.phone)
        .join(Courier, Courier.account_id == Account.id)
        .where(Account.id == account_id)
    )
    row = connection().execute(query).one_or_none()
    phone = parse(row.phone) if row else None
    return Known(row.name, phone) if row and phone else None


def require(station_id: int, account_id: int) -> None:
    """Raise StationError `not_found` unless somebody is or was a courier of the station."""
    query = select(Membership.id).where(
        Membership.account_id == account_id,
        Membership.station_id == station_id,
        Membership.role == Role.COURIER,
    )
    if connection().execute(query).first() is None:
        raise StationError("not_found", _("This courier does not come to your station."))


@dataclass(frozen=True, slots=True)
class Named:
    """Who a courier is at a station: what an actor such as courier:123 means."""

    account_id: int
    name: str
    disabled_at: datetime | None


def named(station_id: int) -> list[Named]:
    """Return everybody who comes or came to a station as a courier, in the order they came; no phone numbers."""
    query = (
        select(Account.id, Account.name, Membership.disabled_at)
        .join(Membership, Membership.account_id == Account.id)
        .where(Membership.station_id == station_id, Membership.role == Role.COURIER)
    )
    return [Named(*row) for row in connection().execute(query.order_by(Membership.id))]


def all_stations(account_id: int) -> set[int]:
    """Return the stations a courier comes to or came to."""
    query = select(Membership.station_id).where(
        Membership.account_id == account_id, Membership.role == Role.COURIER
    )
    return {station_id for station_id in connection().scalars(query) if station_id is not None}
