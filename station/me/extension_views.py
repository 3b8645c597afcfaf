"""A waiting parcel's own page: until when it waits, extending that, and letting somebody else collect it."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from station.core.actor import Actor
from station.core.db import reading
from station.core.idempotency import OK, Body
from station.core.permissions import Permission
from station.events.service import take_turn
from station.me import link_queries, words
from station.me.choice_queries import refuse_others_parcel
from station.me.link_views import waits_until
from station.network import queries as network
from station.parcels import extension
from station.parcels.extension import Extended
from station.web.gate import current_resident, needs
from station.web.idempotent import act_once, told

bp = Blueprint("me_extension", __name__, url_prefix="/me/parcels/<int:station_id>/<int:parcel_id>")


@bp.context_processor
def _names() -> dict[str, Any]:
    return {"words": words, "rule_in_words": extension.rule_in_words}


@bp.get("")
@needs(Permission.OWN_PARCELS)
def page(station_id: int, parcel_id: int) -> ResponseReturnValue:
    """Show one waiting parcel."""
    with reading():
        refuse_others_parcel(current_resident(), station_id, parcel_id)
        rules = network.rules(station_id)
        parcel = link_queries.waiting(rules, parcel_id)
        g.station = network.station(station_id)
    return render_template("me/parcel.html", rules=rules, parcel=parcel)


@bp.post("/longer")
@needs(Permission.OWN_PARCELS)
def longer(station_id: int, parcel_id: int) -> ResponseReturnValue:
    """Extend the storage time."""
    return _extend(station_id, parcel_id, "me.longer", extension.extend)


@bp.post("/tomorrow")
@needs(Permission.OWN_PARCELS)
def tomorrow(station_id: int, parcel_id: int) -> ResponseReturnValue:
    """Let it wait until tomorrow's closing."""
    return _extend(station_id, parcel_id, "me.tomorrow", extension.keep_until_tomorrow)


def _extend(
    station_id: int, parcel_id: int, operation: str, use_case: Callable[[Actor, int], Extended]
) -> ResponseReturnValue:
    resident = current_resident()
    with reading():
        refuse_others_parcel(resident, station_id, parcel_id)

    def act(actor: Actor) -> Body:
        take_turn(actor.station_id)
        refuse_others_parcel(resident, station_id, parcel_id)  # it may be another's by now
        return {"until": use_case(actor, parcel_id).goes_back_at.isoformat()}

    answer = act_once(operation, {"parcel": str(parcel_id)}, act, actor=resident.at(station_id))
    told(answer, waits_until(station_id, answer.body) if answer.status == OK else "")
    return redirect(url_for("me_extension.page", station_id=station_id, parcel_id=parcel_id), 303)
