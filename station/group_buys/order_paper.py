"""A supplier's order as files: CSV for their spreadsheet, PDF to print and hand over."""

from station.core.i18n import gettext as _
from station.core.i18n import speaking
from station.group_buys.store import Current
from station.group_buys.supplier_orders import Made
from station.ledger.files import Paper, as_csv, as_pdf

PARTED = ": "  # between a fact's name and itself, as supplier_orders writes them


def csv(order: Made, campaign: Current, language: str) -> str:
    """Return the order, one fact a line, in the supplier's language."""
    with speaking(language):
        return as_csv(_paper(order, campaign))


def pdf(order: Made, campaign: Current, language: str) -> bytes:
    """Return the order on A4 in the supplier's language."""
    with speaking(language):
        return as_pdf(_paper(order, campaign))


def _paper(order: Made, campaign: Current) -> Paper:
    facts = [tuple(fact.split(PARTED, 1)) for fact in order.text.splitlines()]
    about = [(label, value) for label, value in facts]
    return Paper(
        title=_("Order: %(title)s", title=campaign.title),
        about=about,
        head=(_("Goods"), _("One unit"), _("Units")),
        rows=[(campaign.title, campaign.unit, str(order.units))],
        sums=[(_("Boxes"), str(order.boxes))],
    )
