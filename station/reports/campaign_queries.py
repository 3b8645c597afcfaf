"""What came of group buys: goods, what nobody collected, complaints and money, a line for each. Reads only.

The same by supplier, so that a manager sees from whom not to buy again.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, literal, select
from sqlalchemy.orm import aliased

from station.claims import queries as claims
from station.core.db import connection
from station.group_buys.bag_store import BagState
from station.group_buys.lifecycle import CampaignState
from station.group_buys.models import Arrival, Campaign, GroupOrder, OrderBag, Supplier
from station.group_buys.news_models import CampaignSurplus, SurplusUse
from station.group_buys.surplus_uses import CAMPAIGN, Way
from station.ledger.chart import AccountKind, JournalKind
from station.ledger.models import LedgerAccount, LedgerJournal, LedgerPosting
from station.ledger.queries import chunks
from station.ledger.settlement_queries import ORDER
from station.ledger.statements import Period
from station.network import queries as network

LEFT = (BagState.LEFT, BagState.SETTLED)
LEFT_USES = {Way.RETURNED: "left_returned", Way.SOLD: "left_sold", Way.GIVEN_AWAY: "left_given_away"}
OTHERS = (AccountKind.SUPPLIER, AccountKind.COMMISSION, AccountKind.STATION)


@dataclass(slots=True)
class Figures:
    """One campaign in figures, or the sum of some in one currency. Units, and money in minor units.

    `left_over`: good units beyond all orders. Staff did something with some; who waited took others.
    `collected` and `complained` are orders, the second of the first (claims.queries.Complaints); what was refunded for
    complaints is in `back_minor` too.
    """

    ordered: int = 0
    allocated: int = 0
    delivered: int = 0
    short: int = 0
    damaged: int = 0
    bagged: int = 0
    unclaimed: int = 0
    sold_minor: int = 0
    commission_minor: int = 0
    back_minor: int = 0
    left_over: int = 0
    left_returned: int = 0
    left_sold: int = 0
    left_given_away: int = 0
    collected: int = 0
    complained: int = 0
    refunded: int = 0
    by_supplier_minor: int = 0
    by_station_minor: int = 0

    @property
    def unclaimed_rate(self) -> float:
        """The part of what stood on a shelf that its buyer left, 0 to 1; 0 when nothing did."""
        return self.unclaimed / self.bagged if self.bagged else 0.0

    @property
    def complaint_rate(self) -> float | None:
        """The part of the orders whose goods were collected that was complained of, 0 to 1; None when none were.

        An order counts once however often it was complained of, and whether money was given back, refused or is still
        being thought about; what its buyer withdrew does not count.
        """
        return self.complained / self.collected if self.collected else None

    def add(self, other: "Figures") -> None:
        """Add another's figures to these."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one campaign."""

    id: int
    number: int
    title: str
    state: CampaignState
    currency: str
    cut_off_at: datetime
    supplier_id: int
    supplier: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Delivered:
    """What came of a supplier's campaigns in one currency: how many there were, and the sum of their figures."""

    supplier_id: int
    supplier: str
    currency: str
    campaigns: int
    figures: Figures


def results(station_id: int, period: Period) -> list[Result]:
    """Return the campaigns whose cut-off falls into a period, drafts left out, the earliest first."""
    zone = ZoneInfo(network.rules(station_id).zone)
    since = datetime.combine(period.first_day, time(), zone)
    until = datetime.combine(period.last_day + timedelta(days=1), time(), zone)
    columns = (Campaign.id, Campaign.number, Campaign.title, Campaign.state, Campaign.currency)
    query = (
        select(*columns, Campaign.cut_off_at, Campaign.supplier_id, Supplier.name, Campaign.ordered_units)
        .join(
            Supplier,
            and_(Supplier.station_id == Campaign.station_id, Supplier.id == Campaign.supplier_id),
        )
        .where(
            Campaign.station_id == station_id,
            Campaign.cut_off_at >= since,
            Campaign.cut_off_at < until,
            Campaign.state != CampaignState.DRAFT,
        )
        .order_by(Campaign.cut_off_at, Campaign.id)
    )
    found: dict[int, Result] = {}
    for row in connection().execute(query):
        facts = (row.id, row.number, row.title, CampaignState(row.state), row.currency, row.cut_off_at)
        figures = Figures(ordered=row.ordered_units)
        found[row.id] = Result(*facts, row.supplier_id, row.name, figures)
    for part in chunks(sorted(found)):
        _add_goods(station_id, part, found)
        _add_bags(station_id, part, found)
        _add_money(station_id, part, found)
        _add_left_over(station_id, part, found)
        _add_complaints(station_id, part, found)
    return list(found.values())


