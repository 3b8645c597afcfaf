"""Pages for everybody on the staff: what they are called for at kiosks, and hand-overs that somebody must settle."""

from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from station.accounts import queries as accounts
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.idempotency import Answer
from station.core.permissions import Permission
from station.kiosks import alerts, conflicts, overview_queries, unfinished, words
from station.kiosks.call_kinds import AlertKind
from station.kiosks.forms import NoteForm
from station.kiosks.overview_queries import Conflict, OpenCall
from station.parcels import telling
from station.web import formatting, idempotent
from station.web.forms import first_error
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, told

bp = Blueprint("kiosk_cases", __name__, url_prefix="/kiosk-cases")
idempotent.install(bp)
ONE_HAND_OVER = "/hand-overs/<int:hand_over_id>"
# Somebody stands there.
WAITED_FOR = frozenset({AlertKind.STAFF_CALLED, AlertKind.WRONG_PARCEL, AlertKind.NOT_FOUND})
SETTLED_HERE = frozenset({AlertKind.CONFLICT, AlertKind.RECOVER})


@bp.get("")
@needs(Permission.PARCELS_SEE)
def page() -> ResponseReturnValue:
    """Show open calls, hand-overs without a known end, and conflicts."""
    with reading():
        station_id = current_actor().station_id
        unsettled = overview_queries.unsettled(station_id)
        settled = overview_queries.settled(station_id)
        page = {
            "calls": overview_queries.open_calls(station_id),
            "ends": overview_queries.open_ends(station_id),
            "unsettled": unsettled,
            "settled": settled,
            "first": {one.id: _first(one) for one in (*unsettled, *settled)},
            "names": accounts.names(station_id, [one.settled_by for one in settled if one.settled_by]),
        }
    notes = {one.id: _note_form(one.id) for one in unsettled}
    return render_template("kiosks/cases.html", words=words, notes=notes, **page)


def _note_form(conflict_id: int) -> NoteForm:
    """Return the form of one conflict; a page with several gives each field an id of its own."""
    form = NoteForm(formdata=None)
    form.note.id = f"note-{conflict_id}"
    return form


@bp.get("/calls")
@needs(Permission.PARCELS_SEE)
def calls() -> Response:
    """Answer what staff are called for, for the notice on every page."""
    with reading():
        found = overview_queries.open_calls(current_actor().station_id)
    return jsonify({"calls": [_shown(one) for one in found]})


@bp.post("/calls/<int:alert_id>/dismiss")
@needs(Permission.PARCELS_SEE)
def dismiss(alert_id: int) -> ResponseReturnValue:
    """Note that somebody sees to a call."""

    def act(actor: Actor) -> None:
        alerts.dismiss(actor, alert_id)

    answer = act_once("kiosk_cases.dismiss", {"alert": str(alert_id)}, act)
    if request.headers.get("Idempotency-Key"):
        return jsonify(answer.body), answer.status
    return _back(answer, _("Dismissed."))


@bp.post(f"{ONE_HAND_OVER}/left")
@needs(Permission.HAND_OVER)
def it_left(hand_over_id: int) -> ResponseReturnValue:
    """Settle that the parcel left."""

    def act(actor: Actor) -> None:
        unfinished.it_left(actor, hand_over_id)

    answer = act_once("kiosk_cases.left", {"hand_over": str(hand_over_id)}, act)
    return _back(answer, _("Settled: the parcel left."))


@bp.post(f"{ONE_HAND_OVER}/here")
@needs(Permission.HAND_OVER)
def it_is_here(hand_over_id: int) -> ResponseReturnValue:
    """Settle that the parcel is still here, and take the hand-over back."""

    def act(actor: Actor) -> None:
        unfinished.it_is_here(actor, hand_over_id)

    answer = act_once("kiosk_cases.here", {"hand_over": str(hand_over_id)}, act)
    return _back(answer, _("Settled: the hand-over is taken back, and the parcel waits on its shelf."))


@bp.post("/conflicts/<int:conflict_id>/settle")
@needs(Permission.DEVICES)
def settle(conflict_id: int) -> ResponseReturnValue:
    """Write down what was found out about a conflict."""
    form = NoteForm()
    if not form.validate():
        raise StationError("bad_input", first_error(form))
    note = form.note.data or ""

    def act(actor: Actor) -> None:
        conflicts.settle(actor, conflict_id, note=note)

    answer = act_once("kiosk_cases.settle", {"conflict": str(conflict_id), "note": note}, act)
    return _back(answer, _("Settled. What you found out is kept with it."))


def _back(answer: Answer, done: str) -> ResponseReturnValue:
    told(answer, done)
    return redirect(url_for("kiosk_cases.page"), 303)


def _shown(one: OpenCall) -> dict[str, Any]:
    kind = AlertKind(one.kind)
    more = [
        _("Part: %(part)s.", part=words.part(one.part)) if one.part else "",
        _("Parcel %(code)s.", code=one.pickup_code) if one.pickup_code else "",
        _(words.NEXT_STEPS[kind]),
    ]
    return {
        "id": str(one.id),
        "times": one.times,
        "title": _("%(kiosk)s: %(call)s", kiosk=one.kiosk, call=_(words.CALLS[kind])),
        "text": " ".join(text for text in more if text),
        "at": formatting.time(one.raised_at),
        "is_urgent": kind in WAITED_FOR,
        "settle": url_for("kiosk_cases.page") if kind in SETTLED_HERE else None,
        "dismiss": url_for("kiosk_cases.dismiss", alert_id=one.id),
    }


def _first(one: Conflict) -> str:
    """Return how the parcel left by the hand-over that stands."""
    at, method, taken_by, handed_by = (
        one.first_at,
        one.first_method,
        one.first_taken_by,
        one.first_handed_by,
    )
    if at is None or not (method and taken_by and handed_by):
        return _("The books know of no other hand-over: %(why)s", why=words.refusal(one.reason))
    how = {"method": method, "taken_by": taken_by, "handed_by": handed_by}
    return telling.how_it_left(current_actor().station_id, at, **how)
