"""Whose face is enrolled at which kiosk: the agreement that allows it, how long it counts, and that it is gone.

The template never leaves its kiosk, so all that is known here is that there is one. Whether an agreement is in force
is the residents' room's word; a record of it that is newer than the enrolment ends the enrolment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, insert, update

from station.core import clock, ids
from station.core.actor import Actor
from station.core.db import connection
from station.core.i18n import speaking
from station.events.service import Event, append, take_turn
from station.kiosks import face_queries
from station.kiosks.watch_models import FaceEnrolment
from station.residents import agreements
from station.residents.agreement_texts import Purpose
from station.residents.agreements import Guardian

UNUSED_FOR = timedelta(days=365)  # ours: 12 months without use


class GoneReason(StrEnum):
    """Why a kiosk deleted a template."""

    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    UNUSED = "unused"
    REPLACED = "replaced"
    KEY_LOST = "key_lost"


@dataclass(frozen=True, slots=True)
class Agreed:
    """What was agreed to at the kiosk: the version of the text that was on the screen, and in which language.

    With `guardian` it is the guardian's word for somebody under 14.
    """

    version: int
    language: str
    guardian: Guardian | None = None


def enrol(actor: Actor, recipient_id: int, agreed: Agreed) -> datetime:
    """Record the agreement and the enrolment at the kiosk that acts; return until when it counts unless it is used.

    Another enrolment of theirs at this kiosk is replaced. Who is there, and that they may enrol, is known already.
    Raises StationError as residents.agreements.give does.
    """
    take_turn(actor.station_id)
    with speaking(agreed.language):
        agreements.give(actor, recipient_id, Purpose.FACE, version=agreed.version, guardian=agreed.guardian)
    now = clock.now()
    _end(actor, recipient_id, GoneReason.REPLACED, now)
    values = {
        "station_id": actor.station_id,
        "id": ids.next_id(),
        "kiosk_id": actor.id,
        "recipient_id": recipient_id,
        "text_version": agreed.version,
        "enrolled_at": now,
        "expires_at": now + UNUSED_FOR,
    }
    connection().execute(insert(FaceEnrolment).values(**values))
    append(actor, Event("face_enrolled", data=_facts(actor, recipient_id)))
    return now + UNUSED_FOR


def gone(actor: Actor, recipient_id: int, reason: GoneReason, *, at: datetime) -> bool:
    """Note that the kiosk that acts has deleted a template; return whether one was known here. Safe to repeat.

    Who had it deleted at the kiosk withdraws by that what they agreed to; a receipt of an earlier withdrawal does not.
    That one was replaced says nothing: its enrolment ended when the new one began.
    """
    take_turn(actor.station_id)
    if reason is GoneReason.REPLACED:
        return False
    is_own_word = reason is GoneReason.WITHDRAWN and not _is_over(actor, recipient_id)
    if not _end(actor, recipient_id, reason, min(at, clock.now())):
        return False
    if is_own_word:
        agreements.withdraw(actor, recipient_id, Purpose.FACE)
    append(actor, Event("face_deleted", data=_facts(actor, recipient_id) | {"why": reason}))
    return True


def used(actor: Actor, recipient_ids: Sequence[int], *, at: datetime) -> None:
    """Note that faces were used at the kiosk that acts: they count for another UNUSED_FOR from then."""
    until = min(at, clock.now()) + UNUSED_FOR
    theirs = (*_enrolled(actor), FaceEnrolment.recipient_id.in_(recipient_ids))
    earlier = update(FaceEnrolment).where(*theirs, FaceEnrolment.expires_at < until)
    connection().execute(earlier.values(expires_at=until))


def _end(actor: Actor, recipient_id: int, reason: GoneReason, at: datetime) -> bool:
    theirs = update(FaceEnrolment).where(*_enrolled(actor), FaceEnrolment.recipient_id == recipient_id)
    return bool(connection().execute(theirs.values(gone_at=at, gone_reason=reason)).rowcount)


def _is_over(actor: Actor, recipient_id: int) -> bool:
    return recipient_id in face_queries.to_forget(actor.station_id, actor.id)


def _enrolled(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return (
        FaceEnrolment.station_id == actor.station_id,
        FaceEnrolment.kiosk_id == actor.id,
        FaceEnrolment.gone_at.is_(None),
    )


def _facts(actor: Actor, recipient_id: int) -> dict[str, str]:
    return {"recipient": str(recipient_id), "device": str(actor.id)}
