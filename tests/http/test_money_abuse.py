"""What somebody may try with prices, units, clocks and callbacks: refused in a sentence, and the books stay straight.

Each test sees what the page says, and that all money is still where it was.
"""

import re
from datetime import timedelta

import pytest

from station.core import clock
from station.core.db import reading, transaction
from station.core.money import format_money
from station.group_buys import cut_off, orders
from station.group_buys.plans import Pays
from station.ledger import queries as books
from station.ledger import rules
from station.ledger import service as ledger_service
from station.ledger.rules import LedgerRules
from station.payments import provider_test, queries, test_bank
from station.payments.catalogue import Reason
from tests import ledger
from tests.group_buys import campaign, make_campaign, order, place
from tests.http import residents
from tests.http.forms import post
from tests.payments import ask, balance, now, paid, pay

NEIGHBOUR = "13900002222"
PRICE = 2990  # the first tier of tests.group_buys


@pytest.fixture(autouse=True)
def _books(web_station):
    """Whatever was tried, the books balance and are what the custody log names."""
    yield
    ledger.check(web_station.id)


def wish(station, quantity="1", tolerance="0", **more):
    return {"quantity": str(quantity), "tolerance": str(tolerance), "point": str(station.id), **more}


def at(station, campaign_id, rest=""):
    return f"/me/group-buys/{station.id}/{campaign_id}{rest}"


def mine(station, campaign_id, person):
    with reading():
        return orders.live_order(station.id, campaign_id, person.id)


