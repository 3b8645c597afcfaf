"""Reports over HTTP: pages and files, what is refused, and taking everything along after the password."""

import csv
import io
from contextvars import copy_context
from zipfile import ZipFile

import pytest
from sqlalchemy import func, select

from station.core import clock
from station.core.db import connection, reading, transaction
from station.events.models import CustodyEvent
from station.group_buys import suppliers
from station.ledger import drawer
from station.reports import views
from tests import ledger, sharing
from tests.claims import claim, collected, refund
from tests.factories import PASSWORD, store
from tests.group_buys import make_supplier
from tests.ledger import RESIDENT, SERVICES
from tests.sharing import CUT_OFF

DAYS = f"first={CUT_OFF.date()}&last={CUT_OFF.date()}"
PAGES = ("/money/reports", "/money/reports/campaigns", "/money/export")


def times_taken():
    with reading():
        kind = CustodyEvent.kind == "station_exported"
        return connection().scalar(select(func.count()).select_from(CustodyEvent).where(kind))


def take(browser, password=PASSWORD):
    return browser.post("/money/export", data={"password": password})


def test_income_is_shown_with_its_files(manager_client, web_station):
    ledger.post(web_station.clerk, (RESIDENT, SERVICES, 1250))
    store(web_station)
    page = manager_client.get("/money/reports").text
    assert "¥12.50 came in and ¥0.00 was spent" in page
    assert "Checked in: 1, left: 0. Most came on" in page

    answer = manager_client.get("/money/reports/income.csv")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert (rows[-1]["Services"], rows[-1]["Checked in"]) == ("12.50", "1")
    assert manager_client.get("/money/reports/income.xlsx").data.startswith(b"PK")


def test_another_currency_is_offered_where_there_is_one(manager_client, web_station):
    assert 'id="currency"' not in manager_client.get("/money/reports").text
    ledger.post(web_station.clerk, (RESIDENT, SERVICES, 1250), currency="EUR")
    assert 'id="currency"' in manager_client.get("/money/reports").text
    assert "€12.50 came in" in manager_client.get("/money/reports?currency=EUR").text


def test_group_buys_are_shown_with_their_files(web, web_station):
    one = sharing.deal(web_station, commission_bp=1000)
    one.order(3)
    one.cut_off()
    with clock.use(one.clock):
        manager = web_station.sign_in(web.test_client(), "manager")
        page = manager.get(f"/money/reports/campaigns?{DAYS}").text
        rows = list(
            csv.reader(
                io.StringIO(manager.get(f"/money/reports/campaigns.csv?{DAYS}").data.decode("utf-8-sig"))
            )
        )
        assert manager.get(f"/money/reports/campaigns.xlsx?{DAYS}").data.startswith(b"PK")
    assert "¥30.00 was sold and ¥0.00 given back; ¥3.00 of it is the station’s." in page
    assert rows[1][:2] == ["1", "Strawberries"]


def test_complaints_and_suppliers_are_shown_with_their_files(web, web_station):
    one, (order, _other) = collected(web_station, (3,), (1,), title="<b>Figs")
    refund(one, claim(one, order, 2), 2)
    supplier_id = one.campaign.supplier_id
    with clock.use(one.clock):
        manager = web_station.sign_in(web.test_client(), "manager")
        page = manager.get(f"/money/reports/campaigns?{DAYS}").text
        file = manager.get(f"/money/reports/suppliers.csv?{DAYS}").data.decode("utf-8-sig")
        assert manager.get(f"/money/reports/suppliers.xlsx?{DAYS}").data.startswith(b"PK")
        with reading():
            supplier = suppliers.get(web_station.id, supplier_id)
    assert "Complaints: 1 of 2 collected orders, 50.0%." in page
    assert "¥20.00 borne by suppliers, ¥0.00 by the station." in page
    assert page.count('50.0% <span class="small muted">1 of 2</span>') == 2  # complaints, supplier
    assert f'href="/group-buys/suppliers/{supplier.id}">{supplier.name}</a>' in page
    assert "<b>Figs" not in page
    (row,) = csv.DictReader(io.StringIO(file))
    assert (row["Supplier"], row["Complained of, percent"]) == (supplier.name, "50.0")


def test_a_suppliers_page_leads_to_what_came_of_them(manager_client, web_station):
    supplier_id = make_supplier(web_station)
    page = manager_client.get(f"/group-buys/suppliers/{supplier_id}").text
    assert 'href="/money/reports/campaigns#suppliers-title"' in page


def test_where_nobody_complained_nothing_is_said_of_it(web, web_station):
    one, _orders = sharing.packed(web_station, (3,))
    with clock.use(one.clock):
        manager = web_station.sign_in(web.test_client(), "manager")
        page = manager.get(f"/money/reports/campaigns?{DAYS}").text
    assert "By supplier" in page
    assert "collected orders" not in page
    assert 'id="complaints-title"' not in page


