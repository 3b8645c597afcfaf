"""Reads of what carriers are told: the stream of their parcels' events, their webhooks, and what could not be told."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnClause, bindparam, exists, func, literal_column, or_, select

from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.statements import Statement
from station.events import queries as events
from station.events.models import CustodyEvent, CustodyHead
from station.parcels.models import Parcel
from station.tracking.models import DEAD, WAITING, Webhook, WebhookDelivery
from station.tracking.vocabulary import TOLD, Status, Vocabulary, meaning

PAGE = 500  # events
# Links of the log that one page looks through at most. Ours: a busy station's morning; a carrier that brings little
# gets an empty page and a cursor that is further on, instead of a request that walks a year.
LOOKED_THROUGH = 5_000
DEAD_PAGE = 100


@dataclass(frozen=True, slots=True)
class Told:
    """One event as its carrier is told it. `at` is when it happened; `cursor` its place in the station's log.

    `manifest_id`: the signed return manifest of a parcel that was returned.
    """

    cursor: int
    at: datetime
    status: Status
    codes: Mapping[Vocabulary, str]
    parcel_id: int
    waybill: str
    manifest_id: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the stream; `next_cursor`: where the next page begins, `has_more`: whether there is anything there."""

    events: tuple[Told, ...]
    next_cursor: int
    has_more: bool


# Spelt out: a statement that is compiled once takes no list.
_KINDS: list[ColumnClause[str]] = [literal_column(f"'{kind}'") for kind in sorted(TOLD)]
_EVENTS = (
    select(
        CustodyEvent.seq,
        CustodyEvent.at,
        CustodyEvent.kind,
        CustodyEvent.data,
        CustodyEvent.parcel_id,
        Parcel.waybill,
    )
    .join(Parcel, (Parcel.station_id == CustodyEvent.station_id) & (Parcel.id == CustodyEvent.parcel_id))
    .where(CustodyEvent.station_id == bindparam("station_id"), CustodyEvent.kind.in_(_KINDS))
)
_STREAM = Statement(
    _EVENTS.where(
        CustodyEvent.seq > bindparam("after"),
        CustodyEvent.seq <= bindparam("until"),
        Parcel.carrier == bindparam("carrier"),
    )
    .order_by(CustodyEvent.seq)
    .limit(bindparam("most"))
)
_ONE = Statement(_EVENTS.where(CustodyEvent.seq == bindparam("seq")))


def stream(station_id: int, carrier: str, *, after: int, limit: int = PAGE) -> Page:
    """Return what happened to a carrier's parcels behind `after`, oldest first, at most `limit`.

    A page may be empty though more follows: it looks through LOOKED_THROUGH links of the log.
    Raises StationError `bad_input` for a cursor that this log has not reached.
    """
    head = events.head(station_id)
    if after > head:
        raise StationError("bad_input", _("This cursor is ahead of the log. Begin from 0."))
    until = min(head, after + LOOKED_THROUGH)
    rows = _STREAM.all(station_id=station_id, carrier=carrier, after=after, until=until, most=limit)
    found = tuple(map(_told, rows))
    reached = found[-1].cursor if len(found) == limit else until
    return Page(found, reached, has_more=reached < head)


def event(station_id: int, seq: int) -> Told:
    """Return one event of the log that carriers are told."""
    return _told(_ONE.first(station_id=station_id, seq=seq))


def _told(row: Any) -> Told:
    data = json.loads(row.data)
    found = meaning(row.kind, data)
    if found is None:
        raise ValueError(f"{row.kind} has no meaning for carriers")
    # What a kiosk told later happened when the kiosk says.
    at = datetime.fromisoformat(data["at"]) if "at" in data else row.at
    return Told(
        row.seq, at, found.status, found.codes, row.parcel_id, row.waybill, manifest_id=data.get("manifest")
    )


@dataclass(frozen=True, slots=True)
class Target:
    """A webhook that may have something coming."""

    station_id: int
    id: int


