"""A second, naive book of group buys: everything that is stored, read at once, and what it says people owe."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import aliased

from station.claims.models import OrderClaim
from station.claims.rules import BorneBy
from station.core.db import connection, reading
from station.events.models import CustodyEvent
from station.group_buys.bag_store import LIVE, BagState
from station.group_buys.bags import UNDONE_WITHIN
from station.group_buys.lifecycle import COUNTED, CampaignState, OrderState
from station.group_buys.models import Arrival, Campaign, CampaignOffer, CampaignPoint, GroupOrder, OrderBag
from station.group_buys.news_models import CampaignSurplus, SurplusUse
from station.group_buys.offers import OfferState
from station.group_buys.plans import UnclaimedRule
from station.group_buys.surplus_uses import Way
from station.ledger import queries as ledger
from station.ledger.chart import AccountKind, JournalKind
from station.ledger.models import LedgerAccount, LedgerJournal, LedgerPosting
from station.parcels.lifecycle import ParcelState
from station.parcels.models import Parcel
from station.payments.models import Payment, Refund, TestMovement

HOME = bindparam("home")
FULL = 10_000  # basis points
ORDER_OF = {
    BagState.PACKED: (OrderState.ALLOCATED,),
    BagState.READY: (OrderState.READY,),
    BagState.LEFT: (OrderState.UNCLAIMED,),
    BagState.COLLECTED: (OrderState.COLLECTED,),
    BagState.SETTLED: (OrderState.CLOSED,),
}
KEPT = (  # in the order of Seen's fields
    *(Campaign, GroupOrder, OrderBag, CampaignOffer, Arrival, Payment, Refund, TestMovement),
    *(OrderClaim, CampaignSurplus, SurplusUse),
)
_PARCEL = (Parcel.id, Parcel.station_id, Parcel.state, Parcel.recipient_id, Parcel.hold_reason)


@dataclass(frozen=True, slots=True)
class Seen:
    """All rows of a station that money depends on, by their ids; `events`: how long the logs are."""

    campaigns: dict[int, Any]
    orders: dict[int, Any]
    bags: dict[int, Any]
    offers: dict[int, Any]
    crates: dict[int, Any]
    payments: dict[int, Any]
    refunds: dict[int, Any]
    bank: dict[int, Any]
    claims: dict[int, Any]
    surplus: dict[int, Any]
    uses: dict[int, Any]
    parcels: dict[int, Any]
    shares: dict[tuple[int, int], int]
    moves: list[Any]
    events: list[Any]

    def bag_of(self, order_id: int) -> Any:
        """Return the bag of an order, None before there is one."""
        return next((one for one in self.bags.values() if one.order_id == order_id), None)


def look(home: int, partner: int) -> Seen:
    """Read everything."""
    with reading():
        rows = [_by_id(model, home) for model in KEPT]
        return Seen(*rows, _parcels(home, partner), _shares(home), _moves(home), _events(home, partner))


def _by_id(model: Any, home: int) -> dict[int, Any]:
    query, key = _rows(model)
    return {row._mapping[key]: row for row in connection().execute(query, {"home": home})}


@cache  # everything is read after every step: what is asked is made once
def _rows(model: Any) -> tuple[Select[Any], Any]:
    key = list(model.__table__.primary_key)[-1]  # behind the station's
    return select(model.__table__).where(model.station_id == HOME).order_by(key), key


def _parcels(*station_ids: int) -> dict[int, Any]:
    query = select(*_PARCEL, Parcel.version).where(Parcel.station_id.in_(station_ids)).order_by(Parcel.id)
    return {row.id: row for row in connection().execute(query)}


def _shares(home: int) -> dict[tuple[int, int], int]:
    """Return what part of a sale a place has by campaign and place: the own one has its commission instead."""
    query = select(CampaignPoint.campaign_id, CampaignPoint.point_station_id, CampaignPoint.share_bp)
    rows = connection().execute(query.where(CampaignPoint.station_id == home))
    return {(row[0], row[1]): 0 if row[1] == home else row[2] for row in rows}


def _moves(home: int) -> list[Any]:
    return list(connection().execute(_postings(), {"home": home}))


@cache
def _postings() -> Select[Any]:
    debit, credit = aliased(LedgerAccount), aliased(LedgerAccount)
    query = (
        select(
            LedgerJournal.id,
            LedgerJournal.kind,
            LedgerJournal.refers_to,
            debit.kind.label("from_kind"),
            debit.owner.label("from_owner"),
            credit.kind.label("to_kind"),
            credit.owner.label("to_owner"),
            LedgerPosting.amount_minor,
        )
        .join(
            LedgerPosting,
            (LedgerPosting.station_id == LedgerJournal.station_id)
            & (LedgerPosting.journal_id == LedgerJournal.id),
        )
        .join(
            debit,
            (debit.station_id == LedgerPosting.station_id) & (debit.id == LedgerPosting.debit_account_id),
        )
        .join(
            credit,
            (credit.station_id == LedgerPosting.station_id) & (credit.id == LedgerPosting.credit_account_id),
        )
        .where(LedgerJournal.station_id == HOME)
    )
    return query.order_by(LedgerJournal.id, LedgerPosting.line)


def _events(*station_ids: int) -> list[Any]:
    query = select(CustodyEvent.station_id, func.max(CustodyEvent.seq)).where(
        CustodyEvent.station_id.in_(station_ids)
    )
    return list(
        connection().execute(query.group_by(CustodyEvent.station_id).order_by(CustodyEvent.station_id))
    )


def answered(seen: Seen) -> set[Any]:
    """Return the offers of units left over that are over."""
    return {one for one in seen.offers.values() if one.bag_id is None and one.state != OfferState.OPEN}


def taken_over(seen: Seen) -> dict[int, int]:
    """Return by the order that took a bag over the order that gave it."""
    taken = [one for one in seen.offers.values() if one.state == "taken" and one.bag_id is not None]
    return {one.order_id: seen.bags[one.bag_id].order_id for one in taken}


def refunded(seen: Seen) -> Counter[int]:
    """Return how many units of each order were given back after complaints."""
    found: Counter[int] = Counter()
    for one in seen.claims.values():
        found[one.order_id] += one.refunded_units
    return found


def unsold(seen: Seen) -> Counter[int]:
    """Return how many units of each order's sale were undone by complaints that the supplier bore.

    Goods were sold to whoever ordered them, whoever took them over since.
    """
    found: Counter[int] = Counter()
    taken = taken_over(seen)
    for one in seen.claims.values():
        order = one.order_id
        while order in taken:
            order = taken[order]
        found[order] += one.refunded_units * (one.borne_by == BorneBy.SUPPLIER)
    return found


def sold(seen: Seen) -> dict[int, int]:
    """Return what each order has of the supplier's sale, in minor units: the goods that came for it and were good."""
    back = unsold(seen)
    return {
        one.id: (_sold_units(seen, one) - back[one.id]) * (one.unit_price_minor or 0)
        for one in seen.orders.values()
    }


