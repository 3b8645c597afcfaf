"""The identity card's own requests: the codes of the next ten minutes, and the worker that keeps them offline."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue

from station.accounts.queries import Resident
from station.core import clock
from station.core.db import reading, transaction
from station.core.idempotency import Body
from station.core.permissions import Permission
from station.me import card, queries
from station.web.gate import current_resident, needs, public

bp = Blueprint("me_identity", __name__, url_prefix="/me")
MS = 1000
Shown = TypeVar("Shown")


@bp.get("/identity-codes/<int:station_id>.json")
@needs(Permission.OWN_PARCELS)
def codes(station_id: int) -> ResponseReturnValue:
    """Answer what the phone shows in the next ten minutes at a station, behind the step `after` only."""
    after = request.args.get("after", 0, type=int)

    def draw(recipient_id: int) -> Body:
        screens = card.screens(station_id, recipient_id, after=after)
        return {"owner": str(recipient_id), "screens": [asdict(screen) for screen in screens]}

    shown = with_card(current_resident(), station_id, draw)
    return {"now": round(clock.now().timestamp() * MS), **shown}


def with_card(resident: Resident, station_id: int, draw: Callable[[int], Shown]) -> Shown:
    """Return what `draw` makes for the resident's recipient; the first time, what their card needs is made before.

    Raises StationError `not_found` at a station that does not know the resident.
    """
    with reading():
        recipient_id = queries.recipient(station_id, resident)
        if card.is_ready(station_id, recipient_id):
            return draw(recipient_id)
    with transaction():
        card.prepare(station_id, recipient_id)
        return draw(recipient_id)


@bp.get("/worker.js")
@public
def worker() -> Response:
    """Answer the service worker; from here, since it may only serve pages that stand below it."""
    script = Path(current_app.static_folder or "", "js/me-worker.js").read_text(encoding="utf-8")
    return Response(script, mimetype="text/javascript")
