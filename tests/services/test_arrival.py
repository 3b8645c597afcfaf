"""What came: each crate counted once, dealt out over the orders, and the difference given back."""

from datetime import timedelta

import pytest

from station.core.db import reading
from station.core.errors import StationError
from station.group_buys import arrival, calling_off, supplier_orders
from station.group_buys.arrival import Count
from station.group_buys.lifecycle import CampaignState, OrderState
from station.group_buys.plans import AtCutOff
from station.ledger import queries as ledger
from station.ledger.chart import AccountKind, AccountRef
from tests import sharing
from tests.sharing import deal

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64


def ordered(station, *orders, **values):
    """Return a deal whose order went to the supplier, and its orders."""
    one = deal(station, at_cut_off=AtCutOff.CLOSE_AND_ORDER, **values)
    placed = [one.order(*each) for each in orders]
    one.cut_off()
    return one, placed


def test_everything_came_and_everybody_gets_it(station):
    one, (first, second) = ordered(station, (2,), (3,))
    one.do(arrival.count_crate, one.id, "Crate A", Count(4))
    one.do(arrival.count_crate, one.id, "Crate B", Count(1))
    found = one.do(arrival.finish, one.id)
    assert (found.came, found.shared, found.left_over) == (5, 5, 0)
    assert one.campaign.state == CampaignState.ARRIVED
    assert [one.get(each).delivered for each in (first, second)] == [2, 3]
    assert (one.balance(first), one.balance(second)) == (-2000, -3000)
    assert "group_short" not in [topic for topic, _person in sharing.messages(station)]


def test_what_is_missing_or_damaged_is_given_back_by_those_who_were_paid(station):
    one, (first, second) = ordered(station, (2,), (2,), commission_bp=1000)
    one.do(arrival.count_crate, one.id, "A", Count(3, damaged=1, short=1))
    assert one.do(arrival.finish, one.id).came == 2
    assert [one.get(each).delivered for each in (first, second)] == [1, 1]
    assert [one.get(each).result for each in (first, second)] == ["short", "short"]
    assert (one.balance(first), one.balance(second)) == (-1000, -1000)
    supplier = AccountRef(AccountKind.SUPPLIER, str(one.campaign.supplier_id))
    with reading():
        assert ledger.balance(station.id, AccountRef(AccountKind.COMMISSION), "CNY") == 200
        assert ledger.balance(station.id, supplier, "CNY") == 1800
    told = [topic for topic, _person in sharing.messages(station)]
    assert told.count("group_short") == 2


def test_who_gets_nothing_pays_nothing(station):
    one, (first, second) = ordered(station, (1,), (1,))
    one.do(arrival.count_crate, one.id, "A", Count(1))
    one.do(arrival.finish, one.id)
    assert [one.get(each).state for each in (first, second)] == [OrderState.ALLOCATED, OrderState.NOTHING]
    assert (one.balance(first), one.balance(second)) == (-1000, 0)


def test_more_than_was_ordered_is_left_over(station):
    one, _placed = ordered(station, (1,))
    one.do(arrival.count_crate, one.id, "A", Count(3))
    assert one.do(arrival.finish, one.id).left_over == 2


def test_the_same_crate_with_the_same_numbers_is_counted_once(station):
    one, _placed = ordered(station, (2,))
    ids = [
        one.do(arrival.count_crate, one.id, label, Count(2)) for label in ("Crate　1", "Crate 1", " Crate 1 ")
    ]
    assert len(set(ids)) == 1
    assert one.do(arrival.finish, one.id).came == 2


def test_other_numbers_in_a_counted_crate_are_refused_until_it_is_recounted(station):
    one, _placed = ordered(station, (2,))
    crate = one.do(arrival.count_crate, one.id, "A", Count(2))
    with pytest.raises(StationError) as refused:
        one.do(arrival.count_crate, one.id, "A", Count(3))
    assert refused.value.code == "crate_counted"
    one.do(arrival.recount, one.id, crate, Count(1, damaged=1))
    with reading():
        assert [each.count for each in arrival.crates(station.id, one.id)] == [Count(1, damaged=1)]


@pytest.mark.parametrize("count", [Count(-1), Count(1, damaged=2), Count(1, short=-1), Count(2**31)])
def test_numbers_that_cannot_be_are_refused(station, count):
    one, _placed = ordered(station, (2,))
    with pytest.raises(StationError) as refused:
        one.do(arrival.count_crate, one.id, "A", count)
    assert refused.value.code == "bad_input"


@pytest.mark.parametrize("label", ["", "   ", "x" * 41, "a\x00b"])
def test_a_label_that_nobody_can_read_is_refused(station, label):
    one, _placed = ordered(station, (2,))
    with pytest.raises(StationError) as refused:
        one.do(arrival.count_crate, one.id, label, Count(1))
    assert refused.value.code == "bad_input"


def test_a_photo_of_the_damage_is_kept_and_what_is_none_is_refused(station):
    one, _placed = ordered(station, (2,))
    crate = one.do(arrival.count_crate, one.id, "A", Count(2, damaged=1), picture=PNG)
    with reading():
        assert arrival.picture_of(station.id, one.id, crate).content == PNG
    with pytest.raises(StationError):
        one.do(arrival.count_crate, one.id, "B", Count(1), picture=b"<svg>")


def test_nothing_is_counted_before_the_order_nor_after_the_end(station):
    early = deal(station)
    early.order(1)
    early.cut_off()
    with pytest.raises(StationError) as refused:
        early.do(arrival.count_crate, early.id, "A", Count(1))
    assert refused.value.code == "campaign_moved_on"
    early.do(supplier_orders.make, early.id)
    with pytest.raises(StationError) as refused:
        early.do(arrival.finish, early.id)
    assert refused.value.code == "nothing_counted"
    early.do(arrival.count_crate, early.id, "A", Count(1))
    early.do(arrival.finish, early.id)
    for act in (arrival.finish, lambda actor, each: arrival.count_crate(actor, each, "B", Count(1))):
        with pytest.raises(StationError) as refused:
            early.do(act, early.id)
        assert refused.value.code == "campaign_moved_on"


@pytest.mark.parametrize("at_cut_off", [AtCutOff.CLOSE, AtCutOff.CLOSE_AND_ORDER])
def test_called_off_after_cut_off_everything_is_given_back(station, at_cut_off):
    one = deal(station, at_cut_off=at_cut_off, commission_bp=300, maximum_total=3)
    charged, waits = one.order(3), one.order(1)
    one.cut_off()
    assert one.do(calling_off.call_off, one.id, reason="The harvest failed") == 1
    assert one.campaign.state == CampaignState.CANCELLED
    assert [one.get(each).state for each in (charged, waits)] == [OrderState.CLOSED, OrderState.FALLEN]
    assert one.balance(charged) == 0
    with reading():
        assert all(line.balance_minor == 0 for line in ledger.trial_balance(station.id))
    with pytest.raises(StationError) as refused:
        one.do(calling_off.call_off, one.id, reason="Again")
    assert refused.value.code == "campaign_moved_on"


def test_calling_off_says_why(station):
    one, _placed = ordered(station, (1,))
    one.clock.wind(timedelta(hours=1))
    with pytest.raises(StationError) as refused:
        one.do(calling_off.call_off, one.id, reason="  ")
    assert refused.value.code == "bad_input"
