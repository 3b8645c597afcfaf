"""Reads of group buys: the manager's list, one campaign with its totals and orders, what residents may order."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, func, select

from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.group_buys import pictures, prices, store
from station.group_buys.lifecycle import CAMPAIGN_ENDS, OVER, CampaignState, OrderState
from station.group_buys.models import Campaign, GroupOrder
from station.group_buys.prices import NextTier, Tier
from station.group_buys.store import CAMPAIGN_COLUMNS, ORDER_COLUMNS, Current, Order
from station.network.models import Station
from station.residents import queries as residents
from station.residents.queries import Contact

PAGE = 30  # campaigns or orders on one page
MOST_OFFERED = 50  # open campaigns of one station that residents are shown; source: ours
MOST_PARTNERS = 40  # other stations of the city that the form offers; source: ours


@dataclass(frozen=True, slots=True)
class Offer:
    """A campaign with its prices as people see it. `picture_id`: of the first picture, if there is one.

    `charged_minor`: the price that the cut-off settled, which units from tolerance may have lowered; None before it.
    """

    station_id: int
    campaign: Current
    tiers: tuple[Tier, ...]
    picture_id: int | None
    charged_minor: int | None = None

    @property
    def price_minor(self) -> int:
        """The price of a unit as it was charged, or by what is ordered so far."""
        return self.charged_minor or prices.price_at(self.tiers, self.campaign.ordered_units)

    @property
    def next_tier(self) -> NextTier | None:
        """The next lower price, None when there is none within reach, or the cut-off settled the price."""
        if self.charged_minor is not None:
            return None
        return prices.next_tier(self.tiers, self.campaign.ordered_units, self.campaign.maximum_total)

    @property
    def goal(self) -> int | None:
        """The total that the bar of progress is drawn against: the next price, the minimum, or all there is.

        None when nothing limits it, and after a cut-off that settled the price.
        """
        minimum = self.campaign.minimum_total
        if self.charged_minor is not None:
            return None
        if minimum is not None and self.campaign.ordered_units < minimum:
            return minimum
        return self.next_tier.tier.from_total if self.next_tier else self.campaign.maximum_total


@dataclass(frozen=True, slots=True)
class Totals:
    """How many people and units a campaign has in each standing. `tolerance`: on top of what is ordered."""

    people: int = 0
    units: int = 0
    tolerance: int = 0
    held_people: int = 0
    held_units: int = 0
    waiting_people: int = 0
    waiting_units: int = 0


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order with whose it is, masked."""

    order: Order
    contact: Contact


@dataclass(frozen=True, slots=True)
class Mine:
    """An order of a resident with its campaign."""

    order: Order
    offer: Offer


def offer(station_id: int, campaign_id: int) -> Offer:
    """Return a campaign with its prices. Raises StationError `not_found`."""
    return _offers(station_id, [store.look_campaign(station_id, campaign_id)])[0]


def shared(station_id: int, share_token: str) -> Offer:
    """Return the campaign of a share link. Raises StationError `not_found`, for a draft too."""
    mine = (Campaign.station_id == station_id, Campaign.share_token == share_token)
    query = select(*CAMPAIGN_COLUMNS).where(*mine, Campaign.state != CampaignState.DRAFT)
    row = connection().execute(query).one_or_none()
    if row is None:
        raise StationError("not_found", _("There is no such group buy. Ask at the counter."))
    return _offers(station_id, [Current(*row)])[0]


def running(station_id: int) -> list[Offer]:
    """Return the station's campaigns that are not over, the next cut-off first; drafts last."""
    is_draft = case((Campaign.state == CampaignState.DRAFT, 1), else_=0)
    query = _campaigns(station_id).where(Campaign.state.not_in(CAMPAIGN_ENDS))
    return _read(station_id, query.order_by(is_draft, Campaign.cut_off_at, Campaign.id))


def over(station_id: int, *, before: int | None = None) -> list[Offer]:
    """Return campaigns that are over, the newest first; at most PAGE, behind the id `before`."""
    query = _campaigns(station_id).where(Campaign.state.in_(CAMPAIGN_ENDS))
    if before is not None:
        query = query.where(Campaign.id < before)
    return _read(station_id, query.order_by(Campaign.id.desc()).limit(PAGE))


def offered(station_id: int) -> list[Offer]:
    """Return what residents may see to order, the next cut-off first; at most MOST_OFFERED."""
    query = _campaigns(station_id).where(Campaign.state == CampaignState.OPEN)
    return _read(station_id, query.order_by(Campaign.cut_off_at, Campaign.id).limit(MOST_OFFERED))


def by_ids(station_id: int, campaign_ids: Collection[int]) -> dict[int, Offer]:
    """Return several campaigns by their ids."""
    query = _campaigns(station_id).where(Campaign.id.in_(sorted(campaign_ids)))
    return {one.campaign.id: one for one in _read(station_id, query.order_by(Campaign.id))}


def _campaigns(station_id: int) -> Select[Any]:
    return select(*CAMPAIGN_COLUMNS).where(Campaign.station_id == station_id)


def _read(station_id: int, query: Select[Any]) -> list[Offer]:
    return _offers(station_id, [Current(*row) for row in connection().execute(query)])


