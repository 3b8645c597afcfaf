"""Held orders that were not paid in time fall, and the waiting list moves up into what they leave.

Both happen before anything else is decided about a campaign, so that it makes no difference whether a job did it first:
what the clock says counts. The list is strict: who is first in it and needs more than is left keeps the others waiting.
"""

from datetime import datetime, timedelta

from sqlalchemy import select

from station.core import clock
from station.core.actor import Actor, system_actor
from station.core.db import connection
from station.events.service import Event, append, take_turn
from station.group_buys import balances, messages, store
from station.group_buys.lifecycle import CampaignState, OrderAction, OrderState
from station.group_buys.messages import GroupNote
from station.group_buys.models import HELD, GroupOrder
from station.group_buys.plans import Pays
from station.group_buys.store import Current, Order

HOLD = timedelta(minutes=30)  # ours: units are kept so long for who has to pay first
# Ours: who moves up was not looking, and reads the message within a day.
HOLD_MOVED_UP = timedelta(hours=24)


def held_until(campaign: Current, now: datetime, hold: timedelta) -> datetime:
    """Return until when units are kept: never beyond the cut-off."""
    return min(now + hold, campaign.cut_off_at)


def settle(actor: Actor, campaign_id: int) -> Current:
    """Let holds that are over fall and the waiting list move up; return the campaign as it stands then.

    Safe late, twice, and after the cut-off: then it does what was due before it.
    """
    campaign = store.campaign(actor.station_id, campaign_id)
    if campaign.state != CampaignState.OPEN:
        return campaign
    for order in _over(actor.station_id, campaign_id, clock.now()):
        _fall(actor, order)
    move_up(actor, campaign_id)
    return store.campaign(actor.station_id, campaign_id)


def _over(station_id: int, campaign_id: int, now: datetime) -> list[Order]:
    query = select(*store.ORDER_COLUMNS).where(
        GroupOrder.station_id == station_id,
        GroupOrder.campaign_id == campaign_id,
        GroupOrder.state == OrderState.HELD,
        GroupOrder.hold_until <= now,
    )
    return [Order(*row) for row in connection().execute(query.order_by(GroupOrder.hold_until, GroupOrder.id))]


def _fall(actor: Actor, order: Order) -> None:
    state = store.next_order_state(order, OrderAction.FALL)
    store.change_order(actor.station_id, order, state=state, hold_until=None)
    store.count(actor.station_id, order.campaign_id, -order.quantity)
    append(actor, Event("group_order_fallen", data=facts(order)))


def move_up(actor: Actor, campaign_id: int) -> int:
    """Give what is free to the waiting list, in its order; return how many moved up, and tell them."""
    campaign, moved = store.campaign(actor.station_id, campaign_id), 0
    for order in waiting(actor.station_id, campaign_id):
        room = store.look_campaign(actor.station_id, campaign_id).room
        if room is not None and order.quantity > room:
            break
        moved += _move_up(actor, campaign, order)
    return moved


def waiting(station_id: int, campaign_id: int) -> list[Order]:
    """Return a campaign's waiting list, in its order."""
    query = select(*store.ORDER_COLUMNS).where(
        GroupOrder.station_id == station_id,
        GroupOrder.campaign_id == campaign_id,
        GroupOrder.state == OrderState.WAITING,
    )
    return [Order(*row) for row in connection().execute(query.order_by(GroupOrder.ranked_at, GroupOrder.id))]


def _move_up(actor: Actor, campaign: Current, order: Order) -> int:
    """Move one order up; return 1, or 0 for one that would have to be paid after the cut-off."""
    station_id, now = actor.station_id, clock.now()
    action = action_for(station_id, campaign, order)
    if action is OrderAction.HOLD and now >= campaign.cut_off_at:
        return 0
    until = held_until(campaign, now, HOLD_MOVED_UP) if action is OrderAction.HOLD else None
    state = store.next_order_state(order, action)
    store.change_order(station_id, order, state=state, hold_until=until)
    store.count(station_id, campaign.id, order.quantity)
    append(actor, Event("group_order_moved_up", data=facts(order) | {"state": str(state)}))
    messages.tell(station_id, GroupNote.MOVED_UP, campaign.number, [order.recipient_id])
    return 1


def action_for(station_id: int, campaign: Current, order: Order) -> OrderAction:
    """Return what becomes of an order that units are there for: placed when it is paid, or needs not be; else held."""
    if campaign.pays == Pays.AT_PICKUP:
        return OrderAction.PLACE
    wanted = balances.needed(station_id, campaign, quantity=order.quantity, tolerance=order.tolerance)
    is_paid = balances.free(station_id, order.recipient_id, campaign.currency) >= wanted
    return OrderAction.PLACE if is_paid else OrderAction.HOLD


def facts(order: Order) -> dict[str, object]:
    """Return what the log says of an order: ids and numbers."""
    return {"campaign": str(order.campaign_id), "order": str(order.id)}


def stations_with_holds_over(now: datetime) -> list[int]:
    """Return the stations where a hold is over. Reads only; takes no lock."""
    query = select(GroupOrder.station_id).where(HELD, GroupOrder.hold_until <= now).distinct()
    return list(connection().scalars(query.order_by(GroupOrder.station_id)))


def let_holds_fall(station_id: int) -> int:
    """Let all of a station's holds that are over fall; return in how many campaigns. Safe late and twice."""
    take_turn(station_id)
    query = select(GroupOrder.campaign_id).where(
        GroupOrder.station_id == station_id, HELD, GroupOrder.hold_until <= clock.now()
    )
    campaign_ids = list(connection().scalars(query.distinct().order_by(GroupOrder.campaign_id)))
    for campaign_id in campaign_ids:
        settle(system_actor(station_id), campaign_id)
    return len(campaign_ids)
