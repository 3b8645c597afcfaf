"""A courier's drop by a phone's camera, with and without network, and how its page reads."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from station.couriers.queries import SignedInCourier
from tests import couriers
from tests.browser import courier as drops
from tests.browser.conftest import FLAGS, PHONE, Axe, Desk, scrolls_sideways, wait_until
from tests.browser.counter import scan
from tests.browser.courier import Log, begin, expected, is_sent, taken
from tests.browser.server import Server
from tests.factories import Station

NO_LINE = ("ERR_INTERNET_DISCONNECTED", "Failed to load resource", "FetchEvent", "service worker")
SMALL_PHONE = (360, 640)


@pytest.fixture(autouse=True)
def open_all_day(web_station: Station) -> None:
    drops.open_all_day(web_station)


@pytest.fixture
def courier(web_station: Station) -> SignedInCourier:
    return couriers.make_courier(web_station)


@pytest.fixture
def log(web: Flask, monkeypatch: pytest.MonkeyPatch) -> Log:
    made = Log()
    monkeypatch.setattr(web, "wsgi_app", made.watch(web))
    return made


@pytest.fixture
def with_camera(
    web: Flask, web_station: Station, server: Server, chromium: Browser
) -> Iterator[Callable[[Path], Desk]]:
    """Start a Chromium whose camera shows a film."""
    made: list[Desk] = []

    def start(shown: Path) -> Desk:
        fake = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
        flags = [*FLAGS, *fake, f"--use-file-for-fake-video-capture={shown}"]
        browser = chromium.browser_type.launch(executable_path=shutil.which("chromium"), args=flags)
        made.append(Desk(web, web_station, browser, server.url))
        return made[-1]

    yield start
    for desk in made:
        desk.browser.close()
        assert desk.faults == []


def finish(page: Page, count: int) -> None:
    page.locator("#drop-told").fill(str(count))
    page.keyboard.press("Enter")


def test_a_batch_is_dropped_by_camera(
    with_camera: Callable[[Path], Desk],
    log: Log,
    web_station: Station,
    courier: SignedInCourier,
    tmp_path: Path,
) -> None:
    parcels = expected(web_station, 4)
    desk = with_camera(drops.film(tmp_path / "drop.mjpeg", drops.code_now(web_station), parcels))
    page = drops.phone(desk, courier, script=drops.TIMELESS)
    expect(page.locator("#drop-accepted")).to_have_text("4")
    is_sent(page)
    finish(page, 4)
    expect(page.locator("#drop-receipts-list > li")).to_contain_text("Signed by the station")
    assert sorted(taken(web_station)) == sorted((one, "accepted") for one in parcels)
    # The browser may be quicker with its own sync where a burst outruns the page.
    assert "submit" in log.senders()
    assert set(log.senders()) <= {"submit", "sync"}


def test_a_batch_is_dropped_by_camera_without_network(
    with_camera: Callable[[Path], Desk],
    log: Log,
    web_station: Station,
    courier: SignedInCourier,
    tmp_path: Path,
) -> None:
    parcels = expected(web_station, 3)
    desk = with_camera(drops.film(tmp_path / "drop.mjpeg", drops.code_now(web_station), parcels))
    desk.expected = NO_LINE
    page = drops.phone(desk, courier, script=drops.NO_CAMERA_YET + drops.TIMELESS)
    wait_until(page, "() => navigator.serviceWorker.controller !== null")
    wait_until(page, drops.KEPT)
    page.context.set_offline(True)
    page.evaluate("sessionStorage.setItem('camera', 'yes')")
    page.reload()
    saved = page.locator("#drop-list li").filter(has_text="Saved on phone")
    expect(saved).to_have_count(3)
    finish(page, 3)
    page.reload()
    expect(saved).to_have_count(3)
    wait_until(page, drops.QUIET)
    assert log.sent == []
    page.context.set_offline(False)
    expect(page.locator("#drop-receipts-list > li")).to_contain_text("Signed by the station")
    assert sorted(taken(web_station)) == sorted((one, "accepted") for one in parcels)
    assert set(log.senders()) <= {"online", "sync"}


LOOKS = (
    {"language": "en", "theme": "light", "contrast": "normal"},
    {"language": "zh", "theme": "dark", "contrast": "normal"},
    {"language": "zh", "theme": "light", "contrast": "more"},
)


@pytest.mark.parametrize("looks", LOOKS, ids=lambda looks: "-".join(looks.values()))
def test_the_page_reads_well(
    desk: Desk, axe: Axe, web_station: Station, courier: SignedInCourier, looks: dict[str, str]
) -> None:
    desk.expected = NO_LINE
    page = drops.phone(desk, courier, script=drops.ALONE)
    page.context.add_cookies([{"name": name, "value": to, "url": desk.url} for name, to in looks.items()])
    page.reload()
    drops.listens(page)
    wrong = {}

    def look(name: str) -> None:
        for width, height in (PHONE, SMALL_PHONE):
            page.set_viewport_size({"width": width, "height": height})
            found = axe(page) + (["scrolls sideways"] if scrolls_sideways(page) else [])
            if found:
                wrong[name, width] = found

    look("begin")
    begin(page, web_station)
    for code in (*expected(web_station, 2), "hello, station", drops.asking(web_station)):
        scan(page, code)
    is_sent(page)
    look("stop")
    choices = page.locator("#drop-stops-list .drop-choices .btn")
    choices.first.click()
    look("how")
    page.context.set_offline(True)
    scan(page, expected(web_station, 1)[0])
    expect(page.locator("[data-trouble=no_line]")).to_be_visible()
    look("no network")
    page.context.set_offline(False)
    is_sent(page)
    choices.first.click()
    expect(page.locator("#drop-stops")).to_be_hidden()
    finish(page, 4)
    expect(page.locator("#drop-receipts-list .mono")).to_have_count(1)
    look("receipt")
    assert wrong == {}
