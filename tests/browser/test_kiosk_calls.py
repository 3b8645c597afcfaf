"""Calls of kiosks on every page: they appear, go by keyboard, and never take the scanner's place."""

import pytest
from playwright.sync_api import expect

from station.core.actor import Actor
from station.core.db import db, transaction
from station.kiosks import alerts, conflicts, pictures, unfinished
from station.kiosks.alerts import Call
from station.kiosks.call_kinds import AlertKind
from station.kiosks.conflicts import Refused
from tests.browser.conftest import DESKTOP, PHONE, SMALL_PHONE, Desk, complaints, scrolls_sideways
from tests.factories import Station, recipient
from tests.services.kiosk_world import kiosk, left_by, release


@pytest.fixture
def door(web_station: Station) -> Actor:
    return kiosk(web_station)


def call(door: Actor, *kinds: AlertKind) -> None:
    with transaction():
        for kind in kinds:
            alerts.raise_alert(door.station_id, door.id, Call(kind))
    db.session.remove()


def test_a_call_appears_by_itself_and_goes_when_somebody_sees_to_it(desk: Desk, door: Actor) -> None:
    page = desk.window("/check-in")
    cards = page.locator(".kiosk-call")
    expect(cards).to_have_count(0)
    call(door, AlertKind.STAFF_CALLED)
    expect(cards).to_have_count(1)
    expect(page.locator("#code")).to_be_focused()  # the scanner goes on as before
    cards.get_by_role("button").focus()
    page.keyboard.press("Enter")
    expect(cards).to_have_count(0)
    expect(page.locator("#main")).to_be_focused()
    with page.expect_response("**/kiosk-cases/calls") as told:
        page.reload()
    assert told.value.json()["calls"] == []
    expect(cards).to_have_count(0)


def test_two_are_shown_and_the_others_counted(desk: Desk, door: Actor) -> None:
    call(door, AlertKind.STAFF_CALLED, AlertKind.NOT_FOUND, AlertKind.FAULT, AlertKind.SILENT)
    page = desk.window("/parcels")
    expect(page.locator(".kiosk-call")).to_have_count(2)
    expect(page.locator("#kiosk-more")).to_contain_text("2")
    page.goto(desk.url + "/kiosk-cases")
    expect(page.locator("[data-listed]")).to_have_count(4)
    expect(page.locator("#kiosk-more")).to_be_hidden()
    expect(page.locator(".kiosk-call")).to_have_count(0)


@pytest.mark.parametrize(
    ("language", "theme", "contrast"), [("en", "light", "normal"), ("zh", "dark", "more")]
)
def test_pages_about_kiosks_read_well(
    desk: Desk, web_station: Station, door: Actor, language: str, theme: str, contrast: str
) -> None:
    left = left_by(door, web_station)
    release(door, left)
    ming = recipient(web_station)
    with transaction():
        unfinished.note(door, (left.parcel_id,))
    taken = left_by(web_station.clerk, web_station)
    with transaction():
        facts = (taken.parcel_id, taken.waybill, "face", ming.id, taken.at, "already_handed_over")
        for _again in range(2):
            conflict_id = conflicts.make(door, Refused(*facts))
        conflicts.settle(web_station.manager, conflict_id, note="Found on shelf 2.")
        pictures.ask(web_station.manager, door.id)
    call(door, AlertKind.FAULT, AlertKind.WRONG_PARCEL)
    desk.prefer(language=language, theme=theme, contrast=contrast)
    db.session.remove()
    page = desk.window("/kiosks", who="manager")
    found = {}
    for address in ("/kiosks", "/kiosk-cases", f"/kiosks/{door.id}/look", "/parcels"):
        page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
        page.goto(desk.url + address)
        expect(page.locator(".kiosk-call")).to_have_count(0 if address == "/kiosk-cases" else 2)
        wrong = complaints(page)
        for width, height in (PHONE, SMALL_PHONE):
            page.set_viewport_size({"width": width, "height": height})
            if scrolls_sideways(page):
                wrong.append(f"scrolls sideways at {width}")
        if wrong:
            found[address] = wrong
    assert found == {}
