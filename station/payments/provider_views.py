"""Pages of a station's providers: which there are, and what each needs. Keys are taken and never shown again."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from station.core import crypto
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.idempotency import OK, Body
from station.core.permissions import Permission
from station.payments import settings, words
from station.payments.catalogue import WAYS, Way
from station.payments.forms import FORMS, ProviderForm
from station.payments.settings import SECRET, Draft, Saved
from station.web import idempotent
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, said

bp = Blueprint("payment_providers", __name__, url_prefix="/settings/payments")
idempotent.install(bp)


@bp.context_processor
def _names() -> dict[str, Any]:
    return {"words": words, "ways": WAYS}


@bp.get("")
@needs(Permission.SETTINGS)
def page() -> ResponseReturnValue:
    """List the providers that this installation knows."""
    config = current_app.config["SETTINGS"]
    with reading():
        found = {one.way: one for one in settings.for_station(current_actor().station_id, config)}
    listed = [(way, found.get(way)) for way in settings.known(config)]
    return render_template("payments/providers.html", listed=listed)


@bp.route("/<way>", methods=["GET", "POST"])
@needs(Permission.SETTINGS)
def provider(way: str) -> ResponseReturnValue:
    """Show and change one provider."""
    found, before = _known(way)
    form = FORMS[found](data=_values(before))
    refusal, status = "", 200
    if form.validate_on_submit():
        answer = act_once("payment_providers.provider", _said(found, form), _saving(found, form))
        if answer.status == OK:
            flash(_("Saved.") if answer.body["changed"] else _("Nothing was changed."))
            return redirect(url_for("payment_providers.provider", way=way), 303)
        refusal, status = answer.body["message"], answer.status
    elif form.is_submitted():
        status = 422
    config = current_app.config["SETTINGS"]
    tell = url_for("payment_callbacks.tell", provider=found, station_id=current_actor().station_id)
    return render_template(
        "payments/provider.html",
        way=found,
        form=form,
        saved=before,
        refusal=refusal,
        tell=f"{config.public_url}{tell}" if config.public_url else "",
    ), status


def _known(name: str) -> tuple[Way, Saved | None]:
    config = current_app.config["SETTINGS"]
    if name not in settings.known(config):
        raise StationError("not_found", _("This way to pay is not known here."))
    with reading():
        return Way(name), settings.saved(current_actor().station_id, Way(name), config)


def _values(before: Saved | None) -> dict[str, Any]:
    if before is None:
        return {"version": 0}
    return {"version": before.version, "is_enabled": before.is_enabled, **before.shown}


def _said(way: Way, form: ProviderForm) -> Body:
    """Return what the form says; of the key only what tells two of them apart to whoever holds ours."""
    body = {**said(form), "provider": way.value}
    if SECRET in body:
        body[SECRET] = crypto.keyed_hash("provider secret", body[SECRET] or "").hex()
    return body


def _saving(way: Way, form: ProviderForm) -> Any:
    draft, version = Draft(form.is_enabled.data, form.options), form.version.data or 0

    def act(actor: Actor) -> Body:
        return {"changed": bool(settings.save(actor, way, draft, version=version))}

    return act
