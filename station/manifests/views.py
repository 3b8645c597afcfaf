"""Pages of announcements: uploading a file, confirming its columns, watching its import, and its refused rows."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from station.accounts import queries as accounts
from station.carriers.catalogue import CARRIERS
from station.core import ids
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.i18n import language
from station.core.idempotency import OK, Body
from station.core.permissions import Permission
from station.days.queries import local_today
from station.manifests import export, preview, queries, service, sheets, spool, words
from station.manifests.forms import ColumnsForm, KeyForm, UploadForm
from station.manifests.lifecycle import ManifestState
from station.manifests.rows import Rules
from station.manifests.service import Choice
from station.manifests.spool import SpoolError
from station.web import idempotent
from station.web.forms import first_error
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, new_key, told

bp = Blueprint("manifests", __name__, url_prefix="/announcements")
idempotent.install(bp)
ONE = "/<int:manifest_id>"
EXPORTED = 1000  # rows read at once for a download


@bp.context_processor
def names_of_templates() -> dict[str, Any]:
    """Return the names that the templates of this room use."""
    return {"new_key": new_key, "words": words, "carrier_name": carrier_name, "State": ManifestState}


def carrier_name(code: str | None) -> str:
    """Return a carrier's short name in the language spoken now."""
    return CARRIERS[code].short_name(language()) if code in CARRIERS else _("not known")


def _path(manifest_id: int) -> Path:
    return spool.path_of(current_app.config["SETTINGS"], manifest_id)


def _checked(form: Any) -> Any:
    if not form.validate():
        raise StationError("bad_input", first_error(form))
    return form


@bp.get("")
@needs(Permission.CHECK_IN)
def page() -> ResponseReturnValue:
    """Show what was announced, newest first, and the form for another file."""
    station_id, before = current_actor().station_id, request.args.get("before", type=int)
    with reading():
        found = queries.recent(station_id, before=before)
        names = accounts.names(station_id, [one.added_by for one in found])
    form = UploadForm(formdata=None)
    return render_template("manifests/page.html", found=found, names=names, form=form, page_size=queries.PAGE)


@bp.post("/upload")
@needs(Permission.CHECK_IN)
def upload() -> ResponseReturnValue:
    """Take a file and read its rows; nothing is announced before its columns are confirmed."""
    _checked(UploadForm())
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise StationError("bad_input", _("Choose a file."))
    manifest_id, name = ids.next_id(), sent.filename
    spooled = _spooled(_path(manifest_id), sent.stream)

    def act(actor: Actor) -> Body:
        today = local_today(actor.station_id)
        service.keep_draft(actor, manifest_id, spooled, name=name, today=today)
        return {"manifest": str(manifest_id)}

    answer = act_once("manifests.upload", {"name": name, "sha256": spooled.sha256.hex()}, act)
    if answer.body.get("manifest") != str(manifest_id):  # sent before: the first one's rows are kept
        _path(manifest_id).unlink(missing_ok=True)
    if answer.status != OK:
        told(answer, "")
        return redirect(url_for("manifests.page"), 303)
    return redirect(url_for("manifests.one", manifest_id=int(answer.body["manifest"])), 303)


def _spooled(path: Path, file: Any) -> spool.Spooled:
    stream: BinaryIO = file
    try:
        return spool.write(path, stream)
    except sheets.SheetError as error:
        message = _(words.SHEETS[error.why])
        if error.row:
            message = _("Row %(row)s: %(problem)s", row=error.row, problem=message)
        raise StationError("file_unreadable", message) from error


@bp.get(ONE)
@needs(Permission.CHECK_IN)
def one(manifest_id: int) -> ResponseReturnValue:
    """Show an announcement: the columns to confirm, how far it is, or what became of it."""
    station_id = current_actor().station_id
    with reading():
        found = queries.manifest(station_id, manifest_id)
        today = local_today(station_id)
    if found.state is ManifestState.DRAFT:
        return _draft(found, today)
    return render_template("manifests/one.html", **_values(found))


