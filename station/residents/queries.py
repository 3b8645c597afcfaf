"""Looking recipients up, by phone or by its tail. All results are masked, but for `personal`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from station.core import clock
from station.core.db import db
from station.core.phones import Phone, PhoneKind
from station.residents.models import ConsentRecord, PhoneStation, Recipient
from station.residents.service import OWN_WORD, PRIVACY_KEPT, phone_hash

LIMIT = 50


@dataclass(frozen=True, slots=True)
class Contact:
    """A recipient as screens show them: the phone's tail and the masked name."""

    id: int
    phone_tail: str
    phone_kind: str
    name_masked: str
    phone_hash: bytes


@dataclass(frozen=True, slots=True)
class Personal:
    """A recipient unmasked: only for a viewer who gave a reason."""

    phone: str
    name: str | None


_COLUMNS = (
    Recipient.id,
    Recipient.phone_tail,
    Recipient.phone_kind,
    Recipient.name_masked,
    Recipient.phone_hash,
)


def _current(station_id: int) -> Select[Any]:
    """Select whom a new parcel may be for: nobody whose privacy number has expired, no entry that was merged."""
    has_expired = and_(
        Recipient.phone_kind == PhoneKind.PRIVACY, Recipient.created_at <= clock.now() - PRIVACY_KEPT
    )
    mine = (Recipient.station_id == station_id, Recipient.merged_into.is_(None))
    return select(*_COLUMNS).where(*mine, ~has_expired)


def by_tail(station_id: int, tail: str) -> list[Contact]:
    """Return recipients whose phone (or its extension) ends with `tail`, at most LIMIT, newest first."""
    query = _current(station_id).where(Recipient.phone_tail == tail)
    return _contacts(query.order_by(Recipient.id.desc()).limit(LIMIT))


def by_phone(station_id: int, phone: Phone) -> list[Contact]:
    """Return every name known at exactly this phone, newest first."""
    query = _current(station_id).where(Recipient.phone_hash == phone_hash(phone.key))
    return _contacts(query.order_by(Recipient.id.desc()).limit(LIMIT))


def contacts(station_id: int, recipient_ids: Sequence[int]) -> dict[int, Contact]:
    """Return the recipients with these ids."""
    query = select(*_COLUMNS).where(Recipient.station_id == station_id, Recipient.id.in_(recipient_ids))
    return {contact.id: contact for contact in _contacts(query)}


def personal(station_id: int, recipient_id: int) -> Personal | None:
    """Return a recipient unmasked. The caller logs the reason (parcels.story.unmask)."""
    row = db.session.execute(
        select(Recipient.phone, Recipient.name).where(
            Recipient.station_id == station_id, Recipient.id == recipient_id
        )
    ).one_or_none()
    return Personal(*row) if row else None


def stations_of(found: bytes) -> list[int]:
    """Return the stations that know a phone (its hash), the one that knew it first before the others."""
    query = select(PhoneStation.station_id).where(PhoneStation.phone_hash == found)
    return list(db.session.scalars(query.order_by(PhoneStation.station_id)))


def same_phone(station_id: int, found: bytes) -> list[Contact]:
    """Return every recipient of the station with this phone (its hash), the newest first; no entry that was merged."""
    mine = (Recipient.station_id == station_id, Recipient.merged_into.is_(None))
    query = select(*_COLUMNS).where(*mine, Recipient.phone_hash == found)
    return _contacts(query.order_by(Recipient.id.desc()).limit(LIMIT))


def ids_at_phone(station_id: int, found: bytes) -> list[int]:
    """Return the ids of every recipient of the station with this phone (its hash): all of them, the oldest first.

    With those that were merged, and with the privacy numbers that were linked to one of them.
    """
    at_station = Recipient.station_id == station_id
    here = select(Recipient.id).where(at_station, Recipient.phone_hash == found)
    query = select(Recipient.id).where(
        at_station, or_(Recipient.id.in_(here), Recipient.merged_into.in_(here))
    )
    return list(db.session.scalars(query.order_by(Recipient.id)))


def person_ids(station_id: int, recipient_id: int) -> list[int]:
    """Return the ids of every entry of the same person, the oldest first: all names at their phone, as `ids_at_phone`.

    The entry itself is among them, known or not; a privacy number is its own person until it is linked to somebody.
    """
    kept = aliased(Recipient)
    at_phone = (
        select(func.coalesce(kept.phone_hash, Recipient.phone_hash))
        .select_from(Recipient)
        .outerjoin(kept, and_(kept.station_id == Recipient.station_id, kept.id == Recipient.merged_into))
        .where(Recipient.station_id == station_id, Recipient.id == recipient_id)
    )
    found = db.session.scalar(at_phone)
    return ids_at_phone(station_id, found) if found is not None else [recipient_id]


def entries_of(station_id: int, recipient_id: int) -> Select[tuple[int]]:
    """Select the ids of a recipient and of every entry that was merged into theirs."""
    theirs = or_(Recipient.id == recipient_id, Recipient.merged_into == recipient_id)
    return select(Recipient.id).where(Recipient.station_id == station_id, theirs)


def newest_own_word(station_id: int, recipient_id: int, parcel_id: int) -> str | None:
    """Return what a recipient said themselves of one parcel, the last time; None when they said nothing."""
    query = (
        select(ConsentRecord.choice)
        .where(
            ConsentRecord.station_id == station_id,
            ConsentRecord.recipient_id.in_(entries_of(station_id, recipient_id)),
            ConsentRecord.parcel_id == parcel_id,
            ConsentRecord.how.in_(OWN_WORD),
        )
        .order_by(ConsentRecord.id.desc())
        .limit(1)
    )
    return db.session.scalar(query)


def _contacts(query: object) -> list[Contact]:
    return [Contact(*row) for row in db.session.execute(query)]  # type: ignore[call-overload] # one select of ours
