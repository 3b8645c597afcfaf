"""Pages of what a stocktake found: the differences to settle, one by one or together, and the report."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from station.accounts import queries as accounts
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.i18n import ngettext
from station.core.idempotency import OK, Answer, Body
from station.core.permissions import Permission
from station.network import queries as network
from station.shelves import queries as shelves
from station.stocktakes import explaining, queries, report, resolving, service, words
from station.stocktakes.compare import Kind
from station.stocktakes.queries import StocktakeFacts
from station.stocktakes.report import Report, Sheet
from station.stocktakes.resolutions import IN_BULK, Resolution
from station.web import idempotent
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, key_of_request

bp = Blueprint("stocktake_findings", __name__)
idempotent.install(bp)
bp.context_processor(lambda: {"words": words, "state_of": report.state_of})

ONE = "/stocktakes/<int:stocktake_id>"
SHOWN = 50  # differences of a kind on one page; the next come when these are settled
MOST_AT_ONCE = 100
NAMED = 5  # refused ones named in one sentence; the others are counted
WAYBILL = 32  # characters


@bp.get(f"{ONE}/differences")
@needs(Permission.PARCELS_CHANGE)
def differences(stocktake_id: int) -> ResponseReturnValue:
    """Show what differs now, each explained, with the ways to settle it."""
    station_id = current_actor().station_id
    with reading():
        stocktake = queries.get(station_id, stocktake_id)
        if not stocktake.is_open:
            return redirect(url_for(".show", stocktake_id=stocktake_id), 303)
        found = queries.comparison(station_id, stocktake)
        groups = {kind: found.of(kind) for kind in Kind}
        shown = {kind: explaining.explain(station_id, some[:SHOWN]) for kind, some in groups.items()}
        tags = _tags(station_id)
    return render_template(
        "stocktakes/differences.html",
        stocktake=stocktake,
        present=len(found.present),
        totals={kind: len(some) for kind, some in groups.items()},
        groups=shown,
        tags=tags,
        in_bulk=IN_BULK,
    )


@bp.post(f"{ONE}/settle")
@needs(Permission.PARCELS_CHANGE)
def settle(stocktake_id: int) -> ResponseReturnValue:
    """Settle one difference, or those that were ticked; one that is refused keeps no other back."""
    back = redirect(url_for(".differences", stocktake_id=stocktake_id), 303)
    try:
        resolution, waybills = _wanted()
    except StationError as error:
        flash(error.message, "bad")
        return back
    key = key_of_request()
    answers = {
        waybill: _settle_one(stocktake_id, waybill, resolution, key=f"{key}.{waybill}")
        for waybill in waybills
    }
    _tell(answers)
    if any(answer.body.get("asks") for answer in answers.values()):
        return redirect(url_for("check_in.page"), 303)
    return back


def _wanted() -> tuple[Resolution, list[str]]:
    """Return what is to be done, and to which waybills. Raises StationError `bad_input`."""
    one = request.form.get("one", "")
    text, _space, waybill = one.partition(" ")
    waybills = [waybill] if one else list(dict.fromkeys(request.form.getlist("waybill")))
    resolution = text if one else request.form.get("resolution", "")
    if not waybills:
        raise StationError("bad_input", _("Choose at least one parcel."))
    is_known = resolution in set(Resolution) and len(waybills) <= MOST_AT_ONCE
    if not is_known or not all(_is_waybill(text) for text in waybills):
        raise StationError("bad_input", _("These parcels cannot be chosen. Load the page again."))
    return Resolution(resolution), waybills


def _is_waybill(text: str) -> bool:
    return text.isascii() and text.isalnum() and len(text) <= WAYBILL


def _settle_one(stocktake_id: int, waybill: str, resolution: Resolution, *, key: str) -> Answer:
    def act(actor: Actor) -> Body:
        return {"asks": resolving.settle(actor, stocktake_id, waybill, resolution)}

    wanted = {"stocktake": str(stocktake_id), "waybill": waybill, "resolution": resolution.value}
    return act_once("stocktake.settle", wanted, act, key=key)


def _tell(answers: dict[str, Answer]) -> None:
    """Say what was settled and what was refused."""
    refused = {one: answer for one, answer in answers.items() if answer.status != OK}
    done = len(answers) - len(refused)
    if done:
        flash(ngettext("%(num)s difference settled.", "%(num)s differences settled.", done))
    for waybill, answer in list(refused.items())[:NAMED]:
        flash(f"{waybill}: {answer.body['message']}", "bad")
    if len(refused) > NAMED:
        flash(_("%(num)s more were refused.", num=len(refused) - NAMED), "bad")


@bp.get(f"{ONE}/report")
@needs(Permission.PARCELS_CHANGE)
def show(stocktake_id: int) -> ResponseReturnValue:
    """Show the report, to read and to print."""
    with reading():
        values = _report(stocktake_id)
    return render_template("stocktakes/report.html", **values)


@bp.get(f"{ONE}/report.csv")
@needs(Permission.PARCELS_CHANGE)
def as_csv(stocktake_id: int) -> ResponseReturnValue:
    """Return the report's differences as a file."""
    with reading():
        values = _report(stocktake_id)
        zone = network.station(current_actor().station_id).zone
    text = Sheet(zone, values["tags"], values["names"]).text(values["report"])
    name = f"stocktake-{values['stocktake'].opened_at:%Y%m%d}.csv"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, mimetype="text/csv", headers=disposition)


def _report(stocktake_id: int) -> dict[str, Any]:
    actor = current_actor()
    stocktake = queries.get(actor.station_id, stocktake_id)
    found = report.of(actor.station_id, stocktake)
    counted = queries.counted(actor.station_id, stocktake_id)
    rows = [one for one in queries.row_counts(actor.station_id, stocktake_id) if one.layer_id in counted]
    return {
        "stocktake": stocktake,
        "may_end": stocktake.is_open and service.may_end(actor, stocktake),
        "report": found,
        "rows": rows,
        "tags": _tags(actor.station_id),
        "names": accounts.names(actor.station_id, _people(stocktake, found, rows)),
    }


def _people(stocktake: StocktakeFacts, found: Report, rows: list[queries.RowCount]) -> set[str]:
    keys = {stocktake.opened_by, stocktake.ended_by, *(one.resolved_by for one in found.lines)}
    return {key for key in keys if key} | {actor for row in rows for actor in row.actors}


def _tags(station_id: int) -> dict[int, str]:
    """Return the name of every row, of retired shelves too."""
    return {layer.id: layer.tag for shelf in shelves.shelves(station_id) for layer in shelf.layers}
