"""The same callback twice at once, refunds that race, and two clerks: one winner, and books that balance."""

from datetime import timedelta

import pytest

from station.core import clock
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.payments import at_counter, notices, refunds, scanning, service, test_bank, test_codes
from station.payments.catalogue import Outcome, Reason, Way
from station.payments.provider import Kind, Wish
from station.payments.provider_test import TestProvider
from station.payments.test_codes import Mood
from tests import payments
from tests.factories import recipient
from tests.payments import (
    ask,
    ask_at_counter,
    balance,
    check,
    now,
    paid,
    pay,
    provider,
    take_cash,
    tell,
    wanted,
)
from tests.races.together import at_once, together, winners

ROUNDS = 5


@pytest.fixture
def allowed(app, station):
    settings = payments.allowing_tests(app)
    payments.set_up(station, Way.TEST)
    return settings


def test_the_same_callback_twice_at_once_books_once(app, station, allowed):
    person, through = recipient(station), provider(station, allowed)
    for number in range(1, ROUNDS + 1):
        told = pay(station, ask(station, person))
        taken = together(app, *[lambda told=told: notices.take(station.manager, through, told)] * 2)
        assert sorted(one.outcome for one in taken) == [Outcome.NOTHING, Outcome.PAID]
        assert balance(station, person) == 1250 * number
    check(station)


def test_a_callback_and_the_end_of_its_time_at_once_lose_no_money(app, station, allowed):
    person, through = recipient(station), provider(station, allowed)
    for number in range(1, ROUNDS + 1):
        asked = ask(station, person)
        told = pay(station, asked)

        def expire(asked=asked):
            with payments.later(asked):
                return service.expire(station.manager, asked.id)

        together(app, lambda told=told: notices.take(station.manager, through, told), expire)
        assert balance(station, person) == 1250 * number
    check(station)


def test_two_refunds_at_once_give_back_no_more_than_was_paid(app, station, allowed):
    person = recipient(station)
    take_cash(station, person, 5000)  # so that the balance alone would allow both
    for _ in range(ROUNDS):
        asked = paid(station, allowed, person)

        def back(key, asked=asked):
            return refunds.give_back(
                station.manager, asked.id, amount_minor=1000, key=f"{key}:{asked.id}", reason=Reason.COMPLAINT
            )

        done, refused = winners(together(app, lambda: back("a"), lambda: back("b")))
        assert (len(done), refused) == (1, ["refund_too_large"])
        assert now(station, asked).refunded_minor == 1000
    check(station)


def test_a_mistake_undone_by_two_clerks_at_once_is_undone_once(app, station):
    person = recipient(station)
    for _ in range(ROUNDS):
        asked = take_cash(station, person)
        acts = [
            lambda key=key, asked=asked: refunds.undo(station.clerk, asked.id, key=f"{key}:{asked.id}")
            for key in "ab"
        ]
        _done, refused = winners(together(app, *acts))
        assert refused == ["refund_too_large"]
        assert balance(station, person) == 0
    check(station)


def test_one_key_at_once_asks_once(app, station, allowed):
    person = recipient(station)
    wish = wanted(person)
    for number in range(ROUNDS):
        first, second = together(app, *[lambda n=number: service.ask(station.clerk, wish, f"key:{n}")] * 2)
        assert not isinstance(first, StationError)
        assert first == second


def test_one_balance_given_back_twice_at_once_goes_back_once(app, station, allowed):
    person = recipient(station)
    for _ in range(ROUNDS):
        asked = paid(station, allowed, person)
        acts = [
            lambda key=key, asked=asked: refunds.give_back_balance(
                station.manager, person.id, "CNY", key=f"{key}:{asked.id}"
            )
            for key in "ab"
        ]
        given = [refund for one in together(app, *acts) for refund in one]
        assert [refund.amount_minor for refund in given] == [1250]
        with transaction():
            refunds.confirm(station.manager, given[0].id, ref="T1")
        assert balance(station, person) == 0
    check(station)


