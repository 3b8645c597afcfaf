"""Pages of carriers with something on them: announcements, keys, webhooks, drops, as the demo has them."""

from collections.abc import Iterable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from station.core import clock
from station.core.db import db, reading
from station.drops import queries as drops
from station.manifests import jobs, missed_queries
from station.manifests import queries as manifests
from station.simulator import carriers_come
from station.simulator.run import Order, begin, finish
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
)
from tests.carriers import give_up, make_webhook
from tests.factories import Station, store

LOOKS = [("en", "light", []), ("zh", "dark", [("light", "more")])]  # the last are put on the loaded page
LONG = (
    "https://hooks.a-carrier-with-a-long-name.example/stations/maple-court/v2/parcel-events?channel=community"
)
MANIFEST = "运单号,手机号,收件人,大小,备注\n" + "".join(
    f"YT88000000{number:04d},138****{number:04d},王小明,{'小件' if number % 2 else '巨大'},易碎品请轻放，周末送货\n"
    for number in range(12)
)


@pytest.fixture
def addresses(web: Flask, web_station: Station) -> list[str]:
    """Pages about what carriers and couriers of the demo did, and of a webhook with dead letters."""
    station, now = web_station.id, clock.now()
    simulation = begin(station, Order(days=2, parcels_per_day=4, seed=3), now)
    carriers_come.plan(simulation, password="maple court for couriers")
    finish(simulation)
    webhook = make_webhook(web_station, LONG)
    store(web_station)
    give_up(web_station, webhook.id)
    with reading():
        announced = [f"/announcements/{one.id}" for one in manifests.recent(station)]
        (report,) = missed_queries.reports(station)
        dropped = [one.id for one in drops.of_today(station)]
    db.session.remove()
    return [
        *("/announcements", *announced[:1]),
        *("/announcements/missed", f"/announcements/missed/{report.day}/{report.carrier}"),
        *("/drops", "/drops/presence", *(f"/drops/{one}" for one in dropped), f"/drops/{dropped[0]}/receipt"),
        *("/settings/carrier-keys", "/settings/webhooks", f"/settings/webhooks/{webhook.id}"),
        *("/problems", "/couriers"),
    ]


def wrong(page: Page, others: Iterable[Look] = ()) -> list[str]:
    """Return what axe finds, in `others` looks too, and at which widths the page scrolls sideways."""
    found = []
    before: Look = page.evaluate(
        "[document.documentElement.dataset.theme, document.documentElement.dataset.contrast]"
    )
    for width, height in (DESKTOP, PHONE, SMALL_PHONE):
        page.set_viewport_size({"width": width, "height": height})
        found += [f"{width}: {one}" for one in (*complaints(page), *complaints_of_looks(page, others))]
        put_on(page, before)
        if scrolls_sideways(page):
            found.append(f"scrolls sideways at {width}")
    return found


@pytest.mark.parametrize(("language", "theme", "others"), LOOKS)
def test_pages_with_something_on_them_read_well(
    desk: Desk, addresses: list[str], language: str, theme: str, others: list[Look]
) -> None:
    desk.prefer(language=language, theme=theme)
    db.session.remove()
    page = desk.window("/drops", who="manager")
    found = {}
    for address in addresses:
        answer = page.goto(desk.url + address)
        assert answer
        assert answer.status == 200, address
        if faults := wrong(page, others):
            found[address] = faults
    assert found == {}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_file_s_way_from_upload_to_its_refused_rows_reads_well(
    web: Flask, desk: Desk, language: str
) -> None:
    desk.prefer(language=language)
    db.session.remove()
    page = desk.window("/announcements", who="manager")
    file = {"name": "圆通到站预报.csv", "mimeType": "text/csv", "buffer": MANIFEST.encode("gb18030")}
    page.locator("input[type=file]").set_input_files(files=[file])
    page.locator("form[enctype] .btn-primary").press("Enter")

    expect(page.locator("#columns")).to_be_visible()
    assert wrong(page) == []
    page.locator("#columns .btn-primary").press("Enter")
    expect(page.locator("#progress progress")).to_be_visible()
    assert wrong(page) == []
    jobs.import_files(web.config["SETTINGS"])
    db.session.remove()
    expect(page.locator("#progress .rows li")).to_have_count(6)
    assert wrong(page) == []
