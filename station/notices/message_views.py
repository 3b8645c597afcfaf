"""The manager's page of messages: what went out, what waits, what was given up, whom to call, and what it cost."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.i18n import lazy as _l
from station.core.idempotency import Body
from station.core.ids import LARGEST_ID
from station.core.permissions import Permission
from station.network import queries as network
from station.network import service as network_service
from station.notices import message_queries, notes, undelivered
from station.notices.message_queries import Which
from station.parcels import words
from station.web import idempotent
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, told

bp = Blueprint("messages", __name__)
idempotent.install(bp)

LISTS = {
    Which.CALL: _l("To call"),
    Which.DEAD: _l("Not delivered"),
    Which.WAITING: _l("Not sent yet"),
    Which.SENT: _l("Sent"),
}
# What no channel said, but the outbox itself.
FAILURES = {"not settled": _l("The sending stopped halfway; nobody knows whether it went out")}


@bp.get("/messages")
@needs(Permission.MESSAGES)
def page() -> ResponseReturnValue:
    """List messages: first those that somebody has to see to."""
    which, before = _wanted()
    station_id = current_actor().station_id
    with reading():
        zone = network.station(station_id).zone
        values = {
            "listed": message_queries.page(station_id, which, before=before),
            "counts": message_queries.counts(station_id),
            "months": message_queries.months(station_id, zone, network_service.today(zone)),
        }
    return render_template(
        "notices/messages.html",
        which=which,
        before=before,
        lists=LISTS,
        secret=notes.SECRET,
        words=words,
        failures=FAILURES,
        **values,
    )


def _wanted() -> tuple[Which, int | None]:
    """Read which list is asked for, and from which message on. Raises StationError `bad_input`."""
    try:
        which = Which(request.args.get("list", Which.DEAD))
        before = int(request.args["before"]) if "before" in request.args else None
    except ValueError:
        before, which = -1, Which.DEAD
    if before is not None and not 0 <= before <= LARGEST_ID:
        raise StationError("bad_input", _("There is no such list. Start again from all messages."))
    return which, before


@bp.post("/messages/<int:message_id>/resend")
@needs(Permission.MESSAGES)
def resend(message_id: int) -> ResponseReturnValue:
    """Send a message again that was given up."""

    def act(actor: Actor) -> Body:
        return {"message": str(undelivered.resend(actor, message_id))}

    answer = act_once("messages.resend", {"message": str(message_id)}, act)
    told(answer, _("It is sent again, with what is true by then."))
    return redirect(url_for("messages.page", list=Which.DEAD), 303)


@bp.post("/messages/<int:message_id>/called")
@needs(Permission.MESSAGES)
def called(message_id: int) -> ResponseReturnValue:
    """Keep that the recipient was called."""

    def act(actor: Actor) -> None:
        undelivered.called(actor, message_id)

    answer = act_once("messages.called", {"message": str(message_id)}, act)
    told(answer, _("Kept: the recipient was called."))
    return redirect(url_for("messages.page", list=Which.CALL), 303)
