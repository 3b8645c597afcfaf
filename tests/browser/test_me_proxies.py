"""Proxies, extensions and message links on the smallest phone: they read well, and the code can be scanned."""

from io import BytesIO

import pytest
import zxingcpp
from flask import Flask
from PIL import Image
from playwright.sync_api import Page, expect

from station.core.db import db, transaction
from station.core.phones import parse
from station.parcels.intake import CheckedIn
from station.residents import proxies
from station.residents.proxies import Wish
from tests.browser.conftest import Desk, complaints, scrolls_sideways
from tests.browser.test_me import NUMBER, SMALL_PHONE, phone
from tests.factories import Station, recipient, store
from tests.http.message_links import path_of


@pytest.fixture
def parcel(web_station: Station) -> CheckedIn:
    """A parcel that waits, with somebody who may collect it."""
    owner = recipient(web_station, NUMBER)
    found = store(web_station, to=owner)
    with transaction():
        wish = Wish(owner.id, found.parcel_id, parse("13911112222"), "Li Lei")
        proxies.give(web_station.clerk, wish)
    return found


def wrong(page: Page) -> list[str]:
    return complaints(page) + (["scrolls sideways"] if scrolls_sideways(page) else [])


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh", "dark"), ("en", "dark")])
def test_pages_read_well_on_the_smallest_phone(
    web: Flask, web_station: Station, desk: Desk, parcel: CheckedIn, language: str, theme: str
) -> None:
    link = path_of(web_station, parcel)
    page = phone(desk, web, size=SMALL_PHONE)
    desk.prefer(language=language, theme=theme)
    db.session.remove()
    found = {}
    for address in ("/me/proxies/", f"/me/parcels/{web_station.id}/{parcel.parcel_id}", link):
        page.goto(desk.url + address)
        found[address] = wrong(page)
    page.goto(f"{desk.url}/me/proxies/")
    page.locator("form[action$=give] button.btn-primary").click()
    expect(page.locator(".phone-code .code")).to_be_visible()
    found["code"] = wrong(page)
    assert not any(found.values()), found


def test_drawn_code_is_the_one_in_words(web: Flask, desk: Desk, parcel: CheckedIn) -> None:
    page = phone(desk, web, size=SMALL_PHONE)
    db.session.remove()
    page.goto(f"{desk.url}/me/proxies/")
    page.locator("form[action$=give] button.btn-primary").click()
    drawn = zxingcpp.read_barcodes(Image.open(BytesIO(page.locator("svg.qr").screenshot())))
    said = page.locator(".phone-code .code").inner_text().replace(" ", "")
    assert [one.text for one in drawn] == [f"PROXY:{said}"]


def test_link_opens_without_sign_in_and_comes_tomorrow(
    web: Flask, web_station: Station, desk: Desk, parcel: CheckedIn
) -> None:
    link = path_of(web_station, parcel)
    db.session.remove()
    page = desk.window(link, who="", size=SMALL_PHONE)
    assert wrong(page) == []
    page.get_by_role("button", name="I come tomorrow").click()
    expect(page.get_by_text("It waits for you until").first).to_be_visible()


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh", "dark")])
def test_desk_shows_for_whom_somebody_collects(
    desk: Desk, parcel: CheckedIn, language: str, theme: str
) -> None:
    desk.prefer(language=language, theme=theme)
    db.session.remove()
    page = desk.window("/hand-over")
    page.keyboard.type("2222\n", delay=5)
    expect(page.locator(".person .collects")).to_contain_text("Li **")
    assert wrong(page) == []
