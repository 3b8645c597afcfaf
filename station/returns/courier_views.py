"""Hand-backs on a courier's phone: what waits, a manifest to check off and sign, and the receipt afterwards."""

import hashlib
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from station.core.actor import Actor
from station.core.db import reading
from station.core.i18n import gettext as _
from station.core.i18n import ngettext
from station.core.idempotency import Body
from station.core.permissions import Permission
from station.couriers import day_queries
from station.couriers import queries as couriers
from station.couriers.words import carrier
from station.disputes import queries as disputes
from station.disputes import words as dispute_words
from station.parcels import attachments
from station.parcels import words as parcel_words
from station.returns import phone, phone_queries, queries, words
from station.returns.forms import PhoneSignForm, RefuseForm
from station.returns.views import filled
from station.web import idempotent
from station.web.gate import current_courier, needs
from station.web.idempotent import act_once, told
from station.web.paging import cursor

bp = Blueprint("hand_backs", __name__, url_prefix="/courier/hand-backs")
idempotent.install(bp)

ONE = "/<int:manifest_id>"


@bp.context_processor
def _names() -> dict[str, Any]:
    return {
        "words": words,
        "dispute_words": dispute_words,
        "parcel_words": parcel_words,
        "carrier_name": carrier,
    }


@bp.get("")
@needs(Permission.OWN_DROPS)
def page() -> ResponseReturnValue:
    """Show what waits for a signature, the receipts, and the disputes."""
    courier = current_courier()
    with reading():
        carriers = couriers.carriers_of(courier.station_id, courier.account_id)
        waiting = [one for one in day_queries.hand_backs(courier.station_id, carriers) if one.to_sign]
        signed = phone_queries.signed(courier.station_id, carriers)
        cases = disputes.of_carriers(courier.station_id, carriers)
    return render_template("returns/hand_backs.html", waiting=waiting, signed=signed, cases=cases)


@bp.get(ONE)
@needs(Permission.OWN_DROPS)
def show(manifest_id: int) -> ResponseReturnValue:
    """Show a manifest to check off and sign, or its receipt once it is signed."""
    actor = current_courier().actor
    with reading():
        found = phone_queries.of_courier(actor, manifest_id)
        items = queries.items(actor.station_id, manifest_id)
        known = disputes.of_lines(actor.station_id, manifest_id)
    name = "returns/hand_back.html" if found.is_open else "returns/receipt.html"
    return render_template(
        name,
        manifest=found,
        items=items,
        known=known,
        seen=phone_queries.fingerprint(items),
        form=PhoneSignForm(formdata=None),
        refusal=RefuseForm(formdata=None),
    )


@bp.post(f"{ONE}/refuse")
@needs(Permission.OWN_DROPS)
def refuse(manifest_id: int) -> ResponseReturnValue:
    """Take a line off that the courier does not take."""
    form = filled(RefuseForm())
    parcel_id, reason = cursor(str(form.parcel.data)) or 0, str(form.reason.data)

    def act(actor: Actor) -> None:
        phone.refuse(actor, manifest_id, parcel_id, reason=reason)

    said = {"manifest": str(manifest_id), "parcel": str(parcel_id), "reason": reason}
    answer = act_once("hand_backs.refuse", said, act, actor=current_courier().actor)
    told(answer, _("It is off your list. The counter sees why."))
    return redirect(url_for("hand_backs.show", manifest_id=manifest_id), 303)


@bp.post(f"{ONE}/sign")
@needs(Permission.OWN_DROPS)
def sign(manifest_id: int) -> ResponseReturnValue:
    """Sign for everything on the list."""
    form = filled(PhoneSignForm())
    upload, seen = request.files.get("picture"), str(form.seen.data)
    picture = upload.stream.read(attachments.LARGEST + 1) if upload else b""

    def act(actor: Actor) -> Body:
        return {"parcels": phone.sign(actor, manifest_id, seen=seen, signature=picture)}

    said = {"manifest": str(manifest_id), "seen": seen, "sha256": hashlib.sha256(picture).hexdigest()}
    answer = act_once("hand_backs.sign", said, act, actor=current_courier().actor)
    done = ngettext(
        "Signed: you have %(num)s parcel. This is your receipt.",
        "Signed: you have %(num)s parcels. This is your receipt.",
        int(answer.body.get("parcels", 0)),
    )
    told(answer, done)
    return redirect(url_for("hand_backs.show", manifest_id=manifest_id), 303)
