"""The people page and the holidays: read by axe, at the counter's size and on a phone, in both languages."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from station.core import clock
from station.core.db import db, transaction
from station.network import queries as network_queries
from station.network import service as network
from station.residents import merging, notes
from station.residents import service as residents
from station.residents.service import Known
from tests.browser.conftest import DESKTOP, PHONE, SMALL_PHONE, Desk, complaints, scrolls_sideways
from tests.factories import Station, recipient, store

SPRING = datetime(2026, 2, 10, 4, tzinfo=UTC)  # before the Spring Festival and its make-up days


@pytest.fixture
def somebody(web_station: Station) -> Known:
    """A person with parcels, notes, other names at their phone and a linked privacy number."""
    who, hidden = recipient(web_station), recipient(web_station, "17012340000,8462", None)
    with clock.use(lambda: SPRING):
        store(web_station, to=hidden)
    for _ in range(2):
        store(web_station, to=who)
    recipient(web_station, name="陈小明")
    clerk = web_station.clerk
    with transaction():
        notes.add(clerk, who.id, "Deaf: please write.\nA neighbour at number 7 often collects.")
        residents.record_consent(clerk, who.id, choice="station", how="in_person")
        merging.merge(clerk, who.id, hidden.id)
        version = network_queries.rules(web_station.id).version
        network.change_settings(web_station.manager, {"holiday_calendar": "china"}, version=version)
    return who


@pytest.mark.parametrize("language", ["en", "zh"])
def test_pages_read_well(web_station: Station, desk: Desk, somebody: Known, language: str) -> None:
    desk.prefer(language=language)
    db.session.remove()
    page = desk.window("/people", who="manager")
    found = {}
    for address in ("/people", f"/people/{somebody.id}", "/settings/days"):
        page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
        page.goto(desk.url + address)
        for details in page.locator("details.confirm").all():
            details.evaluate("node => node.open = true")
        wrong = complaints(page)
        for width, height in (DESKTOP, PHONE, SMALL_PHONE):
            page.set_viewport_size({"width": width, "height": height})
            if scrolls_sideways(page):
                wrong.append(f"scrolls sideways at {width}")
        if wrong:
            found[address] = wrong
    assert found == {}


def test_somebody_is_found_by_keyboard_alone(desk: Desk, somebody: Known) -> None:
    db.session.remove()
    page = desk.window("/people")

    page.keyboard.type("4068")
    page.keyboard.press("Enter")

    page.wait_for_url("**/people/find")
    expect(page.locator("table tbody tr")).to_have_count(2)
