"""Orders of a group buy: placed, changed, taken back, by buyers themselves or by staff for them.

Nothing a browser says counts but how many units, how many more, and where. The clock decides whether it is in time; the
campaign's own counter, whether so many are left; one index, that a person has one order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from station.core import clock, ids
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.i18n import ngettext
from station.core.moments import moment
from station.events.service import Event, append, take_turn
from station.group_buys import balances, paying, store, waiting
from station.group_buys.lifecycle import BEFORE_CUT_OFF, COUNTED, OVER, CampaignState, OrderAction, OrderState
from station.group_buys.models import GroupOrder
from station.group_buys.plans import MOST_UNITS, Pays
from station.group_buys.store import Current, Order
from station.network import queries as network
from station.residents import service as residents
from station.residents.queries import entries_of, person_ids


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for: units, so many more if it helps to fill a box, and where they collect."""

    quantity: int
    tolerance: int
    point_station_id: int


@dataclass(frozen=True, slots=True)
class Placed:
    """What became of an order."""

    order_id: int
    state: OrderState


def order(
    actor: Actor, campaign_id: int, recipient_id: int, wish: Wish, *, account_id: int | None = None
) -> Placed:
    """Order in a campaign; on the waiting list when so many are not left, or others wait already.

    Raises StationError `bad_input` for a wish that no order may be, `cut_off_over` outside the time of ordering,
    `already_ordered` for somebody who has an order here, `not_found`.
    """
    station_id = actor.station_id
    take_turn(station_id)
    campaign = _open(actor, campaign_id)
    _check(campaign, wish)
    recipient_id = residents.get(station_id, recipient_id).id
    if live_order(station_id, campaign_id, recipient_id):
        raise StationError(
            "already_ordered", _("There is an order for this group buy already. Change that one.")
        )
    made = _row(actor, campaign, recipient_id, wish, account_id=account_id)
    connection().execute(insert(GroupOrder).values(station_id=station_id, **made))
    if made["state"] in COUNTED:
        store.count(station_id, campaign_id, wish.quantity)
    _log(actor, "group_order_placed", store.look_order(station_id, made["id"]))
    return Placed(made["id"], OrderState(made["state"]))


def _open(actor: Actor, campaign_id: int) -> Current:
    """Return the campaign as the clock has it. Raises StationError `cut_off_over` outside the time of ordering."""
    campaign, now = waiting.settle(actor, campaign_id), clock.now()
    if not campaign.takes_orders(now):
        raise _not_now(actor.station_id, campaign, now)
    return campaign


def _not_now(station_id: int, campaign: Current, now: datetime) -> StationError:
    if campaign.state == CampaignState.OPEN and campaign.opens_at and now < campaign.opens_at:
        begins = moment(campaign.opens_at, network.station(station_id).zone)
        return StationError("cut_off_over", _("Ordering begins %(when)s.", when=begins))
    return StationError("cut_off_over", _("The time to order is over. Nothing can be changed any more."))


def _check(campaign: Current, wish: Wish) -> None:
    """Refuse a wish out of bounds. Whole numbers only: a fraction never gets here (forms.py)."""
    if not 1 <= wish.quantity <= MOST_UNITS or not 0 <= wish.tolerance <= MOST_UNITS:
        raise StationError("bad_input", _("Order 1 or more, and 0 or more on top."))
    most = campaign.per_person_most
    if most is not None and wish.quantity + wish.tolerance > most:
        raise StationError(
            "bad_input",
            ngettext(
                "One person may have %(num)s, what is on top to fill a box included.",
                "One person may have %(num)s, what is on top to fill a box included.",
                most,
            ),
        )
    if campaign.maximum_total is not None and wish.quantity > campaign.maximum_total:
        raise StationError("bad_input", _("There are only %(most)s in all.", most=campaign.maximum_total))


def _refuse_point(station_id: int, campaign: Current, point_station_id: int) -> None:
    if point_station_id not in {point.station_id for point in store.points(station_id, campaign.id)}:
        raise StationError("bad_input", _("It cannot be collected there. Choose one of the list."))


def _row(
    actor: Actor, campaign: Current, recipient_id: int, wish: Wish, *, account_id: int | None
) -> dict[str, Any]:
    station_id, now = actor.station_id, clock.now()
    _refuse_point(station_id, campaign, wish.point_station_id)
    is_left = campaign.room is None or wish.quantity <= campaign.room
    state = OrderState.WAITING
    if is_left and not waiting.waiting(station_id, campaign.id):
        wanted = balances.needed(station_id, campaign, quantity=wish.quantity, tolerance=wish.tolerance)
        is_paid = (
            campaign.pays == Pays.AT_PICKUP
            or balances.free(station_id, recipient_id, campaign.currency) >= wanted
        )
        state = OrderState.PLACED if is_paid else OrderState.HELD
    return {
        "id": ids.next_id(),
        "campaign_id": campaign.id,
        "recipient_id": recipient_id,
        "account_id": account_id,
        "point_station_id": wish.point_station_id,
        "quantity": wish.quantity,
        "tolerance": wish.tolerance,
        "state": state,
        "ranked_at": now,
        "hold_until": waiting.held_until(campaign, now, waiting.HOLD) if state is OrderState.HELD else None,
        "made_by": actor.key,
        "made_at": now,
        "changed_at": now,
        "version": 1,
    }


