"""Pages of counting: the stocktakes there are, the walk along the shelves by scanner or camera, and its end."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from station.accounts import queries as accounts
from station.core import clock
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.idempotency import OK, Answer, Body
from station.core.ids import LARGEST_ID
from station.core.permissions import Permission
from station.events.service import Refusal, keep_refused_scan
from station.shelves import queries as shelves
from station.stocktakes import counting, queries, report, service, words
from station.stocktakes.compare import Kind
from station.stocktakes.counting import Counted
from station.stocktakes.forms import ScanForm
from station.web import headers, idempotent
from station.web.forms import first_error
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, json_body, told

bp = Blueprint("stocktakes", __name__)
idempotent.install(bp)
bp.context_processor(lambda: {"words": words})

PURPOSE = "stocktake"  # of refused scans
ONE = "/stocktakes/<int:stocktake_id>"


@dataclass(frozen=True, slots=True)
class Notice:
    """What came of the last scan. `kind`, which is also the sound: ok, warn or bad."""

    kind: str
    title: str
    text: str = ""


@bp.get("/stocktakes")
@needs(Permission.PARCELS_CHANGE)
def stocktakes() -> ResponseReturnValue:
    """Show the stocktake under way and those before."""
    station_id = current_actor().station_id
    with reading():
        found = queries.recent(station_id)
        keys = [key for one in found for key in (one.opened_by, one.ended_by) if key]
        names = accounts.names(station_id, keys)
    return render_template("stocktakes/stocktakes.html", stocktakes=found, names=names)


@bp.post("/stocktakes")
@needs(Permission.PARCELS_CHANGE)
def begin() -> ResponseReturnValue:
    """Begin a stocktake, or go on with the one under way."""

    def act(actor: Actor) -> Body:
        return {"stocktake": str(service.open_stocktake(actor))}

    answer = act_once("stocktake.open", {}, act)
    if answer.status != OK:
        told(answer, "")
        return redirect(url_for("stocktakes.stocktakes"), 303)
    return redirect(url_for("stocktakes.page", stocktake_id=int(answer.body["stocktake"])), 303)


@bp.get(ONE)
@needs(Permission.PARCELS_CHANGE)
def page(stocktake_id: int) -> ResponseReturnValue:
    """Show the walk, for a keyboard-wedge scanner."""
    return _walk(stocktake_id, None, _asked_row())


@bp.get(f"{ONE}/camera")
@needs(Permission.PARCELS_CHANGE)
def camera(stocktake_id: int) -> ResponseReturnValue:
    """Show the walk, for the camera of a phone. The one page that may run WebAssembly: it reads the codes."""
    answer = make_response(_walk(stocktake_id, None, _asked_row(), has_camera=True))
    answer.headers["Content-Security-Policy"] = headers.WITH_WASM
    return answer


@bp.post(ONE)
@needs(Permission.PARCELS_CHANGE)
def take(stocktake_id: int) -> ResponseReturnValue:
    """Take what was typed or scanned into the box, without scripts."""
    form = ScanForm()
    if not form.validate():
        return _walk(stocktake_id, Notice("bad", first_error(form)), _number(form.layer.data or ""))
    body = {name: form[name].data or "" for name in ("value", "layer", "scanned_at")}
    answer = _scanned(stocktake_id, body)
    return _walk(stocktake_id, _notice(answer), _row_after(answer, body))


@bp.post(f"{ONE}/scan")
@needs(Permission.PARCELS_CHANGE)
def scan(stocktake_id: int) -> ResponseReturnValue:
    """Take one scan of the page's queue."""
    body = json_body("value", "scanned_at", "layer")
    answer = _scanned(stocktake_id, body)
    notice = _notice(answer)
    html = render_template("stocktakes/_walk.html", **_values(stocktake_id, notice, _row_after(answer, body)))
    said = {"sound": notice.kind, "html": html, "title": notice.title, "text": notice.text}
    return said, answer.status


@bp.post(f"{ONE}/close")
@needs(Permission.PARCELS_CHANGE)
def close(stocktake_id: int) -> ResponseReturnValue:
    """Close a stocktake."""
    return _end(stocktake_id, "close", service.close, done=_("The stocktake is closed. This is its report."))


@bp.post(f"{ONE}/abandon")
@needs(Permission.PARCELS_CHANGE)
def abandon(stocktake_id: int) -> ResponseReturnValue:
    """Give a stocktake up."""
    return _end(stocktake_id, "abandon", service.abandon, done=_("The stocktake was given up."))


