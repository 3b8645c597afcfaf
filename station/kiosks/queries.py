"""Reads for kiosks: what waits for whom, whose a parcel is, and who may take it for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, bindparam, or_, select, tuple_

from station.core.db import EPOCH, UtcDateTime, connection
from station.core.statements import Statement
from station.kiosks.watch_models import KioskConflict
from station.parcels import codes
from station.parcels.lifecycle import ParcelState
from station.parcels.models import Parcel, PickupCode
from station.residents.models import Proxy, Recipient
from station.residents.proxies import ProxyState
from station.shelves.models import Layer, Shelf

_SAME_PERSON = and_(Recipient.station_id == Parcel.station_id, Recipient.id == Parcel.recipient_id)
_SAME_LAYER = and_(Layer.station_id == Parcel.station_id, Layer.id == Parcel.layer_id)
_SAME_SHELF = and_(Shelf.station_id == Layer.station_id, Shelf.id == Layer.shelf_id)
# In the order of an index of what waits: by their ids it would read every parcel that ever was.
_NEXT = Statement(
    select(Parcel.id, Parcel.stored_at)
    .where(
        Parcel.station_id == bindparam("station_id"),
        Parcel.state == ParcelState.STORED,
        tuple_(Parcel.stored_at, Parcel.id)
        > tuple_(bindparam("stored_at", type_=UtcDateTime()), bindparam("id", type_=BigInteger())),
    )
    .order_by(Parcel.stored_at, Parcel.id)
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a parcel stands in the order in which those that wait came in."""

    stored_at: datetime
    parcel_id: int


FIRST = Place(EPOCH, 0)


def next_waiting(station_id: int, after: Place, *, limit: int) -> list[Place]:
    """Return parcels that wait, in the order in which they came in behind `after`, at most `limit`."""
    place = {"stored_at": after.stored_at, "id": after.parcel_id}
    return [Place(row.stored_at, row.id) for row in _NEXT.all(station_id=station_id, most=limit, **place)]


def at_phones(station_id: int, phones: Iterable[bytes]) -> list[int]:
    """Return the parcels that wait at phones (their hashes), in shelf order."""
    query = (
        select(Parcel.id, Parcel.pickup_code, Shelf.position)
        .join(Recipient, _SAME_PERSON)
        .join(Layer, _SAME_LAYER)
        .join(Shelf, _SAME_SHELF)
        .where(
            Parcel.station_id == station_id,
            Parcel.state == ParcelState.STORED,
            Recipient.station_id == station_id,
            Recipient.phone_hash.in_(list(phones)),
        )
    )
    return [row.id for row in sorted(connection().execute(query), key=_walk)]


def _walk(row: Any) -> tuple[int, int, int, int]:
    """Return the order in which somebody walks along the shelves."""
    code = codes.parse(row.pickup_code or "")
    return (row.position, code.layer, code.number, row.id) if code else (row.position, 0, 0, row.id)


def phone_of(station_id: int, recipient_id: int) -> tuple[bytes, str] | None:
    """Return the phone's hash and the phone's tail of a recipient."""
    query = select(Recipient.phone_hash, Recipient.phone_tail).where(
        Recipient.station_id == station_id, Recipient.id == recipient_id
    )
    row = connection().execute(query).one_or_none()
    return (bytes(row.phone_hash), row.phone_tail) if row else None


def let_by(station_id: int, recipient_id: int, parcel_id: int | None) -> list[int]:
    """Return what waits at the phone of who gave a proxy, as far as it reaches: for one parcel, or (None) for all."""
    phone = phone_of(station_id, recipient_id)
    waiting = at_phones(station_id, [phone[0]]) if phone else []
    return [one for one in waiting if parcel_id in (None, one)]


def owner_of(station_id: int, parcel_id: int) -> bytes | None:
    """Return the phone (hash) of whoever a parcel is for; None when nobody is known."""
    query = select(Recipient.phone_hash).join(Parcel, _SAME_PERSON)
    found = connection().scalar(query.where(Parcel.station_id == station_id, Parcel.id == parcel_id))
    return bytes(found) if found is not None else None


