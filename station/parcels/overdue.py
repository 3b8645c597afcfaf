"""Entering storage levels: each once, by an event, however late the job runs."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update

from station.carriers.catalogue import OWN
from station.core import clock
from station.core.actor import system_actor
from station.core.db import connection
from station.core.statements import Statement
from station.events import outbox
from station.events.service import Event, append, take_turn
from station.network import queries as network
from station.network.queries import StationRules
from station.parcels.clock_rules import LEVELS, StorageLevel, level_at, next_due
from station.parcels.models import STORED, Parcel
from station.parcels.station_clock import deadlines_of

TOPICS = {StorageLevel.REMIND: "remind", StorageLevel.OVERDUE: "overdue", StorageLevel.ALERT: "alert"}
STEP = 500  # parcels for each transaction: short enough not to keep a scanner waiting

_DUE = Statement(
    select(
        Parcel.id,
        Parcel.level,
        Parcel.stored_at,
        Parcel.extended_h,
        Parcel.recipient_id,
        Parcel.problem,
        Parcel.carrier,
    )
    .where(Parcel.station_id == bindparam("station_id"), STORED, Parcel.due_at <= bindparam("now"))
    .order_by(Parcel.due_at, Parcel.id)
    .limit(STEP)
)
_ENTER = Statement(
    update(Parcel)
    .where(
        Parcel.station_id == bindparam("station"),
        Parcel.id == bindparam("parcel"),
        STORED,
        Parcel.level == bindparam("seen"),
    )
    .values(level=bindparam("level"), due_at=bindparam("due_at"))
)
_STORED = Statement(
    select(Parcel.id, Parcel.level, Parcel.stored_at, Parcel.extended_h, Parcel.due_at).where(
        Parcel.station_id == bindparam("station_id"), STORED
    )
)
_RESCHEDULE = Statement(
    update(Parcel)
    .where(Parcel.station_id == bindparam("station"), Parcel.id == bindparam("parcel"), STORED)
    .values(due_at=bindparam("due_at"))
)


def due_stations(now: datetime) -> list[int]:
    """Return the stations where a parcel's next level has begun. Reads only; takes no lock."""
    query = select(Parcel.station_id).where(STORED, Parcel.due_at <= now).distinct()
    return [int(row.station_id) for row in connection().execute(query)]


def enter_levels(station_id: int) -> int:
    """Bring up to STEP due parcels of a station to their level; return how many. Run again until it returns 0.

    A parcel that passed several levels since the last run enters each by an event, in order, and gets one message:
    that of the level it is in now.
    """
    take_turn(station_id)
    now, actor = clock.now(), system_actor(station_id)
    rules = network.rules(station_id)
    due = _DUE.all(station_id=station_id, now=now)
    events: list[Event] = []
    for parcel in due:
        events += _enter(parcel, rules, now, station_id=station_id)
    if events:
        append(actor, *events, at=now)
    return len(due)


def _enter(parcel: Any, rules: StationRules, now: datetime, *, station_id: int) -> list[Event]:
    found = deadlines_of(parcel.stored_at, rules, timedelta(hours=parcel.extended_h))
    before, level = StorageLevel(parcel.level), level_at(found, now)
    # A closure declared after `due_at` was stored may have moved the level away: then only the date is put right.
    reached = level if level.rank > before.rank else before
    entered = _ENTER.run(
        station=station_id, parcel=parcel.id, seen=before, level=reached, due_at=next_due(found, reached)
    )
    if not entered or reached is before:
        return []
    # What nobody collects of a group buy goes back to no sender; group_buys/unclaimed.py tells of it.
    topic = None if parcel.carrier == OWN else TOPICS.get(reached)
    if topic and parcel.recipient_id and parcel.problem is None:
        outbox.enqueue(
            station_id, topic=topic, recipient_id=parcel.recipient_id, parcel_id=parcel.id, due_at=now
        )
    passed = [one for one in LEVELS if before.rank < one.rank <= reached.rank]
    return [Event("level_entered", parcel.id, {"level": one}) for one in passed]


def reschedule(station_id: int) -> int:
    """Move every future deadline to what the station's rules say now; return how many moved.

    Called when opening hours, special days, the zone or the storage rules change. A level already entered stays.
    """
    take_turn(station_id)
    rules, moved = network.rules(station_id), []
    for parcel in _STORED.all(station_id=station_id):
        found = deadlines_of(parcel.stored_at, rules, timedelta(hours=parcel.extended_h))
        due_at = next_due(found, StorageLevel(parcel.level))
        if due_at != parcel.due_at:
            moved.append({"parcel": parcel.id, "due_at": due_at})
    _RESCHEDULE.run_many(moved, station=station_id)
    return len(moved)
