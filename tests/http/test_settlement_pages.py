"""Settlements over HTTP: whom the station owes, a period with its files, paying it out, and what is refused."""

import csv
import io
from datetime import timedelta

import pytest

from station.core import clock
from station.core.db import reading
from station.ledger import queries, settlement_queries
from station.ledger.chart import AccountKind, AccountRef
from tests import ledger, papers, sharing
from tests.claims import claim, collected, refund
from tests.http.forms import post
from tests.sharing import CUT_OFF

FIRST, LAST = (CUT_OFF - timedelta(days=20)).date(), (CUT_OFF + timedelta(days=1)).date()
DAYS = f"first={FIRST}&last={LAST}"


@pytest.fixture
def sold(web_station):
    """The account of a supplier whose group buy was charged."""
    one = sharing.deal(web_station, commission_bp=1000)
    one.order(3)
    one.cut_off()
    return AccountRef(AccountKind.SUPPLIER, str(one.campaign.supplier_id))


@pytest.fixture
def manager(web, web_station, sold):
    """The manager, some days after the cut-off."""
    moment = CUT_OFF + timedelta(days=3)
    with clock.use(lambda: moment):
        yield web_station.sign_in(web.test_client(), "manager")


def at(ref, suffix=""):
    return f"/money/settlements/supplier/{ref.owner}{suffix}"


def owed(station, ref):
    with reading():
        return queries.balance(station.id, ref, "CNY")


def settle(manager, ref, amount, **values):
    data = {
        "direction": "pay",
        "amount": amount,
        "way": "bank",
        "first_day": FIRST,
        "last_day": LAST,
        **values,
    }
    return post(manager, at(ref, "?currency=CNY"), data, follow_redirects=True)


def test_whom_the_station_owes_is_listed_by_name(manager, sold):
    page = manager.get("/money/settlements").text
    assert at(sold) in page
    assert "Supplier: " in page
    assert f"Supplier: {sold.owner}" not in page


def test_period_shows_the_group_buy_and_pays_it_out_once(manager, web_station, sold):
    before = owed(web_station, sold)
    page = manager.get(at(sold, f"?{DAYS}")).text
    assert "Settle these days" in page
    amount = page.split('id="amount"')[1].split('value="')[1].split('"')[0]

    done = settle(manager, sold, amount)
    again = settle(manager, sold, amount)

    assert "The period is settled." in done.text
    assert "is settled: ¥" in again.text
    assert round(float(amount) * 100) == before
    assert owed(web_station, sold) == 0


def test_period_as_csv_and_pdf_in_both_languages(manager, web_station, sold):
    rows = list(csv.reader(io.StringIO(manager.get(at(sold, f".csv?{DAYS}")).data.decode("utf-8-sig"))))
    assert rows[0][0] == "Group buy"
    assert rows[-1] == ["Owed after", f"{owed(web_station, sold) / 100:.2f}"]
    paper = manager.get(at(sold, f".pdf?{DAYS}"))
    manager.set_cookie("language", "zh")
    chinese = manager.get(at(sold, f".pdf?{DAYS}"))
    assert paper.data.startswith(b"%PDF-")
    assert b"NotoSansSC" in chinese.data


@pytest.mark.parametrize("typed", ["", "-1", "1.001", "x", "1000000"])
def test_amount_that_cannot_be_paid_out_is_refused(manager, web_station, sold, typed):
    before = owed(web_station, sold)
    page = settle(manager, sold, typed)
    assert 'class="flash bad"' in page.text
    assert owed(web_station, sold) == before


@pytest.mark.parametrize(
    "change",
    [
        {"way": "waste"},
        {"first_day": "x"},
        {"last_day": ""},
        {"first_day": LAST, "last_day": FIRST},
        {"last_day": CUT_OFF.date() + timedelta(days=30)},
    ],
)
def test_period_that_is_none_is_refused(manager, web_station, sold, change):
    before = owed(web_station, sold)
    settle(manager, sold, "1", **change)
    assert owed(web_station, sold) == before
    with reading():
        assert settlement_queries.settlements(web_station.id, limit=9) == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("resident/1", 404),
        ("cash/1", 404),
        ("supplier/1?currency=X", 422),
        ("supplier/1?first=x", 422),
        ("supplier/1?first=2026-02-01&last=2026-01-01", 422),
        ("x/1.csv", 404),
        ("resident/1.pdf", 404),
    ],
)
def test_settlement_of_what_is_not_there_is_refused(manager_client, path, status):
    assert manager_client.get(f"/money/settlements/{path}").status_code == status