@bp.get(f"{ONE}/progress")
@needs(Permission.CHECK_IN)
def progress(manifest_id: int) -> ResponseReturnValue:
    """Return the part of the page that changes while a file is imported."""
    with reading():
        found = queries.manifest(current_actor().station_id, manifest_id)
    return render_template("manifests/_progress.html", **_values(found))


def _values(found: queries.Facts) -> dict[str, Any]:
    after = request.args.get("after", 0, type=int)
    station_id = current_actor().station_id
    with reading():
        faults = queries.faults(station_id, found.id, after=after)
        names = accounts.names(station_id, [found.added_by])
        awaited = queries.awaited(station_id, found.id)
    return {
        "manifest": found,
        "awaited": awaited,
        "faults": faults,
        "names": names,
        "page_size": queries.PAGE,
    }


def _draft(found: queries.Facts, today: date) -> ResponseReturnValue:
    """Show the columns to confirm, with the first rows as they would be read."""
    station_id = current_actor().station_id
    try:
        start_of = preview.found(_path(found.id), found.layout)
    except SpoolError as error:
        message = _("The rows of this file are gone. Upload it again.")
        raise StationError("announcement_ended", message) from error
    form = ColumnsForm(formdata=request.args or None)
    form.offer(start_of.headers)
    if not request.args:
        form.propose(start_of.mapping, first_row=start_of.first_row, expected_on=found.expected_on)
    rules = Rules(form.carrier.data or None, form.expected_on.data or today, today)
    first_row = form.first_row.data or start_of.first_row
    with reading():
        before = queries.same_file(station_id, found.sha256 or b"", but=found.id)
    return render_template(
        "manifests/columns.html",
        manifest=found,
        form=form,
        headers=start_of.headers,
        lines=preview.lines(start_of.head, form.mapping(), rules, first_row=first_row),
        before=before,
    )


@bp.post(f"{ONE}/start")
@needs(Permission.CHECK_IN)
def start(manifest_id: int) -> ResponseReturnValue:
    """Begin the import with the columns as they are confirmed; the scheduler does it."""
    choice = _chosen()
    said = {
        "manifest": str(manifest_id),
        "columns": {field.value: place for field, place in choice.mapping.items()},
        "first_row": choice.first_row,
        "carrier": choice.carrier or "",
        "day": choice.expected_on.isoformat(),
    }

    def act(actor: Actor) -> None:
        service.start(actor, manifest_id, choice)

    answer = act_once("manifests.start", said, act)
    told(answer, _("The import has begun. You can go on working."))
    before = answer.body.get("manifest_id")
    shown = int(before) if isinstance(before, str) else manifest_id
    return redirect(url_for("manifests.one", manifest_id=shown), 303)


def _chosen() -> Choice:
    form = ColumnsForm()
    form.offer([])
    checked: Any = _checked(form)
    carrier = checked.carrier.data or None
    return Choice(form.mapping(), checked.first_row.data, carrier, checked.expected_on.data)


@bp.post(f"{ONE}/cancel")
@needs(Permission.CHECK_IN)
def cancel(manifest_id: int) -> ResponseReturnValue:
    """Give a file up; what was announced from it stays."""
    _checked(KeyForm())

    def act(actor: Actor) -> None:
        service.cancel(actor, manifest_id)

    answer = act_once("manifests.cancel", {"manifest": str(manifest_id)}, act)
    if told(answer, _("Given up. What was announced before stays announced.")):
        _path(manifest_id).unlink(missing_ok=True)
    return redirect(url_for("manifests.page"), 303)


@bp.get(f"{ONE}/faults.csv")
@needs(Permission.CHECK_IN)
def faults(manifest_id: int) -> ResponseReturnValue:
    """Send the refused rows as CSV, however many there are."""
    station_id = current_actor().station_id
    with reading():
        queries.manifest(station_id, manifest_id)

    def lines() -> Iterator[str]:
        yield export.faults_head()
        after = 0
        while True:
            with reading():
                found = queries.faults(station_id, manifest_id, after=after, limit=EXPORTED)
            yield export.faults(found)
            if len(found) < EXPORTED:
                return
            after = found[-1].row

    return _csv("".join(lines()), f"refused-rows-{manifest_id}.csv")


def _csv(text: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, mimetype="text/csv", headers=headers)
