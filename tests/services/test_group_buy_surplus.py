"""Good units beyond all orders: offered to who waits, charged exactly, and what nobody takes is recorded."""

from datetime import timedelta

import pytest

from station.core import clock
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.group_buys import arrival, bags, offer_store, offers, surplus, surplus_uses, unclaimed
from station.group_buys.arrival import Count
from station.group_buys.lifecycle import CampaignState, OrderState
from station.group_buys.plans import AtCutOff, Pays
from station.group_buys.surplus_uses import Way
from station.ledger import queries as ledger
from station.ledger.chart import AccountKind, AccountRef
from station.parcels import hand_over
from station.parcels.hand_over import Taker
from tests import sharing
from tests.sharing import bag, deal, shelve


def counted(station, *orders, came, prepaid=0, **values):
    """Return a deal of at most three units whose goods are counted, and its orders: some wait."""
    terms = {"at_cut_off": AtCutOff.CLOSE_AND_ORDER, "maximum_total": 3} | values
    one = deal(station, **terms)
    one.prepaid = prepaid
    placed = [one.order(*each) for each in orders]
    one.cut_off()
    one.clock.wind(timedelta(hours=15))  # 11:00 in Shanghai
    one.do(arrival.count_crate, one.id, "A", Count(came))
    one.do(arrival.finish, one.id)
    return one, placed


def left(one):
    with reading():
        return surplus.of_campaign(one.station.id, one.id)


def offered(one, order_id):
    with reading(), clock.use(one.clock):
        found = offer_store.open_for(one.station.id, order_id)
    return found.units if found else 0


def run(one):
    with clock.use(one.clock), transaction():
        return unclaimed.run(one.station.id)


def balance(one, kind, owner=""):
    with reading():
        return ledger.balance(one.station.id, AccountRef(kind, owner), "CNY")


def refused(one, act, *args, **values):
    with pytest.raises(StationError) as caught:
        one.do(act, *args, **values)
    return caught.value.code


def test_nothing_is_left_over_where_all_of_it_was_ordered(station):
    one, _orders = counted(station, (3,), came=3)
    assert left(one) is None


def test_units_left_over_are_offered_in_the_order_of_the_list(station):
    one, (_first, second, third, fourth) = counted(station, (3,), (2,), (3,), (1,), came=6)
    assert [offered(one, each) for each in (second, third, fourth)] == [2, 1, 0]
    assert (left(one).units, left(one).offered, left(one).free) == (3, 3, 0)
    told = [topic for topic, _who in sharing.messages(station) if topic == "group_offer"]
    assert len(told) == 2


def test_who_takes_them_is_charged_once_and_the_supplier_has_its_part(station):
    one, (first, second) = counted(station, (3,), (2,), came=5, commission_bp=1000)
    one.do(offers.accept, second)
    assert refused(one, offers.accept, second) == "offer_over"
    got = one.get(second)
    assert (got.state, got.allocated, got.delivered, got.unit_price_minor) == (
        OrderState.ALLOCATED,
        2,
        2,
        1000,
    )
    assert (one.balance(first), one.balance(second)) == (-3000, -2000)
    assert balance(one, AccountKind.COMMISSION) == 500
    assert balance(one, AccountKind.SUPPLIER, str(one.campaign.supplier_id)) == 4500
    assert left(one).remaining == 0


def test_their_bag_is_made_with_the_others_or_at_once_afterwards(station):
    one, (first, second, third) = counted(station, (3,), (1,), (1,), came=5, prepaid=100_000)
    one.do(offers.accept, second)
    one.do(bags.pack, one.id)
    one.do(offers.accept, third)
    for order in (first, second, third):
        shelve(one, order)
        one.do(hand_over.hand_over, bag(one, order).parcel_id, Taker())
    run(one)
    assert {one.get(each).state for each in (first, second, third)} == {OrderState.COLLECTED}
    assert one.campaign.state == CampaignState.FINISHED


def test_a_declined_unit_goes_to_the_next(station):
    one, (_first, second, third) = counted(station, (3,), (1,), (1,), came=4)
    assert offered(one, third) == 0
    one.do(offers.decline, second)
    assert (offered(one, second), offered(one, third)) == (0, 1)


