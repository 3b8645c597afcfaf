"""A counter scans the payment code (付款码) that a customer shows in their app, instead of showing them a code.

The code goes from the scanner to the provider and is written nowhere: not with the request's key, not with the payment.
"""

from collections.abc import Iterable

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.idempotency import OK, Body
from station.core.permissions import Permission
from station.payments import payer_codes, queries, scanning, wish_views, words
from station.payments.catalogue import WAYS, Way
from station.payments.forms import ScanForm
from station.payments.settling import on_paid
from station.web import idempotent
from station.web.forms import first_error
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, told

bp = Blueprint("payment_scan", __name__, url_prefix="/money/counter/waiting")
idempotent.install(bp)


@bp.post("/<int:payment_id>/scan")
@needs(Permission.CASH)
def scan(payment_id: int) -> ResponseReturnValue:
    """Charge a customer's code for a payment that waits. The amount is the payment's own."""
    form = ScanForm()
    if not form.validate():
        raise StationError("bad_input", first_error(form))
    code = payer_codes.plain(form.code.data or "")

    def act(actor: Actor) -> Body:
        return {"way": queries.remote(actor.station_id, payment_id).provider.value}

    # Only the right to scan is kept with the key: a provider may take long, and no transaction waits for it.
    answer = act_once("payment_scan.scan", {"payment": str(payment_id)}, act)
    if answer.status != OK:
        told(answer, "")
    else:
        refusal = why_not(code, [Way(answer.body["way"])])
        flash(refusal, "bad") if refusal else charge(payment_id, code)
    return redirect(url_for("payment_waiting.page", payment_id=payment_id), 303)


def scannable(ways: Iterable[Way]) -> list[Way]:
    """Return the ways to pay of which a customer's code can be scanned."""
    return [way for way in ways if WAYS[way].payer_code]


def why_not(code: str, ways: Iterable[Way]) -> str:
    """Say why what was scanned is not charged, nothing for a code of one of these ways."""
    way = payer_codes.way_of(code)
    if way in scannable(ways):
        return ""
    if payer_codes.is_wechat(code):
        return _("This is a code of WeChat Pay, which this station does not take yet. Nothing was taken.")
    if way:
        return _("This is a code of another way to pay: %(way)s. Nothing was taken.", way=words.way(way))
    return _("This is no payment code. Let the customer open “Pay” in the app, and scan the code there.")


def charge(payment_id: int, code: str) -> None:
    """Charge a customer's code; what came of it stands on the page of the payment."""
    actor, here = current_actor(), url_for("payment_waiting.page", payment_id=payment_id)
    with reading():
        asked = queries.remote(actor.station_id, payment_id)
    try:
        provider, wish = wish_views.ready(asked, here)
    except StationError:
        flash(_("This way to pay is closed now."), "bad")
        return
    scanning.charge(actor, provider, wish, code=code, on_paid=on_paid)