def _sold_units(seen: Seen, order: Any) -> int:
    is_over = seen.campaigns[order.campaign_id].state in (CampaignState.CANCELLED, CampaignState.FAILED)
    if is_over or order.id in taken_over(seen):
        return 0
    bag = seen.bag_of(order.id)
    if bag:
        return int(bag.units)
    return int(order.allocated or 0) if order.delivered is None else int(order.delivered)


def kept(seen: Seen) -> dict[int, int]:
    """Return what each order costs its buyer for good or until now: goods received, promised, or left by the rule."""
    taken, back = taken_over(seen), refunded(seen)
    return {
        one.id: _kept_units(seen, one, taken, back[one.id]) * (one.unit_price_minor or 0)
        for one in seen.orders.values()
    }


def _kept_units(seen: Seen, order: Any, taken: dict[int, int], back: int) -> int:
    bag = seen.bag_of(order.id)
    units = (int(bag.units) if bag else _sold_units(seen, order)) - back
    if order.state != OrderState.CLOSED:
        return units
    is_gone = bag is None or order.delivered == 0  # called off, or written off
    rule = seen.campaigns[order.campaign_id].unclaimed_rule
    if order.id in taken.values() or is_gone or rule == UnclaimedRule.REFUND:
        return 0
    return units


def parts(seen: Seen) -> Counter[tuple[str, str]]:
    """Return what supplier, station and partners have of all that was sold, by account."""
    found: Counter[tuple[str, str]] = Counter()
    for order_id, amount in sold(seen).items():
        order = seen.orders[order_id]
        place = order.point_station_id
        _add_parts(
            found, seen.campaigns[order.campaign_id], amount, place, seen.shares[order.campaign_id, place]
        )
    for use in seen.uses.values():
        if use.way == Way.SOLD:
            campaign, left = seen.campaigns[use.campaign_id], seen.surplus[use.campaign_id]
            _add_parts(found, campaign, use.units * left.unit_price_minor, campaign.station_id, 0)
    return found


