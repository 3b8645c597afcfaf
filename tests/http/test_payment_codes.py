"""The counter's pages under the scanner: a customer's payment code pays, and whatever else is scanned does nothing."""

import logging
import re

import pytest

from station.core import clock
from station.core.db import reading
from station.payments import queries, test_codes
from station.payments.catalogue import WAYS, Way
from station.payments.lifecycle import PaymentState
from station.payments.provider_test import TestProvider
from station.payments.test_codes import Mood
from tests import alipay, payments
from tests.factories import make_station
from tests.http.forms import post
from tests.payments import ask_at_counter, balance, check, now, pay, take_cash

ALIPAYS = "281234567890123456"


def shown(station, mood=Mood.PAYS):
    return test_codes.make(station.id, mood, clock.now())


def scan(browser, person, code, amount="20", **values):
    """Scan on the page of a person: the amount stands there, and cash is the way that is ticked."""
    return post(
        browser,
        f"/money/counter/people/{person.id}",
        {"amount": amount, "way": "cash", "code": code},
        **values,
    )


def scan_again(browser, waiting, code, **values):
    return post(browser, f"{waiting}/scan", {"code": code}, follow_redirects=True, **values)


def listed(station):
    with reading():
        return queries.listed(station.id)


def face_on(page):
    return re.search(r'data-face="(\w+)"', page.text)[1]


def test_a_scanned_code_pays_at_once_and_the_page_says_so(web_station, clerk_client, allowed, ming):
    page = scan(clerk_client, ming, shown(web_station), follow_redirects=True)
    assert (face_on(page), "Paid: ¥20.00" in page.text, "hx-get" in page.text) == ("paid", True, False)
    (asked,) = listed(web_station)
    assert (asked.provider, asked.amount_minor, balance(web_station, ming)) == (Way.TEST, 2000, 2000)
    check(web_station)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("134512345678901234", "a code of WeChat Pay, which this station does not take yet"),
        (ALIPAYS, "a code of another way to pay: Alipay"),
        ("SF1234567890123", "This is no payment code"),
        ("12-3-3210", "This is no payment code"),
        ("9" * 3000, "This is no payment code"),
    ],
)
def test_what_is_no_code_of_a_way_that_is_set_up_does_nothing(
    web_station, clerk_client, allowed, ming, code, said
):
    refused = scan(clerk_client, ming, code)
    assert (refused.status_code, said in refused.text, code in refused.text) == (422, True, False)
    # A code that was cut may have begun in the amount: then that is typed again.
    assert ('value="20"' in refused.text) == ("This is no payment code" not in said)
    waiting = f"/money/counter/waiting/{ask_at_counter(web_station, ming).id}"
    assert said in scan_again(clerk_client, waiting, code).text
    (asked,) = listed(web_station)
    assert (asked.state, asked.scan) == (PaymentState.ASKED, None)


@pytest.mark.parametrize("amount", ["", "0", "-5", "1.005", "x"])
def test_a_code_without_an_amount_takes_nothing(web_station, clerk_client, allowed, ming, amount):
    code = shown(web_station)
    refused = scan(clerk_client, ming, code, amount)
    assert (refused.status_code, code in refused.text) == (422, False)
    assert listed(web_station) == []


