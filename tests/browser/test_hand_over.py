"""The hand-over desk in a browser: by keyboard alone, in the order of the scans, whatever the server does."""

import re

from playwright.sync_api import Page, expect

from station.core.db import reading
from station.parcels import attachments, parcel_queries
from station.parcels.intake import CheckedIn
from tests.browser.conftest import PHONE, Axe, Desk, scrolls_sideways
from tests.browser.counter import scan
from tests.browser.server import Server
from tests.factories import Station, recipient, store

DESK = "/hand-over"
SAME_TAIL = ("13812344068", "13987654068")


def typed(page: Page, text: str) -> None:
    """Type as a person and press Enter."""
    page.keyboard.type(text, delay=60)
    page.keyboard.press("Enter")


def picks(page: Page) -> list[str]:
    return page.locator(".picks .tag").all_inner_texts()


def state(station: Station, parcel: CheckedIn) -> str:
    with reading():
        return parcel_queries.detail(station.id, parcel.parcel_id).state


def sign(page: Page) -> None:
    """Draw a line on the signature field."""
    canvas = page.locator("canvas")
    expect(canvas).to_be_visible()
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    page.mouse.move(box["x"] + 20, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 90, steps=6)
    page.mouse.up()
    expect(page.locator("input[type=file]")).to_have_value(re.compile("signature.png$"))


def test_a_person_is_found_and_served_by_keyboard_alone(web_station: Station, desk: Desk) -> None:
    first, second = store(web_station), store(web_station, layer_id=web_station.layer("2"))
    page = desk.window(DESK)
    typed(page, first.pickup_code)
    expect(page.locator(".picks .tag")).to_have_text([first.pickup_code, second.pickup_code])
    scan(page, first.waybill)
    expect(page.locator(".said.ok")).to_contain_text(f"Handed over: {first.pickup_code}")
    expect(page.locator(".said.ok")).to_contain_text(f"1 stays: {second.pickup_code}")
    page.keyboard.press("F8")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".said.ok")).to_contain_text("Taken back")
    expect(page.locator(".picks .tag")).to_have_count(2)
    page.keyboard.press("Escape")
    expect(page.locator(".picks")).to_have_count(0)
    assert (state(web_station, first), state(web_station, second)) == ("stored", "stored")


def test_scans_made_while_the_search_still_runs_belong_to_whom_it_finds(
    web_station: Station, server: Server, desk: Desk
) -> None:
    parcels = [store(web_station) for _ in range(5)]
    page = desk.window(DESK)
    server.delay_s = 0.4
    typed(page, parcels[0].pickup_code)
    for parcel in parcels:
        scan(page, parcel.waybill)
    expect(page.locator("#ready")).to_have_attribute("data-state", "ready")
    assert [state(web_station, parcel) for parcel in parcels] == ["handed_over"] * 5
    expect(page.locator(".said")).to_contain_text("Nothing else waits")


def test_a_scan_behind_a_choice_belongs_to_whom_is_chosen(
    web_station: Station, server: Server, desk: Desk
) -> None:
    parcels = [store(web_station, to=recipient(web_station, phone)) for phone in SAME_TAIL]
    page = desk.window(DESK)
    typed(page, SAME_TAIL[0][-4:])
    expect(page.locator("#desk [data-digit]")).to_have_count(2)
    digit = page.locator("[data-digit]", has_text=parcels[1].pickup_code).get_attribute("data-digit")
    server.delay_s = 0.4
    typed(page, str(digit))
    scan(page, parcels[1].waybill)
    expect(page.locator(".said.ok")).to_contain_text(f"Handed over: {parcels[1].pickup_code}")
    assert state(web_station, parcels[1]) == "handed_over"


def test_a_scan_behind_escape_belongs_to_the_next_person(
    web_station: Station, server: Server, desk: Desk
) -> None:
    mine = store(web_station)
    theirs = store(web_station, to=recipient(web_station, "13900001111", "王芳"))
    page = desk.window(DESK)
    server.delay_s = 0.4
    typed(page, mine.pickup_code)
    page.keyboard.press("Escape")
    scan(page, theirs.waybill)
    expect(page.locator("#ready")).to_have_attribute("data-state", "ready")
    expect(page.locator(".picks .tag")).to_have_text([theirs.pickup_code])
    expect(page.locator(".said.bad")).to_have_count(0)


