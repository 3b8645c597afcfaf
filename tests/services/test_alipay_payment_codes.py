"""Alipay charges the code that a customer shows: each answer of its, signed with keys made here, at the counter."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from station.core import clock
from station.core.db import Base, connection, reading
from station.payments import at_counter, faces, scanning
from station.payments.catalogue import Way
from station.payments.faces import Face
from station.payments.lifecycle import PaymentState
from station.payments.provider import ProviderError, RefusedError, Seen, Status, Wish
from station.payments.provider_alipay import AlipayOptions, AlipayProvider
from tests import alipay, payments
from tests.factories import recipient
from tests.payments import ask_at_counter, balance, check, nothing_follows, now, tell

UNTIL = datetime(2026, 11, 21, 10, 5, tzinfo=UTC)
WISH = Wish("77", "Maple", 1250, "CNY", UNTIL, "https://s.example/told", "https://s.example/back")
CODE = "281234567890123456"
CANCEL, PAY, QUERY = "alipay.trade.cancel", "alipay.trade.pay", "alipay.trade.query"
PAID = {"trade_no": "202677", "total_amount": "12.50", "gmt_payment": "2026-11-21 18:00:01"}


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


def wish_of(asked):
    return Wish(
        str(asked.id), "Maple", asked.amount_minor, "CNY", asked.expires_at, "https://a/b", "https://a/c"
    )


def scan(station, allowed, asked, code=CODE):
    through = payments.provider(station, allowed, Way.ALIPAY)
    scanning.charge(station.clerk, through, wish_of(asked), code=code, on_paid=nothing_follows)
    return now(station, asked)


def look(station, allowed, asked):
    return at_counter.look(station.clerk, asked, allowed, on_paid=nothing_follows)


def face(asked):
    return faces.face(asked, clock.now())


def after(asked, **time):
    """Let so much time have passed since a payment was asked."""
    return clock.use(lambda: asked.asked_at + timedelta(**time))


def pays(gateway, asked, method=PAY, **values):
    said = {"out_trade_no": str(asked.id), "trade_no": f"2026{asked.id}", "total_amount": "12.50"}
    gateway.answer(method, **said, **values)


def unknown(gateway):
    gateway.answer(QUERY, code="40004", sub_code="ACQ.TRADE_NOT_EXIST")


def test_a_code_is_charged_with_our_amount_and_stands_in_no_address(gateway):
    gateway.answer(PAY, out_trade_no="77", **PAID)
    seen = client(gateway).charge(WISH, CODE)
    assert seen == Seen(
        "77", Status.PAID, "202677", 1250, "CNY", datetime(2026, 11, 21, 10, 0, 1, tzinfo=UTC)
    )
    ((method, said),) = gateway.asked
    assert method == PAY
    assert said == {
        "out_trade_no": "77",
        "subject": "Maple",
        "total_amount": "12.50",
        "time_expire": "2026-11-21 18:05:00",
        "scene": "bar_code",
        "auth_code": CODE,
    }
    assert not any(CODE in address for address in gateway.addresses)


def test_a_customer_who_has_to_agree_first_is_waited_for(gateway):
    gateway.answer(PAY, code="10003", msg="order success pay inprocess", out_trade_no="77")
    assert client(gateway).charge(WISH, CODE).status is Status.WAITING


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("40004", "ACQ.PAYMENT_AUTH_CODE_INVALID"),
        ("40004", "ACQ.BUYER_BALANCE_NOT_ENOUGH"),
        ("40006", "isv.insufficient-isv-permissions"),
        ("40002", "isv.invalid-parameter"),
    ],
)
def test_what_alipay_refuses_took_nothing(gateway, code, why):
    gateway.answer(PAY, code=code, sub_code=why)
    with pytest.raises(RefusedError) as refused:
        client(gateway).charge(WISH, CODE)
    assert refused.value.code == why


@pytest.mark.parametrize(
    "said",
    [
        {"code": "20000", "sub_code": "isp.unknow-error"},
        {"code": "40004", "sub_code": "ACQ.SYSTEM_ERROR"},
        {"code": "40004", "sub_code": "ACQ.TRADE_HAS_SUCCESS"},
        {**PAID, "out_trade_no": "78"},
        {**PAID, "out_trade_no": "77", "total_amount": "12.505"},
        {"out_trade_no": "77"},
    ],
)
def test_what_settles_nothing_is_no_answer(gateway, said):
    gateway.answer(PAY, **said)
    with pytest.raises(ProviderError) as failed:
        client(gateway).charge(WISH, CODE)
    assert CODE not in str(failed.value)


def test_paid_by_somebody_elses_signature_is_not_believed(gateway):
    gateway.answer(PAY, out_trade_no="77", **PAID)
    gateway.whose = "stranger"
    with pytest.raises(ProviderError):
        client(gateway).charge(WISH, CODE)


def test_a_scanned_code_pays_at_once_and_its_callback_adds_nothing(station, gateway, allowed):
    person = recipient(station)
    asked = ask_at_counter(station, person, way=Way.ALIPAY)
    pays(gateway, asked)
    assert face(scan(station, allowed, asked)) is Face.PAID
    assert face(scan(station, allowed, asked, "291234567890123456")) is Face.PAID
    assert [method for method, _said in gateway.asked] == [PAY]
    assert tell(station, payments.provider(station, allowed, Way.ALIPAY), alipay.notice(asked.id)).is_accepted
    assert balance(station, person) == 1250
    check(station)


def test_a_customer_agrees_on_their_phone_and_looking_finds_it(station, gateway, allowed):
    person = recipient(station)
    asked = ask_at_counter(station, person, way=Way.ALIPAY)
    gateway.answer(PAY, code="10003", out_trade_no=str(asked.id))
    asked = scan(station, allowed, asked)
    assert face(asked) is Face.CONFIRM
    gateway.answer(QUERY, out_trade_no=str(asked.id), trade_status="WAIT_BUYER_PAY")
    assert face(look(station, allowed, asked)) is Face.CONFIRM
    pays(gateway, asked, QUERY, trade_status="TRADE_SUCCESS")
    with after(asked, seconds=20):
        assert face(look(station, allowed, asked)) is Face.PAID
    assert balance(station, person) == 1250


def test_a_customer_who_never_agrees_is_cancelled_at_alipay_when_the_time_is_over(station, gateway, allowed):
    asked = ask_at_counter(station, way=Way.ALIPAY)
    gateway.answer(PAY, code="10003", out_trade_no=str(asked.id))
    gateway.answer(QUERY, out_trade_no=str(asked.id), trade_status="WAIT_BUYER_PAY")
    gateway.answer(CANCEL, out_trade_no=str(asked.id), retry_flag="N", action="close")
    scan(station, allowed, asked)
    with payments.later(asked):
        assert look(station, allowed, asked).state is PaymentState.FAILED
    assert gateway.asked[-1][0] == CANCEL


def test_a_refused_code_takes_nothing_and_a_fresh_one_pays_the_same_payment(station, gateway, allowed):
    person = recipient(station)
    asked = ask_at_counter(station, person, way=Way.ALIPAY)
    gateway.answer(PAY, code="40004", sub_code="ACQ.PAYMENT_AUTH_CODE_INVALID")
    refused = scan(station, allowed, asked)
    assert (face(refused), refused.scan_reason) == (Face.REFUSED, "ACQ.PAYMENT_AUTH_CODE_INVALID")
    pays(gateway, asked)
    paid = scan(station, allowed, asked, "291234567890123456")
    assert (face(paid), paid.scan_reason) == (Face.PAID, None)
    assert {said["out_trade_no"] for _method, said in gateway.asked} == {str(asked.id)}
    assert balance(station, person) == 1250


def test_an_answer_that_was_lost_is_found_by_asking(station, gateway, allowed):
    person = recipient(station)
    asked = ask_at_counter(station, person, way=Way.ALIPAY)
    gateway.answer(PAY, code="20000", sub_code="isp.unknow-error")
    asked = scan(station, allowed, asked)
    assert face(asked) is Face.SENT
    pays(gateway, asked, QUERY, trade_status="TRADE_SUCCESS")
    assert face(look(station, allowed, asked)) is Face.PAID
    assert balance(station, person) == 1250
    check(station)


def test_a_lost_answer_of_a_customer_who_has_to_agree_is_found_by_asking(station, gateway, allowed):
    asked = ask_at_counter(station, way=Way.ALIPAY)
    gateway.answer(PAY, code="20000", sub_code="isp.unknow-error")
    gateway.answer(QUERY, out_trade_no=str(asked.id), trade_status="WAIT_BUYER_PAY")
    assert face(look(station, allowed, scan(station, allowed, asked))) is Face.CONFIRM


def test_a_code_that_never_reached_alipay_is_cancelled_there_once_none_can_be_under_way(
    station, gateway, allowed
):
    person = recipient(station)
    asked = ask_at_counter(station, person, way=Way.ALIPAY)
    gateway.answer(PAY, code="20000", sub_code="isp.unknow-error")
    asked = scan(station, allowed, asked)
    unknown(gateway)
    assert face(look(station, allowed, asked)) is Face.SENT  # it may still be on its way
    gateway.answer(CANCEL, out_trade_no=str(asked.id), retry_flag="N")
    with after(asked, seconds=45):
        assert face(look(station, allowed, asked)) is Face.LOST
    assert [method for method, _said in gateway.asked] == [PAY, QUERY, QUERY, QUERY, CANCEL]
    assert balance(station, person) == 0


def test_money_that_came_while_a_lost_code_was_cancelled_is_booked_both_ways(station, gateway, allowed):
    person = recipient(station)
    asked = ask_at_counter(station, person, way=Way.ALIPAY)
    gateway.answer(PAY, code="20000", sub_code="isp.unknow-error")
    asked = scan(station, allowed, asked)
    unknown(gateway)
    pays(gateway, asked, CANCEL, retry_flag="N", action="refund")
    with after(asked, seconds=45):
        assert face(look(station, allowed, asked)) is Face.BACK
    assert balance(station, person) == 0
    check(station)


def test_a_silent_alipay_leaves_it_open_and_nothing_is_sent_again(station, gateway, allowed):
    asked = ask_at_counter(station, way=Way.ALIPAY)
    for method in (PAY, QUERY, CANCEL):
        gateway.answer(method, code="20000", sub_code="isp.unknow-error")
    asked = scan(station, allowed, asked)
    with after(asked, seconds=45):
        assert face(look(station, allowed, asked)) is Face.SILENT
        assert scan(station, allowed, asked).state is PaymentState.ASKED
    assert [method for method, _said in gateway.asked].count(PAY) == 1
    with payments.later(asked):
        assert face(look(station, allowed, asked)) is Face.SILENT


def test_the_code_stands_in_no_log_and_in_no_table(station, gateway, allowed, caplog):
    caplog.set_level(logging.DEBUG)
    for sub_code in ("isp.unknow-error", "ACQ.PAYMENT_AUTH_CODE_INVALID"):
        asked = ask_at_counter(station, recipient(station), way=Way.ALIPAY)
        gateway.answer(PAY, code="20000" if sub_code.startswith("isp") else "40004", sub_code=sub_code)
        scan(station, allowed, asked)
        with payments.later(asked):
            unknown(gateway)
            gateway.answer(CANCEL, out_trade_no=str(asked.id), retry_flag="N")
            look(station, allowed, asked)
    assert "not known" in caplog.text
    assert CODE not in caplog.text
    assert CODE not in everything_kept()


def everything_kept():
    """Return every row of every table as text."""
    with reading():
        rows = (connection().execute(select(table)).all() for table in Base.metadata.sorted_tables)
        return "\n".join(str(row) for found in rows for row in found)