def test_an_offer_that_runs_out_goes_to_the_next_however_late_the_job(station):
    one, (_first, second, third) = counted(station, (3,), (1,), (1,), came=4)
    one.clock.wind(offer_store.LASTS)
    assert refused(one, offers.accept, second) == "offer_over"
    run(one)
    run(one)
    assert (offered(one, second), offered(one, third)) == (0, 1)
    assert sharing.messages(station).count(("group_offer", one.get(third).recipient_id)) == 1


def test_nobody_is_asked_once_the_time_of_asking_is_over(station):
    one, (_first, _second, third) = counted(station, (3,), (1,), (1,), came=4)
    one.clock.wind(surplus.ASKED_FOR)
    run(one)
    assert offered(one, third) == 0
    assert left(one).free == 1


def test_sharing_out_waits_for_who_was_asked_and_ends_when_they_do_not_answer(station):
    one, (first, second) = counted(station, (3,), (1,), came=4, prepaid=100_000)
    one.do(bags.pack, one.id)
    shelve(one, first)
    one.do(hand_over.hand_over, bag(one, first).parcel_id, Taker())
    run(one)
    assert one.campaign.state == CampaignState.SHARING
    one.clock.wind(offer_store.LASTS)
    run(one)
    assert one.campaign.state == CampaignState.FINISHED
    assert one.get(second).state == OrderState.FALLEN
    assert one.do(surplus_uses.use, one.id, 1, way=Way.RETURNED)


def test_an_offer_made_at_night_lasts_from_the_morning_on(station):
    terms = {"at_cut_off": AtCutOff.CLOSE_AND_ORDER, "maximum_total": 3, "collect_h": 24}
    sharing.sleep_at_night(station)
    one = deal(station, **terms)
    one.order(3)
    waits = one.order(1)
    one.cut_off()
    one.clock.wind(timedelta(hours=3))  # 23:00 in Shanghai
    one.do(arrival.count_crate, one.id, "A", Count(4))
    one.do(arrival.finish, one.id)
    one.clock.wind(timedelta(hours=10, minutes=30))  # 09:30
    assert offered(one, waits) == 1
    one.clock.wind(timedelta(minutes=30))
    assert offered(one, waits) == 0


def test_what_is_paid_before_has_to_be_paid_before(station):
    one, (_first, second) = counted(station, (3,), (1,), came=4, pays=Pays.BEFORE, prepaid=3000)
    one.do(offers.accept, second)
    assert one.balance(second) == -1000
    poor, (_buyer, other) = counted(
        station, (3,), (4,), came=7, pays=Pays.BEFORE, prepaid=3000, maximum_total=4
    )
    assert refused(poor, offers.accept, other) == "balance_low"
    assert (poor.balance(other), left(poor).remaining) == (0, 4)


def test_staff_use_only_what_nobody_is_asked_about(station):
    one, (_first, second) = counted(station, (3,), (1,), came=6)
    assert refused(one, surplus_uses.use, one.id, 3, way=Way.RETURNED) == "surplus_gone"
    one.do(surplus_uses.use, one.id, 2, way=Way.GIVEN_AWAY)
    assert refused(one, surplus_uses.use, one.id, 1, way=Way.RETURNED) == "surplus_gone"
    one.do(offers.decline, second)
    one.do(surplus_uses.use, one.id, 1, way=Way.RETURNED)
    with reading():
        used = [(each.units, each.way) for each in surplus_uses.of_campaign(station.id, one.id)]
    assert used == [(2, "given_away"), (1, "returned")]
    assert balance(one, AccountKind.CASH) == 0


@pytest.mark.parametrize("units", [0, -1, 4])
def test_units_that_are_not_there_are_refused(station, units):
    one, _orders = counted(station, (3,), came=6)
    assert refused(one, surplus_uses.use, one.id, units, way=Way.RETURNED) == "surplus_gone"
    assert left(one).remaining == 3


def test_what_is_sold_at_the_counter_is_in_the_drawer_and_shared_with_the_supplier(station):
    one, _orders = counted(station, (3,), came=5, commission_bp=1000)
    one.do(surplus_uses.use, one.id, 2, way=Way.SOLD)
    assert balance(one, AccountKind.CASH) == 2000
    assert balance(one, AccountKind.COMMISSION) == 500
    assert balance(one, AccountKind.SUPPLIER, str(one.campaign.supplier_id)) == 4500
