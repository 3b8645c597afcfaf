"""A resident pays by the test provider on a phone of 390 px; every page of payments reads well in both languages."""

import os
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from station.accounts import service as accounts
from station.core import clock
from station.core.db import transaction
from station.payments import reconciliation, scanning, test_codes
from station.payments.catalogue import Way
from station.payments.provider import FileLine, Kind, Wish
from station.payments.test_codes import Mood
from station.residents.service import phone_hash
from station.web.gate import RESIDENT
from tests import payments
from tests.browser import counter as scanner
from tests.browser.conftest import DESKTOP, PHONE, SMALL_PHONE, scrolls_sideways, wait_until
from tests.factories import recipient
from tests.payments import ask, ask_at_counter, balance, day_of, paid, pay, provider, take_cash, tell

NUMBER = "13812344068"
# Keeps the pitch of every tone that the page plays (static/js/voice.js).
COUNT_TONES = """() => {
  window.tones = [];
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...when) {
    tones.push(this.frequency.value);
    return start.apply(this, when);
  };
}"""
SHOTS = os.environ.get("SHOTS", "")


@pytest.fixture
def allowed(web, web_station):
    before = web.config["SETTINGS"]
    web.config["SETTINGS"] = payments.allowing_tests(web)
    payments.set_up(web_station, Way.TEST, Way.ALIPAY)
    yield web.config["SETTINGS"]
    web.config["SETTINGS"] = before


@pytest.fixture
def ming(web_station, allowed):
    """Somebody with an account at a station that takes test payments."""
    return recipient(web_station, NUMBER)


def session(web):
    with transaction():
        found = accounts.sign_in_resident(phone_hash(NUMBER))
    client = web.test_client()
    with client.session_transaction() as values:
        values[RESIDENT] = f"{found.account_id}.{found.epoch}"
    return client.get_cookie("session").value


def phone(desk, web, address, size=PHONE):
    """Return a phone on which the resident is signed in, at an address."""
    page = desk.window("/track", who="", size=size)
    page.context.add_cookies([{"name": "session", "value": session(web), "url": desk.url}])
    page.goto(f"{desk.url}{address}")
    return page


def shot(page, name):
    """Keep a picture of the page where somebody wants to look at it."""
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def reads_well(page, axe, name):
    shot(page, name)
    assert axe(page) == [], name
    assert not scrolls_sideways(page), name


def test_a_resident_pays_ahead_and_the_page_goes_on_by_itself(desk, web, web_station, allowed, ming):
    page = phone(desk, web, f"/me/pay/{web_station.id}")
    page.get_by_label("How much").fill("12.50")
    page.locator("form[action$=ahead]").get_by_label("Test payment").check()
    page.get_by_role("button", name="Go on to pay").click()
    expect(page.get_by_text("Waiting for the money")).to_be_visible()
    waiting = page.url
    page.get_by_role("link", name="Pay now").click()
    expect(page.get_by_role("heading", name="Test payment – no real money")).to_be_visible()
    page.get_by_role("button", name="Pretend to pay").click()
    expect(page.get_by_text("Thank you")).to_be_visible()
    expect(page).to_have_url(waiting)
    assert balance(web_station, ming) == 1250


def test_a_counter_shows_a_code_or_scans_one_and_says_paid_by_itself(desk, web_station, allowed, ming):
    page = desk.window(f"/money/counter/people/{ming.id}", who="clerk")
    page.evaluate(COUNT_TONES)
    page.get_by_label("Amount").fill("20")
    page.get_by_label("Test payment").check()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Scan with the phone’s camera")).to_be_visible()
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Pretend to be the phone").click()
    opened.value.get_by_role("button", name="Pretend to pay").click()
    expect(page.get_by_text("Paid: ¥20.00")).to_be_visible()
    expect(page.get_by_role("link", name="Print the receipt")).to_be_focused()
    wait_until(page, "String(tones) === '1320'")  # the sound of check-in: it is done
    assert balance(web_station, ming) == 2000
    page.goto(f"{desk.url}/money/counter/people/{ming.id}")
    page.evaluate(COUNT_TONES)
    page.get_by_label("Amount").fill("30")  # where the focus stays
    scanner.scan(page, test_codes.make(web_station.id, Mood.POOR, clock.now()))
    expect(page.get_by_text("There is not enough money")).to_be_visible()
    expect(page.get_by_label("Scan the customer’s payment code")).to_be_focused()
    page.evaluate("document.activeElement.blur()")
    scanner.scan(page, test_codes.make(web_station.id, Mood.PAYS, clock.now()))
    expect(page.get_by_text("Paid: ¥30.00")).to_be_visible()
    wait_until(page, "String(tones) === '196,1320'")
    assert balance(web_station, ming) == 5000


