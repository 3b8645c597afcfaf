"""Managers' pages of carriers' keys: make one and show its token once, give it a new token, revoke it."""

from datetime import timedelta

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from station.carriers import key_queries, keys
from station.carriers.catalogue import CARRIERS
from station.carriers.forms import SCOPES, KeyForm, RotateForm
from station.carriers.keys import Wish
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.i18n import language
from station.core.idempotency import OK, Answer, Body
from station.core.permissions import Permission
from station.web import idempotent
from station.web.forms import first_error
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, said, told

bp = Blueprint("carrier_keys", __name__, url_prefix="/settings/carrier-keys")
idempotent.install(bp)
ONE_KEY = "/<int:key_id>"


@bp.get("")
@needs(Permission.DEVICES)
def page() -> ResponseReturnValue:
    """List the keys, with a form for a new one."""
    return _page(KeyForm())


@bp.post("")
@needs(Permission.DEVICES)
def add() -> ResponseReturnValue:
    """Make a key and show its token this once."""
    form = KeyForm()
    if not form.validate():
        return _page(form), 422
    wish = Wish(form.name.data or "", form.carrier.data, form.scopes.data or [], form.per_minute.data or 0)

    def act(actor: Actor) -> Body:
        return {"token": keys.add(actor, wish).token}

    answer = act_once("carrier_keys.add", said(form), act)
    if answer.status != OK:
        return _page(form, refusal=answer.body["message"]), answer.status
    return _token(answer, wish.name)


@bp.post(f"{ONE_KEY}/rotate")
@needs(Permission.DEVICES)
def rotate(key_id: int) -> ResponseReturnValue:
    """Give a key a new token and show it this once; the old one works on for some days."""
    form = RotateForm()
    if not form.validate():
        raise StationError("bad_input", first_error(form))
    days = form.days.data or 0

    def act(actor: Actor) -> Body:
        return {"token": keys.rotate(actor, key_id, overlap=timedelta(days=days))}

    answer = act_once("carrier_keys.rotate", {"key": str(key_id), "days": days}, act)
    if answer.status != OK:
        told(answer, "")
        return redirect(url_for("carrier_keys.page"), 303)
    with reading():
        name = next(one.name for one in key_queries.listed(current_actor().station_id) if one.id == key_id)
    return _token(answer, name)


@bp.post(f"{ONE_KEY}/revoke")
@needs(Permission.DEVICES)
def revoke(key_id: int) -> ResponseReturnValue:
    """End a key's tokens for ever."""

    def act(actor: Actor) -> None:
        keys.revoke(actor, key_id)

    told(act_once("carrier_keys.revoke", {"key": str(key_id)}, act), _("The key is revoked."))
    return redirect(url_for("carrier_keys.page"), 303)


def _token(answer: Answer, name: str) -> str:
    return render_template("carriers/key_token.html", name=name, token=answer.body["token"])


def _page(form: KeyForm, refusal: str = "") -> str:
    with reading():
        found = key_queries.listed(current_actor().station_id)
    return render_template(
        "carriers/keys.html",
        form=form,
        refusal=refusal,
        keys=found,
        names={code: facts.name(language()) for code, facts in CARRIERS.items()},
        opens=dict(SCOPES),
        rotate=RotateForm(formdata=None),
    )