def due(now: datetime) -> list[Target]:
    """Return the webhooks of all stations that may have something to be told, without locking anything."""
    waiting = exists().where(
        WebhookDelivery.station_id == Webhook.station_id,
        WebhookDelivery.webhook_id == Webhook.id,
        WebhookDelivery.due_at <= now,
        WAITING,
    )
    query = (
        select(Webhook.station_id, Webhook.id)
        .join(CustodyHead, CustodyHead.station_id == Webhook.station_id)
        .where(Webhook.ended_at.is_(None), or_(Webhook.cursor < CustodyHead.seq, waiting))
        .order_by(Webhook.station_id, Webhook.id)
    )
    return [Target(*row) for row in connection().execute(query)]


@dataclass(frozen=True, slots=True)
class WebhookEntry:
    """A webhook as lists show it; `waiting` and `dead`: how many deliveries are."""

    id: int
    carrier: str
    url: str
    cursor: int
    made_at: datetime
    ended_at: datetime | None
    waiting: int
    dead: int


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A delivery that was given up: which event it tells of, and why it failed last."""

    id: int
    cursor: int
    waybill: str
    attempts: int
    failure: str
    settled_at: datetime


def webhooks(station_id: int, *, carrier: str | None = None) -> list[WebhookEntry]:
    """Return a station's webhooks, one carrier's or all, those in use first, then the newest."""
    query = _entries().where(Webhook.station_id == station_id)
    if carrier is not None:
        query = query.where(Webhook.carrier == carrier)
    query = query.order_by(Webhook.ended_at.is_not(None), Webhook.id.desc())
    return [WebhookEntry(*row) for row in connection().execute(query)]


def troubled(station_id: int) -> list[WebhookEntry]:
    """Return the webhooks in use that have dead letters, the newest first."""
    return [one for one in webhooks(station_id) if one.dead and one.ended_at is None]


def given_up(*, since: datetime) -> int:
    """Return how many deliveries of webhooks in use were given up since then, at all stations."""
    in_use = (
        (Webhook.station_id == WebhookDelivery.station_id)
        & (Webhook.id == WebhookDelivery.webhook_id)
        & Webhook.ended_at.is_(None)
    )
    query = select(func.count()).select_from(WebhookDelivery).join(Webhook, in_use)
    return connection().scalar(query.where(DEAD, WebhookDelivery.settled_at >= since)) or 0


def webhook(station_id: int, webhook_id: int, *, carrier: str | None = None) -> WebhookEntry:
    """Return one webhook, of any carrier or of this one. Raises StationError `not_found`."""
    query = _entries().where(Webhook.station_id == station_id, Webhook.id == webhook_id)
    row = connection().execute(query).first()
    if row is None or carrier not in (None, row.carrier):
        raise StationError("not_found", _("There is no such webhook."))
    return WebhookEntry(*row)


def _entries() -> Any:
    counts = [
        select(func.count())
        .where(
            WebhookDelivery.station_id == Webhook.station_id, WebhookDelivery.webhook_id == Webhook.id, state
        )
        .correlate(Webhook)
        .scalar_subquery()
        for state in (WAITING, DEAD)
    ]
    shown = (Webhook.id, Webhook.carrier, Webhook.url, Webhook.cursor, Webhook.made_at, Webhook.ended_at)
    return select(*shown, *counts)


def dead_letters(station_id: int, webhook_id: int) -> list[DeadLetter]:
    """Return a webhook's dead letters, oldest first, at most DEAD_PAGE."""
    query = (
        select(
            WebhookDelivery.id,
            WebhookDelivery.seq,
            Parcel.waybill,
            WebhookDelivery.attempts,
            WebhookDelivery.failure,
            WebhookDelivery.settled_at,
        )
        .join(
            Parcel,
            (Parcel.station_id == WebhookDelivery.station_id) & (Parcel.id == WebhookDelivery.parcel_id),
        )
        .where(
            WebhookDelivery.station_id == station_id,
            WebhookDelivery.webhook_id == webhook_id,
            WebhookDelivery.state == "dead",
        )
        .order_by(WebhookDelivery.id)
        .limit(DEAD_PAGE)
    )
    return [DeadLetter(*row) for row in connection().execute(query)]