def totals(shown: Sequence[Result]) -> dict[str, Figures]:
    """Return the sums of some results, by currency in the order of their codes."""
    sums: dict[str, Figures] = {
        one.currency: Figures() for one in sorted(shown, key=lambda one: one.currency)
    }
    for one in shown:
        sums[one.currency].add(one.figures)
    return sums


def by_supplier(shown: Sequence[Result]) -> list[Delivered]:
    """Return the sums of some results by supplier and currency, in the order of the suppliers' names."""
    grouped: dict[tuple[str, int, str], list[Result]] = defaultdict(list)
    for one in shown:
        grouped[one.supplier, one.supplier_id, one.currency].append(one)
    return [
        Delivered(supplier_id, name, currency, len(mine), totals(mine)[currency])
        for (name, supplier_id, currency), mine in sorted(grouped.items(), key=lambda each: each[0])
    ]


def _sum(column: Any) -> ColumnElement[int]:
    return func.coalesce(func.sum(column), 0)


def _add_goods(station_id: int, ids: Sequence[int], found: dict[int, Result]) -> None:
    came = select(
        Arrival.campaign_id,
        _sum(Arrival.short).label("short"),
        _sum(Arrival.damaged).label("damaged"),
    ).where(Arrival.station_id == station_id, Arrival.campaign_id.in_(ids))
    wanted = select(
        GroupOrder.campaign_id,
        _sum(GroupOrder.allocated).label("allocated"),
        _sum(GroupOrder.delivered).label("delivered"),
    ).where(GroupOrder.station_id == station_id, GroupOrder.campaign_id.in_(ids))
    for row in connection().execute(came.group_by(Arrival.campaign_id)):
        figures = found[row.campaign_id].figures
        figures.short, figures.damaged = int(row.short), int(row.damaged)
    for row in connection().execute(wanted.group_by(GroupOrder.campaign_id)):
        figures = found[row.campaign_id].figures
        figures.allocated, figures.delivered = int(row.allocated), int(row.delivered)


def _add_bags(station_id: int, ids: Sequence[int], found: dict[int, Result]) -> None:
    """Count the units that stood on a shelf, and those of them that their buyer left.

    A bag that was written off counts in neither: its order says that nothing was delivered.
    """
    query = (
        select(GroupOrder.campaign_id, OrderBag.state, func.sum(OrderBag.units).label("units"))
        .join(
            GroupOrder,
            and_(GroupOrder.station_id == OrderBag.station_id, GroupOrder.id == OrderBag.order_id),
        )
        .where(
            OrderBag.station_id == station_id,
            GroupOrder.campaign_id.in_(ids),
            OrderBag.ready_at.is_not(None),
            func.coalesce(GroupOrder.delivered, 1) > 0,
        )
        .group_by(GroupOrder.campaign_id, OrderBag.state)
    )
    for campaign_id, state, units in connection().execute(query):
        figures = found[campaign_id].figures
        figures.bagged += int(units)
        if state in LEFT:
            figures.unclaimed += int(units)


def _add_money(station_id: int, ids: Sequence[int], found: dict[int, Result]) -> None:
    """Add what buyers paid for the goods, what they got back, and the commission that stays."""
    for row in connection().execute(_moves(station_id, ids)):
        figures, amount = found[row.campaign_id].figures, int(row.amount)
        if row.debit == AccountKind.RESIDENT and row.credit in OTHERS:
            figures.sold_minor += amount
        if row.credit == AccountKind.RESIDENT and row.debit in (*OTHERS, AccountKind.WASTE):
            figures.back_minor += amount
        figures.commission_minor += amount * (row.credit == AccountKind.COMMISSION)
        figures.commission_minor -= amount * (row.debit == AccountKind.COMMISSION)


