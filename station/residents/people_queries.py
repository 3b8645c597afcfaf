"""What the people page shows of a person: masked, but for the staff's notes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, case, func, select

from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.events.models import OutboxMessage
from station.parcels import queries as parcels
from station.parcels import search, search_queries
from station.parcels.levels import Clock
from station.parcels.lifecycle import ParcelState
from station.parcels.models import STORED, Parcel
from station.parcels.queries import Listed
from station.residents.models import Recipient

FOUND = 50  # people of one search; more share four digits or a letter, and then more is typed
BUSIEST = 12  # as many as fit beside the box
WAITING = 100  # parcels of one person shown; more is a shop
RECENT = 10

HERE = (ParcelState.EXPECTED, ParcelState.STORED, ParcelState.RETURNING, ParcelState.LOST)


@dataclass(frozen=True, slots=True)
class Person:
    """An entry as lists show it, with its parcels on the shelves now; `kept_id`: whom it was merged into."""

    id: int
    name_masked: str
    phone_tail: str
    phone_kind: str
    standing_choice: str | None
    created_at: datetime
    erased_at: datetime | None
    kept_id: int | None
    waiting: int


@dataclass(frozen=True, slots=True)
class Sent:
    """A message to a person. `at`: when it went out, else when it is due."""

    topic: str
    state: str
    at: datetime


_WAITS = func.count(case((Parcel.state == ParcelState.STORED, 1)))
_COLUMNS = (
    Recipient.id,
    Recipient.name_masked,
    Recipient.phone_tail,
    Recipient.phone_kind,
    Recipient.standing_choice,
    Recipient.created_at,
    Recipient.erased_at,
    Recipient.merged_into,
)


def _persons(station_id: int) -> Select[Any]:
    theirs = and_(Parcel.station_id == Recipient.station_id, Parcel.recipient_id == Recipient.id)
    return (
        select(*_COLUMNS, _WAITS.label("waiting"))
        .outerjoin(Parcel, theirs)
        .where(Recipient.station_id == station_id)
        .group_by(*_COLUMNS)
    )


def find(station_id: int, text: str) -> list[Person]:
    """Return the people whom a phone number, its tail or a name means: at most FOUND, those with parcels here first."""
    return _listed(station_id, search_queries.people(station_id, search.interpret(text)))


def busiest(station_id: int) -> list[Person]:
    """Return the people with the most parcels on the shelves, at most BUSIEST."""
    most = (
        select(Parcel.recipient_id)
        .where(Parcel.station_id == station_id, STORED, Parcel.recipient_id.is_not(None))
        .group_by(Parcel.recipient_id)
        .order_by(func.count().desc(), Parcel.recipient_id)
        .limit(BUSIEST)
    )
    return _listed(station_id, list(connection().scalars(most)))


def _listed(station_id: int, recipient_ids: Sequence[int]) -> list[Person]:
    query = _persons(station_id).where(Recipient.id.in_(recipient_ids))
    rows = connection().execute(query.order_by(_WAITS.desc(), Recipient.id.desc()).limit(FOUND))
    return [Person(*row) for row in rows]


def person(station_id: int, recipient_id: int) -> Person:
    """Return one entry. Raises StationError `not_found`."""
    row = connection().execute(_persons(station_id).where(Recipient.id == recipient_id)).one_or_none()
    if row is None:
        raise StationError("not_found", _("This person is not known at your station."))
    return Person(*row)


def others_at_phone(station_id: int, recipient_id: int) -> list[Person]:
    """Return the other names known at a person's phone, the newest first; no entry that was merged."""
    phone = select(Recipient.phone_hash).where(
        Recipient.station_id == station_id, Recipient.id == recipient_id
    )
    query = _persons(station_id).where(
        Recipient.phone_hash == phone.scalar_subquery(),
        Recipient.id != recipient_id,
        Recipient.merged_into.is_(None),
    )
    return [Person(*row) for row in connection().execute(query.order_by(Recipient.id.desc()).limit(FOUND))]


def merged(station_id: int, recipient_id: int) -> list[Person]:
    """Return the entries that lead to a person, the newest first."""
    query = _persons(station_id).where(Recipient.merged_into == recipient_id)
    return [Person(*row) for row in connection().execute(query.order_by(Recipient.id.desc()).limit(FOUND))]


def parcels_of(clock_now: Clock, recipient_id: int) -> tuple[list[Listed], list[Listed]]:
    """Return a person's parcels that are here, coming or looked for, and the RECENT that left last."""
    station_id = clock_now.rules.station_id
    theirs = select(Parcel.id).where(Parcel.station_id == station_id, Parcel.recipient_id == recipient_id)
    here = theirs.where(Parcel.state.in_(HERE)).order_by(Parcel.stored_at, Parcel.id).limit(WAITING)
    left = theirs.where(Parcel.left_at.is_not(None)).order_by(Parcel.left_at.desc()).limit(RECENT)
    ids_here, ids_left = list(connection().scalars(here)), list(connection().scalars(left))
    found = parcels.by_ids(clock_now, ids_here + ids_left)
    return (
        [found[one] for one in ids_here if one in found],
        [found[one] for one in ids_left if one in found],
    )


def messages_to(station_id: int, recipient_id: int) -> list[Sent]:
    """Return the RECENT newest messages to a person."""
    query = (
        select(
            OutboxMessage.topic,
            OutboxMessage.state,
            func.coalesce(OutboxMessage.sent_at, OutboxMessage.due_at),
        )
        .where(
            OutboxMessage.station_id == station_id,
            OutboxMessage.recipient_id == recipient_id,
            OutboxMessage.state != "dropped",
        )
        .order_by(OutboxMessage.id.desc())
        .limit(RECENT)
    )
    return [Sent(*row) for row in connection().execute(query)]
