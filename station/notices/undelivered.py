"""What staff does about messages that were given up: send them again as new ones, or say them by phone."""

from station.core import clock
from station.core.actor import Actor
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.events import given_up, outbox
from station.events.service import Event, append, take_turn
from station.notices import notes


def resend(actor: Actor, message_id: int) -> int:
    """Owe the message again, in words of what is true when it goes out; return the new message's id.

    What left since is not told of. Acts once: the old row names the new one. Raises StationError `not_found`,
    `stale` when somebody dealt with it before, `bad_input` for a code of which nothing is kept.
    """
    take_turn(actor.station_id)
    dead = given_up.find(actor.station_id, message_id)
    if dead.topic in notes.SECRET:
        raise StationError("bad_input", _("A code is not sent again. Its recipient asks for a new one."))
    parcels = given_up.parcels(actor.station_id, message_id)
    new = _owe_again(actor.station_id, dead.recipient_id, dead.topic, parcels)
    given_up.mark_resent(actor.station_id, message_id, new=new)
    _log(actor, "message_resent", {"message": str(message_id), "as": str(new), "topic": dead.topic}, parcels)
    return new


def called(actor: Actor, message_id: int) -> None:
    """Keep that somebody told the recipient by phone. Raises StationError `not_found`, `stale` as above."""
    take_turn(actor.station_id)
    dead = given_up.find(actor.station_id, message_id)
    given_up.mark_called(actor.station_id, message_id, by=actor.id)
    parcels = given_up.parcels(actor.station_id, message_id)
    _log(actor, "message_called", {"message": str(message_id), "topic": dead.topic}, parcels)


def _owe_again(station_id: int, recipient_id: int, topic: str, parcels: list[int]) -> int:
    now = clock.now()
    if not parcels:
        return outbox.enqueue_note(station_id, topic=topic, recipient_id=recipient_id, due_at=now)
    owed = [(recipient_id, parcel_id) for parcel_id in parcels]
    return outbox.enqueue_batch(station_id, topic=topic, owed=owed, due_at=now)[recipient_id]


def _log(actor: Actor, kind: str, data: dict[str, str], parcels: list[int]) -> None:
    append(actor, *([Event(kind, parcel_id, data) for parcel_id in parcels] or [Event(kind, data=data)]))
