"""A counter waits until somebody has paid by phone: the code to scan, what became of it, and not waiting any longer.

The page asks by itself every few seconds (htmx); loaded again it shows the same code, wherever it is opened.
"""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.idempotency import OK, Body
from station.core.permissions import Permission
from station.payments import at_counter, queries, wish_views, words
from station.payments.catalogue import AT_COUNTER, WAYS
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
    if asked.state is PaymentState.ASKED and not at_counter.is_over(asked):
        return "", NOT_CHANGED
    return render_template("payments/_waiting.html", **_values(asked))


@bp.post(f"{ONE_PAYMENT}/cancel")
@needs(Permission.CASH)
def cancel(payment_id: int) -> ResponseReturnValue:
    """Wait no longer: the code is void at its provider from now on."""

    def act(actor: Actor) -> Body:
        return {"payment": str(_asked(payment_id).id)}

    # Only the right to cancel is kept with the key: a provider may take long, and no transaction waits for it.
    answer = act_once("payment_waiting.cancel", {"payment": str(payment_id)}, act)
    if answer.status != OK:
        told(answer, "")
    else:
        _cancel(payment_id)
    return redirect(url_for("payment_waiting.page", payment_id=payment_id), 303)


def _cancel(payment_id: int) -> None:
    with reading():
        asked = _asked(payment_id)
    config = current_app.config["SETTINGS"]
    if asked.state is PaymentState.ASKED:
        asked = at_counter.cancel(current_actor(), asked, config, on_paid=on_paid)
    if asked.state is PaymentState.ASKED:
        flash(
            _("The provider does not answer, so the code still counts. Try again before you take cash."),
            "bad",
        )


def _asked(payment_id: int) -> Asked:
    """Return a payment through a provider. Raises StationError `not_found` for any other."""
    asked = queries.payment(current_actor().station_id, payment_id)
    if asked.provider in AT_COUNTER:
        raise StationError("not_found", _("There is no such payment at your station."))
    return asked


def _looked(payment_id: int) -> Asked:
    """Return how a payment stands, after its provider was asked if it was time to."""
    with reading():
        asked = _asked(payment_id)
    return at_counter.look(current_actor(), asked, current_app.config["SETTINGS"], on_paid=on_paid)


def _values(asked: Asked) -> dict[str, Any]:
    code, refusal = _code(asked)
    with reading():
        who = people_queries.person(asked.station_id, asked.recipient_id)
    return {
        "asked": asked,
        "who": who,
        "code": code,
        "drawing": cards.draw(code) if code else None,
        "refusal": refusal,
        "is_over": at_counter.is_over(asked),
    }


def _code(asked: Asked) -> tuple[str, str]:
    """Return the code to show, or why there is none."""
    if asked.state is not PaymentState.ASKED or at_counter.is_over(asked):
        return "", ""
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
