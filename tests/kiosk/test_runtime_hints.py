"""What is wrong with the picture of a face reaches the screen: once it can be read, and gone with the look."""

import threading
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from kiosk.cameras.capture import NewestFrame
from kiosk.cameras.source import Frame
from kiosk.faces.gallery import Gallery
from kiosk.model import Person, Rules, Station, Way
from kiosk.runtime.board import Backdrop, Board
from kiosk.runtime.face_ties import FaceTies
from kiosk.runtime.face_work import FaceWork
from kiosk.runtime.steady_hint import FRAMES, SteadyHint
from kiosk.session.effects import EnrolFace
from kiosk.session.state import Notice, Screen, Session
from kiosk.web.app import create_app
from tests.kiosk.fake_desk import FakeDesk, scenes

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CLOSER = "Come a little closer, please."
WAIT_S = 60.0  # for a machine that is busy with everything else


class Nobody:
    """An embedder that sees no face, however often; each look brings the next frame."""

    def __init__(self, frames):
        self._frames, self._number = frames, 0
        self.find(None)

    def find(self, image):
        self._number += 1
        self._frames.put(Frame(self._number, self._number / 5, np.zeros((90, 160, 3), np.uint8)))
        return ()


def face_work(folder, progress):
    frames = NewestFrame()
    ties = FaceTies(
        tell=lambda event: None,
        is_wanted=lambda: True,
        candidates=lambda parcels: [],
        expected=frozenset,
        agreement=lambda: 1,
        progress=progress,
        now=lambda: NOW,
        seconds=lambda: 0.0,
        wake=lambda: None,
    )
    gallery = Gallery(folder, bytes(32), now=NOW)
    return FaceWork(frames, gallery, ties, backend=None, letters=None, load=lambda: Nobody(frames))


@pytest.fixture
def board():
    station = Station("1", "Lakeside", "Asia/Shanghai")
    return Board(Backdrop(station, Rules(), has_faces=True, is_demo=False), clock=lambda: NOW)


@pytest.fixture
def desk():
    made = FakeDesk()
    yield made
    made.close()


def shown(desk, session, **others):
    desk.put(session, **others)
    return create_app(desk).test_client().get("/").text


def test_hint_is_shown_and_wakes_who_waits(board):
    number = board.newest().number
    board.progress(0.5, "face_too_far")
    newer = board.after(number, timeout_s=0)
    assert (newer.progress, newer.hint) == (0.5, "face_too_far")


def test_hint_that_stays_draws_nothing_anew(board):
    board.progress(0.5, "face_too_far")
    number = board.newest().number
    board.progress(0.5, "face_too_far")
    assert board.newest().number == number


def test_hint_goes_alone(board):
    board.progress(0.5, "face_too_far")
    board.progress(0.5, None)
    assert board.newest().hint is None


def test_hint_of_one_frame_is_not_shown():
    hints = SteadyHint()
    seen = [hints.see(one) for one in ("face_blurred", None, "face_too_far", None)]
    assert seen == [None] * 4


def test_hint_that_holds_is_shown_until_another_holds():
    hints = SteadyHint()
    for _ in range(FRAMES):
        far = hints.see("face_too_far")
    assert far == hints.see(None) == hints.see("face_blurred") == "face_too_far"
    for _ in range(FRAMES):
        good = hints.see(None)
    assert good is None


@pytest.mark.parametrize("scene", ["face", "enrol_face"])
def test_screens_that_look_at_a_face_say_the_hint(desk, scene):
    assert CLOSER in shown(desk, scenes("en")[scene], hint="face_too_far")
    assert "请靠近一点。" in shown(desk, scenes("zh")[scene], hint="face_too_far")


def test_screen_without_a_hint_says_none(desk):
    assert 'class="knote"' not in shown(desk, scenes("en")["face"], hint=None)


def test_what_the_session_says_comes_before_the_hint(desk):
    told = replace(scenes("en")["face"], notice=Notice("face_not_found"))
    page = shown(desk, told, hint="face_too_far")
    assert "Nobody was recognised" in page
    assert CLOSER not in page


def test_other_screens_say_no_hint(desk):
    assert CLOSER not in shown(desk, Session(screen=Screen.HOME), hint="face_too_far")


def test_look_tells_what_is_wrong_and_takes_it_away_at_its_end(tmp_path):
    said, hinted, ended = [], threading.Event(), threading.Event()

    def progress(part, hint):
        said.append(hint)
        (hinted if hint else ended).set()

    work = face_work(tmp_path, progress)
    work.enrol(EnrolFace(1, Person("s1", Way.IDENTITY_CODE, "Chen **", ()), "en"))
    work.start()
    assert hinted.wait(WAIT_S)
    ended.clear()
    work.stop()
    assert ended.wait(WAIT_S)
    work.close(WAIT_S)
    assert "face_not_seen" in said
    assert said[-1] is None