def word_for(station_id: int, parcel_id: int, *, owner: bytes, collector: bytes, at: datetime) -> int | None:
    """Return the proxy by which one phone (hash) may collect a parcel of another at a moment: the narrowest one.

    One that has been used since is no word for another parcel; one that expired since was good then.
    """
    query = (
        select(Proxy.id)
        .join(Recipient, and_(Recipient.station_id == Proxy.station_id, Recipient.id == Proxy.recipient_id))
        .where(
            Proxy.station_id == station_id,
            Proxy.phone_hash == collector,
            Recipient.phone_hash == owner,
            or_(Proxy.parcel_id.is_(None), Proxy.parcel_id == parcel_id),
            Proxy.state == ProxyState.ACTIVE,
            Proxy.given_at <= at,
            Proxy.expires_at > at,
        )
        .order_by(Proxy.parcel_id.is_(None), Proxy.id)
    )
    found: int | None = connection().scalar(query)
    return found


def concerned(station_id: int, recipient_ids: Iterable[int], proxy_ids: Iterable[int]) -> list[int]:
    """Return what waits for recipients, for those who ever let them collect, and for those who gave these proxies."""
    theirs = _phones(station_id, Recipient.id.in_(list(recipient_ids)))
    given = select(Proxy.recipient_id).where(
        Proxy.station_id == station_id, or_(Proxy.id.in_(list(proxy_ids)), Proxy.phone_hash.in_(theirs))
    )
    return at_phones(station_id, theirs | _phones(station_id, Recipient.id.in_(given)))


def _phones(station_id: int, which: ColumnElement[bool]) -> set[bytes]:
    query = select(Recipient.phone_hash).where(Recipient.station_id == station_id, which)
    return {bytes(phone) for phone in connection().scalars(query)}


@dataclass(frozen=True, slots=True)
class CodeOwner:
    """The parcel that a pickup code means, and the phone tail of whose it is; None where nobody is known."""

    parcel_id: int
    recipient_id: int | None
    phone_tail: str | None


def by_code(station_id: int, code: str) -> CodeOwner | None:
    """Return the waiting parcel that a pickup code (canonical) or an alias of it means."""
    query = (
        select(Parcel.id, Parcel.recipient_id, Recipient.phone_tail)
        .join(PickupCode, and_(PickupCode.station_id == Parcel.station_id, PickupCode.parcel_id == Parcel.id))
        .outerjoin(Recipient, _SAME_PERSON)
        .where(
            PickupCode.station_id == station_id,
            PickupCode.code == code,
            PickupCode.released_at.is_(None),
            Parcel.state == ParcelState.STORED,
        )
    )
    row = connection().execute(query).first()
    return CodeOwner(*row) if row else None


def codes_until(station_id: int, parcel_id: int, at: datetime) -> list[str]:
    """Return the pickup codes (canonical) that were given to a parcel up to a moment."""
    query = select(PickupCode.code).where(
        PickupCode.station_id == station_id, PickupCode.parcel_id == parcel_id, PickupCode.given_at <= at
    )
    return list(connection().scalars(query))


def tail_of(station_id: int, parcel_id: int) -> tuple[int, str] | None:
    """Return whom a parcel is for, and their phone tail; None when nobody is known."""
    query = select(Recipient.id, Recipient.phone_tail).join(Parcel, _SAME_PERSON)
    row = (
        connection()
        .execute(
            query.where(Parcel.station_id == station_id, Parcel.id == parcel_id, Recipient.phone_tail != "")
        )
        .one_or_none()
    )
    return (row.id, row.phone_tail) if row else None


def has_parcel(station_id: int, parcel_id: int) -> bool:
    """Tell whether the station ever had a parcel."""
    query = select(Parcel.id).where(Parcel.station_id == station_id, Parcel.id == parcel_id)
    return connection().execute(query).first() is not None


def reason_of(station_id: int, conflict_id: int | None) -> str | None:
    """Return the error code that a conflict was made for; None without a conflict."""
    query = select(KioskConflict.reason).where(KioskConflict.station_id == station_id)
    found: str | None = connection().scalar(query.where(KioskConflict.id == conflict_id))
    return found
