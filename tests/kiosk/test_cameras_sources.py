"""Recorded cameras and devices: a film, a folder, the Pi's own camera, one that is not there; light and focus."""

import cv2
import numpy as np
import pytest

from kiosk.cameras import picamera
from kiosk.cameras.files import Pace, PictureFolder, VideoFile
from kiosk.cameras.health import Health, look_at
from kiosk.cameras.opencv import VideoDevice
from kiosk.cameras.picamera import PiCamera
from kiosk.cameras.source import CameraError
from tests.kiosk import drawn

SIZE = (64, 48)
FILM_FPS = 10


class Time:
    """A clock that moves only by sleeping."""

    def __init__(self):
        self.now_s = 100.0
        self.slept = []

    def clock(self):
        return self.now_s

    def sleep(self, seconds):
        self.slept.append(round(seconds, 6))
        self.now_s += seconds


@pytest.fixture
def time():
    return Time()


def plain(shade):
    return np.full((SIZE[1], SIZE[0], 3), shade, np.uint8)


@pytest.fixture
def film(tmp_path):
    path = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), FILM_FPS, SIZE)
    for shade in (0, 120, 240):
        writer.write(plain(shade))
    writer.release()
    return path


def shades(camera, count):
    return [round(float(camera.read().mean()), -1) for _ in range(count)]


def test_a_film_plays_at_its_own_pace_and_begins_again(film, time):
    camera = VideoFile(film, clock=time.clock, sleep=time.sleep)
    camera.open()
    assert shades(camera, 5) == [0, 120, 240, 0, 120]
    assert time.slept == [pytest.approx(1 / FILM_FPS)] * 4
    camera.close()


def test_a_folder_plays_in_the_order_of_names(tmp_path, time):
    for name, shade in (("b.png", 120), ("a.png", 0), ("c.PNG", 240)):
        cv2.imwrite(str(tmp_path / name), plain(shade))
    (tmp_path / "notes.txt").write_text("no picture")
    camera = PictureFolder(tmp_path, fps=2, clock=time.clock, sleep=time.sleep)
    camera.open()
    assert shades(camera, 4) == [0, 120, 240, 0]
    assert time.slept == [0.5] * 3


def test_a_delay_is_not_made_up_for(time):
    pace = Pace(10, time.clock, time.sleep)
    pace.wait()
    time.now_s += 5
    for _ in range(3):
        pace.wait()
    assert len(time.slept) >= 1
    assert sum(time.slept) >= 0.1 - 1e-9


def broken(tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(b"no film")
    return path


@pytest.mark.parametrize(
    "make",
    [
        lambda tmp_path: VideoFile(broken(tmp_path)),
        lambda tmp_path: VideoFile(tmp_path / "none.mp4"),
        PictureFolder,
        lambda tmp_path: PictureFolder(tmp_path / "none"),
        lambda tmp_path: VideoDevice(str(tmp_path / "video99")),
    ],
)
def test_what_cannot_be_opened_says_so(make, tmp_path):
    camera = make(tmp_path)
    with pytest.raises(CameraError):
        camera.open()
    with pytest.raises(CameraError):
        camera.read()
    camera.close()


def test_a_picture_that_is_none_says_so(tmp_path, time):
    (tmp_path / "a.png").write_bytes(b"no picture")
    camera = PictureFolder(tmp_path, clock=time.clock, sleep=time.sleep)
    camera.open()
    with pytest.raises(CameraError, match=r"a\.png"):
        camera.read()


class Pi:
    """Stands for picamera2.Picamera2."""

    camera_controls = ("AfMode",)

    def __init__(self):
        self.calls = []

    def create_video_configuration(self, **wanted):
        return wanted

    def configure(self, wanted):
        self.calls.append(wanted["main"])

    def start(self):
        self.calls.append("start")

    def set_controls(self, controls):
        self.calls.append(controls)

    def capture_array(self, stream):
        if "close" in self.calls:
            raise RuntimeError("closed")
        return plain(7)

    def close(self):
        self.calls.append("close")


def test_the_pis_camera_is_started_read_and_closed(monkeypatch):
    pi = Pi()
    monkeypatch.setattr(
        picamera.importlib, "import_module", lambda name: type("M", (), {"Picamera2": lambda: pi})
    )
    camera = PiCamera()
    camera.open()
    assert camera.read().mean() == 7
    camera.close()
    assert pi.calls == [{"size": (1280, 720), "format": "RGB888"}, "start", {"AfMode": 2}, "close"]


def test_a_pi_without_its_driver_says_so(monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(picamera.importlib, "import_module", missing)
    with pytest.raises(CameraError):
        PiCamera().open()


@pytest.mark.parametrize(
    ("light", "blur", "health"),
    [
        (1.0, 0, Health.OK),
        (0.3, 0, Health.OK),
        (0.02, 0, Health.DARK),
        (1.0, 1, Health.OK),
        (1.0, 6, Health.BLURRED),
    ],
)
def test_light_and_focus_are_measured(light, blur, health):
    picture = cv2.convertScaleAbs(drawn.tilted(20, module=3), alpha=light)
    assert look_at(cv2.GaussianBlur(picture, (0, 0), blur) if blur else picture) is health


def test_a_bare_wall_is_not_called_blurred():
    assert look_at(np.full(drawn.SHAPE, 150, np.uint8)) is Health.OK
