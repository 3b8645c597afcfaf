"""The JSON API by which carriers' own systems claim what was not received as signed, and see what came of it."""

from flask import Blueprint

from station.carriers import keys
from station.carriers.keys import Scope
from station.core.actor import Actor
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.permissions import Permission
from station.disputes import queries, schemas, service
from station.disputes.lifecycle import Claim, DisputeState
from station.disputes.service import Wish
from station.parcels.counter import read_waybill
from station.web.api import Nothing, Operation, reads, writes
from station.web.openapi import PREFIX

ONE = "/disputes/<int:dispute_id>"

bp = Blueprint("disputes_api", __name__, url_prefix=PREFIX)


@bp.post("/disputes")
@writes(
    Operation(
        "openDispute",
        "Claim that parcels of a signed return manifest were not received as signed",
        schemas.NewDispute,
        schemas.DisputeAnswer,
        ("dispute_stands", "manifest_not_signed", "not_found", "two_scans_glued", "waybill_malformed"),
        permission=Permission.CARRIER_API,
    )
)
def open_one(actor: Actor, body: schemas.NewDispute) -> schemas.DisputeAnswer:
    """Open a dispute with the log attached, and answer it."""
    keys.require(actor, Scope.DISPUTES)
    manifest = service.manifest_for(actor, int(body.manifest_id))
    known = {one.waybill: one.parcel_id for one in queries.claimable(actor.station_id, manifest.id)}
    waybills = [read_waybill(one) for one in body.waybills]
    if manifest.sha256 is not None and not set(waybills) <= known.keys():
        raise StationError("not_found", _("This parcel was not given back on this manifest."))
    parcels = [known[one] for one in waybills if one in known]
    wish = Wish(manifest.id, body.claim, body.words, parcels)
    return _answer(actor, service.open_case(actor, wish))


@bp.get(ONE)
@reads(
    Operation(
        "getDispute",
        "A dispute as it stands",
        Nothing,
        schemas.DisputeAnswer,
        ("not_found",),
        permission=Permission.CARRIER_API,
    )
)
def show(actor: Actor, query: Nothing, *, dispute_id: int) -> schemas.DisputeAnswer:
    """Answer a dispute of the carrier."""
    keys.require(actor, Scope.DISPUTES)
    return _answer(actor, dispute_id)


@bp.get(f"{ONE}/log")
@reads(
    Operation(
        "getDisputeLog",
        "The log that was attached to a dispute, byte for byte",
        Nothing,
        schemas.DisputeLog,
        ("not_found",),
        permission=Permission.CARRIER_API,
    )
)
def attached(actor: Actor, query: Nothing, *, dispute_id: int) -> schemas.DisputeLog:
    """Answer the log attached to a dispute of the carrier."""
    keys.require(actor, Scope.DISPUTES)
    found = service.case_for(actor, dispute_id)
    document = queries.document(actor.station_id, found.id)
    return schemas.DisputeLog(log=document.decode(), sha256=found.sha256.hex())


@bp.post(f"{ONE}/withdraw")
@writes(
    Operation(
        "withdrawDispute",
        "Take a claim of the carrier's side back",
        Nothing,
        schemas.DisputeAnswer,
        ("dispute_ended", "not_found"),
        permission=Permission.CARRIER_API,
    )
)
def withdraw(actor: Actor, body: Nothing, *, dispute_id: int) -> schemas.DisputeAnswer:
    """Withdraw a dispute that the carrier's side opened."""
    keys.require(actor, Scope.DISPUTES)
    service.withdraw(actor, dispute_id)
    return _answer(actor, dispute_id)


def _answer(actor: Actor, dispute_id: int) -> schemas.DisputeAnswer:
    found = service.case_for(actor, dispute_id)
    return schemas.DisputeAnswer(
        id=str(found.id),
        manifest_id=str(found.manifest_id),
        waybills=[one.waybill for one in queries.lines(actor.station_id, found.id)],
        claim=Claim(found.claim),
        state=DisputeState(found.state),
        opened_at=found.opened_at,
        words=found.words,
        answer=found.answer,
        answered_at=found.answered_at,
        ended_at=found.ended_at,
        log_sha256=found.sha256.hex(),
    )
