"""Paying by phone at the counter: one code however often it is asked for, the money once, and an end to every wait."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from station.core import clock
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.payments import at_counter, queries, refunds, service, settings, test_bank
from station.payments.catalogue import Outcome, Reason, Way
from station.payments.lifecycle import PaymentState
from station.payments.provider import ProviderError, Wish
from station.payments.provider_test import TestProvider
from tests import payments
from tests.factories import recipient
from tests.payments import (
    ask_at_counter,
    balance,
    check,
    nothing_follows,
    now,
    pay,
    provider,
    take_cash,
    tell,
)


@pytest.fixture
def allowed(app, station):
    found = payments.allowing_tests(app)
    payments.set_up(station, Way.TEST)
    return found


def look(station, asked, allowed):
    return at_counter.look(station.clerk, asked, allowed, on_paid=nothing_follows)


def cancel(station, asked, allowed):
    return at_counter.cancel(station.clerk, asked, allowed, on_paid=nothing_follows)


@dataclass
class Bank:
    """A provider that counts how often it is asked for a code."""

    fails: bool = False
    asked: list[str] = field(default_factory=list)

    def code(self, wish):
        self.asked.append(wish.number)
        if self.fails:
            raise ProviderError("TimeoutError")
        return f"https://qr.example/{len(self.asked)}"


def wish(asked):
    return Wish(
        str(asked.id), "Maple", asked.amount_minor, "CNY", asked.expires_at, "https://a/b", "https://a/c"
    )


def test_a_code_is_asked_for_once_and_shown_again(station, allowed):
    asked, bank = ask_at_counter(station), Bank()
    shown = [at_counter.code(station.clerk, bank, wish(asked)) for _ in range(3)]
    assert shown == ["https://qr.example/1"] * 3
    assert bank.asked == [str(asked.id)]


def test_killed_before_the_code_was_kept_the_same_payment_is_asked_for_again(station, allowed):
    asked, bank = ask_at_counter(station), Bank(fails=True)
    with pytest.raises(ProviderError):
        at_counter.code(station.clerk, bank, wish(asked))
    bank.fails = False
    assert at_counter.code(station.clerk, bank, wish(asked)) == "https://qr.example/2"
    assert bank.asked == [str(asked.id)] * 2


def test_the_test_providers_code_is_an_address_that_a_phone_opens(app, station, allowed):
    asked = ask_at_counter(station)
    with reading():
        through = settings.provider(station.id, Way.TEST, allowed, page_url="/test-payments/1")
    code = through.code(wish(asked))
    assert code.startswith(f"https://a/test-payments/1/{asked.id}/")


def test_looking_finds_the_money_without_any_callback(station, allowed):
    person = recipient(station)
    asked = ask_at_counter(station, person)
    assert look(station, asked, allowed).state is PaymentState.ASKED
    pay(station, asked)
    with clock.use(lambda: asked.asked_at + timedelta(seconds=20)):
        assert look(station, asked, allowed).state is PaymentState.PAID
    assert balance(station, person) == 1250
    check(station)


def test_a_provider_is_asked_at_a_calm_rate_however_many_pages_are_open(station, allowed, monkeypatch):
    asked, questions = ask_at_counter(station), []
    honest = TestProvider.look
    monkeypatch.setattr(
        TestProvider, "look", lambda self, number: questions.append(number) or honest(self, number)
    )
    for second in range(10):
        with clock.use(lambda second=second: asked.asked_at + timedelta(seconds=second)):
            for _window in range(3):
                look(station, asked, allowed)
    assert len(questions) == 4  # at 0, 3, 6 and 9 seconds


def test_what_is_not_paid_in_time_expires_by_looking_and_late_money_counts(station, allowed):
    person = recipient(station)
    asked = ask_at_counter(station, person)
    with payments.later(asked):
        assert look(station, asked, allowed).state is PaymentState.EXPIRED
    assert tell(station, provider(station, allowed), pay(station, asked)).outcome is Outcome.PAID
    assert balance(station, person) == 1250
    check(station)


def test_money_of_the_last_moment_is_found_before_the_time_is_called_over(station, allowed):
    asked = ask_at_counter(station)
    pay(station, asked)
    with payments.later(asked):
        assert look(station, asked, allowed).state is PaymentState.PAID


def test_a_silent_provider_lets_nothing_expire(station, allowed, monkeypatch):
    asked = ask_at_counter(station)
    monkeypatch.setattr(TestProvider, "look", silent)
    with payments.later(asked):
        assert look(station, asked, allowed).state is PaymentState.ASKED


def silent(*_args):
    raise ProviderError("TimeoutError")


def test_cancelling_ends_it_and_money_that_comes_all_the_same_counts(station, allowed):
    person = recipient(station)
    asked = ask_at_counter(station, person)
    assert cancel(station, asked, allowed).state is PaymentState.FAILED
    assert cancel(station, asked, allowed).state is PaymentState.FAILED
    assert tell(station, provider(station, allowed), pay(station, asked)).outcome is Outcome.PAID
    assert balance(station, person) == 1250
    check(station)


def test_cancelling_what_is_paid_gives_nothing_back(station, allowed):
    person = recipient(station)
    told, untold = ask_at_counter(station, person), payments.ask(station, person)
    assert tell(station, provider(station, allowed), pay(station, told)).is_accepted
    pay(station, untold)
    assert [cancel(station, one, allowed).state for one in (told, untold)] == [PaymentState.PAID] * 2
    assert balance(station, person) == 2500
    with reading():
        assert queries.refunds_of(station.id, [told.id, untold.id]) == []
        assert test_bank.given(station.id, str(told.id)) == 0


def test_money_between_looking_and_cancelling_is_booked_and_so_is_that_it_went_back(
    station, allowed, monkeypatch
):
    person = recipient(station)
    asked = ask_at_counter(station, person)
    honest = TestProvider.cancel

    def paid_just_now(self, number):
        pay(station, asked)
        return honest(self, number)

    monkeypatch.setattr(TestProvider, "cancel", paid_just_now)
    after = cancel(station, asked, allowed)
    assert (after.state, after.rest_minor) == (PaymentState.PAID, 0)
    with reading():
        (given,) = queries.refunds_of(station.id, [asked.id])
    assert (given.state, given.reason, given.amount_minor) == ("done", Reason.BY_PROVIDER, 1250)
    assert balance(station, person) == 0
    assert tell(station, provider(station, allowed), pay(station, asked)).outcome is Outcome.NOTHING
    check(station)


def test_a_silent_provider_cancels_nothing(station, allowed, monkeypatch):
    asked = ask_at_counter(station)
    for name in ("cancel", "look"):
        monkeypatch.setattr(TestProvider, name, silent)
        assert cancel(station, asked, allowed).state is PaymentState.ASKED


def test_a_payment_of_a_provider_that_is_gone_can_be_cancelled(app, station, allowed):
    asked = ask_at_counter(station)
    without = payments.replace(allowed, test_payments=False)
    assert cancel(station, asked, without).state is PaymentState.FAILED


def test_while_one_counter_waits_no_other_takes_money_of_the_same_person(station, allowed):
    person, neighbour = recipient(station), recipient(station, "13900001111", "王")
    first = ask_at_counter(station, person, key="one")
    assert ask_at_counter(station, person, key="one") == first
    for take in (lambda: ask_at_counter(station, person), lambda: take_cash(station, person)):
        with pytest.raises(StationError) as refused:
            take()
        assert refused.value.code == "payment_waiting"
    ask_at_counter(station, neighbour)
    payments.ask(station, person)  # on their own phone they may
    cancel(station, first, allowed)
    take_cash(station, person)
    assert balance(station, person) == 1250


def test_another_name_at_the_same_phone_is_the_same_person(station, allowed):
    ask_at_counter(station, recipient(station, "13900001111", "王"))
    with pytest.raises(StationError) as refused:
        take_cash(station, recipient(station, "13900001111", "李"))
    assert refused.value.code == "payment_waiting"


def test_a_wait_that_is_over_keeps_nobody(station, allowed):
    person = recipient(station)
    first = ask_at_counter(station, person)
    with payments.later(first):
        ask_at_counter(station, person)


def test_a_counters_payment_ends_sooner_than_one_on_a_phone(station, allowed):
    moment = clock.now()
    with clock.use(lambda: moment):
        counter, phone = ask_at_counter(station), payments.ask(station)
    assert counter.expires_at == moment + service.AT_COUNTER_FOR
    assert phone.expires_at == moment + service.ASKED_FOR


def test_what_was_given_back_by_a_cancel_is_given_back_once(station, allowed):
    asked = payments.paid(station, allowed)
    for _ in range(2):
        with transaction():
            refunds.book_given(station.clerk, asked.id, amount_minor=1250, key="cancelled:1", ref="T1")
    assert now(station, asked).rest_minor == 0
    check(station)
