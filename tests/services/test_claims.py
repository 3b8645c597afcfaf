"""Claims about goods that were collected: who may say what, until when, and what money moves when it is answered."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from station.claims import service as claims
from station.claims.rules import MOST_CLAIMS, BorneBy, Problem
from station.core import clock
from station.core.db import db, reading, transaction
from station.core.errors import StationError
from station.events.models import CustodyEvent
from station.group_buys import arrival, bags, offers, supplier_orders, unclaimed
from station.group_buys.arrival import Count
from station.group_buys.plans import Storage, UnclaimedRule
from station.ledger import closes, proof
from station.ledger import queries as ledger
from station.ledger.chart import AccountKind, AccountRef
from station.ledger.models import LedgerJournal
from tests.claims import bring_back, claim, collected, get, hand_out, photo, refund
from tests.factories import make_station
from tests.sharing import bag, deal, messages, packed, shelve


def refused(act, *args, **values):
    with pytest.raises(StationError) as found:
        act(*args, **values)
    return found.value.code


def on(one, kind, owner=""):
    with reading():
        return ledger.balance(one.station.id, AccountRef(kind, str(owner)), "CNY")


def parts(one):
    """Return what the supplier and the commission have, and what was wasted."""
    supplier = on(one, AccountKind.SUPPLIER, one.campaign.supplier_id)
    return supplier, on(one, AccountKind.COMMISSION), on(one, AccountKind.WASTE)


def books_hold(one):
    with reading():
        assert proof.first_fault(one.station.id) is None


def test_the_supplier_and_the_commission_give_back_their_parts(station):
    one, (order,) = collected(station, (3,), commission_bp=1000)
    assert parts(one) == (2700, 300, 0)
    mine = claim(one, order, 2)

    assert refund(one, mine, 2) == 2000

    assert one.balance(order) == -1000
    assert parts(one) == (900, 100, 0)
    books_hold(one)


def test_what_the_station_bears_costs_the_supplier_nothing(station):
    one, (order,) = collected(station, (3,), commission_bp=1000)
    refund(one, claim(one, order, 1), 1, BorneBy.STATION)
    assert one.balance(order) == -2000
    assert parts(one) == (2700, 300, 1000)
    books_hold(one)


def test_a_part_of_what_was_claimed_can_be_given_back(station):
    one, (order,) = collected(station, (3,))
    mine = claim(one, order, 3)
    assert refused(refund, one, mine, 4) == "bad_input"
    assert refused(refund, one, mine, 0) == "bad_input"
    refund(one, mine, 1)
    assert (get(station, mine).refunded_units, get(station, mine).amount_minor) == (1, 1000)


def test_several_claims_never_give_back_more_than_was_charged(station):
    one, (order,) = collected(station, (3,), came=2, commission_bp=777)
    assert refused(claim, one, order, 3) == "bad_input"
    refund(one, claim(one, order, 1), 1, BorneBy.STATION)
    refund(one, claim(one, order, 1), 1)
    assert one.balance(order) == 0
    assert refused(claim, one, order, 1) == "claim_late"
    books_hold(one)


def test_a_claim_is_answered_once(station):
    one, (order,) = collected(station)
    mine = claim(one, order)
    refund(one, mine)
    assert refused(refund, one, mine) == "claim_ended"
    assert refused(one.do, claims.refuse, mine, "No") == "claim_ended"
    assert refused(one.do, claims.withdraw, mine) == "claim_ended"
    assert one.balance(order) == -2000


def test_a_refusal_moves_nothing_and_says_why(station):
    one, (order,) = collected(station)
    mine = claim(one, order)
    assert refused(one.do, claims.refuse, mine, "  ") == "bad_input"
    one.do(claims.refuse, mine, "The photo shows another box.")
    assert get(station, mine).answer == "The photo shows another box."
    assert one.balance(order) == -3000
    assert messages(station)[-1] == ("group_claim", one.get(order).recipient_id)


def test_who_was_refused_or_withdrew_may_say_it_again(station):
    one, (order,) = collected(station)
    one.do(claims.refuse, claim(one, order, 3), "Too dark to see.")
    one.do(claims.withdraw, claim(one, order, 3))
    refund(one, claim(one, order, 3), 3)
    assert one.balance(order) == 0


def test_but_not_for_ever(station):
    one, (order,) = collected(station)
    for _number in range(MOST_CLAIMS):
        one.do(claims.withdraw, claim(one, order))
    assert refused(claim, one, order) == "claim_late"


def test_one_claim_at_a_time(station):
    one, (order,) = collected(station)
    claim(one, order)
    assert refused(claim, one, order) == "claim_open"


@pytest.mark.parametrize(
    ("values", "hours"),
    [({}, 168), ({"storage": Storage.CHILLED}, 24), ({"storage": Storage.FROZEN}, 24), ({"claim_h": 48}, 48)],
)
def test_the_time_for_claims_follows_the_goods_unless_the_campaign_says_so(station, values, hours):
    one, (order,) = collected(station, **values)
    one.clock.wind(timedelta(hours=hours, seconds=-1))
    one.do(claims.withdraw, claim(one, order))
    one.clock.wind(timedelta(seconds=1))
    assert refused(claim, one, order) == "claim_late"


def test_a_claim_made_in_time_is_answered_however_late(station):
    one, (order,) = collected(station)
    mine = claim(one, order)
    one.clock.wind(timedelta(days=40))
    assert refund(one, mine) == 1000


def test_nothing_is_claimed_before_it_is_collected(station):
    one, (order,) = packed(station, (3,))
    assert refused(claim, one, order) == "order_moved_on"
    shelve(one, order)
    assert refused(claim, one, order) == "order_moved_on"


@pytest.mark.parametrize(
    "values",
    [
        {"units": 0},
        {"units": 4},
        {"units": -1},
        {"pictures": []},
        {"pictures": [photo()] * 4},
        {"pictures": [b"rubbish"]},
        {"pictures": [photo()[:-20]]},
        {"problem": Problem.MISSING, "pictures": []},
        {"words": "x" * 301},
        {"words": "\x07"},
    ],
)
def test_what_cannot_be_read_or_judged_is_refused(station, values):
    one, (order,) = collected(station)
    assert refused(claim, one, order, **values) == "bad_input"


def test_what_is_missing_needs_words_and_no_picture(station):
    one, (order,) = collected(station)
    mine = claim(one, order, problem=Problem.MISSING, words=" Only two in the bag ", pictures=[])
    assert get(station, mine).words == "Only two in the bag"


def test_goods_back_on_their_shelf_are_not_paid_back_by_a_claim(station):
    one, (order,) = collected(station)
    mine = claim(one, order)
    bring_back(one, order)
    assert refused(refund, one, mine) == "order_moved_on"
    one.do(claims.refuse, mine, "It is back on its shelf.")


def test_what_a_claim_gave_back_is_not_given_back_again_when_nobody_collects(station):
    one, (order,) = collected(station, (3,), unclaimed_rule=UnclaimedRule.REFUND)
    refund(one, claim(one, order, 1), 1)
    bring_back(one, order)
    one.clock.time = bag(one, order).collect_until + timedelta(seconds=1)
    with clock.use(one.clock), transaction():
        unclaimed.run(station.id)
    assert one.get(order).state == "closed"
    assert one.balance(order) == 0
    books_hold(one)


def test_goods_that_were_paid_back_in_part_are_offered_to_nobody(station):
    one, (order,) = collected(station)
    refund(one, claim(one, order), 1)
    bring_back(one, order)
    assert refused(one.do, unclaimed.agree_release, order) == "order_moved_on"


def test_who_took_goods_over_claims_them_and_not_who_let_them_go(station):
    one = deal(station, maximum_total=2)
    one.prepaid = 100_000
    first, second = one.order(2), one.order(2)
    one.cut_off()
    one.do(supplier_orders.make, one.id)
    one.do(arrival.count_crate, one.id, "A", Count(2))
    one.do(arrival.finish, one.id)
    one.do(bags.pack, one.id)
    shelve(one, first)
    one.do(unclaimed.agree_release, first)
    one.do(offers.accept, second)
    hand_out(one, second)

    assert refused(claim, one, first) == "order_moved_on"
    refund(one, claim(one, second, 2), 2)
    assert (one.balance(first), one.balance(second)) == (0, 0)
    assert parts(one) == (0, 0, 0)


def test_a_refund_lands_on_the_next_open_day_and_leaves_a_closed_one_alone(station):
    one, (order,) = collected(station)
    mine = claim(one, order)
    with clock.use(one.clock):
        with reading():
            today = ledger.local_today(station.id)
        with transaction():
            closes.close_day(station.manager, today)
    refund(one, mine)
    with reading():
        key = LedgerJournal.key == f"claim:{mine}"
        assert db.session.scalar(select(LedgerJournal.day).where(key)) == today + timedelta(days=1)


def test_another_stations_claim_is_not_there(station):
    other = make_station("Other")
    one, (order,) = collected(station)
    mine = claim(one, order)
    for act in (
        lambda: claims.withdraw(other.clerk, mine),
        lambda: claims.refuse(other.manager, mine, "No"),
        lambda: claims.refund(other.manager, mine, claims.Refund(1, BorneBy.SUPPLIER)),
        lambda: claims.make(other.clerk, order, claims.Wish(Problem.BAD, 1), [photo()]),
    ):
        with pytest.raises(StationError) as found, transaction():
            act()
        assert found.value.code == "not_found"


def test_the_log_names_the_claim_and_not_what_was_said(station):
    one, (order,) = collected(station)
    refund(one, claim(one, order, words="Mould on the third one"), 1)
    with reading():
        kinds = CustodyEvent.kind.in_(("claim_made", "claim_refunded"))
        found = db.session.scalars(select(CustodyEvent.data).where(kinds).order_by(CustodyEvent.seq)).all()
    assert len(found) == 2
    assert "Mould" not in str(found)
