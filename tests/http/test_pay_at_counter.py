"""The counter's pages of paying by phone: a code, a page that waits, what became of it, and cancelling."""

import re
from datetime import timedelta

import pytest

from station.core import clock
from station.core.db import reading
from station.payments import book_queries, queries
from station.payments.catalogue import Way
from station.payments.provider import ProviderError
from station.payments.provider_test import TestProvider
from tests import payments
from tests.factories import make_station
from tests.http.forms import post
from tests.http.test_payment_desk import upload
from tests.payments import ask_at_counter, balance, check, now, paid, pay, take_cash


def take(browser, person, amount="20", way="test", **values):
    return post(browser, f"/money/counter/people/{person.id}", {"amount": amount, "way": way}, **values)


def code_on(page):
    """Return where the code on a waiting page leads a phone, as a path."""
    (code,) = re.findall(r'href="https?://[^/"]+(/test-payments/[^"]+)"', page.text)
    return code


def test_a_customer_scans_pays_and_the_page_says_so(web, web_station, clerk_client, allowed, ming):
    waiting = take(clerk_client, ming).headers["Location"]
    page = clerk_client.get(waiting)
    assert "20.00" in page.text
    assert clerk_client.get(f"{waiting}/now?face=code").status_code == 204
    strangers_phone = web.test_client()
    code = code_on(page)
    assert "Pretend to pay" in strangers_phone.get(code).text
    done = post(strangers_phone, f"{code}/pay", follow_redirects=True)
    assert "Pretended to pay" in done.text
    told = clerk_client.get(f"{waiting}/now")
    assert (told.status_code, "Paid: ¥20.00" in told.text) == (200, True)
    assert "hx-get" not in told.text  # it asks no more
    assert balance(web_station, ming) == 2000
    assert str(post(strangers_phone, f"{code}/pay", follow_redirects=True).status_code) == "200"
    assert balance(web_station, ming) == 2000
    check(web_station)


def test_the_page_loaded_again_shows_the_same_code(clerk_client, allowed, ming):
    waiting = take(clerk_client, ming).headers["Location"]
    assert code_on(clerk_client.get(waiting)) == code_on(clerk_client.get(waiting))


