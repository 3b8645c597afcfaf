"""Goods that nobody collects: reminded of, offered if their buyer agrees, settled by the rule that was stated."""

from datetime import timedelta

import pytest

from station.core import clock
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.group_buys import offer_store, offers, unclaimed
from station.group_buys.bag_store import BagState
from station.group_buys.lifecycle import CampaignState, OrderState
from station.group_buys.plans import UnclaimedRule
from station.ledger import queries as ledger
from station.ledger.chart import AccountKind, AccountRef
from station.parcels import extension, hand_over, handling
from station.parcels.hand_over import Taker
from station.parcels.lifecycle import ParcelState
from tests import sharing
from tests.sharing import bag, packed, parcel, shelve


def run(one, at=None):
    """Let the job run, by the deal's clock or at a later moment."""
    if at is not None:
        one.clock.time = max(one.clock.time, at)
    with clock.use(one.clock), transaction():
        return unclaimed.run(one.station.id)


def waste(station):
    with reading():
        return ledger.balance(station.id, AccountRef(AccountKind.WASTE), "CNY")


def told(one, order_id, topic):
    return sharing.messages(one.station).count((topic, one.get(order_id).recipient_id))


def left(station, *orders, **values):
    """Return a deal whose first order stands on a shelf until its time is over, and its orders."""
    one, placed = packed(station, *orders, **values)
    shelve(one, placed[0])
    return one, placed


def test_a_reminder_is_sent_once_before_the_time_is_over(station):
    one, (first,) = left(station, (1,))
    until = bag(one, first).collect_until
    assert run(one) == 0
    for _ in range(2):
        run(one, until - timedelta(hours=2))
    assert told(one, first, "group_remind") == 1
    assert one.get(first).state == OrderState.READY


@pytest.mark.parametrize(
    ("rule", "balance", "spent"),
    [
        (UnclaimedRule.REFUND, 0, 1000),
        (UnclaimedRule.DONATE, -1000, 0),
        (UnclaimedRule.KEEP_CHARGE, -1000, 0),
    ],
)
def test_the_rule_of_the_campaign_settles_what_nobody_collects(station, rule, balance, spent):
    one, (first,) = left(station, (1,), unclaimed_rule=rule)
    found = bag(one, first)
    for _ in range(2):
        run(one, found.collect_until)
    assert (one.get(first).state, bag(one, first).state) == (OrderState.CLOSED, BagState.SETTLED)
    assert (one.balance(first), waste(station)) == (balance, spent)
    assert told(one, first, "group_left") == 1
    assert parcel(station, found.parcel_id).state == ParcelState.RETURNING
    assert one.campaign.state == CampaignState.FINISHED


def test_a_run_that_comes_days_late_ends_in_the_same_state_without_a_reminder(station):
    one, (first,) = left(station, (1,))
    run(one, bag(one, first).collect_until + timedelta(days=3))
    assert (one.get(first).state, one.balance(first)) == (OrderState.CLOSED, 0)
    assert told(one, first, "group_remind") == 0


def test_the_shelf_is_cleared_by_whoever_took_the_goods_off_it(station):
    one, (first,) = left(station, (1,))
    found = bag(one, first)
    run(one, found.collect_until)
    one.do(unclaimed.clear_shelf, found.id)
    assert parcel(station, found.parcel_id).state == ParcelState.RETURNED
    with pytest.raises(StationError) as refused:
        one.do(unclaimed.clear_shelf, found.id)
    assert refused.value.code == "illegal_transition"


def test_what_was_collected_before_the_late_job_is_collected(station):
    one, (first,) = left(station, (1,))
    found = bag(one, first)
    one.do(hand_over.hand_over, found.parcel_id, Taker())
    run(one, found.collect_until + timedelta(days=1))
    assert (one.get(first).state, one.balance(first)) == (OrderState.COLLECTED, -1000)


def test_a_hold_lets_a_bag_alone_until_it_is_lifted(station):
    one, (first,) = left(station, (1,))
    found = bag(one, first)
    one.do(handling.hold, found.parcel_id, reason="complaint")
    run(one, found.collect_until)
    assert one.get(first).state == OrderState.UNCLAIMED
    one.do(handling.release_hold, found.parcel_id)
    run(one)
    assert one.get(first).state == OrderState.CLOSED


def test_a_buyer_who_put_the_storage_off_is_waited_for(station):
    one, (first,) = left(station, (1,))
    found = bag(one, first)
    one.do(extension.extend, found.parcel_id)
    run(one, found.collect_until)
    assert one.get(first).state == OrderState.READY
    assert bag(one, first).collect_until > found.collect_until


def test_goods_are_offered_to_who_waits_only_when_their_buyer_agrees(station):
    one, (first, waits) = left(station, (2,), (2,), came=2, maximum_total=2)
    assert one.get(waits).state == OrderState.WAITING
    assert told(one, waits, "group_offer") == 0
    one.do(unclaimed.agree_release, first)
    one.do(unclaimed.agree_release, first)
    assert one.get(first).state == OrderState.UNCLAIMED
    assert told(one, waits, "group_offer") == 1


def test_who_takes_the_offer_pays_and_collects_and_the_buyer_has_the_money_back(station):
    one, (first, waits) = left(station, (2,), (2,), came=2, maximum_total=2, commission_bp=1000)
    found = bag(one, first)
    one.do(unclaimed.agree_release, first)
    one.do(offers.accept, waits)
    assert [one.get(each).state for each in (first, waits)] == [OrderState.CLOSED, OrderState.READY]
    assert (one.balance(first), one.balance(waits)) == (0, -2000)
    assert parcel(station, found.parcel_id).recipient_id == one.get(waits).recipient_id
    assert bag(one, waits).parcel_id == found.parcel_id
    one.do(hand_over.hand_over, found.parcel_id, Taker())
    run(one)
    assert one.get(waits).state == OrderState.COLLECTED
    assert one.campaign.state == CampaignState.FINISHED
    assert waste(station) == 0


def test_an_offer_goes_to_the_next_and_then_the_rule_settles(station):
    one, (first, second, third) = left(station, (1,), (1,), (1,), came=1, maximum_total=1)
    one.do(unclaimed.agree_release, first)
    one.do(offers.decline, second)
    assert told(one, third, "group_offer") == 1
    with pytest.raises(StationError) as refused:
        one.do(offers.accept, second)
    assert refused.value.code == "offer_over"
    run(one, one.clock.time + offer_store.LASTS)
    with pytest.raises(StationError):
        one.do(offers.accept, third)
    assert one.get(first).state == OrderState.UNCLAIMED  # its time is not over: the buyer may still come
    run(one, bag(one, first).collect_until)
    assert (one.get(first).state, one.balance(first)) == (OrderState.CLOSED, 0)
    assert [one.get(each).state for each in (second, third)] == [OrderState.FALLEN] * 2


def test_an_offer_ends_when_the_buyer_collects_after_all(station):
    one, (first, waits) = left(station, (1,), (1,), came=1, maximum_total=1)
    one.do(unclaimed.agree_release, first)
    one.do(hand_over.hand_over, bag(one, first).parcel_id, Taker())
    with pytest.raises(StationError) as refused:
        one.do(offers.accept, waits)
    assert refused.value.code == "offer_over"
    run(one)
    assert one.get(first).state == OrderState.COLLECTED


def test_nobody_is_offered_more_than_they_wait_for(station):
    one, (first, waits) = left(station, (2,), (1,), came=2, maximum_total=2)
    one.do(unclaimed.agree_release, first)
    assert told(one, waits, "group_offer") == 0
