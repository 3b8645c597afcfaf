"""Managers' pages of reconciliation: a provider's file of a day, and what to do about each difference."""

from hashlib import sha256
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from station.accounts import queries as accounts
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.idempotency import OK, Answer, Body
from station.core.permissions import Permission
from station.payments import book_queries, jobs, queries, reconciliation, settings, words
from station.payments.catalogue import WAYS, Outcome, Way
from station.payments.forms import DayForm, ExplainForm, FileForm
from station.payments.settling import on_paid
from station.web import idempotent
from station.web.forms import first_error
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, said, told

bp = Blueprint("reconciliation", __name__, url_prefix="/money/reconciliation")
idempotent.install(bp)


@bp.context_processor
def _names() -> dict[str, Any]:
    return {"words": words, "ways": WAYS}


@bp.get("")
@needs(Permission.MONEY_SEE)
def page() -> ResponseReturnValue:
    """List the comparisons, with forms for a new one."""
    config = current_app.config["SETTINGS"]
    with reading():
        listed = book_queries.listed(current_actor().station_id)
        set_up = settings.for_station(current_actor().station_id, config)
    forms = {"file": FileForm(formdata=None), "fetch": DayForm(formdata=None)}
    forms["fetch"].day.id, forms["fetch"].provider.id = "fetch-day", "fetch-provider"
    return render_template("payments/reconciliations.html", listed=listed, forms=forms, set_up=set_up)


@bp.post("/upload")
@needs(Permission.MONEY_CHANGE)
def upload() -> ResponseReturnValue:
    """Compare a file that was downloaded from the provider."""
    form = FileForm()
    if not form.validate():
        raise StationError("bad_input", first_error(form))
    if not form.file.data:
        raise StationError("bad_input", _("Choose the provider’s file."))
    return _compare(form, form.file.data.read())


@bp.post("/fetch")
@needs(Permission.MONEY_CHANGE)
def fetch() -> ResponseReturnValue:
    """Fetch a day's file from the provider, and compare it."""
    form = DayForm()
    if not form.validate():
        raise StationError("bad_input", first_error(form))
    config, way = current_app.config["SETTINGS"], Way(form.provider.data)

    def act(actor: Actor) -> Body:
        settings.provider(actor.station_id, way, config)
        return {}

    # Only the right to fetch is kept with the key: a provider may take long, and no transaction waits for it.
    answer = act_once("reconciliation.fetch", said(form), act)
    is_there = answer.status == OK and jobs.fetch(current_actor().station_id, way, form.chosen, config)
    if answer.status != OK or is_there:
        told(answer, _("Fetched and compared."))
    else:
        flash(_("There is no file of this day yet. Alipay’s is there at about nine the next morning."), "bad")
    return redirect(url_for("reconciliation.page"), 303)


@bp.get("/<int:reconciliation_id>")
@needs(Permission.MONEY_SEE)
def comparison(reconciliation_id: int) -> ResponseReturnValue:
    """Show where our books and the file differ."""
    station_id = current_actor().station_id
    with reading():
        one = book_queries.compared(station_id, reconciliation_id)
        lines = book_queries.differences(station_id, reconciliation_id)
        names = accounts.names(station_id, [line.ended_by for line in lines if line.ended_by])
    notes = {line.id: _note_form(line.id) for line in lines if line.state == "open"}
    return render_template("payments/reconciliation.html", one=one, lines=lines, notes=notes, names=names)


@bp.post("/lines/<int:line_id>/book")
@needs(Permission.MONEY_CHANGE)
def book(line_id: int) -> ResponseReturnValue:
    """Book a payment that only the provider had."""

    def act(actor: Actor) -> Body:
        line = book_queries.difference(actor.station_id, line_id)
        outcome = reconciliation.book(actor, line_id)
        if outcome is Outcome.PAID and line.payment_id:
            on_paid(actor, queries.payment(actor.station_id, line.payment_id))
        return {"reconciliation": str(line.reconciliation_id)}

    answer = act_once("reconciliation.book", {"line": str(line_id)}, act)
    return _settled(answer, line_id, _("Booked: the money lies on the resident’s account."))


@bp.post("/lines/<int:line_id>/explain")
@needs(Permission.MONEY_CHANGE)
def explain(line_id: int) -> ResponseReturnValue:
    """Keep why a difference is none."""
    form = ExplainForm()
    if not form.validate():
        raise StationError("bad_input", first_error(form))
    note = form.note.data or ""

    def act(actor: Actor) -> None:
        reconciliation.explain(actor, line_id, note)

    answer = act_once("reconciliation.explain", {"line": str(line_id), "note": note}, act)
    return _settled(answer, line_id, _("Kept."))


def _settled(answer: Answer, line_id: int, done: str) -> ResponseReturnValue:
    told(answer, done)
    with reading():
        line = book_queries.difference(current_actor().station_id, line_id)
    return redirect(url_for("reconciliation.comparison", reconciliation_id=line.reconciliation_id), 303)


def _compare(form: FileForm, content: bytes) -> ResponseReturnValue:
    config, way = current_app.config["SETTINGS"], Way(form.provider.data)

    def act(actor: Actor) -> Body:
        lines = settings.provider(actor.station_id, way, config).read_file(content)
        return {"id": str(reconciliation.compare(actor, way, form.chosen, lines, content))}

    body = {"provider": way.value, "day": form.chosen.isoformat(), "sha256": sha256(content).hexdigest()}
    answer = act_once("reconciliation.upload", body, act)
    if answer.status != OK:
        told(answer, "")
        return redirect(url_for("reconciliation.page"), 303)
    return redirect(url_for("reconciliation.comparison", reconciliation_id=int(answer.body["id"])), 303)


def _note_form(line_id: int) -> ExplainForm:
    """Return the form of one difference; a page with several gives each field an id of its own."""
    form = ExplainForm(formdata=None)
    form.note.id = f"note-{line_id}"
    return form
