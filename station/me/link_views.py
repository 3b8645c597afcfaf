"""The page behind the link in a message: no sign-in, the parcels of that message only, and the answers to it.

Opening it changes nothing: programs that look at messages open links too.
"""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from station.core.actor import Actor, ActorKind
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.idempotency import OK, Body
from station.core.moments import moment
from station.core.permissions import Role
from station.events.service import take_turn
from station.me import link_queries, words
from station.network import queries as network
from station.parcels import consent_answers, extension
from station.residents import links
from station.residents.links import Link
from station.web.gate import public
from station.web.idempotent import act_once, told

bp = Blueprint("me_links", __name__, url_prefix="/t")
ONE = "/<token>/<int:parcel_id>"


@bp.context_processor
def _names() -> dict[str, Any]:
    return {"words": words, "rule_in_words": extension.rule_in_words}


@bp.after_request
def _keep_out_of_indexes(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@bp.get("/<token>")
@public
def page(token: str) -> ResponseReturnValue:
    """Show the parcels of a message that still wait."""
    with reading():
        link = links.read(token)
        shown = link_queries.page(link)
        g.station = network.station(link.station_id)
    return render_template("me/link.html", token=token, shown=shown)


@bp.post(f"{ONE}/answer")
@public
def answer(token: str, parcel_id: int) -> ResponseReturnValue:
    """Take the answer to whether a parcel may stay."""
    choice = request.form.get("answer", "")[: len("deliver")]

    link = _about(token, parcel_id)

    def act(actor: Actor) -> None:
        _still_about(link, parcel_id)
        consent_answers.answer(actor, parcel_id, choice)

    body = {"parcel": str(parcel_id), "answer": choice}
    told(act_once("link.answer", body, act, actor=actor_of(link)), _("Thank you. The station knows."))
    return _back(token)


@bp.post(f"{ONE}/longer")
@public
def longer(token: str, parcel_id: int) -> ResponseReturnValue:
    """Extend a parcel's storage time."""
    link = _about(token, parcel_id)

    def act(actor: Actor) -> Body:
        _still_about(link, parcel_id)
        return {"until": extension.extend(actor, parcel_id).goes_back_at.isoformat()}

    done = act_once("link.longer", {"parcel": str(parcel_id)}, act, actor=actor_of(link))
    told(done, waits_until(link.station_id, done.body) if done.status == OK else "")
    return _back(token)


@bp.post("/<token>/tomorrow")
@public
def tomorrow(token: str) -> ResponseReturnValue:
    """Let all parcels of a message wait until tomorrow's closing, as far as the station's rule allows."""
    with reading():
        link = links.read(token)

    def act(actor: Actor) -> Body:
        take_turn(actor.station_id)
        return _keep(actor, link_queries.parcel_ids(link))

    body = {"message": str(link.message_id)}
    done = act_once("link.tomorrow", body, act, actor=actor_of(link))
    if told(done, waits_until(link.station_id, done.body) if done.status == OK else ""):
        for message in done.body["refused"]:
            flash(message, "bad")
    return _back(token)


def _keep(actor: Actor, chosen: list[int]) -> Body:
    """Let each parcel wait until tomorrow; raise what refused the last one when none can."""
    until: list[str] = []
    refused: list[StationError] = []
    for parcel_id in chosen:
        try:
            until.append(extension.keep_until_tomorrow(actor, parcel_id).goes_back_at.isoformat())
        except StationError as error:  # it has written nothing: the other parcels are kept
            refused.append(error)
    if not until:
        raise refused[-1]
    return {"until": min(until), "refused": sorted({error.message for error in refused})}


def waits_until(station_id: int, body: Body) -> str:
    """Return until when parcels wait, as an answer's body says it."""
    with reading():
        zone = network.station(station_id).zone
    return _("It waits for you until %(when)s.", when=moment(datetime.fromisoformat(body["until"]), zone))


def actor_of(link: Link) -> Actor:
    """Return who acts through a link: whoever got that message."""
    return Actor(ActorKind.LINK, link.message_id, link.station_id, Role.RESIDENT)


def _about(token: str, parcel_id: int) -> Link:
    with reading():
        link = links.read(token)
        link_queries.require_in(link, parcel_id)
    return link


def _still_about(link: Link, parcel_id: int) -> None:
    """Refuse, alone at work, a parcel that the link is about no more: it may have become somebody else's."""
    take_turn(link.station_id)
    link_queries.require_in(link, parcel_id)


def _back(token: str) -> ResponseReturnValue:
    return redirect(url_for("me_links.page", token=token), 303)
