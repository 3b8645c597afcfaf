"""Check-in outcomes as plain JSON: what is kept with the idempotency key and what the screen is drawn from."""

from typing import Any

from station.carriers.catalogue import COMPANIES, OTHER
from station.core import names
from station.core.actor import Actor
from station.manifests import queries as announcements
from station.parcels.batches import Batch
from station.parcels.check_in_queries import Candidate
from station.parcels.counter import Asks, Outcome, Question
from station.parcels.intake import CheckedIn, find_for_check_in
from station.parcels.undo import Undone
from station.shelves import queries as shelves
from station.shelves.placing import REASONS, suggest
from station.shelves.queries import LayerFacts

Json = dict[str, Any]
SUGGESTIONS = 6  # rows offered when one is full
DIGITS = 9  # choices that one digit can make
OK, WARN, BAD = "ok", "warn", "bad"  # the three sounds (UI.md 4a)


def of_outcome(actor: Actor, batch: Batch, outcome: Outcome) -> Json:
    """Return what a scan or an answer led to."""
    aside = _parcel(outcome.set_aside) if outcome.set_aside else None
    if outcome.stored:
        problem = outcome.stored.problem
        kind, sound = ("aside", WARN) if problem else ("stored", OK)
        return {"kind": kind, "sound": sound, "parcel": _parcel(outcome.stored), "aside": aside}
    if outcome.question:
        return {
            "kind": "question",
            "sound": WARN,
            "question": of_question(actor, batch, outcome.question),
            "aside": aside,
        }
    return {"kind": "colleague", "sound": OK, "aside": aside}


def of_aside(parcel: CheckedIn | None) -> Json:
    """Return a parcel set aside by choice; None when a colleague has stored it meanwhile."""
    if parcel is None:
        return {"kind": "colleague", "sound": OK, "aside": None}
    return {"kind": "aside", "sound": WARN, "parcel": _parcel(parcel), "aside": None}


def of_row(row: LayerFacts) -> Json:
    """Return the row that was chosen."""
    return {"kind": "row", "sound": OK, "row": _row(row), "aside": None}


def of_withdrawn(waybill: str) -> Json:
    """Return a parcel that waited for an answer and is not checked in after all."""
    return {"kind": "undone", "sound": OK, "waybill": waybill, "code": None, "aside": None}


def of_undone(undone: Undone) -> Json:
    """Return a check-in that was taken back."""
    return {
        "kind": "undone",
        "sound": OK,
        "waybill": undone.waybill,
        "code": undone.pickup_code,
        "aside": None,
    }


def of_damaged(parcel_id: int, aside: CheckedIn | None) -> Json:
    """Return a parcel marked as damaged, `aside` when it still waited for an answer."""
    return {
        "kind": "damaged",
        "sound": WARN,
        "id": str(parcel_id),
        "aside": _parcel(aside) if aside else None,
    }


def of_question(actor: Actor, batch: Batch, question: Question) -> Json:
    """Return a question with the answers that digits choose."""
    recipient = question.recipient
    row = shelves.layer(actor.station_id, batch.layer_id) if batch.layer_id else None
    return {
        "asks": str(question.asks),
        "waybill": question.draft.waybill,
        "carrier": question.draft.carrier,
        "at": question.draft.scanned_at.isoformat(),
        "row": row.tag if row else "",
        "name": recipient.name_masked if recipient else "",
        "tail": recipient.phone_tail if recipient else "",
        "options": _options(actor, batch, question),
        "announced": _announced_for(actor, question) if question.asks is Asks.NO_PHONE else "",
    }


def _announced_for(actor: Actor, question: Question) -> str:
    """Return what the carrier shows of somebody whose number it hides, such as `138****8000 陈**`."""
    hint = announcements.hint(actor.station_id, question.draft.waybill)
    return f"{hint.masked_phone or ''} {names.masked(hint.name or '')}".strip() if hint else ""


def of_candidate(found: Candidate) -> Json:
    """Return a person to choose."""
    return {
        "recipient": str(found.contact.id),
        "name": found.contact.name_masked,
        "tail": found.contact.phone_tail,
        "recent": found.recent,
        "same_carrier": found.same_carrier,
    }


def _options(actor: Actor, batch: Batch, question: Question) -> list[Json]:
    if question.asks is Asks.UNKNOWN_CARRIER:
        usual = [code for code in COMPANIES if code != OTHER]
        return [{"carrier": code} for code in (*usual[: DIGITS - 1], OTHER, *usual[DIGITS - 1 :])]
    if question.asks is Asks.SHELF_FULL:
        found = suggest(
            shelves.layers(actor.station_id), batch.size_class, batch.layer_id, needs=_needs(actor, question)
        )
        others = [one for one in found if one.layer_id != batch.layer_id]
        return [
            {"tag": one.tag, "free": one.free, "reason": REASONS[one.reason]} for one in others[:SUGGESTIONS]
        ]
    return []


def _needs(actor: Actor, question: Question) -> str | None:
    existing = find_for_check_in(actor.station_id, question.draft.waybill)
    return existing.storage if existing else None


def _parcel(stored: CheckedIn) -> Json:
    return {
        "id": str(stored.parcel_id),
        "waybill": stored.waybill,
        "code": stored.pickup_code,
        "number": stored.pickup_code.rpartition("-")[2],
        "row": _row(stored.row),
        "sticker": stored.needs_sticker,
        "carrier": stored.carrier,
        "name": stored.recipient.name_masked if stored.recipient else "",
        "tail": stored.recipient.phone_tail if stored.recipient else "",
        "problem": stored.problem,
        "consent": stored.consent_basis,
        "told": stored.is_told,
        "found": stored.found,
    }


def _row(row: LayerFacts) -> Json:
    return {
        "tag": row.tag,
        "shelf": row.shelf_code,
        "layer": row.number,
        "stored": row.stored,
        "capacity": row.capacity,
        "aside": row.is_set_aside,
    }
