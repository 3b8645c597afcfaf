"""A resident's choices and data on the smallest phone: they read well in both languages, light and dark."""

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from station.core.db import db, reading
from station.residents import service as residents
from tests.browser.conftest import Desk, complaints, scrolls_sideways
from tests.browser.test_me import NUMBER, SMALL_PHONE, phone
from tests.factories import Station, recipient, store


@pytest.fixture
def person(web_station: Station) -> str:
    """A resident with a parcel nobody asked them about; return the address of their choices."""
    found = recipient(web_station, NUMBER)
    store(web_station, to=found)
    return f"/me/choices/{web_station.id}/{found.id}"


def wrong(page: Page) -> list[str]:
    return complaints(page) + (["scrolls sideways"] if scrolls_sideways(page) else [])


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh", "dark"), ("en", "dark")])
def test_pages_read_well_on_the_smallest_phone(
    web: Flask, desk: Desk, person: str, language: str, theme: str
) -> None:
    page = phone(desk, web, size=SMALL_PHONE)
    desk.prefer(language=language, theme=theme)
    db.session.remove()
    found = {}
    for address in ("/me/", person, f"{person}/agreements/face", "/me/export", "/me/erase", "/me/erase/sure"):
        page.goto(desk.url + address)
        found[address] = wrong(page)
    page.goto(f"{desk.url}/me/export")
    page.locator("button[value=page]").click()
    page.locator("details").first.wait_for()
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    found["everything"] = wrong(page)
    assert not any(found.values()), found


def test_a_choice_is_made_by_keyboard_alone(
    web: Flask, web_station: Station, desk: Desk, person: str
) -> None:
    page = phone(desk, web, size=SMALL_PHONE)
    db.session.remove()
    page.goto(desk.url + person)
    page.locator("input[value=station]").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#flashes")).to_contain_text("Saved.")
    with reading():
        chosen = residents.get(web_station.id, int(person.rsplit("/", 1)[1])).standing_choice
    assert chosen == "door"
