"""Scanning at the counter: each scan is stored at once, or asks one question that the next scan may leave open.

A parcel that waits for an answer is kept in `open_questions`, so a reload, a power cut or a colleague loses nothing.
Scanning on sets it aside.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import bindparam, delete, insert, select

from station.carriers.catalogue import COMPANIES
from station.carriers.detection import canonical_waybill, detect, looks_glued
from station.core import clock
from station.core.actor import Actor
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.phones import Phone
from station.core.statements import Statement
from station.events.service import take_turn
from station.parcels import batches
from station.parcels.batches import Batch
from station.parcels.consent import UNWILLING, ground
from station.parcels.intake import (
    Arrival,
    CheckedIn,
    Existing,
    Intake,
    find_active,
    find_for_check_in,
    refuse_second,
)
from station.parcels.lifecycle import ON_SHELF, ConsentBasis, Problem
from station.parcels.models import OpenQuestion
from station.residents import service as residents
from station.residents.service import HOW, Known
from station.shelves import queries as shelves


class Asks(StrEnum):
    """What a question is about."""

    UNKNOWN_CARRIER = "unknown_carrier"
    NO_PHONE = "no_phone"
    CONSENT = "consent"
    SHELF_FULL = "shelf_full"


PROBLEM_OF = {
    Asks.UNKNOWN_CARRIER: Problem.UNKNOWN_CARRIER,
    Asks.NO_PHONE: Problem.NO_PHONE,
    Asks.CONSENT: Problem.ASK,
    Asks.SHELF_FULL: Problem.NO_PLACE,
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A parcel being checked in, as far as it is known."""

    waybill: str
    scanned_at: datetime
    carrier: str | None = None
    recipient_id: int | None = None
    consent: str | None = None
    consent_how: str | None = None  # how the clerk knows of a consent given for this parcel