def _offers(station_id: int, found: Sequence[Current]) -> list[Offer]:
    campaign_ids = [one.id for one in found]
    tiers = store.tiers_of(station_id, campaign_ids)
    first = pictures.first_of(station_id, campaign_ids)
    charged = _charged(station_id, [one.id for one in found if one.closed_at])
    return [Offer(station_id, one, tiers[one.id], first.get(one.id), charged.get(one.id)) for one in found]


def _charged(station_id: int, campaign_ids: Sequence[int]) -> dict[int, int]:
    """Return at which price each campaign's units were charged; a campaign that charged nobody is not in it."""
    if not campaign_ids:
        return {}
    query = (
        select(GroupOrder.campaign_id, func.min(GroupOrder.unit_price_minor))
        .where(GroupOrder.station_id == station_id, GroupOrder.campaign_id.in_(campaign_ids))
        .where(GroupOrder.unit_price_minor.is_not(None))
        .group_by(GroupOrder.campaign_id)
    )
    return {campaign_id: int(price) for campaign_id, price in connection().execute(query)}


def totals(station_id: int, campaign_id: int) -> Totals:
    """Return a campaign's people and units in each standing, orders that are over not counted."""
    query = (
        select(
            GroupOrder.state,
            func.count().label("people"),
            func.sum(GroupOrder.quantity).label("units"),
            func.sum(GroupOrder.tolerance).label("tolerance"),
        )
        .where(GroupOrder.station_id == station_id, GroupOrder.campaign_id == campaign_id)
        .where(GroupOrder.state.not_in(sorted(OVER)))
        .group_by(GroupOrder.state)
    )
    rows = {row.state: row for row in connection().execute(query)}
    counted = [row for state, row in rows.items() if state != OrderState.WAITING]
    held, waits = rows.get(OrderState.HELD), rows.get(OrderState.WAITING)
    return Totals(
        people=sum(int(row.people) for row in counted),
        units=sum(int(row.units) for row in counted),
        tolerance=sum(int(row.tolerance) for row in counted),
        held_people=int(held.people) if held else 0,
        held_units=int(held.units) if held else 0,
        waiting_people=int(waits.people) if waits else 0,
        waiting_units=int(waits.units) if waits else 0,
    )


def orders(station_id: int, campaign_id: int, *, after: int = 0) -> list[OrderRow]:
    """Return a campaign's orders as they were made, masked; at most PAGE, behind the order `after`."""
    query = select(*ORDER_COLUMNS).where(
        GroupOrder.station_id == station_id, GroupOrder.campaign_id == campaign_id, GroupOrder.id > after
    )
    rows = [Order(*row) for row in connection().execute(query.order_by(GroupOrder.id).limit(PAGE))]
    people = residents.contacts(station_id, [row.recipient_id for row in rows])
    return [OrderRow(row, people[row.recipient_id]) for row in rows]


def place_in_line(station_id: int, order: Order) -> int:
    """Return how many wait before an order of the waiting list."""
    earlier = (GroupOrder.ranked_at < order.ranked_at) | (
        (GroupOrder.ranked_at == order.ranked_at) & (GroupOrder.id < order.id)
    )
    query = select(func.count()).where(
        GroupOrder.station_id == station_id,
        GroupOrder.campaign_id == order.campaign_id,
        GroupOrder.state == OrderState.WAITING,
        earlier,
    )
    return connection().scalar(query) or 0


def orders_of(station_id: int, recipient_ids: Collection[int], *, limit: int = PAGE) -> list[Mine]:
    """Return the newest orders of a person's entries, with their campaigns."""
    query = select(*ORDER_COLUMNS).where(
        GroupOrder.station_id == station_id, GroupOrder.recipient_id.in_(sorted(recipient_ids))
    )
    rows = connection().execute(query.order_by(GroupOrder.id.desc()).limit(limit))
    found = [Order(*row) for row in rows]
    campaigns = by_ids(station_id, {order.campaign_id for order in found})
    return [Mine(order, campaigns[order.campaign_id]) for order in found]


def order_in(station_id: int, campaign_id: int, recipient_ids: Collection[int]) -> Order | None:
    """Return the newest order that somebody's entries have in a campaign, one that counts before one that is over."""
    is_over = case((GroupOrder.state.in_(sorted(OVER)), 1), else_=0)
    query = (
        select(*ORDER_COLUMNS)
        .where(
            GroupOrder.station_id == station_id,
            GroupOrder.campaign_id == campaign_id,
            GroupOrder.recipient_id.in_(sorted(recipient_ids)),
        )
        .order_by(is_over, GroupOrder.id.desc())
        .limit(1)
    )
    row = connection().execute(query).one_or_none()
    return Order(*row) if row else None


def partners(station_id: int) -> list[tuple[int, str]]:
    """Return id and name of the city's other stations, by name; at most MOST_PARTNERS."""
    city = select(Station.city_id).where(Station.id == station_id).scalar_subquery()
    query = select(Station.id, Station.name).where(Station.city_id == city, Station.id != station_id)
    return [
        (row.id, row.name)
        for row in connection().execute(query.order_by(Station.name, Station.id).limit(MOST_PARTNERS))
    ]


def names(station_ids: Collection[int]) -> dict[int, str]:
    """Return the names of stations."""
    query = select(Station.id, Station.name).where(Station.id.in_(sorted(station_ids)))
    return {row.id: row.name for row in connection().execute(query)}
