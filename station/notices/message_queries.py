"""Reads for the manager's page of messages: lists by what became of them, and what they cost by month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, func, select, text
from sqlalchemy.orm import aliased

from station.core.db import connection
from station.events.models import OutboxMessage, OutboxParcel
from station.events.outbox import NO_CHANNEL
from station.parcels.models import Parcel
from station.residents.models import Recipient

PAGE = 50
MONTHS = 6
PER_THOUSAND = 1000


class Which(StrEnum):
    """The lists."""

    CALL = "call"
    DEAD = "dead"
    WAITING = "waiting"
    SENT = "sent"


# These words stand in the partial indexes' conditions; only the same text lets a database use them.
_DEAD = text("state = 'dead'")
_TO_DO = and_(_DEAD, OutboxMessage.resent_as.is_(None), OutboxMessage.called_at.is_(None))
_FILTERS: dict[Which, ColumnElement[bool]] = {
    Which.CALL: and_(_TO_DO, OutboxMessage.failure == NO_CHANNEL),
    Which.DEAD: and_(_DEAD),
    Which.WAITING: and_(text("state in ('open', 'claimed')")),
    Which.SENT: and_(text("state = 'sent'")),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a list. `parcels`: (id, pickup code) of those it is about, as they are now."""

    id: int
    recipient_id: int
    topic: str
    state: str
    at: datetime
    channel: str | None
    body: str | None
    failure: str | None
    attempts: int
    resent_as: int | None
    called_at: datetime | None
    name_masked: str
    phone_tail: str
    parcels: tuple[tuple[int, str], ...] = ()

    @property
    def is_to_do(self) -> bool:
        """Whether it was given up and nobody has dealt with it."""
        return self.state == "dead" and not self.resent_as and not self.called_at


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of messages, newest first; `next_before`: the id to go on from, None at the end."""

    lines: list[Line]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class Month:
    """What went out in a month of the station's zone, and what it cost in each currency's smallest unit."""

    first: date
    sent: int
    parts: int
    costs: tuple[tuple[str, int], ...]


def page(station_id: int, which: Which, *, before: int | None = None) -> Listed:
    """Return PAGE messages of a list with ids under `before`: two statements."""
    query = _lines(station_id).where(_FILTERS[which])
    if which is Which.WAITING:
        query = query.where(OutboxMessage.id.in_(_waiting(station_id)))
    if before is not None:
        query = query.where(OutboxMessage.id < before)
    rows = connection().execute(query.order_by(OutboxMessage.id.desc()).limit(PAGE + 1)).all()
    shown = rows[:PAGE]
    parcels = _parcels(station_id, [row.id for row in shown])
    lines = [_line(row, parcels.get(row.id, ())) for row in shown]
    return Listed(lines, shown[-1].id if len(rows) > PAGE else None)


def _lines(station_id: int) -> Select[Any]:
    return (
        select(
            OutboxMessage.id,
            OutboxMessage.recipient_id,
            OutboxMessage.topic,
            OutboxMessage.state,
            func.coalesce(OutboxMessage.sent_at, OutboxMessage.due_at).label("at"),
            OutboxMessage.channel,
            OutboxMessage.body,
            OutboxMessage.failure,
            OutboxMessage.attempts,
            OutboxMessage.resent_as,
            OutboxMessage.called_at,
            Recipient.name_masked,
            Recipient.phone_tail,
        )
        .join(
            Recipient,
            and_(
                Recipient.station_id == OutboxMessage.station_id, Recipient.id == OutboxMessage.recipient_id
            ),
        )
        .where(OutboxMessage.station_id == station_id)
    )


def _waiting(station_id: int) -> Select[Any]:
    """Select the few ids that wait, by their index: else SQLite walks through everything that was ever sent."""
    waiting = aliased(OutboxMessage)
    return select(waiting.id).where(waiting.station_id == station_id, _FILTERS[Which.WAITING])


def _line(row: Any, parcels: Sequence[tuple[int, str]]) -> Line:
    return Line(**row._mapping, parcels=tuple(parcels))


def _parcels(station_id: int, message_ids: Sequence[int]) -> dict[int, list[tuple[int, str]]]:
    query = (
        select(OutboxParcel.message_id, Parcel.id, Parcel.pickup_code)
        .join(Parcel, and_(Parcel.station_id == OutboxParcel.station_id, Parcel.id == OutboxParcel.parcel_id))
        .where(OutboxParcel.station_id == station_id, OutboxParcel.message_id.in_(message_ids))
        .order_by(Parcel.id)
    )
    found: dict[int, list[tuple[int, str]]] = {}
    for row in connection().execute(query):
        found.setdefault(row.message_id, []).append((row.id, row.pickup_code or ""))
    return found


def counts(station_id: int) -> dict[Which, int]:
    """Return how many messages wait, are to be called about, and were given up without anybody dealing with them."""
    is_call = OutboxMessage.failure == NO_CHANNEL
    dead = select(func.count().filter(is_call), func.count()).where(
        OutboxMessage.station_id == station_id, _TO_DO
    )
    waiting = select(func.count()).where(OutboxMessage.station_id == station_id, _FILTERS[Which.WAITING])
    to_call, to_do = connection().execute(dead).one()
    return {
        Which.CALL: to_call,
        Which.DEAD: to_do,
        Which.WAITING: connection().scalar(waiting) or 0,
    }


def months(station_id: int, zone: str, today: date) -> list[Month]:
    """Return what the last MONTHS months cost, the newest first: one statement, however many messages."""
    firsts = _firsts(today)
    begins = [datetime.combine(first, time.min, ZoneInfo(zone)) for first in firsts]
    month = case(
        *((OutboxMessage.sent_at >= begin, place) for place, begin in enumerate(begins)), else_=len(begins)
    )
    query = (
        select(
            month.label("month"),
            OutboxMessage.currency,
            func.count().label("sent"),
            func.sum(func.coalesce(OutboxMessage.parts, 1)).label("parts"),
            func.sum(func.coalesce(OutboxMessage.parts * OutboxMessage.price_minor, 0)).label("cost"),
        )
        .where(
            OutboxMessage.station_id == station_id,
            _FILTERS[Which.SENT],
            OutboxMessage.sent_at >= begins[-1],
        )
        .group_by("month", OutboxMessage.currency)
    )
    rows = connection().execute(query).all()
    return [_month(first, [row for row in rows if row.month == place]) for place, first in enumerate(firsts)]


def _firsts(today: date) -> list[date]:
    """Return the first days of the last MONTHS months, the newest first."""
    firsts = [today.replace(day=1)]
    while len(firsts) < MONTHS:
        firsts.append((firsts[-1] - timedelta(days=1)).replace(day=1))
    return firsts


def _month(first: date, rows: list[Any]) -> Month:
    costs = tuple((row.currency, round(int(row.cost) / PER_THOUSAND)) for row in rows if row.currency)
    return Month(first, sum(row.sent for row in rows), sum(int(row.parts) for row in rows), costs)
