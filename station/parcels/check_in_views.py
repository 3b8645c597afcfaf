"""The check-in screen: one page, and the small requests its scans become. Each writes once for its key."""

from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from station.carriers.catalogue import CARRIERS, COMPANIES
from station.core import clock, idempotency
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.permissions import Permission
from station.events.service import Refusal, keep_refused_scan
from station.labels import reader
from station.parcels import (
    attachments,
    batches,
    check_in_answers,
    check_in_queries,
    check_in_scans,
    check_in_words,
    counter,
    parcel_queries,
)
from station.parcels.batches import Batch
from station.parcels.schemas import CLOCK_SKEW
from station.parcels.shared_views import keep_picture
from station.shelves import cards, keeping
from station.shelves import queries as shelves
from station.shelves.placing import REASONS, SIZE_CLASSES, suggest
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, json_body, key_of_request, told

bp = Blueprint("check_in", __name__, url_prefix="/check-in")
PURPOSE = "check_in"
MOST_SUGGESTED = 6
ANSWERS = ("carrier", "recipient", "phone", "name", "choice", "how", "row", "aside")
WORDS = {
    "headline": check_in_words.headline,
    "used": check_in_words.used,
    "problem_words": check_in_words.problem_words,
    "refusal_words": check_in_words.refusal_words,
    "carrier_name": check_in_words.carrier_name,
    "carrier_badge": check_in_words.carrier_badge,
    "person_words": check_in_words.person,
    "parse_time": datetime.fromisoformat,
    "carriers": COMPANIES,
    "keep_warning": keeping.warning,
}
CLOSING = ("stored", "aside", "question")  # answers after which no older question is open


@bp.context_processor
def _words() -> dict[str, Any]:
    """Give the screen's templates their words."""
    return WORDS


@bp.get("")
@needs(Permission.CHECK_IN)
def page() -> ResponseReturnValue:
    """Show the screen as the clerk left it: shelf, open question and list come back after a reload."""
    actor = current_actor()
    with reading():
        return render_template("check_in/page.html", **_screen(actor))


def _screen(actor: Actor) -> dict[str, Any]:
    batch = batches.current(actor)
    row = shelves.layer(actor.station_id, batch.layer_id) if batch and batch.layer_id else None
    return {
        "batch": batch,
        "row": row,
        "suggested": [] if row else _suggested(actor, batch),
        "size_classes": SIZE_CLASSES,
        "rows": [layer for layer in shelves.layers(actor.station_id) if not layer.is_set_aside],
        "question": _open_question(actor, batch),
        "reads_labels": reader.is_installed(),
        **_side(actor, batch),
    }


def _open_question(actor: Actor, batch: Batch | None) -> dict[str, Any] | None:
    question = counter.open_question(actor, batch.id) if batch else None
    return check_in_answers.of_question(actor, batch, question) if batch and question else None


def _suggested(actor: Actor, batch: Batch | None) -> list[Any]:
    size_class = batch.size_class if batch else "medium"
    found = suggest(shelves.layers(actor.station_id), size_class, None)
    return [(one, REASONS[one.reason]) for one in found[:MOST_SUGGESTED]]


def _side(actor: Actor, batch: Batch | None) -> dict[str, Any]:
    return {
        "feed": check_in_queries.feed(actor, batch) if batch else [],
        "numbers": check_in_queries.numbers(actor, batch),
    }


@bp.get("/side")
@needs(Permission.CHECK_IN)
def side() -> ResponseReturnValue:
    """Return the list and the numbers, fetched after a scan was answered so that no scan waits for them."""
    actor = current_actor()
    with reading():
        return render_template("check_in/side.html", **_side(actor, batches.current(actor)))


@bp.post("/scan")
@needs(Permission.CHECK_IN)
def scan() -> ResponseReturnValue:
    """Take one scan: a shelf card or a waybill."""
    body = json_body("value", "scanned_at")
    return _once("scan", body, lambda actor: check_in_scans.take(actor, body["value"], _moment(body)))


@bp.post("/answer")
@needs(Permission.CHECK_IN)
def answer() -> ResponseReturnValue:
    """Take the answer to the open question."""
    body = json_body("waybill", optional=ANSWERS)
    return _once("answer", body, lambda actor: check_in_scans.answer(actor, body))


@bp.post("/undo")
@needs(Permission.CHECK_IN)
def undo() -> ResponseReturnValue:
    """Take back the newest check-in of the batch, or the one named."""
    body = json_body(optional=("parcel",))
    return _once("undo", body, lambda actor: check_in_scans.undo(actor, body.get("parcel")))


@bp.post("/damaged")
@needs(Permission.CHECK_IN)
def damaged() -> ResponseReturnValue:
    """Mark the newest parcel of the batch, or the one named, as damaged."""
    body = json_body(optional=("parcel",))
    return _once("damaged", body, lambda actor: check_in_scans.damaged(actor, body.get("parcel")))


