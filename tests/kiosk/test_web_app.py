"""The addresses of the kiosk's page: what is shown, what is passed on, who is refused."""

import json
from dataclasses import replace
from itertools import islice

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers

from kiosk import words
from kiosk.session.events import Action
from kiosk.session.state import Look, Screen
from kiosk.web import streams
from kiosk.web.app import create_app, draw
from tests.kiosk.fake_desk import FakeDesk, scenes

NAMES = sorted(scenes("en"))


@pytest.fixture
def desk():
    return FakeDesk()


@pytest.fixture
def page(desk) -> FlaskClient:
    app = create_app(desk)
    app.testing = True
    return app.test_client()


def markup(page: FlaskClient) -> str:
    return page.get("/").get_data(as_text=True)


def headers_of(page: FlaskClient, path: str) -> Headers:
    """Ask for a file, and close it."""
    with page.get(path) as answer:
        assert answer.status_code == 200
        return answer.headers


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_every_screen_is_drawn(desk, page, name, language):
    desk.put(scenes(language)[name])

    shown = markup(page)

    assert shown.count("<h1") == 1
    assert f'lang="{"zh-CN" if language == "zh" else "en"}"' in shown
    for always in ("larger_text", "contrast", "voice", "staff", "language"):
        assert f'data-action="{always}"' in shown


def test_every_screen_of_the_session_has_a_scene():
    assert {session.screen for session in scenes("en").values()} == set(Screen)


def test_every_button_does_something_the_session_knows(desk, page):
    for name, session in scenes("en").items():
        desk.put(session, is_demo=True)
        for part in markup(page).split('data-action="')[1:]:
            assert part.split('"')[0] in set(Action), name


def test_looks_are_told_to_the_page(desk, page):
    desk.put(replace(scenes("en")["home"], look=Look(is_large=True, has_contrast=True)))

    assert '<html lang="en" data-large data-contrast="more"' in markup(page)


def test_names_are_escaped(desk, page):
    found = scenes("en")["found"]
    desk.put(replace(found, person=replace(found.person, name="<b>Chen")))

    assert "&lt;b&gt;Chen" in markup(page)


def test_nobody_reads_a_pickup_code_before_they_are_known(desk, page):
    who = scenes("en")["who"]
    desk.put(who)
    text = page.get("/").text
    assert "2 parcels" in text
    assert not [parcel for parcel in who.held if parcel.pickup_code in text]


@pytest.mark.parametrize(
    ("changes", "is_offered"),
    [({}, True), ({"strangers": frozenset({"SF9"})}, False)],
)
def test_wrong_parcel_is_put_back_before_it_can_be_closed(desk, page, changes, is_offered):
    desk.put(replace(scenes("en")["wrong_parcel"], **changes))
    assert ("I have put it back" in page.get("/").text) is is_offered


def test_wrong_parcel_that_stays_sends_people_to_staff(desk, page):
    desk.put(replace(scenes("en")["wrong_parcel"], strangers=frozenset({"SF9"}), is_stuck=True))
    assert "Please call staff" in page.get("/").text


def test_wrong_parcel_names_nobody(desk, page):
    desk.put(scenes("en")["wrong_parcel"])

    assert "Chen" not in markup(page)


def test_six_digits_screen_hides_the_tail(desk, page):
    desk.put(scenes("en")["six_digits"])

    assert "8462" not in markup(page)


@pytest.mark.parametrize(("others", "missing"), [({"has_faces": False}, "face"), ({}, None)])
def test_face_is_offered_only_where_there_are_faces(desk, page, others, missing):
    desk.put(scenes("en")["home"], **others)

    assert ('data-value="face"' in markup(page)) is (missing is None)


def test_home_offers_no_proxy_code_offline(desk, page):
    desk.put(scenes("en")["home_offline"])

    assert 'data-value="proxy_code"' not in markup(page)
    assert words.say("way_off_line", "en") in markup(page)


def test_drawn_camera_is_offered_only_where_it_is_drawn(desk, page):
    assert "data-scene" not in markup(page)

    desk.put(scenes("en")["home"], is_demo=True)

    assert markup(page).count("data-scene") == 5


def test_touch_is_passed_on(desk, page):
    answer = page.post("/touch", json={"action": "key", "value": "7"})

    assert answer.status_code == 204
    assert desk.touched == [("key", "7")]


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"action": "key"},
        {"action": "open_door", "value": ""},
        {"action": "key", "value": 7},
        {"action": "key", "value": "7" * 65},
        {"action": "key", "value": "7", "more": ""},
    ],
)
def test_touch_refuses_what_is_no_touch(desk, page, body):
    assert page.post("/touch", json=body).status_code == 400
    assert desk.touched == []