def test_two_counters_that_take_money_of_one_person_at_once_ask_once(app, station, allowed):
    for number in range(ROUNDS):
        person = recipient(station, f"1390000{number:04}")
        acts = [
            lambda key=key, person=person: service.ask_at_counter(
                station.clerk, wanted(person), f"{key}:{person.id}"
            )
            for key in "ab"
        ]
        cash = wanted(person, way=Way.CASH)
        acts.append(lambda cash=cash, person=person: service.receive(station.clerk, cash, f"c:{person.id}"))
        done, refused = winners(together(app, *acts))
        # Cash that was first is in the drawer already: a code may follow it, but two codes never stand side by side.
        asked = [one for one in done if one.provider is Way.TEST]
        assert len(asked) == 1
        assert set(refused) == {"payment_waiting"}
    check(station)


def test_money_and_its_cancelling_at_once_leave_books_that_agree_with_the_provider(app, station, allowed):
    person, through = recipient(station), provider(station, allowed)
    for _ in range(ROUNDS):
        asked = ask_at_counter(station, person)

        def scan(asked=asked):
            told = pay(station, asked)
            return tell(station, through, told)

        def stop(asked=asked):
            return at_counter.cancel(station.clerk, asked, allowed, on_paid=lambda actor, paid: None)

        at_once(app, scan, stop)
        with reading():
            kept = asked.amount_minor - test_bank.given(station.id, str(asked.id))
        assert now(station, asked).rest_minor == kept
    check(station)


def test_the_same_code_asked_for_at_two_windows_at_once_is_one(app, station, allowed):
    for number in range(ROUNDS):
        asked = ask_at_counter(station, recipient(station, f"1390000{number:04}"))
        acts = [
            lambda text=text, asked=asked: service.keep_code(station.clerk, asked.id, text) for text in "ab"
        ]
        first, second = together(app, *acts)
        assert first == second


def test_one_refund_made_at_the_provider_booked_twice_at_once_is_booked_once(app, station, allowed):
    person = recipient(station)
    for _ in range(ROUNDS):
        asked = paid(station, allowed, person)
        acts = [
            lambda asked=asked: refunds.book_given(
                station.manager, asked.id, amount_minor=1250, key=f"made_there:test:{asked.id}", ref="R1"
            )
        ] * 2
        first, second = together(app, *acts)
        assert first == second
        assert balance(station, person) == 0
    check(station)


def test_two_scans_of_one_payment_at_once_are_sent_once(app, station, allowed, monkeypatch):
    person, sent = recipient(station), []
    honest = TestProvider.charge
    monkeypatch.setattr(
        TestProvider, "charge", lambda self, wish, code: sent.append(wish.number) or honest(self, wish, code)
    )
    for number in range(1, ROUNDS + 1):
        asked = ask_at_counter(station, person)
        codes = [test_codes.make(station.id, Mood.PAYS, clock.now() - timedelta(seconds=s)) for s in (0, 1)]
        at_once(app, *[lambda code=code, asked=asked: scan(station, allowed, asked, code) for code in codes])
        assert now(station, asked).state == "paid"
        assert balance(station, person) == 1250 * number
        assert len(sent) == number
    check(station)


def test_a_scan_and_a_cancel_at_once_leave_books_that_agree_with_the_provider(app, station, allowed):
    person = recipient(station)
    for _ in range(ROUNDS):
        asked = ask_at_counter(station, person)
        code = test_codes.make(station.id, Mood.PAYS, clock.now())

        def stop(asked=asked):
            return at_counter.cancel(station.clerk, asked, allowed, on_paid=lambda actor, paid: None)

        at_once(app, lambda asked=asked, code=code: scan(station, allowed, asked, code), stop)
        with reading():
            given = test_bank.given(station.id, str(asked.id))
            there = test_bank.find(station.id, Kind.PAYMENT, str(asked.id))
        kept = there.amount_minor - given if there else 0
        assert now(station, asked).rest_minor == kept
    check(station)


def scan(station, allowed, asked, code):
    wish = Wish(
        str(asked.id), "Maple", asked.amount_minor, "CNY", asked.expires_at, "https://a/b", "https://a/c"
    )
    through = provider(station, allowed)
    return scanning.charge(station.clerk, through, wish, code=code, on_paid=lambda actor, paid: None)
