"""The residents room's JSON API: a device asks whose identity code it was shown."""

from flask import Blueprint

from station.core import shown_codes
from station.core.actor import Actor
from station.core.errors import StationError
from station.events.service import Refusal, keep_refused_scan
from station.parcels import desk_queries
from station.parcels import queries as parcels
from station.parcels.queries import Listed
from station.residents import identify, schemas, service
from station.web.api import Operation, writes
from station.web.openapi import PREFIX

REFUSALS = (
    "identity_code_expired",
    "identity_code_invalid",
    "identity_code_used",
    "other_station",
    "six_digits_wrong",
    "not_found",
)

bp = Blueprint("residents_api", __name__, url_prefix=PREFIX)


def _keep(actor: Actor, error: StationError, body: schemas.Shown, /) -> None:
    # A code without its mark is one all the same here: only its mark is kept.
    text = shown_codes.IDENTITY + shown_codes.HIDDEN if body.code else f"{body.tail} {body.digits}"
    keep_refused_scan(actor, Refusal(identify.PURPOSE, error.code, text))


@bp.post("/identity-codes")
@writes(
    Operation(
        "identify",
        "Tell whose identity code or six digits these are; they are used up",
        schemas.Shown,
        schemas.Identified,
        REFUSALS,
    ),
    keep=_keep,
)
def identify_resident(actor: Actor, body: schemas.Shown) -> schemas.Identified:
    """Answer who is there, masked, and what waits for them."""
    if body.code is not None:
        recipient_id = identify.by_code(actor, body.code)
    else:
        recipient_id = identify.by_digits(actor, body.tail or "", body.digits or "")
    known = service.get(actor.station_id, recipient_id)
    person = desk_queries.serve(parcels.clock_of(actor.station_id), desk_queries.key_of(recipient_id))
    return schemas.Identified(
        recipient=schemas.Person(
            id=str(known.id), phone_tail=known.phone_tail, name_masked=known.name_masked
        ),
        parcels=[_parcel(one) for one in person.parcels] if person else [],
    )


def _parcel(one: Listed) -> schemas.WaitingParcel:
    return schemas.WaitingParcel(
        parcel_id=str(one.id),
        waybill=one.waybill,
        carrier=one.carrier,
        pickup_code=one.pickup_code,
        state=one.state,
        is_held=one.hold_reason is not None,
        level=one.level,
        stored_at=one.stored_at,
        name_masked=one.name_masked or "",
    )