def live_order(station_id: int, campaign_id: int, recipient_id: int) -> Order | None:
    """Return the order a person has in a campaign, None when there is none that counts.

    Entries that were merged into theirs are them too; their orders stay where the money for them is.
    """
    query = select(*store.ORDER_COLUMNS).where(
        GroupOrder.station_id == station_id,
        GroupOrder.campaign_id == campaign_id,
        GroupOrder.recipient_id.in_(entries_of(station_id, recipient_id)),
        GroupOrder.state.not_in(sorted(OVER)),
    )
    row = connection().execute(query.order_by(GroupOrder.id).limit(1)).one_or_none()
    return Order(*row) if row else None


def change(actor: Actor, order_id: int, wish: Wish) -> Placed:
    """Change an order until cut-off. Asking for less keeps its place in the order of sign-up, for more takes a new one.

    Raises StationError `bad_input`, `cut_off_over`, `order_moved_on` once it was taken back, `sold_out` when so many
    more are not left or others wait for them, `balance_low` when a paid order would cost more than is paid.
    """
    station_id = actor.station_id
    campaign = _open(actor, store.order(station_id, order_id).campaign_id)
    found = store.order(station_id, order_id)
    _refuse_over(found)
    _check(campaign, wish)
    _refuse_point(station_id, campaign, wish.point_station_id)
    more = wish.quantity - found.quantity
    if found.state in COUNTED:
        _refuse_unfit(station_id, campaign, found, wish)
        store.count(station_id, campaign.id, more)
    is_more = more > 0 or wish.tolerance > found.tolerance
    store.change_order(
        station_id,
        found,
        quantity=wish.quantity,
        tolerance=wish.tolerance,
        point_station_id=wish.point_station_id,
        ranked_at=clock.now() if is_more else found.ranked_at,
    )
    _log(actor, "group_order_changed", store.look_order(station_id, order_id))
    settle_holds(actor, found.recipient_id)
    waiting.move_up(actor, campaign.id)
    return Placed(order_id, OrderState(store.look_order(station_id, order_id).state))


def _refuse_over(found: Order) -> None:
    if found.state not in BEFORE_CUT_OFF:
        raise StationError("order_moved_on", _("This order cannot be changed any more. Load the page again."))


def _refuse_unfit(station_id: int, campaign: Current, found: Order, wish: Wish) -> None:
    """Refuse more than is left, or than is paid for: a paid order never falls because its buyer asked for more."""
    more = wish.quantity - found.quantity
    if more > 0 and campaign.room is not None:
        if waiting.waiting(station_id, campaign.id):
            raise StationError("sold_out", _("Others wait for more already. Your order stays as it was."))
        if more > campaign.room:
            raise StationError("sold_out", _("So many more are not left. Your order stays as it was."))
    if found.state != OrderState.PLACED or campaign.pays != Pays.BEFORE:
        return
    wanted = balances.needed(station_id, campaign, quantity=wish.quantity, tolerance=wish.tolerance)
    was = balances.needed(station_id, campaign, quantity=found.quantity, tolerance=found.tolerance)
    if wanted - was > max(0, balances.free(station_id, found.recipient_id, campaign.currency)):
        raise StationError(
            "balance_low",
            _("This costs more than was paid ahead. Add to the balance first; the order stays as it was."),
            missing_minor=wanted
            - was
            - max(0, balances.free(station_id, found.recipient_id, campaign.currency)),
        )


def cancel(actor: Actor, order_id: int) -> None:
    """Take an order back until cut-off; who waits moves up.

    Raises StationError `cut_off_over`, `order_moved_on` when it was taken back or has fallen.
    """
    station_id = actor.station_id
    campaign = _open(actor, store.order(station_id, order_id).campaign_id)
    found = store.order(station_id, order_id)
    state = store.next_order_state(found, OrderAction.CANCEL)
    store.change_order(station_id, found, state=state, quantity=0, tolerance=0, hold_until=None)
    if found.state in COUNTED:
        store.count(station_id, campaign.id, -found.quantity)
    _log(actor, "group_order_cancelled", found)
    waiting.move_up(actor, campaign.id)


def settle_holds(actor: Actor, recipient_id: int) -> int:
    """Place the person's held orders that their balance covers now, the longest held first; return how many.

    To be called in the transaction in which a payment arrives. A hold that is over falls first, however late that is.
    """
    take_turn(actor.station_id)
    paying.release_paid(actor, recipient_id)
    placed = 0
    for order_id, campaign_id in _held(actor.station_id, person_ids(actor.station_id, recipient_id)):
        campaign = waiting.settle(actor, campaign_id)
        found = store.look_order(actor.station_id, order_id)
        if found.state != OrderState.HELD:
            continue
        if waiting.action_for(actor.station_id, campaign, found) is OrderAction.PLACE:
            state = store.next_order_state(found, OrderAction.PAY)
            store.change_order(actor.station_id, found, state=state, hold_until=None)
            _log(actor, "group_order_paid", found)
            placed += 1
    return placed


def _held(station_id: int, recipient_ids: Sequence[int]) -> list[tuple[int, int]]:
    query = (
        select(GroupOrder.id, GroupOrder.campaign_id)
        .where(
            GroupOrder.station_id == station_id,
            GroupOrder.recipient_id.in_(recipient_ids),
            GroupOrder.state == OrderState.HELD,
        )
        .order_by(GroupOrder.hold_until, GroupOrder.id)
    )
    return [(order_id, campaign_id) for order_id, campaign_id in connection().execute(query)]


def _log(actor: Actor, kind: str, found: Order) -> None:
    facts = waiting.facts(found) | {"quantity": found.quantity, "tolerance": found.tolerance}
    append(actor, Event(kind, data=facts | {"state": found.state}))
