"""Arrival and share-out in Chromium: every step's page reads well, and bags go to shelves by scanning alone."""

import re

import pytest
import zxingcpp
from flask import Flask
from playwright.sync_api import expect

from station.core.db import db
from station.group_buys import arrival
from station.group_buys.arrival import Count
from station.group_buys.lifecycle import OrderState
from station.group_buys.plans import AtCutOff
from station.shelves.storage import Storage
from tests.browser.conftest import DESKTOP, PHONE, SMALL_PHONE, Desk, complaints, scrolls_sideways
from tests.browser.counter import scan
from tests.factories import Station
from tests.papers import pictures, texts
from tests.sharing import Deal, bag, deal, packed, parcel, shelve

LABEL_PRINTER = 203  # dots an inch, black alone: what the cheapest label printers have
MORE_ROWS = """document.querySelectorAll("tbody").forEach((body) => {
  for (let more = 0; more < 60; more += 1) body.append(body.rows[0].cloneNode(true));
})"""
SIZES = (DESKTOP, PHONE, SMALL_PHONE)


def ordered(station: Station, **values: object) -> Deal:
    one = deal(station, at_cut_off=AtCutOff.CLOSE_AND_ORDER, title="Gannan oranges", **values)
    for quantity in (2, 4):
        one.order(quantity)
    one.cut_off()
    one.do(arrival.count_crate, one.id, "Crate 1", Count(4, damaged=1, short=2))
    return one


def every_step(station: Station) -> list[str]:
    """Return the pages of campaigns at every step of the work."""
    closed = deal(station, title="Free-range eggs")
    closed.order(3)
    closed.cut_off()
    counting = ordered(station)
    counted = ordered(station)
    counted.do(arrival.finish, counted.id)
    sharing, orders = packed(station, (2,), (1,), (3,), storage=Storage.CHILLED, collect_h=6)
    shelve(sharing, orders[0])
    done, (only,) = packed(station, (1,), title="Honey")
    shelve(done, only)
    campaigns = [closed, counting, counted, sharing, done]
    pages = [f"/group-buys/{one.id}/sharing" for one in campaigns]
    return ["/group-buys/sharing", "/group-buys/sharing/picking", *pages, f"{pages[3]}/labels"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_step_reads_well(web: Flask, desk: Desk, web_station: Station, language: str) -> None:
    addresses = every_step(web_station)
    desk.prefer(language=language)
    db.session.remove()
    page = desk.window(who="manager")
    found = {}
    for address in addresses:
        wrong = []
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            page.goto(desk.url + address)
            wrong += complaints(page) if width in (DESKTOP[0], PHONE[0]) else []
            if scrolls_sideways(page):
                wrong.append(f"scrolls sideways at {width}")
        if wrong:
            found[address] = wrong
    assert found == {}


def test_a_shelf_card_and_the_labels_are_all_that_is_needed(
    web: Flask, desk: Desk, web_station: Station
) -> None:
    one, orders = packed(web_station, (1,), (2,))
    numbers = [parcel(web_station, bag(one, order).parcel_id).waybill for order in orders]
    db.session.remove()
    page = desk.window(f"/group-buys/{one.id}/sharing", who="clerk")
    expect(page.locator("#ready")).to_have_text("Ready")
    for value, said in (("SHELF:2-1", "You are at 2-1"), *((number, "Put it at 2-1") for number in numbers)):
        scan(page, value)
        expect(page.locator("#desk .said")).to_contain_text(said)
        shown = page.locator("#desk .side .muted").first
        left = len(numbers) if said.startswith("You") else len(numbers) - numbers.index(value) - 1
        expect(shown).to_have_text(re.compile(str(left)))
    assert [one.get(order).state for order in orders] == [OrderState.READY] * 2


def test_labels_and_lists_come_out_of_the_printer_whole(web: Flask, desk: Desk, web_station: Station) -> None:
    one, orders = packed(web_station, (1,), (2,), title="赣南脐橙 Gannan oranges, washed and sorted by hand")
    numbers = {parcel(web_station, bag(one, order).parcel_id).waybill for order in orders}
    db.session.remove()
    page = desk.window(f"/group-buys/{one.id}/sharing/labels", who="clerk")
    labels = page.pdf(prefer_css_page_size=True)
    page.goto(f"{desk.url}/group-buys/sharing/picking")
    page.evaluate(MORE_ROWS)
    lists = texts(page.pdf(prefer_css_page_size=True))

    seen = pictures(labels, LABEL_PRINTER)
    assert [round(label.width / label.height, 1) for label in seen] == [1.5, 1.5]  # 60 x 40 mm
    assert {
        code.text for label in seen for code in zxingcpp.read_barcodes(label.convert("1").convert("L"))
    } == numbers
    assert len(lists) > 2
    for number, sheet in enumerate(lists, 1):
        assert "Goods" in sheet  # the table's head
        assert "Picking list" in sheet
        assert f"{number} / {len(lists)}" in sheet
