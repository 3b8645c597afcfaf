"""The outbox: messages owed to people, written with the change they tell of, and what became of them.

Responsible for the rows: gathering several parcels of one person into one message, withdrawing, claiming for sending,
settling. Not for words nor for channels (notices). A message takes parcels only while it is open; once it was
claimed it may have gone out, and its id, the provider's idempotency key, stands for the text it had then.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, bindparam, case, delete, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from station.core import clock, ids
from station.core.db import connection
from station.core.listed import among
from station.core.statements import Statement
from station.events.models import OutboxMessage, OutboxParcel

# Minutes after the first, second … attempt. Ours: a gateway that hiccups is back in a minute, one that is down for
# maintenance in an hour; with LAST_ATTEMPT the wait adds up to more than four hours.
BACK_OFF_MIN = (1, 5, 15, 60, 60, 60, 60, 60)
LAST_ATTEMPT = len(BACK_OFF_MIN)
FAILURE_LIMIT = 200
CORRECTION = "undone"  # the topic that takes an earlier message back
NO_CHANNEL = "no_channel"  # the failure of a dead message that staff has to say by phone


class MessageState(StrEnum):
    """Where a message stands."""

    OPEN = "open"  # waits for its time; further parcels of the person join it
    CLAIMED = "claimed"  # being sent, or waiting for the next attempt
    SENT = "sent"
    DEAD = "dead"  # given up after LAST_ATTEMPT, or because trying again is of no use
    DROPPED = "dropped"  # nothing left to tell


@dataclass(frozen=True, slots=True)
class Charge:
    """What a message cost: its parts, and the price of a thousand of them, which are sold by the thousand."""

    parts: int
    price_minor: int | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that is ours to send until its claim runs out; `attempts` counts this one."""

    id: int
    station_id: int
    recipient_id: int
    topic: str
    attempts: int
    parcel_ids: tuple[int, ...]

    @property
    def is_last_attempt(self) -> bool:
        """Whether a failure now is the end."""
        return self.attempts >= LAST_ATTEMPT


# These words stand in the partial indexes' conditions; only the same text lets a database use them.
_IS_OPEN = text("state = 'open'")
_IS_UNSETTLED = text("state in ('open', 'claimed')")


def _open_or_join(build: type[sqlite.Insert] | type[postgresql.Insert]) -> sqlite.Insert | postgresql.Insert:
    add = build(OutboxMessage)
    later = case(
        (OutboxMessage.due_at < add.excluded.due_at, add.excluded.due_at), else_=OutboxMessage.due_at
    )
    keys = [OutboxMessage.station_id, OutboxMessage.recipient_id, OutboxMessage.topic]
    return add.on_conflict_do_update(index_elements=keys, index_where=_IS_OPEN, set_={"due_at": later})


