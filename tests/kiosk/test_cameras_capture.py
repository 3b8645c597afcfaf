"""The capture thread with cameras that fail, end and hang: newest frame, drops, back-off, a clean stop."""

import threading

import numpy as np
import pytest

from kiosk.cameras.capture import BACK_OFF_S, SILENT_S, Capture, NewestFrame
from kiosk.cameras.health import Health
from kiosk.cameras.source import CameraError, Frame
from tests.kiosk import drawn

SOON_S = 60.0  # how long a test waits for a thread at most; none does when all is well
PICTURE = drawn.frame()


class Script:
    """A camera that plays lives: each is how many pictures an opening gives, None for one that fails to open."""

    name = "script"

    def __init__(self, *lives, picture=PICTURE):
        self._lives = list(lives)
        self._left = 0
        self._picture = picture
        self.openings = 0
        self.is_open = False
        self.is_over = threading.Event()

    def open(self):
        self.openings += 1
        life = self._lives.pop(0) if self._lives else None
        if life is None:
            raise CameraError("unplugged")
        self._left, self.is_open = life, True

    def read(self):
        if not self._left:
            raise CameraError("no picture")
        self._left -= 1
        return self._picture

    def close(self):
        self.is_open = False


class Waits:
    """Stands for sleeping: writes the times down, and stops the capture after so many."""

    def __init__(self, most):
        self.times = []
        self.over = threading.Event()
        self._most = most

    def __call__(self, seconds):
        self.times.append(seconds)
        if len(self.times) < self._most:
            return False
        self.over.set()
        return True


def played(camera, *, waits=20):
    """Run a capture through a camera's lives; return it and what it waited."""
    slept = Waits(waits)
    capture = Capture(camera, clock=lambda: 0.0, wait=slept)
    capture.start()
    assert slept.over.wait(SOON_S)
    capture.stop()
    return capture, slept.times


def test_a_camera_that_is_missing_is_tried_again_ever_more_rarely():
    camera = Script()
    capture, times = played(camera, waits=7)
    assert times == [*BACK_OFF_S, BACK_OFF_S[-1], BACK_OFF_S[-1]]
    assert camera.openings == 7
    assert capture.state().health is Health.MISSING


def test_an_unplugged_camera_comes_back():
    camera = Script(3, None, None, 4)
    capture, times = played(camera, waits=4)
    assert times[:4] == [BACK_OFF_S[0], BACK_OFF_S[1], BACK_OFF_S[2], BACK_OFF_S[0]]
    assert (capture.state().frames, capture.state().opened) == (7, 2)
    assert not camera.is_open


def test_a_camera_that_opens_but_gives_nothing_is_backed_off_too():
    _, times = played(Script(0, 0, 0), waits=3)
    assert times == [*BACK_OFF_S[:3]]


def test_no_frame_of_a_lost_camera_is_left():
    capture, _ = played(Script(3), waits=1)
    assert capture.slot.newer(0, timeout_s=0) is None


class Endless(Script):
    """A camera that never ends, and waits for the test before each picture."""

    def __init__(self, picture=PICTURE):
        super().__init__(1, picture=picture)
        self.turn = threading.Semaphore(0)

    def read(self):
        assert self.turn.acquire(timeout=SOON_S)
        return self._picture


def test_it_stops_and_gives_the_camera_back():
    camera = Endless()
    capture = Capture(camera)
    capture.start()
    camera.turn.release()
    frame = capture.slot.newer(0, timeout_s=SOON_S)
    camera.turn.release(1000)
    capture.stop()
    capture.stop()
    assert frame is not None
    assert frame.number == 1
    assert not camera.is_open


@pytest.mark.parametrize(
    ("picture", "health"),
    [(drawn.tilted(0), Health.OK), (np.zeros(drawn.SHAPE, np.uint8), Health.DARK)],
)
def test_the_state_says_what_the_picture_is_fit_for(picture, health):
    camera = Endless(picture)
    capture = Capture(camera)
    capture.start()
    camera.turn.release(2)
    assert capture.slot.newer(1, timeout_s=SOON_S)
    assert capture.state().health is health
    camera.turn.release(1000)
    capture.stop()


def test_a_camera_that_hangs_is_missing():
    camera, times = Endless(drawn.tilted(0)), [0.0]
    capture = Capture(camera, clock=lambda: times[0])
    capture.start()
    camera.turn.release(2)
    assert capture.slot.newer(1, timeout_s=SOON_S)
    assert capture.state().health is Health.OK
    times[0] += SILENT_S + 1
    assert capture.state().health is Health.MISSING
    camera.turn.release(1000)
    capture.stop()


class Faulty(Script):
    """A camera whose driver fails in a way nobody foresaw."""

    def read(self):
        raise IndexError("driver")


def test_a_driver_that_fails_in_its_own_way_is_tried_again():
    camera = Faulty(1, 1, 1)
    capture, times = played(camera, waits=3)
    assert times == [*BACK_OFF_S[:3]]
    assert capture.state().health is Health.MISSING
    assert not camera.is_open


def frame(number):
    return Frame(number, float(number), PICTURE)


def test_the_newest_frame_wins_and_drops_are_counted():
    slot = NewestFrame()
    for number in (1, 2, 3):
        slot.put(frame(number))
    newest = slot.newer(0, timeout_s=0)
    assert newest is not None
    assert (newest.number, slot.dropped) == (3, 2)


def test_a_frame_that_was_taken_is_not_dropped():
    slot = NewestFrame()
    for number in (1, 2, 3):
        slot.put(frame(number))
        slot.newer(0, timeout_s=0)
    assert slot.dropped == 0


def test_every_reader_gets_the_newest_frame_once():
    slot = NewestFrame()
    slot.put(frame(1))
    assert [slot.newer(0, timeout_s=0), slot.newer(0, timeout_s=0)] == [frame(1), frame(1)]
    assert slot.newer(1, timeout_s=0) is None


def test_a_reader_is_woken_by_a_new_frame():
    slot, got = NewestFrame(), []
    reader = threading.Thread(target=lambda: got.append(slot.newer(0, timeout_s=SOON_S)))
    reader.start()
    slot.put(frame(1))
    reader.join(SOON_S)
    assert got[0].number == 1
