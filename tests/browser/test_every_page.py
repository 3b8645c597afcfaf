"""Every page a manager can open: axe with all its rules, no sideways scroll, and a keyboard that reaches the page."""

import re
from collections.abc import Iterable

import pytest
from flask import Flask
from playwright.sync_api import Page

from station.core.db import db, transaction
from station.ledger import drawer, pieces
from station.ledger.drawer import Moment
from station.ledger.pieces import Form, Kind
from station.parcels import handling
from station.parcels.lifecycle import Problem
from tests.browser.conftest import (
    DESKTOP,
    PHONE,
    SMALL_PHONE,
    Desk,
    Look,
    complaints,
    complaints_of_looks,
    put_on,
    scrolls_sideways,
    wait_until,
)
from tests.factories import Station, recipient, store

TWICE_THE_TEXT = (DESKTOP[0] // 2, DESKTOP[1] // 2)  # a browser at 200 % has half the width (WCAG 2.2, 1.4.4)
REFUSALS = ("Failed to load resource",)  # some pages need an id in their address and say so
HUNDRED, JIAO = Kind(Form.NOTE, 10_000), Kind(Form.COIN, 50)
COUNTED = ((Moment.OPEN, {HUNDRED: 2, JIAO: 1}), (Moment.CLOSE, {HUNDRED: 2}))
# Files, fragments for scripts, and what only works before the first station exists.
NO_PAGES = re.compile(r"^/(api/|static|healthz|first-run|check-in/side|.*\.(csv|json|txt|pdf)$)")


@pytest.fixture
def lively(web_station: Station) -> list[str]:
    """Parcels in several states and a counted drawer; return the pages of one with a problem, and of the counts."""
    person = recipient(web_station)
    for _ in range(3):
        store(web_station, to=person)
    stored = store(web_station, to=person)
    with transaction():
        handling.mark_problem(web_station.clerk, stored.parcel_id, Problem.DAMAGED)
    parcel = stored.parcel_id
    counts = [f"/money/drawer/{count_id}" for count_id in count_drawer(web_station)]
    papers = [f"{counts[0]}/paper?paper={size}" for size in ("roll", "a4")]
    return [
        f"/parcels/{parcel}",
        f"/hand-over?person=p{parcel}",
        f"/money/parcels/{parcel}",
        *counts,
        *papers,
    ]


def count_drawer(station: Station) -> list[int]:
    """Count the drawer at opening, and at closing with something missing that nobody explained yet."""
    with transaction():
        return [
            drawer.count(
                station.clerk,
                counted_minor=pieces.total(by_piece),
                currency="CNY",
                moment=moment,
                by_piece=by_piece,
            ).id
            for moment, by_piece in COUNTED
        ]


def addresses(web: Flask, further: list[str]) -> list[str]:
    """Return the pages of the application: those without an id, and further ones of what is there."""
    found = {
        rule.rule
        for rule in web.url_map.iter_rules()
        if "GET" in (rule.methods or set()) and not rule.arguments and not NO_PAGES.match(rule.rule)
    }
    return [
        *sorted(found),
        *(f"/settings/channels/{name}" for name in ("email", "sms_aliyun", "webhook")),
        *further,
        "/parcels?status=waiting",
    ]


def is_page(page: Page, address: str) -> bool:
    """Open an address; say whether it is a page of the staff's shell or one to print."""
    answer = page.goto(address)
    assert answer is not None
    assert answer.status < 500, address
    is_html = answer.headers.get("content-type", "").startswith("text/html")
    return answer.status == 200 and is_html and page.locator("html[lang]").count() == 1


@pytest.mark.parametrize(
    ("language", "looks"),
    [("en", [("light", "normal")]), ("zh", [("dark", "more"), ("dark", "normal"), ("light", "more")])],
    ids=["en", "zh"],
)
def test_every_page_reads_well(
    web: Flask, desk: Desk, lively: list[str], language: str, looks: list[Look]
) -> None:
    """Each page is loaded once in a language and its first look; the further looks are put on the loaded page."""
    desk.expected = REFUSALS
    theme, contrast = looks[0]
    desk.prefer(language=language, theme=theme, contrast=contrast)
    db.session.remove()
    page = desk.window(who="manager")
    found = {}
    for address in addresses(web, lively):
        if not is_page(page, desk.url + address):
            continue
        wrong = complaints(page) + complaints_of_looks(page, looks[1:]) + too_wide(page, looks)
        page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
        if page.locator(".skip").count() and not is_reached_by_the_keyboard(page):
            wrong.append("lost by the keyboard")
        if wrong:
            found[address] = wrong
    assert found == {}


def too_wide(page: Page, looks: Iterable[Look]) -> list[str]:
    """Return the widths at which the page scrolls sideways, in which look."""
    found = []
    for width, height in (PHONE, SMALL_PHONE, TWICE_THE_TEXT):
        page.set_viewport_size({"width": width, "height": height})
        for look in looks:
            put_on(page, look)
            if scrolls_sideways(page):
                found.append(f"scrolls sideways at {width} in {look}")
    return found


def is_reached_by_the_keyboard(page: Page) -> bool:
    """Tell whether one Tab offers to skip the rail, and the next lands in the page, where something can be done."""
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    wait_until(page, "location.hash === document.querySelector('.skip').hash")
    page.keyboard.press("Tab")
    return bool(page.evaluate("document.querySelector('main').contains(document.activeElement)"))


def test_sign_in_is_reached_by_the_keyboard(desk: Desk) -> None:
    """Before the form stands one menu at most; this page needs no link to skip it."""
    page = desk.window("/sign-in", who="")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
