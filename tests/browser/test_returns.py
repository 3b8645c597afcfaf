"""A return manifest in the browser: scans in order, one taken off, the courier signs by hand; axe on every page."""

import pytest
from flask import Flask
from playwright.sync_api import expect

from station.core.db import db, reading, transaction
from station.parcels import handling, parcel_queries
from station.parcels.intake import CheckedIn
from station.returns import manifests, queries, unclaimed
from tests.browser.conftest import DESKTOP, PHONE, Desk, complaints, scrolls_sideways
from tests.browser.counter import scan
from tests.browser.server import Server
from tests.factories import Station, store

# Waits until the drawing has become the form's picture.
SIGNED = """new Promise((done) => {
  const field = document.querySelector("#signature-picture");
  const look = () => (field.files.length ? done() : requestAnimationFrame(look));
  look();
})"""


@pytest.fixture
def going(web_station: Station) -> list[CheckedIn]:
    """Parcels picked for their carrier."""
    parcels = [store(web_station) for _ in range(3)]
    with transaction():
        for parcel in parcels:
            handling.start_return(web_station.clerk, parcel.parcel_id, reason="carrier_asks")
    db.session.remove()
    return parcels


def opened(station: Station) -> int:
    with transaction():
        manifest_id = manifests.open_manifest(station.clerk, "sf")
    db.session.remove()
    return manifest_id


def test_parcels_are_scanned_and_the_courier_signs_by_hand(
    web_station: Station, desk: Desk, server: Server, going: list[CheckedIn]
) -> None:
    manifest_id = opened(web_station)
    desk.expected = ("409",)  # a refused scan
    server.poison = b"nothing"  # a picture has zero bytes
    page = desk.window(f"/returns/manifests/{manifest_id}")
    for parcel in (*going, going[0]):
        scan(page, parcel.waybill)
    expect(page.get_by_text("scanned already")).to_be_visible()
    expect(page.locator("#desk .pick")).to_have_count(3)
    page.keyboard.press("F8")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Taken off")).to_be_visible()
    expect(page.locator("#desk .pick")).to_have_count(2)
    page.click("#sign")
    page.fill("#courier-name", "赵师傅")
    pad = page.locator("canvas.sign")
    expect(pad).to_be_visible()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 60, steps=5)
    page.mouse.up()
    page.evaluate(SIGNED)
    page.get_by_role("button", name="I have received").click()
    expect(page.get_by_text("2 parcels are back with their carrier")).to_be_visible()
    with reading():
        states = [parcel_queries.detail(web_station.id, one.parcel_id).state for one in going]
        assert queries.signature(web_station.id, manifest_id).media_type == "image/png"
    assert states == ["returned", "returned", "returning"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_of_the_room_reads_well(
    web: Flask, web_station: Station, desk: Desk, going: list[CheckedIn], language: str
) -> None:
    picture = b"\x89PNG\r\n\x1a\n"
    with transaction():
        clerk = web_station.clerk
        signed = manifests.open_manifest(clerk, "sf")
        manifests.add(clerk, signed, going[0].waybill)
        manifests.sign(clerk, signed, courier_name="Zhao", signature=picture)
        manifest_id = manifests.open_manifest(clerk, "sf")
        manifests.add(clerk, manifest_id, going[1].waybill)
        entry_id = unclaimed.enter(clerk, going[2].waybill, reason="no_sender")
    desk.prefer(language=language)
    db.session.remove()
    page = desk.window(who="manager")
    one, past = f"/returns/manifests/{manifest_id}", f"/returns/manifests/{signed}"
    register = "/returns/unclaimed"
    pages = ("/returns", "/returns/pick/sf", "/returns/manifests", one, f"{one}/sign", f"{one}/print", past)
    wrong = {}
    for address in (*pages, register, f"{register}/{entry_id}"):
        page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
        page.goto(desk.url + address)
        found = complaints(page)
        page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        found += complaints(page)
        if scrolls_sideways(page):
            found.append("scrolls sideways")
        if found:
            wrong[address] = found
    assert wrong == {}
