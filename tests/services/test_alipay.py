"""Alipay: callbacks signed with keys made here, and its answers from a gateway on this machine."""

from datetime import UTC, date, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from station.core.errors import StationError
from station.payments import provider_alipay, settings
from station.payments.catalogue import Outcome, Way
from station.payments.provider import Back, NoticeError, Page, ProviderError, RefusedError, Seen, Status, Wish
from station.payments.provider_alipay import AlipayOptions, AlipayProvider
from station.payments.settings import Draft
from tests import alipay, payments
from tests.payments import ask, check, tell

UNTIL = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
WISH = Wish("77", "Balance 余额", 1250, "CNY", UNTIL, "https://s.example/told", "https://s.example/back")
BACK = Back("88", "77", 1250, "CNY")


@pytest.fixture
def gateway():
    with alipay.gateway() as found:
        yield found


def client(gateway=None, **values):
    return AlipayProvider(AlipayOptions(**alipay.options(**values)), gateway.url if gateway else "")


def test_the_page_is_asked_for_with_our_signature_and_our_amount():
    begun = client().begin(WISH)
    assert begun.page is Page.LINK
    assert begun.text.startswith("https://openapi-sandbox.dl.alipaydev.com/gateway.do?")
    fields = alipay.is_signed(urlsplit(begun.text).query)
    assert fields["notify_url"] == WISH.notify_url
    content = parse_qs(f"x={fields['biz_content']}")["x"][0]
    assert '"total_amount":"12.50"' in content
    assert '"time_expire":"2026-11-21 18:30:00"' in content


def test_a_code_to_scan_comes_from_the_gateway(gateway):
    gateway.answer("alipay.trade.precreate", qr_code="https://qr.alipay.com/bax1", out_trade_no="77")
    begun = client(gateway, page="qr").begin(WISH)
    assert (begun.page, begun.text) == (Page.QR, "https://qr.alipay.com/bax1")
    assert gateway.asked[0][1]["total_amount"] == "12.50"


def test_a_signed_notice_is_understood():
    notice = client().read_notice(alipay.notice("77", gmt_payment="2026-11-21 18:00:01"))
    paid_at = datetime(2026, 11, 21, 10, 0, 1, tzinfo=UTC)
    assert (notice.id, notice.seen) == ("n77", Seen("77", Status.PAID, "202677", 1250, "CNY", paid_at))


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        (alipay.notice("77", whose="stranger"), Outcome.FORGED),
        ({**alipay.notice("77"), "total_amount": "0.01"}, Outcome.FORGED),
        ({**alipay.notice("77"), "out_trade_no": "78"}, Outcome.FORGED),
        ({**alipay.notice("77"), "sign": "rubbish"}, Outcome.FORGED),
        ({**alipay.notice("77"), "sign": "漢"}, Outcome.FORGED),
        ({**alipay.notice("77"), "sign_type": "RSA"}, Outcome.FORGED),
        ({"out_trade_no": "77"}, Outcome.FORGED),
        ({}, Outcome.FORGED),
        (alipay.notice("77", app_id="2021000000000009"), Outcome.OTHER_APP),
        (alipay.notice("77", seller_id="2088000000000009"), Outcome.OTHER_SELLER),
        (alipay.notice("77", trans_currency="USD"), Outcome.OTHER_CURRENCY),
        (alipay.notice("77", yuan="-12.50"), Outcome.MALFORMED),
        (alipay.notice("77", yuan="12.505"), Outcome.MALFORMED),
        (alipay.notice("77", trade_status="NEW_WORD"), Outcome.MALFORMED),
        (alipay.notice("77", trade_no="=1+1"), Outcome.MALFORMED),
        (alipay.notice("77", notify_id=""), Outcome.MALFORMED),
        (alipay.notice("77", gmt_payment="soon"), Outcome.MALFORMED),
    ],
)
def test_what_is_not_alipays_or_not_for_us_is_not_believed(fields, outcome):
    with pytest.raises(NoticeError) as refused:
        client().read_notice(fields)
    assert refused.value.outcome is outcome


def test_asking_tells_paid_waiting_and_unknown_apart(gateway):
    provider = client(gateway)
    gateway.answer(
        "alipay.trade.query",
        out_trade_no="77",
        trade_no="202677",
        trade_status="TRADE_SUCCESS",
        total_amount="12.50",
        send_pay_date="2026-11-21 18:00:01",
    )
    seen = provider.look("77")
    assert (seen.status, seen.ref, seen.amount_minor) == (Status.PAID, "202677", 1250)
    with pytest.raises(ProviderError):
        provider.look("78")
    gateway.answer("alipay.trade.query", out_trade_no="77", trade_status="WAIT_BUYER_PAY")
    assert provider.look("77").status is Status.WAITING
    gateway.answer("alipay.trade.query", code="40004", sub_code="ACQ.TRADE_NOT_EXIST")
    assert provider.look("77").status is Status.UNKNOWN
    gateway.answer("alipay.trade.query", code="20000", sub_code="isp.unknow-error")
    with pytest.raises(ProviderError):
        provider.look("77")


def test_an_answer_with_another_signature_is_no_answer(gateway):
    gateway.answer("alipay.trade.query", out_trade_no="77", trade_status="WAIT_BUYER_PAY")
    gateway.whose = "stranger"
    with pytest.raises(ProviderError):
        client(gateway).look("77")


def test_no_gateway_is_no_answer():
    provider = AlipayProvider(AlipayOptions(**alipay.options()), "http://127.0.0.1:9/gateway.do")
    with pytest.raises(ProviderError) as failed:
        provider.look("77")
    assert "app_id" not in str(failed.value)


