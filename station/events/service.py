"""Appending to the custody log and keeping refused scans, inside the transaction of the change they tell of."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from station.core import clock, ids, shown_codes
from station.core.actor import Actor
from station.core.db import connection
from station.core.statements import Statement
from station.core.text import printable
from station.events.chain import GENESIS, Link, canonical, link_hash
from station.events.models import CustodyEvent, CustodyHead, RefusedScan
from station.events.vocabulary import REASONS

RAW_LIMIT = 64  # a scan that was refused is shown again, not stored as a novel


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. `data` holds ids and codes, never a name, phone number, address or what somebody typed.

    A `reason` is one of vocabulary.REASONS.
    """

    kind: str
    parcel_id: int | None = None
    data: dict[str, Any] = field(default_factory=dict)


_HEAD = Statement(
    select(CustodyHead.seq, CustodyHead.hash)
    .where(CustodyHead.station_id == bindparam("station_id"))
    .with_for_update()
)
_MOVE_HEAD = Statement(
    update(CustodyHead)
    .where(CustodyHead.station_id == bindparam("station"))
    .values(seq=bindparam("seq"), hash=bindparam("hash"))
)
_OPEN_CHAIN = Statement(insert(CustodyHead))
_APPEND = Statement(insert(CustodyEvent))
_REFUSED = Statement(insert(RefusedScan))


def open_chain(station_id: int) -> None:
    """Begin the chain of a new station."""
    _OPEN_CHAIN.run(station_id=station_id, seq=0, hash=GENESIS)


def take_turn(station_id: int) -> None:
    """Wait until no other writer of this station is at work; then this transaction is alone until it ends.

    Every use case that changes parcels says this first. So two of them never wait for each other's rows crosswise, and
    what a use case has read is still true when it writes. SQLite has one writer at a time already.
    """
    if connection().dialect.name != "sqlite":
        _HEAD.first(station_id=station_id)


def append(actor: Actor, *events: Event, at: datetime | None = None) -> None:
    """Append `events` in their order to the chain of the actor's station.

    Locks the head's row: whoever did not take the station's turn before waits here.
    Raises ValueError for a reason that is not in the vocabulary: the edges let people choose, never type.
    """
    head = _HEAD.first(station_id=actor.station_id)
    moment = at or clock.now()
    seq, previous, rows = head.seq, head.hash, []
    for event in events:
        seq += 1
        if "reason" in event.data and event.data["reason"] not in REASONS:
            raise ValueError(f"{event.kind}: the reason is no code of the vocabulary")
        data = canonical(event.data)
        link = Link(actor.station_id, seq, moment, event.kind, event.parcel_id, actor.key, data)
        previous = link_hash(previous, link)
        rows.append(
            {
                "seq": seq,
                "kind": event.kind,
                "parcel_id": event.parcel_id,
                "data": data,
                "hash": previous,
            }
        )
    _APPEND.run_many(rows, station_id=actor.station_id, at=moment, actor=actor.key)
    _MOVE_HEAD.run(station=actor.station_id, seq=seq, hash=previous)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A scan that was not accepted: what was read, for what purpose, and the error code."""

    purpose: str
    reason: str
    raw: str
    scanned_at: datetime | None = None
    batch_id: int | None = None


def keep_refused_scan(actor: Actor, refusal: Refusal) -> None:
    """Keep a refused scan with its reason, at whatever box: never what could still open something at the desk."""
    _REFUSED.run(
        station_id=actor.station_id,
        id=ids.next_id(),
        at=clock.now(),
        scanned_at=refusal.scanned_at,
        purpose=refusal.purpose,
        reason=refusal.reason,
        raw=printable(shown_codes.to_keep(refusal.raw), limit=RAW_LIMIT),
        actor=actor.key,
        batch_id=refusal.batch_id,
    )
