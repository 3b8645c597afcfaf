"""Reports as tables for files: amounts as numbers in whole units of their currency, rates in percent."""

from collections.abc import Iterable
from decimal import Decimal

from station.core.i18n import gettext as _
from station.core.money import CURRENCIES
from station.group_buys.words import CAMPAIGN_STATES
from station.reports import words
from station.reports.campaign_queries import Delivered, Figures, Result
from station.reports.files import Cell, Sheet
from station.reports.queries import EXPENSE, INCOME, MOVES, Day, Report

KINDS = (*INCOME, *EXPENSE)


def income(report: Report) -> Sheet:
    """Return income, expenses and parcels by day, and their total."""
    head = [
        _("Date"),
        _("Currency"),
        *(_(words.MONEY[kind]) for kind in KINDS),
        _("What is left"),
        *(_(words.MOVES[move]) for move in MOVES),
    ]
    named = ((day.isoformat(), one) for day, one in report.days.items())
    rows = [_day(name, one, report.currency) for name, one in (*named, (_("Total"), report.total))]
    return Sheet(_("Income and parcels"), head, rows)


def _day(name: str, day: Day, currency: str) -> list[Cell]:
    money = (day.money[kind] for kind in KINDS)
    return [
        name,
        currency,
        *(amount(one, currency) for one in money),
        amount(day.result_minor, currency),
        *(day.parcels[move] for move in MOVES),
    ]


def campaigns(results: Iterable[Result]) -> Sheet:
    """Return what came of group buys, a line for each."""
    head = (
        _("Number"),
        _("Group buy"),
        _("State"),
        _("Cut-off"),
        _("Supplier"),
        *_goods_head(),
        _("Left over"),
        _("Of it returned"),
        _("Of it sold at the counter"),
        _("Of it given away"),
        *_money_head(),
    )
    return Sheet(_("Group buys"), head, [_campaign(one) for one in results])


def _campaign(result: Result) -> list[Cell]:
    figures = result.figures
    return [
        result.number,
        result.title,
        _(CAMPAIGN_STATES[result.state][2]),
        result.cut_off_at.isoformat(timespec="minutes"),
        result.supplier,
        *_goods(figures),
        figures.left_over,
        figures.left_returned,
        figures.left_sold,
        figures.left_given_away,
        *_money(figures, result.currency),
    ]


def suppliers(shown: Iterable[Delivered]) -> Sheet:
    """Return what came of group buys by supplier, a line for each and each currency."""
    head = (_("Supplier"), _("Group buys"), *_goods_head(), *_money_head())
    rows = [
        [one.supplier, one.campaigns, *_goods(one.figures), *_money(one.figures, one.currency)]
        for one in shown
    ]
    return Sheet(_("By supplier"), head, rows)


def _goods_head() -> list[str]:
    return [
        _("Ordered"),
        _("Allocated"),
        _("Delivered"),
        _("Short"),
        _("Damaged"),
        _("Unclaimed units"),
        _("Unclaimed, percent"),
        _("Orders collected"),
        _("Orders complained of"),
        _("Complained of, percent"),
        _("Units refunded"),
    ]


def _goods(figures: Figures) -> list[Cell]:
    rate = figures.complaint_rate
    return [
        figures.ordered,
        figures.allocated,
        figures.delivered,
        figures.short,
        figures.damaged,
        figures.unclaimed,
        _percent(figures.unclaimed_rate),
        figures.collected,
        figures.complained,
        "" if rate is None else _percent(rate),
        figures.refunded,
    ]


def _money_head() -> list[str]:
    return [
        _("Currency"),
        _("Sold"),
        _("Commission"),
        _("Given back"),
        _("Complaints borne by the supplier"),
        _("Complaints borne by the station"),
    ]


def _money(figures: Figures, currency: str) -> list[Cell]:
    sums = (
        figures.sold_minor,
        figures.commission_minor,
        figures.back_minor,
        figures.by_supplier_minor,
        figures.by_station_minor,
    )
    return [currency, *(amount(one, currency) for one in sums)]


def _percent(rate: float) -> Decimal:
    return Decimal(round(1000 * rate)).scaleb(-1)


def amount(amount_minor: int, currency: str) -> Decimal:
    """Return minor units as a number of the currency."""
    return Decimal(amount_minor).scaleb(-CURRENCIES[currency].digits)
