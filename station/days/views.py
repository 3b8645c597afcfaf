"""Pages of the day book: a day's figures, shifts, the signed close, and a day as files."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from station.accounts import queries as accounts
from station.carriers.catalogue import CARRIERS
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import CATALOGUE, StationError
from station.core.i18n import gettext as _
from station.core.i18n import language
from station.core.i18n import lazy as _l
from station.core.idempotency import Body
from station.core.permissions import Permission
from station.days import export, queries, service
from station.days.forms import CorrectForm
from station.days.queries import DayFacts, Figures, ShiftFacts
from station.parcels import words
from station.web import idempotent
from station.web.forms import first_error
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, told

bp = Blueprint("days", __name__)
idempotent.install(bp)

YEARS = range(2025, 2095)  # ids are made within them (core/ids.py), so nothing happened outside
RECENT = 14  # days in the list beside the figures: two weeks
COLUMNS = {
    "at_start": _l("At the start"),
    "in": _l("Checked in"),
    "handed_over": _l("Handed over"),
    "returned": _l("Returned"),
    "other": _l("Lost, written off"),
    "left": _l("On the shelves"),
}
MESSAGES = {"sent": _l("sent"), "failed": _l("not delivered"), "waiting": _l("waiting to be sent")}


@bp.get("/day")
@needs(Permission.DAY_SEE)
def page() -> ResponseReturnValue:
    """Show today."""
    with reading():
        today = queries.local_today(current_actor().station_id)
        values = _values(current_actor(), today)
    return render_template("days/day.html", **values)


@bp.get("/day/<text>")
@needs(Permission.DAY_SEE)
def one_day(text: str) -> ResponseReturnValue:
    """Show a day of the book."""
    with reading():
        values = _values(current_actor(), _day(text))
    return render_template("days/day.html", **values)


@bp.post("/day/open")
@needs(Permission.DAY_SEE)
def open_day() -> ResponseReturnValue:
    """Open today."""
    _act("day_open", {}, service.open_day, done=_("The day is open."))
    return redirect(url_for("days.page"), 303)


@bp.post("/day/shift/start")
@needs(Permission.DAY_SEE)
def start_shift() -> ResponseReturnValue:
    """Begin one's own shift."""
    _act("shift_start", {}, service.start_shift, done=_("Your shift has begun."))
    return redirect(url_for("days.page"), 303)


@bp.post("/day/shift/end")
@needs(Permission.DAY_SEE)
def end_shift() -> ResponseReturnValue:
    """End one's own shift."""
    _act("shift_end", {}, service.end_shift, done=_("Your shift has ended."))
    return redirect(url_for("days.page"), 303)


@bp.post("/day/<text>/close")
@needs(Permission.DAY_CLOSE)
def close_day(text: str) -> ResponseReturnValue:
    """Close and sign a day."""
    day = _day(text)
    _act(
        "day_close",
        {"day": day.isoformat()},
        lambda actor: service.close_day(actor, day),
        done=_("The day is closed and signed."),
    )
    return redirect(url_for("days.one_day", text=day.isoformat()), 303)


@bp.post("/day/<text>/correct")
@needs(Permission.DAY_CLOSE)
def correct(text: str) -> ResponseReturnValue:
    """Add a correction to a closed day."""
    day, form = _day(text), CorrectForm()
    if not form.validate():
        flash(first_error(form), "bad")
    else:
        said = str(form.text.data)
        _act(
            "day_correct",
            {"day": day.isoformat(), "text": said},
            lambda actor: service.correct(actor, day, said),
            done=_("The correction was added."),
        )
    return redirect(url_for("days.one_day", text=day.isoformat()), 303)


@bp.get("/day/<text>/export.csv")
@needs(Permission.DAY_SEE)
def as_csv(text: str) -> ResponseReturnValue:
    """Answer a day's figures as CSV."""
    day = _day(text)
    with reading():
        facts = _facts(current_actor().station_id, day)
    return _file(Response(export.as_csv(facts["figures"]), mimetype="text/csv"), day, "csv")


@bp.get("/day/<text>/export.json")
@needs(Permission.DAY_SEE)
def as_json(text: str) -> ResponseReturnValue:
    """Answer a day as JSON, with its signature when it is closed."""
    station_id, day = current_actor().station_id, _day(text)
    with reading():
        known, facts = queries.day_of(station_id, day), _facts(station_id, day)
    if known is None:
        raise StationError("not_found", _("This day is not in the book."))
    return _file(jsonify(export.as_json(known, facts)), day, "json")


def _file(response: Response, day: date, suffix: str) -> Response:
    name = f"day-{day.isoformat()}.{suffix}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise StationError("not_found", _("This day is not in the book.")) from error
    if day.year not in YEARS:
        raise StationError("not_found", _("This day is not in the book."))
    return day


def _act(operation: str, body: Body, act: Callable[[Actor], object], *, done: str) -> None:
    """Do `act` once for the form's key, and tell what came of it."""

    def without_answer(actor: Actor) -> None:
        act(actor)

    told(act_once(operation, body, without_answer), done)


def _values(actor: Actor, day: date) -> dict[str, Any]:
    station_id = actor.station_id
    today, known = queries.local_today(station_id), queries.day_of(station_id, day)
    if day > today:
        raise StationError("not_found", _("This day has not begun yet."))
    facts = _facts(station_id, day)
    shifts = queries.shifts_in(station_id, queries.span_of(station_id, day))
    return {
        "day": day,
        "today": today,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "known": known,
        "facts": facts,
        "figures": facts["figures"],
        "shifts": shifts,
        "is_on_shift": any(one.account_id == actor.id for one in queries.on_shift(station_id)),
        "recent": queries.recent_days(station_id, limit=RECENT),
        "names": _names(station_id, known, shifts),
        "report": service.verify_close(station_id, day) if known and known.is_closed else None,
        "form": CorrectForm(),
        "columns": COLUMNS,
        "messages": MESSAGES,
        "words": words,
        "catalogue": CATALOGUE,
        "carrier_name": _carrier_name,
    }


def _facts(station_id: int, day: date) -> dict[str, Any]:
    """Return what was signed of a closed day, else the figures as they are now."""
    known = queries.day_of(station_id, day)
    if known and known.statement:
        signed: dict[str, Any] = json.loads(known.statement)
        return signed
    span = queries.span_of(station_id, day)
    counted: Figures = queries.figures(station_id, span)
    return {
        "day": day.isoformat(),
        "counted": {"since": span.since.isoformat(), "until": span.until.isoformat()},
        "figures": counted,
    }


def _names(station_id: int, known: DayFacts | None, shifts: list[ShiftFacts]) -> dict[str, str]:
    keys = [shift.actor_key for shift in shifts]
    if known:
        keys += [known.opened_by, known.closed_by or known.opened_by]
    return accounts.names(station_id, keys)


def _carrier_name(code: str) -> str:
    return CARRIERS[code].short_name(language()) if code in CARRIERS else _("not known")
