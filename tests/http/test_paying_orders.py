"""A group order that waits for its money: the books say how much, and paying places it, from the phone or the desk."""

import re

import pytest

from station.core.db import reading
from station.group_buys import balances, store
from station.group_buys.plans import Pays
from station.payments import queries
from tests import group_buys
from tests.factories import recipient
from tests.http import residents
from tests.http.forms import post
from tests.payments import ask, check, paid, pay, provider


@pytest.fixture
def held(web_station, ming):
    """An order of two boxes, paid before: it waits for twice the first price."""
    campaign_id = group_buys.make_campaign(web_station, pays=Pays.BEFORE)
    return group_buys.place(web_station, campaign_id, ming, 2).order_id


def state_of(station, order_id):
    with reading():
        return store.look_order(station.id, order_id).state


def pay_order(phone, station, order_id, **values):
    data = {"order": str(order_id), "way": "test", **values}
    return post(phone, f"/me/pay/{station.id}/order", data)


def test_an_order_is_paid_by_what_the_books_say_and_placed(web_station, phone, held):
    assert "59.80" in phone.get(f"/me/pay/{web_station.id}").text
    asked = pay_order(phone, web_station, held, amount="0.01", amount_minor="1")
    address = asked.headers["Location"]
    (there,) = re.findall(r'href="(/test-payments/[^"]+)"', phone.get(address).text)
    post(phone, f"{there}/pay")
    with reading():
        (one,) = queries.listed(web_station.id)
    assert (one.amount_minor, one.purpose, one.state) == (5980, f"group_order:{held}", "paid")
    assert state_of(web_station, held) == "placed"
    assert pay_order(phone, web_station, held).status_code in (303, 404)
    check(web_station)


def test_what_lies_on_the_balance_counts(web_station, phone, allowed, ming, held):
    paid(web_station, allowed, ming, amount_minor=1980)
    pay_order(phone, web_station, held)
    with reading():
        assert queries.listed(web_station.id)[0].amount_minor == 4000


def test_cash_at_the_counter_places_the_order_too(web_station, clerk_client, ming, held):
    page = clerk_client.get(f"/money/counter/people/{ming.id}")
    assert "59.80" in page.text
    data = {"amount": "59.80", "way": "cash"}
    assert post(clerk_client, f"/money/counter/people/{ming.id}", data).status_code == 303
    assert state_of(web_station, held) == "placed"


def test_money_of_a_placed_order_is_not_given_back(web_station, phone, clerk_client, ming, held):
    data = {"amount": "60", "way": "cash"}
    receipt = post(clerk_client, f"/money/counter/people/{ming.id}", data).headers["Location"]
    with reading():
        assert balances.free(web_station.id, ming.id, "CNY") == 20
    data = {"amount": "0.21", "reason": "not_needed"}
    assert "Not so much is free" in post(clerk_client, f"{receipt}/back", data, follow_redirects=True).text
    data = {"amount": "0.20", "reason": "not_needed"}
    assert "Written down" in post(clerk_client, f"{receipt}/back", data, follow_redirects=True).text


def test_somebody_elses_order_is_not_paid(web, web_station, allowed, held):
    recipient(web_station, "13900001111", "王")
    other = web.test_client()
    residents.sign_in(other, "13900001111")
    assert "59.80" not in other.get(f"/me/pay/{web_station.id}").text
    pay_order(other, web_station, held)
    with reading():
        assert queries.listed(web_station.id) == []


def test_a_callback_places_the_order_in_its_own_transaction(web_station, phone, allowed, ming, held):
    asked = ask(web_station, ming, amount_minor=5980, purpose=f"group_order:{held}")
    told = pay(web_station, asked)
    answer = phone.post(f"/payments/told/test/{web_station.id}", data=told)
    assert answer.text == provider(web_station, allowed).success
    assert state_of(web_station, held) == "placed"


def test_nobody_opens_payments_without_end(web_station, phone, ming):
    for number in range(12):
        answer = post(phone, f"/me/pay/{web_station.id}/ahead", {"amount": f"{number + 1}", "way": "test"})
    assert "Pay what is open first" in phone.get(answer.headers["Location"]).text
    with reading():
        assert len(queries.listed(web_station.id)) == 10
