"""A courier's pages of disputes on the phone: a claim about a hand-back, how it stands, and its log."""

from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from station.core.actor import Actor
from station.core.db import reading
from station.core.i18n import gettext as _
from station.core.idempotency import Body
from station.core.permissions import Permission
from station.couriers.words import carrier
from station.disputes import queries, service, words
from station.disputes.forms import ClaimForm, KeyForm
from station.disputes.shared_views import as_file, filled, wish_of
from station.returns import phone_queries
from station.web import idempotent
from station.web.gate import current_courier, needs
from station.web.idempotent import act_once, told

bp = Blueprint("courier_disputes", __name__, url_prefix="/courier")
idempotent.install(bp)

ONE = "/disputes/<int:dispute_id>"
CLAIM = "/hand-backs/<int:manifest_id>/dispute"


@bp.context_processor
def _names() -> dict[str, Any]:
    return {"words": words, "carrier_name": carrier}


@bp.get(CLAIM)
@needs(Permission.OWN_DROPS)
def new(manifest_id: int) -> ResponseReturnValue:
    """Show the form of a claim about a hand-back."""
    actor = current_courier().actor
    with reading():
        found = phone_queries.of_courier(actor, manifest_id)
        items = queries.claimable(actor.station_id, manifest_id)
        known = queries.of_lines(actor.station_id, manifest_id)
    return render_template(
        "disputes/courier_new.html",
        manifest=found,
        items=items,
        known=known,
        form=ClaimForm(formdata=None),
    )


@bp.post(CLAIM)
@needs(Permission.OWN_DROPS)
def open_one(manifest_id: int) -> ResponseReturnValue:
    """Open a dispute about parcels of a hand-back."""
    wish, said = wish_of(manifest_id, ClaimForm())

    def act(actor: Actor) -> Body:
        return {"dispute": str(service.open_case(actor, wish))}

    answer = act_once("disputes.open", said, act, actor=current_courier().actor)
    if told(answer, _("The station has your claim; the log is attached.")):
        return redirect(url_for("courier_disputes.show", dispute_id=int(answer.body["dispute"])), 303)
    return redirect(url_for("courier_disputes.new", manifest_id=manifest_id), 303)


@bp.get(ONE)
@needs(Permission.OWN_DROPS)
def show(dispute_id: int) -> ResponseReturnValue:
    """Show how a dispute of the courier's carriers stands."""
    actor = current_courier().actor
    with reading():
        found = service.case_for(actor, dispute_id)
        lines = queries.lines(actor.station_id, dispute_id)
    return render_template("disputes/courier_case.html", case=found, lines=lines)


@bp.get(f"{ONE}/log.json")
@needs(Permission.OWN_DROPS)
def attached(dispute_id: int) -> ResponseReturnValue:
    """Send the log attached to a dispute of the courier's carriers."""
    actor = current_courier().actor
    with reading():
        service.case_for(actor, dispute_id)
        document = queries.document(actor.station_id, dispute_id)
    return as_file(dispute_id, document)


@bp.post(f"{ONE}/withdraw")
@needs(Permission.OWN_DROPS)
def withdraw(dispute_id: int) -> ResponseReturnValue:
    """Take a claim of the carrier's side back."""
    filled(KeyForm())

    def act(actor: Actor) -> None:
        service.withdraw(actor, dispute_id)

    said = {"dispute": str(dispute_id)}
    told(
        act_once("disputes.withdraw", said, act, actor=current_courier().actor),
        _("The dispute is withdrawn."),
    )
    return redirect(url_for("courier_disputes.show", dispute_id=dispute_id), 303)
