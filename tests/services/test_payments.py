"""Payments: asked once, paid once, in whatever order providers tell; nothing is ever turned away."""

from datetime import timedelta

import pytest

from station.core import clock
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.payments import notices, provider_test, queries, service
from station.payments.catalogue import Outcome, Way
from station.payments.lifecycle import PaymentState
from station.payments.provider import Seen, Status
from tests import payments
from tests.factories import recipient
from tests.payments import ask, balance, check, now, pay, provider, take_cash, tell, wanted


@pytest.fixture
def allowed(app, station):
    settings = payments.allowing_tests(app)
    payments.set_up(station, Way.TEST)
    return settings


@pytest.fixture
def bank(station, allowed):
    return provider(station, allowed)


def test_asking_twice_under_one_key_asks_once(station, allowed):
    person = recipient(station)
    assert ask(station, person, key="one") == ask(station, person, key="one")
    with pytest.raises(StationError) as refused:
        ask(station, person, key="one", amount_minor=1)
    assert refused.value.code == "payment_key_used"


@pytest.mark.parametrize(
    "values",
    [
        {"amount_minor": 0},
        {"amount_minor": -5},
        {"amount_minor": 10**13},
        {"currency": "USD"},
        {"currency": "XXX"},
        {"purpose": "<script>"},
        {"way": Way.CASH},
    ],
)
def test_what_cannot_be_paid_is_not_asked(station, allowed, values):
    with pytest.raises(StationError) as refused:
        ask(station, **values)
    assert refused.value.code == "bad_input"


def test_nobody_of_the_station_is_not_asked(station, allowed):
    nobody = wanted(recipient(station), recipient_id=7)
    with pytest.raises(StationError) as refused, transaction():
        service.ask(station.clerk, nobody, "k")
    assert refused.value.code == "not_found"


def test_a_verified_notice_books_the_payment_once(station, bank):
    person = recipient(station)
    asked = ask(station, person)
    told = pay(station, asked)
    assert tell(station, bank, told).outcome is Outcome.PAID
    assert tell(station, bank, told).outcome is Outcome.NOTHING
    assert now(station, asked).state is PaymentState.PAID
    assert balance(station, person) == 1250
    check(station)


def test_money_that_comes_after_the_time_still_counts(station, bank):
    person = recipient(station)
    asked = ask(station, person)
    with clock.use(lambda: asked.expires_at + timedelta(minutes=1)):
        with transaction():
            assert service.expire(station.manager, asked.id)
        assert now(station, asked).state is PaymentState.EXPIRED
        assert tell(station, bank, pay(station, asked)).outcome is Outcome.PAID
    assert balance(station, person) == 1250
    check(station)


def test_a_payment_does_not_expire_before_its_time(station, allowed):
    asked = ask(station)
    with transaction():
        assert not service.expire(station.manager, asked.id)
    assert now(station, asked).state is PaymentState.ASKED


def test_closed_after_paid_changes_nothing_and_paid_after_closed_counts(station, bank):
    first, second = ask(station), ask(station)
    assert tell(station, bank, pay(station, first)).outcome is Outcome.PAID
    closed = provider_test.closed_notice(station.id, str(first.id))
    assert tell(station, bank, closed).outcome is Outcome.NOTHING
    assert (
        tell(station, bank, provider_test.closed_notice(station.id, str(second.id))).outcome is Outcome.FAILED
    )
    assert tell(station, bank, pay(station, second)).outcome is Outcome.PAID
    assert [now(station, one).state for one in (first, second)] == [PaymentState.PAID] * 2
    check(station)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount_minor", "999999"),
        ("number", "1"),
        ("currency", "USD"),
        ("signature", "00"),
        ("status", "closed"),
    ],
)
def test_a_changed_notice_is_forged_and_kept_with_the_reason(station, bank, field, value):
    asked = ask(station)
    forged = {**pay(station, asked), field: value}
    assert tell(station, bank, forged).outcome is Outcome.FORGED
    assert tell(station, bank, forged).outcome is Outcome.FORGED
    assert now(station, asked).state is PaymentState.ASKED
    with reading():
        assert [one.outcome for one in queries.notices_refused(station.id)] == [Outcome.FORGED]
    assert tell(station, bank, pay(station, asked)).outcome is Outcome.PAID


def test_forged_notices_fill_no_disk(station, bank, monkeypatch):
    monkeypatch.setattr(notices, "MOST_REFUSED", 3)
    for number in range(5):
        assert tell(station, bank, {"notice": str(number)}).outcome is Outcome.FORGED
    with reading():
        assert len(queries.notices_refused(station.id)) == 3


def test_another_amount_or_currency_than_asked_is_not_booked(station, bank):
    asked = ask(station)
    for seen, outcome in (
        (Seen(str(asked.id), Status.PAID, "T1", 1, "CNY"), Outcome.OTHER_AMOUNT),
        (Seen(str(asked.id), Status.PAID, "T1", 1250, "USD"), Outcome.OTHER_CURRENCY),
    ):
        with transaction():
            assert service.settle(station.manager, asked.id, seen) is outcome
    assert now(station, asked).state is PaymentState.ASKED
    check(station)


def test_one_trade_pays_one_payment(station, allowed):
    first, second = ask(station), ask(station)
    with transaction():
        for asked, outcome in ((first, Outcome.PAID), (second, Outcome.OTHER_TRADE)):
            seen = Seen(str(asked.id), Status.PAID, "T1", 1250, "CNY")
            assert service.settle(station.manager, asked.id, seen) is outcome
        other = Seen(str(first.id), Status.PAID, "T2", 1250, "CNY")
        assert service.settle(station.manager, first.id, other) is Outcome.OTHER_TRADE
    check(station)


def test_a_notice_for_no_payment_of_ours_is_kept(station, bank):
    told = provider_test.closed_notice(station.id, "12345")
    assert tell(station, bank, told).outcome is Outcome.UNKNOWN_PAYMENT
    assert tell(station, bank, told).outcome is Outcome.UNKNOWN_PAYMENT


def test_a_payment_is_settled_by_its_own_provider_only(station, bank):
    asked = ask(station, way=Way.ALIPAY)
    assert tell(station, bank, pay(station, asked)).outcome is Outcome.UNKNOWN_PAYMENT
    assert now(station, asked).state is PaymentState.ASKED


def test_the_provider_says_when_it_was_paid_within_reason(station, allowed):
    asked, other = ask(station), ask(station)
    said = asked.asked_at + timedelta(seconds=30)
    with clock.use(lambda: asked.asked_at + timedelta(minutes=2)), transaction():
        service.settle(station.manager, asked.id, Seen(str(asked.id), Status.PAID, "T1", 1250, "CNY", said))
        early = said - timedelta(days=400)
        service.settle(station.manager, other.id, Seen(str(other.id), Status.PAID, "T2", 1250, "CNY", early))
        late = clock.now()
    assert (now(station, asked).paid_at, now(station, other).paid_at) == (said, late)


def test_cash_at_the_counter_is_paid_at_once(station):
    person = recipient(station)
    first = take_cash(station, person)
    assert first.state is PaymentState.PAID
    assert first == now(station, first)
    assert balance(station, person) == 1250
    take_cash(station, person, 100, Way.CARD)
    assert payments.in_account(station, Way.CASH) == 1250
    assert payments.in_account(station, Way.CARD) == 100
    check(station)


def test_a_provider_takes_no_cash(station):
    wish = wanted(recipient(station), way=Way.TEST)
    with pytest.raises(StationError) as refused, transaction():
        service.receive(station.clerk, wish, "k")
    assert refused.value.code == "bad_input"
