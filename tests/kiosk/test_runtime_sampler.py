"""Frames wait in order while something slow is computed, and stay even where it stays slow."""

import numpy as np

from kiosk.cameras.capture import NewestFrame
from kiosk.cameras.source import Frame
from kiosk.faces import settings
from kiosk.runtime.sampler import ROOM, Sampler

PICTURE = np.zeros((2, 2, 3), np.uint8)


def sampler():
    return Sampler(NewestFrame(), 5.0)


def frames(count):
    return [Frame(number, number * 0.2, PICTURE) for number in range(1, count + 1)]


def all_of(waiting):
    return list(iter(waiting.next, None))


def test_frames_come_in_order_and_none_is_lost_while_there_is_room():
    waiting = sampler()
    for frame in frames(ROOM):
        waiting.keep(frame)
    assert [frame.number for frame in all_of(waiting)] == list(range(1, ROOM + 1))


def test_machine_that_lags_sees_the_whole_time_evenly():
    waiting, shown = sampler(), frames(60)
    seen = []
    for number, frame in enumerate(shown):
        waiting.keep(frame)
        if number % 5 in (0, 2):  # two of five a second are computed
            seen.append(waiting.next())
    times = [frame.at_s for frame in (*seen, *all_of(waiting))]
    assert times == sorted(times)
    assert times[-1] == shown[-1].at_s
    assert np.diff(times).max() < settings.GAP_S


def test_samples_what_the_camera_shows_until_it_is_left():
    slot = NewestFrame()
    slot.put(frames(1)[0])
    with Sampler(slot, 1000.0) as waiting:
        seen = next(frame for frame in iter(waiting.next, "never") if frame)
    assert seen.number == 1
