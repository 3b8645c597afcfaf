"""Where providers tell what was paid: open to everybody, believed by signature only, answered as each one expects."""

import logging

from flask import Blueprint, Response, current_app, request

from station.core.actor import system_actor
from station.core.db import transaction
from station.core.errors import StationError
from station.payments import notices, settings
from station.payments.catalogue import REMOTE, Outcome, Way
from station.payments.notices import Taken
from station.payments.settling import on_paid
from station.web.gate import public

bp = Blueprint("payment_callbacks", __name__, url_prefix="/payments/told")
log = logging.getLogger(__name__)
UNKNOWN = "failure"


@bp.post("/<provider>/<int:station_id>")
@public
def tell(provider: str, station_id: int) -> Response:
    """Take a provider's word; what it is answered says whether it need tell it again."""
    if provider not in REMOTE:
        return Response(UNKNOWN, 404, mimetype="text/plain")
    try:
        taken, answer = _take(Way(provider), station_id)
    except StationError as error:
        log.info("notice of %s at %s: %s", provider, station_id, error.code)
        return Response(UNKNOWN, error.status, mimetype="text/plain")
    log.info("notice of %s at %s: %s", provider, station_id, taken.outcome)
    return Response(answer, mimetype="text/plain")


def _take(way: Way, station_id: int) -> tuple[Taken, str]:
    actor = system_actor(station_id)
    with transaction():
        through = settings.provider(station_id, way, current_app.config["SETTINGS"])
        taken = notices.take(actor, through, request.form.to_dict())
        if taken.outcome is Outcome.PAID and taken.asked:
            on_paid(actor, taken.asked)
    return taken, through.success if taken.is_accepted else through.failure