def test_a_refund_moves_money_once_and_a_repeat_is_asked_for(gateway):
    provider = client(gateway)
    gateway.answer("alipay.trade.refund", fund_change="Y", trade_no="202677", refund_fee="12.50")
    assert provider.refund(BACK) == "202677"
    assert gateway.asked[-1][1] == {"out_trade_no": "77", "refund_amount": "12.50", "out_request_no": "88"}
    gateway.answer("alipay.trade.refund", fund_change="N", trade_no="202677", refund_fee="12.50")
    gateway.answer("alipay.trade.fastpay.refund.query", refund_status="REFUND_SUCCESS", refund_amount="12.50")
    assert provider.refund(BACK) == "202677"
    gateway.answer("alipay.trade.fastpay.refund.query", refund_amount="1.00")
    with pytest.raises(ProviderError):
        provider.refund(BACK)


def test_a_refund_is_refused_only_when_alipay_says_so_for_good(gateway):
    provider = client(gateway)
    gateway.answer("alipay.trade.refund", code="40004", sub_code="ACQ.SELLER_BALANCE_NOT_ENOUGH")
    with pytest.raises(RefusedError):
        provider.refund(BACK)
    gateway.answer("alipay.trade.refund", code="40004", sub_code="ACQ.SYSTEM_ERROR")
    with pytest.raises(ProviderError):
        provider.refund(BACK)
    gateway.answer("alipay.trade.refund", code="40004", sub_code="ACQ.TRADE_HAS_FINISHED")
    gateway.whose = "stranger"
    with pytest.raises(ProviderError):
        provider.refund(BACK)


def test_the_bill_of_a_day_is_fetched_and_read(gateway):
    gateway.file = alipay.zipped(detail=alipay.bill(alipay.bill_row("202677", "77", "12.50")), sums=b"#")
    url = gateway.url.replace("/gateway.do", "/bill?x=1")
    gateway.answer("alipay.data.dataservice.bill.downloadurl.query", bill_download_url=url)
    provider = client(gateway)
    (line,) = provider.read_file(provider.fetch_file(date(2026, 11, 20)))
    assert (line.number, line.ref, line.amount_minor) == ("77", "202677", 1250)


@pytest.mark.parametrize(
    "url", ["http://evil.example/bill", "file:///etc/passwd", "https://x.alipay.com.evil/", ""]
)
def test_a_bill_is_fetched_from_alipay_only(gateway, url):
    gateway.answer("alipay.data.dataservice.bill.downloadurl.query", bill_download_url=url)
    with pytest.raises(ProviderError):
        client(gateway).fetch_file(date(2026, 11, 20))


def test_keys_are_read_with_and_without_their_frame():
    private, public = alipay.private("station"), alipay.public("alipay")
    framed = f"-----BEGIN PUBLIC KEY-----\n{public}\n-----END PUBLIC KEY-----\n"
    assert provider_alipay.are_keys(private, public)
    assert provider_alipay.are_keys(f"{private[:64]}\n{private[64:]}", framed)
    assert not provider_alipay.are_keys(public, public)
    assert not provider_alipay.are_keys(private, private)
    assert not provider_alipay.are_keys("rubbish!", public)


def test_a_station_pays_by_alipays_notice(app, station):
    allowed = app.config["SETTINGS"]
    payments.set_up(station, Way.ALIPAY)
    through = payments.provider(station, allowed, Way.ALIPAY)
    asked = ask(station, way=Way.ALIPAY)
    for fields, outcome in (
        (alipay.notice(asked.id, trade_status="WAIT_BUYER_PAY", notify_id="w1"), Outcome.NOTHING),
        (alipay.notice(asked.id, yuan="0.01", notify_id="w2"), Outcome.OTHER_AMOUNT),
        (alipay.notice(asked.id), Outcome.PAID),
        (alipay.notice(asked.id), Outcome.NOTHING),
        (alipay.notice(asked.id, trade_status="TRADE_CLOSED", notify_id="w3"), Outcome.NOTHING),
        (alipay.notice("5", notify_id="w4"), Outcome.UNKNOWN_PAYMENT),
    ):
        assert tell(station, through, fields).outcome is outcome
    check(station)


@pytest.mark.parametrize(
    "values",
    [
        {"app_id": "x"},
        {"seller_id": ""},
        {"alipay_public_key": "rubbish"},
        {"app_private_key": ""},
        {"app_private_key": alipay.public("station")},
    ],
)
def test_settings_that_cannot_work_are_refused(app, station, values):
    draft = Draft(is_enabled=True, options=alipay.options(**values))
    with pytest.raises(StationError) as refused, payments.transaction():
        settings.save(station.manager, Way.ALIPAY, draft, version=0)
    assert refused.value.code == "bad_input"


def test_a_kept_key_stays_and_is_encrypted_and_shown_nowhere(app, station):
    allowed = app.config["SETTINGS"]
    payments.set_up(station, Way.ALIPAY)
    without = Draft(is_enabled=False, options=alipay.options(app_private_key=""))
    with payments.transaction():
        assert settings.save(station.manager, Way.ALIPAY, without, version=1) == {"is_enabled"}
    with payments.reading():
        found = settings.saved(station.id, Way.ALIPAY, allowed)
        raw = payments.raw_options()
    assert found.options["app_private_key"] == alipay.private("station")
    assert "app_private_key" not in found.shown
    assert alipay.private("station") not in repr(found)
    assert alipay.private("station").encode() not in raw
