"""What group buys mean in the ledger: an order is charged once, and what is given back is a new journal. Pure.

The buyer pays the supplier's part, the station's commission, and a partner station's share where the order is
collected there. Each part is what it would be for the order as a whole, so however often something is given back, the
parts of the rest are those of an order that was never larger.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from station.group_buys.plans import FULL_BP
from station.group_buys.store import Current, Order
from station.ledger.chart import AccountKind, AccountRef, JournalKind
from station.ledger.journal import Journal, Move


@dataclass(frozen=True, slots=True)
class Parts:
    """Who gets how much of a sale."""

    supplier: int
    commission: int
    partner: int


@dataclass(frozen=True, slots=True)
class Rates:
    """The station's and a partner station's part of a sale, in hundredths of a percent; together at most the whole."""

    commission_bp: int
    partner_bp: int = 0


def rates(campaign: Current, order: Order, shares: dict[int, int]) -> Rates:
    """Return who gets what of an order; `shares`: each collecting station's part (sharing_store.point_shares)."""
    partner = min(shares.get(order.point_station_id, 0), FULL_BP - campaign.commission_bp)
    return Rates(campaign.commission_bp, partner)


def split(amount_minor: int, at: Rates) -> Parts:
    """Split a sale: commission rounded half up, then commission and partner together; the rest is the supplier's.

    Source: ours. Rounding the sum, not each part, keeps the supplier's part from ever going below nothing.
    """
    commission = _half_up(amount_minor * at.commission_bp)
    both = _half_up(amount_minor * (at.commission_bp + at.partner_bp))
    return Parts(amount_minor - both, commission, both - commission)


def _half_up(scaled: int) -> int:
    return (2 * scaled + FULL_BP) // (2 * FULL_BP)


def charge(campaign: Current, order: Order, *, amount_minor: int, at: Rates) -> list[Journal]:
    """Return the journal that charges an order at cut-off; none for no amount."""
    moves = _moves(campaign, order, Parts(0, 0, 0), split(amount_minor, at))
    return _journal(campaign, order, key=f"cut_off:{order.id}", kind=JournalKind.SALE, moves=moves)


def give_back(
    campaign: Current, order: Order, *, amounts: tuple[int, int], at: Rates, key: str
) -> list[Journal]:
    """Return the journal that gives back the difference between what was charged and what is kept (`amounts`).

    The supplier and whoever had a part of the sale bear it: for goods that did not come, or came broken.
    """
    was, stays = amounts
    moves = _moves(campaign, order, split(was, at), split(stays, at))
    return _journal(campaign, order, key=key, kind=JournalKind.GIVE_BACK, moves=moves)


def give_back_as_waste(campaign: Current, order: Order, *, amount_minor: int, key: str) -> list[Journal]:
    """Return the journal that gives a buyer money back for goods that came and were left.

    The station bears it: the supplier did its part.
    """
    moves = [Move(AccountRef(AccountKind.WASTE), resident(order), amount_minor)] if amount_minor else []
    return _journal(campaign, order, key=key, kind=JournalKind.WASTE, moves=moves)


def take_over(
    campaign: Current, before: Order, after: Order, *, amount_minor: int, key: str
) -> list[Journal]:
    """Return the journal by which one buyer pays what another had paid, for goods that change hands."""
    moves = [Move(resident(after), resident(before), amount_minor)] if amount_minor else []
    return _journal(campaign, after, key=key, kind=JournalKind.GIVE_BACK, moves=moves)


def reference(order: Order) -> str:
    """Return what journals about an order refer to."""
    return f"group_order:{order.id}"


def resident(order: Order) -> AccountRef:
    """Return the account of an order's buyer."""
    return AccountRef(AccountKind.RESIDENT, str(order.recipient_id))


def _moves(campaign: Current, order: Order, before: Parts, after: Parts) -> list[Move]:
    """Return what moves so that the parts become `after`; a part that does not change moves nothing."""
    buyer = resident(order)
    sides: Iterable[tuple[AccountRef, int]] = (
        (AccountRef(AccountKind.SUPPLIER, str(campaign.supplier_id)), after.supplier - before.supplier),
        (AccountRef(AccountKind.COMMISSION), after.commission - before.commission),
        (AccountRef(AccountKind.STATION, str(order.point_station_id)), after.partner - before.partner),
    )
    return [
        Move(buyer, other, more) if more > 0 else Move(other, buyer, -more) for other, more in sides if more
    ]


def _journal(
    campaign: Current, order: Order, *, key: str, kind: JournalKind, moves: list[Move]
) -> list[Journal]:
    return [Journal(key, kind, campaign.currency, tuple(moves), reference(order))] if moves else []
