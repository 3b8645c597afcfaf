"""Whole collections in Chromium: drawn frames through the real kiosk and its page, on a real station."""

import os
import secrets
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus

import pytest
from playwright.sync_api import Browser, Expect, Locator, Page

from kiosk.runtime.demo_face import DemoFace
from kiosk.settings import Enrolment, write_enrolment
from kiosk.web import streams
from kiosk.web.app import create_app
from station.core.db import transaction
from station.kiosks import rules
from station.kiosks.rules import KioskRules
from station.kiosks.watch_models import FaceEnrolment, KioskAlert
from station.parcels.models import HandOver
from station.residents import identity
from tests.browser.kiosk import Kiosk as Windows
from tests.browser.server import Server, free_port
from tests.factories import recipient, store
from tests.kiosk import running
from tests.kiosk.faces_kit import real_embedder
from tests.kiosk.running import WAIT_S, identity_code, rows, unhurried, wait_for
from tests.kiosk.stage import label, phone

WAIT_MS = WAIT_S * 1000
TAIL = "4068"  # of the recipient whom tests.factories makes
AWAY = ("ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "Failed to load resource")

see = Expect()
see.set_options(timeout=WAIT_MS)


@dataclass
class Visit:
    """Somebody before a kiosk: what they hold into its camera, and what they see and touch on its page."""

    kiosk: running.Kiosk
    page: Page
    station: object

    def show_phone(self) -> None:
        self.kiosk.stage.show(phone(identity_code(self.station, recipient(self.station).id)))

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).click()

    def type(self, text: str) -> None:
        """Type on the keypad of the screen, as somebody who looks at what they have typed."""
        field = self.page.locator(".kfield [role=img]")
        for end, key in enumerate(text, start=1):
            self.page.get_by_role("button", name=key, exact=True).click()
            see(field).to_have_attribute("aria-label", text[:end])
        self.press("Continue")

    def hears(self, title: str) -> None:
        """Wait for a screen by what stands in its title."""
        see(self.page.get_by_role("heading", level=1)).to_contain_text(title)

    def card(self, parcel) -> Locator:
        cards = self.page.get_by_role("list", name="Parcels").get_by_role("listitem")
        return cards.filter(has_text=parcel.pickup_code)

    def scan(self, parcel) -> None:
        """Scan a parcel and wait until it is theirs."""
        self.kiosk.stage.show(label(parcel.waybill))
        see(self.card(parcel)).to_have_attribute("data-state", "done")
        self.kiosk.stage.show()


@contextmanager
def visiting(kiosk: running.Kiosk, chromium: Browser, station) -> Iterator[Visit]:
    """Serve a kiosk's page and open it; errors in its console fail the test."""
    app = create_app(kiosk.desk)
    windows = Windows(app, kiosk.desk, Server(app), chromium)
    page = windows.window()
    page.set_default_timeout(WAIT_MS)
    yield Visit(kiosk, page, station)
    for context in windows.contexts:
        context.close()
    wait_for(lambda: windows.server.is_idle)  # a stream ends when it finds its page gone
    windows.server.stop()
    assert windows.faults == []


@pytest.fixture(autouse=True)
def _brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "BEAT_S", 0.2)  # a page that was closed is noticed sooner


def allow(station, **chosen: bool) -> None:
    with transaction():
        identity.prepare()
        rules.change(station.manager, KioskRules(**chosen))


@pytest.fixture
def visit(server, web_station, chromium, tmp_path):
    allow(web_station)
    with (
        running.running(tmp_path, server, web_station) as kiosk,
        visiting(kiosk.until_ready(), chromium, web_station) as made,
    ):
        yield made


@pytest.fixture
def face_visit(server, web_station, chromium, tmp_path):
    real_embedder()
    allow(web_station, takes_faces=True)
    with running.running(tmp_path, server, web_station, seconds=unhurried) as kiosk:
        kiosk.until_ready().until(lambda snapshot: snapshot.has_faces)
        with visiting(kiosk, chromium, web_station) as made:
            yield made


def arrives(visit: Visit, *, to=None):
    """Check a parcel in and wait until the kiosk knows it."""
    parcel = store(visit.station, to=to)
    visit.kiosk.program._wake()
    wait_for(lambda: visit.kiosk.program._waiting.by_waybill(parcel.waybill))
    return parcel


def booked() -> set[tuple[int, str]]:
    """Return what the station's books say was handed over, and how."""
    return {(row["parcel_id"], row["method"]) for row in rows(HandOver)}


def hand_over_is_booked(*expected: tuple[int, str]) -> None:
    """Wait until the books hold these hand-overs, and nothing else."""
    wait_for(lambda: len(rows(HandOver)) >= len(expected))
    assert booked() == set(expected)
    assert len(rows(HandOver)) == len(expected)


