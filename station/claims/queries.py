"""Reads of claims for pages: those that wait, those that were answered, one with its story, and how many there are.

For reports: what was complained about, campaign by campaign.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, distinct, func, or_, select

from station.claims import pictures, service, store
from station.claims.models import OrderClaim
from station.claims.rules import WAITS, BorneBy, ClaimState
from station.claims.service import Room
from station.claims.store import COLUMNS, Claim
from station.core import clock
from station.core.db import connection
from station.group_buys import store as buys
from station.group_buys.lifecycle import OrderState
from station.group_buys.models import Campaign, GroupOrder, OrderBag
from station.group_buys.store import Current, Order
from station.residents import queries as residents
from station.residents.queries import Contact

PAGE = 30  # answered claims on one page

_OF_ORDER = and_(GroupOrder.station_id == OrderClaim.station_id, GroupOrder.id == OrderClaim.order_id)
_OF_CAMPAIGN = and_(Campaign.station_id == GroupOrder.station_id, Campaign.id == GroupOrder.campaign_id)
_IS_OPEN = OrderClaim.state == ClaimState.OPEN


@dataclass(frozen=True, slots=True)
class Row:
    """A claim of a list: about what, whose, masked, and the first of its pictures."""

    claim: Claim
    campaign_id: int
    title: str
    currency: str
    contact: Contact
    places: list[int]

    @property
    def is_late(self) -> bool:
        """Tell whether it waits for an answer for too long."""
        return self.claim.state == ClaimState.OPEN and self.claim.made_at + WAITS <= clock.now()


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many claims wait for an answer, and how many of them for too long."""

    open: int
    late: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A claim with the numbers of its pictures."""

    claim: Claim
    places: list[int]


@dataclass(frozen=True, slots=True)
class AfterSales:
    """An order's claims, the newest first, and what more can be claimed."""

    room: Room
    claims: list[Shown]


@dataclass(frozen=True, slots=True)
class Case:
    """A claim with all that whoever answers it looks at. `earlier`: the order's other claims, the oldest first."""

    shown: Shown
    order: Order
    campaign: Current
    contact: Contact
    earlier: list[Claim]
    parcel_id: int | None
    point_station_id: int | None
    ready_at: datetime | None
    collected_at: datetime | None


@dataclass(frozen=True, slots=True)
class Complaints:
    """What was complained about of a campaign, withdrawn claims left out.

    `collected`: orders whose goods their buyer took, those among them too that were brought back after a complaint;
    `orders`: of these, the ones complained of, whatever was answered. `units` were refunded: `supplier_minor` at the
    cost of the supplier and whoever else had a part of the sale, `station_minor` at the station's alone.
    """

    collected: int
    orders: int
    units: int
    supplier_minor: int
    station_minor: int


def of_campaigns(station_id: int, campaign_ids: Sequence[int]) -> dict[int, Complaints]:
    """Return what was complained about, by campaign; a campaign without orders is left out."""
    is_collected = or_(GroupOrder.state == OrderState.COLLECTED, OrderClaim.id.is_not(None))
    columns = (
        func.count(distinct(case((is_collected, GroupOrder.id)))),
        func.count(distinct(OrderClaim.order_id)),
        func.coalesce(func.sum(OrderClaim.refunded_units), 0),
        *(_borne_by(one) for one in (BorneBy.SUPPLIER, BorneBy.STATION)),
    )
    query = (
        select(GroupOrder.campaign_id, *columns)
        .outerjoin(OrderClaim, and_(_OF_ORDER, OrderClaim.state != ClaimState.WITHDRAWN))
        .where(GroupOrder.station_id == station_id, GroupOrder.campaign_id.in_(campaign_ids))
        .group_by(GroupOrder.campaign_id)
    )
    rows = connection().execute(query)
    return {campaign_id: Complaints(*map(int, counts)) for campaign_id, *counts in rows}


def _borne_by(who: BorneBy) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((OrderClaim.borne_by == who, OrderClaim.amount_minor))), 0)