def _add_parts(found: Counter[tuple[str, str]], campaign: Any, amount: int, place: int, share: int) -> None:
    commission = half_up(Fraction(amount * campaign.commission_bp, FULL))
    both = half_up(Fraction(amount * (campaign.commission_bp + share), FULL))
    found[AccountKind.COMMISSION, ""] += commission
    found[AccountKind.STATION, str(place)] += both - commission
    found[AccountKind.SUPPLIER, str(campaign.supplier_id)] += amount - both


def half_up(amount: Fraction) -> int:
    """Round to whole minor units, half a unit up."""
    return (amount + Fraction(1, 2)).__floor__()


def booked(seen: Seen) -> Counter[tuple[str, str]]:
    """Return every account's balance, credits less debits, summed from the postings alone."""
    found: Counter[tuple[str, str]] = Counter()
    for move in seen.moves:
        found[move.from_kind, move.from_owner] -= move.amount_minor
        found[move.to_kind, move.to_owner] += move.amount_minor
    return found


def paid_in(seen: Seen) -> Counter[int]:
    """Return what each resident paid, less what was given or is being given back to them."""
    found: Counter[int] = Counter()
    for one in seen.payments.values():
        found[one.recipient_id] += one.amount_minor if one.state == "paid" else 0
    for one in seen.refunds.values():
        payment = seen.payments[one.payment_id]
        found[payment.recipient_id] -= 0 if one.state == "failed" else one.amount_minor
    return found


def check(station_id: int, seen: Seen, by_hand: Counter[int]) -> None:
    """What holds after every step. `by_hand`: what each resident was charged at the desk, less what was taken back."""
    balances = booked(seen)
    _check_trial(station_id, balances)
    _check_people(seen, balances, by_hand)
    _check_where_it_went(seen, balances)
    _check_once(seen)
    _check_goods(seen)


def _check_trial(station_id: int, balances: Counter[tuple[str, str]]) -> None:
    with reading():
        lines = ledger.trial_balance(station_id)
    assert sum(line.debit_minor - line.credit_minor for line in lines) == 0
    kinds: Counter[str] = Counter()
    for (kind, _owner), amount in balances.items():
        kinds[kind] += amount
    for line in lines:
        kinds[line.kind] -= line.credit_minor - line.debit_minor
    assert not any(kinds.values())


def _check_people(seen: Seen, balances: Counter[tuple[str, str]], by_hand: Counter[int]) -> None:
    """Money paid equals goods received plus refunds plus balances, for everybody."""
    owed = Counter(by_hand)
    for order_id, amount in kept(seen).items():
        owed[seen.orders[order_id].recipient_id] += amount
    paid = paid_in(seen)
    for person in {*owed, *paid}:
        assert paid[person] == owed[person] + balances[AccountKind.RESIDENT, str(person)]