def _end(
    stocktake_id: int, operation: str, act: Callable[[Actor, int], None], *, done: str
) -> ResponseReturnValue:
    wanted = {"stocktake": str(stocktake_id)}
    told(act_once(f"stocktake.{operation}", wanted, lambda actor: act(actor, stocktake_id)), done)
    return redirect(url_for("stocktake_findings.show", stocktake_id=stocktake_id), 303)


def _scanned(stocktake_id: int, body: dict[str, str]) -> Answer:
    """Take one scan once; the answer tells it in words, so that a repeated one says the same."""
    raw, layer_id, at = body["value"], _number(body["layer"]), _moment(body["scanned_at"])

    def act(actor: Actor) -> Body:
        found = counting.scan(actor, stocktake_id, raw, layer_id=layer_id, scanned_at=at)
        return {"row": str(found.row.id), **_told(found)}

    def keep(error: StationError) -> None:
        keep_refused_scan(current_actor(), Refusal(PURPOSE, error.code, raw, at))

    wanted = {"stocktake": str(stocktake_id), **body}
    answer = act_once("stocktake.scan", wanted, act, on_refusal=keep)
    if answer.status != OK:
        with reading():  # an unknown stocktake is a missing page, not a bad scan
            queries.get(current_actor().station_id, stocktake_id)
    return answer


def _told(found: Counted) -> dict[str, str]:
    if found.waybill is None:
        return {"kind": "ok", "title": _("Counting %(row)s", row=found.row.tag), "text": ""}
    code = found.booked.pickup_code if found.booked else None
    title = code or found.waybill
    if found.kind is Kind.EXTRA:
        state = report.state_of(found.booked.state if found.booked else None)
        return {"kind": "warn", "title": title, "text": _("By the books: %(state)s.", state=state)}
    if found.kind is Kind.MISPLACED:
        return {"kind": "warn", "title": title, "text": _("By the books it stands in another row.")}
    text = _("Counted already") if found.is_repeated else _("Counted in %(row)s", row=found.row.tag)
    return {"kind": "ok", "title": title, "text": text}


def _notice(answer: Answer) -> Notice:
    if answer.status == OK:
        return Notice(answer.body["kind"], answer.body["title"], answer.body["text"])
    return Notice("bad", str(answer.body["message"]))


def _row_after(answer: Answer, body: dict[str, str]) -> int | None:
    return int(answer.body["row"]) if answer.status == OK else _number(body["layer"])


def _moment(text: str) -> datetime:
    """Return when a device says it scanned; now where it does not say so in a way to be understood."""
    try:
        said = datetime.fromisoformat(text)
    except ValueError:
        return clock.now()
    return said if said.tzinfo else clock.now()


def _asked_row() -> int | None:
    return _number(request.args.get("row", ""))


def _number(text: str) -> int | None:
    """Return an id that a page sent; None for anything else."""
    is_id = text.isascii() and text.isdecimal() and int(text[:20]) <= LARGEST_ID
    return int(text) if is_id else None


def _walk(
    stocktake_id: int, notice: Notice | None, row: int | None, *, has_camera: bool = False
) -> ResponseReturnValue:
    values = _values(stocktake_id, notice, row)
    if not values["stocktake"].is_open:
        return redirect(url_for("stocktake_findings.show", stocktake_id=stocktake_id), 303)
    return render_template("stocktakes/walk.html", has_camera=has_camera, **values)


def _values(stocktake_id: int, notice: Notice | None, row: int | None) -> dict[str, Any]:
    """Return what the walk shows; `row`: the one being counted, else the one whose card this person scanned last."""
    actor = current_actor()
    with reading():
        stocktake = queries.get(actor.station_id, stocktake_id)
        counts = {one.layer_id: one for one in queries.row_counts(actor.station_id, stocktake_id)}
        counted = queries.counted(actor.station_id, stocktake_id)
        feed = queries.feed(actor.station_id, stocktake_id)
        names = accounts.names(actor.station_id, {one.actor for one in feed})
        rows = shelves.layers(actor.station_id)
        if row not in counted:
            row = queries.row_of(actor.station_id, stocktake_id, actor.key)
    return {
        "stocktake": stocktake,
        "may_end": service.may_end(actor, stocktake),
        "notice": notice,
        "rows": rows,
        "row": next((one for one in rows if one.id == row), None),
        "tags": {one.id: one.tag for one in rows},
        "counts": {layer_id: one for layer_id, one in counts.items() if layer_id in counted},
        "feed": feed,
        "names": names,
    }
