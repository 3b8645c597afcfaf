"""Pages and files of carriers' quality: numbers that lead to their parcels, days by the address, no recipients."""

import csv
import io
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import event, update

from station.accounts.models import Account
from station.core.db import db, transaction
from station.parcels.lifecycle import ConsentBasis, Problem
from tests import quality
from tests.factories import Station, recipient
from tests.quality import DAY, NOON, announce, at, bring, check_in, mark

BASE = "/settings/carriers/quality"
DAYS = "period=range&first=2026-03-02&last=2026-03-08"


@pytest.fixture
def browser(web: Flask, web_station: Station, manager_client: FlaskClient) -> FlaskClient:
    """The manager's browser, after a week with something of everything."""
    quality.fresh_ids()
    with at(NOON):
        mark(web_station, bring(web_station).parcel_id, Problem.DAMAGED)
        mark(web_station, bring(web_station).parcel_id, Problem.WRONG_STATION)
        bring(web_station, problem=Problem.NO_PHONE, consent=ConsentBasis.UNKNOWN)
        bring(web_station, "yto")
        late, _never = announce(web_station, DAY, DAY)
    with at(NOON + timedelta(days=1)):
        check_in(web_station, late)
    return manager_client


def rows_of(browser: FlaskClient, carrier: str = "zto") -> list[list[str]]:
    answer = browser.get(f"{BASE}/{carrier}.csv?{DAYS}")
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "text/csv"
    return list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))


def test_all_carriers_are_compared_and_lead_to_the_parcels(browser: FlaskClient) -> None:
    page = browser.get(f"{BASE}?{DAYS}&measure=damaged")
    assert page.status_code == 200
    assert "ZTO Express" in page.text
    assert "YTO Express" in page.text
    assert f"{BASE}/zto/damaged?period=range&amp;first=2026-03-02&amp;last=2026-03-08" in page.text
    assert "too few parcels to say how often it happens" in page.text


def test_one_carrier_s_page_says_of_how_many(browser: FlaskClient) -> None:
    page = browser.get(f"{BASE}/zto?{DAYS}").text
    assert "1 of 4" in page  # damaged: four came in
    assert "2 of 2" in page  # late: two were announced
    assert "too few to compare" in page


def test_the_list_shows_no_more_than_a_tail(browser: FlaskClient) -> None:
    page = browser.get(f"{BASE}/zto/damaged?{DAYS}").text
    assert "****4068" in page
    assert "13812344068" not in page
    assert "陈晓明" not in page
    assert "Clerk" in page


def test_the_file_for_the_carrier_tells_what_when_and_who_and_nothing_of_recipients(
    browser: FlaskClient,
) -> None:
    head, *rows = rows_of(browser)
    assert head == ["Waybill", "What was wrong", "Recorded", "Recorded by", "Announced for", "Arrived"]
    assert sorted(row[1] for row in rows) == [
        "Consent missing",
        "Consent missing",
        "Damaged",
        "Late",
        "Late",
        "No phone number",
        "No phone number",
        "Wrong station",
    ]
    damaged = next(row for row in rows if row[1] == "Damaged")
    assert damaged[2:] == ["2026-03-04 12:00", "Clerk", "", "2026-03-04 12:00"]
    assert ["not here yet", "2026-03-04", ""] in [row[3:] for row in rows]
    text = browser.get(f"{BASE}/zto.csv?{DAYS}").text
    assert "4068" not in text
    assert "陈" not in text


def test_a_name_that_looks_like_a_formula_is_a_text_in_both_files(
    browser: FlaskClient, web_station: Station
) -> None:
    formula = '=HYPERLINK("http://x.test","a")\x07'
    with transaction():
        db.session.execute(update(Account).where(Account.id == web_station.clerk.id).values(name=formula))
    assert {row[3][:2] for row in rows_of(browser)[1:]} == {"'=", "no"}
    answer = browser.get(f"{BASE}/zto.xlsx?{DAYS}")
    assert "quality-zto-2026-03-02-2026-03-08.xlsx" in answer.headers["Content-Disposition"]
    book = load_workbook(io.BytesIO(answer.data))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert formula.rstrip("\x07") in {cell.value for cell in cells}
    assert book.sheetnames == ["Parcels", "Figures"]
    assert [row[0].value for row in book["Figures"].iter_rows()][1:] == [
        "Wrong station",
        "No phone number",
        "Damaged",
        "Late",
        "Consent missing",
    ]


def test_both_files_hold_the_same_parcels(browser: FlaskClient) -> None:
    book = load_workbook(io.BytesIO(browser.get(f"{BASE}/zto.xlsx?{DAYS}").data))
    written = [[cell.value or "" for cell in row] for row in book["Parcels"].iter_rows()]
    assert written == rows_of(browser)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("period=range&first=2026-03-09&last=2026-03-08", "must not be after the last"),
        ("period=range&first=2026-03-02", "Say both days"),
        ("period=range&first=2025-03-02&last=2026-03-08", "Choose at most 92 days"),
        ("period=range&first=2026-03-02&last=2999-01-01", "must not be after today"),
        ("period=range&first=2026-02-31&last=2026-03-08", "Type a date"),
        ("period=next_year", "Choose one of the list"),
    ],
)
def test_days_that_cannot_be_are_put_right_in_the_form(
    manager_client: FlaskClient, said: str, told: str
) -> None:
    page = manager_client.get(f"{BASE}?{said}")
    assert page.status_code == 422
    assert told in page.text
    assert manager_client.get(f"{BASE}/zto?{said}").status_code == 422
    assert manager_client.get(f"{BASE}/zto.csv?{said}").status_code == 422


@pytest.mark.parametrize("period", ["this_week", "last_week", "this_month", "last_month"])
def test_each_period_by_name_opens(manager_client: FlaskClient, period: str) -> None:
    assert manager_client.get(f"{BASE}?period={period}").status_code == 200


@pytest.mark.parametrize("path", ["/nobody", "/zto/nothing", "/nobody.csv", "/nobody.xlsx", "?measure=x"])
def test_what_is_not_there_is_said_so(manager_client: FlaskClient, path: str) -> None:
    assert manager_client.get(BASE + path).status_code == 404


@pytest.mark.parametrize("path", ["", "/zto", "/zto/late", "/zto.csv", "/zto.xlsx"])
def test_a_clerk_may_not(clerk_client: FlaskClient, path: str) -> None:
    assert clerk_client.get(BASE + path).status_code == 403


def test_the_number_of_statements_does_not_grow_with_carriers(
    browser: FlaskClient, web_station: Station
) -> None:
    def statements() -> int:
        seen: list[str] = []

        def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        assert browser.get(f"{BASE}?{DAYS}").status_code == 200
        event.remove(db.engine, "before_cursor_execute", note)
        return sum(one.startswith("SELECT") for one in seen)

    few = statements()
    with at(NOON):
        for carrier in ("sto", "jd", "sf", "ems"):
            bring(web_station, carrier, to=recipient(web_station, "13912344069"))
    assert statements() == few
