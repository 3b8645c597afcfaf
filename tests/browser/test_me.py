"""A resident's phone: it reads well at 320 px, and its identity code goes on for ten minutes without network."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
import zxingcpp
from flask import Flask
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from station.accounts import service as accounts
from station.core import clock
from station.core.db import db, reading, transaction
from station.parcels import hand_over
from station.parcels.hand_over import Taker
from station.residents import identity_codes, six_digits
from station.residents.identity_codes import Payload
from station.residents.service import Known, phone_hash
from station.web.gate import RESIDENT
from tests.browser.conftest import PHONE, Desk, complaints, scrolls_sideways, wait_until
from tests.browser.counter import scan
from tests.browser.server import Server
from tests.factories import Station, recipient, store

SMALL_PHONE = (320, 640)
NUMBER = "13812344068"
PAGES = ("/me/", "/me/parcels", "/me/account", "/track", "/me/sign-in")
# The page, all it is drawn with and the codes are on the phone.
KEPT = """async () => {
  const paths = async (name) => (await (await caches.open(name)).keys()).map((key) => new URL(key.url).pathname);
  const [mine, parts] = [await paths("me"), await paths("me-parts")];
  const drawnWith = performance.getEntriesByType("resource").map((one) => new URL(one.name).pathname);
  const wanted = drawnWith.filter((one) => one.startsWith("/static/"));
  const hasCodes = mine.some((one) => one.endsWith(".json"));
  return mine.includes("/me/") && hasCodes && wanted.every((one) => parts.includes(one));
}"""
# A phone's clock that the test can put on, by `ahead` milliseconds; a reload keeps it so.
CLOCK = """
  const real = Date.now;
  Date.now = () => real() + Number(sessionStorage.getItem("ahead"));
"""
NETWORK_GONE = ("ERR_CONNECTION_REFUSED", "Failed to load resource", "FetchEvent")


@pytest.fixture
def person(web_station: Station) -> Known:
    """A resident with parcels that wait, since long and since now, and one that was collected."""
    found = recipient(web_station, NUMBER)
    for days in (6, 2, 0):
        with clock.use(lambda days=days: clock_then(days)):
            store(web_station, to=found)
    collected = store(web_station, to=found)
    with transaction():
        hand_over.hand_over(web_station.clerk, collected.parcel_id, Taker())
    return found


STARTED = clock.now()


def clock_then(days: int):
    return STARTED - timedelta(days=days)


def session(web: Flask) -> str:
    with transaction():
        found = accounts.sign_in_resident(phone_hash(NUMBER))
    client = web.test_client()
    with client.session_transaction() as values:
        values[RESIDENT] = f"{found.account_id}.{found.epoch}"
    cookie = client.get_cookie("session")
    assert cookie is not None
    return cookie.value


def phone(desk: Desk, web: Flask, *, size: tuple[int, int] = PHONE) -> Page:
    """Return a phone on which the resident is signed in."""
    page = desk.window("/track", who="", size=size, script=CLOCK)
    page.context.add_cookies([{"name": "session", "value": session(web), "url": desk.url}])
    return page


def put_on(page: Page, minutes: float) -> None:
    """Put the phone's clock on."""
    page.evaluate("ahead => sessionStorage.setItem('ahead', ahead)", minutes * 60_000)


def digits(station: Station, person: Known, ahead: timedelta = timedelta(0)) -> set[str]:
    """Return the six digits of about now, as the page groups them."""
    now = identity_codes.step_of(clock.now() + ahead)
    with reading():
        shown = six_digits.shown(station.id, person.id, [now - 1, now, now + 1])
    return {f"{one[:3]} {one[3:]}" for one in shown}


@pytest.mark.parametrize(
    ("language", "theme", "contrast"),
    [("en", "light", "normal"), ("zh", "dark", "normal"), ("zh", "light", "more")],
)
def test_pages_read_well_on_the_smallest_phone(
    web: Flask, desk: Desk, person: Known, language: str, theme: str, contrast: str
) -> None:
    page = phone(desk, web, size=SMALL_PHONE)
    desk.prefer(language=language, theme=theme, contrast=contrast)
    db.session.remove()
    found = {}
    for address in PAGES:
        page.goto(desk.url + address)
        wrong = complaints(page)
        if scrolls_sideways(page):
            wrong.append("scrolls sideways")
        if wrong:
            found[address] = wrong

    assert found == {}