def test_a_waiting_page_sees_a_payment_that_was_told_meanwhile(desk, web, web_station, allowed, ming):
    asked = ask(web_station, ming)
    page = phone(desk, web, f"/me/pay/{web_station.id}/{asked.id}")
    expect(page.get_by_text("Waiting for the money")).to_be_visible()
    through = payments.provider(web_station, allowed)
    assert tell(web_station, through, pay(web_station, asked)).is_accepted
    expect(page.get_by_text("Thank you")).to_be_visible()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_residents_pages_read_well(desk, web, web_station, ming, axe, language):
    waiting, done = ask(web_station, ming), paid(web_station, web.config["SETTINGS"], ming)
    station = web_station.id
    page = phone(desk, web, f"/me/pay/{station}")
    desk.prefer(language=language)
    places = {
        "me": f"/me/pay/{station}",
        "waiting": f"/me/pay/{station}/{waiting.id}",
        "done": f"/me/pay/{station}/{done.id}",
        "test": payments.address_there(web_station, waiting),
        "app": f"/test-payments/{station}/code",
    }
    for size in (PHONE, SMALL_PHONE):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        for name, address in places.items():
            page.goto(f"{desk.url}{address}")
            page.locator("h1").first.wait_for()
            reads_well(page, axe, f"{name}-{language}-{size[0]}")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_desks_pages_read_well(desk, web_station, allowed, ming, axe, language):
    desk.prefer(language=language)
    cash, waiting, done = (
        take_cash(web_station, ming),
        ask(web_station, ming),
        paid(web_station, allowed, ming),
    )
    counter = ask_at_counter(web_station, ming)
    tell(web_station, payments.provider(web_station, allowed), {"notice": "forged"})
    compared = _compared(web_station, waiting)
    places = {
        "counter": "/money/counter",
        "person": f"/money/counter/people/{ming.id}",
        "receipt": f"/money/counter/receipts/{cash.id}",
        "list": "/money/payments",
        "payment": f"/money/payments/{done.id}",
        "asked": f"/money/payments/{waiting.id}",
        "code": f"/money/counter/waiting/{counter.id}",
        "came": f"/money/counter/waiting/{done.id}",
        **{name: f"/money/counter/waiting/{one.id}" for name, one in _scanned(web_station, allowed).items()},
        "files": "/money/reconciliation",
        "file": f"/money/reconciliation/{compared}",
        "providers": "/settings/payments",
        "alipay": "/settings/payments/alipay",
        "test-provider": "/settings/payments/test",
    }
    page = desk.window("/money/counter", who="manager")
    for size in (DESKTOP, PHONE):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        for name, address in places.items():
            page.goto(f"{desk.url}{address}")
            page.locator("h1").first.wait_for()
            reads_well(page, axe, f"desk-{name}-{language}-{size[0]}")


def _scanned(station, allowed):
    """Return payments that wait after a code was scanned: somebody has to agree, and it was refused."""
    through, waiting = provider(station, allowed), {}
    for name, mood in (("confirm", Mood.ASKS), ("refused", Mood.POOR)):
        person = recipient(station, f"1390000{1000 + int(mood.value)}", "王")
        asked = waiting[name] = ask_at_counter(station, person)
        code = test_codes.make(station.id, mood, clock.now())
        wish = Wish(
            str(asked.id), "Maple", asked.amount_minor, "CNY", asked.expires_at, "https://a/b", "https://a/c"
        )
        scanning.charge(station.clerk, through, wish, code=code, on_paid=lambda actor, paid: None)
    return waiting


def _compared(station, waiting):
    lines = [
        FileLine(Kind.PAYMENT, str(waiting.id), "T1", 1250, "CNY"),
        FileLine(Kind.PAYMENT, "5", "T5", 700, "CNY"),
    ]
    day = day_of(station, waiting)
    with clock.use(lambda: waiting.asked_at + timedelta(days=1)), transaction():
        return reconciliation.compare(station.manager, Way.TEST, day, lines, b"x")
