"""The money pages over HTTP: takings, drawer, days, journals, accounts, charges, receipts, and what is refused."""

import csv
import io
from datetime import timedelta

import pytest

from station.core.db import reading
from station.ledger import closes, queries
from station.ledger.chart import JournalKind
from tests import ledger
from tests.factories import make_station, recipient
from tests.http.forms import post
from tests.ledger import ALIPAY, BANK, CASH, OTHER_RESIDENT, RESIDENT, SERVICES


def pay(station, amount=10_000, way=CASH, **values):
    return ledger.post(station.clerk, (way, RESIDENT, amount), kind=JournalKind.PAYMENT, **values)


def balance(station, ref):
    with reading():
        return queries.balance(station.id, ref, "CNY")


def today(station):
    with reading():
        return queries.local_today(station.id)


# Today


def test_money_page_says_what_came_in_today(manager_client, web_station):
    pay(web_station)
    pay(web_station, 2_550, ALIPAY)
    ledger.post(web_station.manager, (RESIDENT, CASH, 1_000), kind=JournalKind.REFUND)

    page = manager_client.get("/money").text

    assert "¥100.00" in page
    assert "¥90.00" in page
    assert "Payment provider: Alipay" in page
    assert "¥25.50" in page


def test_money_page_of_a_clerk_shows_no_journals(clerk_client, web_station):
    pay(web_station)
    page = clerk_client.get("/money").text
    assert "Newest journals" not in page
    assert "/money/journals" not in page
    assert "Cash in the drawer" in page


def test_empty_books_say_so(manager_client):
    assert "Nobody has paid on this day yet" in manager_client.get("/money").text
    assert "Nothing is in the books yet" in manager_client.get("/money/accounts").text
    assert "No journal fits" in manager_client.get("/money/journals").text
    assert "Nothing is owed" in manager_client.get("/money/settlements").text


def test_closed_day_is_shown_as_it_was_written(manager_client, web_station):
    pay(web_station)
    day = today(web_station)
    page = post(manager_client, "/money/days/close", {"day": day.isoformat()}, follow_redirects=True).text
    with reading():
        known = closes.closed(web_station.id, day)
    assert known.sha256.hex() in page
    assert "¥100.00" in page
    assert "Today is closed" in manager_client.get("/money").text


@pytest.mark.parametrize("text", ["", "2026-99-99", "tomorrow", "soon"])
def test_day_that_cannot_be_closed_is_refused(manager_client, web_station, text):
    wanted = (today(web_station) + timedelta(days=1)).isoformat() if text == "tomorrow" else text
    page = post(manager_client, "/money/days/close", {"day": wanted}, follow_redirects=True).text
    assert 'class="flash bad"' in page
    with reading():
        assert closes.recent(web_station.id, limit=1) == []


@pytest.mark.parametrize("text", ["2026-01-01", "x", "2026-13-01"])
def test_day_that_is_not_closed_is_not_there(manager_client, text):
    assert manager_client.get(f"/money/days/{text}").status_code == 404


# Journals


def test_journals_are_filtered_by_the_address(manager_client, web_station):
    pay(web_station, refers_to="payment:1")
    ledger.post(web_station.manager, (RESIDENT, SERVICES, 777), refers_to="recipient:101")
    day = today(web_station)

    assert "¥7.77" in manager_client.get("/money/journals").text
    charged = manager_client.get("/money/journals?kind=charge").text
    assert "¥7.77" in charged
    assert "¥100.00" not in charged
    about = manager_client.get("/money/journals?refers_to=payment:1").text
    assert "¥100.00" in about
    assert "¥7.77" not in about
    assert "¥7.77" in manager_client.get(f"/money/journals?first={day}&last={day}").text
    before = day - timedelta(days=1)
    assert "No journal fits" in manager_client.get(f"/money/journals?last={before}").text
    assert "No journal fits" in manager_client.get(f"/money/journals?first={day + timedelta(days=1)}").text


