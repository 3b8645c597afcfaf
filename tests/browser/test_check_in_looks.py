"""How the check-in screen looks and reads: axe with all rules, both languages, themes, contrast, sizes."""

from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from station.core.db import db, transaction
from station.network.models import StationSettings
from tests.browser.conftest import DESKTOP, PHONE, Desk, complaints, scrolls_sideways
from tests.browser.counter import announced, choose_shelf, parcel, question, scan, shown_tag, type_digits
from tests.factories import Station, recipient, waybill

UNKNOWN = "ABCDEFGH98"  # fits no carrier
LOOKS = [
    pytest.param("en", "light", "normal", DESKTOP, id="en"),
    pytest.param("zh", "dark", "normal", DESKTOP, id="zh-dark"),
    pytest.param("en", "light", "more", DESKTOP, id="high-contrast"),
    pytest.param("zh", "dark", "more", DESKTOP, id="dark-high-contrast"),
    pytest.param("zh", "light", "normal", PHONE, id="zh-phone"),
    pytest.param("en", "dark", "normal", (320, 700), id="en-small-phone"),
    pytest.param("en", "light", "normal", (1280, 800), id="en-small-desktop"),
]


@dataclass
class Walk:
    """A way through the states of the screen, and what was wrong in each."""

    page: Page
    found: dict[str, list[str]] = field(default_factory=dict)

    def look(self, state: str) -> None:
        self.page.wait_for_timeout(150)  # the list and the numbers follow the answer
        wrong = complaints(self.page) + (["scrolls sideways"] if scrolls_sideways(self.page) else [])
        if wrong:
            self.found[state] = wrong


def look_at_results(walk: Walk, known: str) -> None:
    page = walk.page
    walk.look("idle")
    choose_shelf(page)
    walk.look("row")
    scan(page, known)
    expect(shown_tag(page)).to_have_text(f"1-1-{known[-4:]}")
    walk.look("stored")
    scan(page, known)
    expect(page.locator("#result .refused")).to_be_visible()
    walk.look("refused")
    page.locator('[data-do="shelf"]').click()
    walk.look("shelves")
    page.keyboard.press("Escape")
    page.locator('[data-do="batch"]').click()
    walk.look("batch")
    page.keyboard.press("Escape")
    page.evaluate("for (const line of document.querySelectorAll('[data-trouble]')) line.hidden = false")
    page.evaluate("window.dispatchEvent(new Event('blur'))")
    walk.look("trouble")
    page.evaluate("window.dispatchEvent(new Event('focus'))")


def look_at_questions(walk: Walk) -> None:
    page = walk.page
    scan(page, UNKNOWN)
    expect(question(page)).to_have_attribute("data-asks", "unknown_carrier")
    walk.look("unknown carrier")
    page.locator('[data-digit="3"]').click()
    expect(question(page)).to_have_attribute("data-asks", "no_phone")
    walk.look("no phone")
    type_digits(page, "4068")
    expect(page.locator("#people [data-best]")).to_be_visible()
    walk.look("people")
    page.locator("[data-new]").click()
    expect(page.locator("#phone")).to_be_focused()
    walk.look("somebody new")
    type_digits(page, "123")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(question(page).locator(".strip.bad")).to_be_visible()
    walk.look("a refused answer")


def look_at_what_follows(walk: Walk, station: Station) -> None:
    page = walk.page
    scan(page, "CMD:DAMAGED")
    expect(question(page)).to_have_count(0)
    walk.look("damaged")
    scan(page, waybill())
    expect(question(page)).to_be_visible()
    scan(page, "CMD:SET-ASIDE")
    expect(question(page)).to_have_count(0)
    walk.look("set aside")
    with transaction():
        db.session.execute(update(StationSettings).values(unknown_consent="set_aside"))
    (asking,) = announced(station)
    scan(page, asking)
    expect(question(page)).to_have_attribute("data-asks", "consent")
    walk.look("consent")
    page.keyboard.press("F8")
    expect(question(page)).to_have_count(0)
    walk.look("undone")


@pytest.mark.parametrize(("language", "theme", "contrast", "size"), LOOKS)
def test_every_state_reads_well(
    desk: Desk, web_station: Station, language: str, theme: str, contrast: str, size: tuple[int, int]
) -> None:
    desk.expected = ("409", "422")
    desk.prefer(language=language, theme=theme, contrast=contrast)
    recipient(web_station, "13812344068", "陈晓明")
    (known,) = announced(web_station, 1)
    walk = Walk(desk.window(size=size))
    look_at_results(walk, known)
    look_at_questions(walk)
    look_at_what_follows(walk, web_station)
    assert walk.found == {}


def test_the_counter_never_scrolls(desk: Desk, web_station: Station) -> None:
    recipient(web_station, "13812344068", "陈晓明")
    for size in (DESKTOP, (1280, 800)):
        page = desk.window(size=size)
        choose_shelf(page)
        number = waybill()
        scan(page, number)
        expect(question(page)).to_have_attribute("data-waybill", number)
        type_digits(page, "4068")
        expect(page.locator("#people [data-best]")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollHeight") == size[1]


def test_a_sticker_fits_its_label(desk: Desk, web_station: Station) -> None:
    (number,) = announced(web_station)
    page = desk.window()
    choose_shelf(page)
    scan(page, number)
    expect(shown_tag(page)).to_have_text(f"1-1-{number[-4:]}")
    sticker = desk.window(f"/check-in/sticker/{parcel(web_station, number).id}")
    box = sticker.locator(".sticker").bounding_box()
    assert box is not None
    millimetre = 96 / 25.4  # CSS pixels: CSS Values and Units 3, 6.2
    assert (round(box["width"] / millimetre), round(box["height"] / millimetre)) == (60, 40)
    inner = sticker.locator(".sticker-code").bounding_box()
    assert inner is not None
    assert inner["x"] >= box["x"]
    assert inner["x"] + inner["width"] <= box["x"] + box["width"]
    assert complaints(sticker) == []


CUT = """side => [...side.querySelectorAll('*')].filter(one => one.scrollWidth > one.clientWidth + 1
  && getComputedStyle(one).overflowX !== 'visible' && !one.classList.contains('vh')).map(one => one.innerText)"""


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_list_beside_the_scans_cuts_nothing(desk: Desk, web_station: Station, language: str) -> None:
    desk.prefer(language=language)
    page = desk.window()
    choose_shelf(page)
    number = waybill()
    scan(page, number)
    scan(page, "CMD:SET-ASIDE")
    expect(page.locator("#side .prob .tag")).to_have_text(f"99-1-{number[-4:]}")
    for width in (1440, 1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.locator("#side").evaluate(CUT) == [], width