def text_of(answer):
    """Return what a page says, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def callback(browser, station, fields):
    return browser.post(f"/payments/told/test/{station.id}", data=fields)


def test_price_from_the_browser_is_not_the_price(web_station, phone, ming):
    oranges = make_campaign(web_station, pays=Pays.BEFORE)
    cheap = {
        "price": "0.01",
        "unit_price_minor": "1",
        "amount": "0.02",
        "amount_minor": "2",
        "state": "placed",
    }
    post(phone, at(web_station, oranges, "/order"), wish(web_station, 2, **cheap))
    held = mine(web_station, oranges, ming)
    paying = {"order": str(held.id), "way": "test", "amount": "0.02", "amount_minor": "2"}

    there = post(phone, f"/me/pay/{web_station.id}/order", paying, follow_redirects=True)

    assert held.state == "held"
    assert format_money(2 * PRICE, "CNY") in text_of(there)
    assert format_money(2, "CNY") not in text_of(there)


@pytest.mark.parametrize(
    ("field", "units"),
    [
        *(("quantity", units) for units in ("", "0", "-2", "1.5", "1e3", "½", "999999")),
        *(("tolerance", units) for units in ("-1", "0.5", "1e3", "½", "999999")),
    ],
)
def test_units_that_are_no_units_are_refused(web_station, phone, ming, field, units):
    oranges = make_campaign(web_station)

    answer = post(phone, at(web_station, oranges, "/order"), wish(web_station) | {field: units})

    assert answer.status_code == 422
    assert re.search(r"whole number|1 or more|Fill this in", text_of(answer), re.I)
    assert mine(web_station, oranges, ming) is None
    assert campaign(web_station, oranges).ordered_units == 0


def test_more_than_one_person_may_have_is_refused_tolerance_included(web_station, phone, ming):
    oranges = make_campaign(web_station, per_person_most=3)

    answer = post(phone, at(web_station, oranges, "/order"), wish(web_station, 2, 2))

    assert answer.status_code == 422
    assert "One person may have 3, what is on top to fill a box included." in text_of(answer)
    assert mine(web_station, oranges, ming) is None


@pytest.mark.parametrize("is_cut_off", [False, True])
def test_nothing_is_ordered_changed_or_taken_back_after_the_cut_off(web_station, phone, ming, is_cut_off):
    """The clock decides, whether the job that cuts off has run or not."""
    oranges, pears = (make_campaign(web_station, title=title) for title in ("Oranges", "Pears"))
    placed = place(web_station, oranges, ming, 2).order_id
    late = campaign(web_station, oranges).cut_off_at + timedelta(seconds=1)
    with clock.use(lambda: late):
        residents.sign_in(phone)
        if is_cut_off:
            with transaction():
                cut_off.cut_off(web_station.clerk, oranges)
        before = balance(web_station, ming)
        mine_at = at(web_station, oranges, f"/orders/{placed}")
        tried = [
            post(phone, at(web_station, pears, "/order"), wish(web_station)),
            post(phone, f"{mine_at}/change", wish(web_station, 1), follow_redirects=True),
            post(phone, f"{mine_at}/cancel", follow_redirects=True),
        ]

    assert all("The time to order is over." in text_of(answer) for answer in tried)
    assert order(web_station, placed).quantity == 2
    assert mine(web_station, pears, ming) is None
    assert balance(web_station, ming) == before == (-2 * PRICE if is_cut_off else 0)


def test_an_order_is_paid_twice_and_the_second_money_is_the_buyers(web_station, phone, ming, client):
    oranges = make_campaign(web_station, pays=Pays.BEFORE)
    placed = place(web_station, oranges, ming, 2)
    asked = [
        ask(web_station, ming, purpose=f"group_order:{placed.order_id}", amount_minor=2 * PRICE)
        for _twice in range(2)
    ]
    for one in asked:
        assert callback(client, web_station, pay(web_station, one)).text == "success"

    page = text_of(phone.get(f"/me/pay/{web_station.id}"))

    assert order(web_station, placed.order_id).state == "placed"
    assert balance(web_station, ming) == 4 * PRICE
    assert f"{format_money(2 * PRICE, 'CNY')}" in page
    told = post(phone, f"/me/pay/{web_station.id}/back", follow_redirects=True)
    assert "It is on its way back to where it came from." in text_of(told)
    assert balance(web_station, ming) == 2 * PRICE


def test_a_payment_the_books_took_back_is_not_refunded_too(web_station, manager_client, allowed, ming):
    asked, other = paid(web_station, allowed, ming), paid(web_station, allowed, ming)
    with transaction():
        ledger_service.reverse(
            web_station.manager, asked.journal_id, key="reversal:1", reason="the bank took it back"
        )
    data = {"amount": "12.50", "reason": Reason.COMPLAINT.value}

    answer = post(manager_client, f"/money/payments/{asked.id}/refund", data, follow_redirects=True)

    assert "The books took this payment back already." in text_of(answer)
    assert balance(web_station, ming) == other.amount_minor
    assert now(web_station, asked).refunded_minor == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [("amount_minor", "1"), ("currency", "EUR"), ("number", "7"), ("status", "closed"), ("signature", "00")],
)
def test_a_forged_callback_moves_nothing(web_station, client, allowed, ming, field, value):
    asked = ask(web_station, ming)
    told = pay(web_station, asked)

    answer = callback(client, web_station, {**told, field: value})

    assert answer.text == "failure"
    assert (now(web_station, asked).state, balance(web_station, ming)) == ("asked", 0)
    assert callback(client, web_station, told).text == "success"  # the honest one still counts
    assert balance(web_station, ming) == 1250


def test_a_replayed_callback_pays_once_and_comes_in_any_order(web_station, client, allowed, ming):
    asked = ask(web_station, ming)
    told = pay(web_station, asked)
    closed = provider_test.closed_notice(web_station.id, str(asked.id))
    for fields in (closed, told, told, closed, told):
        assert callback(client, web_station, fields).text == "success"

    assert (now(web_station, asked).state, balance(web_station, ming)) == ("paid", 1250)


def test_a_callback_of_another_amount_or_currency_books_nothing(web_station, client, allowed, ming):
    for amount, currency in ((1, "CNY"), (1250, "EUR")):
        asked = ask(web_station, ming)
        with transaction():
            movement = test_bank.take(web_station.id, str(asked.id), amount, currency)
        told = provider_test.paid_notice(web_station.id, movement)
        assert callback(client, web_station, told).text == "failure"
        assert now(web_station, asked).state == "asked"
    assert balance(web_station, ming) == 0


def test_a_currency_from_the_browser_and_a_changed_one_move_nothing(web_station, phone, manager_client, ming):
    """A group buy is in the currency the station had; what is paid in another one does not pay for it."""
    oranges = make_campaign(web_station, pays=Pays.BEFORE)
    held = place(web_station, oranges, ming, 2).order_id
    post(phone, f"/me/pay/{web_station.id}/ahead", {"amount": "59.80", "way": "test", "currency": "JPY"})
    with reading():
        (asked,) = queries.of_recipients(web_station.id, [ming.id])
    assert (asked.amount_minor, asked.currency) == (2 * PRICE, "CNY")
    with transaction():
        rules.change(web_station.manager, LedgerRules(currency="EUR"))

    answer = post(
        phone, f"/me/pay/{web_station.id}/order", {"order": str(held), "way": "test"}, follow_redirects=True
    )
    post(manager_client, f"/money/counter/people/{ming.id}", {"amount": "100", "way": "cash"})

    assert "This order does not wait for a payment." in text_of(answer)
    assert order(web_station, held).state == "held"
    with reading():
        assert books.resident_balance(web_station.id, ming.id, "EUR") == 10_000
    assert balance(web_station, ming) == 0