@bp.post("/candidates")
@needs(Permission.CHECK_IN)
def candidates() -> ResponseReturnValue:
    """Return the people a phone's tail, or a whole number, may mean. A question, but its text never in an address."""
    actor, typed = current_actor(), request.form.get("typed", "")[:40]
    carrier = request.form.get("carrier")
    with reading():
        found = check_in_scans.people(actor, typed, carrier if carrier in CARRIERS else None)
        shown = [check_in_answers.of_candidate(one) for one in found]
        return render_template("check_in/candidates.html", candidates=shown, typed=typed.strip())


@bp.post("/batch")
@needs(Permission.CHECK_IN)
def change_batch() -> ResponseReturnValue:
    """Set what the following parcels have in common."""
    form = request.form
    body: idempotency.Body = {
        "carrier": form.get("carrier", ""),
        "size_class": form.get("size_class", "medium"),
        "is_declared": "is_declared" in form,
        "is_silent": "is_silent" in form,
    }

    def act(actor: Actor) -> None:
        batch = check_in_scans.current_or_new(actor)
        batches.choose_carrier(actor, batch.id, body["carrier"] or None)
        batches.choose_size(actor, batch.id, body["size_class"])
        batches.declare_consent(actor, batch.id, is_declared=body["is_declared"])
        batches.keep_silent(actor, batch.id, is_silent=body["is_silent"])

    told(act_once("check_in.batch", body, act), _("Saved."))
    return redirect(url_for("check_in.page"), 303)


@bp.post("/close")
@needs(Permission.CHECK_IN)
def close() -> ResponseReturnValue:
    """Close the batch; a parcel that still waits for an answer is set aside."""
    closed = act_once("check_in.close", {}, lambda actor: {"count": check_in_scans.close(actor)})
    told(closed, _("The batch is closed: %(count)s parcels.", count=closed.body.get("count", 0)))
    return redirect(url_for("check_in.page"), 303)


@bp.get("/sticker/<int:parcel_id>")
@needs(Permission.CHECK_IN)
def sticker(parcel_id: int) -> ResponseReturnValue:
    """Show one 60 x 40 mm sticker, ready to print."""
    actor = current_actor()
    with reading():
        parcel = parcel_queries.detail(actor.station_id, parcel_id)
    return render_template("check_in/sticker.html", parcels=[parcel], draw=cards.draw)


@bp.post("/photo/<int:parcel_id>")
@needs(Permission.CHECK_IN)
def photo(parcel_id: int) -> ResponseReturnValue:
    """Keep a photo of a damaged parcel."""
    content = b""
    if "photo" in request.files:
        with request.files["photo"].stream as stream:
            content = stream.read(attachments.LARGEST + 1)
    told(keep_picture(parcel_id, "damage", content), _("The photo is kept with the parcel."))
    return redirect(url_for("check_in.page"), 303)


def _moment(body: dict[str, str]) -> datetime:
    """Return when the scan happened. Raises StationError `bad_input` for no believable time or a future one."""
    said, now = _said_at(body), clock.now()
    if said is None:
        raise StationError("bad_input", _("The time of the scan is not understood."))
    if said > now + CLOCK_SKEW:
        raise StationError("bad_input", _("This time is in the future. Set the device's clock."))
    return min(said, now)


def _said_at(body: dict[str, str]) -> datetime | None:
    """Return the time the device says, None for one further away than a scan's key is remembered."""
    try:
        said = datetime.fromisoformat(body["scanned_at"])
    except ValueError:
        return None
    return said if said.tzinfo and abs(said - clock.now()) < idempotency.KEEP else None


def _once(operation: str, body: dict[str, str], act: Any) -> ResponseReturnValue:
    actor = current_actor()
    wanted = idempotency.Request(actor, f"check_in.{operation}", key_of_request(), body)

    def keep(error: StationError) -> None:
        batch = batches.current(actor)
        raw = body.get("value") or body.get("waybill") or operation
        batch_id = batch.id if batch else None
        keep_refused_scan(actor, Refusal(PURPOSE, error.code, raw, _said_at(body), batch_id))

    on_refusal = keep if operation == "scan" else None
    answered = idempotency.once(wanted, lambda: act(actor), on_refusal=on_refusal)
    return _drawn(actor, answered), answered.status


def _drawn(actor: Actor, answered: idempotency.Answer) -> dict[str, Any]:
    """Return the answer with the piece of page that shows it; a replay is drawn like the first time."""
    said = answered.body
    if answered.status != idempotency.OK:
        said = {"kind": "refused", "sound": "bad", "refusal": answered.body, "aside": None}
    if said["kind"] not in CLOSING:
        with reading():
            said = said | {"question": _open_question(actor, batches.current(actor))}
    row = said.get("row") or (said["parcel"]["row"] if said["kind"] == "stored" else None)
    return {
        "kind": said["kind"],
        "sound": said["sound"],
        "parcel": said.get("parcel"),
        "html": render_template("check_in/result.html", said=said),
        "row": {"tag": row["tag"], "used": check_in_words.used(row["stored"], row["capacity"])}
        if row
        else None,
    }
