"""A courier's drop in a browser: what was scanned reaches the station once, whatever the line does, and by whom."""

import re

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from station.couriers.queries import SignedInCourier
from tests import couriers
from tests.browser import courier as drops
from tests.browser.conftest import Desk, wait_until
from tests.browser.counter import scan
from tests.browser.courier import ALONE, DUMB, HASTY, TIMELESS, Log, begin, expected, is_sent, taken
from tests.browser.server import Server
from tests.factories import Station

NO_LINE = ("ERR_INTERNET_DISCONNECTED", "Failed to load resource", "FetchEvent", "service worker")


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


def listed(page: Page, words: str, count: int) -> None:
    """Expect so many scans in the list that say this."""
    expect(page.locator("#drop-list li").filter(has_text=words)).to_have_count(count)


def keeps_itself(page: Page) -> None:
    """Wait until the page can be opened without network."""
    wait_until(page, "() => navigator.serviceWorker.controller !== null")
    wait_until(page, drops.KEPT)


def accepted(parcels: list[str]) -> list[tuple[str, str]]:
    return [(one, "accepted") for one in parcels]


def test_a_batch_is_dropped_with_a_pda_and_signed(
    desk: Desk, log: Log, web_station: Station, courier: SignedInCourier
) -> None:
    parcels = expected(web_station, 60)
    page = drops.phone(desk, courier, script=TIMELESS)
    begin(page, web_station)
    for one in parcels:
        scan(page, one)
    is_sent(page)
    expect(page.locator("#drop-accepted")).to_have_text("60")
    page.locator("#drop-told").fill("60")
    page.keyboard.press("Enter")
    receipt = page.locator("#drop-receipts-list > li")
    expect(receipt).to_contain_text("Signed by the station")
    page.reload()
    expect(receipt).to_contain_text("Signed by the station")
    assert taken(web_station) == accepted(parcels)
    # The browser may be quicker with its own sync where a burst outruns the page.
    assert "submit" in log.senders()
    assert set(log.senders()) <= {"submit", "sync"}


def test_what_is_scanned_without_network_is_sent_in_order_when_it_is_back(
    desk: Desk, log: Log, web_station: Station, courier: SignedInCourier
) -> None:
    desk.expected = NO_LINE
    parcels = expected(web_station, 70)
    page = drops.phone(desk, courier, script=ALONE + TIMELESS)
    page.context.set_offline(True)
    begin(page, web_station)
    for one in parcels:
        scan(page, one)
    listed(page, "Saved on phone", 70)
    expect(page.locator("#drop-badge")).to_have_text("Saved on phone: 71")
    wait_until(page, drops.QUIET)
    assert log.sent == []
    page.context.set_offline(False)
    is_sent(page)
    assert taken(web_station) == accepted(parcels)
    assert log.senders() == ["online", "online"]
    assert [len(numbers) for _who, _what, numbers in log.sent] == [0, 50, 20]


def test_the_page_opens_without_network_and_a_reload_loses_nothing(
    desk: Desk, log: Log, web_station: Station, courier: SignedInCourier
) -> None:
    desk.expected = NO_LINE
    parcels = expected(web_station, 6)
    page = drops.phone(desk, courier, script=TIMELESS)
    keeps_itself(page)
    page.context.set_offline(True)
    page.reload()
    drops.listens(page)
    begin(page, web_station)
    for one in parcels[:3]:
        scan(page, one)
    listed(page, "Saved on phone", 3)
    page.reload()
    listed(page, "Saved on phone", 3)
    drops.listens(page)
    for one in parcels[3:]:
        scan(page, one)
    listed(page, "Saved on phone", 6)
    wait_until(page, drops.QUIET)
    page.context.set_offline(False)
    is_sent(page)
    listed(page, "Sent", 6)
    assert taken(web_station) == accepted(parcels)
    assert set(log.senders()) <= {"online", "sync"}


