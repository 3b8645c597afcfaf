"""Charging residents over HTTP: by hand, for storage, receipts, what the station decides, and what is refused."""

import re

import pytest

from station.core.db import reading, transaction
from station.ledger import queries, rules
from station.ledger.chart import JournalKind
from station.ledger.rules import LedgerRules
from station.parcels import parcel_queries
from tests import ledger
from tests.factories import recipient, store
from tests.http.forms import post
from tests.ledger import ALIPAY, BANK, CASH, RESIDENT, SERVICES, SUPPLIER


def pay(station):
    return ledger.post(station.clerk, (CASH, RESIDENT, 10_000), kind=JournalKind.PAYMENT)


def balance(station, ref):
    with reading():
        return queries.balance(station.id, ref, "CNY")


def test_resident_is_charged_with_a_reason_and_gets_a_receipt(manager_client, web_station):
    person = recipient(web_station)
    at = f"/money/people/{person.id}"
    assert "nothing open" in manager_client.get(at).text

    receipt = post(manager_client, at, {"amount": "12.50", "reason": "gift wrap"}, follow_redirects=True)

    assert "gift wrap" in receipt.text
    assert "¥12.50" in receipt.text
    assert "陈晓明" not in receipt.text
    assert balance(web_station, ledger.resident(person.id)) == -1250
    assert "owed to the station" in manager_client.get(at).text


def test_charge_sent_twice_is_charged_once(manager_client, web_station):
    person = recipient(web_station)
    for _ in range(2):
        post(
            manager_client,
            f"/money/people/{person.id}",
            {"amount": "1", "reason": "wrap"},
            key="pressed-twice",
        )
    assert balance(web_station, SERVICES) == 100


@pytest.mark.parametrize(
    "data",
    [
        {"amount": "0", "reason": "x"},
        {"amount": "-5", "reason": "x"},
        {"amount": "5"},
        {"reason": "x"},
        {"amount": "1.001", "reason": "x"},
    ],
)
def test_charge_that_is_none_is_refused(manager_client, web_station, data):
    person = recipient(web_station)
    page = post(manager_client, f"/money/people/{person.id}", data, follow_redirects=True)
    assert 'class="flash bad"' in page.text
    assert balance(web_station, SERVICES) == 0


def test_nobody_is_not_charged(manager_client, web_station):
    assert manager_client.get("/money/people/1").status_code == 404
    assert post(manager_client, "/money/people/1", {"amount": "5", "reason": "x"}).status_code == 404


def test_clerk_sees_a_balance_and_charges_nothing(clerk_client, web_station):
    person = recipient(web_station)
    assert "Charge a service" not in clerk_client.get(f"/money/people/{person.id}").text
    assert post(clerk_client, f"/money/people/{person.id}", {"amount": "5", "reason": "x"}).status_code == 403


@pytest.mark.parametrize("paper", ["roll", "a4"])
def test_receipt_fits_its_paper(clerk_client, web_station, paper):
    journal_id = pay(web_station)
    page = clerk_client.get(f"/money/journals/{journal_id}/receipt?paper={paper}").text
    assert f'data-paper="{paper}"' in page
    assert "¥100.00" in page


@pytest.mark.parametrize("query", ["?paper=x", "?paper="])
def test_receipt_on_no_paper_is_refused(clerk_client, web_station, query):
    assert clerk_client.get(f"/money/journals/{pay(web_station)}/receipt{query}").status_code == 422


def test_payout_has_no_receipt_for_a_resident(manager_client, web_station):
    journal_id = ledger.post(web_station.manager, (SUPPLIER, BANK, 5), kind=JournalKind.PAYOUT)
    assert manager_client.get(f"/money/journals/{journal_id}/receipt").status_code == 422


# The station's own money


def move(manager, **values):
    data = {"source": "cash:", "target": "bank:", "amount": "80", "reason": "to the bank", **values}
    return post(manager, "/money/move", data, follow_redirects=True)


def test_cash_is_taken_to_the_bank(manager_client, web_station):
    pay(web_station)
    assert "¥100.00" in manager_client.get("/money/move").text
    assert "The money was moved." in move(manager_client).text
    assert (balance(web_station, CASH), balance(web_station, BANK)) == (2_000, 8_000)
    ledger.check(web_station.id)


def test_opening_balance_and_a_providers_payout(manager_client, web_station):
    ledger.post(web_station.clerk, (ALIPAY, RESIDENT, 5_000), kind=JournalKind.PAYMENT)
    move(manager_client, source="opening:", target="cash:", amount="200", reason="float of the first day")
    move(manager_client, source="provider:alipay", target="bank:", amount="49.70", reason="payout of March")
    assert (balance(web_station, CASH), balance(web_station, BANK)) == (20_000, 4_970)
    assert balance(web_station, ALIPAY) == 30
    ledger.check(web_station.id)


@pytest.mark.parametrize(
    "change",
    [
        {"source": "resident:101"},
        {"source": "provider:unknown"},
        {"source": "x"},
        {"source": ""},
        {"target": "services:"},
        {"target": "opening:"},
        {"target": "cash:"},
        {"target": "x" * 49},
        {"amount": "0"},
        {"amount": "-5"},
        {"reason": ""},
    ],
    ids=str,
)
def test_money_that_is_not_the_stations_own_is_not_moved(manager_client, web_station, change):
    pay(web_station)
    move(manager_client, **change)
    assert balance(web_station, CASH) == 10_000
    ledger.check(web_station.id)


