"""What is kept about a resident: taking it along, and having it erased in two steps."""

import json
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from station.core import clock
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.i18n import ngettext
from station.core.idempotency import OK, Body
from station.core.permissions import Permission
from station.me import export_words
from station.residents import erasure, export, queries
from station.web.gate import current_resident, end_resident_session, needs
from station.web.idempotent import act_once

bp = Blueprint("me_data", __name__, url_prefix="/me")


@bp.get("/export")
@needs(Permission.OWN_PARCELS)
def export_page() -> ResponseReturnValue:
    """Say what can be taken along, as a page or as a file."""
    return render_template("me/data_export.html", everything=None)


@bp.post("/export")
@needs(Permission.OWN_PARCELS)
def take_export() -> ResponseReturnValue:
    """Log that everything is taken, and show it: `form=file` as JSON, else as a page."""
    resident = current_resident()
    answer = act_once("me.export", {}, lambda _actor: export.log(resident), actor=_actor())
    if answer.status != OK:
        raise StationError(answer.body["code"], answer.body["message"])
    with reading():
        everything = export.everything(resident)
    if request.form.get("form") != "file":
        return render_template("me/data_export.html", everything=everything, words=export_words)
    name = f"my-data-{clock.now():%Y-%m-%d}.json"
    text = json.dumps(everything.as_json(), ensure_ascii=False, indent=1)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(text, mimetype="application/json", headers=headers)


@bp.get("/erase")
@needs(Permission.OWN_PARCELS)
def erase() -> ResponseReturnValue:
    """Say what is erased, what is kept and why, and what stands in the way: the first step."""
    with reading():
        stands = _what_stands_in_the_way()
    days = erasure.EVIDENCE_KEPT.days
    return render_template("me/data_erase.html", **stands, days=days, is_sure=False)


def _what_stands_in_the_way() -> dict[str, Any]:
    resident = current_resident()
    return {"waiting": erasure.open_parcels(resident), "money_open": erasure.open_money(resident)}


@bp.get("/erase/sure")
@needs(Permission.OWN_PARCELS)
def erase_sure() -> ResponseReturnValue:
    """Ask once more: the second step."""
    with reading():
        stands = _what_stands_in_the_way()
    return render_template("me/data_erase.html", **stands, days=0, is_sure=True)


@bp.post("/erase")
@needs(Permission.OWN_PARCELS)
def do_erase() -> ResponseReturnValue:
    """Erase, and sign out everywhere."""
    resident = current_resident()

    def act(_actor: Actor) -> Body:
        return {"stations": erasure.erase(resident)}

    answer = act_once("me.erase", {}, act, actor=_actor())
    if answer.status != OK:
        flash(answer.body["message"], "bad")
        return redirect(url_for("me_data.erase"), 303)
    end_resident_session()
    told = ngettext(
        "Erased at %(num)s station. Nobody finds you there by name or number any more.",
        "Erased at %(num)s stations. Nobody finds you there by name or number any more.",
        answer.body["stations"],
    )
    flash(told)
    return redirect(url_for("me.sign_in"), 303)


def _actor() -> Actor:
    """Return who keeps the answer of a request about all stations: the resident at the first that knew them."""
    resident = current_resident()
    with reading():
        stations = queries.stations_of(resident.phone_hash)
    if not stations:
        raise StationError("not_found", _("No station knows your number, so nothing is kept about you."))
    return resident.at(stations[0])