def test_the_worker_sends_when_the_page_cannot(
    desk: Desk, log: Log, web_station: Station, courier: SignedInCourier
) -> None:
    desk.expected = NO_LINE
    parcels = expected(web_station, 5)
    page = drops.phone(desk, courier, script=DUMB)
    keeps_itself(page)
    page.context.set_offline(True)
    begin(page, web_station)
    for one in parcels:
        scan(page, one)
    listed(page, "Saved on phone", 5)
    page.context.set_offline(False)
    is_sent(page)
    listed(page, "Sent", 5)
    assert taken(web_station) == accepted(parcels)
    assert set(log.senders()) == {"sync"}


def test_a_lost_reply_is_asked_for_again_and_doubles_nothing(
    desk: Desk, server: Server, log: Log, web_station: Station, courier: SignedInCourier
) -> None:
    desk.expected = ("status of 502",)
    (parcel,) = expected(web_station, 1)
    page = drops.phone(desk, courier, script=ALONE + HASTY)
    begin(page, web_station)
    is_sent(page)
    server.lose_replies(1)
    scan(page, parcel)
    listed(page, "Sent", 1)
    assert taken(web_station) == accepted([parcel])
    # The timer may come before the key: either way it is asked twice and no more.
    assert len(log.senders()) == 2
    assert set(log.senders()) <= {"submit", "timer"}


def test_scans_go_on_while_the_server_is_slow_and_the_page_is_loaded_again(
    desk: Desk, server: Server, log: Log, web_station: Station, courier: SignedInCourier
) -> None:
    desk.expected = NO_LINE
    parcels = expected(web_station, 30)
    page = drops.phone(desk, courier, script=ALONE)
    begin(page, web_station)
    is_sent(page)
    server.delay_s = 2
    for one in parcels[:20]:
        scan(page, one)
    page.reload()
    drops.listens(page)
    for one in parcels[20:]:
        scan(page, one)
    server.delay_s = 0
    is_sent(page)
    listed(page, "Sent", 30)
    assert taken(web_station) == accepted(parcels)


def test_the_same_batch_from_two_phones_is_taken_in_once(
    desk: Desk, web_station: Station, courier: SignedInCourier
) -> None:
    parcels = expected(web_station, 5)
    first = drops.phone(desk, courier)
    second = drops.phone(desk, couriers.make_courier(web_station, name="Qian Bo"))
    for page in (first, second):
        begin(page, web_station)
    for one in parcels:
        for page in (first, second):
            scan(page, one)
    for page in (first, second):
        is_sent(page)
        listed(page, "Sent", 5)
    found = taken(web_station)
    assert sorted(found) == sorted(accepted(parcels) + [(one, "duplicate") for one in parcels])


def test_a_full_phone_says_so_and_keeps_what_it_has(
    desk: Desk, web_station: Station, courier: SignedInCourier
) -> None:
    desk.expected = NO_LINE
    kept, refused = expected(web_station, 2)
    page = drops.phone(desk, courier, script=ALONE + drops.FULL)
    page.context.set_offline(True)
    begin(page, web_station)
    scan(page, kept)
    listed(page, "Saved on phone", 1)
    page.evaluate("window.isFull = true")
    scan(page, refused)
    expect(page.locator("#drop-said")).to_contain_text(f"could not keep {refused}")
    expect(page.locator("#drop-count")).to_have_text("1")
    page.evaluate("window.isFull = false")
    page.context.set_offline(False)
    is_sent(page)
    assert taken(web_station) == accepted([kept])


def test_a_scan_the_station_refuses_stays_to_be_seen_and_sent_again(
    desk: Desk, web_station: Station, courier: SignedInCourier
) -> None:
    parcels = expected(web_station, 3)
    refusing = f"""
      const open = window.fetch;
      const said = () => new Response('{{"code": "bad_input", "detail": "Not like this."}}', {{ status: 422 }});
      window.fetch = (address, sent) =>
        !window.isKind && sent?.body?.includes("{parcels[1]}") ? Promise.resolve(said()) : open(address, sent);
    """
    page = drops.phone(desk, courier, script=ALONE + refusing)
    begin(page, web_station)
    for one in parcels:
        scan(page, one)
    listed(page, "Not like this.", 1)
    listed(page, "Sent", 2)
    page.evaluate("window.isKind = true")
    page.get_by_role("button", name="Send again").click()
    listed(page, "Sent", 3)
    assert sorted(taken(web_station)) == sorted(accepted(parcels))


