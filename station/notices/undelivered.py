"""What staff does about messages that were given up: send them again as new ones, or say them by phone."""

from typing import Any

from sqlalchemy import Row, select, update

from station.core import clock
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.events import outbox
from station.events.models import OutboxMessage, OutboxParcel
from station.events.outbox import MessageState
from station.events.service import Event, append, take_turn
from station.notices import notes


def resend(actor: Actor, message_id: int) -> int:
    """Owe the message again, in words of what is true when it goes out; return the new message's id.

    What left since is not told of. Acts once: the old row names the new one. Raises StationError `not_found`,
    `stale` when somebody dealt with it before, `bad_input` for a code of which nothing is kept.
    """
    take_turn(actor.station_id)
    dead = _unsettled(actor.station_id, message_id)
    if dead.topic in notes.SECRET:
        raise StationError("bad_input", _("A code is not sent again. Its recipient asks for a new one."))
    parcels = _parcels(actor.station_id, message_id)
    new = _owe_again(actor.station_id, dead, parcels)
    _settle(actor.station_id, message_id, resent_as=new)
    _log(actor, "message_resent", {"message": str(message_id), "as": str(new), "topic": dead.topic}, parcels)
    return new


def called(actor: Actor, message_id: int) -> None:
    """Keep that somebody told the recipient by phone. Raises StationError `not_found`, `stale` as above."""
    take_turn(actor.station_id)
    dead = _unsettled(actor.station_id, message_id)
    _settle(actor.station_id, message_id, called_at=clock.now(), called_by=actor.id)
    parcels = _parcels(actor.station_id, message_id)
    _log(actor, "message_called", {"message": str(message_id), "topic": dead.topic}, parcels)


def _unsettled(station_id: int, message_id: int) -> Row[Any]:
    query = select(
        OutboxMessage.recipient_id,
        OutboxMessage.topic,
        OutboxMessage.state,
        OutboxMessage.resent_as,
        OutboxMessage.called_at,
    ).where(OutboxMessage.station_id == station_id, OutboxMessage.id == message_id)
    row = connection().execute(query).one_or_none()
    if row is None:
        raise StationError("not_found", _("There is no such message."))
    if row.state != MessageState.DEAD or row.resent_as or row.called_at:
        raise StationError("stale", _("Somebody has dealt with this message already."))
    return row


def _parcels(station_id: int, message_id: int) -> list[int]:
    mine = (OutboxParcel.station_id == station_id, OutboxParcel.message_id == message_id)
    return list(connection().scalars(select(OutboxParcel.parcel_id).where(*mine)))


def _owe_again(station_id: int, dead: Row[Any], parcels: list[int]) -> int:
    about = {"topic": dead.topic, "due_at": clock.now()}
    if not parcels:
        return outbox.enqueue_note(station_id, recipient_id=dead.recipient_id, **about)
    owed = [(dead.recipient_id, parcel_id) for parcel_id in parcels]
    return outbox.enqueue_batch(station_id, owed=owed, **about)[dead.recipient_id]


def _settle(station_id: int, message_id: int, **values: object) -> None:
    """Write what was done; the condition is the last word when two do it at once."""
    unsettled = (OutboxMessage.resent_as.is_(None), OutboxMessage.called_at.is_(None))
    mine = (OutboxMessage.station_id == station_id, OutboxMessage.id == message_id)
    if not connection().execute(update(OutboxMessage).where(*mine, *unsettled).values(**values)).rowcount:
        raise StationError("stale", _("Somebody has dealt with this message already."))


def _log(actor: Actor, kind: str, data: dict[str, str], parcels: list[int]) -> None:
    append(actor, *([Event(kind, parcel_id, data) for parcel_id in parcels] or [Event(kind, data=data)]))
