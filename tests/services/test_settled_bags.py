"""A bag whose money was given back is the station's: nobody gets goods and money, however the parcel comes back."""

import pytest

from station.core import clock
from station.core.db import transaction
from station.core.errors import StationError
from station.group_buys import bags, unclaimed
from station.group_buys.plans import UnclaimedRule
from station.parcels import hand_over, handling
from station.parcels.hand_over import Taker
from station.parcels.lifecycle import ParcelState
from tests.sharing import bag, packed, parcel, shelve


def settled(station, rule=UnclaimedRule.REFUND):
    """Return a deal whose only bag was left until its time was over, its order and its parcel."""
    one, (order,) = packed(station, (1,), unclaimed_rule=rule)
    shelve(one, order)
    found = bag(one, order)
    one.clock.time = found.collect_until
    with clock.use(one.clock), transaction():
        unclaimed.run(station.id)
    return one, order, found


def refusal(one, act, *args, **values):
    with pytest.raises(StationError) as refused:
        one.do(act, *args, **values)
    return refused.value.code


def test_a_refunded_bag_that_stays_after_all_is_not_handed_over_unpaid(station):
    one, order, found = settled(station)
    one.do(handling.cancel_return, found.parcel_id)
    assert refusal(one, hand_over.hand_over, found.parcel_id, Taker()) == "is_held"
    assert one.balance(order) == 0


def test_a_refunded_bag_is_cleared_once_and_does_not_come_back(station):
    one, _order, found = settled(station)
    one.do(unclaimed.clear_shelf, found.id)
    assert parcel(station, found.parcel_id).state == ParcelState.RETURNED
    again = refusal(one, handling.undo_return_to_carrier, found.parcel_id, reason="not_picked_up")
    assert again == "bag_unknown"
    assert refusal(one, unclaimed.clear_shelf, found.id) == "illegal_transition"


@pytest.mark.parametrize("rule", [UnclaimedRule.DONATE, UnclaimedRule.KEEP_CHARGE])
def test_a_bag_that_stayed_paid_is_handed_over_to_a_late_buyer(station, rule):
    one, order, found = settled(station, rule)
    one.do(handling.cancel_return, found.parcel_id)
    one.do(hand_over.hand_over, found.parcel_id, Taker())
    assert one.balance(order) == -1000


def test_a_bag_that_was_written_off_is_not_found_again_for_its_buyer(station):
    one, (order,) = packed(station, (1,))
    shelve(one, order)
    parcel_id = bag(one, order).parcel_id
    one.do(handling.ask_write_off, parcel_id, reason="destroyed")
    with clock.use(one.clock), transaction():
        handling.confirm_write_off(station.manager, parcel_id)
    with clock.use(one.clock), transaction():
        bags.follow(station.id)
    assert one.balance(order) == 0
    assert refusal(one, handling.find_again, parcel_id, station.layer()) == "bag_unknown"