def test_a_reload_keeps_who_is_served_and_every_scan(
    web_station: Station, server: Server, desk: Desk
) -> None:
    first, second = store(web_station), store(web_station)
    page = desk.window(DESK)
    typed(page, first.pickup_code)
    expect(page.locator(".picks .tag")).to_have_count(2)
    expect(page).to_have_url(re.compile(r"person=r\d+$"))
    server.delay_s = 0.5
    scan(page, first.waybill)
    page.reload()
    scan(page, second.waybill)
    expect(page.locator("#ready")).to_have_attribute("data-state", "ready")
    assert [state(web_station, parcel) for parcel in (first, second)] == ["handed_over"] * 2


def test_an_answer_that_is_lost_is_asked_for_again_and_acts_once(
    web_station: Station, server: Server, desk: Desk
) -> None:
    desk.expected = ("502",)
    first, _second = store(web_station), store(web_station)
    page = desk.window(DESK)
    typed(page, first.pickup_code)
    expect(page.locator(".picks .tag")).to_have_count(2)
    server.lose_replies(1)
    scan(page, first.waybill)
    expect(page.locator(".said.ok")).to_contain_text("Handed over")
    with reading():
        assert len(parcel_queries.left_of(web_station.id, [first.parcel_id])) == 1


def test_a_strangers_parcel_is_refused_and_the_desk_stays(web_station: Station, desk: Desk) -> None:
    desk.expected = ("409",)
    mine = store(web_station)
    theirs = store(web_station, to=recipient(web_station, "13900001111", "王芳"))
    page = desk.window(DESK)
    typed(page, mine.pickup_code)
    expect(page.locator(".picks .tag")).to_have_count(1)
    scan(page, theirs.waybill)
    expect(page.locator(".said.bad")).to_contain_text("for somebody else")
    expect(page.locator(".picks .tag")).to_have_text([mine.pickup_code])


# Writes down the pitch of every tone that would sound.
SILENT = """window.tones = [];
window.AudioContext = class {
  currentTime = 0;
  createOscillator() {
    const frequency = { set value(hertz) { window.tones.push(hertz); } };
    return { frequency, connect: (next) => next, start() {}, stop() {} };
  }
  createGain() {
    return { gain: { setValueAtTime() {}, setTargetAtTime() {} }, connect: (next) => next };
  }
};"""
HEARD = """new Promise((done) => {
  const timer = setInterval(() => window.tones.length && (clearInterval(timer), done(window.tones)), 20);
})"""


def test_each_answer_sounds_by_how_it_ended(web_station: Station, desk: Desk) -> None:
    desk.expected = ("409",)
    mine = store(web_station)
    theirs = store(web_station, to=recipient(web_station, "13900001111", "王芳"))
    page = desk.window(DESK, script=SILENT)
    for entry, tones in (
        (mine.pickup_code, [1320]),
        (theirs.waybill, [196]),
        (mine.waybill, [1320]),
        (mine.waybill, [740, 740]),
    ):
        page.evaluate("window.tones = []")
        typed(page, entry)
        assert page.evaluate(HEARD) == tones, entry


def look_for(page: Page, text: str) -> None:
    page.wait_for_load_state()  # before, nobody listens to the key
    page.keyboard.press("/")
    expect(page.locator("[data-find]")).to_be_focused()
    typed(page, text)


def test_what_is_to_be_done_stays_in_view_on_a_small_desk(web_station: Station, desk: Desk) -> None:
    store(web_station)
    page = desk.window("/parcels", size=(1024, 768))
    for column in ("Pickup code", "To do"):
        expect(page.get_by_role("columnheader", name=column)).to_be_in_viewport(ratio=1)