def test_journals_are_shown_page_by_page(manager_client, web_station):
    for number in range(1, 56):
        pay(web_station, number)
    with ledger.statements() as run:
        first = manager_client.get("/money/journals").text
    assert len(run) <= 16
    following = first.split("before=")[1].split('"')[0]
    second = manager_client.get(f"/money/journals?before={following}").text
    assert first.count("<tr>") == 51
    assert second.count("<tr>") == 6
    assert "Next page" not in second


@pytest.mark.parametrize(
    "query",
    ["kind=x", "first=x", "last=2026-02-30", "before=x", f"before={10**19}", "before=%D9%A3", "before=-1"],
)
def test_list_that_does_not_exist_is_refused(manager_client, query):
    assert manager_client.get(f"/money/journals?{query}").status_code == 422


def test_page_behind_an_unknown_journal_is_not_there(manager_client):
    assert manager_client.get("/money/journals?before=1").status_code == 404


def test_journal_is_shown_with_its_note_and_reversed_once(manager_client, web_station):
    journal_id = ledger.post(web_station.manager, (RESIDENT, SERVICES, 777), note="two big <b>boxes</b>")
    page = manager_client.get(f"/money/journals/{journal_id}").text
    assert "two big &lt;b&gt;boxes&lt;/b&gt;" in page

    done = post(
        manager_client,
        f"/money/journals/{journal_id}/reverse",
        {"reason": "typed wrong"},
        follow_redirects=True,
    )
    assert "The journal was reversed." in done.text
    assert balance(web_station, SERVICES) == 0

    again = post(
        manager_client, f"/money/journals/{journal_id}/reverse", {"reason": "again"}, follow_redirects=True
    )
    assert "This was reversed before" in again.text
    assert balance(web_station, SERVICES) == 0
    ledger.check(web_station.id)


@pytest.mark.parametrize("reason", ["", "x" * 201, "a\x00b"])
def test_reversal_without_a_usable_reason_is_refused(manager_client, web_station, reason):
    journal_id = ledger.post(web_station.manager, (RESIDENT, SERVICES, 777))
    page = post(
        manager_client, f"/money/journals/{journal_id}/reverse", {"reason": reason}, follow_redirects=True
    )
    assert 'class="flash bad"' in page.text
    assert balance(web_station, SERVICES) == 777


def test_payment_is_not_reversed_behind_its_rooms_back(manager_client, web_station):
    journal_id = pay(web_station)
    assert "/reverse" not in manager_client.get(f"/money/journals/{journal_id}").text
    page = post(
        manager_client, f"/money/journals/{journal_id}/reverse", {"reason": "why"}, follow_redirects=True
    )
    assert "Take it back there" in page.text
    assert balance(web_station, CASH) == 10_000


def test_another_stations_journal_is_not_there(manager_client):
    elsewhere = make_station("Elsewhere")
    journal_id = ledger.post(elsewhere.manager, (RESIDENT, SERVICES, 777))
    assert manager_client.get(f"/money/journals/{journal_id}").status_code == 404
    assert manager_client.get(f"/money/journals/{journal_id}/receipt").status_code == 404
    answer = post(manager_client, f"/money/journals/{journal_id}/reverse", {"reason": "mine"})
    assert answer.status_code == 404
    assert balance(elsewhere, SERVICES) == 777


# Accounts


def test_trial_balance_balances_and_leads_to_accounts(manager_client, web_station):
    pay(web_station)
    ledger.post(web_station.manager, (BANK, CASH, 500), currency="EUR")
    page = manager_client.get("/money/accounts").text
    assert page.count("balances") >= 2
    assert "€5.00" in page
    before = today(web_station) - timedelta(days=1)
    assert "Nothing is in the books yet" in manager_client.get(f"/money/accounts?until={before}").text
    assert manager_client.get("/money/accounts?until=x").status_code == 422


