"""Pages of what was announced and never came: by day and carrier, its parcels, and the list for the carrier."""

from collections.abc import Iterator
from datetime import date

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from station.carriers.catalogue import CARRIERS
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.permissions import Permission
from station.manifests import export, missed_queries
from station.manifests.views import EXPORTED, names_of_templates
from station.network import queries as network
from station.parcels.words import STATES
from station.web.gate import current_actor, needs

bp = Blueprint("missed", __name__, url_prefix="/announcements/missed")
bp.context_processor(names_of_templates)
ONE = "/<day>/<carrier>"


@bp.get("")
@needs(Permission.CHECK_IN)
def page() -> ResponseReturnValue:
    """Show the last days' reports, each carrier with its count."""
    with reading():
        reports = missed_queries.reports(current_actor().station_id)
    return render_template("manifests/missed.html", reports=reports)


@bp.get(ONE)
@needs(Permission.CHECK_IN)
def parcels(day: str, carrier: str) -> ResponseReturnValue:
    """Show the parcels of one report."""
    wanted, after = _wanted(day, carrier), request.args.get("after", 0, type=int)
    with reading():
        found = missed_queries.missing(current_actor().station_id, wanted, carrier, after=after)
    return render_template(
        "manifests/missing.html",
        day=wanted,
        carrier=carrier,
        found=found,
        states=STATES,
        page_size=missed_queries.PAGE,
    )


@bp.get(f"{ONE}.csv")
@needs(Permission.PARCELS_EXPORT)
def as_csv(day: str, carrier: str) -> ResponseReturnValue:
    """Send the parcels of one report as CSV."""
    wanted, station_id = _wanted(day, carrier), current_actor().station_id
    with reading():
        zone = network.rules(station_id).zone

    def lines() -> Iterator[str]:
        yield export.missing_head()
        after = 0
        while True:
            with reading():
                found = missed_queries.missing(station_id, wanted, carrier, after=after, limit=EXPORTED)
            yield export.missing(found, zone=zone)
            if len(found) < EXPORTED:
                return
            after = found[-1].parcel_id

    headers = {"Content-Disposition": f'attachment; filename="never-arrived-{wanted}-{carrier}.csv"'}
    return Response("".join(lines()), mimetype="text/csv", headers=headers)


def _wanted(day: str, carrier: str) -> date:
    """Return the day of an address. Raises StationError `not_found` for no day or no carrier."""
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        wanted = None
    if wanted is None or carrier not in CARRIERS:
        raise StationError("not_found", _("There is no such report."))
    return wanted