def test_identity_code_then_each_parcel_until_finished(visit):
    first, second, stays = (arrives(visit) for _ in range(3))
    others = arrives(visit, to=recipient(visit.station, "13955550000", "李雷"))
    visit.show_phone()
    visit.hears("you have 3 parcels")
    for parcel in (first, second, stays):
        see(visit.card(parcel)).to_have_count(1)

    visit.scan(first)
    visit.kiosk.stage.show(label(others.waybill))
    visit.hears("This one is not yours")
    visit.kiosk.stage.show()
    visit.hears("you have 3 parcels")
    visit.scan(second)
    visit.press("Finish")
    visit.hears("1 parcel stays here")
    visit.press("Finish now")

    visit.hears("2 parcels collected")
    visit.hears("Collect your parcels")
    way = "kiosk_identity_code"
    hand_over_is_booked((first.parcel_id, way), (second.parcel_id, way))
    assert [row["kind"] for row in rows(KioskAlert)] == ["wrong_parcel"]


def test_pickup_code_and_tail_typed_on_the_keypad(visit):
    parcel = arrives(visit)
    visit.press("Type a pickup code")
    visit.hears("Type your pickup code")
    visit.type(parcel.pickup_code)
    visit.hears("The last 4 digits of your phone")
    visit.type(TAIL)
    visit.hears("you have 1 parcel")
    visit.kiosk.stage.show(label(parcel.waybill))

    visit.hears("1 parcel collected")
    hand_over_is_booked((parcel.parcel_id, "kiosk_pickup_code"))


def enrol(visit: Visit) -> None:
    """Enrol the face of somebody for whom nothing waits, by the screens alone."""
    person = DemoFace(clock=unhurried)
    person.prepare()
    person.asked = lambda: visit.kiosk.desk.snapshot().session.turn_to
    visit.show_phone()
    visit.hears("Nothing waits for you here")
    visit.press("Collect with my face next time")
    visit.hears("Collecting with your face")
    see(visit.page.locator(".agreement-text")).to_contain_text("one kiosk, encrypted")
    visit.kiosk.stage.paint(person)
    visit.press("I agree, and I am 14 or older")
    visit.hears("Your face is enrolled")
    visit.hears("Collect your parcels")


def test_face_enrolled_on_the_screens_collects_with_the_tail(face_visit):
    visit = face_visit
    enrol(visit)
    assert len(rows(FaceEnrolment)) == 1
    parcel = arrives(visit)

    visit.press("Use my face")
    visit.hears("One more thing")
    see(visit.page.locator("body")).not_to_contain_text(parcel.pickup_code)
    visit.type(TAIL)
    visit.hears("you have 1 parcel")
    visit.kiosk.stage.show(label(parcel.waybill))

    visit.hears("1 parcel collected")
    hand_over_is_booked((parcel.parcel_id, "kiosk_face"))


def test_station_that_goes_away_mid_visit_has_it_in_its_books_later(visit, server, web):
    first, second = arrives(visit), arrives(visit)
    visit.show_phone()
    visit.hears("you have 2 parcels")
    server.stop()
    visit.scan(first)
    see(visit.page.get_by_text("No network")).to_be_visible()
    visit.kiosk.stage.show(label(second.waybill))
    visit.hears("2 parcels collected")
    assert booked() == set()

    back = Server(web, port=server.port)
    visit.kiosk.program._wake()

    way = "kiosk_identity_code"
    hand_over_is_booked((first.parcel_id, way), (second.parcel_id, way))
    see(visit.page.get_by_text("No network")).to_be_hidden()
    back.stop()


class Process:
    """The kiosk's program with its page in a process of its own, on a port that stays the same."""

    def __init__(self, folder, enrolment: Enrolment):
        write_enrolment(folder, enrolment)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._env = os.environ | {
            "KIOSK_HOME": str(folder),
            "KIOSK_CAMERA": "demo",
            "KIOSK_PORT": str(port),
        }
        self._process = None

    def start(self) -> None:
        command = [sys.executable, "-m", "kiosk", "run"]
        self._process = subprocess.Popen(command, env=self._env, stderr=subprocess.DEVNULL)

    def is_up(self) -> bool:
        with suppress(OSError), urllib.request.urlopen(self.url, timeout=WAIT_S) as answer:
            return answer.status == HTTPStatus.OK
        return False

    def kill(self) -> None:
        """End it as a power cut does."""
        self._process.kill()
        self._process.wait()


@pytest.fixture
def process(server, web_station, tmp_path):
    allow(web_station)
    token, kiosk_id = running.enrolled(web_station)
    made = Process(tmp_path, Enrolment(server.url, token, kiosk_id, secrets.token_hex(32)))
    made.start()
    yield made
    made.kill()


def test_killed_program_sends_people_to_the_counter_until_it_is_back(process, chromium):
    wait_for(process.is_up)
    windows = Windows(None, None, process, chromium, expected=AWAY)
    page = windows.window()
    title, away = page.get_by_role("heading", level=1), page.get_by_role("alert")
    see(title).to_have_text("Collect your parcels")
    see(away).to_be_hidden()

    process.kill()
    see(away).to_be_visible()
    see(away).to_contain_text("Please go to the counter")
    process.start()

    see(away).to_be_hidden()
    page.get_by_role("button", name="Type a pickup code").click()
    see(title).to_have_text("Type your pickup code")
    windows.contexts[0].close()
    assert windows.faults == []
