"""The demo camera: what it draws is read by the very same capture, decoders and agreement."""

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from kiosk.cameras.capture import NewestFrame
from kiosk.cameras.demo import PAUSE_S, SHOWN_S, DemoCamera
from kiosk.cameras.source import FPS, HEIGHT, WIDTH, Frame
from kiosk.codes.decoder import CodeDecoder, Sighting
from kiosk.codes.kinds import Kind
from tests.kiosk import drawn

NOW = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
WAYBILLS = ("SF1000000004068", "773312345678901", "JD0212345678901")
OTHER = "YT1234567890123"
SOON = 20  # frames: 1.3 seconds after it came into view everything has been told
LATER = drawn.IDENTITY[:-1] + "9"


def written(path, waybills=WAYBILLS, other=OTHER):
    codes = [
        {"text": text, "from": begin.isoformat(), "until": (begin + timedelta(seconds=30)).isoformat()}
        for text, begin in ((drawn.IDENTITY, NOW), (LATER, NOW + timedelta(seconds=30)))
    ]
    parcels = [{"waybill": waybill, "carrier": "sf", "pickup_code": "12-3-4068"} for waybill in waybills]
    scene = {"identity_codes": codes, "parcels": parcels, "other": {"waybill": other} if other else None}
    path.write_text(json.dumps(scene), "utf-8")


class Desk:
    """A demo camera before a decoder, frame by frame, on a clock of its own."""

    def __init__(self, path):
        self.now_s = 0.0
        self.camera = DemoCamera(
            path, now=lambda: NOW + self.since(), clock=lambda: self.now_s, sleep=self.sleep
        )
        self.decoder = CodeDecoder(NewestFrame(), lambda _sighting: None)
        self.number = 0

    def since(self):
        return timedelta(seconds=self.now_s)

    def sleep(self, seconds):
        self.now_s += seconds

    def look(self, frames):
        """Read frames; return what was told, in order."""
        told = []
        for _ in range(frames):
            self.number += 1
            told += self.decoder.take(Frame(self.number, self.now_s, self.camera.read()))
        return [(one.kind, one.value) for one in told if isinstance(one, Sighting)]

    def show(self, scene, frames=SOON):
        self.camera.show(scene)
        return self.look(frames)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "scene.json"
    written(path)
    return path


@pytest.fixture
def desk(path):
    return Desk(path)


def test_it_gives_whole_frames(desk):
    image = desk.camera.read()
    assert (image.shape, image.dtype) == ((HEIGHT, WIDTH, 3), np.uint8)


def test_nothing_is_told_before_something_is_shown(desk):
    assert desk.look(SOON) == []


def test_the_phone_is_read(desk):
    assert desk.show("phone") == [(Kind.IDENTITY, drawn.IDENTITY)]


def test_the_phone_shows_the_code_of_the_moment(desk):
    desk.now_s = 40
    assert desk.show("phone") == [(Kind.IDENTITY, LATER)]


@pytest.mark.parametrize("shown_before", range(6))
def test_every_parcel_is_read_however_it_falls(desk, shown_before):
    for _ in range(shown_before):
        desk.camera.show("other")
    assert desk.show("parcel") == [(Kind.WAYBILL, WAYBILLS[0])]


def test_each_parcel_comes_in_its_turn(desk):
    told = []
    for _ in range(len(WAYBILLS) + 1):
        told += desk.show("parcel")
        desk.now_s += SHOWN_S
    assert [value for _, value in told] == [*WAYBILLS, WAYBILLS[0]]


def test_a_parcel_that_was_collected_meanwhile_is_not_shown_twice(desk, path):
    first = desk.show("parcel")
    desk.now_s += SHOWN_S
    written(path, WAYBILLS[1:])
    assert first + desk.show("parcel") == [(Kind.WAYBILL, WAYBILLS[0]), (Kind.WAYBILL, WAYBILLS[1])]


def test_somebody_elses_parcel_is_shown(desk):
    assert desk.show("other") == [(Kind.WAYBILL, OTHER)]


def test_what_is_shown_goes_away_by_itself(desk):
    desk.show("parcel", int(SHOWN_S * FPS) + 2)
    assert desk.decoder.outlines() == ()
    assert desk.look(SOON) == []


def test_a_play_shows_phone_and_every_parcel(desk):
    seconds = SHOWN_S + len(WAYBILLS) * (PAUSE_S + SHOWN_S)
    told = desk.show("play", int(seconds * FPS))
    assert [value for _, value in told] == [drawn.IDENTITY, *WAYBILLS]


def test_nothing_takes_away_what_is_shown(desk):
    desk.show("phone")
    assert desk.show("nothing", 40) == []
    assert desk.decoder.outlines() == ()


def test_the_face_is_painted_by_whoever_can(path):
    seen = []
    desk = Desk(path)
    camera = DemoCamera(
        path, face=lambda frame, since_s: seen.append(frame.shape), clock=lambda: desk.now_s, sleep=desk.sleep
    )
    camera.show("face")
    camera.read()
    assert seen == [(HEIGHT, WIDTH, 3)]


def test_an_unknown_scene_is_refused(desk):
    with pytest.raises(ValueError, match="dance"):
        desk.camera.show("dance")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"parcels": [{}]}', '{"identity_codes": [{"text": "ID:"}]}']
)
def test_a_scene_file_that_is_wrong_changes_nothing(desk, path, text):
    desk.show("phone")
    path.write_text(text, "utf-8")
    assert desk.show("other", 40) == [(Kind.WAYBILL, OTHER)]


def test_without_a_scene_file_nothing_is_shown(tmp_path):
    desk = Desk(tmp_path / "none.json")
    for scene in ("phone", "parcel", "other", "play"):
        assert desk.show(scene) == []
