"""What the staff notes about a person: short, encrypted, with who and when, and erasable."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select

from station.core import clock, ids
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.text import clean_block
from station.events.service import Event, append, take_turn
from station.residents import service
from station.residents.models import RecipientNote

LONGEST = 300  # characters; ours: what somebody reads at a glance at the counter
MOST = 20  # ours: more is a file on a person, which nobody needs for handing out parcels


@dataclass(frozen=True, slots=True)
class Note:
    """A note with who wrote it (an actor's key) and when."""

    id: int
    text: str
    written_by: str
    written_at: datetime


def of(station_id: int, recipient_id: int) -> list[Note]:
    """Return the notes on a person, the newest first."""
    query = (
        select(RecipientNote.id, RecipientNote.text, RecipientNote.written_by, RecipientNote.written_at)
        .where(RecipientNote.station_id == station_id, RecipientNote.recipient_id == recipient_id)
        .order_by(RecipientNote.id.desc())
    )
    return [Note(*row) for row in connection().execute(query)]


def add(actor: Actor, recipient_id: int, text: str) -> int:
    """Note something about a person; return the note's id.

    Raises StationError `bad_input` for an empty or too long note and for one too many, `not_found` for an unknown
    person.
    """
    take_turn(actor.station_id)
    plain = clean_block(text, limit=LONGEST)
    if not plain:
        raise StationError("bad_input", _("Write a note of at most %(limit)s characters.", limit=LONGEST))
    recipient = service.get(actor.station_id, recipient_id)
    theirs = (RecipientNote.station_id == actor.station_id, RecipientNote.recipient_id == recipient.id)
    if (connection().scalar(select(func.count()).where(*theirs)) or 0) >= MOST:
        raise StationError("bad_input", _("There are many notes on this person already. Erase one first."))
    note_id = ids.next_id()
    connection().execute(
        insert(RecipientNote).values(
            station_id=actor.station_id,
            id=note_id,
            recipient_id=recipient.id,
            text=plain,
            written_by=actor.key,
            written_at=clock.now(),
        )
    )
    facts = {"recipient": str(recipient.id), "note": str(note_id)}
    append(actor, Event("note_added", data=facts))
    return note_id


def erase(actor: Actor, note_id: int) -> None:
    """Erase a note. Raises StationError `not_found`."""
    take_turn(actor.station_id)
    mine = (RecipientNote.station_id == actor.station_id, RecipientNote.id == note_id)
    recipient_id = connection().scalar(select(RecipientNote.recipient_id).where(*mine))
    if recipient_id is None:
        raise StationError("not_found", _("This note does not exist any more."))
    connection().execute(delete(RecipientNote).where(*mine))
    facts = {"recipient": str(recipient_id), "note": str(note_id)}
    append(actor, Event("note_erased", data=facts))