def test_pages_hold_text_of_twice_the_size(web: Flask, desk: Desk, person: Known) -> None:
    page = phone(desk, web)
    wide = []
    for address in PAGES:
        page.goto(desk.url + address)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        if scrolls_sideways(page):
            wide.append(address)

    assert wide == []


@pytest.mark.parametrize(("size", "least"), [(PHONE, 284), (SMALL_PHONE, 257)])
def test_the_code_is_white_and_45_mm_wide(
    web: Flask, desk: Desk, person: Known, size: tuple[int, int], least: int
) -> None:
    page = phone(desk, web, size=size)
    desk.prefer(theme="dark")
    page.goto(desk.url + "/me/")
    # In one look: the page draws the card anew with each code.
    wait_until(page, f"() => document.querySelector('.idcard-qr')?.getBoundingClientRect().width >= {least}")
    paper = page.locator(".idcard-qr")
    assert paper.evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(255, 255, 255)"


def test_the_code_changes_and_the_next_one_is_fetched(
    web: Flask, desk: Desk, web_station: Station, person: Known
) -> None:
    page = phone(desk, web)
    with page.expect_response("**/identity-codes/*.json*"):
        page.goto(desk.url + "/me/")
    assert page.locator("#identity-digits").inner_text() in digits(web_station, person)

    with page.expect_response(re.compile(r"/identity-codes/.*after=[1-9]")) as fetched:
        put_on(page, 0.5)
    assert len(fetched.value.json()["screens"]) <= 1


def test_the_code_goes_on_for_ten_minutes_without_network(
    web: Flask, desk: Desk, server: Server, web_station: Station, person: Known
) -> None:
    desk.expected = NETWORK_GONE
    page = phone(desk, web)
    page.goto(desk.url + "/me/")
    wait_until(page, "() => navigator.serviceWorker.controller !== null")
    wait_until(page, KEPT)
    server.stop()
    page.reload()

    shown, box = page.locator("#identity-digits"), page.locator(".idcard-qr")
    expect(page.locator("#identity-offline")).to_contain_text("No network")
    assert shown.inner_text() in digits(web_station, person)
    expect(page.locator(".phone-parcels .tag")).to_have_count(3)
    wait_until(page, "() => document.fonts.check('16px \"Atkinson Next\"')")
    put_on(page, 9)
    expect(shown).to_have_text(re.compile("|".join(digits(web_station, person, timedelta(minutes=9)))))
    assert read(box).not_before - clock.now().timestamp() > 8 * 60
    page.reload()
    expect(shown).to_have_text(re.compile("|".join(digits(web_station, person, timedelta(minutes=9)))))
    put_on(page, 11)
    expect(page.locator("#identity-over")).to_be_visible()
    expect(box).to_be_hidden()


def text_of(box: Locator) -> str:
    """Read the QR code on the screen, as a camera does."""
    found = zxingcpp.read_barcode(Image.open(BytesIO(box.screenshot())))
    assert found is not None
    return str(found.text)


def read(box: Locator) -> Payload:
    signed = identity_codes.read(text_of(box))
    assert signed is not None
    return signed.payload


def test_the_counter_serves_whoever_shows_the_phone(
    web: Flask, desk: Desk, web_station: Station, person: Known
) -> None:
    desk.expected = ("Failed to load resource",)
    counter = desk.window("/hand-over")
    page = phone(desk, web)
    page.goto(desk.url + "/me/")
    text = text_of(page.locator(".idcard-qr"))
    scan(counter, text)
    expect(counter.locator(".picks .tag")).to_have_count(3)
    scan(counter, text)
    expect(counter.locator(".said.bad")).to_contain_text("used already")
    digits_now = page.locator("#identity-digits").inner_text()
    counter.keyboard.type(f"4068 {digits_now}", delay=60)
    counter.keyboard.press("Enter")
    expect(counter.locator(".picks .tag")).to_have_count(3)


def test_signing_out_leaves_nothing_on_the_phone(web: Flask, desk: Desk, person: Known) -> None:
    page = phone(desk, web)
    page.goto(desk.url + "/me/")
    wait_until(page, "() => navigator.serviceWorker.controller !== null")
    wait_until(page, "() => caches.has('me')")
    page.goto(desk.url + "/me/account")
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.wait_for_url("**/me/sign-in")

    wait_until(page, "() => caches.has('me').then(has => !has)")