def test_the_same_press_twice_asks_once(web_station, clerk_client, allowed, ming):
    first, second = (take(clerk_client, ming, key="pressed-twice") for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    with reading():
        assert len(queries.listed(web_station.id)) == 1


def test_a_second_payment_of_the_same_person_is_refused_and_leads_to_the_first(clerk_client, allowed, ming):
    waiting = take(clerk_client, ming).headers["Location"]
    for way in ("test", "cash"):
        refused = take(clerk_client, ming, way=way)
        assert refused.status_code == 409
        assert "Finish or cancel that one first" in refused.text
        assert waiting in refused.text


def test_cancelling_twice_cancels_once_and_cash_is_taken_then(web_station, clerk_client, allowed, ming):
    waiting = take(clerk_client, ming).headers["Location"]
    for _ in range(2):
        cancelled = post(clerk_client, f"{waiting}/cancel", key="pressed-twice", follow_redirects=True)
        assert "the code does not count any more" in cancelled.text
    take(clerk_client, ming, way="cash")
    assert balance(web_station, ming) == 2000
    check(web_station)


def test_cancelling_what_was_just_paid_says_paid(web_station, clerk_client, allowed, ming):
    asked = ask_at_counter(web_station, ming)
    pay(web_station, asked)  # its callback is lost
    cancelled = post(clerk_client, f"/money/counter/waiting/{asked.id}/cancel", follow_redirects=True)
    assert "Paid: ¥12.50" in cancelled.text
    assert balance(web_station, ming) == 1250


def test_a_provider_that_is_silent_is_said_and_nothing_is_lost(
    web_station, clerk_client, allowed, ming, monkeypatch
):
    def silent(*_args):
        raise ProviderError("TimeoutError")

    honest = TestProvider.look
    monkeypatch.setattr(TestProvider, "code", silent)
    monkeypatch.setattr(TestProvider, "look", silent)
    waiting = take(clerk_client, ming).headers["Location"]
    assert "does not answer now" in clerk_client.get(waiting).text
    assert "so the code still counts" in post(clerk_client, f"{waiting}/cancel", follow_redirects=True).text
    with reading():
        (asked,) = queries.listed(web_station.id)
    with payments.later(asked):
        assert "does not say whether it was paid" in clerk_client.get(f"{waiting}/now").text
        pay(web_station, asked)
        monkeypatch.setattr(TestProvider, "look", honest)
    with clock.use(lambda: asked.expires_at + timedelta(seconds=10)):
        assert "Paid: ¥20.00" in clerk_client.get(f"{waiting}/now").text


def test_what_was_not_paid_in_time_is_said(web_station, clerk_client, allowed, ming):
    asked = ask_at_counter(web_station, ming)
    with payments.later(asked):
        told = clerk_client.get(f"/money/counter/waiting/{asked.id}/now")
    assert "Not paid in time" in told.text


def test_only_ways_that_are_set_up_are_offered_and_taken(web, web_station, clerk_client, allowed, ming):
    person = f"/money/counter/people/{ming.id}"
    assert 'value="test"' in clerk_client.get(person).text
    assert 'value="alipay"' not in clerk_client.get(person).text
    assert take(clerk_client, ming, way="alipay").status_code == 422
    web.config["SETTINGS"] = payments.replace(web.config["SETTINGS"], test_payments=False)
    assert 'value="test"' not in clerk_client.get(person).text
    assert take(clerk_client, ming).status_code == 422


@pytest.mark.parametrize("amount", ["0", "-5", "1.005", "x", "9" * 20, ""])
def test_an_amount_that_cannot_be_is_refused(web_station, clerk_client, allowed, ming, amount):
    assert take(clerk_client, ming, amount).status_code == 422
    with reading():
        assert queries.listed(web_station.id) == []


def test_what_is_owed_stands_in_the_field_and_the_last_way_is_chosen(
    web_station, clerk_client, allowed, ming
):
    payments.charge(web_station, ming, 350)
    person = f"/money/counter/people/{ming.id}"
    assert 'value="3.50"' in clerk_client.get(person).text
    take(clerk_client, ming, "3.50", "card")
    page = clerk_client.get(person).text
    assert re.search(r'<input checked[^>]+value="card"', page)
    assert 'value="3.50"' not in page


def test_a_way_that_was_used_last_and_is_gone_gives_way_to_cash(
    web, web_station, clerk_client, allowed, ming
):
    waiting = take(clerk_client, ming).headers["Location"]
    post(clerk_client, f"{waiting}/cancel")
    person = f"/money/counter/people/{ming.id}"
    assert re.search(r'<input checked[^>]+value="test"', clerk_client.get(person).text)
    web.config["SETTINGS"] = payments.replace(web.config["SETTINGS"], test_payments=False)
    assert re.search(r'<input checked[^>]+value="cash"', clerk_client.get(person).text)


def test_another_stations_payment_and_cash_are_not_waited_for(web_station, clerk_client, allowed, ming):
    elsewhere = make_station("Lotus Garden")
    payments.set_up(elsewhere, Way.TEST)
    theirs = ask_at_counter(elsewhere)
    cash = take_cash(web_station, ming)
    for asked in (theirs, cash):
        path = f"/money/counter/waiting/{asked.id}"
        assert clerk_client.get(path).status_code == 404
        assert clerk_client.get(f"{path}/now").status_code == 404
        assert post(clerk_client, f"{path}/cancel").status_code == 404
    assert now(elsewhere, theirs).state == "asked"


def test_a_refund_made_at_the_provider_is_booked_and_what_was_spent_is_owed(
    web_station, manager_client, allowed, ming
):
    asked = paid(web_station, allowed, ming)
    payments.charge(web_station, ming, 1000)
    back = f"refund,R77,{asked.id},{asked.provider_ref},1250,-8,CNY\r\n"
    content = payments.file_of(web_station, allowed) + back.encode()
    day = payments.today(web_station)
    with clock.use(lambda: asked.asked_at + timedelta(days=1)):
        page = upload(manager_client, content, day).headers["Location"]
        assert "Explain it instead" in manager_client.get(page).text
        with reading():
            (line,) = book_queries.differences(web_station.id, int(page.rsplit("/", 1)[1]))
        booked = post(manager_client, f"/money/reconciliation/lines/{line.id}/book", follow_redirects=True)
    assert "owes ¥10.00 now" in booked.text
    assert balance(web_station, ming) == -1000


def test_files_are_of_what_is_set_up_and_the_rest_is_named_quietly(web_station, manager_client, allowed):
    page = manager_client.get("/money/reconciliation").text
    assert 'value="alipay"' not in page
    assert re.search(r"Not set up:\s+Alipay", page)
    payments.set_up(web_station, Way.ALIPAY)
    assert 'value="alipay"' in manager_client.get("/money/reconciliation").text
