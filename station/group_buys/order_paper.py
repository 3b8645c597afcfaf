"""A supplier's order as files: CSV for their spreadsheet, PDF to print, hand over and sign; in their language."""

from station.core import paper
from station.core.i18n import gettext as _
from station.core.i18n import speaking
from station.core.moments import full
from station.core.paper import Paper, figures, file_name, words
from station.group_buys.store import Current
from station.group_buys.supplier_orders import Made
from station.group_buys.suppliers import Known
from station.ledger.files import as_csv
from station.network.queries import StationFacts

PARTED = ": "  # between a fact's name and itself, as supplier_orders writes them


def csv(order: Made, campaign: Current, supplier: Known, station: StationFacts) -> tuple[str, str]:
    """Return the order for a spreadsheet, and its file's name."""
    with speaking(supplier.language):
        return as_csv(_paper(order, campaign, supplier, station)), _name(campaign, supplier, "csv")


def pdf(order: Made, campaign: Current, supplier: Known, station: StationFacts) -> tuple[bytes, str]:
    """Return the order on A4, and its file's name."""
    with speaking(supplier.language):
        return paper.as_pdf(_paper(order, campaign, supplier, station)), _name(campaign, supplier, "pdf")


def _name(campaign: Current, supplier: Known, suffix: str) -> str:
    return file_name(_("Supplier order"), str(campaign.number), campaign.title, supplier.name, suffix=suffix)


def _paper(order: Made, campaign: Current, supplier: Known, station: StationFacts) -> Paper:
    """Return the facts as they were written when the order was made, those of the goods as a table."""
    of_goods = {_("Goods"), _("One unit"), _("Units"), _("Boxes")}
    facts = (line.partition(PARTED) for line in order.text.splitlines())
    boxes = ((_("Boxes"), str(order.boxes)),) if campaign.box_size > 1 else ()
    return Paper(
        station=station.name,
        title=_("Order: %(title)s", title=campaign.title),
        about=(
            (_("Supplier"), supplier.name),
            *((label, value) for label, _parted, value in facts if label not in of_goods),
            (_("Made"), full(order.made_at, station.zone)),
        ),
        columns=(words(_("Goods")), words(_("One unit")), figures(_("Units"))),
        rows=((campaign.title, campaign.unit, str(order.units)),),
        sums=boxes,
        signers=(_("For the station: date and signature"), _("For the partner: date and signature")),
    )
