"""Two at once in a group buy: the last order against the cut-off, two cut-offs, two counts of a crate, two takers."""

from datetime import timedelta

from station.core import clock
from station.core.db import reading
from station.group_buys import arrival, bags, cut_off, offers, orders, unclaimed
from station.group_buys.arrival import Count
from station.group_buys.lifecycle import CampaignState, OrderState
from station.group_buys.orders import Wish
from station.group_buys.plans import AtCutOff, Pays
from station.parcels import hand_over
from station.parcels.hand_over import Taker
from tests import ledger
from tests.races.together import together, winners
from tests.services.winding import Clock
from tests.sharing import CUT_OFF, Deal, bag, deal, follow, packed, parcel, pay, shelve


def by(one, act, *args, **values):
    """Return an act by the deal's clock, to be run in a thread."""

    def acts():
        with clock.use(one.clock):
            return act(one.station.clerk, *args, **values)

    return acts


def test_two_cut_offs_charge_once(app, station):
    one = deal(station)
    order = one.order(2)
    one.at_cut_off()
    done, refused = winners(together(app, *[by(one, cut_off.cut_off, one.id)] * 3))
    assert (len(done), refused) == (1, ["campaign_moved_on"] * 2)
    assert one.balance(order) == -2000


def test_an_order_against_the_cut_off_is_in_it_or_refused(app, station):
    one = deal(station)
    one.order(1)
    person = one.person()
    late = deal(station)  # its clock stands before the cut-off, as a server's that is a little slow
    late.id, late.clock.time = one.id, CUT_OFF - timedelta(seconds=1)
    one.at_cut_off()
    wish = Wish(1, 0, station.id)
    together(app, by(late, orders.order, one.id, person.id, wish), by(one, cut_off.cut_off, one.id))
    placed = one.all({OrderState.PLACED, OrderState.HELD})
    assert placed == []
    shared = one.all({OrderState.ALLOCATED})
    assert sum(got.allocated for got in shared) == len(shared) >= 1
    assert one.campaign.state == CampaignState.CLOSED


def before_it(one):
    """Return the same group buy by a clock that is a second slow, so that its time to order is not over yet."""
    slow = Clock()
    slow.time = CUT_OFF - timedelta(seconds=1)
    return Deal(one.station, one.id, slow)


def test_a_change_against_the_cut_off_is_charged_or_refused(app, station):
    one = deal(station, per_person_most=5)
    order = one.order(1)
    one.at_cut_off()
    change = by(before_it(one), orders.change, order, Wish(3, 0, station.id))
    _done, refused = winners(together(app, change, by(one, cut_off.cut_off, one.id)))
    got = one.get(order)
    assert refused in ([], ["cut_off_over"])
    assert got.quantity == got.allocated == (1 if refused else 3)
    assert one.balance(order) == -1000 * got.allocated
    ledger.check(station.id)


def test_a_taking_back_against_the_cut_off_is_free_or_refused(app, station):
    one = deal(station)
    order, _other = one.order(1), one.order(1)
    one.at_cut_off()
    back = by(before_it(one), orders.cancel, order)
    _done, refused = winners(together(app, back, by(one, cut_off.cut_off, one.id)))
    assert refused in ([], ["cut_off_over"])
    assert one.balance(order) == (-1000 if refused else 0)
    assert one.get(order).state == (OrderState.ALLOCATED if refused else OrderState.CANCELLED)
    ledger.check(station.id)


def test_a_payment_against_the_cut_off_is_for_the_order_or_the_buyers(app, station):
    one = deal(station, pays=Pays.BEFORE)
    paid = one.order(1)
    one.do(pay, one.get(paid).recipient_id, 1000)
    late = one.order(1)
    one.at_cut_off()
    money = by(before_it(one), pay, one.get(late).recipient_id, 1000)
    assert winners(together(app, money, by(one, cut_off.cut_off, one.id)))[1] == []
    got = one.get(late)
    assert (got.state, one.balance(late)) in ((OrderState.ALLOCATED, 0), (OrderState.FALLEN, 1000))
    assert one.balance(paid) == 0
    ledger.check(station.id)


def test_two_clerks_count_one_crate_and_one_count_stands(app, station):
    one = deal(station, at_cut_off=AtCutOff.CLOSE_AND_ORDER)
    one.order(3)
    one.cut_off()
    acts = [by(one, arrival.count_crate, one.id, "A", Count(units)) for units in (2, 3)]
    done, refused = winners(together(app, *acts))
    assert (len(done), refused) == (1, ["crate_counted"])
    with reading():
        assert len(arrival.crates(station.id, one.id)) == 1


def test_counting_is_finished_once(app, station):
    one = deal(station, at_cut_off=AtCutOff.CLOSE_AND_ORDER)
    order = one.order(3)
    one.cut_off()
    one.do(arrival.count_crate, one.id, "A", Count(1))
    done, refused = winners(together(app, *[by(one, arrival.finish, one.id)] * 2))
    assert (len(done), refused) == (1, ["campaign_moved_on"])
    assert one.balance(order) == -1000


def test_a_bag_is_put_on_one_shelf(app, station):
    one, (order,) = packed(station, (1,))
    number = parcel(station, bag(one, order).parcel_id).waybill
    acts = [by(one, bags.shelve, number, layer) for layer in (station.layer("1"), station.layer("2"))]
    done, refused = winners(together(app, *acts))
    assert (len(done), refused) == (1, ["already_checked_in"])
    assert bag(one, order).units == 1


def test_an_offer_is_taken_once(app, station):
    one, (first, waits) = packed(station, (1,), (1,), came=1, maximum_total=1)
    shelve(one, first)
    one.do(unclaimed.agree_release, first)
    done, refused = winners(together(app, *[by(one, offers.accept, waits)] * 2))
    assert (len(done), refused) == (1, ["offer_over"])
    assert one.balance(waits) == -1000


def test_goods_are_the_takers_or_their_buyers_and_never_both(app, station):
    one, (first, waits) = packed(station, (1,), (1,), came=1, maximum_total=1)
    shelve(one, first)
    one.do(unclaimed.agree_release, first)
    parcel_id = bag(one, first).parcel_id
    collects = by(one, hand_over.hand_over, parcel_id, Taker())
    _done, refused = winners(together(app, collects, by(one, offers.accept, waits)))
    follow(station, one.clock)
    states = (one.get(first).state, one.get(waits).state)
    if refused:  # the buyer came first
        assert (refused, states[0]) == (["offer_over"], OrderState.COLLECTED)
        assert (one.balance(first), one.balance(waits)) == (-1000, 0)
    else:  # the taker has the bag, and whoever stood at the counter handed it to them
        assert states == (OrderState.CLOSED, OrderState.COLLECTED)
        assert (one.balance(first), one.balance(waits)) == (0, -1000)
    ledger.check(station.id)


def test_two_runs_of_the_job_settle_once(app, station):
    one, (first,) = packed(station, (1,))
    shelve(one, first)
    one.clock.time = bag(one, first).collect_until

    def run():
        with clock.use(one.clock):
            return unclaimed.run(station.id)

    assert sorted(together(app, run, run)) == [0, 1]
    assert one.balance(first) == 0
