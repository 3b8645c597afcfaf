"""A drop from beginning to end: opened by the station's code, finished with a signed receipt, counted by a clerk.

Its scans are scans.py's.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, update

from station.core import clock, ids
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.couriers import queries as couriers
from station.drops import lifecycle, queries, receipts
from station.drops.lifecycle import DropAction, DropState
from station.drops.models import Drop
from station.drops.presence import Presence
from station.drops.queries import DropFacts
from station.events.service import Event, append, take_turn

LASTS = timedelta(hours=4)  # ours: a courier's round of one neighbourhood; longer needs the code again
# Ours: a shift; so long a code that was scanned with no network may wait on the phone.
LATE = timedelta(hours=12)
MOST = 100_000  # parcels of one drop; no van holds as many


@dataclass(frozen=True, slots=True)
class Opened:
    """A drop that may be scanned for; `is_new` False when it was open already."""

    drop: DropFacts
    is_new: bool


def open_drop(actor: Actor, seen: Presence, scanned_at: datetime) -> Opened:
    """Begin a courier's drop at the station whose code was seen, or go on with the one that is open.

    Raises StationError `forbidden` for another station or somebody who brings parcels of no carrier there,
    `presence_expired` when the code was not on the screen at `scanned_at`, or that is too long ago.
    """
    take_turn(actor.station_id)
    if seen.station_id != actor.station_id or not couriers.carriers_of(actor.station_id, actor.id):
        raise StationError(
            "forbidden", _("You are no courier of this station. Ask its manager to let you in.")
        )
    _check_time(seen, scanned_at)
    now = clock.now()
    known = queries.by_step(actor.station_id, actor.id, seen.step) or queries.current(
        actor.station_id, actor.id, now
    )
    if known:
        return Opened(known, is_new=False)
    return Opened(_begin(actor, seen, min(scanned_at, now)), is_new=True)


def _check_time(seen: Presence, scanned_at: datetime) -> None:
    now = clock.now()
    is_now = seen.fits(now)
    was_then = seen.fits(scanned_at) and now - LATE <= scanned_at <= now
    if not is_now and not was_then:
        raise StationError(
            "presence_expired", _("This code is too old. Scan the one that the counter's screen shows now.")
        )


def _begin(actor: Actor, seen: Presence, opened_at: datetime) -> DropFacts:
    drop_id, now = ids.next_id(), clock.now()
    values = {"account_id": actor.id, "step": seen.step, "state": DropState.OPEN, "told_at": now}
    times = {"opened_at": opened_at, "closes_at": opened_at + LASTS}
    connection().execute(insert(Drop).values(station_id=actor.station_id, id=drop_id, **values, **times))
    facts = {"drop": str(drop_id), "opened_at": opened_at.isoformat()}
    append(actor, Event("drop_opened", data=facts))
    return queries.get(actor.station_id, drop_id)


def finish(actor: Actor, drop_id: int, told: int) -> DropFacts:
    """End a drop with its signed receipt; one that is finished stays as it is.

    `told`: how many parcels the courier says they leave. Raises StationError `not_found` for another's drop,
    `bad_input` for a number that cannot be.
    """
    take_turn(actor.station_id)
    drop = queries.own(actor, drop_id)
    _check_number(told)
    return drop if drop.state != DropState.OPEN else _finish(actor, drop, told)


def _finish(actor: Actor, drop: DropFacts, told: int | None) -> DropFacts:
    now = clock.now()
    text, signature = receipts.sign(drop, told=told, at=now)
    counts = queries.counts(drop.station_id, drop.id)
    _set(
        drop,
        DropAction.FINISH,
        told=told,
        receipt=text,
        signature=signature,
        finished_at=now,
        finished_by=actor.key,
    )
    facts = {"drop": str(drop.id), "accepted": counts.accepted, "scans": counts.scans, "told": told}
    append(actor, Event("drop_finished", data=facts), at=now)
    return queries.get(drop.station_id, drop.id)


def confirm(actor: Actor, drop_id: int, counted: int) -> DropFacts:
    """Note how many parcels of a drop a clerk counted; the difference shows beside the receipt.

    A drop whose time is over is finished first: its courier has left without doing so. Raises StationError
    `not_found`, `bad_input`, `drop_open` while the courier is at it, `drop_over` when it was counted before.
    """
    take_turn(actor.station_id)
    drop = queries.get(actor.station_id, drop_id)
    _check_number(counted)
    if drop.state == DropState.OPEN:
        if not may_count(drop):
            raise StationError(
                "drop_open", _("The courier is still scanning. Count when they have finished.")
            )
        drop = _finish(actor, drop, None)
    now = clock.now()
    _set(drop, DropAction.CONFIRM, counted=counted, confirmed_at=now, confirmed_by=actor.key)
    accepted = queries.counts(drop.station_id, drop.id).accepted
    facts = {"drop": str(drop.id), "accepted": accepted, "counted": counted}
    append(actor, Event("drop_confirmed", data=facts), at=now)
    return queries.get(drop.station_id, drop.id)


def may_count(drop: DropFacts) -> bool:
    """Tell whether a clerk may count a drop now: its courier has finished, or their time is over."""
    return drop.state == DropState.FINISHED or (
        drop.state == DropState.OPEN and clock.now() >= drop.closes_at
    )


def _check_number(count: int) -> None:
    if not 0 <= count <= MOST:
        raise StationError("bad_input", _("Type how many parcels there are, in digits."))


def _set(drop: DropFacts, action: DropAction, **values: Any) -> None:
    state = DropState(drop.state)
    if not lifecycle.can(state, action):
        raise StationError("drop_over", _("This drop was counted already."))
    connection().execute(
        update(Drop)
        .where(Drop.station_id == drop.station_id, Drop.id == drop.id, Drop.state == state)
        .values(state=lifecycle.TRANSITIONS[state, action], **values)
    )
