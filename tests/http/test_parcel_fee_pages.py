"""Parcel fees over HTTP: what carriers pay is set, shown, refused; a carrier's settlement, its files and its fines."""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta

import pytest

from station.core import clock
from station.core.db import reading, transaction
from station.ledger import jobs, queries
from station.ledger.chart import AccountKind, AccountRef
from station.parcels import hand_over
from station.parcels.hand_over import Taker
from tests import papers
from tests.factories import store
from tests.http.forms import post
from tests.services.winding import Clock

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai, a Monday
MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
FEES, ACCOUNT = "/settings/parcel-fees", "/money/settlements/carrier/zto"
DAYS = f"first={MONDAY}&last={TUESDAY}"
WISH = {"carrier": "zto", "fee": "0.30", "earned_by": "handed_over", "first_day": MONDAY.isoformat()}
PARCELS = 3


@pytest.fixture
def time():
    source = Clock(NOON)
    with clock.use(source):
        yield source


@pytest.fixture
def manager(web, web_station, time):
    return web_station.sign_in(web.test_client(), "manager")


@pytest.fixture
def earned(manager, web, web_station, time):
    """Three parcels that earned their fee on Monday; it is Wednesday."""
    post(manager, FEES, WISH)
    for _ in range(PARCELS):
        parcel = store(web_station, carrier="zto")
        with transaction():
            hand_over.hand_over(web_station.clerk, parcel.parcel_id, Taker())
    time.wind(timedelta(days=2))
    jobs.close_days(web.config["SETTINGS"])


def owed(station):
    with reading():
        return -queries.balance(station.id, AccountRef(AccountKind.CARRIER, "zto"), "CNY")


def test_fee_is_set_and_shown(manager):
    assert "No carrier pays a fee yet" in manager.get(FEES).text
    page = post(manager, FEES, WISH, follow_redirects=True).text
    assert "Saved." in page
    row = page.split("<tbody>")[1].split("</tbody>")[0]
    assert [word in row for word in ("ZTO Express", "¥0.30", "when it is handed over", "Applies")] == [
        True
    ] * 4


def test_fee_of_later_stands_beside_the_one_that_applies(manager):
    post(manager, FEES, WISH)
    later = {**WISH, "fee": "0.25", "first_day": "2026-03-10"}
    row = post(manager, FEES, later, follow_redirects=True).text.split("<tbody>")[1].split("</tbody>")[0]
    assert [word in row for word in ("¥0.30", "¥0.25", "Later", "Until")] == [True] * 4


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"fee": "-1"}, "Type an amount in digits"),
        ({"fee": "0.305"}, "CNY has no smaller part than that."),
        ({"fee": "many"}, "Type an amount in digits"),
        ({"fee": ""}, "Fill this in."),
        ({"carrier": "own"}, "Choose one of the list."),
        ({"earned_by": "luck"}, "Choose one of the list."),
        ({"first_day": "2026-01-01"}, "Choose a day from a month ago to a year ahead."),
        ({"first_day": "2026-02-30"}, "Type a date, such as 2026-11-21."),
    ],
)
def test_wrong_fee_is_refused_in_words_and_nothing_typed_is_lost(manager, wrong, said):
    answer = post(manager, FEES, {**WISH, **wrong})
    assert answer.status_code == 422
    assert said in answer.text
    assert "No carrier pays a fee yet" in answer.text
    if "fee" not in wrong:
        assert 'value="0.30"' in answer.text


def test_carrier_stands_among_the_partners_with_what_it_owes(manager, earned):
    page = manager.get("/money/settlements").text
    assert ACCOUNT in page
    assert "Carrier: ZTO Express" in page
    assert "they owe us" in page


def test_carriers_period_names_each_day_and_is_received_once(manager, web_station, earned):
    page = manager.get(f"{ACCOUNT}?{DAYS}").text
    assert "They owe the station ¥0.90 for parcels." in page
    row = page.split("<tbody>")[1].split("</tr>")[0]
    assert [word in row for word in ("¥0.30", "¥0.90", f">{PARCELS}<")] == [True] * 3
    data = {"direction": "receive", "amount": "0.90", "way": "bank"}
    data |= {"first_day": MONDAY.isoformat(), "last_day": TUESDAY.isoformat()}
    for _ in range(2):
        done = post(manager, f"{ACCOUNT}?currency=CNY", data, follow_redirects=True)
    assert "¥0.90 was received" in done.text
    assert owed(web_station) == 0


def test_carriers_period_as_csv_and_pdf_in_both_languages(manager, earned):
    rows = list(csv.reader(io.StringIO(manager.get(f"{ACCOUNT}.csv?{DAYS}").data.decode("utf-8-sig"))))
    assert ["2026-03-02", "3", "0.30", "0.90"] in rows
    assert any(row[0] == "They owe after" and "0.90" in row for row in rows)
    english = papers.texts(manager.get(f"{ACCOUNT}.pdf?{DAYS}&spoken=en").data)
    chinese = papers.texts(manager.get(f"{ACCOUNT}.pdf?{DAYS}&spoken=zh").data)
    assert "Carrier: ZTO Express" in english[0]
    assert "中通快递" in chinese[0]


def test_fine_is_booked_once_and_deducted(manager, web_station, earned):
    fine = {"fine": "0.50", "why": "投诉 4711"}
    for _ in range(2):
        page = post(manager, f"{ACCOUNT}/fine", fine, key="one-fine-twice", follow_redirects=True).text
    assert "It is deducted at the next settlement." in page
    assert owed(web_station) == 40


@pytest.mark.parametrize(
    ("carrier", "data", "status"),
    [
        ("zto", {"fine": "0", "why": "x"}, 200),
        ("zto", {"fine": "-5", "why": "x"}, 200),
        ("zto", {"fine": "5", "why": ""}, 200),
        ("own", {"fine": "5", "why": "x"}, 200),
    ],
)
def test_wrong_fine_is_refused(manager, web_station, earned, carrier, data, status):
    answer = post(manager, f"/money/settlements/carrier/{carrier}/fine", data, follow_redirects=True)
    assert answer.status_code == status
    assert "It is deducted" not in answer.text
    assert owed(web_station) == 90


def test_fees_stand_beside_the_parcels_in_the_report(manager, earned):
    page = manager.get(f"/money/reports?{DAYS}").text
    assert "Parcel fees" in page
    rows = manager.get(f"/money/reports/income.csv?{DAYS}").data.decode("utf-8-sig")
    head, monday = (row for row in csv.reader(io.StringIO(rows)) if row[0] in ("Date", MONDAY.isoformat()))
    assert monday[head.index("Parcel fees")] == "0.90"
    assert monday[head.index("Handed over")] == str(PARCELS)


def test_journals_say_in_words_what_they_are_about(manager, earned):
    page = manager.get("/money/journals?refers_to=carrier:zto").text
    assert "Parcel fees of a carrier" in page
    assert re.search(r">Carrier <span [^>]*>zto</span>", page)
