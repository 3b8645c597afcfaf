"""Complaints about goods whose supplier was settled before: that period stays, the refund falls into the next."""

from datetime import timedelta

import pytest

from station.claims.rules import BorneBy
from station.core import clock
from station.core.db import reading, transaction
from station.ledger import queries as ledger
from station.ledger import settlement_queries, settling
from station.ledger.chart import AccountKind, AccountRef
from station.ledger.settling import Payout
from station.ledger.statements import Period
from tests import ledger as books
from tests.claims import claim, collected, refund
from tests.sharing import CUT_OFF, deal

SOLD = Period(CUT_OFF.date() - timedelta(days=5), CUT_OFF.date())
NEXT = Period(CUT_OFF.date() + timedelta(days=1), CUT_OFF.date() + timedelta(days=20))
WHOLE = Period(SOLD.first_day, NEXT.last_day)
AGAIN = CUT_OFF + timedelta(days=9)  # when the supplier's next group buy is cut off


@pytest.fixture
def sold(station):
    """A deal of three units with 10 % commission, and its order, collected."""
    one, (order,) = collected(station, (3,), commission_bp=1000)
    return one, order


def supplier(one):
    return AccountRef(AccountKind.SUPPLIER, str(one.campaign.supplier_id))


def settle(one, period, amount, **values):
    wanted = Payout(supplier(one), "CNY", period, amount, **values)
    with clock.use(one.clock), transaction():
        return settling.settle(one.station.manager, wanted)


def account(one, period):
    """Return a period of the supplier's account: before, after, and each row's sold, back, kept and own part."""
    ref = supplier(one)
    with clock.use(one.clock), reading():
        found = settlement_queries.account(one.station.id, ref, "CNY", period)
    rows = [(row.sold_minor, row.back_minor, row.kept_minor, row.own_minor) for row in found.rows]
    return found.before_minor, found.after_minor, rows


def due(one, period):
    ref = supplier(one)
    with clock.use(one.clock), reading():
        return settling.owed(one.station.id, ref, "CNY", period)


def later(one):
    """Let the next period go by."""
    one.clock.wind(timedelta(days=30))


def test_the_settled_period_stays_and_the_supplier_owes_with_the_next(sold):
    one, order = sold
    settle(one, SOLD, 2700)
    before = account(one, SOLD)

    refund(one, claim(one, order, 2), 2)

    assert account(one, SOLD) == before == (0, 2700, [(3000, 0, 300, 2700)])
    later(one)
    assert account(one, NEXT) == (2700, -1800, [(0, 2000, -200, -1800)])
    assert due(one, NEXT) == -1800
    made = settle(one, NEXT, 0, received_minor=1800)
    assert (made.owed_minor, made.received_minor) == (-1800, 1800)
    ref = supplier(one)
    with reading():
        assert ledger.balance(one.station.id, ref, "CNY") == 0
    books.check(one.station.id)


def test_what_is_sold_next_is_paid_without_what_was_given_back(sold):
    one, order = sold
    settle(one, SOLD, 2700)
    refund(one, claim(one, order, 2), 2)
    same = {"supplier_id": one.campaign.supplier_id, "commission_bp": 1000}
    again = deal(one.station, cut_off_at=AGAIN, arrives_on=AGAIN.date() + timedelta(days=2), **same)
    again.order(4)
    again.clock.time = AGAIN
    again.cut_off()
    later(one)
    assert account(one, NEXT) == (2700, 1800, [(0, 2000, -200, -1800), (4000, 0, 400, 3600)])
    assert settle(one, NEXT, 1800).owed_minor == 1800
    books.check(one.station.id)


def test_what_was_given_back_for_complaints_is_told_apart(station):
    one, (broken, _other) = collected(station, (3,), (2,), came=4)  # one did not come
    refund(one, claim(one, broken, 1), 1)
    ref = supplier(one)
    with clock.use(one.clock), reading():
        rows = settlement_queries.account(one.station.id, ref, "CNY", WHOLE).rows
    assert [(row.sold_minor, row.back_minor, row.complaints_minor) for row in rows] == [(5000, 2000, 1000)]


def test_what_was_carried_over_is_owed_less(sold):
    one, order = sold
    settle(one, SOLD, 0)
    refund(one, claim(one, order, 2), 2)
    later(one)
    assert due(one, NEXT) == 900


def test_a_refund_made_before_the_period_is_settled_is_not_paid_out(sold):
    one, order = sold
    refund(one, claim(one, order, 2), 2)
    assert account(one, SOLD)[1] == 2700
    assert due(one, SOLD) == 900


def test_what_the_station_bears_changes_no_settlement(sold):
    one, order = sold
    settle(one, SOLD, 2700)
    refund(one, claim(one, order, 2), 2, BorneBy.STATION)
    later(one)
    assert account(one, NEXT) == (2700, 0, [])
    assert due(one, NEXT) == 0
