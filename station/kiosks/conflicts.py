"""Offline hand-overs that the books refuse: kept beside the hand-over that stands, until a manager has found out.

A conflict changes nothing about its parcel (DESIGN.md section 6). What the manager found out is written down for
people; what must follow from it (searching, paying) is done where that is done.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, or_, update

from station.core import clock, ids
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.text import clean_block, printable
from station.events.service import Event, append, take_turn
from station.kiosks import alerts, watch_queries
from station.kiosks.alerts import Call
from station.kiosks.call_kinds import AlertKind
from station.kiosks.watch_models import KioskConflict

WAYBILL_LIMIT = 64
NOTE_LIMIT = 400  # characters: what happened in a few sentences


@dataclass(frozen=True, slots=True)
class Refused:
    """A hand-over as a kiosk tells it, and the error code by which it was refused.

    `parcel_id`, `recipient_id`: ids of another station's are left out.
    """

    parcel_id: int
    waybill: str
    way: str
    recipient_id: int | None
    handed_over_at: datetime
    reason: str


def make(actor: Actor, refused: Refused) -> int:
    """Keep a refused hand-over of the kiosk that acts, call staff, and return the conflict's id."""
    station_id = actor.station_id
    take_turn(station_id)
    conflict_id, parcel_id = ids.next_id(), watch_queries.parcel_here(station_id, refused.parcel_id)
    values = {
        "station_id": station_id,
        "id": conflict_id,
        "kiosk_id": actor.id,
        "parcel_id": parcel_id,
        "waybill": printable(refused.waybill, limit=WAYBILL_LIMIT),
        "way": refused.way,
        "recipient_id": watch_queries.recipient_here(station_id, refused.recipient_id),
        "reason": refused.reason,
        "hand_over_id": watch_queries.standing_hand_over(station_id, parcel_id),
        "handed_over_at": refused.handed_over_at,
        "made_at": clock.now(),
    }
    connection().execute(insert(KioskConflict).values(**values))
    facts = {"conflict": str(conflict_id), "way": refused.way, "refused": refused.reason}
    append(actor, Event("kiosk_conflict", parcel_id, facts))
    alerts.raise_alert(station_id, actor.id, Call(AlertKind.CONFLICT, parcel_id))
    return conflict_id


def forget_notes(station_id: int, recipient_ids: Sequence[int]) -> None:
    """Erase what was written down about these recipients and their parcels; that it was settled stays."""
    parcel_ids = watch_queries.parcels_of(station_id, recipient_ids)
    theirs = or_(KioskConflict.recipient_id.in_(recipient_ids), KioskConflict.parcel_id.in_(parcel_ids))
    noted = update(KioskConflict).where(KioskConflict.station_id == station_id, theirs)
    connection().execute(noted.values(note=None))


def settle(actor: Actor, conflict_id: int, *, note: str) -> None:
    """Write down what was found out.

    Raises StationError `not_found` for a conflict that is settled, `bad_input` for a note that says nothing.
    """
    take_turn(actor.station_id)
    text = clean_block(note, limit=NOTE_LIMIT)
    if not text:
        raise StationError("bad_input", _("Write down what you found out, in at most 400 characters."))
    mine = (KioskConflict.station_id == actor.station_id, KioskConflict.id == conflict_id)
    settled = (
        update(KioskConflict)
        .where(*mine, KioskConflict.settled_at.is_(None))
        .values(settled_at=clock.now(), settled_by=actor.key, note=text)
        .returning(KioskConflict.parcel_id, KioskConflict.kiosk_id)
    )
    row = connection().execute(settled).first()
    if row is None:
        raise StationError("not_found", _("Somebody has settled this already."))
    append(actor, Event("kiosk_conflict_settled", row.parcel_id, {"conflict": str(conflict_id)}))
    if not watch_queries.unsettled_of(actor.station_id, row.kiosk_id):
        alerts.end(actor, row.kiosk_id, AlertKind.CONFLICT)