@dataclass(frozen=True, slots=True)
class Question:
    """What has to be answered before a parcel can be stored."""

    asks: Asks
    draft: Draft
    recipient: Known | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a scan led to: the parcel stored or the question asked, and the parcel it set aside."""

    stored: CheckedIn | None = None
    question: Question | None = None
    set_aside: CheckedIn | None = None


_QUESTION = (
    OpenQuestion.station_id == bindparam("station_id"),
    OpenQuestion.batch_id == bindparam("batch_id"),
)
_OPEN = Statement(
    select(
        OpenQuestion.kind,
        OpenQuestion.waybill,
        OpenQuestion.scanned_at,
        OpenQuestion.carrier,
        OpenQuestion.recipient_id,
        OpenQuestion.consent,
        OpenQuestion.consent_how,
    ).where(*_QUESTION)
)
_ASK = Statement(insert(OpenQuestion))
_CLOSE = Statement(delete(OpenQuestion).where(*_QUESTION))


def scan(actor: Actor, batch_id: int, raw: str, *, scanned_at: datetime) -> Outcome:
    """Take one scanned waybill. A question left open before is set aside first.

    Raises StationError `waybill_malformed`, `two_scans_glued`, `already_checked_in`, `scan_a_shelf_first`,
    `no_set_aside_shelf` or `batch_closed`; then nothing has changed and the open question stays open.
    """
    take_turn(actor.station_id)
    batch = batches.get(actor, batch_id)
    waybill = read_waybill(raw)
    waiting = open_question(actor, batch_id)
    if waiting and waiting.draft.waybill == waybill:
        return Outcome(question=waiting)
    set_aside_one = set_aside(actor, batch_id) if waiting else None
    draft = _draft(actor, batch, waybill, scanned_at)
    return replace(_proceed(actor, batch, draft), set_aside=set_aside_one)


def open_question(actor: Actor, batch_id: int) -> Question | None:
    """Return the question that waits in a batch."""
    row = _OPEN.first(station_id=actor.station_id, batch_id=batch_id)
    if row is None:
        return None
    recipient = residents.get(actor.station_id, row.recipient_id) if row.recipient_id else None
    draft = Draft(row.waybill, row.scanned_at, row.carrier, row.recipient_id, row.consent, row.consent_how)
    return Question(Asks(row.kind), draft, recipient)


def answer_carrier(actor: Actor, batch_id: int, carrier: str) -> Outcome:
    """Answer who brought the parcel."""
    if carrier not in COMPANIES:
        raise StationError("bad_input", _("Choose a carrier from the list."))
    return _answer(actor, batch_id, carrier=carrier)


def answer_recipient(actor: Actor, batch_id: int, recipient_id: int) -> Outcome:
    """Answer with a recipient the station knows."""
    residents.get(actor.station_id, recipient_id)
    return _answer(actor, batch_id, recipient_id=recipient_id)


def answer_phone(actor: Actor, batch_id: int, phone: Phone, name: str | None) -> Outcome:
    """Answer with a phone number and a name; a new recipient is added."""
    return _answer(actor, batch_id, recipient_id=residents.find_or_add(actor.station_id, phone, name).id)


def answer_consent(actor: Actor, batch_id: int, *, choice: str, how: str) -> Outcome:
    """Record the recipient's yes, for this parcel (`station`) or for all (`always`), and go on.

    Raises StationError `bad_input` for another choice, or when nobody says how it is known: a yes that nobody gave is
    never recorded.
    """
    question = _open(actor, batch_id)
    is_known = choice in ("station", "always") and how in HOW
    if not is_known or question.draft.recipient_id is None:
        raise StationError("bad_input", _("Choose where the parcel may be left and how you know."))
    if choice == "always":
        residents.record_consent(actor, question.draft.recipient_id, choice="station", how=how)
        return _answer(actor, batch_id, consent=ConsentBasis.STANDING)
    return _answer(actor, batch_id, consent=ConsentBasis.THIS_PARCEL, consent_how=how)


def answer_row(actor: Actor, batch_id: int, *, shelf: str, layer: int) -> Outcome:
    """Answer a full row with another one; it stays the row of the batch."""
    batches.choose_row(actor, batch_id, shelf=shelf, layer=layer)
    return _answer(actor, batch_id)


def set_aside(actor: Actor, batch_id: int) -> CheckedIn | None:
    """Store the parcel that waits for an answer on the set-aside shelf, as a problem.

    Returns None when a colleague has stored it meanwhile. Raises StationError `answer_expected` when none waits,
    `no_set_aside_shelf` when the station has no such shelf.
    """
    question = _open(actor, batch_id)
    batch = batches.get(actor, batch_id)
    _CLOSE.run(station_id=actor.station_id, batch_id=batch_id)
    if _is_here(find_active(actor.station_id, question.draft.waybill)):
        return None
    return _store_aside(actor, batch, question.draft, PROBLEM_OF[question.asks])


def withdraw(actor: Actor, batch_id: int) -> Question | None:
    """Forget the parcel that waits for an answer, as if it had not been scanned; return its question, None for none."""
    take_turn(actor.station_id)
    question = open_question(actor, batches.get(actor, batch_id).id)
    if question:
        _CLOSE.run(station_id=actor.station_id, batch_id=batch_id)
    return question


def read_waybill(raw: str) -> str:
    """Return the waybill in a scan. Raises StationError `two_scans_glued` or `waybill_malformed`."""
    if looks_glued(raw):
        raise StationError("two_scans_glued", _("Two scans ran together. Scan this parcel again."))
    waybill = canonical_waybill(raw)
    if waybill is None:
        raise StationError(
            "waybill_malformed", _("This is not a waybill number. Scan the long barcode on the label.")
        )
    return waybill


def _draft(actor: Actor, batch: Batch, waybill: str, scanned_at: datetime) -> Draft:
    existing = find_for_check_in(actor.station_id, waybill)
    if existing and _is_here(existing):
        raise refuse_second(existing)
    if batch.layer_id is None:
        raise StationError(
            "scan_a_shelf_first", _("Scan a shelf card first, so that the parcel gets a place.")
        )
    scanned_at = min(scanned_at, clock.now())
    carrier = _carrier(waybill, batch)
    if existing is None:
        return Draft(waybill, scanned_at, carrier, consent=_declared(batch))
    said = None if existing.consent_basis == ConsentBasis.UNKNOWN else existing.consent_basis
    return Draft(
        waybill, scanned_at, existing.carrier or carrier, existing.recipient_id, said or _declared(batch)
    )


def _is_here(existing: Existing | None) -> bool:
    return existing is not None and existing.state in ON_SHELF


def _declared(batch: Batch) -> str | None:
    return ConsentBasis.DECLARED_BY_COURIER if batch.is_declared else None


def _carrier(waybill: str, batch: Batch) -> str | None:
    candidates = detect(waybill, prior=batch.carrier)
    return candidates[0].carrier if candidates else batch.carrier


def _open(actor: Actor, batch_id: int) -> Question:
    take_turn(actor.station_id)
    question = open_question(actor, batch_id)
    if question is None:
        raise StationError("answer_expected", _("No parcel waits for an answer."))
    return question


def _answer(
    actor: Actor,
    batch_id: int,
    *,
    carrier: str | None = None,
    recipient_id: int | None = None,
    consent: str | None = None,
    consent_how: str | None = None,
) -> Outcome:
    draft = _for(_open(actor, batch_id).draft, recipient_id)
    batch = batches.get(actor, batch_id)
    _CLOSE.run(station_id=actor.station_id, batch_id=batch_id)
    draft = replace(
        draft,
        carrier=carrier or draft.carrier,
        consent=consent or draft.consent,
        consent_how=consent_how or draft.consent_how,
    )
    return _proceed(actor, batch, draft)


def _for(draft: Draft, recipient_id: int | None) -> Draft:
    """Return the draft for somebody; what another one said of the parcel does not count for them."""
    if recipient_id is None or recipient_id == draft.recipient_id:
        return draft
    declared = draft.consent if draft.consent == ConsentBasis.DECLARED_BY_COURIER else None
    return replace(draft, recipient_id=recipient_id, consent=declared, consent_how=None)


def _proceed(actor: Actor, batch: Batch, draft: Draft) -> Outcome:
    """Store the draft, set it aside by the recipient's own wish, or ask the first thing that is not known."""
    if draft.carrier is None:
        return _ask(actor, batch, Question(Asks.UNKNOWN_CARRIER, draft))
    if draft.recipient_id is None:
        return _ask(actor, batch, Question(Asks.NO_PHONE, draft))
    recipient = residents.get(actor.station_id, draft.recipient_id)
    draft = replace(draft, consent=ground(draft.consent, recipient.standing_choice))
    if draft.consent != ConsentBasis.UNKNOWN:
        return _store(Intake(actor), batch, draft, recipient)
    if recipient.standing_choice in UNWILLING:
        problem = UNWILLING[recipient.standing_choice]
        return Outcome(stored=_store_aside(actor, batch, draft, problem, recipient))
    intake = Intake(actor)  # it has read the station's rules
    if intake.rules.unknown_consent == "set_aside":
        return _ask(actor, batch, Question(Asks.CONSENT, draft, recipient))
    return _store(intake, batch, draft, recipient)


