"""The photo of a hand-over and the preview: small, and the photo without a face that can be known again."""

from datetime import UTC, datetime

import cv2
import numpy as np
import pytest

from kiosk.cameras.capture import NewestFrame
from kiosk.cameras.source import Frame
from kiosk.model import Rules, Station
from kiosk.runtime.board import Backdrop, Board
from kiosk.runtime.evidence import Evidence
from kiosk.runtime.live import PREVIEW_WIDTH, LiveDesk
from kiosk.session.events import Touch

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
LARGEST = 400_000  # bytes, the API's limit for a photo


@pytest.fixture
def frames():
    slot = NewestFrame()
    noise = np.random.default_rng(1).integers(0, 256, (90, 160, 3), np.uint8)
    slot.put(Frame(1, 0.0, cv2.resize(noise, (1280, 720), interpolation=cv2.INTER_NEAREST)))
    return slot


def no_faces(image):
    return []


def picture(frames, find):
    evidence = Evidence(frames, find=find, clock=lambda: NOW)
    jpeg = evidence.develop(evidence.seize())
    assert len(jpeg) <= LARGEST
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)


def detail(part):
    """Return how much neighbouring pixels differ."""
    return float(np.abs(np.diff(part.astype(int), axis=1)).mean())


def test_face_that_was_found_is_gone_with_room_around_it_and_the_rest_stays(frames):
    shown = picture(frames, lambda image: [(400, 200, 100, 100)])
    assert shown.shape == (540, 960, 3)
    assert detail(shown[165:335, 365:535]) < detail(shown[350:, :]) / 4
    assert detail(shown[:150, :]) > 15


def test_upper_half_is_gone_where_no_face_is_found(frames):
    shown = picture(frames, no_faces)
    assert detail(shown[:260]) < detail(shown[280:]) / 4


def test_face_at_the_edge_is_blurred_as_far_as_it_is_in_the_picture(frames):
    shown = picture(frames, lambda image: [(900, -20, 100, 100)])
    assert detail(shown[5:100, 880:955]) < detail(shown[300:]) / 2


@pytest.mark.parametrize(("faces", "is_shown"), [(0, False), (1, True), (2, False)])
def test_face_of_who_agreed_stays_only_when_they_are_alone(frames, faces, is_shown):
    boxes = [(400, 200, 100, 100), (100, 200, 100, 100)][:faces]
    evidence = Evidence(frames, find=lambda image: boxes, clock=lambda: NOW)
    seen = evidence.seize()
    agreed, plain = evidence.develop_with_face(seen), evidence.develop(seen)
    assert (agreed != plain) == is_shown
    shown = cv2.imdecode(np.frombuffer(agreed, np.uint8), cv2.IMREAD_COLOR)
    assert (detail(shown[165:335, 365:535]) > 15) == is_shown


def test_camera_that_shows_nothing_gives_no_photo():
    assert Evidence(NewestFrame(), find=no_faces, clock=lambda: NOW).seize() is None


def test_newest_frame_stays_as_it_was(frames):
    before = frames.newer(0, timeout_s=0).image.copy()
    picture(frames, no_faces)
    assert np.array_equal(before, frames.newer(0, timeout_s=0).image)


def test_preview_is_small_and_touches_reach_the_session(frames):
    station = Station("1", "Lakeside", "Asia/Shanghai")
    board = Board(Backdrop(station, Rules(), has_faces=False, is_demo=False), clock=lambda: NOW)
    told, shown = [], []
    desk = LiveDesk(board, frames, told.append, show=shown.append)
    pictures = desk.preview()
    first = cv2.imdecode(np.frombuffer(next(pictures), np.uint8), cv2.IMREAD_COLOR)
    assert first.shape == (PREVIEW_WIDTH * 9 // 16, PREVIEW_WIDTH, 3)
    pictures.close()
    desk.touch("key", "4")
    desk.show_demo("phone")
    assert told == [Touch("key", "4")]
    assert shown == ["phone"]
