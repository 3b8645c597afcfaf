"""Money of somebody who was known under two names: it stays where it was paid, and counts for the one person."""

from datetime import timedelta

import pytest

from station.claims import messages as claim_messages
from station.claims import personal_queries
from station.core import clock
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.group_buys import balances
from station.group_buys import messages as group_messages
from station.group_buys.messages import GroupNote
from station.group_buys.plans import Pays
from station.parcels import hand_over
from station.parcels.hand_over import Taker
from station.payments import refunds
from station.payments.catalogue import Reason
from station.payments.settling import on_paid
from station.residents import merging
from station.residents import queries as residents
from tests import ledger
from tests.claims import claim, collected, refund
from tests.factories import recipient
from tests.group_buys import make_campaign, order, place
from tests.payments import balance, take_cash
from tests.sharing import bag, messages, packed, parcel, shelve

PHONE = "13812344068"


@pytest.fixture
def names(station):
    """Two names at one phone: the one that is kept, and the other."""
    return recipient(station, PHONE, "王芳"), recipient(station, PHONE, "王方")


def merge(station, names):
    with transaction():
        merging.merge(station.clerk, *(one.id for one in names))


def pay(station, person, amount_minor):
    """Take cash as the counter does."""
    asked = take_cash(station, person, amount_minor)
    with transaction():
        on_paid(station.clerk, asked)
    return asked


def test_who_pays_under_the_kept_name_collects_what_the_other_ordered(station, names):
    one, (ordered,) = packed(station, (2,), prepaid=0, people=[names[1]])
    shelve(one, ordered)
    merge(station, names)
    parcel_id = bag(one, ordered).parcel_id
    assert parcel(station, parcel_id).hold_reason == "payment_due"

    with clock.use(one.clock):
        pay(station, names[0], 2000)

    assert parcel(station, parcel_id).hold_reason is None
    one.do(hand_over.hand_over, parcel_id, Taker())
    ledger.check(station.id)


def test_an_order_of_the_other_name_is_placed_by_money_of_the_kept_one(station, names):
    oranges = make_campaign(station, pays=Pays.BEFORE)
    ordered = place(station, oranges, names[1], 2).order_id
    merge(station, names)

    pay(station, names[0], 2 * 2990)

    assert order(station, ordered).state == "placed"


def test_two_orders_of_two_names_are_both_placed(station, names):
    oranges = make_campaign(station, pays=Pays.BEFORE)
    ordered = [place(station, oranges, one, 1).order_id for one in names]
    merge(station, names)

    pay(station, names[0], 2 * 2990)

    assert [order(station, one).state for one in ordered] == ["placed", "placed"]


def test_what_an_order_of_the_other_name_needs_is_not_free(station, names):
    oranges = make_campaign(station, pays=Pays.BEFORE)
    place(station, oranges, names[1], 2)
    merge(station, names)
    paid = pay(station, names[0], 2 * 2990 + 20)

    with reading():
        assert [balances.free(station.id, one.id, "CNY") for one in names] == [20, 20]
    with pytest.raises(StationError) as refused, transaction():
        refunds.give_back(station.clerk, paid.id, amount_minor=21, key="back:1", reason=Reason.COMPLAINT)
    assert refused.value.code == "balance_too_small"
    assert balance(station, names[0]) == 2 * 2990 + 20


# Complaints


@pytest.fixture
def complained(station, names):
    """A deal, an order of three units that the other name collected, and a complaint about two of them."""
    one, (ordered,) = collected(station, (3,), people=[names[1]])
    return one, ordered, claim(one, ordered, 2)


def claims_of(station, person):
    """Return the claims of everybody a person is known as, by their ids."""
    with reading():
        return personal_queries.ids_of_people(station.id, residents.person_ids(station.id, person.id))


def told(station, person, number):
    """Return what a person's message about an answered complaint says."""
    with reading():
        return claim_messages.write(station.id, person.id, number=number)


def refused_code(act, *args):
    with pytest.raises(StationError) as refused:
        act(*args)
    return refused.value.code


def test_a_complaint_of_the_other_name_is_the_kept_ones_and_refunded_once(station, names, complained):
    one, ordered, made = complained
    before = balance(station, names[0])
    merge(station, names)

    refund(one, made, 2)

    assert claims_of(station, names[0]) == [made]
    assert refused_code(refund, one, made, 2) == "claim_ended"
    assert [balance(station, each) - before for each in names] == [
        2000,
        2000,
    ]  # of one person, told by either name
    assert one.balance(ordered) == -1000
    ledger.check(station.id)


def test_a_complaint_goes_on_under_the_kept_name_where_the_other_stopped(station, names, complained):
    one, ordered, made = complained
    refund(one, made, 2)
    merge(station, names)
    assert refused_code(claim, one, ordered, 2) == "bad_input"
    refund(one, claim(one, ordered, 1), 1)
    assert refused_code(claim, one, ordered, 1) == "claim_late"
    assert one.balance(ordered) == 0


@pytest.mark.parametrize("is_answered_first", [True, False])
def test_the_answer_reaches_the_person_they_are_now(station, names, complained, is_answered_first):
    one, _ordered, made = complained
    steps = [lambda: refund(one, made, 2), lambda: merge(station, names)]
    for step in steps if is_answered_first else steps[::-1]:
        step()
    number = one.campaign.number
    assert messages(station)[-1] == ("group_claim", names[0].id)
    assert "2 units" in told(station, names[0], number)


def test_each_of_two_orders_of_one_person_is_answered(station, names):
    one, (_first, second) = collected(station, (1,), (2,), people=list(names))
    first_claim = claim(one, _first, 1)
    merge(station, names)
    refund(one, claim(one, second, 2), 2)
    assert "2 units" in told(station, names[0], one.campaign.number)
    one.clock.wind(timedelta(minutes=1))
    refund(one, first_claim, 1)
    assert "1 unit" in told(station, names[0], one.campaign.number)


def test_what_was_to_be_said_of_a_group_buy_is_still_said(station, names):
    one, _orders = packed(station, (3,), came=2, people=[names[1]])
    assert messages(station)[-1] == ("group_short", names[1].id)
    merge(station, names)
    number = one.campaign.number
    with reading(), clock.use(one.clock):
        assert group_messages.write(GroupNote.SHORT, station.id, names[0].id, number=number)
