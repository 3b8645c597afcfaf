"""Reads of what happened."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from station.core.statements import Statement
from station.events.models import CustodyEvent

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
