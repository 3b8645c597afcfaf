"""A courier's drop in a browser: by camera and by PDA, offline and online, and who brought the scans to the station."""

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from station.couriers.queries import SignedInCourier
from tests import couriers
from tests.browser import courier as drops
from tests.browser.conftest import Axe, Desk, scrolls_sideways
from tests.browser.courier import Log, begin, expected, is_sent, taken
from tests.browser.counter import SLOW, scan
from tests.browser.server import Server
from tests.factories import Station

pytestmark = pytest.mark.usefixtures("open_all_day")


@pytest.fixture
def open_all_day(web_station: Station) -> None:
    drops.open_all_day(web_station)


@pytest.fixture
def courier(web_station: Station) -> SignedInCourier:
    return couriers.make_courier(web_station)


@pytest.fixture
def log(web: Flask, monkeypatch: pytest.MonkeyPatch) -> Log:
    made = Log()
    monkeypatch.setattr(web, "wsgi_app", made.watch(web))
    return made


def test_a_batch_is_dropped_with_a_pda_and_signed(
    desk: Desk, log: Log, web_station: Station, courier: SignedInCourier
) -> None:
    parcels = expected(web_station, 12)
    page = drops.phone(desk, courier)
    begin(page, web_station)
    for one in parcels:
        scan(page, one)
    is_sent(page)
    expect(page.locator("#drop-accepted")).to_have_text("12")
    expect(page.locator("#drop-list .tag")).to_have_count(12)
    page.locator("#drop-told").fill("12")
    page.keyboard.press("Enter")
    receipt = page.locator("#drop-receipts-list > li")
    expect(receipt).to_contain_text("Signed by the station", timeout=SLOW)
    assert taken(web_station) == [(one, "accepted") for one in parcels]
    assert set(log.senders()) == {"submit"}