def _store(intake: Intake, batch: Batch, draft: Draft, recipient: Known) -> Outcome:
    if batch.layer_id is None:
        raise StationError(
            "scan_a_shelf_first", _("Scan a shelf card first, so that the parcel gets a place.")
        )
    try:
        stored = intake.add(_arrival(batch, draft, layer_id=batch.layer_id, recipient=recipient))
    except StationError as error:
        if error.code not in ("shelf_full", "row_codes_exhausted"):
            raise
        return _ask(intake.actor, batch, Question(Asks.SHELF_FULL, draft, recipient))
    intake.write()
    _record_consent(intake.actor, draft, stored)
    return Outcome(stored=stored)


def _record_consent(actor: Actor, draft: Draft, stored: CheckedIn) -> None:
    if draft.consent_how and draft.recipient_id:
        residents.record_consent(
            actor, draft.recipient_id, choice="station", how=draft.consent_how, parcel_id=stored.parcel_id
        )


def _store_aside(
    actor: Actor, batch: Batch, draft: Draft, problem: Problem, recipient: Known | None = None
) -> CheckedIn:
    row = shelves.set_aside_layer(actor.station_id)
    if recipient is None and draft.recipient_id:
        recipient = residents.get(actor.station_id, draft.recipient_id)
    intake = Intake(actor)
    stored = intake.add(
        replace(_arrival(batch, draft, layer_id=row.id, recipient=recipient), problem=problem)
    )
    intake.write()
    _record_consent(intake.actor, draft, stored)
    return stored


def _arrival(batch: Batch, draft: Draft, *, layer_id: int, recipient: Known | None) -> Arrival:
    return Arrival(
        waybill=draft.waybill,
        layer_id=layer_id,
        carrier=draft.carrier,
        recipient=recipient,
        size_class=batch.size_class,
        consent=ConsentBasis(draft.consent or ConsentBasis.UNKNOWN),
        batch_id=batch.id,
        is_silent=batch.is_silent,
        scanned_at=draft.scanned_at,
    )


def _ask(actor: Actor, batch: Batch, question: Question) -> Outcome:
    _ASK.run(
        station_id=actor.station_id,
        batch_id=batch.id,
        waybill=question.draft.waybill,
        kind=question.asks,
        carrier=question.draft.carrier,
        recipient_id=question.draft.recipient_id,
        consent=question.draft.consent,
        consent_how=question.draft.consent_how,
        scanned_at=question.draft.scanned_at,
        asked_at=clock.now(),
    )
    return Outcome(question=question)
