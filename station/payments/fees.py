"""Booking what providers keep for themselves, and what they give back of that: each fee once, as their files say it."""

from collections.abc import Sequence
from dataclasses import dataclass

from station.core.actor import Actor
from station.ledger import queries as books
from station.ledger import service as ledger
from station.ledger.chart import AccountKind, AccountRef, JournalKind
from station.ledger.service import Journal, Move
from station.payments.catalogue import WAYS, Way
from station.payments.provider import Kind

FEES = AccountRef(AccountKind.PROVIDER_FEES)


@dataclass(frozen=True, slots=True)
class Fee:
    """What a provider kept of one payment, or gave back with one refund: then it is below nothing.

    `entry`: the id of our payment or refund, which stands in the provider's files once. `payment_id`: of the payment.
    """

    kind: Kind
    entry: int
    payment_id: int
    amount_minor: int
    currency: str

    @property
    def key(self) -> str:
        """What the fee is booked under, once."""
        return f"provider_fee:{self.kind}:{self.entry}"


def book(actor: Actor, way: Way, fees: Sequence[Fee]) -> None:
    """Book fees that are not booked yet; a fee of nothing is none."""
    known = books.posted_under(actor.station_id, [fee.key for fee in fees])
    ledger.post_all(actor, [_journal(way, fee) for fee in fees if fee.amount_minor and fee.key not in known])


def _journal(way: Way, fee: Fee) -> Journal:
    kept = Move(FEES, WAYS[way].account, abs(fee.amount_minor))
    move = kept if fee.amount_minor > 0 else kept.turned()
    return Journal(fee.key, JournalKind.PROVIDER_FEE, fee.currency, (move,), f"payment:{fee.payment_id}")
