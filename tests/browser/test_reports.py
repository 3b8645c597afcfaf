"""Reports with something in them: axe, no sideways scroll, and the file of everything, saved by a browser."""

import json
from datetime import timedelta
from zipfile import ZipFile

import pytest
from playwright.sync_api import expect

from station.core import clock
from station.core.db import db, transaction
from station.days import service as days
from station.ledger.chart import AccountKind, AccountRef
from station.parcels import hand_over
from station.parcels.hand_over import Taker
from tests import ledger
from tests.browser.conftest import DESKTOP, PHONE, complaints, scrolls_sideways, wait_until
from tests.factories import PASSWORD, recipient, store
from tests.group_buys import make_campaign, place
from tests.ledger import COMMISSION, RESIDENT, SERVICES

WASTE, FEES = AccountRef(AccountKind.WASTE), AccountRef(AccountKind.STORAGE_FEES)
LANGUAGES = ("en", "zh")


@pytest.fixture
def earned(web_station):
    """Twelve days of parcels and money, and a group buy whose cut-off is in two days; return (first, last) day."""
    now = clock.now()
    for number in range(12):
        with clock.use(lambda at=now - timedelta(days=12 - number): at):
            for _parcel in range(1 + number % 4):
                parcel_id = store(web_station).parcel_id
            with transaction():
                hand_over.hand_over(web_station.clerk, parcel_id, Taker())
                days.open_day(web_station.manager)
            ledger.post(
                web_station.clerk, (RESIDENT, SERVICES, 700 + 130 * number), (RESIDENT, COMMISSION, 250)
            )
            if number % 3 == 0:
                ledger.post(web_station.clerk, (WASTE, RESIDENT, 420), (RESIDENT, FEES, 100 * number + 50))
    place(web_station, make_campaign(web_station), recipient(web_station), 3)
    return (now - timedelta(days=13)).date(), (now + timedelta(days=4)).date()


@pytest.mark.parametrize("language", LANGUAGES)
def test_reports_read_well(desk, earned, language):
    desk.prefer(language=language)
    db.session.remove()
    page, wrong = desk.window(who="manager"), {}
    for path in ("/money/reports", "/money/reports/campaigns", "/money/export"):
        page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
        page.goto(f"{desk.url}{path}?first={earned[0]}&last={earned[1]}")
        found = complaints(page)
        page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        if scrolls_sideways(page):
            found.append("scrolls sideways")
        if found:
            wrong[path] = found
    assert wrong == {}


def test_everything_is_saved_as_a_file(desk, earned, tmp_path):
    db.session.remove()
    page = desk.window("/money/export", who="manager")
    page.get_by_label("Your password, once more").fill(PASSWORD)
    with page.expect_download() as saving:
        page.get_by_role("button", name="Take everything along").click()
    saving.value.save_as(tmp_path / "station.zip")
    with ZipFile(tmp_path / "station.zip") as bundle:
        assert bundle.testzip() is None
        counted = {one["name"]: one["rows"] for one in json.loads(bundle.read("manifest.json"))["files"]}
    assert counted["parcels.csv"] == sum(1 + number % 4 for number in range(12))


def test_all_places_stay_in_view_on_a_long_page(desk, earned):
    db.session.remove()
    page = desk.window(f"/money/reports?first={earned[0]}&last={earned[1]}", who="manager")
    places = page.locator(".rail a")
    expect(places.last).to_be_in_viewport(ratio=1)
    page.mouse.wheel(0, 2000)
    wait_until(page, "scrollY > 100")
    expect(places.first).to_be_in_viewport(ratio=1)
    expect(places.last).to_be_in_viewport(ratio=1)
