"""Sharing out: a bag is a parcel of the station itself, and the order follows it."""

from datetime import timedelta

import pytest

from station.core import clock
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.group_buys import bags, unclaimed
from station.group_buys.bag_store import BagState
from station.group_buys.lifecycle import CampaignState, OrderState
from station.group_buys.plans import Point
from station.ledger import charging
from station.ledger import queries as ledger
from station.parcels import hand_over, handling, own_bags
from station.parcels.hand_over import Taker
from station.parcels.lifecycle import ConsentBasis, ParcelState
from tests import sharing
from tests.factories import make_station
from tests.sharing import bag, follow, packed, parcel, shelve


def test_each_order_gets_a_bag_that_is_an_expected_parcel(station):
    one, (first, second) = packed(station, (2,), (1,), came=2)
    assert one.campaign.state == CampaignState.SHARING
    found = bag(one, first)
    assert (found.units, found.state) == (1, BagState.PACKED)
    expected = parcel(station, found.parcel_id)
    assert (expected.carrier, expected.state) == ("own", ParcelState.EXPECTED)
    assert expected.waybill.startswith("GB")
    assert expected.recipient_id == one.get(first).recipient_id
    assert expected.consent_basis == ConsentBasis.THIS_PARCEL
    assert bag(one, second).units == 1


def test_an_order_that_gets_nothing_has_no_bag(station):
    one, (_first, second) = packed(station, (1,), (1,), came=1)
    with pytest.raises(StationError):
        bag(one, second)


def test_the_scan_of_a_label_at_a_shelf_makes_the_order_ready_and_tells_its_buyer(station):
    one, (first,) = packed(station, (1,))
    stored = shelve(one, first)
    assert one.get(first).state == OrderState.READY
    assert bag(one, first).ready_at == stored.stored_at
    assert ("stored", one.get(first).recipient_id) in sharing.messages(station)


def test_a_second_scan_of_the_label_is_refused_and_says_where_it_stands(station):
    one, (first,) = packed(station, (1,))
    stored = shelve(one, first)
    with pytest.raises(StationError) as refused:
        shelve(one, first)
    assert refused.value.code == "already_checked_in"
    assert refused.value.facts["pickup_code"] == stored.pickup_code


@pytest.mark.parametrize("number", ["SF1234567890123", "GB12345678903"])
def test_what_is_no_bag_of_ours_is_refused(station, number):
    packed(station, (1,))
    with transaction(), pytest.raises(StationError) as refused:
        bags.shelve(station.clerk, number, 1)
    assert refused.value.code == "bag_unknown"


def test_the_order_follows_the_hand_over_and_the_campaign_ends_with_the_last_bag(station):
    one, (first, second) = packed(station, (1,), (1,))
    for order in (first, second):
        shelve(one, order)
    one.do(hand_over.hand_over, bag(one, first).parcel_id, Taker())
    assert follow(station, one.clock) == 1
    assert [one.get(each).state for each in (first, second)] == [OrderState.COLLECTED, OrderState.READY]
    assert one.campaign.state == CampaignState.SHARING
    one.do(hand_over.hand_over, bag(one, second).parcel_id, Taker())
    follow(station, one.clock)
    assert one.campaign.state == CampaignState.FINISHED


def test_a_hand_over_that_is_taken_back_makes_the_order_ready_again(station):
    one, (first,) = packed(station, (1,))
    shelve(one, first)
    one.do(hand_over.hand_over, bag(one, first).parcel_id, Taker())
    follow(station, one.clock)
    one.clock.wind(timedelta(minutes=5))
    one.do(hand_over.undo_hand_over, bag(one, first).parcel_id, reason="wrong_person")
    follow(station, one.clock)
    assert one.get(first).state == OrderState.READY
    one.do(hand_over.hand_over, bag(one, first).parcel_id, Taker())
    follow(station, one.clock)
    assert one.get(first).state == OrderState.COLLECTED


@pytest.mark.parametrize("is_followed_between", [True, False])
def test_a_bag_that_came_back_and_was_destroyed_is_paid_back_whenever_the_job_runs(
    station, is_followed_between
):
    one, (first,) = packed(station, (1,))
    shelve(one, first)
    parcel_id = bag(one, first).parcel_id
    one.do(hand_over.hand_over, parcel_id, Taker())
    follow(station, one.clock)
    one.do(hand_over.undo_hand_over, parcel_id, reason="wrong_person")
    if is_followed_between:
        follow(station, one.clock)
    one.do(handling.ask_write_off, parcel_id, reason="destroyed")
    with clock.use(one.clock), transaction():
        handling.confirm_write_off(station.manager, parcel_id)
    follow(station, one.clock)
    assert one.get(first).state == OrderState.CLOSED
    assert one.balance(first) == 0


