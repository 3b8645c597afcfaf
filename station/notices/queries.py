"""Reads about messages: what a person was told of a parcel and when, and what a message can tell now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, select

from station.core.db import connection
from station.core.statements import Statement
from station.events.models import OutboxMessage, OutboxParcel
from station.network.queries import StationRules
from station.notices.models import MessagePrice, MessageTemplate
from station.parcels.lifecycle import ConsentBasis, ParcelState
from station.parcels.models import Parcel
from station.parcels.station_clock import deadlines_of


@dataclass(frozen=True, slots=True)
class Told:
    """A message about a parcel. `at`: when it went out, else when it is due; `text` once it went out."""

    message_id: int
    topic: str
    state: str
    at: datetime
    channel: str | None
    text: str | None
    attempts: int


def last_messages(station_id: int, parcel_ids: Sequence[int]) -> dict[int, Told]:
    """Return the newest message, sent or still owed, about each parcel that has one: one statement for a list."""
    query = _messages(station_id).where(
        OutboxParcel.parcel_id.in_(parcel_ids), OutboxMessage.state != "dropped"
    )
    return {row.parcel_id: _told(row) for row in connection().execute(query)}


def messages_of(station_id: int, parcel_id: int) -> list[Told]:
    """Return every message about a parcel, oldest first."""
    query = _messages(station_id).where(OutboxParcel.parcel_id == parcel_id)
    return [_told(row) for row in connection().execute(query)]


def _messages(station_id: int) -> Select[Any]:
    return (
        select(
            OutboxParcel.parcel_id,
            OutboxMessage.id,
            OutboxMessage.topic,
            OutboxMessage.state,
            OutboxMessage.due_at,
            OutboxMessage.sent_at,
            OutboxMessage.channel,
            OutboxMessage.body,
            OutboxMessage.attempts,
        )
        .join(
            OutboxMessage,
            and_(
                OutboxMessage.station_id == OutboxParcel.station_id,
                OutboxMessage.id == OutboxParcel.message_id,
            ),
        )
        .where(OutboxParcel.station_id == station_id)
        .order_by(OutboxMessage.id)
    )


def _told(row: Row[Any]) -> Told:
    at = row.sent_at or row.due_at
    return Told(row.id, row.topic, row.state, at, row.channel, row.body, row.attempts)


@dataclass(frozen=True, slots=True)
class Tellable:
    """A parcel as a message sees it at the moment of sending."""

    id: int
    recipient_id: int | None
    pickup_code: str
    is_stored: bool
    goes_back_at: datetime
    lacks_consent: bool


_TELLABLE = Statement(
    select(
        Parcel.id,
        Parcel.recipient_id,
        Parcel.pickup_code,
        Parcel.state,
        Parcel.stored_at,
        Parcel.extended_h,
        Parcel.consent_basis,
    )
    .join(
        OutboxParcel, and_(OutboxParcel.station_id == Parcel.station_id, OutboxParcel.parcel_id == Parcel.id)
    )
    .where(
        OutboxParcel.station_id == bindparam("station"),
        OutboxParcel.message_id == bindparam("message"),
        Parcel.pickup_code.is_not(None),
        Parcel.stored_at.is_not(None),
    )
    .order_by(Parcel.stored_at, Parcel.id)
)


def tellable(rules: StationRules, message_id: int) -> list[Tellable]:
    """Return the parcels of a message that have a pickup code, in the order in which they came in."""
    return [
        Tellable(
            id=row.id,
            recipient_id=row.recipient_id,
            pickup_code=row.pickup_code,
            is_stored=row.state == ParcelState.STORED,
            goes_back_at=deadlines_of(row.stored_at, rules, timedelta(hours=row.extended_h)).return_at,
            lacks_consent=row.consent_basis == ConsentBasis.UNKNOWN,
        )
        for row in _TELLABLE.all(station=rules.station_id, message=message_id)
    ]


_OWN_WORDS = Statement(
    select(MessageTemplate.body)
    .where(
        MessageTemplate.station_id == bindparam("station"),
        MessageTemplate.topic == bindparam("topic"),
        MessageTemplate.language == bindparam("language"),
    )
    .order_by(MessageTemplate.id.desc())
    .limit(1)
)
_PRICE = Statement(
    select(MessagePrice.price_minor.label("minor"), MessagePrice.currency).where(
        MessagePrice.station_id == bindparam("station"), MessagePrice.channel == bindparam("channel")
    )
)


@dataclass(frozen=True, slots=True)
class Price:
    """What a thousand parts cost, in the currency's smallest unit."""

    minor: int
    currency: str


def own_words(station_id: int, topic: str, language: str) -> str | None:
    """Return a station's own words for a topic, None when it uses the product's."""
    row = _OWN_WORDS.first(station=station_id, topic=topic, language=language)
    return row.body if row else None


def price(station_id: int, channel: str) -> Price | None:
    """Return what a channel charges, None when nobody said."""
    row = _PRICE.first(station=station_id, channel=channel)
    return Price(row.minor, row.currency) if row else None


def prices(station_id: int) -> dict[str, Price]:
    """Return what each channel charges, by its name."""
    query = select(MessagePrice.channel, MessagePrice.price_minor, MessagePrice.currency)
    mine = query.where(MessagePrice.station_id == station_id)
    return {row.channel: Price(row.price_minor, row.currency) for row in connection().execute(mine)}


@dataclass(frozen=True, slots=True)
class Version:
    """Words that a station uses or used; no `body`: it went back to the product's."""

    id: int
    topic: str
    language: str
    body: str | None
    made_by: int
    made_at: datetime


def versions(station_id: int) -> list[Version]:
    """Return every version of a station's own words, the newest first."""
    query = (
        select(
            MessageTemplate.id,
            MessageTemplate.topic,
            MessageTemplate.language,
            MessageTemplate.body,
            MessageTemplate.made_by,
            MessageTemplate.made_at,
        )
        .where(MessageTemplate.station_id == station_id)
        .order_by(MessageTemplate.id.desc())
    )
    return [Version(*row) for row in connection().execute(query)]