def _check_where_it_went(seen: Seen, balances: Counter[tuple[str, str]]) -> None:
    """What buyers are charged is the supplier's, the station's and the partner's, but for what became waste."""
    waste = sum(sold(seen).values()) - sum(kept(seen).values())
    for account, amount in parts(seen).items():
        assert balances[account] == amount
    assert balances[AccountKind.WASTE, ""] == -waste
    assert waste >= 0


def _check_once(seen: Seen) -> None:
    """Nobody is charged twice: each order is sold in one journal, or taken over in one; each sale for cash in one."""
    sales: Counter[str] = Counter()
    for _journal, about in {(one.id, one.refers_to) for one in seen.moves if one.kind == JournalKind.SALE}:
        sales[about] += 1
    for order_id in taken_over(seen):
        sales[f"group_order:{order_id}"] += 1
    for use in seen.uses.values():
        sales[f"campaign:{use.campaign_id}"] -= use.way == Way.SOLD
    assert {times for about, times in sales.items() if about.startswith("group_order:")} <= {1}
    assert not any(times for about, times in sales.items() if about.startswith("campaign:"))


def _check_goods(seen: Seen) -> None:
    """What is counted is ordered, what is shared out came, and what left with its buyer is charged."""
    for campaign in seen.campaigns.values():
        mine = [one for one in seen.orders.values() if one.campaign_id == campaign.id]
        if campaign.state == CampaignState.OPEN:
            assert campaign.ordered_units == sum(one.quantity for one in mine if one.state in COUNTED)
        assert campaign.ordered_units <= (campaign.maximum_total or campaign.ordered_units)
        came = sum(
            one.counted - one.damaged for one in seen.crates.values() if one.campaign_id == campaign.id
        )
        at_home = [
            bag for one in mine if (bag := seen.bag_of(one.id)) and bag.order_id not in taken_over(seen)
        ]
        assert sum(bag.units for bag in at_home) <= came
    _check_received(seen)
    _check_left_over(seen)


def _check_left_over(seen: Seen) -> None:
    """Every unit that nobody ordered is somebody's who took it, was used by staff, or still lies there."""
    for left in seen.surplus.values():
        taken = [one for one in answered(seen) if one.state == OfferState.TAKEN]
        somebodys = [
            one.units for one in (*taken, *seen.uses.values()) if one.campaign_id == left.campaign_id
        ]
        assert left.units == left.remaining + sum(somebodys)


def _check_received(seen: Seen) -> None:
    costs, back = kept(seen), refunded(seen)
    for bag in seen.bags.values():
        order = seen.orders[bag.order_id]
        is_last = bag.order_id not in taken_over(seen).values()
        if is_last and seen.parcels[bag.parcel_id].state == ParcelState.HANDED_OVER:
            assert costs[order.id] == (bag.units - back[order.id]) * order.unit_price_minor
            assert back[order.id] <= bag.units


def check_in_step(seen: Seen, now: datetime) -> None:
    """What holds once every job has run: nothing is due, and each bag is where its parcel is."""
    for campaign in seen.campaigns.values():
        assert campaign.state != CampaignState.OPEN or now < campaign.cut_off_at
    for order in seen.orders.values():
        assert order.hold_until is None or now < order.hold_until
    for bag in seen.bags.values():
        parcel = seen.parcels[bag.parcel_id]
        _check_bag(bag, parcel, seen.orders[bag.order_id])
        if bag.state == BagState.COLLECTED and now - bag.ended_at < UNDONE_WITHIN:
            assert parcel.state == ParcelState.HANDED_OVER
        is_free = parcel.state == ParcelState.STORED and parcel.hold_reason in (None, "payment_due")
        assert bag.state != BagState.READY or not is_free or now < bag.collect_until


def _check_bag(bag: Any, parcel: Any, order: Any) -> None:
    """Bag and order say the same, and what the parcel's own state says."""
    assert order.state in ORDER_OF[bag.state]
    if bag.state in LIVE:
        assert parcel.state not in (ParcelState.HANDED_OVER, ParcelState.WRITTEN_OFF)
        assert bag.state != BagState.PACKED or parcel.state != ParcelState.STORED
