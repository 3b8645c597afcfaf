"""The JSON API by which carriers' own systems see what their couriers signed for."""

from flask import Blueprint

from station.carriers import keys
from station.carriers.keys import Scope
from station.core.actor import Actor
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.permissions import Permission
from station.returns import queries, schemas
from station.returns.schemas import SignedOn
from station.web.api import Nothing, Operation, reads
from station.web.openapi import PREFIX

bp = Blueprint("returns_api", __name__, url_prefix=PREFIX)


@bp.get("/hand-backs/<int:manifest_id>")
@reads(
    Operation(
        "getHandBack",
        "A return manifest that the carrier's courier signed, with its parcels",
        Nothing,
        schemas.HandBack,
        ("not_found",),
        permission=Permission.CARRIER_API,
    )
)
def hand_back(actor: Actor, query: Nothing, *, manifest_id: int) -> schemas.HandBack:
    """Answer a signed manifest of the carrier."""
    carrier = keys.require(actor, Scope.EVENTS).carrier
    found = queries.manifest(actor.station_id, manifest_id)
    if found.carrier != carrier or found.sha256 is None or found.ended_at is None:
        raise StationError("not_found", _("There is no such return manifest at your station."))
    return schemas.HandBack(
        manifest_id=str(found.id),
        signed_at=found.ended_at,
        signed_on=SignedOn.PHONE if found.is_on_phone else SignedOn.COUNTER,
        signature_sha256=found.sha256.hex(),
        parcels=[
            schemas.HandBackLine(parcel_id=str(one.parcel_id), waybill=one.waybill, came_back=one.is_undone)
            for one in queries.items(actor.station_id, manifest_id)
        ],
    )