def test_clerk_moves_nothing(clerk_client, web_station):
    assert clerk_client.get("/money/move").status_code == 403
    assert post(clerk_client, "/money/move", {}).status_code == 403


# Storage fees and settings


def test_storage_costs_nothing_unless_the_station_says_so(clerk_client, web_station):
    parcel = store(web_station).parcel_id
    assert "Storage costs nothing" in clerk_client.get(f"/money/parcels/{parcel}").text
    page = post(clerk_client, f"/money/parcels/{parcel}", follow_redirects=True).text
    assert "costs nothing" in page


def late(station, fee_minor=50):
    """Return somebody and their parcel that lies here for three days, each of which costs something."""
    with transaction():
        rules.change(station.manager, LedgerRules("CNY", fee_minor, 0))
    person = recipient(station)
    parcel = store(station, to=person).parcel_id
    ledger.age(station, parcel, days=3)
    return person, parcel


def test_storage_fee_is_charged_once(clerk_client, web_station):
    person, parcel = late(web_station)

    assert f"/money/parcels/{parcel}" in clerk_client.get(f"/parcels/{parcel}").text
    assert "¥1.50" in clerk_client.get(f"/money/parcels/{parcel}").text
    for _again in range(2):
        page = post(clerk_client, f"/money/parcels/{parcel}", follow_redirects=True).text

    assert "The storage fee was posted." in page
    assert "Charge it" not in page
    assert balance(web_station, ledger.resident(person.id)) == -150


def test_storage_fee_that_is_charged_leads_to_taking_the_money(clerk_client, web_station):
    person, parcel = late(web_station)
    desk = f"/money/counter/people/{person.id}"
    assert desk not in clerk_client.get(f"/money/parcels/{parcel}").text

    page = post(clerk_client, f"/money/parcels/{parcel}", follow_redirects=True).text
    assert desk in page
    assert "not paid yet" in page
    receipt = clerk_client.get(re.search(r"/money/journals/\d+/receipt", page)[0]).text
    with reading():
        assert f"Parcel {parcel_queries.detail(web_station.id, parcel).waybill}" in receipt
    assert 'value="1.50"' in clerk_client.get(desk).text

    post(clerk_client, desk, {"amount": "1.50", "way": "cash"})
    page = clerk_client.get(f"/money/parcels/{parcel}").text
    assert desk not in page
    assert "Charged and paid" in page


def test_storage_fee_stays_what_was_charged_and_says_what_else_is_owed(manager_client, web_station):
    person, parcel = late(web_station)
    post(manager_client, f"/money/parcels/{parcel}")
    post(manager_client, f"/money/people/{person.id}", {"amount": "7", "reason": "gift wrap"})
    with transaction():
        rules.change(web_station.manager, LedgerRules("CNY", 0, 0))

    page = manager_client.get(f"/money/parcels/{parcel}").text
    assert "¥1.50" in page
    assert "¥8.50" in page


def test_storage_of_nobodys_parcel_is_not_charged(clerk_client, web_station):
    with transaction():
        rules.change(web_station.manager, LedgerRules("CNY", 50, 0))
    parcel = store(web_station, recipient=None).parcel_id
    ledger.age(web_station, parcel, days=3)
    page = clerk_client.get(f"/money/parcels/{parcel}").text
    assert "Give its phone number first" in page
    assert "Charge it" not in page


def test_storage_fee_that_was_reversed_is_charged_again_and_never_twice(manager_client, web_station):
    person, parcel = late(web_station)
    for _again in range(3):
        page = post(manager_client, f"/money/parcels/{parcel}", follow_redirects=True).text
        receipt = re.search(r"/money/journals/(\d+)/receipt", page)
        post(manager_client, f"/money/parcels/{parcel}")
        assert balance(web_station, ledger.resident(person.id)) == -150
        post(manager_client, f"/money/journals/{receipt[1]}/reverse", {"reason": "the wrong person"})
        assert balance(web_station, ledger.resident(person.id)) == 0
        assert "Charge it" in manager_client.get(f"/money/parcels/{parcel}").text
    ledger.check(web_station.id)


def test_unknown_parcel_costs_nothing(clerk_client):
    assert clerk_client.get("/money/parcels/1").status_code == 404
    assert post(clerk_client, "/money/parcels/1").status_code == 404


def test_settings_change_currency_and_fee(manager_client, web_station):
    data = {"currency": "EUR", "fee": "0.50", "free_days": "3", "stays": "300"}
    page = post(manager_client, "/settings/money", data, follow_redirects=True).text
    assert 'value="0.50"' in page
    with reading():
        assert rules.for_station(web_station.id) == LedgerRules("EUR", 50, 3, 30_000)


@pytest.mark.parametrize(
    "data",
    [
        {"currency": "XXX"},
        {"currency": "JPY", "fee": "0.5"},
        {"fee": "-1"},
        {"free_days": "366"},
        {"free_days": ""},
        {"stays": "-1"},
        {"stays": ""},
    ],
)
def test_settings_that_cannot_be_are_refused(manager_client, web_station, data):
    usual = {"currency": "CNY", "fee": "1", "free_days": "3", "stays": "0"}
    post(manager_client, "/settings/money", usual | data)
    with reading():
        assert rules.for_station(web_station.id) == LedgerRules()