def test_the_same_scan_twice_pays_once(web_station, clerk_client, allowed, ming):
    code = shown(web_station)
    first, second = (scan(clerk_client, ming, code, key="scanned-twice") for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    third = scan(clerk_client, ming, shown(web_station), key="scanned-twice", follow_redirects=True)
    assert face_on(third) == "paid"
    assert balance(web_station, ming) == 2000


def test_a_page_that_was_open_while_another_took_the_money_takes_no_more(
    web_station, clerk_client, manager_client, allowed, ming
):
    person = f"/money/counter/people/{ming.id}"
    opened = re.search(r'name="paid_before" value="(\d+)"', manager_client.get(person).text)[1]
    scan(clerk_client, ming, shown(web_station))
    said = {"amount": "20", "way": "cash", "code": shown(web_station), "paid_before": opened}
    refused = post(manager_client, person, said)
    assert (refused.status_code, "since this page was opened" in refused.text) == (409, True)
    assert balance(web_station, ming) == 2000
    loaded = re.search(r'name="paid_before" value="(\d+)"', refused.text)[1]
    post(manager_client, person, {**said, "code": shown(web_station), "paid_before": loaded})
    assert balance(web_station, ming) == 4000


def test_a_code_in_a_second_window_while_the_first_waits_is_refused_and_leads_there(
    web_station, clerk_client, manager_client, allowed, ming
):
    waiting = scan(clerk_client, ming, shown(web_station, Mood.ASKS)).headers["Location"]
    refused = scan(manager_client, ming, shown(web_station))
    assert (refused.status_code, waiting in refused.text) == (409, True)


def test_a_refused_code_says_why_and_the_next_one_pays_the_same_payment(
    web_station, clerk_client, allowed, ming
):
    waiting = scan(clerk_client, ming, shown(web_station, Mood.POOR)).headers["Location"]
    page = clerk_client.get(waiting)
    assert (face_on(page), "There is not enough money" in page.text) == ("refused", True)
    assert 'id="payer-code"' in page.text
    assert face_on(scan_again(clerk_client, waiting, shown(web_station))) == "paid"
    assert len(listed(web_station)) == 1
    assert balance(web_station, ming) == 2000


def test_a_customer_who_has_to_agree_is_waited_for(web, web_station, clerk_client, allowed, ming):
    waiting = scan(clerk_client, ming, shown(web_station, Mood.ASKS)).headers["Location"]
    page = clerk_client.get(waiting)
    assert (face_on(page), 'id="payer-code"' in page.text) == ("confirm", False)
    assert clerk_client.get(f"{waiting}/now?face=confirm").status_code == 204
    (phone,) = re.findall(r'href="https?://[^/"]+(/test-payments/[^"]+)"', page.text)
    post(web.test_client(), f"{phone}/pay")
    assert face_on(clerk_client.get(f"{waiting}/now?face=confirm")) == "paid"
    assert balance(web_station, ming) == 2000


def test_an_answer_that_was_lost_is_found_and_the_code_that_is_shown_may_be_scanned_instead(
    web_station, clerk_client, allowed, ming
):
    page = scan(clerk_client, ming, shown(web_station, Mood.SILENT), follow_redirects=True)
    assert face_on(page) == "paid"  # the page asks at once
    asked = ask_at_counter(web_station, ming, amount_minor=500)
    waiting = f"/money/counter/waiting/{asked.id}"
    assert face_on(clerk_client.get(waiting)) == "code"
    assert face_on(scan_again(clerk_client, waiting, shown(web_station))) == "paid"
    assert balance(web_station, ming) == 2500


def test_while_a_code_is_under_way_it_is_not_cancelled(web_station, clerk_client, allowed, ming):
    waiting = scan(clerk_client, ming, shown(web_station, Mood.LOST)).headers["Location"]
    page = clerk_client.get(waiting)
    assert (face_on(page), "/cancel" in page.text) == ("sent", False)
    said = post(clerk_client, f"{waiting}/cancel", follow_redirects=True)
    assert ("being asked just now" in said.text, face_on(said)) == (True, "sent")


def test_scanning_what_is_paid_or_over_changes_nothing(web_station, clerk_client, allowed, ming):
    asked = ask_at_counter(web_station, ming)
    pay(web_station, asked)
    waiting = f"/money/counter/waiting/{asked.id}"
    assert face_on(clerk_client.get(waiting)) == "paid"
    assert face_on(scan_again(clerk_client, waiting, shown(web_station))) == "paid"
    assert balance(web_station, ming) == 1250


def test_the_amount_of_a_waiting_payment_is_its_own(web_station, clerk_client, allowed, ming):
    asked = ask_at_counter(web_station, ming)
    said = {"code": shown(web_station), "amount": "0.01", "amount_minor": "1"}
    post(clerk_client, f"/money/counter/waiting/{asked.id}/scan", said)
    assert balance(web_station, ming) == 1250


def test_another_stations_payment_and_cash_take_no_code(web_station, clerk_client, allowed, ming):
    elsewhere = make_station("Lotus Garden")
    payments.set_up(elsewhere, Way.TEST)
    theirs, cash = ask_at_counter(elsewhere), take_cash(web_station, ming)
    for asked in (theirs, cash):
        path = f"/money/counter/waiting/{asked.id}/scan"
        assert post(clerk_client, path, {"code": shown(web_station)}).status_code == 404
    assert now(elsewhere, theirs).scan is None


def test_the_field_is_there_only_where_a_code_can_be_charged(web, clerk_client, allowed, ming, monkeypatch):
    person = f"/money/counter/people/{ming.id}"
    assert 'id="payer-code"' in clerk_client.get(person).text
    unable = payments.replace(WAYS[Way.TEST], payer_code=None)
    with monkeypatch.context() as changed:
        changed.setitem(WAYS, Way.TEST, unable)
        assert 'id="payer-code"' not in clerk_client.get(person).text
    web.config["SETTINGS"] = payments.replace(web.config["SETTINGS"], test_payments=False)
    assert 'id="payer-code"' not in clerk_client.get(person).text


def test_a_code_scanned_before_the_person_is_found_is_not_looked_for(clerk_client, allowed):
    for code in (ALIPAYS, "134512345678901234"):
        page = post(clerk_client, "/money/counter/find", {"text": code}, follow_redirects=True)
        assert ("Find the person first" in page.text, code in page.text) == (True, False)


def test_a_way_that_is_closed_meanwhile_charges_nothing(web, web_station, clerk_client, allowed, ming):
    asked = ask_at_counter(web_station, ming)
    web.config["SETTINGS"] = payments.replace(web.config["SETTINGS"], test_payments=False)
    page = scan_again(clerk_client, f"/money/counter/waiting/{asked.id}", shown(web_station))
    assert "This way to pay is closed now" in page.text
    assert now(web_station, asked).scan is None


def test_the_pretended_app_shows_codes_to_anybody_where_it_is_allowed(web, web_station, allowed):
    phone, path = web.test_client(), f"/test-payments/{web_station.id}/code"
    for mood in ("0", "2", "rubbish"):
        page = phone.get(f"{path}?mood={mood}")
        assert page.status_code == 200
        digits = "".join(re.findall(r"<span>(\d{4})</span>", page.text))
        assert (len(digits), digits[2]) == (24, "2" if mood == "2" else "0")
    web.config["SETTINGS"] = payments.replace(web.config["SETTINGS"], test_payments=False)
    assert phone.get(path).status_code == 404
    assert phone.get(f"/test-payments/{make_station('Lotus Garden').id}/code").status_code == 404


def test_alipay_is_charged_from_the_page_and_its_code_stays_out_of_logs(
    web, web_station, clerk_client, ming, caplog
):
    caplog.set_level(logging.DEBUG)
    payments.set_up(web_station, Way.ALIPAY)
    before = web.config["SETTINGS"]
    with alipay.gateway() as gateway:
        web.config["SETTINGS"] = payments.replace(before, alipay_gateway=gateway.url)
        gateway.answer("alipay.trade.pay", code="40006", sub_code="isv.insufficient-isv-permissions")
        refused = scan(clerk_client, ming, ALIPAYS, follow_redirects=True)
        (asked,) = listed(web_station)
        gateway.answer(
            "alipay.trade.pay", out_trade_no=str(asked.id), trade_no="202677", total_amount="20.00"
        )
        waiting = f"/money/counter/waiting/{asked.id}"
        paid = scan_again(clerk_client, waiting, ALIPAYS)
    web.config["SETTINGS"] = before
    assert "needs face-to-face payment" in refused.text
    assert face_on(paid) == "paid"
    assert ALIPAYS not in caplog.text + refused.text + paid.text
    assert balance(web_station, ming) == 2000


def test_a_provider_is_asked_in_no_transaction(web_station, clerk_client, allowed, ming, monkeypatch):
    honest = TestProvider.charge

    def opens_its_own(self, wish, code):
        with reading():
            assert queries.payment(self.station_id, int(wish.number)).scan == "sent"
        return honest(self, wish, code)

    monkeypatch.setattr(TestProvider, "charge", opens_its_own)
    assert face_on(scan(clerk_client, ming, shown(web_station), follow_redirects=True)) == "paid"