def test_clerk_settles_nothing(clerk_client):
    assert clerk_client.get("/money/settlements").status_code == 403
    assert post(clerk_client, "/money/settlements/supplier/1", {"amount": "1"}).status_code == 403


def test_reference_stands_on_the_page_and_on_the_statement(manager, web_station, sold):
    amount = f"{owed(web_station, sold) / 100:.2f}"
    settle(manager, sold, amount, reference="ICBC-2026-0402")
    page = manager.get(at(sold, f"?{DAYS}")).text
    assert "ICBC-2026-0402" in page
    assert "ICBC-2026-0402" in manager.get("/money/settlements").text


def test_statement_is_written_in_the_language_of_who_reads_it(manager, sold):
    def head(language):
        text = manager.get(at(sold, f".csv?{DAYS}&spoken={language}")).data.decode("utf-8-sig")
        return text.split(",")[0]

    assert head("en") == "Group buy"
    assert head("zh") == "团购"
    assert manager.get(at(sold, f".csv?{DAYS}&spoken=xx")).status_code == 422


def test_payout_that_was_reversed_says_that_it_is_owed_again(manager, web_station, sold):
    settle(manager, sold, f"{owed(web_station, sold) / 100:.2f}")
    with reading():
        (made,) = settlement_queries.settlements(web_station.id, limit=9)
    ledger.reverse(web_station.manager, made.journal_id)
    assert "owed again and settled with the next period" in manager.get(at(sold, f"?{DAYS}")).text
    assert owed(web_station, sold) == made.paid_minor


def test_who_owes_the_station_is_received_from(manager, web_station, sold):
    moment = CUT_OFF + timedelta(hours=1)
    with clock.use(lambda: moment):
        ledger.post(web_station.manager, (sold, ledger.BANK, owed(web_station, sold) + 500))
    page = manager.get(at(sold, f"?{DAYS}")).text
    assert "They owe the station ¥5.00" in page
    assert '<option selected value="receive">' in page
    settle(manager, sold, "5", direction="receive")
    assert owed(web_station, sold) == 0
    assert "¥5.00 was received" in manager.get(at(sold, f"?{DAYS}")).text


def test_refund_of_a_complaint_stands_in_the_period_after_the_one_that_was_settled(web, web_station):
    one, (order,) = collected(web_station, (3,), commission_bp=1000)
    ref = AccountRef(AccountKind.SUPPLIER, str(one.campaign.supplier_id))
    later = f"first={LAST}&last={LAST + timedelta(days=9)}"
    with clock.use(one.clock):
        manager = web_station.sign_in(web.test_client(), "manager")
        settle(manager, ref, "27", last_day=LAST - timedelta(days=1))
    refund(one, claim(one, order, 2), 2)
    one.clock.wind(timedelta(days=20))
    with clock.use(one.clock):
        manager = web_station.sign_in(web.test_client(), "manager")
        settled = manager.get(at(ref, f"?first={FIRST}&last={LAST - timedelta(days=1)}")).text
        page = manager.get(at(ref, f"?{later}")).text
        rows = list(csv.reader(io.StringIO(manager.get(at(ref, f".csv?{later}")).data.decode("utf-8-sig"))))
        paper = " ".join(papers.texts(manager.get(at(ref, f".pdf?{later}")).data))
    assert "is settled: ¥27.00" in settled
    assert "They owe the station ¥18.00" in page
    assert rows[1] == ["1 Strawberries", "0", "0", "0.00", "20.00", "20.00", "-2.00", "-18.00"]
    assert rows[-5:] == [
        ["Owed before", "27.00"],
        ["Their part", "-18.00"],
        ["Other movements", "0.00"],
        ["Paid out", "27.00"],
        ["Owed after", "-18.00"],
    ]
    for amount in ("¥20.00", "-¥18.00"):
        assert amount in paper
