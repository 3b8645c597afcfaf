"""The courier's drop page: the shell that goes on without network, and the worker that keeps it and sends what waits.

What is scanned goes through api.py; this shows nothing of the database but the courier's stations.
"""

from pathlib import Path

from flask import Blueprint, Response, current_app, g, make_response, render_template, request
from flask.typing import ResponseReturnValue

from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.permissions import Permission
from station.drops.api import bp as drops_api
from station.web import headers
from station.web.gate import current_courier, needs, public

bp = Blueprint("drops_courier", __name__, url_prefix="/courier")
OWNER = "X-Owner"  # whose scans a request carries: a phone keeps them while another courier is signed in


@bp.before_app_request
def _send_only_ones_own() -> None:
    if request.blueprint != drops_api.name or g.get("courier") is None:
        return
    owner = request.headers.get(OWNER)
    if owner is not None and owner != str(current_courier().account_id):
        raise StationError(
            "courier_sign_in_needed", _("Another courier is signed in on this phone. Sign in again.")
        )


@bp.get("/drop")
@needs(Permission.OWN_DROPS)
def page() -> ResponseReturnValue:
    """Show the drop page. It may run WebAssembly: the camera's code reader is made of it."""
    answer = make_response(render_template("drops/courier.html"))
    answer.headers["Content-Security-Policy"] = headers.WITH_WASM
    return answer


@bp.get("/drop-worker.js")
@public
def worker() -> Response:
    """Answer the service worker; from here, since it may only serve pages that stand below it."""
    script = Path(current_app.static_folder or "", "js/drop-worker.js").read_text(encoding="utf-8")
    return Response(script, mimetype="text/javascript")
