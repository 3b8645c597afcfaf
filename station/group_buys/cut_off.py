"""Cut-off: a campaign whose time is over is closed, shared out, charged and told of, all in one transaction.

What is chosen in the campaign decides how far it goes: `close` lets the manager order; `close_if_minimum` lets the
campaign fail below its minimum; `close_and_order` does so too and makes the supplier's order at once. Who gets how much
is allocation.py's. A campaign nobody ordered from fails whatever was chosen.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from station.core import clock
from station.core.actor import Actor, system_actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.events.service import Event, append, take_turn
from station.group_buys import charges, messages, sharing_store, store, supplier_orders, waiting
from station.group_buys.allocation import Allocation, Share, Terms, Wish, allocate
from station.group_buys.lifecycle import (
    BEFORE_CUT_OFF,
    CampaignAction,
    CampaignState,
    OrderAction,
    OrderState,
)
from station.group_buys.messages import GroupNote
from station.group_buys.models import OPEN, Campaign
from station.group_buys.plans import AtCutOff
from station.group_buys.prices import price_at
from station.group_buys.sharing_store import Change
from station.group_buys.store import Current, Order
from station.ledger import service as ledger

MINIMUM_BINDS = frozenset({AtCutOff.CLOSE_IF_MINIMUM, AtCutOff.CLOSE_AND_ORDER})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a cut-off came to."""

    state: CampaignState
    units: int
    buyers: int


def due_stations(now: datetime) -> list[int]:
    """Return the stations where a campaign's cut-off has passed. Reads only; takes no lock."""
    query = select(Campaign.station_id).where(OPEN, Campaign.cut_off_at <= now).distinct()
    return [int(row.station_id) for row in connection().execute(query.order_by(Campaign.station_id))]


def cut_off_next(station_id: int) -> int | None:
    """Cut off the station's longest due campaign; return its id, None when nothing is due. Safe late and twice."""
    take_turn(station_id)
    query = (
        select(Campaign.id)
        .where(Campaign.station_id == station_id, OPEN, Campaign.cut_off_at <= clock.now())
        .order_by(Campaign.cut_off_at, Campaign.id)
        .limit(1)
    )
    campaign_id = connection().scalar(query)
    if campaign_id is not None:
        cut_off(system_actor(station_id), campaign_id)
    return campaign_id


def cut_off(actor: Actor, campaign_id: int) -> Outcome:
    """Close a campaign whose cut-off has passed.

    Raises StationError `campaign_moved_on` when it is not open any more, `cut_off_ahead` before its time.
    """
    campaign = waiting.settle(actor, campaign_id)
    store.next_campaign_state(campaign, CampaignAction.CLOSE)
    if clock.now() < campaign.cut_off_at:
        raise StationError(
            "cut_off_ahead", _("People may order until the cut-off. Wait for it, or change it.")
        )
    orders = sharing_store.orders(actor.station_id, campaign.id, BEFORE_CUT_OFF)
    found = allocate([_wish(one) for one in orders if one.state == OrderState.PLACED], _terms(campaign))
    if not found.units or (campaign.at_cut_off in MINIMUM_BINDS and not found.is_enough):
        return _fail(actor, campaign, orders)
    return _close(actor, campaign, orders, found=found)


def _wish(order: Order) -> Wish:
    return Wish(order.id, order.quantity, order.tolerance, order.ranked_at)


def _terms(campaign: Current) -> Terms:
    return Terms(campaign.box_size, campaign.minimum_total, campaign.maximum_total)


def _fail(actor: Actor, campaign: Current, orders: list[Order]) -> Outcome:
    """Let the campaign come to nothing: nothing was charged yet, so what people paid is simply theirs again."""
    state = sharing_store.advance(actor.station_id, campaign, CampaignAction.FAIL, ended_at=clock.now())
    sharing_store.change(actor.station_id, [Change(one, OrderAction.FALL) for one in orders])
    append(actor, Event("campaign_failed", data={"campaign": str(campaign.id), "orders": len(orders)}))
    messages.tell(actor.station_id, GroupNote.FAILED, campaign.number, [one.recipient_id for one in orders])
    return Outcome(state, 0, 0)


def _close(actor: Actor, campaign: Current, orders: list[Order], *, found: Allocation) -> Outcome:
    station_id = actor.station_id
    price = price_at(store.tiers(station_id, campaign.id), found.units)
    shares = {share.order_id: share for share in found.shares}
    placed = [one for one in orders if one.id in shares]
    unpaid = [one for one in orders if one.state == OrderState.HELD]
    changes = [_change(one, shares[one.id], price) for one in placed]
    sharing_store.change(station_id, changes + [Change(one, OrderAction.FALL) for one in unpaid])
    state = sharing_store.advance(station_id, campaign, CampaignAction.CLOSE, closed_at=clock.now())
    _charge(actor, campaign, changes)
    facts = {"campaign": str(campaign.id), "units": found.units, "boxes": found.boxes, "price_minor": price}
    append(actor, Event("campaign_closed", data={**facts, "orders": len(placed)}))
    people = [one.recipient_id for one in placed + unpaid]
    messages.tell(station_id, GroupNote.RESULT, campaign.number, people)
    if campaign.at_cut_off == AtCutOff.CLOSE_AND_ORDER:
        supplier_orders.make(actor, campaign.id)
        state = CampaignState.ORDERED
    return Outcome(state, found.units, sum(share.units > 0 for share in found.shares))


def _change(order: Order, share: Share, price: int) -> Change:
    action = OrderAction.ALLOCATE if share.units else OrderAction.MISS
    result = share.why[0].reason if share.why else None
    return Change(order, action, allocated=share.units, unit_price_minor=price, result=result)


def _charge(actor: Actor, campaign: Current, changes: list[Change]) -> None:
    points = sharing_store.point_shares(actor.station_id, campaign.id)
    ledger.post_all(
        actor,
        [
            journal
            for one in changes
            for journal in charges.charge(
                campaign,
                one.order,
                amount_minor=(one.allocated or 0) * (one.unit_price_minor or 0),
                at=charges.rates(campaign, one.order, points),
            )
        ],
    )
