"""Managers' pages of reconciliation: a provider's file of a day, and what to do about each difference."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # the stubs are of 3.2

from station.accounts import queries as accounts
from station.core import clock
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.idempotency import OK, Answer, Body
from station.core.money import format_money
from station.core.permissions import Permission
from station.ledger import queries as books
from station.ledger import rules
from station.payments import balances, book_queries, jobs, queries, reconciliation, settings, words
from station.payments.catalogue import WAYS, Outcome, Way
from station.payments.forms import DayForm, ExplainForm, FileForm
from station.payments.provider import Kind
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
    """List the comparisons and what stands at each provider, with forms for a new comparison."""
    station_id, config = current_actor().station_id, current_app.config["SETTINGS"]
    with reading():
        listed = book_queries.listed(station_id)
        found = settings.for_station(station_id, config)
        set_up = [one.way for one in sorted(found, key=lambda one: not one.is_enabled)]
        currency = rules.for_station(station_id).currency
        accounts_there = {way: WAYS[way].account for way in set_up}
        there = {way: books.balance(station_id, ref, currency) for way, ref in accounts_there.items()}
        forms = _day_forms(set_up, station_id)
    return render_template(
        "payments/reconciliations.html",
        listed=listed,
        forms=forms,
        there=there,
        accounts=accounts_there,
        currency=currency,
        not_set_up=[way for way in settings.known(config) if way not in set_up],
    )


def _day_forms(set_up: list[Way], station_id: int) -> dict[str, DayForm]:
    """Return the forms of a new comparison: of the providers that are set up, and yesterday's file."""
    forms = {"file": FileForm(formdata=None), "fetch": DayForm(formdata=None)}
    forms["fetch"].day.id, forms["fetch"].provider.id = "fetch-day", "fetch-provider"
    for form in forms.values():
        form.provider.choices = [SelectChoice(way.value, words.way(way)) for way in set_up]
        if set_up:
            zone = reconciliation.zone_of(station_id, set_up[0])
            form.day.data = clock.now().astimezone(zone).date() - timedelta(days=1)
    return forms


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
        currency = rules.for_station(station_id).currency
    notes = {line.id: _note_form(line.id) for line in lines if line.state == "open"}
    return render_template(
        "payments/reconciliation.html", one=one, lines=lines, notes=notes, names=names, currency=currency
    )


@bp.post("/lines/<int:line_id>/book")
@needs(Permission.MONEY_CHANGE)
def book(line_id: int) -> ResponseReturnValue:
    """Book what only the provider had: a payment, or a refund that was made there."""

    def act(actor: Actor) -> Body:
        line = book_queries.difference(actor.station_id, line_id)
        outcome = reconciliation.book(actor, line_id)
        asked = queries.payment(actor.station_id, line.payment_id or 0)
        if outcome is Outcome.PAID:
            on_paid(actor, asked)
        owed = balances.owed(actor.station_id, [asked.recipient_id], asked.currency)
        return {"what": line.what, "owed": format_money(owed, asked.currency) if owed else ""}

    answer = act_once("reconciliation.book", {"line": str(line_id)}, act)
    return _settled(answer, line_id, _booked(answer))


def _booked(answer: Answer) -> str:
    if answer.status != OK:
        return ""
    if answer.body["what"] == Kind.PAYMENT:
        return _("Booked: the money lies on the resident’s account.")
    if answer.body["owed"]:
        return _(
            "Booked as given back. The resident had spent it, and owes %(amount)s now.",
            amount=answer.body["owed"],
        )
    return _("Booked as given back: it is off the resident’s account.")


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
