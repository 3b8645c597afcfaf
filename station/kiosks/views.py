"""Managers' pages about kiosks: enrol, rename, take out of use, look through the camera, and the station's switches."""

import base64
from dataclasses import asdict
from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from station.accounts import devices
from station.core import clock
from station.core.actor import Actor
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.idempotency import OK, Answer, Body
from station.core.permissions import Permission
from station.kiosks import enrolment, overview_queries, pictures, rules, watch_queries, words
from station.kiosks.forms import KioskForm, RulesForm
from station.kiosks.reports import SILENT_AFTER
from station.kiosks.rules import KioskRules
from station.shelves import cards
from station.web import idempotent
from station.web.forms import first_error
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, said, told

bp = Blueprint("kiosks", __name__, url_prefix="/kiosks")
idempotent.install(bp)
ONE_KIOSK = "/<int:kiosk_id>"


@bp.get("")
@needs(Permission.DEVICES)
def page() -> ResponseReturnValue:
    """List the kiosks, with a form for a new one and the station's switches."""
    return _page(KioskForm())


@bp.post("")
@needs(Permission.DEVICES)
def make_code() -> ResponseReturnValue:
    """Make the one-time code for a new kiosk and show it this once."""
    form = KioskForm()
    if not form.validate():
        return _page(form), 422
    name = form.name.data or ""

    def act(actor: Actor) -> Body:
        made = enrolment.make_code(actor, name=name)
        return {"code": made.code, "until": made.expires_at.isoformat()}

    answer = act_once("kiosks.code", said(form), act)
    if answer.status != OK:
        return _page(form, refusal=answer.body["message"]), answer.status
    return _code_page(name, answer)


@bp.post("/rules")
@needs(Permission.DEVICES)
def change_rules() -> ResponseReturnValue:
    """Set what the kiosks of the station may do."""
    form = RulesForm()
    if not form.validate():
        raise StationError("bad_input", first_error(form))
    wanted = KioskRules(**said(form))

    def act(actor: Actor) -> Body:
        return {"is_new": rules.change(actor, wanted)}

    answer = act_once("kiosks.rules", said(form), act)
    is_new = answer.body.get("is_new")
    return _back(
        answer, _("Saved. The kiosks follow within half a minute.") if is_new else _("Nothing was changed.")
    )


@bp.post(f"{ONE_KIOSK}/name")
@needs(Permission.DEVICES)
def rename(kiosk_id: int) -> ResponseReturnValue:
    """Rename a kiosk."""
    form = KioskForm()
    if not form.validate():
        raise StationError("bad_input", first_error(form))
    name = form.name.data or ""

    def act(actor: Actor) -> None:
        watch_queries.require_kiosk(actor.station_id, kiosk_id)
        devices.rename_device(actor, kiosk_id, name=name)

    return _back(
        act_once("kiosks.rename", {"kiosk": str(kiosk_id), "name": name}, act), _("The name is changed.")
    )


@bp.post(f"{ONE_KIOSK}/revoke")
@needs(Permission.DEVICES)
def revoke(kiosk_id: int) -> ResponseReturnValue:
    """Take a kiosk out of use for ever."""

    def act(actor: Actor) -> None:
        watch_queries.require_kiosk(actor.station_id, kiosk_id)
        devices.revoke_device(actor, kiosk_id)

    return _back(act_once("kiosks.revoke", {"kiosk": str(kiosk_id)}, act), _("The kiosk is out of use."))


@bp.post(f"{ONE_KIOSK}/look")
@needs(Permission.DEVICES)
def ask_look(kiosk_id: int) -> ResponseReturnValue:
    """Ask a kiosk for a look through its camera."""

    def act(actor: Actor) -> None:
        pictures.ask(actor, kiosk_id)

    answer = act_once("kiosks.look", {"kiosk": str(kiosk_id)}, act)
    if answer.status != OK:
        return _back(answer, "")
    return redirect(url_for("kiosks.look", kiosk_id=kiosk_id), 303)


@bp.get(f"{ONE_KIOSK}/look")
@needs(Permission.DEVICES)
def look(kiosk_id: int) -> ResponseReturnValue:
    """Wait for the look that was asked for."""
    with reading():
        kiosk = _kiosk(kiosk_id)
    return render_template("kiosks/look.html", kiosk=kiosk, picture=None, is_over=False)


@bp.post(f"{ONE_KIOSK}/look/show")
@needs(Permission.DEVICES)
def show_look(kiosk_id: int) -> ResponseReturnValue:
    """Show the look once it has come, this once; asked again and again while it has not."""
    with transaction():
        kiosk = _kiosk(kiosk_id)
        content = pictures.take(current_actor(), kiosk_id)
        is_over = content is None and not pictures.is_wanted(current_actor().station_id, kiosk_id)
    picture = base64.b64encode(content).decode() if content else None
    is_fragment = request.headers.get("HX-Request") == "true"
    template = "kiosks/_look.html" if is_fragment else "kiosks/look.html"
    return render_template(template, kiosk=kiosk, picture=picture, is_over=is_over)


def _kiosk(kiosk_id: int) -> overview_queries.KioskEntry:
    """Return a kiosk in use. Raises StationError `not_found`."""
    station_id = current_actor().station_id
    watch_queries.require_kiosk(station_id, kiosk_id)
    return next(one for one in overview_queries.kiosks(station_id) if one.id == kiosk_id)


def _back(answer: Answer, done: str) -> ResponseReturnValue:
    told(answer, done)
    return redirect(url_for("kiosks.page"), 303)


def _page(form: KioskForm, refusal: str = "") -> str:
    with reading():
        station_id = current_actor().station_id
        kiosks = overview_queries.kiosks(station_id)
        chosen = RulesForm(formdata=None, data=asdict(rules.for_station(station_id)))
    return render_template(
        "kiosks/kiosks.html",
        form=form,
        rules=chosen,
        refusal=refusal,
        kiosks=kiosks,
        words=words,
        silent_since=clock.now() - SILENT_AFTER,
    )


def _code_page(name: str, answer: Answer) -> str:
    code = answer.body["code"]
    command = f"python -m kiosk enrol {request.host_url.rstrip('/')} {code}"
    return render_template(
        "kiosks/code.html",
        name=name,
        code=code,
        until=datetime.fromisoformat(answer.body["until"]),
        command=command,
        drawing=cards.draw(command),
    )
