"""The drawer: the first count, differences and their reasons, and what is taken to the bank at closing."""

from contextlib import contextmanager

import pytest

from station.core.db import reading, transaction
from station.core.errors import StationError
from station.ledger import drawer, queries
from station.ledger.drawer import BANK, CASH, DIFFERENCES, OPENING, Moment
from station.ledger.pieces import Form, Kind
from tests import ledger
from tests.ledger import RESIDENT


def count(station, counted, moment=Moment.CHECK, **values):
    with transaction():
        return drawer.count(
            station.clerk, **{"counted_minor": counted, "currency": "CNY", "moment": moment, **values}
        )


def bank(station, made, amount):
    with transaction():
        return drawer.bank(station.clerk, made.id, amount)


def explain(station, made, reason):
    with transaction():
        drawer.explain(station.clerk, made.id, reason)


def balances(station, *refs):
    with reading():
        return tuple(queries.balance(station.id, ref, "CNY") for ref in refs)


def take_cash(station, amount=100):
    return ledger.post(station.clerk, (CASH, RESIDENT, amount))


@contextmanager
def refused(code):
    with pytest.raises(StationError) as caught:
        yield
    assert caught.value.code == code


def test_first_count_is_what_the_station_begins_with(station):
    made = count(station, 300, Moment.OPEN)
    assert balances(station, CASH, OPENING, DIFFERENCES) == (300, 300, 0)
    assert made.difference_minor == 300
    assert count(station, 310).difference_minor == 10
    assert balances(station, CASH, OPENING, DIFFERENCES) == (310, 300, -10)
    ledger.check(station.id)


def test_what_the_first_count_finds_missing_is_a_difference(station):
    take_cash(station)
    count(station, 90)
    assert balances(station, CASH, OPENING, DIFFERENCES) == (90, 0, 10)


def test_each_currency_begins_with_its_own_first_count(station):
    count(station, 300)
    count(station, 200, currency="EUR")
    with reading():
        assert queries.balance(station.id, OPENING, "EUR") == 200


@pytest.mark.parametrize(("counted", "difference"), [(90, -10), (115, 15), (0, -100)])
def test_difference_is_booked_and_its_reason_said_once(station, counted, difference):
    count(station, 0)
    take_cash(station)
    made = count(station, counted)
    assert made.difference_minor == difference
    assert balances(station, CASH, DIFFERENCES) == (counted, -difference)

    explain(station, made, "a coin fell down")

    with reading():
        assert queries.note_of(station.id, made.journal_id) == "a coin fell down"
        assert drawer.counts(station.id, limit=1) == [made]
    with refused("stale"):
        explain(station, made, "no, it rolled away")
    ledger.check(station.id)


def test_slip_is_put_right_by_counting_again(station):
    count(station, 0)
    take_cash(station, 10_000)
    count(station, 1_000_000)
    count(station, 10_000)
    assert balances(station, CASH, DIFFERENCES) == (10_000, 0)


def test_count_that_agrees_posts_nothing_and_needs_no_reason(station):
    take_cash(station)
    made = count(station, 100)
    assert made.journal_id is None
    with reading():
        assert len(queries.read_journals(station.id)) == 1
    with refused("bad_input"):
        explain(station, made, "why")


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201])
def test_reason_that_says_nothing_is_refused(station, reason):
    take_cash(station)
    made = count(station, 90)
    with refused("bad_input"):
        explain(station, made, reason)


@pytest.mark.parametrize(("counted", "currency"), [(-1, "CNY"), (10**12, "CNY"), (1, "XXX")])
def test_drawer_holds_no_such_amount(station, counted, currency):
    with refused("bad_input"):
        count(station, counted, currency=currency)


HUNDRED, TEN, JIAO = Kind(Form.NOTE, 10_000), Kind(Form.NOTE, 1_000), Kind(Form.COIN, 10)


def test_pieces_of_a_count_are_kept(station):
    made = count(station, 21_020, by_piece={HUNDRED: 2, TEN: 1, JIAO: 2})
    with reading():
        kept = drawer.one(station.id, made.id)
    assert kept == made
    assert kept.by_piece == {HUNDRED: 2, TEN: 1, JIAO: 2}
    assert count(station, 0).by_piece == {}


@pytest.mark.parametrize(
    ("counted", "by_piece"),
    [
        (9_999, {HUNDRED: 1}),
        (0, {HUNDRED: 0}),
        (-10_000, {HUNDRED: -1}),
        (100_000_000, {HUNDRED: 10_000}),
        (100_000, {Kind(Form.NOTE, 100_000): 1}),
    ],
    ids=["another sum", "none", "negative", "too many", "another currency"],
)
def test_pieces_that_are_not_what_was_counted_are_refused(station, counted, by_piece):
    with refused("bad_input"):
        count(station, counted, by_piece=by_piece)
    with reading():
        assert drawer.counts(station.id, limit=1) == []


# To the bank


def test_at_closing_the_rest_goes_to_the_bank_and_the_change_stays(station):
    count(station, 300, Moment.OPEN)
    take_cash(station, 5_000)
    made = count(station, 5_300, Moment.CLOSE)

    first = bank(station, made, 5_000)

    assert bank(station, made, 5_000) == first
    assert balances(station, CASH, BANK) == (300, 5_000)
    with reading():
        assert drawer.banked(station.id, made.id) == 5_000
    assert count(station, 300, Moment.OPEN).journal_id is None
    ledger.check(station.id)


def test_another_amount_of_the_same_count_is_refused(station):
    take_cash(station, 5_000)
    made = count(station, 5_000, Moment.CLOSE)
    bank(station, made, 4_000)
    with refused("journal_key_used"):
        bank(station, made, 3_000)
    assert balances(station, CASH, BANK) == (1_000, 4_000)


def test_money_that_was_brought_back_can_be_taken_again(station):
    take_cash(station, 5_000)
    made = count(station, 5_000, Moment.CLOSE)
    ledger.reverse(station.manager, bank(station, made, 4_000))
    with reading():
        assert drawer.banked(station.id, made.id) == 0
    bank(station, made, 3_000)
    assert balances(station, CASH, BANK) == (2_000, 3_000)


@pytest.mark.parametrize(("moment", "amount"), [(Moment.OPEN, 1), (Moment.CHECK, 1), (Moment.CLOSE, 5_001)])
def test_only_what_a_closing_count_left_goes_to_the_bank(station, moment, amount):
    take_cash(station, 5_000)
    made = count(station, 5_000, moment)
    with refused("bad_input"):
        bank(station, made, amount)


def test_count_of_nobody_is_not_there(station):
    with refused("not_found"), transaction():
        drawer.bank(station.clerk, 1, 1)
    with refused("not_found"), transaction():
        drawer.explain(station.clerk, 1, "why")
