"""Money of somebody who was known under two names: it stays where it was paid, and counts for the one person."""

import pytest

from station.core import clock
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.group_buys import balances
from station.group_buys.plans import Pays
from station.parcels import hand_over
from station.parcels.hand_over import Taker
from station.payments import refunds
from station.payments.catalogue import Reason
from station.payments.settling import on_paid
from station.residents import merging
from tests import ledger
from tests.factories import recipient
from tests.group_buys import make_campaign, order, place
from tests.payments import balance, take_cash
from tests.sharing import bag, packed, parcel, shelve

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
