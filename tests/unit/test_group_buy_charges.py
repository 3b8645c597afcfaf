"""Who gets what of a sale, worked by hand; what is given back leaves what a smaller order would be."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.group_buys import charges
from station.group_buys.charges import Parts, Rates
from station.group_buys.store import Current, Order
from station.ledger.chart import AccountKind, AccountRef, JournalKind

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOME, PARTNER, BUYER, TAKER = 1, 2, 7, 8
COMMISSION = AccountRef(AccountKind.COMMISSION)
SUPPLIER = AccountRef(AccountKind.SUPPLIER, "5")
STATION = AccountRef(AccountKind.STATION, str(PARTNER))
WASTE = AccountRef(AccountKind.WASTE)
RATES = Rates(1000, 500)


def resident(number):
    return AccountRef(AccountKind.RESIDENT, str(number))


def blank(model, **values):
    """Return a row of which only `values` are looked at."""
    return model(**(dict.fromkeys(model.__slots__) | values))


CAMPAIGN = blank(Current, id=3, supplier_id=5, currency="CNY", commission_bp=1000, cut_off_at=NOW)
ORDER = blank(Order, id=9, recipient_id=BUYER, point_station_id=PARTNER, made_at=NOW)
OTHER = replace(ORDER, id=10, recipient_id=TAKER)


class Case(NamedTuple):
    """An amount, the rates in hundredths of a percent, and the parts it falls into."""

    why: str
    amount: int
    rates: Rates
    parts: Parts


CASES = (
    Case("nothing is nobody's", 0, Rates(1000, 500), Parts(0, 0, 0)),
    Case("without rates all of it is the supplier's", 999, Rates(0, 0), Parts(999, 0, 0)),
    Case("ten and five per cent of 80.00, as docs/ledger.md has it", 8000, RATES, Parts(6800, 800, 400)),
    Case("without a partner the rest is the supplier's", 100_000, Rates(1000), Parts(90_000, 10_000, 0)),
    Case("half a unit is rounded up: 0.5 of 5", 5, Rates(1000), Parts(4, 1, 0)),
    Case("less than half is rounded down: 0.4 of 4", 4, Rates(1000), Parts(4, 0, 0)),
    Case("the sum is rounded, not each: 0.5 and 0.5 are 1", 5, Rates(1000, 1000), Parts(4, 1, 0)),
    Case("the sum is rounded, not each: 0.4 and 0.4 are 1", 4, Rates(1000, 1000), Parts(3, 0, 1)),
    Case("all of it is the station's and its partner's", 3, Rates(5000, 5000), Parts(0, 2, 1)),
    Case("3.33 per cent of 9.99 are 0.332667", 999, Rates(333), Parts(966, 33, 0)),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.why)
def test_a_sale_falls_into_these_parts(case):
    assert charges.split(case.amount, case.rates) == case.parts


@given(st.integers(0, 10**9), st.integers(0, 10_000), st.data())
def test_the_parts_are_never_negative_and_make_the_whole(amount, commission, data):
    partner = data.draw(st.integers(0, 10_000 - commission))
    parts = charges.split(amount, Rates(commission, partner))
    assert parts.supplier + parts.commission + parts.partner == amount
    assert min(parts.supplier, parts.commission, parts.partner) >= 0
    assert abs(parts.commission - amount * commission / 10_000) <= 0.5


def moved(journals):
    """Return the moves of the one journal there is."""
    (journal,) = journals
    journal.check()
    return [(move.debit, move.credit, move.amount_minor) for move in journal.moves]


def test_a_charge_goes_from_the_buyer_to_each_part():
    (journal,) = found = charges.charge(CAMPAIGN, ORDER, amount_minor=8000, at=RATES)
    assert (journal.key, journal.kind, journal.refers_to) == ("cut_off:9", JournalKind.SALE, "group_order:9")
    assert journal.currency == "CNY"
    assert moved(found) == [
        (resident(BUYER), SUPPLIER, 6800),
        (resident(BUYER), COMMISSION, 800),
        (resident(BUYER), STATION, 400),
    ]


def test_what_is_given_back_comes_from_each_part():
    found = charges.give_back(CAMPAIGN, ORDER, amounts=(8000, 6000), at=RATES, key="arrival:9")
    assert found[0].kind is JournalKind.GIVE_BACK
    assert moved(found) == [
        (SUPPLIER, resident(BUYER), 1700),
        (COMMISSION, resident(BUYER), 200),
        (STATION, resident(BUYER), 100),
    ]


def test_a_part_that_grows_by_rounding_is_paid_by_the_buyer():
    """Of 5 the station has 1 and the partner nothing, of 4 it is the other way round."""
    found = charges.give_back(CAMPAIGN, ORDER, amounts=(5, 4), at=Rates(1000, 1000), key="arrival:9")
    assert moved(found) == [
        (SUPPLIER, resident(BUYER), 1),
        (COMMISSION, resident(BUYER), 1),
        (resident(BUYER), STATION, 1),
    ]


@given(st.integers(0, 10**6), st.data(), st.integers(0, 10_000))
def test_however_often_something_is_given_back_the_rest_is_that_of_a_smaller_order(amount, data, commission):
    at = Rates(commission, data.draw(st.integers(0, 10_000 - commission)))
    keeps = sorted(data.draw(st.lists(st.integers(0, amount), min_size=1, max_size=3)), reverse=True)
    journals = charges.charge(CAMPAIGN, ORDER, amount_minor=amount, at=at)
    for number, (was, stays) in enumerate(zip([amount, *keeps], keeps, strict=False)):
        journals += charges.give_back(CAMPAIGN, ORDER, amounts=(was, stays), at=at, key=f"back:{number}")
    has = dict.fromkeys((SUPPLIER, COMMISSION, STATION, resident(BUYER)), 0)
    for debit, credit, units in (move for one in journals for move in moved([one])):
        has[debit] -= units
        has[credit] += units
    last = charges.split(keeps[-1], at)
    assert has == {
        SUPPLIER: last.supplier,
        COMMISSION: last.commission,
        STATION: last.partner,
        resident(BUYER): -keeps[-1],
    }


def test_nothing_is_posted_for_nothing():
    assert charges.charge(CAMPAIGN, ORDER, amount_minor=0, at=RATES) == []
    assert charges.give_back(CAMPAIGN, ORDER, amounts=(500, 500), at=RATES, key="arrival:9") == []
    assert charges.give_back_as_waste(CAMPAIGN, ORDER, amount_minor=0, key="gone:9") == []
    assert charges.take_over(CAMPAIGN, ORDER, OTHER, amount_minor=0, key="offer:4") == []


def test_waste_is_the_stations():
    (journal,) = found = charges.give_back_as_waste(CAMPAIGN, ORDER, amount_minor=700, key="gone:9")
    assert (journal.kind, journal.key, journal.refers_to) == (JournalKind.WASTE, "gone:9", "group_order:9")
    assert moved(found) == [(WASTE, resident(BUYER), 700)]


def test_who_takes_goods_over_pays_their_buyer():
    (journal,) = found = charges.take_over(CAMPAIGN, ORDER, OTHER, amount_minor=700, key="offer:4")
    assert (journal.kind, journal.refers_to) == (JournalKind.GIVE_BACK, "group_order:10")
    assert moved(found) == [(resident(TAKER), resident(BUYER), 700)]


@pytest.mark.parametrize(
    ("point", "shares", "partner"),
    [
        (HOME, {PARTNER: 500}, 0),  # collected at home: the station has its commission
        (PARTNER, {PARTNER: 500}, 500),
        (PARTNER, {PARTNER: 9500}, 9000),  # never more than what the commission leaves
    ],
)
def test_a_partner_has_a_part_of_what_is_collected_there(point, shares, partner):
    found = charges.rates(CAMPAIGN, replace(ORDER, point_station_id=point), shares)
    assert found == Rates(1000, partner)
