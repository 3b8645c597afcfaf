"""Looking recipients up: by phone, by its tail, by the beginning of a name. All results are masked."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from station.core.db import db
from station.core.names import search_key
from station.core.phones import Phone
from station.residents.models import Recipient, RecipientPrefix
from station.residents.service import phone_hash, prefix_hash

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


def by_tail(station_id: int, tail: str) -> list[Contact]:
    """Return recipients whose phone (or its extension) ends with `tail`, at most LIMIT, newest first."""
    query = select(*_COLUMNS).where(Recipient.station_id == station_id, Recipient.phone_tail == tail)
    return _contacts(query.order_by(Recipient.id.desc()).limit(LIMIT))


def by_phone(station_id: int, phone: Phone) -> list[Contact]:
    """Return every name known at exactly this phone, newest first."""
    query = select(*_COLUMNS).where(
        Recipient.station_id == station_id, Recipient.phone_hash == phone_hash(phone.key)
    )
    return _contacts(query.order_by(Recipient.id.desc()).limit(LIMIT))


def by_phone_hash(station_id: int, found: bytes) -> list[Contact]:
    """Return every name known at the phone with this hash."""
    query = select(*_COLUMNS).where(Recipient.station_id == station_id, Recipient.phone_hash == found)
    return _contacts(query.order_by(Recipient.id.desc()).limit(LIMIT))


def by_name(station_id: int, text: str) -> list[Contact]:
    """Return recipients with a word of the name, or the whole of it, beginning with `text`; at most LIMIT."""
    key = search_key(text)
    if key is None:
        return []
    found = select(RecipientPrefix.recipient_id).where(
        RecipientPrefix.station_id == station_id, RecipientPrefix.prefix_hash == prefix_hash(key)
    )
    query = select(*_COLUMNS).where(Recipient.station_id == station_id, Recipient.id.in_(found))
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


def _contacts(query: object) -> list[Contact]:
    return [Contact(*row) for row in db.session.execute(query)]  # type: ignore[call-overload] # one select of ours