def test_touch_refuses_a_long_body(page):
    assert page.post("/touch", json={"action": "key", "value": "7" * 5000}).status_code == 413


def test_touch_refuses_a_form(desk, page):
    assert page.post("/touch", data={"action": "staff", "value": ""}).status_code == 415
    assert desk.touched == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "kiosk.example"},
    ],
)
@pytest.mark.parametrize("path", ["/touch", "/demo"])
def test_strangers_are_refused(desk, page, headers, path):
    assert page.post(path, json={"action": "staff", "value": ""}, headers=headers).status_code == 403
    assert desk.touched == []


@pytest.mark.parametrize("path", ["/", "/events", "/preview.mjpeg"])
def test_strangers_see_nothing(page, path):
    assert page.get(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert page.get(path, headers={"Host": "kiosk.example"}).status_code == 403


def test_own_page_is_let_in(desk, page):
    headers = {"Origin": "http://127.0.0.1:5001", "Host": "127.0.0.1:5001", "Sec-Fetch-Site": "same-origin"}

    assert page.post("/touch", json={"action": "staff", "value": ""}, headers=headers).status_code == 204


def test_demo_shows_what_is_chosen(desk, page):
    desk.put(scenes("en")["home"], is_demo=True)

    assert page.post("/demo", json={"scene": "phone"}).status_code == 204
    assert page.post("/demo", json={"scene": "door"}).status_code == 400
    assert desk.shown == ["phone"]


def test_demo_is_not_there_for_a_real_camera(desk, page):
    assert page.post("/demo", json={"scene": "phone"}).status_code == 404
    assert desk.shown == []


def test_answers_carry_their_headers_and_are_kept_nowhere(page):
    answer = page.get("/")

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert headers_of(page, "/static/kiosk.css")["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", ["app.css", "icon.svg", "voice/en.json", "voice/zh.wav"])
def test_shared_files_are_the_stations(page, name):
    assert headers_of(page, f"/shared/{name}")["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "name", ["js/check-in.js", "../web/factory.py", "vendor/../app.css", "vendor/htmx.min.js"]
)
def test_nothing_else_of_the_station_is_shared(page, name):
    assert page.get(f"/shared/{name}").status_code == 404


def events_of(page: FlaskClient, count: int, last: str = "") -> list[tuple[str, dict]]:
    answer = page.get("/events", headers={"Last-Event-ID": last} if last else {}, buffered=False)
    found = []
    for text in islice((part.decode() for part in answer.response), count):
        lines = dict(line.split(": ", 1) for line in text.strip().splitlines())
        found.append((lines["event"], json.loads(lines["data"])))
    answer.close()
    return found


def test_events_begin_with_the_screen_as_it_is(desk, page):
    start, shown = events_of(page, 2)

    assert start[0] == "start"
    assert shown[0] == "screen"
    assert shown[1]["screen"] == "home"
    assert "Collect your parcels" in shown[1]["html"]


@pytest.mark.parametrize(
    ("seen", "event"), [("1", "beat"), ("0", "screen"), ("57", "screen"), ("x", "screen")]
)
def test_events_go_on_after_what_the_page_has_seen(page, monkeypatch, seen, event):
    monkeypatch.setattr(streams, "BEAT_S", 0.01)

    assert events_of(page, 2, last=seen)[1][0] == event


def test_events_carry_sounds_and_what_is_said(desk, page):
    sounds = (("sound", "ok", {}), ("say", "found_lead", {}))
    desk.put(scenes("zh")["found"], sounds=sounds)

    with page.application.test_request_context():
        shown = draw(desk.snapshot())

    assert shown["signals"] == ["ok"]
    assert shown["say"] == ["welcome", "scan_each", "tag:5-2-9917"]
    assert shown["voice"] == "zh"


def test_nothing_is_said_where_the_voice_is_off(desk, page):
    session = scenes("en")["found"]
    silent = replace(session, look=replace(session.look, has_voice=False))
    desk.put(silent, sounds=(("sound", "bad", {}), ("say", "not_yours", {})))

    with page.application.test_request_context():
        shown = draw(desk.snapshot())

    assert shown["signals"] == ["bad"]
    assert shown["say"] == []


def test_preview_is_a_stream_of_pictures(page):
    answer = page.get("/preview.mjpeg", buffered=False)
    first = next(iter(answer.response))
    answer.close()

    assert answer.content_type == "multipart/x-mixed-replace; boundary=picture"
    assert first.startswith(b"--picture\r\nContent-Type: image/jpeg\r\n")
    assert b"\xff\xd8\xff" in first


def test_worker_stands_where_it_may_answer_for_everything(page):
    assert headers_of(page, "/worker.js")["Content-Type"].startswith("text/javascript")
    assert headers_of(page, "/static/away.html")["Content-Type"].startswith("text/html")
