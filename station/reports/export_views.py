"""Taking everything along: a page that says what is in it, and the ZIP, after the password was typed again."""

from collections.abc import Iterator
from contextvars import copy_context

from flask import Blueprint, Flask, Response, current_app, render_template
from flask.typing import ResponseReturnValue

from station.accounts import passwords, service
from station.core import clock
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.permissions import Permission
from station.network import queries as network
from station.reports import export
from station.reports.catalogue import FILES, LEFT_OUT_COLUMNS, LEFT_OUT_TABLES
from station.reports.forms import ExportForm
from station.web.forms import first_error
from station.web.gate import current_actor, needs

bp = Blueprint("export", __name__)


@bp.get("/money/export")
@needs(Permission.STATION_EXPORT)
def page() -> ResponseReturnValue:
    """Say what is in the file, and ask for the password."""
    return _page(ExportForm())


def _page(form: ExportForm, refusal: str = "") -> str:
    with reading():
        name = network.station(current_actor().station_id).name
    left_out = LEFT_OUT_TABLES | LEFT_OUT_COLUMNS
    return render_template(
        "reports/export.html", form=form, refusal=refusal, files=FILES, left_out=left_out, name=name
    )


@bp.post("/money/export")
@needs(Permission.STATION_EXPORT)
def take() -> ResponseReturnValue:
    """Log that everything is taken along, then send it as it is read."""
    form = ExportForm()
    if not form.validate():
        return _page(form, first_error(form)), 422
    try:
        _prove(form.password.data or "")
    except StationError as error:
        return _page(form, error.message), error.status
    actor = current_actor()
    with transaction():
        export.log(actor)
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    name = f"station-{actor.station_id}-{clock.now():%Y%m%d-%H%M}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    parts = _in_one_context(_parts(app, actor.station_id))
    return Response(parts, mimetype="application/zip", headers=headers)


def _prove(password: str) -> None:
    actor = current_actor()
    with transaction():
        candidate = service.begin_password_change(actor)
    if not passwords.matches(candidate.password_hash, password):
        raise StationError("sign_in_failed", _("The password you have now is not right. Type it again."))
    with transaction():
        service.forgive_password_tries(actor)


def _parts(app: Flask, station_id: int) -> Iterator[bytes]:
    with app.app_context(), reading():
        yield from export.stream(station_id)


def _in_one_context(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Yield `parts`, each made in the same context: what reads between two requests keeps its own transaction."""
    context = copy_context()
    try:
        while (part := context.run(next, parts, None)) is not None:
            yield part
    finally:
        context.run(parts.close)  # type: ignore[attr-defined]
