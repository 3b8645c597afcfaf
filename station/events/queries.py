"""Reads of what happened."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from station.core.statements import Statement
from station.events.models import CustodyEvent, CustodyHead

PAGE = 200  # events; a parcel's story has about ten


@dataclass(frozen=True, slots=True)
class StoryEvent:
    """One event of a parcel. `actor` is a kind and an id, `data` holds ids and codes."""

    seq: int
    at: datetime
    kind: str
    actor: str
    data: dict[str, Any]
    hash: bytes


@dataclass(frozen=True, slots=True)
class Change:
    """One link of a station's chain as whoever follows it needs it."""

    seq: int
    kind: str
    parcel_id: int | None
    data: dict[str, Any]


_SINCE = Statement(
    select(CustodyEvent.seq, CustodyEvent.kind, CustodyEvent.parcel_id, CustodyEvent.data)
    .where(CustodyEvent.station_id == bindparam("station_id"), CustodyEvent.seq > bindparam("after"))
    .order_by(CustodyEvent.seq)
    .limit(bindparam("most"))
)
_HEAD = Statement(select(CustodyHead.seq).where(CustodyHead.station_id == bindparam("station_id")))


def since(station_id: int, after: int, *, limit: int) -> list[Change]:
    """Return what happened at a station behind link `after` of its chain, oldest first, at most `limit`."""
    rows = _SINCE.all(station_id=station_id, after=after, most=limit)
    return [Change(row.seq, row.kind, row.parcel_id, json.loads(row.data)) for row in rows]


@dataclass(frozen=True, slots=True)
class Said:
    """What an event of a kind says: its number and its data."""

    seq: int
    data: dict[str, Any]


_OF_KIND = Statement(
    select(CustodyEvent.seq, CustodyEvent.data)
    .where(
        CustodyEvent.station_id == bindparam("station_id"),
        CustodyEvent.kind == bindparam("kind"),
        CustodyEvent.seq > bindparam("after"),
    )
    .order_by(CustodyEvent.seq)
    .limit(bindparam("limit"))
)


def of_kind(station_id: int, kind: str, *, after: int, limit: int) -> list[Said]:
    """Return what the events of a kind say, in their order, behind the number `after`, at most `limit`."""
    rows = _OF_KIND.all(station_id=station_id, kind=kind, after=after, limit=limit)
    return [Said(row.seq, json.loads(row.data)) for row in rows]


def head(station_id: int) -> int:
    """Return the number of the newest link of a station's chain."""
    return int(_HEAD.first(station_id=station_id).seq)


_STORY = Statement(
    select(
        CustodyEvent.seq,
        CustodyEvent.at,
        CustodyEvent.kind,
        CustodyEvent.actor,
        CustodyEvent.data,
        CustodyEvent.hash,
    )
    .where(
        CustodyEvent.station_id == bindparam("station_id"),
        CustodyEvent.parcel_id == bindparam("parcel_id"),
        CustodyEvent.seq > bindparam("after"),
    )
    .order_by(CustodyEvent.seq)
    .limit(PAGE)
)


def story(station_id: int, parcel_id: int, *, after: int = 0) -> list[StoryEvent]:
    """Return a parcel's events behind link `after` of the station's chain, oldest first, at most PAGE."""
    rows = _STORY.all(station_id=station_id, parcel_id=parcel_id, after=after)
    return [StoryEvent(row.seq, row.at, row.kind, row.actor, json.loads(row.data), row.hash) for row in rows]
