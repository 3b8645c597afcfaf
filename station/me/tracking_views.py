"""The public tracking page: where is the parcel with this waybill? Open to everybody, so it tells little."""

from datetime import timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from station.carriers.detection import canonical_waybill
from station.core import throttle
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.me import tracking_queries, words
from station.me.forms import TrackingForm
from station.me.tracking_queries import Tracked
from station.web.gate import public

bp = Blueprint("me_tracking", __name__)
# Ours: a person mistypes a few times; a tail of one waybill has 10,000 values, so ten tries find it once in a thousand.
TRIES_PER_WAYBILL = 10
TRIES_PER_ADDRESS = 60
WINDOW = timedelta(hours=1)


@bp.route("/track", methods=["GET", "POST"])
@public
def track() -> ResponseReturnValue:
    """Ask for waybill and phone tail, by POST so that they stand in no address, and say where the parcel is."""
    form = TrackingForm()
    if not form.validate_on_submit():
        return _page(form)
    try:
        found = _find(form.waybill.data or "", form.tail.data or "")
    except StationError as error:
        return _page(form, error.message), error.status
    if found is None:
        return _page(
            form, _("No parcel fits both. Check the waybill and the last 4 digits of the phone number.")
        )
    return _page(form, found=found)


def _find(waybill: str, tail: str) -> Tracked | None:
    read = canonical_waybill(waybill)
    # What is no waybill finds nothing, so there is nothing of it to guess: only who asks is counted.
    limits = [(f"track:{read}", TRIES_PER_WAYBILL)] if read else []
    with transaction():
        for key, limit in (*limits, (f"track-by:{throttle.origin(request.remote_addr)}", TRIES_PER_ADDRESS)):
            throttle.spend(key, limit=limit, window=WINDOW)
    with reading():
        return tracking_queries.find(read, tail) if read else None


def _page(form: TrackingForm, refusal: str = "", *, found: Tracked | None = None) -> str:
    return render_template("me/tracking.html", form=form, refusal=refusal, found=found, words=words)
