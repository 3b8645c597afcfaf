"""Every screen of the kiosk in Chromium: it fits, it can be read and touched by everybody, and it never goes blank."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from kiosk.session.state import Look, Screen, Session
from kiosk.web import streams
from kiosk.web.app import create_app
from tests.browser.conftest import PATIENCE_MS, complaints, hold_back, wait_until
from tests.browser.kiosk import LANDSCAPE, MEASURE, PORTRAIT, Kiosk, looking
from tests.browser.server import Server
from tests.kiosk.fake_desk import NOW, FakeDesk, person, scenes

HINT = "It is too bright behind you or in front. Turn a little, please."  # the longest of them


@pytest.fixture
def kiosk(chromium: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kiosk]:
    monkeypatch.setattr(streams, "BEAT_S", 0.2)
    desk = FakeDesk()
    app = create_app(desk)
    made = Kiosk(app, desk, Server(app), chromium)
    yield made
    for context in made.contexts:
        context.close()
    desk.close()
    made.server.stop()
    assert made.faults == []


def stand_still(page: Page) -> None:
    """Let no time pass on the page."""
    page.clock.install(time=NOW)
    page.clock.pause_at(NOW + timedelta(hours=1))  # it runs until then


def touched(kiosk: Kiosk, page: Page, count: int) -> list[tuple[str, str]]:
    """Wait until so many touches came, and return them."""
    end = time.monotonic() + PATIENCE_MS / 1000
    while len(kiosk.desk.touched) < count and time.monotonic() < end:
        page.wait_for_timeout(20)
    return kiosk.desk.touched


@pytest.mark.parametrize(("look", "is_demo"), [("", False), ("LC", True)], ids=["plain", "large"])
@pytest.mark.parametrize("size", [LANDSCAPE, PORTRAIT], ids=["landscape", "portrait"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_screen_fits(kiosk, language, size, look, is_demo):
    page = kiosk.window(size)
    faults = {}

    for name, session in scenes(language).items():
        kiosk.show(page, looking(session, look), is_demo=is_demo)
        faults |= {f"{name}: {fault}": True for fault in page.evaluate(MEASURE)}

    assert list(faults) == []


@pytest.mark.parametrize("size", [LANDSCAPE, PORTRAIT], ids=["landscape", "portrait"])
@pytest.mark.parametrize("scene", ["face", "enrol_face"])
def test_hint_about_the_picture_fits_and_is_told(kiosk, scene, size):
    page = kiosk.window(size)
    status = page.get_by_role("status")  # which is a polite live region
    kiosk.show(page, looking(scenes("en")[scene], "LC"), is_demo=True)
    before = status.text_content()

    kiosk.desk.put(kiosk.desk.snapshot().session, hint="face_too_bright")

    expect(page.locator("main .knote")).to_have_text(HINT)
    expect(status).to_have_text(f"{before} {HINT}")
    assert page.evaluate(MEASURE) == []


@pytest.mark.parametrize(
    ("language", "size", "look"),
    [("en", LANDSCAPE, ""), ("zh", LANDSCAPE, ""), ("en", LANDSCAPE, "C"), ("zh", PORTRAIT, "LC")],
    ids=["en", "zh", "contrast", "portrait"],
)
def test_axe_finds_nothing_on_any_screen(kiosk, language, size, look):
    page = kiosk.window(size)
    page.add_script_tag(url="/shared/vendor/axe.min.js")
    found = []

    for name, session in scenes(language).items():
        kiosk.show(page, looking(session, look), is_demo=size == LANDSCAPE)
        found += [f"{name}: {one}" for one in complaints(page)]

    assert found == []


def test_keys_reach_the_session_in_order(kiosk):
    page = kiosk.window()
    kiosk.show(page, Session(screen=Screen.PICKUP_CODE))

    for key in ("1", "2", "-", "3", "0"):
        page.get_by_role("button", name=key, exact=True).click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Continue").click()

    keys = [("key", key) for key in "12-30"]
    assert touched(kiosk, page, 7) == [*keys, ("erase", ""), ("enter", "")]


def test_keyboard_types_as_the_keypad_does(kiosk):
    page = kiosk.window()
    kiosk.show(page, Session(screen=Screen.PICKUP_CODE))

    page.keyboard.type("a3-1 ?")
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")

    keys = [("key", key) for key in "A3-1"]
    assert touched(kiosk, page, 7) == [*keys, ("erase", ""), ("enter", ""), ("back", "")]


def test_keyboard_alone_reaches_a_way(kiosk):
    page = kiosk.window()

    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Type a pickup code")).to_be_focused()
    page.keyboard.press("Enter")

    assert touched(kiosk, page, 1) == [("way", "pickup_code")]


def test_letters_stay_while_somebody_types(kiosk):
    page = kiosk.window()
    kiosk.show(page, Session(screen=Screen.PICKUP_CODE))

    page.get_by_role("button", name="ABC").click()
    page.get_by_role("button", name="A", exact=True).click()
    kiosk.show(page, Session(screen=Screen.PICKUP_CODE, typed="A"))

    expect(page.get_by_role("button", name="B", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="A", exact=True)).to_be_focused()
    page.get_by_role("button", name="123").click()
    expect(page.get_by_role("button", name="7", exact=True)).to_be_visible()


def test_new_screen_begins_at_its_title_and_tells_it(kiosk):
    page = kiosk.window()
    kiosk.show(page, scenes("en")["found"])

    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page.get_by_role("status")).to_contain_text("Chen **, you have 3 parcels")
    assert page.title() == "Chen **, you have 3 parcels"


def test_nothing_of_a_visit_stays_on_the_page(kiosk):
    page = kiosk.window()
    kiosk.show(page, looking(scenes("zh")["found"], "LC"))
    kiosk.show(page, Session())

    assert "陈" not in page.content()
    assert "12-3-3210" not in page.content()


def test_still_there_counts_down(kiosk):
    page = kiosk.window()
    stand_still(page)
    kiosk.show(page, Session(screen=Screen.STILL_THERE, until=NOW + timedelta(seconds=15)))
    lead = page.locator("main .lead")

    expect(lead).to_have_text("This screen closes in 15 seconds.")
    page.clock.fast_forward(2000)
    expect(lead).to_have_text("This screen closes in 13 seconds.")


def test_long_agreement_is_read_page_by_page(kiosk):
    page = kiosk.window()
    session = replace(scenes("en")["enrol_consent"], look=Look(is_large=True))
    kiosk.show(
        page, session, agreement="\n\n".join(f"Part {number}. " + "word " * 60 for number in range(1, 13))
    )
    text = page.locator(".agreement-text")
    before = text.evaluate("one => one.scrollLeft")

    page.get_by_role("button", name="Read on").click()

    assert before == 0
    assert text.evaluate("one => one.scrollLeft") > 0


def test_camera_shows_only_where_a_screen_has_it(kiosk):
    page = kiosk.window()
    picture = page.get_by_role("img", name="What the camera sees")
    expect(picture).to_be_visible()
    wait_until(page, "() => document.querySelector('[data-preview] img').naturalWidth === 1280")

    kiosk.show(page, Session(screen=Screen.STAFF))
    expect(picture).to_have_count(0)
    kiosk.show(page, replace(Session(screen=Screen.FOUND), person=person(3)))

    expect(picture).to_be_visible()


def test_drawn_camera_shows_what_is_chosen(kiosk):
    page = kiosk.window()
    kiosk.show(page, Session(), is_demo=True)

    with page.expect_response("**/demo"):
        page.get_by_role("button", name="Watch a collection").click()

    assert kiosk.desk.shown == ["play"]


def test_button_that_is_pressed_while_its_screen_is_drawn_anew_is_pressed(kiosk):
    page = kiosk.window()
    stand_still(page)  # however long the test takes, the finger does not rest
    kiosk.show(page, scenes("en")["home"])
    page.locator('[data-action="larger_text"]').hover()
    came = page.evaluate("came")
    page.mouse.down()

    kiosk.desk.put(scenes("en")["home"], is_demo=True)
    wait_until(page, "before => came > before", came)  # the finger is still down
    assert page.locator("[data-scene]").count() == 0
    page.mouse.up()
    page.clock.resume()

    assert touched(kiosk, page, 1) == [("larger_text", "")]
    expect(page.locator('[data-scene="play"]')).to_be_visible()


def test_hand_that_rests_on_the_screen_does_not_stop_it(kiosk):
    page = kiosk.window()
    kiosk.show(page, scenes("en")["home"])
    page.mouse.move(5, 5)
    page.mouse.down()

    kiosk.desk.put(scenes("en")["home"], is_demo=True)

    expect(page.locator('[data-scene="play"]')).to_be_visible()


def test_voice_fetches_its_own_clips_after_a_touch(kiosk):
    page = kiosk.window()
    page.get_by_role("button", name="Voice").click()

    with page.expect_request("**/shared/voice/zh.wav"):
        said = (("sound", "ok", {}), ("say", "found_lead", {}))
        kiosk.show(page, scenes("zh")["found"], sounds=said)


def test_silent_program_sends_people_to_the_counter_and_back(kiosk):
    page = kiosk.window()
    away = page.get_by_role("alert")
    expect(away).to_be_hidden()

    page.clock.install()
    kiosk.desk.is_dumb = True
    page.clock.fast_forward(6000)
    expect(away).to_be_visible()
    expect(away).to_contain_text("Please go to the counter")
    expect(away).to_contain_text("请到柜台办理")
    kiosk.desk.is_dumb = False

    expect(away).to_be_hidden()


def test_nothing_can_be_touched_before_the_page_listens(kiosk):
    page = kiosk.window()
    let_it_come = hold_back(page, "kiosk.js")
    page.reload(wait_until="commit")
    screen = page.locator("#screen")
    expect(screen).to_have_attribute("inert", "")
    let_it_come()
    expect(screen).not_to_have_attribute("inert", "")


def test_restarted_program_lets_the_page_load_itself_again(kiosk):
    kiosk.expected = ("ERR_INCOMPLETE_CHUNKED_ENCODING",)
    page = kiosk.window()
    before = page.evaluate("document.documentElement.dataset.start")
    kiosk.app.config["START"] = "another"
    kiosk.desk.cut()

    expect(page.locator("html")).to_have_attribute("data-start", "another")

    assert before != "another"


def test_page_that_is_loaded_while_the_program_is_away_is_ours(kiosk):
    kiosk.expected = ("ERR_CONNECTION_REFUSED", "Failed to load resource")
    page = kiosk.window()
    wait_until(page, "() => navigator.serviceWorker.controller !== null")
    kiosk.desk.close()
    kiosk.server.stop()

    page.goto(kiosk.server.url + "/")

    expect(page.get_by_text("Please go to the counter")).to_be_visible()