@pytest.mark.parametrize("path", PAGES)
def test_pages_in_chinese(manager_client, path):
    manager_client.set_cookie("language", "zh")
    assert "报表" in manager_client.get(path).text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("?first=x", 422),
        ("?first=2026-02-01&last=2026-01-01", 422),
        ("?first=2020-01-01&last=2026-01-01", 422),
        ("?currency=X", 422),
        ("/income.pdf", 404),
        ("/campaigns.x", 404),
        ("/suppliers.x", 404),
        ("/suppliers.csv?first=x", 422),
    ],
)
def test_what_is_not_there_is_refused(manager_client, path, status):
    assert manager_client.get(f"/money/reports{path}").status_code == status


@pytest.mark.parametrize("path", PAGES)
def test_clerk_sees_none_of_it(clerk_client, path):
    assert clerk_client.get(path).status_code == 403


def test_everything_is_taken_after_the_password(manager_client, web_station):
    store(web_station)
    answer = take(manager_client)
    assert answer.headers["Cache-Control"] == "no-store"
    with ZipFile(io.BytesIO(answer.data)) as bundle:
        assert bundle.testzip() is None
        assert len(bundle.read("parcels.csv").splitlines()) == 2
    assert times_taken() == 1


@pytest.mark.parametrize("password", ["", "wrong", "x" * 1000])
def test_wrong_password_takes_nothing(manager_client, password):
    answer = take(manager_client, password)
    assert answer.status_code in (401, 422)
    assert answer.mimetype == "text/html"
    assert times_taken() == 0


def test_guessing_is_slowed_down_and_the_right_password_forgives(manager_client):
    for _again in range(3):
        for _guess in range(4):
            take(manager_client, "wrong")
        assert take(manager_client).mimetype == "application/zip"
    answers = [take(manager_client, "wrong").status_code for _guess in range(12)]
    assert answers[-1] == 429
    assert take(manager_client).status_code == 429


def test_clerk_takes_nothing(clerk_client):
    assert take(clerk_client).status_code == 403
    assert times_taken() == 0


def test_download_that_is_broken_off_leaves_nothing_open(manager_client, web_station):
    ledger.age(web_station, store(web_station).parcel_id, days=1)
    answer = manager_client.post("/money/export", data={"password": PASSWORD}, buffered=False)
    copy_context().run(answer.close)
    store(web_station)
    assert take(manager_client).status_code == 200


def test_group_buys_are_shown_page_by_page_with_totals_of_all(web, web_station, monkeypatch):
    monkeypatch.setattr(views, "PAGE", 2)
    for _number in range(3):
        one = sharing.deal(web_station)
        one.order(1)
        one.cut_off()
    with clock.use(one.clock):
        manager = web_station.sign_in(web.test_client(), "manager")
        first = manager.get(f"/money/reports/campaigns?{DAYS}").text
        second = manager.get(f"/money/reports/campaigns?{DAYS}&place=2").text
        assert manager.get(f"/money/reports/campaigns?{DAYS}&place=4").status_code == 422
        assert manager.get(f"/money/reports/campaigns?{DAYS}&place=x").status_code == 422
    assert "Group buys 1 to 2 of 3" in first
    assert "place=2" in first
    assert "Group buys 3 to 3 of 3" in second
    for page in (first, second):
        assert "¥30.00 was sold" in page


@pytest.mark.parametrize(
    ("name", "query", "amount"),
    [
        ("trial-balance", "", "25.00"),
        ("accounts", "?account=resident", "-25.00"),
        ("journals", "?kind=charge", "12.50"),
        ("drawer", "", "12.50"),
        ("settlements", "", "12.50"),
    ],
)
def test_every_table_of_the_books_is_a_file(manager_client, web_station, name, query, amount):
    ledger.post(web_station.clerk, (RESIDENT, SERVICES, 1250))
    ledger.post(web_station.clerk, (RESIDENT, ledger.SUPPLIER, 1250))
    with transaction():
        drawer.count(web_station.clerk, counted_minor=1250, currency="CNY")
    text = manager_client.get(f"/money/reports/books/{name}.csv{query}").data.decode("utf-8-sig")
    assert amount in text
    assert manager_client.get(f"/money/reports/books/{name}.xlsx{query}").data.startswith(b"PK")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("x.csv", 404),
        ("drawer.pdf", 404),
        ("accounts.csv", 404),
        ("accounts.csv?account=cash", 404),
        ("trial-balance.csv?until=x", 422),
        ("journals.csv?kind=x", 422),
    ],
)
def test_file_of_the_books_that_is_none_is_refused(manager_client, clerk_client, path, status):
    assert manager_client.get(f"/money/reports/books/{path}").status_code == status
    assert clerk_client.get(f"/money/reports/books/{path}").status_code == 403
