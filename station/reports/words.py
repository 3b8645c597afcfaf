"""What the columns of reports are called, on pages and in files."""

from station.core.i18n import lazy as _l
from station.ledger.chart import CHART

MONEY: dict[str, str] = {str(kind): account.label for kind, account in CHART.items()}
"""Kinds of account by what they are called in the chart."""

MOVES: dict[str, str] = {
    "in": _l("Checked in"),
    "handed_over": _l("Handed over"),
    "returned": _l("Returned"),
}
