"""What the ledger says of one order's money: the last word on how much can still be given back for it."""

from station.group_buys import charges
from station.group_buys.store import Current, Order
from station.ledger import queries as ledger
from station.ledger.chart import JournalKind
from station.ledger.wanted import Wanted

OF_GOODS = frozenset({JournalKind.SALE, JournalKind.GIVE_BACK, JournalKind.WASTE})
MOST = (
    100  # journals of one order: its charge, the arrival, an end, and one for each claim are fewer than ten
)


def charged(station_id: int, campaign: Current, order: Order) -> int:
    """Return what an order's buyer was charged for goods less all that was given back for them, in minor units."""
    about = Wanted(None, None, None, charges.reference(order), None)
    buyer, sum_minor = charges.resident(order), 0
    for journal in ledger.find_journals(station_id, about, limit=MOST):
        if journal.kind not in OF_GOODS or journal.currency != campaign.currency:
            continue
        for move in journal.moves:
            sum_minor += move.amount_minor * ((move.debit == buyer) - (move.credit == buyer))
    return sum_minor


def given_back(station_id: int, campaign: Current, order: Order) -> int:
    """Return how much less of the price of the goods an order got is left charged, in minor units: 0 is all of it."""
    price = (order.delivered or 0) * (order.unit_price_minor or 0)
    return price - charged(station_id, campaign, order)
