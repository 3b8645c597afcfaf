"""Pages of payments: a resident pays through the test provider, providers tell, amounts come from the books."""

import json
import re
from html import unescape
from urllib.parse import urlsplit

import pytest

from station.core.db import reading, transaction
from station.payments import queries, settings
from station.payments.catalogue import Way
from tests import alipay, payments
from tests.factories import make_station, recipient
from tests.http.forms import post
from tests.payments import ask, balance, check, now, pay


@pytest.fixture
def allowed(allowed, web_station):
    """Alipay is set up, too."""
    payments.set_up(web_station, Way.ALIPAY)
    return allowed


def ahead(phone, station, amount="12.50", way="test", **values):
    return post(phone, f"/me/pay/{station.id}/ahead", {"amount": amount, "way": way}, **values)


def there_of(phone, address):
    """Return the provider's page that a waiting payment leads to."""
    (there,) = re.findall(r'href="(/test-payments/[^"]+)"', phone.get(address).text)
    return there


def callback(browser, station, fields, way="test"):
    return browser.post(f"/payments/told/{way}/{station.id}", data=fields)


def test_a_resident_pays_through_the_test_provider(web_station, phone, ming):
    address = ahead(phone, web_station).headers["Location"]
    waiting = phone.get(address)
    assert "no real money" in waiting.text
    assert phone.get(f"{address}.json").json == {"state": "asked"}
    there = there_of(phone, address)
    assert "no real money" in phone.get(there).text
    back = post(phone, f"{there}/pay")
    assert back.headers["Location"] == address
    assert phone.get(f"{address}.json").json == {"state": "paid"}
    assert "Thank you" in phone.get(address).text
    assert balance(web_station, ming) == 1250
    check(web_station)


def test_a_resident_who_does_not_pay_is_told_so(web_station, phone, ming):
    address = ahead(phone, web_station).headers["Location"]
    there = there_of(phone, address)
    assert post(phone, f"{there}/refuse").status_code == 303
    assert "Nothing was taken" in phone.get(address).text
    assert "settled already" in post(phone, f"{there}/pay", follow_redirects=True).text
    assert balance(web_station, ming) == 0


def test_the_same_form_twice_asks_once(web_station, phone):
    first, second = (ahead(phone, web_station, key="pressed-twice") for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]


@pytest.mark.parametrize("amount", ["0", "-5", "1.005", "x", "9" * 20, ""])
def test_an_amount_that_cannot_be_is_refused_in_words(web_station, phone, amount):
    answer = ahead(phone, web_station, amount, follow_redirects=True)
    assert answer.status_code in (200, 422)
    with reading():
        assert queries.listed(web_station.id) == []


def test_a_way_that_is_not_set_up_is_not_offered_nor_taken(web, web_station, phone):
    web.config["SETTINGS"] = payments.replace(web.config["SETTINGS"], test_payments=False)
    assert 'value="test"' not in phone.get(f"/me/pay/{web_station.id}").text
    assert ahead(phone, web_station).status_code == 404


def test_an_order_that_does_not_wait_is_not_paid(web_station, phone):
    answer = post(phone, f"/me/pay/{web_station.id}/order", {"order": "77", "way": "test", "amount": "1"})
    assert answer.status_code == 404


def test_somebody_elses_payment_is_not_there(web, web_station, phone, allowed):
    other = ask(web_station, recipient(web_station, "13900001111", "王"))
    for path in (f"/me/pay/{web_station.id}/{other.id}", f"/test-payments/{web_station.id}/{other.id}/guess"):
        assert phone.get(path).status_code == 404
    assert phone.get(f"/me/pay/{web_station.id}/{other.id}.json").status_code == 404
    assert post(phone, f"/test-payments/{web_station.id}/{other.id}/guess/pay").status_code == 404
    elsewhere = make_station("Lotus Garden")
    assert phone.get(f"/me/pay/{elsewhere.id}").status_code == 404
    assert ahead(phone, elsewhere).status_code == 404


def test_a_free_balance_goes_back_to_the_provider(web_station, phone, ming):
    address = ahead(phone, web_station).headers["Location"]
    post(phone, f"{there_of(phone, address)}/pay")
    home = phone.get(f"/me/pay/{web_station.id}")
    assert "Give it back to me" in home.text
    for _ in range(2):
        post(phone, f"/me/pay/{web_station.id}/back", key="pressed-twice")
    assert balance(web_station, ming) == 0
    assert "Given back" in phone.get(address).text
    assert (
        "Nothing can be given back"
        in post(phone, f"/me/pay/{web_station.id}/back", follow_redirects=True).text
    )
    check(web_station)