def test_a_stop_blocks_no_scan_and_is_chosen_without_network(
    desk: Desk, web_station: Station, courier: SignedInCourier
) -> None:
    desk.expected = NO_LINE
    asked, (other,) = drops.asking(web_station), expected(web_station, 1)
    page = drops.phone(desk, courier, script=ALONE)
    begin(page, web_station)
    scan(page, asked)
    stop = page.locator("#drop-stops-list > li")
    expect(stop).to_contain_text(asked)
    scan(page, other)
    listed(page, "Sent", 2)
    page.locator("#drop-told").fill("2")
    page.keyboard.press("Enter")
    expect(page.locator("#drop-end-refused")).to_contain_text("Choose first")
    page.context.set_offline(True)
    stop.get_by_role("button", name="The recipient says yes to the station").click()
    stop.get_by_role("button", name="On the phone").click()
    expect(stop).to_contain_text("Choice saved on phone")
    page.context.set_offline(False)
    expect(stop).to_have_count(0)
    assert sorted(taken(web_station)) == sorted(accepted([asked, other]))


def test_a_drop_ended_without_network_waits_for_a_stop(
    desk: Desk, web_station: Station, courier: SignedInCourier
) -> None:
    desk.expected = NO_LINE
    asked = drops.asking(web_station)
    page = drops.phone(desk, courier, script=ALONE)
    page.context.set_offline(True)
    begin(page, web_station)
    scan(page, asked)
    page.locator("#drop-told").fill("1")
    page.keyboard.press("Enter")
    receipt = page.locator("#drop-receipts-list > li")
    expect(receipt).to_contain_text("Saved on phone")
    page.context.set_offline(False)
    expect(page.locator("[data-trouble=stops]")).to_be_visible()
    page.get_by_role("button", name="I call later").click()
    expect(receipt).to_contain_text("Signed by the station")
    assert taken(web_station) == [(asked, "call")]


def test_an_old_code_of_the_station_is_refused_and_a_new_one_takes_what_waits(
    desk: Desk, web_station: Station, courier: SignedInCourier
) -> None:
    desk.expected = (*NO_LINE, "status of 4")
    (parcel,) = expected(web_station, 1)
    page = drops.phone(desk, courier, script=ALONE)
    page.context.set_offline(True)
    scan(page, drops.code_before(web_station, minutes=20))
    expect(page.locator("#drop-begin")).to_be_hidden()
    scan(page, parcel)
    page.context.set_offline(False)
    expect(page.locator("#drop-begin-refused")).to_contain_text("too old")
    expect(page.locator("[data-trouble=no_drop]")).to_be_visible()
    begin(page, web_station)
    is_sent(page)
    assert taken(web_station) == accepted([parcel])


def test_scans_of_one_courier_are_not_sent_by_another(
    desk: Desk, log: Log, web_station: Station, courier: SignedInCourier
) -> None:
    desk.expected = (*NO_LINE, "status of 401")
    (parcel,) = expected(web_station, 1)
    page = drops.phone(desk, courier, script=ALONE)
    page.context.set_offline(True)
    begin(page, web_station)
    scan(page, parcel)
    listed(page, "Saved on phone", 1)
    drops.sign_in(desk, page, couriers.make_courier(web_station, name="Qian Bo"))
    page.context.set_offline(False)
    expect(page.locator("[data-trouble=signed_out]")).to_be_visible()
    page.reload()
    expect(page.locator("#drop-others")).to_contain_text(re.compile("^2 of another courier"))
    drops.sign_in(desk, page, courier)
    page.reload()
    is_sent(page)
    listed(page, "Sent", 1)
    assert taken(web_station) == accepted([parcel])
