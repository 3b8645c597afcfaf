"""What the check-in screen asks for, in its words: a scan that may be a card, an answer by its fields, an undo."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from station.core import names, phones
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.ids import LARGEST_ID
from station.events.service import take_turn
from station.parcels import batches, check_in_answers, check_in_queries, counter, handling
from station.parcels import undo as undoing
from station.parcels.batches import Batch
from station.parcels.check_in_queries import Candidate
from station.parcels.counter import Outcome
from station.parcels.intake import CheckedIn
from station.parcels.lifecycle import Problem
from station.parcels.models import Parcel
from station.shelves import cards, keeping
from station.shelves.cards import ShelfCard
from station.shelves.storage import suits

Json = dict[str, Any]
IDENTITY = "ID:"


def current_or_new(actor: Actor) -> Batch:
    """Return the actor's open batch; the first scan opens one."""
    take_turn(actor.station_id)
    return batches.current(actor) or batches.open_batch(actor)


def take(actor: Actor, value: str, scanned_at: datetime) -> Json:
    """Take one scan: a shelf card chooses the row (and answers a full one), anything else is a waybill.

    Raises what `counter.scan` and `settled` raise, and `unknown_code` for a code of ours that does not belong here.
    """
    batch = current_or_new(actor)
    card = cards.parse(value)
    if isinstance(card, ShelfCard):
        return _shelf_card(actor, batch, card)
    if card is not None or value.strip().upper().startswith(IDENTITY):
        raise StationError(
            "unknown_code", _("This card does not belong here. Scan a waybill or a shelf card.")
        )
    outcome = counter.scan(actor, batch.id, value, scanned_at=scanned_at)
    return settled(actor, batch, outcome)


def settled(actor: Actor, batch: Batch, outcome: Outcome) -> Json:
    """Return what a scan or an answer led to, if the shelf somebody chose is as cold as the parcel needs.

    Raises StationError `wrong_storage`; what is set aside with a problem stands on its shelf all the same.
    """
    said, stored = check_in_answers.of_outcome(actor, batch, outcome), outcome.stored
    if stored is None or stored.problem or suits(stored.storage, stored.row.storage):
        return said
    keeping.require(actor.station_id, stored.row, stored.storage)
    return said | {"sound": check_in_answers.WARN, "keep": stored.storage}


def _shelf_card(actor: Actor, batch: Batch, card: ShelfCard) -> Json:
    waiting = counter.open_question(actor, batch.id)
    if waiting and waiting.asks is counter.Asks.SHELF_FULL:
        outcome = counter.answer_row(actor, batch.id, shelf=card.shelf, layer=card.layer)
        return settled(actor, batch, outcome)
    return check_in_answers.of_row(batches.choose_row(actor, batch.id, shelf=card.shelf, layer=card.layer))


def answer(actor: Actor, said: Json) -> Json:
    """Take the answer to the question about `said["waybill"]`.

    Raises StationError `answer_expected` when that question is answered already, `bad_input` for an answer that says
    nothing the question can use.
    """
    batch = current_or_new(actor)
    waiting = counter.open_question(actor, batch.id)
    if waiting is None or waiting.draft.waybill != said["waybill"]:
        raise StationError("answer_expected", _("This question is answered already."))
    if "aside" in said:
        return check_in_answers.of_aside(counter.set_aside(actor, batch.id))
    return settled(actor, batch, _answered(actor, batch, said))


def _answered(actor: Actor, batch: Batch, said: Json) -> Outcome:
    if "carrier" in said:
        return counter.answer_carrier(actor, batch.id, said["carrier"])
    if "recipient" in said:
        return counter.answer_recipient(actor, batch.id, _number(said["recipient"]))
    if "phone" in said:
        return counter.answer_phone(actor, batch.id, *_person(said))
    if "choice" in said:
        return counter.answer_consent(actor, batch.id, choice=said["choice"], how=said.get("how", ""))
    card = cards.parse(f"SHELF:{said.get('row', '')}")
    if isinstance(card, ShelfCard):
        return counter.answer_row(actor, batch.id, shelf=card.shelf, layer=card.layer)
    raise StationError("bad_input", _("Choose one of the answers."))


def _person(said: Json) -> tuple[phones.Phone, str | None]:
    phone = phones.parse(said["phone"])
    if phone is None:
        raise StationError("bad_input", _("This is not a phone number. Type it as it stands on the label."))
    typed = said.get("name", "")
    name = names.clean(typed) if typed.strip() else None
    if typed.strip() and name is None:
        raise StationError("bad_input", _("Type the name as it stands on the label, at most 40 characters."))
    return phone, name


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 19 or int(text) > LARGEST_ID:
        raise StationError("bad_input", _("Choose one of the answers."))
    return int(text)


def undo(actor: Actor, parcel: str | None) -> Json:
    """Take back the newest scan of the open batch (a parcel that waits for an answer first), or the one named."""
    batch = current_or_new(actor)
    if parcel is not None:
        return check_in_answers.of_undone(undoing.undo_check_in(actor, _number(parcel), batch_id=batch.id))
    waiting = counter.withdraw(actor, batch.id)
    if waiting:
        return check_in_answers.of_withdrawn(waiting.draft.waybill)
    return check_in_answers.of_undone(undoing.undo_last(actor, batch.id))


def damaged(actor: Actor, parcel: str | None) -> Json:
    """Mark the newest parcel of the batch, or the one named, as damaged; one that waits for an answer is set aside."""
    batch = current_or_new(actor)
    if parcel is None and counter.open_question(actor, batch.id):
        aside = counter.set_aside(actor, batch.id)
        return _marked(actor, aside.parcel_id, aside) if aside else check_in_answers.of_aside(None)
    parcel_id = _number(parcel) if parcel else undoing.last_of(actor, batch.id)
    if parcel_id is None:
        raise StationError("not_found", _("There is no parcel in this batch yet."))
    return _marked(actor, parcel_id, None)


def _marked(actor: Actor, parcel_id: int, aside: CheckedIn | None) -> Json:
    handling.mark_problem(actor, parcel_id, Problem.DAMAGED)
    return check_in_answers.of_damaged(parcel_id, aside)


def people(actor: Actor, typed: str, carrier: str | None) -> list[Candidate]:
    """Return whom the typed digits may mean: four are a tail, a whole number is that phone."""
    text = typed.strip()
    if len(text) == 4 and text.isascii() and text.isdigit():
        return check_in_queries.by_tail(actor.station_id, text, carrier=carrier)
    phone = phones.parse(text)
    return check_in_queries.by_phone(actor.station_id, phone, carrier=carrier) if phone else []


def close(actor: Actor) -> int:
    """Close the actor's batch, a waiting parcel set aside first; return how many parcels it has."""
    batch = batches.current(actor)
    if batch is None:
        return 0
    if counter.open_question(actor, batch.id):
        counter.set_aside(actor, batch.id)
    count = select(func.count()).select_from(Parcel)
    found = count.where(Parcel.station_id == actor.station_id, Parcel.batch_id == batch.id)
    batches.close(actor, batch.id)
    return int(connection().execute(found).scalar_one())
