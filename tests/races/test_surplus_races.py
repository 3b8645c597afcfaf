"""Two at once over goods that are left over or late: one unit has one taker, and an order is given back once."""

from datetime import timedelta

from station.core import clock
from station.core.db import reading
from station.group_buys import arrival, lateness, offers, reminders, surplus, surplus_uses
from station.group_buys.arrival import Count
from station.group_buys.lifecycle import OrderState
from station.group_buys.plans import AtCutOff
from station.group_buys.surplus_uses import Way
from tests.races.together import together, winners
from tests.sharing import ARRIVES, CUT_OFF, deal, messages


def by(one, act, *args, **values):
    """Return an act by the deal's clock, to be run in a thread."""

    def acts():
        with clock.use(one.clock):
            return act(one.station.clerk, *args, **values)

    return acts


def left_over(station, *waiting, extra):
    """Return a deal of which so many units are left over, and the orders that wait."""
    one = deal(station, at_cut_off=AtCutOff.CLOSE_AND_ORDER, maximum_total=1)
    one.order(1)
    placed = [one.order(want) for want in waiting]
    one.cut_off()
    one.do(arrival.count_crate, one.id, "A", Count(1 + extra))
    one.do(arrival.finish, one.id)
    return one, placed


def remaining(one):
    with reading():
        return surplus.of_campaign(one.station.id, one.id).remaining


def test_an_offered_unit_is_taken_once_by_a_double_tap(app, station):
    one, (waits,) = left_over(station, 1, extra=1)
    done, refused = winners(together(app, *[by(one, offers.accept, waits)] * 3))
    assert (len(done), refused) == (1, ["offer_over"] * 2)
    assert (one.balance(waits), remaining(one)) == (-1000, 0)


def test_two_who_were_offered_take_their_own_units(app, station):
    one, orders = left_over(station, 1, 1, extra=2)
    done, refused = winners(together(app, *[by(one, offers.accept, each) for each in orders]))
    assert (len(done), refused) == (2, [])
    assert ([one.balance(each) for each in orders], remaining(one)) == ([-1000, -1000], 0)


def test_the_last_unit_is_taken_or_sold_never_both(app, station):
    one, (waits,) = left_over(station, 1, extra=1)
    one.clock.wind(timedelta(hours=23))
    late = by(one, offers.accept, waits)
    one_later = by(one, surplus_uses.use, one.id, 1, way=Way.SOLD)
    done, refused = winners(together(app, late, one_later))
    assert (len(done), refused) == (1, ["surplus_gone"])
    assert remaining(one) == 0


def test_two_clerks_note_the_last_unit_once(app, station):
    one, _orders = left_over(station, extra=1)
    acts = [by(one, surplus_uses.use, one.id, 1, way=way) for way in (Way.SOLD, Way.RETURNED)]
    done, refused = winners(together(app, *acts))
    assert (len(done), refused, remaining(one)) == (1, ["surplus_gone"], 0)


def late_order(station):
    one = deal(station, at_cut_off=AtCutOff.CLOSE_AND_ORDER)
    order = one.order(2)
    one.cut_off()
    one.clock.wind(timedelta(days=4))
    return one, order


def test_a_late_order_is_given_back_once(app, station):
    one, order = late_order(station)
    done, refused = winners(together(app, *[by(one, lateness.give_back, order)] * 3))
    assert (len(done), refused) == (1, ["order_moved_on"] * 2)
    assert one.balance(order) == 0


def test_the_first_crate_against_giving_back_leaves_one_of_both(app, station):
    one, order = late_order(station)
    count = by(one, arrival.count_crate, one.id, "A", Count(2))
    together(app, count, by(one, lateness.give_back, order))
    is_back = one.get(order).state == OrderState.CLOSED
    assert one.balance(order) == (0 if is_back else -2000)
    with reading():
        assert len(arrival.crates(station.id, one.id)) == 1


def test_one_new_day_typed_twice_is_told_once(app, station):
    one, _order = late_order(station)
    day = ARRIVES + timedelta(days=9)
    told = together(app, *[by(one, lateness.postpone, one.id, day)] * 2)
    assert sorted(told) == [False, True]
    assert [topic for topic, _who in messages(station)].count("group_late") == 1


def test_two_runs_of_the_job_remind_once(app, station):
    one = deal(station)
    one.do(reminders.ask, one.id, one.person().id)
    one.clock.time = CUT_OFF - timedelta(hours=1)

    def run():
        with clock.use(one.clock):
            return reminders.run(station.id)

    assert sorted(together(app, run, run)) == [0, 1]
    assert [topic for topic, _who in messages(station)].count("group_closing") == 1
