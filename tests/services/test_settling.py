"""Settling with suppliers and partner stations: what a period says, and that nothing is paid out twice or too much."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from station.core import clock, ids
from station.core.db import connection, reading, transaction
from station.core.errors import StationError
from station.ledger import queries, settlement_queries, settling
from station.ledger.chart import AccountKind, AccountRef, JournalKind
from station.ledger.models import Settlement
from station.ledger.settling import Payout
from station.ledger.statements import Period
from tests import ledger
from tests.factories import make_station
from tests.ledger import BANK, CASH, COMMISSION, PARTNER, RESIDENT, SUPPLIER
from tests.races.together import together, winners
from tests.services.winding import Clock

NOON = datetime(2026, 3, 31, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai, the last day of March
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
APRIL = Period(date(2026, 4, 1), date(2026, 4, 30))


@pytest.fixture
def time():
    source = Clock(NOON)
    with clock.use(source):
        yield source


def sell(station, amount=10_000, part=9_000, order=7, **values):
    moves = ((RESIDENT, SUPPLIER, part), (RESIDENT, COMMISSION, amount - part))
    return ledger.post(
        station.manager, *moves, kind=JournalKind.SALE, refers_to=f"group_order:{order}", **values
    )


def give_back(station, amount=1_000, part=900, order=7):
    moves = ((SUPPLIER, RESIDENT, part), (COMMISSION, RESIDENT, amount - part))
    return ledger.post(station.manager, *moves, kind=JournalKind.GIVE_BACK, refers_to=f"group_order:{order}")


def settle(station, amount, period=MARCH, **values):
    wanted = {"ref": SUPPLIER, "currency": "CNY", "period": period, "amount_minor": amount, **values}
    with transaction():
        return settling.settle(station.manager, Payout(**wanted))


def owed(station, ref=SUPPLIER):
    with reading():
        return queries.balance(station.id, ref, "CNY")


def account(station, ref=SUPPLIER, period=MARCH):
    with reading():
        return settlement_queries.account(station.id, ref, "CNY", period)


@pytest.fixture
def march(station, time):
    """A station that sold and gave back in March, seen from April."""
    sell(station)
    give_back(station)
    time.wind(timedelta(days=2))
    return station


def test_period_says_what_was_sold_given_back_and_kept(march):
    found = account(march)
    assert (found.before_minor, found.after_minor, found.paid_minor, found.other_minor) == (0, 8_100, 0, 0)
    assert [(row.sold_minor, row.back_minor, row.kept_minor, row.own_minor) for row in found.rows] == [
        (10_000, 1_000, 900, 8_100)
    ]


def test_reversed_sale_is_given_back_whole(station, time):
    ledger.reverse(station.manager, sell(station))
    found = account(station)
    assert [(row.sold_minor, row.back_minor, row.own_minor) for row in found.rows] == [(10_000, 10_000, 0)]
    assert found.after_minor == 0


def test_payout_is_posted_once_and_named_by_the_period(march):
    first = settle(march, 8_100)
    again = settle(march, 8_100)
    assert again == first
    assert owed(march) == 0
    found = account(march, period=APRIL)
    assert (found.before_minor, found.paid_minor, found.after_minor) == (8_100, 8_100, 0)
    with reading():
        assert settlement_queries.settlements(march.id, limit=9) == [first]
        assert settlement_queries.touching(march.id, SUPPLIER, "CNY", MARCH) == first
    ledger.check(march.id)


@pytest.mark.parametrize(
    "period", [MARCH, Period(date(2026, 3, 31), date(2026, 4, 1)), Period(date(2026, 2, 1), date(2026, 3, 1))]
)
def test_days_are_settled_once(march, period):
    settle(march, 8_000)
    with pytest.raises(StationError) as refused:
        settle(march, 100, period)
    assert refused.value.code == "settled_already"
    assert owed(march) == 100


def test_more_than_is_owed_needs_a_reason(march):
    with pytest.raises(StationError) as refused:
        settle(march, 8_101)
    assert refused.value.code == "not_owed"
    assert owed(march) == 8_100
    made = settle(march, 8_101, reason="rounded up, agreed by phone")
    assert owed(march) == -1
    with reading():
        assert queries.note_of(march.id, made.journal_id) == "rounded up, agreed by phone"


def test_what_was_paid_out_by_hand_is_not_owed_any_more(march):
    ledger.post(march.manager, (SUPPLIER, BANK, 8_000), kind=JournalKind.PAYOUT)
    with pytest.raises(StationError) as refused:
        settle(march, 8_100)
    assert refused.value.code == "not_owed"
    assert settle(march, 100).owed_minor == 100


def test_what_was_sold_later_is_not_paid_for_the_period(march):
    sell(march, 50_000, 45_000)
    with pytest.raises(StationError) as refused:
        settle(march, 8_101)
    assert refused.value.code == "not_owed"


def test_period_that_is_not_over_is_not_settled(station, time):
    sell(station)
    with pytest.raises(StationError) as refused:
        settle(station, 1)
    assert refused.value.code == "bad_input"


def test_period_without_sales_is_settled_with_nothing(station, time):
    time.wind(timedelta(days=2))
    assert settle(station, 0).journal_id is None


@pytest.mark.parametrize(
    "change",
    [
        {"amount_minor": -1},
        {"amount_minor": 10**12},
        {"received_minor": -1},
        {"received_minor": 1},
        {"reference": "x" * 65},
        {"reference": "two\nlines"},
        {"ref": RESIDENT},
        {"ref": CASH},
        {"way": AccountKind.WASTE},
        {"currency": "XXX"},
        {"period": Period(date(2026, 3, 2), date(2026, 3, 1))},
        {"amount_minor": 9_000, "reason": "a\tb"},
    ],
    ids=str,
)
def test_payout_that_is_none_is_refused(march, change):
    wanted = {"ref": SUPPLIER, "currency": "CNY", "period": MARCH, "amount_minor": 1, **change}
    with pytest.raises(StationError) as refused, transaction():
        settling.settle(march.manager, Payout(**wanted))
    assert refused.value.code == "bad_input"
    assert owed(march) == 8_100


def test_partner_station_is_settled_like_a_supplier(station, time):
    moves = ((RESIDENT, SUPPLIER, 80), (RESIDENT, COMMISSION, 10), (RESIDENT, PARTNER, 10))
    ledger.post(station.manager, *moves, kind=JournalKind.SALE, refers_to="group_order:7")
    time.wind(timedelta(days=1))
    found = account(station, PARTNER)
    assert [(row.sold_minor, row.kept_minor, row.own_minor) for row in found.rows] == [(100, 90, 10)]
    settle(station, 10, ref=PARTNER, way=AccountKind.CASH)
    assert owed(station, PARTNER) == 0
    assert owed(station) == 80


def test_other_stations_supplier_stays_as_it_was(march):
    elsewhere = make_station("Elsewhere")
    with pytest.raises(StationError) as refused:
        settle(elsewhere, 8_100)
    assert refused.value.code == "not_owed"
    assert owed(march) == 8_100


def test_database_keeps_a_period_once(march):
    settle(march, 8_100)
    with reading():
        row = dict(connection().execute(select(Settlement.__table__)).mappings().one())
    with pytest.raises(IntegrityError), transaction():
        connection().execute(insert(Settlement).values(row | {"id": ids.next_id()}))


@pytest.mark.parametrize("amounts", [(8_100, 8_100), (8_100, 5_000)])
def test_two_managers_pay_out_once(app, march, time, amounts):
    def act(amount):
        with clock.use(time):
            return settling.settle(march.manager, Payout(SUPPLIER, "CNY", MARCH, amount))

    won, refused = winners(together(app, *(lambda amount=amount: act(amount) for amount in amounts)))
    assert {one.id for one in won} == {won[0].id}
    assert refused == ([] if amounts[0] == amounts[1] else ["settled_already"])
    assert owed(march) == 8_100 - won[0].paid_minor
    ledger.check(march.id)


@given(
    st.lists(st.tuples(st.integers(1, 9_999), st.integers(0, 10_000), st.booleans()), min_size=1, max_size=8)
)
def test_rows_of_a_period_are_what_the_account_grew_by(app, sales):
    station, source = make_station(), Clock(NOON)
    with clock.use(source):
        for number, (amount, share_bp, is_back) in enumerate(sales):
            part = amount * share_bp // 10_000
            moves = tuple(
                (RESIDENT, ref, value)
                for ref, value in ((SUPPLIER, part), (COMMISSION, amount - part))
                if value
            )
            kind = JournalKind.SALE
            if is_back:
                moves, kind = tuple((ref, buyer, value) for buyer, ref, value in moves), JournalKind.GIVE_BACK
            ledger.post(station.manager, *moves, kind=kind, refers_to=f"group_order:{number % 3}")
        found = account(station)
    assert found.after_minor - found.before_minor == sum(row.own_minor for row in found.rows)
    assert found.after_minor == owed(station)


def test_owner_of_an_order_that_is_gone_still_counts(march):
    assert account(march).rows[0].campaign is None


def test_account_of_a_supplier_nobody_bought_from_is_empty(station, time):
    found = account(station, AccountRef(AccountKind.SUPPLIER, "999"))
    assert (found.rows, found.after_minor) == ([], 0)


# Who owes the station, references, corrections


@pytest.fixture
def owing(station, time):
    """A station to which a supplier owes 9.00: more was given back than sold, after what was sold had been paid."""
    sell(station)
    ledger.post(station.manager, (SUPPLIER, BANK, 9_000), kind=JournalKind.PAYOUT)
    give_back(station)
    time.wind(timedelta(days=2))
    return station


def due(station, period=MARCH):
    with reading():
        return settling.owed(station.id, SUPPLIER, "CNY", period)


def test_partner_who_owes_pays_the_station(owing):
    assert due(owing) == -900
    made = settle(owing, 0, received_minor=900, reference="ICBC 2026-0402")
    assert (made.owed_minor, made.paid_minor, made.received_minor) == (-900, 0, 900)
    assert settle(owing, 0, received_minor=900, reference="ICBC 2026-0402") == made
    assert owed(owing) == 0
    with reading():
        journal = settlement_queries.journal_of(owing.id, made)
    assert (journal.kind, journal.total_minor) == (JournalKind.PAY_IN, 900)
    ledger.check(owing.id)


def test_what_is_owed_to_the_station_is_carried_over(owing, time):
    assert settle(owing, 0).owed_minor == -900
    sell(owing, 2_000, 1_800, order=8)
    time.wind(timedelta(days=30))
    assert due(owing, APRIL) == 900
    assert settle(owing, 900, APRIL).paid_minor == 900
    assert owed(owing) == 0


@pytest.mark.parametrize("amounts", [{"amount_minor": 1}, {"amount_minor": 0, "received_minor": 901}])
def test_more_than_is_owed_in_either_direction_needs_a_reason(owing, amounts):
    wanted = {"ref": SUPPLIER, "currency": "CNY", "period": MARCH, **amounts}
    with pytest.raises(StationError) as refused, transaction():
        settling.settle(owing.manager, Payout(**wanted))
    assert refused.value.code == "not_owed"
    assert owed(owing) == -900


def test_correction_after_a_settlement_belongs_to_the_next(march, time):
    settle(march, 8_100)
    give_back(march, 500, 450)
    time.wind(timedelta(days=30))
    assert (account(march).after_minor, due(march, APRIL)) == (8_100, -450)
    row = account(march, period=APRIL).rows[0]
    assert (row.sold_minor, row.back_minor, row.own_minor) == (0, 500, -450)


def test_payout_that_is_reversed_is_owed_with_the_next_period(march, time):
    made = settle(march, 8_100)
    ledger.reverse(march.manager, made.journal_id)
    time.wind(timedelta(days=30))
    with pytest.raises(StationError) as refused:
        settle(march, 8_000)
    assert refused.value.code == "settled_already"
    assert due(march, APRIL) == 8_100
    assert settle(march, 8_100, APRIL).paid_minor == 8_100
    assert owed(march) == 0


def usual(station):
    with reading():
        return settlement_queries.usual_period(station.id, SUPPLIER, "CNY")


def test_days_that_are_proposed_follow_the_last_settlement(march, time):
    assert usual(march) == MARCH
    settle(march, 0, Period(date(2026, 3, 1), date(2026, 3, 20)))
    assert usual(march) == Period(date(2026, 3, 21), date(2026, 3, 31))
    settle(march, 8_100, usual(march))
    assert usual(march) == Period(date(2026, 4, 1), date(2026, 4, 1))
    time.wind(timedelta(days=40))
    assert usual(march) == APRIL


def test_days_of_a_partner_of_this_month_begin_with_it(station, time):
    time.wind(timedelta(days=10))  # 10 April
    sell(station)
    assert usual(station) == Period(date(2026, 4, 1), date(2026, 4, 9))


def test_days_of_a_partner_nobody_settled_with_begin_with_the_month_of_the_first_movement(march, time):
    time.wind(timedelta(days=50))
    assert usual(march) == Period(date(2026, 3, 1), date(2026, 4, 30))


def test_every_partner_stands_in_the_list_with_both_sums(march, time):
    sell(march, 1_000, 900, order=8)
    ledger.post(march.manager, (RESIDENT, PARTNER, 70), kind=JournalKind.SALE)
    with reading():
        found = settlement_queries.standings(march.id, MARCH.last_day)
    assert [(one.ref, one.then_minor, one.now_minor, one.settled_until) for one in found] == [
        (SUPPLIER, 8_100, 9_000, None),
        (PARTNER, 0, 70, None),
    ]
    settle(march, 8_100)
    with reading():
        found = settlement_queries.standings(march.id, MARCH.last_day)
    assert [(one.ref, one.now_minor, one.settled_until) for one in found] == [
        (SUPPLIER, 900, MARCH.last_day),
        (PARTNER, 70, None),
    ]