_OPENING = {"sqlite": _open_or_join(sqlite.Insert), "postgresql": _open_or_join(postgresql.Insert)}
_OPEN = {name: Statement(opening.returning(OutboxMessage.id)) for name, opening in _OPENING.items()}
_OPEN_MANY = {name: Statement(opening) for name, opening in _OPENING.items()}
_ADD_PARCEL = {
    "sqlite": Statement(sqlite.insert(OutboxParcel).on_conflict_do_nothing()),
    "postgresql": Statement(postgresql.insert(OutboxParcel).on_conflict_do_nothing()),
}
_OPEN_OF = Statement(
    select(OutboxMessage.recipient_id, OutboxMessage.id).where(
        OutboxMessage.station_id == bindparam("station_id"),
        OutboxMessage.topic == bindparam("topic"),
        _IS_OPEN,
        among(OutboxMessage.recipient_id, "recipients"),
    )
)
_IS_MESSAGE = and_(OutboxMessage.station_id == bindparam("station"), OutboxMessage.id == bindparam("message"))
_WITH_PARCEL = (
    select(OutboxMessage.id, OutboxMessage.topic)
    .join(
        OutboxParcel,
        and_(
            OutboxParcel.station_id == OutboxMessage.station_id, OutboxParcel.message_id == OutboxMessage.id
        ),
    )
    .where(
        OutboxParcel.station_id == bindparam("station"),
        OutboxParcel.parcel_id == bindparam("parcel"),
    )
)
_OPEN_WITH_PARCEL = Statement(
    _WITH_PARCEL.where(OutboxMessage.state == MessageState.OPEN).with_for_update(of=OutboxMessage)
)
_NEWEST_TOLD = Statement(
    _WITH_PARCEL.where(text("state in ('claimed', 'sent')")).order_by(OutboxMessage.id.desc()).limit(1)
)
_REMOVE_PARCEL = Statement(
    delete(OutboxParcel).where(
        OutboxParcel.station_id == bindparam("station"),
        OutboxParcel.message_id == bindparam("message"),
        OutboxParcel.parcel_id == bindparam("parcel"),
    )
)
_PARCELS = Statement(
    select(OutboxParcel.parcel_id)
    .where(OutboxParcel.station_id == bindparam("station"), OutboxParcel.message_id == bindparam("message"))
    .order_by(OutboxParcel.parcel_id)
)
_NEXT_DUE = Statement(
    select(OutboxMessage.id, OutboxMessage.recipient_id, OutboxMessage.topic, OutboxMessage.attempts)
    .where(
        OutboxMessage.station_id == bindparam("station"),
        _IS_UNSETTLED,
        OutboxMessage.due_at <= bindparam("now"),
    )
    .order_by(OutboxMessage.due_at, OutboxMessage.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_CLAIM = Statement(
    update(OutboxMessage)
    .where(_IS_MESSAGE)
    .values(state=MessageState.CLAIMED.value, attempts=bindparam("attempts"), due_at=bindparam("due_at"))
)
_SETTLE = Statement(
    update(OutboxMessage)
    .where(_IS_MESSAGE, _IS_UNSETTLED)
    .values(
        state=bindparam("state"),
        channel=bindparam("channel"),
        body=bindparam("body"),
        sent_at=bindparam("sent_at"),
        parts=bindparam("parts"),
        price_minor=bindparam("price_minor"),
        currency=bindparam("currency"),
        failure=bindparam("failure"),
    )
)
_POSTPONE = Statement(
    update(OutboxMessage)
    .where(_IS_MESSAGE, text("state = 'claimed'"))
    .values(state=bindparam("state"), attempts=bindparam("attempts"), due_at=bindparam("due_at"))
)
_FAIL = Statement(
    update(OutboxMessage)
    .where(_IS_MESSAGE, _IS_UNSETTLED)
    .values(state=bindparam("state"), failure=bindparam("failure"))
)


def enqueue(station_id: int, *, topic: str, recipient_id: int, parcel_id: int, due_at: datetime) -> int:
    """Owe a recipient a message about a parcel, not before `due_at`; return the message's id.

    Joins the recipient's open message on the same topic, which then waits until the later of both times, so that a
    batch is told of once, after its last parcel. The same parcel twice is told of once.
    """
    return enqueue_batch(station_id, topic=topic, owed=[(recipient_id, parcel_id)], due_at=due_at)[
        recipient_id
    ]


def enqueue_batch(
    station_id: int, *, topic: str, owed: Sequence[tuple[int, int]], due_at: datetime
) -> dict[int, int]:
    """Owe messages for many (recipient, parcel) pairs at once; return the message's id for each recipient."""
    name = connection().dialect.name
    # In the order of ids, so that two writers never wait for each other's messages.
    people = sorted({recipient_id for recipient_id, _ in owed})
    messages = _owe_many(name, station_id, topic=topic, recipient_ids=people, due_at=due_at)
    _ADD_PARCEL[name].run_many(
        [{"message_id": messages[recipient_id], "parcel_id": parcel_id} for recipient_id, parcel_id in owed],
        station_id=station_id,
    )
    return messages


def enqueue_note(station_id: int, *, topic: str, recipient_id: int, due_at: datetime) -> int:
    """Owe a recipient a message that is about no parcel; return its id. One that is open already stands for it."""
    return _owe(connection().dialect.name, station_id, topic=topic, recipient_id=recipient_id, due_at=due_at)


def _owe(name: str, station_id: int, *, topic: str, recipient_id: int, due_at: datetime) -> int:
    row = _OPEN[name].first(**_opened(recipient_id), **_new(station_id, topic, due_at))
    return int(row.id)


def _owe_many(
    name: str, station_id: int, *, topic: str, recipient_ids: Sequence[int], due_at: datetime
) -> dict[int, int]:
    """Owe several people a message; return its id for each. Two statements for a van load, not one for each of them."""
    if len(recipient_ids) == 1:
        (one,) = recipient_ids
        return {one: _owe(name, station_id, topic=topic, recipient_id=one, due_at=due_at)}
    _OPEN_MANY[name].run_many([_opened(one) for one in recipient_ids], **_new(station_id, topic, due_at))
    opened = _OPEN_OF.all(station_id=station_id, topic=topic, recipients=list(recipient_ids))
    return {row.recipient_id: row.id for row in opened}


def _opened(recipient_id: int) -> dict[str, Any]:
    return {"id": ids.next_id(), "recipient_id": recipient_id}


def _new(station_id: int, topic: str, due_at: datetime) -> dict[str, Any]:
    """Return what new messages share; the other columns have nothing yet."""
    return {
        "station_id": station_id,
        "topic": topic,
        "state": MessageState.OPEN,
        "due_at": due_at,
        "created_at": clock.now(),
    }


def withdraw(station_id: int, parcel_id: int, topics: Collection[str] | None = None) -> int:
    """Take a parcel out of open messages on `topics` (None: all); return out of how many it was taken.

    0 means that the person was told, or is being told now. A message with no parcel left is dropped.
    """
    found = [
        row.id
        for row in _OPEN_WITH_PARCEL.all(station=station_id, parcel=parcel_id)
        if topics is None or row.topic in topics
    ]
    for message_id in found:
        _REMOVE_PARCEL.run(station=station_id, message=message_id, parcel=parcel_id)
        if not _PARCELS.first(station=station_id, message=message_id):
            _settle(station_id, message_id, MessageState.DROPPED)
    return len(found)


def was_told(station_id: int, parcel_id: int) -> bool:
    """Tell whether a message about a parcel has left the house, or is leaving it, and was not taken back since."""
    newest = _NEWEST_TOLD.first(station=station_id, parcel=parcel_id)
    return newest is not None and newest.topic != CORRECTION


def stations_due(now: datetime) -> list[int]:
    """Return the stations that have a message to send, without locking anything."""
    due = select(OutboxMessage.station_id).where(_IS_UNSETTLED, OutboxMessage.due_at <= now)
    return list(connection().scalars(due.distinct().order_by(OutboxMessage.station_id)))


def claim_next(station_id: int, now: datetime) -> Claimed | None:
    """Claim the station's longest due message until the time of its next attempt; None when nothing is due.

    A message whose last attempt was claimed and never settled is given up here: nobody knows whether it went out.
    """
    while row := _NEXT_DUE.first(station=station_id, now=now):
        if row.attempts < LAST_ATTEMPT:
            return _claim(station_id, row, now)
        _FAIL.run(station=station_id, message=row.id, state=MessageState.DEAD, failure="not settled")
    return None


def _claim(station_id: int, row: OutboxMessage, now: datetime) -> Claimed:
    attempts = row.attempts + 1
    due_at = now + timedelta(minutes=BACK_OFF_MIN[row.attempts])
    _CLAIM.run(station=station_id, message=row.id, attempts=attempts, due_at=due_at)
    parcels = tuple(parcel.parcel_id for parcel in _PARCELS.all(station=station_id, message=row.id))
    return Claimed(row.id, station_id, row.recipient_id, row.topic, attempts, parcels)


def postpone(message: Claimed, until: datetime) -> None:
    """Put a message back that was claimed too early: the claim counts as no attempt.

    One that was never tried is open again, so that further parcels join it.
    """
    tried = message.attempts - 1
    _POSTPONE.run(
        station=message.station_id,
        message=message.id,
        state=MessageState.CLAIMED if tried else MessageState.OPEN,
        attempts=tried,
        due_at=until,
    )


def mark_sent(message: Claimed, *, channel: str, body: str | None, charge: Charge | None = None) -> bool:
    """Keep that a message went out, and what it said (None: a secret); False when another process settled it first."""
    return _settle(
        message.station_id, message.id, MessageState.SENT, channel=channel, body=body, charge=charge
    )


def drop(message: Claimed) -> bool:
    """Close a message that has nothing left to tell; False when another process settled it first."""
    return _settle(message.station_id, message.id, MessageState.DROPPED)


def put_back(message: Claimed, *, failure: str) -> MessageState:
    """Keep why an attempt failed; the claim's end is the next attempt, and after the last one the message is dead."""
    state = MessageState.DEAD if message.is_last_attempt else MessageState.CLAIMED
    _FAIL.run(station=message.station_id, message=message.id, state=state, failure=failure[:FAILURE_LIMIT])
    return state


def give_up(message: Claimed, *, failure: str) -> bool:
    """Close a message that can never be delivered, and keep why; False when another process settled it first."""
    state = MessageState.DEAD
    return bool(
        _FAIL.run(
            station=message.station_id, message=message.id, state=state, failure=failure[:FAILURE_LIMIT]
        )
    )


def _settle(
    station_id: int,
    message_id: int,
    state: MessageState,
    *,
    channel: str | None = None,
    body: str | None = None,
    charge: Charge | None = None,
) -> bool:
    sent_at = clock.now() if state is MessageState.SENT else None
    touched = _SETTLE.run(
        station=station_id,
        message=message_id,
        state=state,
        channel=channel,
        body=body,
        sent_at=sent_at,
        parts=charge.parts if charge else None,
        price_minor=charge.price_minor if charge else None,
        currency=charge.currency if charge else None,
        failure=None,
    )
    return touched == 1