@pytest.mark.parametrize("debt", [0, 1])
def test_a_bag_that_came_back_and_is_lost_is_not_collected(station, debt):
    one, (first,) = packed(station, (1,), prepaid=1000)
    shelve(one, first)
    parcel_id = bag(one, first).parcel_id
    one.do(hand_over.hand_over, parcel_id, Taker())
    follow(station, one.clock)
    if debt:
        one.do(charging.charge, one.get(first).recipient_id, amount_minor=debt, reason="a stamp", key="one")
    one.do(hand_over.undo_hand_over, parcel_id, reason="wrong_person")
    one.do(handling.mark_lost, parcel_id, reason="not_found")
    follow(station, one.clock)
    assert bag(one, first).state == BagState.READY
    one.do(handling.find_again, parcel_id, station.layer())
    follow(station, one.clock)
    assert one.get(first).state == OrderState.READY


def test_a_run_of_the_job_that_comes_late_or_twice_finds_the_same(station):
    one, (first,) = packed(station, (1,))
    number = parcel(station, bag(one, first).parcel_id).waybill
    one.do(own_bags.put_on_shelf, number, station.layer())  # as at the ordinary check-in
    one.clock.wind(timedelta(hours=30))
    one.do(hand_over.hand_over, bag(one, first).parcel_id, Taker())
    assert follow(station, one.clock) == 1
    assert follow(station, one.clock) == 0
    assert one.get(first).state == OrderState.COLLECTED


def test_fresh_goods_wait_the_hours_of_the_campaign(station):
    one, (first,) = packed(station, (1,), collect_h=6)
    shelve(one, first)
    found = bag(one, first)
    assert found.collect_until >= found.ready_at + timedelta(hours=6)
    assert found.collect_until < found.ready_at + timedelta(hours=24)
    assert parcel(station, found.parcel_id).extended_h == 6 - 168


def test_a_bag_for_another_station_is_expected_there_and_collected_there(station):
    other = make_station("Oak Lane")
    one, (there,) = packed(station, (1,), points=(Point(station.id), Point(other.id)), point=other.id)
    found = bag(one, there)
    assert parcel(station, found.parcel_id) is None
    expected = parcel(other, found.parcel_id)
    assert (expected.carrier, expected.state) == ("own", ParcelState.EXPECTED)
    layer = other.layer()
    with clock.use(one.clock), transaction():
        bags.shelve(other.clerk, expected.waybill, layer)
    assert one.get(there).state == OrderState.ALLOCATED
    follow(station, one.clock)
    assert one.get(there).state == OrderState.READY
    with clock.use(one.clock), transaction():
        hand_over.hand_over(other.clerk, found.parcel_id, Taker())
    follow(station, one.clock)
    assert (one.get(there).state, one.campaign.state) == (OrderState.COLLECTED, CampaignState.FINISHED)


def test_the_money_of_a_bag_that_was_written_off_is_given_back_by_the_station(station):
    one, (first,) = packed(station, (1,))
    shelve(one, first)
    parcel_id = bag(one, first).parcel_id
    one.do(handling.ask_write_off, parcel_id, reason="destroyed")
    with clock.use(one.clock), transaction():
        handling.confirm_write_off(station.manager, parcel_id)
    follow(station, one.clock)
    assert (one.get(first).state, one.balance(first)) == (OrderState.CLOSED, 0)
    with reading():
        waste = [line for line in ledger.trial_balance(station.id) if line.kind == "waste"]
    assert waste[0].balance_minor == 1000
    assert one.campaign.state == CampaignState.FINISHED


def test_what_is_paid_at_pickup_is_held_until_it_is_paid(station):
    one, (first,) = packed(station, (1,), prepaid=0)
    shelve(one, first)
    found = bag(one, first)
    with pytest.raises(StationError) as refused:
        one.do(hand_over.hand_over, found.parcel_id, Taker())
    assert refused.value.code == "is_held"
    assert parcel(station, found.parcel_id).hold_reason == "payment_due"
    buyer = one.get(first).recipient_id
    one.do(sharing.pay, buyer, 400)
    assert parcel(station, found.parcel_id).hold_reason == "payment_due"
    one.do(sharing.pay, buyer, 600)
    one.do(hand_over.hand_over, found.parcel_id, Taker())
    follow(station, one.clock)
    assert (one.get(first).state, one.balance(first)) == (OrderState.COLLECTED, 0)


def test_a_bag_that_is_still_to_be_paid_is_settled_like_any_other(station):
    one, (first,) = packed(station, (1,), prepaid=0)
    shelve(one, first)
    one.clock.time = bag(one, first).collect_until
    with clock.use(one.clock), transaction():
        unclaimed.run(station.id)
    assert (one.get(first).state, one.balance(first)) == (OrderState.CLOSED, 0)