def test_alipay_is_told_success_and_failure_as_it_expects(client, web_station, allowed, ming):
    asked = ask(web_station, ming, way=Way.ALIPAY)
    forged = callback(client, web_station, alipay.notice(asked.id, whose="stranger"), "alipay")
    assert (forged.status_code, forged.text, forged.mimetype) == (200, "failure", "text/plain")
    for _ in range(2):
        assert callback(client, web_station, alipay.notice(asked.id), "alipay").text == "success"
    wrong = alipay.notice(asked.id, yuan="99.00", notify_id="other")
    assert callback(client, web_station, wrong, "alipay").text == "failure"
    assert balance(web_station, ming) == 1250
    check(web_station)


def test_a_callback_needs_no_cookie_and_no_token(web, web_station, allowed, ming):
    web.config["WTF_CSRF_ENABLED"] = True
    try:
        asked = ask(web_station, ming)
        assert callback(web.test_client(), web_station, pay(web_station, asked)).text == "success"
    finally:
        web.config["WTF_CSRF_ENABLED"] = False
    assert now(web_station, asked).state == "paid"


def test_a_callback_for_nobody_is_not_found(web, client, web_station, allowed, ming):
    told = pay(web_station, ask(web_station, ming))
    elsewhere = make_station("Lotus Garden")
    assert callback(client, web_station, told, "cash").status_code == 404
    assert callback(client, web_station, told, "gold").status_code == 404
    assert callback(client, elsewhere, told).status_code == 404
    assert client.get(f"/payments/told/test/{web_station.id}").status_code == 405
    web.config["SETTINGS"] = payments.replace(allowed, test_payments=False)
    assert callback(client, web_station, told).status_code == 404


def test_one_stations_notice_pays_nothing_at_another(client, web_station, allowed, ming):
    elsewhere = make_station("Lotus Garden")
    payments.set_up(elsewhere, Way.TEST)
    asked = ask(web_station, ming)
    assert callback(client, elsewhere, pay(web_station, asked)).text == "failure"
    assert now(web_station, asked).state == "asked"


def test_no_secret_and_no_number_of_a_payment_stands_in_a_log(client, web_station, allowed, ming, caplog):
    caplog.set_level("DEBUG")
    asked = ask(web_station, ming, way=Way.ALIPAY)
    callback(client, web_station, alipay.notice(asked.id), "alipay")
    callback(client, web_station, alipay.notice(asked.id, whose="stranger"), "alipay")
    assert "notice of alipay" in caplog.text
    assert alipay.private("station")[:40] not in caplog.text
    assert alipay.notice(asked.id)["sign"] not in caplog.text


def test_a_payment_whose_way_is_closed_says_so(web, web_station, phone, allowed):
    address = ahead(phone, web_station).headers["Location"]
    web.config["SETTINGS"] = payments.replace(allowed, test_payments=False)
    page = phone.get(address)
    assert page.status_code == 200
    assert "Begin a new payment" in page.text
    assert "Pay now" not in page.text


def test_alipays_page_is_opened_with_the_stations_signature(web_station, phone, ming):
    address = ahead(phone, web_station, way="alipay").headers["Location"]
    (link,) = re.findall(r'href="(https://openapi-sandbox[^"]+)"', phone.get(address).text)
    fields = alipay.is_signed(urlsplit(unescape(link)).query)
    assert fields["notify_url"].endswith(f"/payments/told/alipay/{web_station.id}")
    assert json.loads(fields["biz_content"])["total_amount"] == "12.50"


def test_a_code_to_scan_is_drawn_and_a_silent_gateway_said(web, web_station, phone, allowed):
    with transaction():
        draft = settings.Draft(is_enabled=True, options=alipay.options(page="qr"))
        settings.save(web_station.manager, Way.ALIPAY, draft, version=1)
    with alipay.gateway() as gateway:
        web.config["SETTINGS"] = payments.replace(allowed, alipay_gateway=gateway.url)
        gateway.answer("alipay.trade.precreate", qr_code="https://qr.alipay.com/bax1")
        address = ahead(phone, web_station, way="alipay").headers["Location"]
        assert "Scan this code" in phone.get(address).text
        gateway.answer("alipay.trade.precreate", code="20000", sub_code="isp.unknow-error")
        assert "does not answer now" in phone.get(address).text
