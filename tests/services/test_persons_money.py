"""One sum for a person: several names at one phone, entries that were merged, privacy numbers that were linked."""

import pytest

from station.core.db import reading, transaction
from station.core.errors import StationError
from station.group_buys.lifecycle import OrderState
from station.group_buys.plans import Pays
from station.ledger import charging, queries
from station.payments import balances, refunds
from station.payments.catalogue import Reason
from station.residents import merging, people_queries
from station.residents import queries as residents
from station.residents.service import phone_hash
from tests import ledger, payments, sharing
from tests.factories import make_station, recipient
from tests.ledger import CASH

PHONE, PRIVACY = "13812344068", "17012345678,8462"


@pytest.fixture
def names(station):
    """Two names at one phone."""
    return recipient(station, PHONE, "陈晓明"), recipient(station, PHONE, "陈小明")


def merge(station, kept, other):
    with transaction():
        merging.merge(station.manager, kept.id, other.id)


def pay(station, who, amount=5_000):
    return payments.take_cash(station, who, amount)


def charge(station, who, amount):
    with transaction():
        charging.charge(station.manager, who.id, amount_minor=amount, reason="wrap", key=ledger.key())


def has(station, *people):
    """Return what the station owes to each of these entries' persons, and what of it is free."""
    with reading():
        return {
            (queries.resident_balance(station.id, one.id, "CNY"), balances.free(station.id, one.id, "CNY"))
            for one in people
        }


def test_two_names_at_one_phone_have_one_sum(station, names):
    first, second = names
    pay(station, first)
    charge(station, second, 3_000)
    assert has(station, first, second) == {(2_000, 2_000)}


def test_another_phone_and_another_station_have_their_own(station, names):
    pay(station, names[0])
    elsewhere = make_station("Lotus Garden")
    assert has(station, recipient(station, "13900000002", "陈晓明")) == {(0, 0)}
    assert has(elsewhere, recipient(elsewhere, PHONE, "陈晓明")) == {(0, 0)}


def test_merging_changes_no_sum_and_moves_no_money(station, names):
    kept, other = names
    pay(station, other)
    charge(station, kept, 1_000)
    merge(station, kept, other)
    assert has(station, kept, other) == {(4_000, 4_000)}
    with reading():
        assert len(queries.read_journals(station.id)) == 2
    ledger.check(station.id)


def test_linked_privacy_number_brings_its_money(station, names):
    number = recipient(station, PRIVACY, "陈")
    pay(station, number)
    assert has(station, names[0]) == {(0, 0)}
    merge(station, names[0], number)
    assert has(station, *names, number) == {(5_000, 5_000)}
    with transaction():
        merging.separate(station.manager, names[0].id, number.id)
    assert has(station, names[0]) == {(0, 0)}


def test_nothing_is_given_back_that_another_name_owes(station, names):
    first, second = names
    asked = pay(station, first)
    charge(station, second, 3_000)
    with pytest.raises(StationError) as refused, transaction():
        refunds.give_back(
            station.clerk, asked.id, amount_minor=2_001, key="test:back", reason=Reason.NOT_NEEDED
        )
    assert refused.value.code == "balance_too_small"
    with transaction():
        refunds.give_back(
            station.clerk, asked.id, amount_minor=2_000, key="test:back", reason=Reason.NOT_NEEDED
        )
    assert has(station, first, second) == {(0, 0)}


def test_order_under_one_name_is_paid_under_the_other(station, names):
    first, second = names
    one = sharing.deal(station, pays=Pays.BEFORE)
    order = one.order(3, person=second)
    assert one.get(order).state == OrderState.HELD
    one.do(sharing.pay, first.id, 3_000)
    assert one.get(order).state == OrderState.PLACED
    assert has(station, first, second) == {(3_000, 0)}


def test_bag_under_one_name_is_free_when_the_other_has_paid(station, names):
    first, second = names
    one, (order,) = sharing.packed(station, (3,), prepaid=0, people=(second,))
    sharing.shelve(one, order)
    held = sharing.bag(one, order).parcel_id
    assert sharing.parcel(station, held).hold_reason == "payment_due"
    one.do(sharing.pay, first.id, 3_000)
    assert sharing.parcel(station, held).hold_reason is None


def test_entry_nobody_knows_is_its_own_person(station):
    ledger.post(station.clerk, (CASH, ledger.RESIDENT, 5))
    with reading():
        assert queries.resident_balance(station.id, 101, "CNY") == 5
        assert residents.person_ids(station.id, 101) == [101]


def test_person_is_who_the_resident_sees(station, names):
    kept, other = names
    merge(station, kept, other)
    with reading():
        seen = residents.ids_at_phone(station.id, phone_hash(PHONE))
        for one in names:
            assert residents.person_ids(station.id, one.id) == seen
        assert people_queries.person(station.id, other.id).kept_id == kept.id