def test_owners_are_listed_by_what_they_have(manager_client, web_station):
    person = recipient(web_station)
    ledger.post(web_station.clerk, (CASH, ledger.resident(person.id), 321))
    ledger.post(web_station.clerk, (OTHER_RESIDENT, SERVICES, 5))
    page = manager_client.get("/money/accounts/resident").text
    assert "4068" in page
    assert "陈晓明" not in page
    assert "¥3.21" in page
    assert "-¥0.05" in page


@pytest.mark.parametrize("kind", ["cash", "x", "bank"])
def test_kind_without_owners_has_no_list(manager_client, kind):
    assert manager_client.get(f"/money/accounts/{kind}").status_code == 404


def test_statement_as_page_csv_and_pdf(manager_client, web_station):
    pay(web_station)
    ledger.post(web_station.manager, (RESIDENT, SERVICES, 777), refers_to="recipient:101")
    at = "/money/accounts/resident/statement"
    query = {"owner": "101", "currency": "CNY"}

    page = manager_client.get(at, query_string=query).text
    sheet = manager_client.get(f"{at}.csv", query_string=query)
    paper = manager_client.get(f"{at}.pdf", query_string=query)

    assert "¥92.23" in page
    rows = list(csv.reader(io.StringIO(sheet.data.decode("utf-8-sig"))))
    assert [row[5] for row in rows[1:3]] == ["100.00", "-7.77"]
    assert rows[-1] == ["Balance after", "92.23"]
    assert paper.mimetype == "application/pdf"
    assert paper.data.startswith(b"%PDF-")
    assert paper.data.rstrip().endswith(b"%%EOF")


def test_statement_says_in_words_what_each_line_is_about(manager_client, web_station):
    pay(web_station, refers_to="payment:77")
    person = "recipient:101"
    ledger.post(web_station.manager, (RESIDENT, SERVICES, 5), refers_to=person, note="gift wrap")
    ledger.post(web_station.manager, (RESIDENT, SERVICES, 6), refers_to=person)
    ledger.post(web_station.manager, (RESIDENT, SERVICES, 7), refers_to="comet:5")
    query = {"owner": "101", "currency": "CNY", "spoken": "en"}
    sheet = manager_client.get("/money/accounts/resident/statement.csv", query_string=query)
    rows = list(csv.reader(io.StringIO(sheet.data.decode("utf-8-sig"))))
    assert [row[4] for row in rows[1:5]] == ["Payment 77", "gift wrap", "", "comet 5"]


def test_statement_is_paged_over_http(manager_client, web_station):
    for number in range(1, 61):
        pay(web_station, number)
    at = "/money/accounts/cash/statement"
    first = manager_client.get(at).text
    following = first.split("after=")[1].split('"')[0]
    second = manager_client.get(f"{at}?after={following}").text
    assert "Carried over" in second
    assert "¥18.30" in second
    assert "Next page" not in second


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("cash/statement?owner=1", 404),
        ("resident/statement", 404),
        ("resident/statement?owner=%E5%BC%A0", 404),
        ("x/statement", 404),
        ("cash/statement?currency=XXX", 422),
        ("cash/statement?first=x", 422),
        ("cash/statement?first=2026-02-01&last=2026-01-01", 422),
        ("cash/statement?first=1990-01-01&last=2026-01-01", 422),
        ("cash/statement?after=x", 422),
        ("cash/statement.csv?currency=XXX", 422),
        ("x/statement.pdf", 404),
        ("resident/statement?owner=" + "9" * 24, 200),
    ],
)
def test_statement_of_what_is_not_there_is_refused(manager_client, path, status):
    assert manager_client.get(f"/money/accounts/{path}").status_code == status


def test_text_that_looks_like_a_formula_is_no_formula_in_the_file(manager_client, web_station):
    provider = ledger.AccountRef(ledger.AccountKind.PROVIDER, "=1+1")
    ledger.post(web_station.manager, (provider, RESIDENT, 5))
    sheet = manager_client.get("/money/accounts/provider/statement.csv", query_string={"owner": "=1+1"})
    assert "\r\n=" not in sheet.text
    assert ",=" not in sheet.text
