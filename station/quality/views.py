"""Managers' pages of carriers' quality: all carriers, one carrier, the parcels behind a number, and the files."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from station.accounts import queries as accounts
from station.carriers.catalogue import COMPANIES
from station.core import clock
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.i18n import language
from station.core.permissions import Permission
from station.parcels.words import STATES
from station.quality import bars, export, parcel_queries, queries, words
from station.quality.forms import PeriodForm
from station.quality.measures import Measure
from station.quality.parcel_queries import PAGE, Asked
from station.quality.periods import Choice
from station.quality.queries import UNKNOWN
from station.quality.report import Report, of_carrier, report
from station.web.forms import first_error
from station.web.gate import current_actor, needs

bp = Blueprint("quality", __name__, url_prefix="/settings/carriers/quality")
ONE = "/<carrier>"
EXPORTED = 1000  # parcels read at once for a file


@bp.context_processor
def names_of_templates() -> dict[str, Any]:
    """Return the names that the templates of this room use."""
    return {"words": words, "carrier_name": carrier_name, "Measure": Measure}


def carrier_name(code: str | None) -> str:
    """Return a carrier's name in the language spoken now; of None, what all carriers together are called."""
    if code is None:
        return _("All carriers")
    return COMPANIES[code].name(language()) if code in COMPANIES else _("Carrier not known")


@dataclass(frozen=True)
class Wanted:
    """Which days an address asks for: the form as it is shown again, and how further addresses say the same."""

    form: PeriodForm
    args: dict[str, str]
    asked: Asked

    @property
    def choice(self) -> Choice:
        """Return the period's name."""
        return self.form.choice

    def report(self) -> Report:
        """Return the figures of the days."""
        return report(self.asked.station_id, self.choice, self.asked.period, zone=self.asked.zone)


def _wanted(carrier: str = UNKNOWN, measure: str = Measure.WRONG_STATION) -> Wanted:
    """Read what is asked for. Raises StationError `not_found` or `bad_input`; a transaction is open."""
    if carrier not in {*COMPANIES, UNKNOWN} or measure not in set(Measure):
        raise StationError("not_found", _("There is no such list."))
    station_id = current_actor().station_id
    zone = queries.zone_of(station_id)
    form = _form(zone)
    if not form.validate():
        raise StationError("bad_input", first_error(form))
    args = {name: request.args[name] for name in ("period", "first", "last") if request.args.get(name)}
    return Wanted(form, args, Asked(station_id, carrier, Measure(measure), form.days(), zone))


def _form(zone: ZoneInfo) -> PeriodForm:
    return PeriodForm(clock.now().astimezone(zone).date(), request.args)


@bp.get("")
@needs(Permission.PARCELS_EXPORT)
def page() -> ResponseReturnValue:
    """Compare all carriers by one measure, and show all figures."""
    with reading():
        form = _form(queries.zone_of(current_actor().station_id))
        if not form.validate():
            return render_template("quality/page.html", form=form, found=None, measure=None), 422
        wanted = _wanted(measure=request.args.get("measure", Measure.WRONG_STATION))
        found = wanted.report()
    return render_template(
        "quality/page.html",
        form=form,
        wanted=wanted,
        found=found,
        measure=wanted.asked.measure,
        chart=bars.of_measure(found, wanted.asked.measure),
    )


@bp.get(ONE)
@needs(Permission.PARCELS_EXPORT)
def one(carrier: str) -> ResponseReturnValue:
    """Show one carrier's figures beside those of the period before."""
    with reading():
        wanted = _wanted(carrier)
        found = wanted.report()
    line = of_carrier(found, carrier)
    return render_template(
        "quality/carrier.html",
        wanted=wanted,
        found=found,
        line=line,
        carrier=carrier,
        scale=bars.scale_of(line),
    )


@bp.get(f"{ONE}/<measure>")
@needs(Permission.PARCELS_EXPORT)
def parcels(carrier: str, measure: str) -> ResponseReturnValue:
    """List the parcels behind a number."""
    after = request.args.get("after", 0, type=int)
    with reading():
        wanted = _wanted(carrier, measure)
        found = parcel_queries.behind(wanted.asked, after=after)
        names = accounts.names(wanted.asked.station_id, _recorders(found))
    return render_template(
        "quality/parcels.html",
        wanted=wanted,
        carrier=carrier,
        measure=wanted.asked.measure,
        found=found,
        names=names,
        states=STATES,
        page_size=PAGE,
    )


@bp.get(f"{ONE}.csv")
@needs(Permission.PARCELS_EXPORT)
def as_csv(carrier: str) -> ResponseReturnValue:
    """Send a carrier's faulty parcels as CSV."""
    with reading():
        wanted = _wanted(carrier)
        text = export.as_csv(_rows(wanted.asked))
    return _file(text, "text/csv", wanted, "csv")


@bp.get(f"{ONE}.xlsx")
@needs(Permission.PARCELS_EXPORT)
def as_workbook(carrier: str) -> ResponseReturnValue:
    """Send a carrier's faulty parcels and figures as a workbook."""
    with reading():
        wanted = _wanted(carrier)
        summary = export.figures(of_carrier(wanted.report(), carrier))
        content = export.as_workbook(_rows(wanted.asked), summary)
    return _file(content, export.XLSX, wanted, "xlsx")


def _rows(asked: Asked) -> Iterator[export.Cells]:
    for measure in Measure:
        wanted = Asked(asked.station_id, asked.carrier, measure, asked.period, asked.zone)
        after = 0
        while found := parcel_queries.behind(wanted, after=after, limit=EXPORTED):
            names = accounts.names(asked.station_id, _recorders(found))
            yield from (export.row(measure, parcel, names, zone=asked.zone) for parcel in found)
            after = found[-1].parcel_id


def _recorders(found: list[parcel_queries.Behind]) -> list[str]:
    return [one.recorded_by for one in found if one.recorded_by]


def _file(content: str | bytes, kind: str, wanted: Wanted, ending: str) -> Response:
    days = wanted.asked.period
    name = f"quality-{wanted.asked.carrier}-{days.first}-{days.last}.{ending}"
    return Response(content, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
