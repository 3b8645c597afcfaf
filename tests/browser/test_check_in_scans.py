"""Scans at the check-in screen: none is dropped, doubled or merged, whatever the server, the line and the focus do."""

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk, hold_back
from tests.browser.counter import (
    all_answered,
    announced,
    choose_shelf,
    is_stored,
    parcel,
    question,
    ready,
    refused,
    scan,
    shown_tag,
    stored,
    type_fast,
)
from tests.browser.server import Process, Server
from tests.factories import Station, waybill

MANY = 30
LATE_MS = 1000  # longer than a page waits for the rest of a scan
# The reload follows in the same turn of the page's own loop: nothing can be awaited in between.
ENTER_AND_RELOAD = """() => {
  const options = {key: "Enter", bubbles: true, cancelable: true};
  document.getElementById("code").dispatchEvent(new KeyboardEvent("keydown", options));
  location.reload();
}"""


def test_thirty_scans_are_stored_in_order_by_a_server_that_takes_two_seconds(
    server: Server, web_station: Station, screen: Page
) -> None:
    waybills = announced(web_station, MANY)
    choose_shelf(screen)
    server.delay_s = 2
    for number in waybills[: MANY // 2]:
        scan(screen, number)
    screen.reload()
    for number in waybills[MANY // 2 :]:
        scan(screen, number)
    server.delay_s = 0.01
    all_answered(screen)
    assert stored(web_station) == waybills
    assert refused(web_station) == []


@pytest.mark.parametrize("suffix", ["Enter", ""])
def test_a_scan_before_the_page_listens_is_taken_when_it_does(
    web_station: Station, screen: Page, suffix: str
) -> None:
    (number,) = announced(web_station)
    choose_shelf(screen)
    let_it_come = hold_back(screen, "check-in.js")
    screen.reload(wait_until="commit")
    expect(ready(screen)).to_have_text("One moment")
    screen.locator("#code").press_sequentially(number)
    if suffix:
        screen.keyboard.press(suffix)
    let_it_come()
    expect(shown_tag(screen)).to_have_text(f"1-1-{number[-4:]}")
    expect(screen.locator("#code")).to_have_value("")
    assert stored(web_station) == [number]


def test_what_a_person_began_to_type_before_the_page_listened_is_left(screen: Page) -> None:
    let_it_come = hold_back(screen, "check-in.js")
    screen.reload(wait_until="commit")
    screen.locator("#code").press_sequentially("SF100")
    let_it_come()
    all_answered(screen)
    screen.wait_for_timeout(LATE_MS)
    expect(screen.locator("#code")).to_have_value("SF100")


def test_a_scan_made_at_the_moment_of_a_reload_is_kept(web_station: Station, screen: Page) -> None:
    waybills = announced(web_station, 3)
    choose_shelf(screen)
    for number in waybills:
        type_fast(screen, number)
        with screen.expect_event("load"):
            screen.evaluate(ENTER_AND_RELOAD)
    is_stored(screen, web_station, waybills)


def test_a_killed_server_loses_and_doubles_nothing(web: Flask, web_station: Station, desk: Desk) -> None:
    desk.expected = ("ERR_CONNECTION", "Failed to load resource")
    waybills = announced(web_station, 12)
    with Process(web.config["SETTINGS"].sqlite_path) as process:
        page = desk.window(origin=process.url)
        choose_shelf(page)
        for number in waybills[:4]:
            scan(page, number)
        process.kill()
        for number in waybills[4:8]:
            scan(page, number)
        expect(ready(page)).to_have_attribute("data-state", "stuck")
        process.start()
        for number in waybills[8:]:
            scan(page, number)
        all_answered(page)
    assert stored(web_station) == waybills
    assert refused(web_station) == []


def test_a_lost_reply_is_asked_for_again_and_acts_once(
    server: Server, web_station: Station, desk: Desk
) -> None:
    desk.expected = ("502",)
    (number,) = announced(web_station)
    page = desk.window()
    choose_shelf(page)
    server.lose_replies(1)
    scan(page, number)
    expect(shown_tag(page)).to_be_visible()
    all_answered(page)
    assert len(server.keys) - len(set(server.keys)) == 1
    assert stored(web_station) == [number]
    assert refused(web_station) == []


def test_a_scan_the_server_breaks_on_can_be_left_out(
    server: Server, web_station: Station, desk: Desk
) -> None:
    desk.expected = ("500",)
    poison, following = announced(web_station, 2)
    page = desk.window()
    choose_shelf(page)
    server.poison = poison.encode()
    scan(page, poison)
    scan(page, following)
    expect(page.locator('[data-trouble="failed"]')).to_contain_text(poison)
    assert stored(web_station) == []
    page.get_by_role("button", name="Go on without it").click()
    all_answered(page)
    assert stored(web_station) == [following]


def test_scans_wait_while_the_line_is_cut(web_station: Station, desk: Desk) -> None:
    desk.expected = ("ERR_INTERNET_DISCONNECTED",)
    waybills = announced(web_station, 3)
    page = desk.window()
    choose_shelf(page)
    page.context.set_offline(True)
    for number in waybills:
        scan(page, number)
    expect(ready(page)).to_have_attribute("data-state", "stuck")
    expect(ready(page)).to_contain_text("3")
    page.context.set_offline(False)
    all_answered(page)
    assert stored(web_station) == waybills


@pytest.mark.parametrize("suffix", ["Enter", "Tab"])
def test_a_scan_ends_by_its_suffix(web_station: Station, screen: Page, suffix: str) -> None:
    (number,) = announced(web_station)
    choose_shelf(screen)
    scan(screen, number, suffix=suffix)
    expect(shown_tag(screen)).to_have_text(f"1-1-{number[-4:]}")
    expect(screen.locator("#code")).to_be_focused()
    expect(screen.locator("#code")).to_have_value("")


def test_a_burst_without_suffix_is_a_scan(web_station: Station, screen: Page) -> None:
    """The first one is waited for; from then on the scanner is known to end with no key."""
    waybills = announced(web_station, 3)
    choose_shelf(screen)
    for number in waybills:
        type_fast(screen, number)
        expect(shown_tag(screen)).to_have_text(f"1-1-{number[-4:]}")
        assert screen.evaluate("localStorage.getItem('scanner-bare')") == "yes"
    all_answered(screen)
    assert stored(web_station) == waybills


def test_a_scan_whose_keys_are_held_back_is_not_cut(web_station: Station, screen: Page) -> None:
    (number,) = announced(web_station)
    choose_shelf(screen)
    scan(screen, number, held_ms=300)
    expect(shown_tag(screen)).to_have_text(f"1-1-{number[-4:]}")


def test_two_scans_that_ran_together_are_refused_and_kept(web_station: Station, desk: Desk) -> None:
    desk.expected = ("422",)
    first, second = announced(web_station, 2)
    page = desk.window()
    choose_shelf(page)
    scan(page, first + second)
    expect(page.locator("#result")).to_contain_text("Two scans ran together")
    expect(page.locator("#side .prob")).to_contain_text("Refused")
    assert refused(web_station) == [("two_scans_glued", first + second)]
    assert stored(web_station) == []


def test_a_typed_waybill_is_taken_by_enter(web_station: Station, screen: Page) -> None:
    (number,) = announced(web_station)
    choose_shelf(screen)
    screen.keyboard.type(number, delay=60)
    screen.keyboard.press("Enter")
    expect(shown_tag(screen)).to_have_text(f"1-1-{number[-4:]}")
    assert stored(web_station) == [number]


def test_keys_typed_while_a_button_has_the_focus_land_in_the_field(screen: Page) -> None:
    screen.locator('[data-do="voice"]').focus()
    screen.keyboard.type("SF1", delay=80)
    expect(screen.locator("#code")).to_be_focused()
    expect(screen.locator("#code")).to_have_value("SF1")


def test_a_scan_is_taken_while_a_button_or_a_dialog_has_the_focus(web_station: Station, screen: Page) -> None:
    first, second = announced(web_station, 2)
    choose_shelf(screen)
    screen.locator('[data-do="voice"]').focus()
    scan(screen, first)
    expect(shown_tag(screen)).to_have_text(f"1-1-{first[-4:]}")
    screen.keyboard.press("F4")
    expect(screen.locator("#shelf-dialog")).to_be_visible()
    scan(screen, second)
    expect(shown_tag(screen)).to_have_text(f"1-1-{second[-4:]}")
    expect(screen.locator("#shelf-dialog")).not_to_be_visible()


def test_a_window_without_focus_says_that_it_does_not_listen(screen: Page) -> None:
    expect(ready(screen)).to_have_text("Ready")
    screen.evaluate("window.dispatchEvent(new Event('blur'))")
    expect(ready(screen)).to_have_text("Not listening. Press any key")
    expect(ready(screen)).to_have_attribute("data-state", "away")
    screen.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(ready(screen)).to_have_text("Ready")


def test_a_reload_keeps_shelf_question_and_list(web_station: Station, screen: Page) -> None:
    (known,) = announced(web_station)
    choose_shelf(screen, "2-3")
    scan(screen, known)
    expect(shown_tag(screen)).to_be_visible()
    scan(screen, waybill())
    expect(question(screen)).to_have_attribute("data-asks", "no_phone")
    screen.reload()
    expect(screen.locator("#row strong")).to_have_text("2-3")
    expect(question(screen)).to_have_attribute("data-asks", "no_phone")
    expect(screen.locator("#side li")).to_have_count(1)
    expect(screen.locator("#typed")).to_be_focused()


def test_a_closed_session_keeps_the_scans_and_says_so(web_station: Station, desk: Desk) -> None:
    desk.expected = ("401", "400")
    waybills = announced(web_station, 2)
    page = desk.window()
    choose_shelf(page)
    cookies = page.context.cookies()
    page.context.clear_cookies()
    for number in waybills:
        scan(page, number)
    expect(page.locator('[data-trouble="signed_out"]')).to_be_visible()
    expect(ready(page)).to_have_attribute("data-state", "stuck")
    link = page.get_by_role("link", name="Open the page again").get_attribute("href")
    page.context.add_cookies(
        cookies
    )  # signed in again in the same browser; a retry may come before any click
    page.goto(f"{desk.url}{link}")
    is_stored(page, web_station, waybills)
    expect(page.locator('[data-trouble="signed_out"]')).not_to_be_visible()


def test_another_persons_scans_wait_for_them(web_station: Station, desk: Desk) -> None:
    desk.expected = ("401", "400")
    (number,) = announced(web_station)
    page = desk.window()
    choose_shelf(page)
    clerk = page.context.cookies()
    page.context.clear_cookies()
    scan(page, number)
    expect(page.locator('[data-trouble="signed_out"]')).to_be_visible()
    page.context.add_cookies([{"name": "session", "value": desk.session("manager"), "url": desk.url}])
    page.goto(f"{desk.url}/check-in")
    expect(page.locator('[data-trouble="others"]')).to_contain_text("1")
    assert stored(web_station) == []
    page.context.add_cookies(clerk)
    page.reload()
    is_stored(page, web_station, [number])


NO_STORE = "Object.defineProperty(window, 'indexedDB', {value: undefined})"


def test_a_browser_without_a_database_works_and_warns(web_station: Station, desk: Desk) -> None:
    waybills = announced(web_station, 3)
    page = desk.window(script=NO_STORE)
    choose_shelf(page)
    expect(page.locator('[data-trouble="unsafe"]')).to_be_visible()
    for number in waybills:
        scan(page, number)
    all_answered(page)
    assert stored(web_station) == waybills


def test_a_page_that_is_not_served_by_https_works(server: Server, web_station: Station, desk: Desk) -> None:
    (number,) = announced(web_station)
    desk.expected = ("Cross-Origin-Opener-Policy",)
    page = desk.window(origin=f"http://station.test:{server.port}")
    assert page.evaluate("isSecureContext") is False
    choose_shelf(page)
    scan(page, number)
    expect(shown_tag(page)).to_have_text(f"1-1-{number[-4:]}")
    assert stored(web_station) == [number]


def test_a_silent_scanner_and_a_hand_card_leave_no_trace(web_station: Station, desk: Desk) -> None:
    desk.expected = ("422",)
    page = desk.window()
    choose_shelf(page)
    scan(page, "CMD:NO-SUCH")
    expect(page.locator("#result .refused")).to_be_visible()
    assert [reason for reason, _raw in refused(web_station)] == ["waybill_malformed"]


def test_undo_takes_back_what_the_list_names(web_station: Station, screen: Page) -> None:
    first, second = announced(web_station, 2)
    choose_shelf(screen)
    scan(screen, first)
    scan(screen, second)
    screen.get_by_role("button", name=f"Undo 1-1-{first[-4:]}").click()
    expect(screen.locator("#result")).to_contain_text("Undone")
    all_answered(screen)
    assert stored(web_station) == [second]


def test_a_set_aside_parcel_is_a_problem_in_the_list(web_station: Station, screen: Page) -> None:
    number = waybill()
    choose_shelf(screen)
    scan(screen, number)
    scan(screen, "CMD:SET-ASIDE")
    expect(screen.locator("#side .prob")).to_contain_text("Problem")
    expect(screen.locator("#side .prob")).to_contain_text(f"99-1-{number[-4:]}")
    assert parcel(web_station, number).problem == "no_phone"


def test_the_language_switches_and_the_screen_goes_on(web_station: Station, screen: Page) -> None:
    (number,) = announced(web_station)
    choose_shelf(screen)
    screen.get_by_role("button", name="中文").click()
    expect(screen.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(screen.locator("#row strong")).to_have_text("1-1")
    all_answered(screen)
    scan(screen, number)
    expect(screen.locator("#result")).to_contain_text("已入库")
