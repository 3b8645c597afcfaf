"""What a manager sees of the couriers of a station: who they are, masked, their phones, who is invited, who asks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from station.accounts.models import Account, Membership
from station.core import clock
from station.core.db import connection
from station.core.permissions import Role
from station.core.phones import parse
from station.couriers.models import (
    Courier,
    CourierApplication,
    CourierCarrier,
    CourierInvitation,
    CourierPhone,
)


@dataclass(frozen=True, slots=True)
class SignedInPhone:
    """A phone on which a courier is signed in."""

    id: int
    name: str
    is_trusted: bool
    signed_in_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """A courier as the manager's page lists them."""

    account_id: int
    name: str
    phone_masked: str
    carriers: tuple[str, ...]
    disabled_at: datetime | None
    signed_in_at: datetime | None
    phones: tuple[SignedInPhone, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """Somebody who is invited, or who asks; `number` is what they tell, empty for an invitation."""

    id: int
    name: str
    phone_masked: str
    carriers: tuple[str, ...]
    at: datetime
    number: str = ""


def couriers(station_id: int) -> list[Entry]:
    """Return everybody who comes or came to a station, those who may come now first. Three statements."""
    query = (
        select(Account.id, Account.name, Courier.phone, Membership.disabled_at, Account.signed_in_at)
        .join(Membership, Membership.account_id == Account.id)
        .join(Courier, Courier.account_id == Account.id)
        .where(Membership.station_id == station_id, Membership.role == Role.COURIER)
        .order_by(Membership.disabled_at.is_not(None), Membership.id)
    )
    rows = connection().execute(query).all()
    carriers = _carriers(station_id)
    phones = phones_of([row.id for row in rows])
    return [
        Entry(
            row.id,
            row.name,
            phone_masked=_masked(row.phone),
            carriers=carriers.get(row.id, ()),
            disabled_at=row.disabled_at,
            signed_in_at=row.signed_in_at,
            phones=phones.get(row.id, ()),
        )
        for row in rows
    ]


def _carriers(station_id: int) -> dict[int, tuple[str, ...]]:
    query = select(CourierCarrier.account_id, CourierCarrier.carrier).where(
        CourierCarrier.station_id == station_id
    )
    found: dict[int, tuple[str, ...]] = {}
    for row in connection().execute(query.order_by(CourierCarrier.carrier)):
        found[row.account_id] = (*found.get(row.account_id, ()), row.carrier)
    return found


def phones_of(account_ids: Iterable[int]) -> dict[int, tuple[SignedInPhone, ...]]:
    """Return the phones on which couriers are signed in now, the newest first."""
    query = select(
        CourierPhone.account_id,
        CourierPhone.id,
        CourierPhone.name,
        CourierPhone.is_trusted,
        CourierPhone.signed_in_at,
        CourierPhone.expires_at,
    ).where(CourierPhone.account_id.in_(account_ids), CourierPhone.expires_at > clock.now())
    found: dict[int, tuple[SignedInPhone, ...]] = {}
    for row in connection().execute(query.order_by(CourierPhone.id.desc())):
        found[row.account_id] = (*found.get(row.account_id, ()), SignedInPhone(*row[1:]))
    return found


def invited(station_id: int) -> list[Offer]:
    """Return who is invited to a station and has not come yet, the newest first."""
    query = select(
        CourierInvitation.id,
        CourierInvitation.name,
        CourierInvitation.phone,
        CourierInvitation.carriers,
        CourierInvitation.expires_at,
    ).where(CourierInvitation.station_id == station_id, CourierInvitation.expires_at > clock.now())
    return [_offer(row) for row in connection().execute(query.order_by(CourierInvitation.id.desc()))]


def asking(station_id: int) -> list[Offer]:
    """Return who asks to be a courier of a station, in the order in which they asked."""
    query = select(
        CourierApplication.id,
        CourierApplication.name,
        CourierApplication.phone,
        CourierApplication.carriers,
        CourierApplication.asked_at,
        CourierApplication.number,
    ).where(CourierApplication.station_id == station_id)
    return [_offer(row) for row in connection().execute(query.order_by(CourierApplication.id))]


def _offer(row: Row[Any]) -> Offer:
    id_, name, phone, carriers, at, *number = row
    return Offer(id_, name, _masked(phone), tuple(carriers.split(",")), at, *number)


def _masked(key: str) -> str:
    phone = parse(key)
    return phone.display_masked if phone else "****"
