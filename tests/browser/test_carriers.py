"""Carriers' pages that need something in their address: axe, no sideways scroll, and the form that asks a number."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from station.core import clock
from station.core.db import db
from station.parcels.lifecycle import ConsentBasis, Problem
from tests.browser.conftest import (
    DESKTOP,
    PHONE,
    SMALL_PHONE,
    Desk,
    Look,
    complaints,
    complaints_of_looks,
    scrolls_sideways,
)
from tests.factories import Station
from tests.quality import ZONE, announce, at, bring, mark

LOOKS = [("en", "light", []), ("zh", "dark", [("light", "more")])]  # the last are put on the loaded page
PAGES = (
    "/settings/carriers/quality",
    "/settings/carriers/quality/zto",
    "/settings/carriers/quality/zto/late",
)


@pytest.fixture
def days(web_station: Station) -> str:
    """Let something of everything be wrong, of few parcels and of enough; return the days in which it was."""
    for carrier, count in (("zto", 1), ("yto", 3)):
        for _number in range(count):
            mark(web_station, bring(web_station, carrier).parcel_id, Problem.DAMAGED)
            bring(web_station, carrier, problem=Problem.NO_PHONE, consent=ConsentBasis.UNKNOWN)
    today = clock.now().astimezone(ZONE).date()
    with at(clock.now() - timedelta(days=3)):
        announce(web_station, *[today - timedelta(days=2)] * 400)
    return f"?period=range&first={today - timedelta(days=6)}&last={today}"


@pytest.mark.parametrize(("language", "theme", "others"), LOOKS)
def test_quality_reads_well_with_figures(
    desk: Desk, days: str, language: str, theme: str, others: list[Look]
) -> None:
    desk.prefer(language=language, theme=theme)
    db.session.remove()
    page = desk.window(who="manager")
    wrong = {}
    for address in PAGES:
        for width, height in (DESKTOP, PHONE, SMALL_PHONE):
            page.set_viewport_size({"width": width, "height": height})
            page.goto(desk.url + address + days)
            found = complaints(page) + (["scrolls sideways"] if scrolls_sideways(page) else [])
            found += complaints_of_looks(page, others)
            if found:
                wrong[address, width] = found
    assert wrong == {}


def test_a_number_is_asked_by_scanner_alone(desk: Desk) -> None:
    """A scanner types into the box and ends with Enter; the answer is announced and reads well."""
    page = desk.window("/settings/carriers")
    page.locator("#number").focus()
    page.keyboard.type("432770272803361\n")
    expect(page.locator("[role=status] .candidates .score")).to_have_text(
        [re.compile("^0.81"), re.compile("^0.67")]
    )
    assert complaints(page) == []
    for width, height in (PHONE, SMALL_PHONE):
        page.set_viewport_size({"width": width, "height": height})
        assert not scrolls_sideways(page)
