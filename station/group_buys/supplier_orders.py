"""The order a supplier gets for a campaign: made once, kept as it was written, sent by e-mail or handed over.

It says what is bought and where it is delivered; it names no buyer.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, insert, select, update

from station.core import clock, ids
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.i18n import lazy as _l
from station.core.i18n import speaking
from station.core.moments import whole_day
from station.core.money import format_money
from station.events.service import Event, append
from station.group_buys import charges, sharing_store, store, suppliers
from station.group_buys.lifecycle import CampaignAction, OrderState
from station.group_buys.models import Campaign, Supplier, SupplierOrder
from station.group_buys.store import Current, Order
from station.network import queries as network


@dataclass(frozen=True, slots=True)
class Made:
    """A supplier's order as it is kept; `text` is in the supplier's language, one fact a line."""

    id: int
    campaign_id: int
    units: int
    boxes: int
    text: str
    made_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Unsent:
    """An order that waits to go out by e-mail."""

    id: int
    title: str
    text: str
    email: str
    language: str


STORAGES = {"room": _l("at room temperature"), "chilled": _l("chilled"), "frozen": _l("frozen")}
_COLUMNS = tuple(getattr(SupplierOrder, name) for name in Made.__slots__)


def make(actor: Actor, campaign_id: int) -> int:
    """Make the order of a closed campaign; return its id. The e-mail, if there is an address, is the job's.

    Whole boxes: where buyers gave late orders back, the last one is filled up, and what is nobody's is left over.
    Raises StationError `campaign_moved_on` unless the campaign is closed, nothing was ordered yet and somebody buys.
    """
    campaign = store.campaign(actor.station_id, campaign_id)
    store.next_campaign_state(campaign, CampaignAction.SEND)
    orders = sharing_store.orders(actor.station_id, campaign_id, {OrderState.ALLOCATED})
    supplier = suppliers.get(actor.station_id, campaign.supplier_id)
    boxes, order_id, now = _boxes(campaign, orders), ids.next_id(), clock.now()
    if not boxes:
        raise StationError("campaign_moved_on", _("Nobody buys any more. Call it off."))
    with speaking(supplier.language):
        text = "\n".join(f"{label}: {value}" for label, value in _facts(actor.station_id, campaign, orders))
    units = boxes * campaign.box_size
    values = {"campaign_id": campaign_id, "units": units, "boxes": boxes, "text": text}
    connection().execute(
        insert(SupplierOrder).values(station_id=actor.station_id, id=order_id, made_at=now, **values)
    )
    sharing_store.advance(actor.station_id, campaign, CampaignAction.SEND, sent_at=now)
    facts = {"campaign": str(campaign_id), "order": str(order_id), "units": units}
    append(actor, Event("supplier_order_made", data=facts))
    return order_id


def _boxes(campaign: Current, orders: list[Order]) -> int:
    return -(-sum(one.allocated or 0 for one in orders) // campaign.box_size)


def _facts(station_id: int, campaign: Current, orders: list[Order]) -> list[tuple[str, str]]:
    """Return what the supplier has to know, in the language spoken now."""
    rules = network.rules(station_id)
    boxes = _boxes(campaign, orders)
    units = boxes * campaign.box_size
    facts = [
        (_("Order number"), f"{rules.name} {campaign.number}"),
        (_("Goods"), campaign.title),
        (_("One unit"), campaign.unit),
        (_("Units"), str(units)),
    ]
    if campaign.box_size > 1:
        facts.append((_("Boxes"), _("%(boxes)s of %(size)s units", boxes=boxes, size=campaign.box_size)))
    facts += [
        (_("Please deliver on"), f"{whole_day(campaign.arrives_on)} ({campaign.arrives_on.isoformat()})"),
        (_("Keep"), _(STORAGES[campaign.storage])),
        (_("Amount for you"), format_money(_for_supplier(station_id, campaign, orders), campaign.currency)),
    ]
    return facts + _places(station_id, orders)


def _places(station_id: int, orders: list[Order]) -> list[tuple[str, str]]:
    """Return where how much is collected, when that is not the station alone."""
    per_point: Counter[int] = Counter()
    for one in orders:
        per_point[one.point_station_id] += one.allocated or 0
    if set(per_point) <= {station_id}:
        return []
    label = _("Of these for")
    return [(label, f"{network.rules(point).name}: {units}") for point, units in sorted(per_point.items())]


def _for_supplier(station_id: int, campaign: Current, orders: list[Order]) -> int:
    points = sharing_store.point_shares(station_id, campaign.id)
    return sum(
        charges.split(
            (one.allocated or 0) * (one.unit_price_minor or 0), charges.rates(campaign, one, points)
        ).supplier
        for one in orders
    )


def of_campaign(station_id: int, campaign_id: int) -> Made | None:
    """Return the order of a campaign, None before there is one."""
    query = select(*_COLUMNS).where(
        SupplierOrder.station_id == station_id, SupplierOrder.campaign_id == campaign_id
    )
    row = connection().execute(query).one_or_none()
    return Made(*row) if row else None


def mark_sent(actor: Actor, order_id: int, *, way: str) -> bool:
    """Note that an order reached its supplier (`way`: email or by_hand); False when that was noted before.

    Raises StationError `not_found`.
    """
    mine = (SupplierOrder.station_id == actor.station_id, SupplierOrder.id == order_id)
    if connection().scalar(select(SupplierOrder.id).where(*mine)) is None:
        raise StationError("not_found", _("There is no such order."))
    sent = update(SupplierOrder).where(*mine, SupplierOrder.sent_at.is_(None)).values(sent_at=clock.now())
    if not connection().execute(sent).rowcount:
        return False
    append(actor, Event("supplier_order_sent", data={"order": str(order_id), "way": way}))
    return True


def unsent(station_id: int) -> list[Unsent]:
    """Return the orders that wait to go out by e-mail, the oldest first."""
    query = (
        select(SupplierOrder.id, SupplierOrder.campaign_id, SupplierOrder.text)
        .where(SupplierOrder.station_id == station_id, SupplierOrder.sent_at.is_(None))
        .order_by(SupplierOrder.id)
    )
    found = []
    for order_id, campaign_id, text in connection().execute(query).all():
        campaign = store.look_campaign(station_id, campaign_id)
        supplier = suppliers.get(station_id, campaign.supplier_id)
        if supplier.email:
            found.append(Unsent(order_id, campaign.title, text, supplier.email, supplier.language))
    return found


def stations_with_unsent() -> list[int]:
    """Return the stations where an order waits for its e-mail."""
    of_campaign = and_(
        Campaign.station_id == SupplierOrder.station_id, Campaign.id == SupplierOrder.campaign_id
    )
    of_supplier = and_(Supplier.station_id == Campaign.station_id, Supplier.id == Campaign.supplier_id)
    query = (
        select(SupplierOrder.station_id)
        .join(Campaign, of_campaign)
        .join(Supplier, of_supplier)
        .where(SupplierOrder.sent_at.is_(None), Supplier.email.is_not(None))
    )
    return list(connection().scalars(query.distinct().order_by(SupplierOrder.station_id)))
