"""Reports as tables for files: amounts as numbers in whole units of their currency, rates in percent."""

from collections.abc import Iterable
from decimal import Decimal

from station.core.i18n import gettext as _
from station.core.money import CURRENCIES
from station.group_buys.words import CAMPAIGN_STATES
from station.reports import words
from station.reports.campaign_queries import Result
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
        _("Ordered"),
        _("Allocated"),
        _("Delivered"),
        _("Short"),
        _("Damaged"),
        _("Unclaimed units"),
        _("Unclaimed, percent"),
        _("Left over"),
        _("Of it returned"),
        _("Of it sold at the counter"),
        _("Of it given away"),
        _("Currency"),
        _("Sold"),
        _("Commission"),
        _("Given back"),
    )
    return Sheet(_("Group buys"), head, [_campaign(one) for one in results])


def _campaign(result: Result) -> list[Cell]:
    figures, currency = result.figures, result.currency
    return [
        result.number,
        result.title,
        _(CAMPAIGN_STATES[result.state][2]),
        result.cut_off_at.isoformat(timespec="minutes"),
        figures.ordered,
        figures.allocated,
        figures.delivered,
        figures.short,
        figures.damaged,
        figures.unclaimed,
        Decimal(round(1000 * figures.unclaimed_rate)).scaleb(-1),
        figures.left_over,
        figures.left_returned,
        figures.left_sold,
        figures.left_given_away,
        currency,
        amount(figures.sold_minor, currency),
        amount(figures.commission_minor, currency),
        amount(figures.back_minor, currency),
    ]


def amount(amount_minor: int, currency: str) -> Decimal:
    """Return minor units as a number of the currency."""
    return Decimal(amount_minor).scaleb(-CURRENCIES[currency].digits)
