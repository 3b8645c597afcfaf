"""Pages of reports: income beside parcels by day, and what came of group buys; each as CSV and Excel too."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.permissions import Permission
from station.group_buys.words import CAMPAIGN_STATES
from station.ledger import asked, rules
from station.ledger import queries as ledger
from station.ledger.statements import Period
from station.reports import campaign_queries, charts, files, queries, sheets, words
from station.reports.files import Sheet
from station.web.gate import current_actor, needs

bp = Blueprint("reports", __name__, url_prefix="/money/reports")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS: dict[str, tuple[str, Callable[[Sheet], str | bytes]]] = {
    "csv": ("text/csv", files.as_csv),
    "xlsx": (XLSX, files.as_xlsx),
}


def _period() -> Period:
    station_id = current_actor().station_id
    return asked.period(request.args, today=ledger.local_today(station_id))


def _report() -> queries.Report:
    station_id = current_actor().station_id
    currency = asked.currency(request.args, default=rules.for_station(station_id).currency)
    return queries.report(station_id, currency, _period())


@bp.get("")
@needs(Permission.MONEY_SEE)
def page() -> ResponseReturnValue:
    """Show income beside parcels over a period, by day with a total."""
    with reading():
        report = _report()
        currencies = queries.currencies(current_actor().station_id)
    values: dict[str, Any] = {
        "report": report,
        "currencies": sorted({report.currency, *currencies}),
        "income": charts.money(report),
        "parcels": charts.parcels(report),
        "kinds": (*queries.INCOME, *queries.EXPENSE),
    }
    return render_template("reports/income.html", words=words, **values)


@bp.get("/income.<kind>")
@needs(Permission.MONEY_SEE)
def income_file(kind: str) -> ResponseReturnValue:
    """Answer income and parcels by day as a file."""
    with reading():
        report = _report()
    return _file(kind, sheets.income(report), "income", report.period)


@bp.get("/campaigns")
@needs(Permission.MONEY_SEE)
def campaigns() -> ResponseReturnValue:
    """Show what came of the group buys whose cut-off fell into a period."""
    with reading():
        period = _period()
        shown = campaign_queries.results(current_actor().station_id, period)
    totals = campaign_queries.totals(shown)
    return render_template(
        "reports/campaigns.html", results=shown, period=period, totals=totals, states=CAMPAIGN_STATES
    )


@bp.get("/campaigns.<kind>")
@needs(Permission.MONEY_SEE)
def campaigns_file(kind: str) -> ResponseReturnValue:
    """Answer what came of group buys as a file."""
    with reading():
        period = _period()
        shown = campaign_queries.results(current_actor().station_id, period)
    return _file(kind, sheets.campaigns(shown), "group-buys", period)


def _file(kind: str, sheet: Sheet, name: str, period: Period) -> Response:
    if kind not in KINDS:
        raise StationError("not_found", _("There is no such file. Choose CSV or Excel."))
    media_type, write = KINDS[kind]
    name = f"{name}-{period.first_day.isoformat()}-{period.last_day.isoformat()}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(write(sheet), mimetype=media_type, headers=headers)
