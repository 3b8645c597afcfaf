"""What is packed for whom: a station's bags of group buys, for lists to print and for the pages of the work."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, exists, or_, select

from station.core.db import connection
from station.group_buys import arrival, bag_store, store, surplus
from station.group_buys.bag_store import Bag, BagState
from station.group_buys.lifecycle import CampaignState
from station.group_buys.models import Campaign, GroupOrder, OrderBag
from station.group_buys.news_models import CampaignSurplus
from station.group_buys.store import CAMPAIGN_COLUMNS, Current, Order
from station.ledger.queries import local_today
from station.parcels import store as parcels
from station.parcels.lifecycle import ParcelState
from station.residents import queries as people
from station.residents.queries import Contact

WORK = (CampaignState.CLOSED, CampaignState.ORDERED, CampaignState.ARRIVED, CampaignState.SHARING)
STORAGES = ("frozen", "chilled", "room")
"""Each is printed apart: what is frozen leaves its freezer last."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A bag with whose it is, masked, and where its parcel stands."""

    bag: Bag
    order: Order
    campaign: Current
    contact: Contact | None
    waybill: str
    pickup_code: str | None
    parcel_state: str
    hold_reason: str | None

    @property
    def is_to_shelve(self) -> bool:
        """Whether it stands on no shelf yet."""
        return self.parcel_state == ParcelState.EXPECTED

    @property
    def is_to_clear(self) -> bool:
        """Whether it has to be taken off its shelf: what becomes of it is settled."""
        return self.bag.state == BagState.SETTLED and self.parcel_state == ParcelState.RETURNING


@dataclass(frozen=True, slots=True)
class Work:
    """A campaign with what is to be done for it now."""

    campaign: Current
    crates: int
    to_shelve: int
    waiting: int
    to_clear: int
    left_over: int
    is_late: bool


def of_campaign(station_id: int, campaign_id: int) -> list[Packed]:
    """Return a campaign's bags in the order of sign-up, those settled too."""
    return _packed(station_id, [store.look_campaign(station_id, campaign_id)])


def to_pack(station_id: int) -> dict[str, list[Packed]]:
    """Return what is to be packed of all campaigns being shared out, by how it is kept, each by buyer."""
    sharing = _running(station_id, Campaign.state == CampaignState.SHARING)
    found: dict[str, list[Packed]] = {storage: [] for storage in STORAGES}
    for one in _packed(station_id, sharing):
        if one.bag.state == BagState.PACKED:
            found[one.campaign.storage].append(one)
    return {storage: sorted(rows, key=_by_buyer) for storage, rows in found.items() if rows}


def _by_buyer(one: Packed) -> tuple[str, int, int]:
    return (one.contact.phone_tail if one.contact else "", one.order.recipient_id, one.campaign.number)


def totals(rows: Sequence[Packed]) -> list[tuple[Current, int]]:
    """Return how many units of each campaign's goods are needed for these bags."""
    units: Counter[int] = Counter()
    for one in rows:
        units[one.campaign.id] += one.bag.units
    campaigns = {one.campaign.id: one.campaign for one in rows}
    return sorted(((campaigns[each], count) for each, count in units.items()), key=lambda row: row[0].number)


def work(station_id: int) -> list[Work]:
    """Return the campaigns between cut-off and end with what is to be done, the one that is due first before others.

    One that is over stays as long as something is left over of it.
    """
    running = _running(station_id, or_(Campaign.state.in_(WORK), _is_left_over()))
    today = local_today(station_id)
    per_campaign: dict[int, list[Packed]] = defaultdict(list)
    for one in _packed(station_id, running):
        per_campaign[one.campaign.id].append(one)
    return [_work(station_id, one, per_campaign[one.id], today=today) for one in running]


def _work(station_id: int, campaign: Current, packed: list[Packed], *, today: date) -> Work:
    crates = len(arrival.crates(station_id, campaign.id)) if campaign.state == CampaignState.ORDERED else 0
    return Work(
        campaign=campaign,
        crates=crates,
        to_shelve=sum(one.is_to_shelve for one in packed),
        waiting=sum(one.bag.state in (BagState.READY, BagState.LEFT) for one in packed),
        to_clear=sum(one.is_to_clear for one in packed),
        left_over=surplus.free_units(station_id, campaign.id),
        is_late=campaign.state == CampaignState.ORDERED and not crates and campaign.arrives_on < today,
    )


def _is_left_over() -> ColumnElement[bool]:
    mine = (CampaignSurplus.station_id == Campaign.station_id, CampaignSurplus.campaign_id == Campaign.id)
    return exists().where(*mine, CampaignSurplus.remaining > 0)


def _running(station_id: int, which: ColumnElement[bool]) -> list[Current]:
    query = select(*CAMPAIGN_COLUMNS).where(Campaign.station_id == station_id, which)
    return [Current(*row) for row in connection().execute(query.order_by(Campaign.arrives_on, Campaign.id))]


def _packed(station_id: int, campaigns: Sequence[Current]) -> list[Packed]:
    by_id = {one.id: one for one in campaigns}
    orders = _orders(station_id, list(by_id))
    bags = bag_store.find(station_id, OrderBag.order_id.in_(list(orders)))
    contacts = people.contacts(station_id, [one.recipient_id for one in orders.values()])
    standing = _standing(bags)
    found = [
        Packed(
            bag=bag,
            order=orders[bag.order_id],
            campaign=by_id[orders[bag.order_id].campaign_id],
            contact=contacts.get(orders[bag.order_id].recipient_id),
            waybill=standing[bag.parcel_id].waybill,
            pickup_code=standing[bag.parcel_id].pickup_code,
            parcel_state=standing[bag.parcel_id].state,
            hold_reason=standing[bag.parcel_id].hold_reason,
        )
        for bag in bags
    ]
    return sorted(found, key=lambda one: (one.order.ranked_at, one.order.id))


def _orders(station_id: int, campaign_ids: list[int]) -> dict[int, Order]:
    query = select(*store.ORDER_COLUMNS).where(
        GroupOrder.station_id == station_id, GroupOrder.campaign_id.in_(campaign_ids)
    )
    return {row.id: Order(*row) for row in connection().execute(query)}


def _standing(bags: Sequence[Bag]) -> dict[int, parcels.Current]:
    per_point: dict[int, list[int]] = defaultdict(list)
    for bag in bags:
        per_point[bag.point_station_id].append(bag.parcel_id)
    return {
        parcel.id: parcel
        for point, parcel_ids in sorted(per_point.items())
        for parcel in parcels.look(point, parcel_ids)
    }
