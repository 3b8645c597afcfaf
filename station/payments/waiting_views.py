"""A counter waits until somebody has paid by phone: the code to scan, what became of it, and not waiting any longer.

The page asks by itself every few seconds (htmx); loaded again it shows the same code, wherever it is opened.
"""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from station.core import clock
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.idempotency import OK, Body
from station.core.permissions import Permission
from station.payments import at_counter, faces, queries, refusals, scans, wish_views, words
from station.payments.catalogue import WAYS
from station.payments.faces import Face
from station.payments.lifecycle import PaymentState
from station.payments.provider import ProviderError, RefusedError
from station.payments.queries import Asked
from station.payments.settling import on_paid
from station.residents import people_queries
from station.shelves import cards
from station.web import idempotent
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, told

bp = Blueprint("payment_waiting", __name__, url_prefix="/money/counter/waiting")
idempotent.install(bp)
ONE_PAYMENT = "/<int:payment_id>"
NOT_CHANGED = 204


@bp.context_processor
def _names() -> dict[str, Any]:
    return {"words": words, "ways": WAYS}


@bp.get(ONE_PAYMENT)
@needs(Permission.CASH)
def page(payment_id: int) -> ResponseReturnValue:
    """Show the code to scan while the payment waits, and what became of it."""
    return render_template("payments/waiting.html", **_values(_looked(payment_id)))


@bp.get(f"{ONE_PAYMENT}/now")
@needs(Permission.CASH)
def now(payment_id: int) -> ResponseReturnValue:
    """Answer how it stands once that has changed, for the page that waits."""
    asked = _looked(payment_id)
    if faces.face(asked, clock.now()) == request.args.get("face"):
        return "", NOT_CHANGED
    return render_template("payments/_waiting.html", **_values(asked))


@bp.post(f"{ONE_PAYMENT}/cancel")
@needs(Permission.CASH)
def cancel(payment_id: int) -> ResponseReturnValue:
    """Wait no longer: the code is void at its provider from now on."""

    def act(actor: Actor) -> Body:
        return {"payment": str(queries.remote(actor.station_id, payment_id).id)}

    # Only the right to cancel is kept with the key: a provider may take long, and no transaction waits for it.
    answer = act_once("payment_waiting.cancel", {"payment": str(payment_id)}, act)
    if answer.status != OK:
        told(answer, "")
    else:
        _cancel(payment_id)
    return redirect(url_for("payment_waiting.page", payment_id=payment_id), 303)


def _cancel(payment_id: int) -> None:
    with reading():
        asked = queries.remote(current_actor().station_id, payment_id)
    config = current_app.config["SETTINGS"]
    if scans.is_under_way(asked, clock.now()):
        flash(_("The provider is being asked just now. Wait for its answer."), "bad")
        return
    if asked.state is PaymentState.ASKED:
        asked = at_counter.cancel(current_actor(), asked, config, on_paid=on_paid)
    if asked.state is PaymentState.ASKED:
        flash(
            _("The provider does not answer, so the code still counts. Try again before you take cash."),
            "bad",
        )


def _looked(payment_id: int) -> Asked:
    """Return how a payment stands, after its provider was asked if it was time to."""
    with reading():
        asked = queries.remote(current_actor().station_id, payment_id)
    return at_counter.look(current_actor(), asked, current_app.config["SETTINGS"], on_paid=on_paid)


def _values(asked: Asked) -> dict[str, Any]:
    face = faces.face(asked, clock.now())
    code, refusal = _code(asked) if face is Face.CODE or _is_pretended(asked, face) else ("", "")
    if face is Face.REFUSED:
        refusal = refusals.words(asked.scan_reason or "")
    with reading():
        who = people_queries.person(asked.station_id, asked.recipient_id)
    return {
        "asked": asked,
        "who": who,
        "face": face,
        "is_waiting": face in faces.WAITING,
        "takes_scans": face in faces.TAKES_SCANS and bool(WAYS[asked.provider].payer_code),
        "code": code,
        "drawing": cards.draw(code) if code and face is Face.CODE else None,
        "refusal": refusal,
    }


def _is_pretended(asked: Asked, face: Face) -> bool:
    """Tell whether the test provider's page is where somebody plays the phone that has to agree."""
    return face is Face.CONFIRM and not WAYS[asked.provider].is_real


def _code(asked: Asked) -> tuple[str, str]:
    """Return the code to show, or why there is none."""
    here = url_for("payment_waiting.page", payment_id=asked.id)
    try:
        provider, wish = wish_views.ready(asked, here)
        return at_counter.code(current_actor(), provider, wish), ""
    except StationError:
        return "", f"{_('This way to pay is closed now.')} {_('Cancel, and take the money another way.')}"
    except RefusedError as error:
        said = _("The provider refuses this payment (%(code)s).", code=error.code)
        return "", f"{said} {_('Cancel, and take the money another way.')}"
    except ProviderError:
        return "", _("The provider does not answer now. Load this page again, or cancel.")
