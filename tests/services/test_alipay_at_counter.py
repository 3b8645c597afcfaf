"""Alipay at the counter: its code, cancelling, and a whole payment against a gateway on this machine."""

from datetime import UTC, datetime

import pytest

from station.payments import at_counter
from station.payments.catalogue import Way
from station.payments.lifecycle import PaymentState
from station.payments.provider import ProviderError, Wish
from station.payments.provider_alipay import AlipayOptions, AlipayProvider
from tests import alipay, payments
from tests.factories import recipient
from tests.payments import ask_at_counter, balance, check, nothing_follows, tell

UNTIL = datetime(2026, 11, 21, 10, 5, tzinfo=UTC)
WISH = Wish("77", "Maple", 1250, "CNY", UNTIL, "https://s.example/told", "https://s.example/back")
CANCEL, PRECREATE, QUERY = "alipay.trade.cancel", "alipay.trade.precreate", "alipay.trade.query"


@pytest.fixture
def gateway():
    with alipay.gateway() as found:
        yield found


@pytest.fixture
def allowed(app, station, gateway):
    payments.set_up(station, Way.ALIPAY)
    return payments.replace(app.config["SETTINGS"], alipay_gateway=gateway.url)


def client(gateway):
    return AlipayProvider(AlipayOptions(**alipay.options()), gateway.url)


def unknown(gateway):
    gateway.answer(QUERY, code="40004", sub_code="ACQ.TRADE_NOT_EXIST")


def test_the_counter_shows_a_code_even_where_residents_pay_on_alipays_page(gateway):
    gateway.answer(PRECREATE, qr_code="https://qr.alipay.com/bax1", out_trade_no="77")
    assert client(gateway).code(WISH) == "https://qr.alipay.com/bax1"
    ((method, said),) = gateway.asked
    assert (method, said["out_trade_no"], said["total_amount"]) == (PRECREATE, "77", "12.50")
    assert said["time_expire"] == "2026-11-21 18:05:00"


@pytest.mark.parametrize("said", [{}, {"qr_code": ""}, {"qr_code": "x" * 513}])
def test_an_answer_without_a_code_is_none(gateway, said):
    gateway.answer(PRECREATE, out_trade_no="77", **said)
    with pytest.raises(ProviderError):
        client(gateway).code(WISH)


@pytest.mark.parametrize(
    ("said", "ref"),
    [
        ({"retry_flag": "N"}, ""),  # nobody had scanned it
        ({"retry_flag": "N", "action": "close", "trade_no": "202677"}, ""),
        ({"retry_flag": "N", "action": "refund", "trade_no": "202677"}, "202677"),
    ],
)
def test_cancelling_tells_whether_money_went_back(gateway, said, ref):
    gateway.answer(CANCEL, out_trade_no="77", **said)
    assert client(gateway).cancel("77") == ref


@pytest.mark.parametrize(
    "said",
    [
        {"retry_flag": "Y"},
        {"action": "refund"},
        {"action": "refund", "trade_no": "=1+1"},
        {"code": "40004", "sub_code": "ACQ.SELLER_BALANCE_NOT_ENOUGH"},
        {"code": "20000", "sub_code": "isp.unknow-error"},
    ],
)
def test_what_does_not_settle_a_cancel_is_no_answer(gateway, said):
    gateway.answer(CANCEL, out_trade_no="77", **said)
    with pytest.raises(ProviderError):
        client(gateway).cancel("77")


def test_a_payment_that_was_cancelled_unscanned_is_over_and_counts_if_it_is_paid_all_the_same(
    station, gateway, allowed
):
    person = recipient(station)
    asked = ask_at_counter(station, person, way=Way.ALIPAY)
    unknown(gateway)
    gateway.answer(CANCEL, out_trade_no=str(asked.id), retry_flag="N")
    after = at_counter.cancel(station.clerk, asked, allowed, on_paid=nothing_follows)
    assert after.state is PaymentState.FAILED
    through = payments.provider(station, allowed, Way.ALIPAY)
    assert tell(station, through, alipay.notice(asked.id)).is_accepted
    assert balance(station, person) == 1250
    check(station)


def test_what_alipay_took_and_gave_back_while_it_was_cancelled_is_booked_both_ways(station, gateway, allowed):
    person = recipient(station)
    asked = ask_at_counter(station, person, way=Way.ALIPAY)
    unknown(gateway)
    gateway.answer(
        CANCEL, out_trade_no=str(asked.id), trade_no=f"2026{asked.id}", retry_flag="N", action="refund"
    )
    after = at_counter.cancel(station.clerk, asked, allowed, on_paid=nothing_follows)
    assert (after.state, after.rest_minor, balance(station, person)) == (PaymentState.PAID, 0, 0)
    through = payments.provider(station, allowed, Way.ALIPAY)
    assert tell(station, through, alipay.notice(asked.id)).is_accepted  # its callback comes late
    assert balance(station, person) == 0
    check(station)


def test_a_paid_payment_is_never_sent_to_be_cancelled(station, gateway, allowed):
    asked = ask_at_counter(station, way=Way.ALIPAY)
    gateway.answer(
        QUERY,
        out_trade_no=str(asked.id),
        trade_no=f"2026{asked.id}",
        trade_status="TRADE_SUCCESS",
        total_amount="12.50",
    )
    for _ in range(2):
        after = at_counter.cancel(station.clerk, asked, allowed, on_paid=nothing_follows)
        assert after.state is PaymentState.PAID
    assert {method for method, _said in gateway.asked} == {QUERY}
