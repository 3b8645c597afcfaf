"""The staff's pages of disputes: the list, a new one, and one with its log, the answer and how it ended."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from station.accounts import queries as accounts
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.idempotency import Body
from station.core.permissions import Permission
from station.couriers.words import carrier
from station.disputes import log, queries, service, words
from station.disputes.forms import AnswerForm, ClaimForm, KeyForm, SettleForm
from station.disputes.lifecycle import DisputeAction
from station.disputes.queries import Case
from station.disputes.shared_views import as_file, filled, id_of, wish_of
from station.parcels import words as parcel_words
from station.returns import queries as returns
from station.web import idempotent
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, told

bp = Blueprint("disputes", __name__)
idempotent.install(bp)

ONE = "/disputes/<int:dispute_id>"
SETTLEMENTS = (DisputeAction.SETTLE_FOR_STATION, DisputeAction.SETTLE_FOR_CARRIER)


@bp.context_processor
def _names() -> dict[str, Any]:
    return {"words": words, "carrier_name": carrier, "parcel_words": parcel_words}


@bp.get("/disputes")
@needs(Permission.PARCELS_SEE)
def page() -> ResponseReturnValue:
    """Show the disputes that stand, and those that have ended."""
    station_id, before = current_actor().station_id, id_of(request.args.get("before", ""))
    with reading():
        standing = queries.standing(station_id)
        ended = queries.ended(station_id, before=before or None)
        names = _people(station_id, [*standing, *ended])
    return render_template(
        "disputes/page.html", standing=standing, ended=ended, names=names, page_size=queries.PAGE
    )


@bp.get("/disputes/new")
@needs(Permission.PARCELS_CHANGE)
def new() -> ResponseReturnValue:
    """Show the form of a new dispute about a manifest, or about the one on which a parcel went back."""
    parcel_id = id_of(request.args.get("parcel", ""))
    manifest_id = id_of(request.args.get("manifest", ""))
    station_id = current_actor().station_id
    with reading():
        found = returns.manifest(station_id, manifest_id or queries.manifest_of(station_id, parcel_id))
        items = queries.claimable(station_id, found.id)
        known = queries.of_lines(station_id, found.id)
    return render_template(
        "disputes/new.html",
        manifest=found,
        items=items,
        known=known,
        chosen=parcel_id,
        form=ClaimForm(formdata=None),
    )


@bp.post("/disputes/new/<int:manifest_id>")
@needs(Permission.PARCELS_CHANGE)
def open_one(manifest_id: int) -> ResponseReturnValue:
    """Open a dispute about parcels of a manifest."""
    wish, said = wish_of(manifest_id, ClaimForm())

    def act(actor: Actor) -> Body:
        return {"dispute": str(service.open_case(actor, wish))}

    answer = act_once("disputes.open", said, act)
    if told(answer, _("The dispute is open; the log is attached.")):
        return redirect(url_for("disputes.show", dispute_id=int(answer.body["dispute"])), 303)
    return redirect(url_for("disputes.new", manifest=manifest_id), 303)


@bp.get(ONE)
@needs(Permission.PARCELS_SEE)
def show(dispute_id: int) -> ResponseReturnValue:
    """Show a dispute: what is claimed, what the station says, the log attached, and what can be done."""
    station_id = current_actor().station_id
    with reading():
        found = queries.case(station_id, dispute_id)
        manifest = returns.manifest(station_id, found.manifest_id)
        lines = queries.lines(station_id, dispute_id)
        verdict = log.check(queries.document(station_id, dispute_id))
        names = _people(station_id, [found])
    return render_template(
        "disputes/case.html",
        case=found,
        manifest=manifest,
        lines=lines,
        verdict=verdict,
        names=names,
        form=AnswerForm(formdata=None),
    )


@bp.get(f"{ONE}/log.json")
@needs(Permission.PARCELS_SEE)
def attached(dispute_id: int) -> ResponseReturnValue:
    """Send the log attached to a dispute."""
    with reading():
        document = queries.document(current_actor().station_id, dispute_id)
    return as_file(dispute_id, document)


@bp.post(f"{ONE}/answer")
@needs(Permission.PARCELS_CHANGE)
def answer(dispute_id: int) -> ResponseReturnValue:
    """Keep what the station says."""
    text = str(filled(AnswerForm()).answer.data)

    def act(actor: Actor) -> None:
        service.answer(actor, dispute_id, text)

    said = {"dispute": str(dispute_id), "answer": text}
    told(act_once("disputes.answer", said, act), _("The answer is kept; the carrier can read it."))
    return redirect(url_for("disputes.show", dispute_id=dispute_id), 303)


@bp.post(f"{ONE}/settle")
@needs(Permission.WRITE_OFF)
def settle(dispute_id: int) -> ResponseReturnValue:
    """Settle a dispute for the station or for the carrier."""
    outcome = str(filled(SettleForm()).outcome.data)
    if outcome not in SETTLEMENTS:
        raise StationError("bad_input", _("Choose for whom it is settled."))

    def act(actor: Actor) -> None:
        service.settle(actor, dispute_id, DisputeAction(outcome))

    said = {"dispute": str(dispute_id), "outcome": outcome}
    told(act_once("disputes.settle", said, act), _("The dispute is settled."))
    return redirect(url_for("disputes.show", dispute_id=dispute_id), 303)


@bp.post(f"{ONE}/withdraw")
@needs(Permission.PARCELS_CHANGE)
def withdraw(dispute_id: int) -> ResponseReturnValue:
    """Take a claim of the station back."""
    filled(KeyForm())

    def act(actor: Actor) -> None:
        service.withdraw(actor, dispute_id)

    told(act_once("disputes.withdraw", {"dispute": str(dispute_id)}, act), _("The dispute is withdrawn."))
    return redirect(url_for("disputes.show", dispute_id=dispute_id), 303)


def _people(station_id: int, cases: list[Case]) -> dict[str, str]:
    keys = [key for one in cases for key in (one.opened_by, one.answered_by, one.ended_by) if key]
    return accounts.names(station_id, keys)
