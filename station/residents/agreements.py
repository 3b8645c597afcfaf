"""Separate agreements of a recipient, to photos and to collecting by face: given, withdrawn, in force.

Responsible for the append-only record. Whether a photo is taken or a face compared is decided where that happens, by
asking `in_force`; nothing else ever depends on an agreement (快递市场管理办法 art. 35: no service is refused for it).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, select, update

from station.core import clock, ids, names, phones
from station.core.actor import Actor, ActorKind
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.i18n import language
from station.events.service import Event, append, take_turn
from station.residents import agreement_texts, service
from station.residents.agreement_texts import CURRENT, Purpose
from station.residents.models import Agreement


class Word(StrEnum):
    """What a record says."""

    GIVEN = "given"
    WITHDRAWN = "withdrawn"


class GivenBy(StrEnum):
    """Who agreed: the recipient, at least 14 years old, or the guardian of one who is younger."""

    SELF = "self"
    GUARDIAN = "guardian"


@dataclass(frozen=True, slots=True)
class Guardian:
    """Who agrees for somebody under 14, as they typed it."""

    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class InForce:
    """An agreement that holds: to which text, whose word it is, since when."""

    purpose: Purpose
    version: int
    language: str
    given_by: GivenBy
    since: datetime


def give(
    actor: Actor, recipient_id: int, purpose: Purpose, *, version: int, guardian: Guardian | None = None
) -> None:
    """Record that a recipient agrees to the text they were shown, in the language spoken now; the same again is none.

    `version`: of the text that was on the screen. With `guardian` it is the guardian's word for somebody under 14.
    Raises StationError `forbidden` when staff agree for somebody, `stale` when the text has changed since, `bad_input`
    for a guardian whose name or phone is none, `not_found` for an unknown recipient.
    """
    take_turn(actor.station_id)
    service.get(actor.station_id, recipient_id)
    if actor.kind is ActorKind.STAFF:
        raise StationError("forbidden", _("Only the person themselves can agree to this."))
    if version != CURRENT[purpose]:
        raise StationError(
            "stale", _("The text has changed in the meantime. Read it again before you agree.")
        )
    known = _clean(guardian) if guardian else None
    given_by = GivenBy.GUARDIAN if known else GivenBy.SELF
    held = in_force(actor.station_id, recipient_id, purpose)
    if held and held.given_by is given_by:
        return
    values = {"text_version": version, "text_language": language(), "given_by": given_by}
    if known:
        values |= {"guardian_name": known.name, "guardian_phone": known.phone}
    _record(actor, recipient_id, purpose, Word.GIVEN, values)


def withdraw(actor: Actor, recipient_id: int, purpose: Purpose) -> None:
    """Record that an agreement is withdrawn; one that is not in force needs no withdrawing."""
    take_turn(actor.station_id)
    newest = _newest(actor.station_id, [recipient_id]).get((recipient_id, purpose))
    if newest is None or newest.word != Word.GIVEN:
        return
    values = {
        "text_version": newest.text_version,
        "text_language": newest.text_language,
        "given_by": newest.given_by,
    }
    _record(actor, recipient_id, purpose, Word.WITHDRAWN, values)


def in_force(station_id: int, recipient_id: int, purpose: Purpose) -> InForce | None:
    """Return the agreement that holds now; None without one, or when it was to a text of before."""
    return all_in_force(station_id, [recipient_id]).get((recipient_id, purpose))


def all_in_force(station_id: int, recipient_ids: Sequence[int]) -> dict[tuple[int, Purpose], InForce]:
    """Return the agreements of these recipients that hold now, by recipient and purpose: one statement."""
    return {
        key: InForce(key[1], row.text_version, row.text_language, GivenBy(row.given_by), row.recorded_at)
        for key, row in _newest(station_id, recipient_ids).items()
        if row.word == Word.GIVEN and row.text_version == CURRENT[key[1]]
    }


def was_in_force(station_id: int, recipient_id: int, purpose: Purpose, *, at: datetime) -> bool:
    """Tell whether a recipient's newest word at a moment was an agreement, to whatever text was shown then."""
    mine = (Agreement.station_id == station_id, Agreement.recipient_id == recipient_id)
    query = select(Agreement.word).where(*mine, Agreement.purpose == purpose, Agreement.recorded_at <= at)
    return connection().scalar(query.order_by(Agreement.id.desc()).limit(1)) == Word.GIVEN


def erase(actor: Actor, recipient_id: int) -> None:
    """Withdraw what is in force, and forget who the guardians were; that something was agreed stays."""
    for purpose in Purpose:
        withdraw(actor, recipient_id, purpose)
    mine = (Agreement.station_id == actor.station_id, Agreement.recipient_id == recipient_id)
    connection().execute(update(Agreement).where(*mine).values(guardian_name=None, guardian_phone=None))


def _newest(station_id: int, recipient_ids: Sequence[int]) -> dict[tuple[int, Purpose], Any]:
    query = (
        select(
            Agreement.recipient_id,
            Agreement.purpose,
            Agreement.word,
            Agreement.text_version,
            Agreement.text_language,
            Agreement.given_by,
            Agreement.recorded_at,
        )
        .where(Agreement.station_id == station_id, Agreement.recipient_id.in_(recipient_ids))
        .order_by(Agreement.id)
    )
    return {(row.recipient_id, Purpose(row.purpose)): row for row in connection().execute(query)}


def _clean(guardian: Guardian) -> Guardian:
    name, phone = names.clean(guardian.name), phones.parse(guardian.phone)
    if name is None:
        raise StationError("bad_input", _("Type the guardian's name."))
    if phone is None or phone.kind is phones.PhoneKind.PRIVACY:
        raise StationError("bad_input", _("Type all digits of the guardian's phone number."))
    return Guardian(name, phone.key)


def _record(actor: Actor, recipient_id: int, purpose: Purpose, word: Word, values: dict[str, Any]) -> None:
    row = {
        "station_id": actor.station_id,
        "id": ids.next_id(),
        "recipient_id": recipient_id,
        "purpose": purpose,
        "word": word,
        "recorded_by": actor.key,
        "recorded_at": clock.now(),
    }
    connection().execute(insert(Agreement).values(**row, **values))
    text = agreement_texts.TEXTS[purpose, values["text_version"], values["text_language"]]
    facts = {
        "recipient": str(recipient_id),
        "purpose": purpose,
        "version": values["text_version"],
        "text": text.sha256.hex(),
        "given_by": values["given_by"],
    }
    append(actor, Event("agreement_given" if word is Word.GIVEN else "agreement_withdrawn", data=facts))