def test_a_search_in_the_list_keeps_names_out_of_the_history(web_station: Station, desk: Desk) -> None:
    first, second = store(web_station), store(web_station)
    other = store(web_station, to=recipient(web_station, "13900004068", "王芳"))
    page = desk.window("/parcels")
    look_for(page, "4068")
    everybody = page.get_by_role("link", name="Remove this filter")
    expect(everybody).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(3)
    assert "4068" not in page.url
    everybody.click()
    expect(page).to_have_url(re.compile("/parcels$"))
    look_for(page, "陈")
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page).to_have_url(re.compile(r"\?recipient=\d+$"))
    look_for(page, "王")
    expect(page).to_have_url(re.compile(f"/parcels/{other.parcel_id}$"))
    page.go_back()
    expect(page.locator("tbody .tag")).to_have_text([first.pickup_code, second.pickup_code])


def test_one_of_several_people_is_chosen_by_digit(web_station: Station, desk: Desk) -> None:
    store(web_station)
    store(web_station, to=recipient(web_station, "13912344068", "王芳"))
    page = desk.window(DESK)
    typed(page, "4068")
    expect(page.locator(".choose .opt")).to_have_count(2)
    wanted = page.locator('[data-digit="2"] .tag').text_content() or ""
    typed(page, "2")
    expect(page.locator(".picks .tag")).to_have_text([wanted])


def test_several_are_ticked_and_leave_together_with_a_proxy(web_station: Station, desk: Desk) -> None:
    parcels = [store(web_station) for _ in range(3)]
    page = desk.window(DESK)
    typed(page, parcels[0].pickup_code)
    page.get_by_role("textbox", name="Collected by somebody else").fill("李雷")
    page.get_by_role("button", name="Tick all").click()
    page.locator(".picks input").first.uncheck()
    page.get_by_role("button", name="Hand over the ticked ones").click()
    expect(page.locator(".said.ok")).to_contain_text("1 stays")
    with reading():
        left = parcel_queries.left_of(web_station.id, [one.parcel_id for one in parcels])
    assert [one.taken_by for one in left] == ["proxy", "proxy"]


NO_POISON = b"pictures hold zero bytes, which break this server otherwise"


def test_a_signature_is_taken_for_all_that_left_together(
    web_station: Station, server: Server, desk: Desk
) -> None:
    server.poison = NO_POISON
    parcels = [store(web_station) for _ in range(3)]
    page = desk.window(DESK)
    typed(page, parcels[0].pickup_code)
    page.get_by_role("button", name="Tick all").click()
    page.locator(".picks input").first.uncheck()
    page.get_by_role("button", name="Hand over the ticked ones").click()
    page.get_by_text("Signature or photo").click()
    sign(page)
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator(".said.ok")).to_contain_text("The picture is kept.")
    expect(page.locator(".picks .tag")).to_have_count(1)
    with reading():
        kinds = [
            [kind for _id, kind in attachments.of_parcel(web_station.id, one.parcel_id)] for one in parcels
        ]
    assert sorted(kinds) == [[], ["signature"], ["signature"]]


def test_the_screens_fit_and_axe_has_nothing_to_say(web_station: Station, desk: Desk, axe: Axe) -> None:
    parcel, _other = store(web_station), store(web_station)
    for size in ((1440, 900), PHONE):
        for path in (DESK, "/parcels", "/problems", f"/parcels/{parcel.parcel_id}"):
            page = desk.window(path, size=size)
            if path == DESK:
                typed(page, parcel.pickup_code)
                expect(page.locator(".picks .tag")).to_have_count(2)
            assert axe(page) == [], path
            assert not scrolls_sideways(page), path


def test_ticked_parcels_bring_the_bar_with_what_can_be_done(web_station: Station, desk: Desk) -> None:
    store(web_station)
    store(web_station)
    page = desk.window("/parcels")
    expect(page.locator("#bulk")).to_be_hidden()
    page.locator("#all").check()
    expect(page.locator("#chosen")).to_have_text("2 parcels selected")
    page.get_by_role("button", name="Send reminder").click()
    expect(page.locator(".flash.ok")).to_contain_text("2 reminders are on their way.")


def test_a_signature_is_drawn_and_kept(web_station: Station, server: Server, desk: Desk) -> None:
    server.poison = NO_POISON
    parcel = store(web_station)
    page = desk.window(f"/parcels/{parcel.parcel_id}#picture")
    sign(page)
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator(".pictures img")).to_have_count(1)
    expect(page.locator(".pictures li")).to_contain_text("Signature")