def _add_left_over(station_id: int, ids: Sequence[int], found: dict[int, Result]) -> None:
    """Count what was left over and what staff did with it; what was sold for cash is sold like the rest."""
    came = select(CampaignSurplus.campaign_id, CampaignSurplus.units).where(
        CampaignSurplus.station_id == station_id, CampaignSurplus.campaign_id.in_(ids)
    )
    for campaign_id, units in connection().execute(came):
        found[campaign_id].figures.left_over = units
    uses = select(SurplusUse.campaign_id, SurplusUse.way, func.sum(SurplusUse.units)).where(
        SurplusUse.station_id == station_id, SurplusUse.campaign_id.in_(ids)
    )
    for campaign_id, way, units in connection().execute(
        uses.group_by(SurplusUse.campaign_id, SurplusUse.way)
    ):
        figures = found[campaign_id].figures
        setattr(figures, LEFT_USES[Way(way)], int(units))
    _add_cash_sales(station_id, ids, found)


def _add_cash_sales(station_id: int, ids: Sequence[int], found: dict[int, Result]) -> None:
    kinds = aliased(LedgerAccount)
    here = LedgerPosting.station_id
    names = [f"{CAMPAIGN}{one}" for one in ids]
    query = (
        select(LedgerJournal.refers_to, kinds.kind, func.sum(LedgerPosting.amount_minor))
        .join(
            LedgerPosting,
            and_(here == LedgerJournal.station_id, LedgerPosting.journal_id == LedgerJournal.id),
        )
        .join(kinds, and_(kinds.station_id == here, kinds.id == LedgerPosting.credit_account_id))
        .where(
            LedgerJournal.station_id == station_id,
            LedgerJournal.refers_to.in_(names),
            LedgerJournal.kind == JournalKind.SALE,
        )
        .group_by(LedgerJournal.refers_to, kinds.kind)
    )
    for refers_to, kind, amount in connection().execute(query):
        figures = found[int(refers_to.removeprefix(CAMPAIGN))].figures
        figures.sold_minor += int(amount)
        figures.commission_minor += int(amount) * (kind == AccountKind.COMMISSION)


def _add_complaints(station_id: int, ids: Sequence[int], found: dict[int, Result]) -> None:
    for campaign_id, one in claims.of_campaigns(station_id, ids).items():
        figures = found[campaign_id].figures
        figures.collected, figures.complained, figures.refunded = one.collected, one.orders, one.units
        figures.by_supplier_minor, figures.by_station_minor = one.supplier_minor, one.station_minor


def _moves(station_id: int, ids: Sequence[int]) -> Select[Any]:
    debit, credit = aliased(LedgerAccount), aliased(LedgerAccount)
    here = LedgerPosting.station_id
    return (
        select(
            GroupOrder.campaign_id,
            debit.kind.label("debit"),
            credit.kind.label("credit"),
            func.sum(LedgerPosting.amount_minor).label("amount"),
        )
        .select_from(GroupOrder)
        .join(
            LedgerJournal,
            and_(
                LedgerJournal.station_id == GroupOrder.station_id,
                LedgerJournal.refers_to == literal(ORDER) + cast(GroupOrder.id, String),
            ),
        )
        .join(
            LedgerPosting,
            and_(here == LedgerJournal.station_id, LedgerPosting.journal_id == LedgerJournal.id),
        )
        .join(debit, and_(debit.station_id == here, debit.id == LedgerPosting.debit_account_id))
        .join(credit, and_(credit.station_id == here, credit.id == LedgerPosting.credit_account_id))
        .where(GroupOrder.station_id == station_id, GroupOrder.campaign_id.in_(ids))
        .group_by(GroupOrder.campaign_id, debit.kind, credit.kind)
    )
