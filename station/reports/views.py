"""Pages of reports: income beside parcels by day, and what came of group buys; each as CSV and Excel too."""

from collections.abc import Callable
from datetime import date
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
from station.ledger.chart import OWNED, AccountKind
from station.ledger.statements import Period
from station.reports import books, campaign_queries, charts, files, queries, sheets, words
from station.reports.files import Sheet
from station.web.gate import current_actor, needs

bp = Blueprint("reports", __name__, url_prefix="/money/reports")

PAGE = 50  # campaigns on one page; the totals and the files are of all
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
        "kinds": queries.moved(report) or queries.INCOME,
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
        found = campaign_queries.results(current_actor().station_id, period)
    place = asked.place(request.args, most=len(found))
    shown = found[place : place + PAGE]
    return render_template(
        "reports/campaigns.html",
        results=shown,
        complained=[one for one in shown if one.figures.complained],
        suppliers=campaign_queries.by_supplier(found),
        count=len(found),
        place=place,
        following=place + PAGE if place + PAGE < len(found) else None,
        period=period,
        totals=campaign_queries.totals(found),
        states=CAMPAIGN_STATES,
    )


@bp.get("/campaigns.<kind>")
@needs(Permission.MONEY_SEE)
def campaigns_file(kind: str) -> ResponseReturnValue:
    """Answer what came of group buys as a file."""
    with reading():
        period = _period()
        shown = campaign_queries.results(current_actor().station_id, period)
    return _file(kind, sheets.campaigns(shown), "group-buys", period)


@bp.get("/suppliers.<kind>")
@needs(Permission.MONEY_SEE)
def suppliers_file(kind: str) -> ResponseReturnValue:
    """Answer what came of group buys by supplier as a file."""
    with reading():
        period = _period()
        shown = campaign_queries.results(current_actor().station_id, period)
    return _file(kind, sheets.suppliers(campaign_queries.by_supplier(shown)), "suppliers", period)


@bp.get("/books/<name>.<ending>")
@needs(Permission.MONEY_SEE)
def books_file(name: str, ending: str) -> ResponseReturnValue:
    """Answer a table of the books as a file."""
    if name not in BOOKS:
        raise StationError("not_found", _("There is no such file. Choose CSV or Excel."))
    with reading():
        sheet = BOOKS[name](current_actor().station_id)
        today = ledger.local_today(current_actor().station_id)
    return _download(ending, sheet, f"{name}-{today.isoformat()}")


def _until(station_id: int) -> date:
    return asked.day(request.args, "until") or ledger.posting_day(station_id)


def _owners(station_id: int) -> Sheet:
    kind = request.args.get("account", "")
    if kind not in OWNED:
        raise StationError("not_found", _("There is no such account."))
    return books.owners(station_id, AccountKind(kind))


BOOKS: dict[str, Callable[[int], Sheet]] = {
    "accounts": _owners,
    "drawer": books.drawer_counts,
    "journals": lambda station_id: books.journals(station_id, asked.journals(request.args)),
    "settlements": lambda station_id: books.settlements(station_id, _until(station_id)),
    "trial-balance": lambda station_id: books.trial_balance(station_id, _until(station_id)),
}
"""Tables of the books by the name of their file, each read as the page of it is asked."""


def _file(kind: str, sheet: Sheet, name: str, period: Period) -> Response:
    return _download(kind, sheet, f"{name}-{period.first_day.isoformat()}-{period.last_day.isoformat()}")


def _download(kind: str, sheet: Sheet, name: str) -> Response:
    if kind not in KINDS:
        raise StationError("not_found", _("There is no such file. Choose CSV or Excel."))
    media_type, write = KINDS[kind]
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    return Response(write(sheet), mimetype=media_type, headers=headers)
