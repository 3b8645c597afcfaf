"""Goods that do not come on their day: staff see it, name another day, and buyers may give their orders back."""

from datetime import timedelta

import pytest

from station.core import clock
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.group_buys import arrival, calling_off, lateness, offers, store, supplier_orders, surplus
from station.group_buys.arrival import Count
from station.group_buys.lifecycle import OrderState
from station.group_buys.plans import AtCutOff
from station.ledger import queries as ledger
from station.ledger.chart import AccountKind, AccountRef
from tests import sharing
from tests.factories import make_station
from tests.sharing import ARRIVES, deal

A_DAY = timedelta(days=1)


def ordered(station, *orders, days=0, **values):
    """Return a deal whose goods are ordered, so many days after their day, and its orders."""
    one = deal(station, **{"at_cut_off": AtCutOff.CLOSE_AND_ORDER, **values})
    placed = [one.order(*each) for each in orders]
    one.cut_off()
    one.clock.wind(timedelta(days=2 + days))  # the cut-off is two days before the goods' day
    return one, placed


def seen(one, read, *args):
    with reading(), clock.use(one.clock):
        return read(one.station.id, *args)


def late_days(one):
    return [(each.campaign.id, each.days, each.is_left_lying) for each in seen(one, lateness.late)]


def told(one):
    return [who for topic, who in sharing.messages(one.station) if topic == "group_late"]


def refused(one, act, *args, **values):
    with pytest.raises(StationError) as caught:
        one.do(act, *args, **values)
    return caught.value.code


def may_give_back(one):
    return seen(one, lateness.may_give_back, one.campaign)


def test_goods_are_late_when_their_day_is_over_and_nothing_came(station):
    one, _orders = ordered(station, (1,))
    assert (late_days(one), may_give_back(one)) == ([], False)
    one.clock.wind(A_DAY)
    assert (late_days(one), may_give_back(one)) == ([(one.id, 1, False)], True)
    one.do(arrival.count_crate, one.id, "A", Count(1))
    assert (late_days(one), may_give_back(one)) == ([], False)


def test_what_nobody_sees_to_is_said_again_after_some_days(station):
    one, _orders = ordered(station, (1,), days=lateness.AGAIN_DAYS)
    assert not late_days(one)[0][2]
    one.clock.wind(A_DAY)
    assert late_days(one)[0][2]
    one.do(lateness.postpone, one.id, ARRIVES + timedelta(days=9))
    assert late_days(one) == []


def test_a_new_day_is_kept_and_buyers_are_told_once_for_each(station):
    one, (first, second) = ordered(station, (1,), (2,))
    people = {one.get(each).recipient_id for each in (first, second)}
    assert one.do(lateness.postpone, one.id, ARRIVES + A_DAY)
    assert not one.do(lateness.postpone, one.id, ARRIVES + A_DAY)
    assert (len(told(one)), set(told(one))) == (2, people)
    assert one.do(lateness.postpone, one.id, ARRIVES + 2 * A_DAY)
    days = [(each.was_on, each.now_on) for each in seen(one, lateness.delays, one.id)]
    assert days == [(ARRIVES, ARRIVES + A_DAY), (ARRIVES + A_DAY, ARRIVES + 2 * A_DAY)]
    assert one.campaign.arrives_on == ARRIVES + 2 * A_DAY


@pytest.mark.parametrize("days", [-1, lateness.LONGEST_DAYS + 1])
def test_a_day_that_is_over_or_far_ahead_is_refused(station, days):
    one, _orders = ordered(station, (1,))
    assert refused(one, lateness.postpone, one.id, ARRIVES + timedelta(days=days)) == "bad_input"


def test_no_day_is_named_before_the_cut_off_or_once_goods_came(station):
    one = deal(station)
    one.order(1)
    assert refused(one, lateness.postpone, one.id, ARRIVES + A_DAY) == "campaign_moved_on"
    came, _orders = ordered(station, (1,))
    came.do(arrival.count_crate, came.id, "A", Count(1))
    assert refused(came, lateness.postpone, came.id, ARRIVES + A_DAY) == "campaign_moved_on"


def test_another_station_names_no_day_here(station):
    one, _orders = ordered(station, (1,))
    other = make_station("Elm")
    with clock.use(one.clock), pytest.raises(StationError) as caught, transaction():
        lateness.postpone(other.manager, one.id, ARRIVES + A_DAY)
    assert caught.value.code == "not_found"


def test_a_late_order_is_given_back_whole_and_once(station):
    one, (first, second) = ordered(station, (2,), (1,), commission_bp=1000)
    assert refused(one, lateness.give_back, first) == "order_moved_on"
    one.do(lateness.postpone, one.id, ARRIVES + A_DAY)
    one.do(lateness.give_back, first)
    assert refused(one, lateness.give_back, first) == "order_moved_on"
    got = one.get(first)
    assert (got.state, got.delivered, got.result) == (OrderState.CLOSED, 0, lateness.GIVEN_BACK)
    assert (one.balance(first), one.balance(second)) == (0, -1000)
    with reading():
        assert ledger.balance(station.id, AccountRef(AccountKind.COMMISSION), "CNY") == 100
    assert seen(one, lateness.given_back, one.id) == 2


def test_nobody_gives_back_what_has_come(station):
    one, (first,) = ordered(station, (1,), days=1)
    one.do(arrival.count_crate, one.id, "A", Count(1))
    assert refused(one, lateness.give_back, first) == "order_moved_on"


def test_what_was_given_back_goes_to_who_waits_when_it_comes(station):
    one, (first, second, waits) = ordered(station, (2,), (1,), (1,), maximum_total=3, days=1)
    one.do(lateness.give_back, first)
    one.do(arrival.count_crate, one.id, "A", Count(3))
    one.do(arrival.finish, one.id)
    assert seen(one, surplus.of_campaign, one.id).remaining == 2
    one.do(offers.accept, waits)
    assert [one.balance(each) for each in (first, second, waits)] == [0, -1000, -1000]


def test_less_that_comes_is_enough_when_some_gave_back(station):
    one, (first, second) = ordered(station, (2,), (2,), days=1)
    one.do(lateness.give_back, first)
    one.do(arrival.count_crate, one.id, "A", Count(2))
    one.do(arrival.finish, one.id)
    assert (one.get(second).delivered, one.balance(second)) == (2, -2000)


def test_calling_off_gives_nobody_their_money_twice(station):
    one, (first, second) = ordered(station, (2,), (1,), days=1)
    one.do(lateness.give_back, first)
    one.do(calling_off.call_off, one.id, reason="Nothing comes")
    assert [one.balance(each) for each in (first, second)] == [0, 0]


def test_an_order_that_was_not_sent_yet_is_made_in_whole_boxes_without_what_was_given_back(station):
    one, (first, _second) = ordered(station, (4,), (2,), days=1, at_cut_off=AtCutOff.CLOSE, box_size=3)
    one.do(lateness.give_back, first)
    one.do(supplier_orders.make, one.id)
    made = seen(one, supplier_orders.of_campaign, one.id)
    assert (made.units, made.boxes) == (3, 1)


def test_nothing_is_ordered_that_everybody_gave_back(station):
    one, (first,) = ordered(station, (1,), days=1, at_cut_off=AtCutOff.CLOSE)
    one.do(lateness.give_back, first)
    assert refused(one, supplier_orders.make, one.id) == "campaign_moved_on"
    assert seen(one, store.look_campaign, one.id).state == "closed"