def waiting(station_id: int, campaign_id: int | None = None) -> list[Row]:
    """Return the claims that wait for an answer, the oldest first; of one campaign, or all."""
    query = _rows(station_id, campaign_id).where(_IS_OPEN).order_by(OrderClaim.id)
    return _read(station_id, connection().execute(query))


def answered(station_id: int, campaign_id: int | None = None, *, before: int | None = None) -> list[Row]:
    """Return the claims that are over, the newest first; at most PAGE, behind the id `before`."""
    query = _rows(station_id, campaign_id).where(OrderClaim.state != ClaimState.OPEN)
    if before is not None:
        query = query.where(OrderClaim.id < before)
    return _read(station_id, connection().execute(query.order_by(OrderClaim.id.desc()).limit(PAGE)))


def _rows(station_id: int, campaign_id: int | None) -> Select[Any]:
    columns = (GroupOrder.campaign_id, Campaign.title, Campaign.currency, GroupOrder.recipient_id)
    query = select(*COLUMNS, *columns).join(GroupOrder, _OF_ORDER).join(Campaign, _OF_CAMPAIGN)
    query = query.where(OrderClaim.station_id == station_id)
    return query if campaign_id is None else query.where(GroupOrder.campaign_id == campaign_id)


def _read(station_id: int, rows: Iterable[Any]) -> list[Row]:
    found = [(Claim(*row[: len(COLUMNS)]), *row[len(COLUMNS) :]) for row in rows]
    people = residents.contacts(station_id, [one[-1] for one in found])
    places = pictures.places(station_id, [one[0].id for one in found])
    return [
        Row(claim, campaign_id, title, currency, people[recipient_id], places[claim.id])
        for claim, campaign_id, title, currency, recipient_id in found
    ]


def count(station_id: int, campaign_id: int | None = None) -> Waiting:
    """Return how many claims wait, of one campaign or of all."""
    is_late = case((OrderClaim.made_at <= clock.now() - WAITS, 1), else_=0)
    query = _rows(station_id, campaign_id).where(_IS_OPEN)
    row = connection().execute(query.with_only_columns(func.count(), func.sum(is_late))).one()
    return Waiting(row[0], int(row[1] or 0))


def count_over(station_id: int, campaign_id: int) -> int:
    """Return how many claims of a campaign are over."""
    query = _rows(station_id, campaign_id).where(OrderClaim.state != ClaimState.OPEN)
    return connection().scalar(query.with_only_columns(func.count())) or 0


def of_order(station_id: int, order: Order) -> AfterSales:
    """Return what was claimed of an order, and what more can be."""
    found = store.of_order(station_id, order.id)
    return AfterSales(service.room(station_id, order), _shown(station_id, found[::-1]))


def _shown(station_id: int, found: Sequence[Claim]) -> list[Shown]:
    places = pictures.places(station_id, [one.id for one in found])
    return [Shown(one, places[one.id]) for one in found]


def one(station_id: int, claim_id: int) -> Case:
    """Return a claim with its order's story. Raises StationError `not_found`."""
    claim = store.get(station_id, claim_id)
    order = buys.look_order(station_id, claim.order_id)
    bag = _bag(station_id, order.id)
    return Case(
        shown=_shown(station_id, [claim])[0],
        order=order,
        campaign=buys.look_campaign(station_id, order.campaign_id),
        contact=residents.contacts(station_id, [order.recipient_id])[order.recipient_id],
        earlier=[one for one in store.of_order(station_id, order.id) if one.id != claim_id],
        parcel_id=bag.parcel_id if bag else None,
        point_station_id=bag.point_station_id if bag else None,
        ready_at=bag.ready_at if bag else None,
        collected_at=bag.ended_at if bag else None,
    )


def _bag(station_id: int, order_id: int) -> Any:
    columns = (OrderBag.parcel_id, OrderBag.point_station_id, OrderBag.ready_at, OrderBag.ended_at)
    mine: tuple[ColumnElement[bool], ...] = (
        OrderBag.station_id == station_id,
        OrderBag.order_id == order_id,
    )
    return connection().execute(select(*columns).where(*mine)).one_or_none()
