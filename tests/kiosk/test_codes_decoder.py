"""The worker for codes: it tells each thing once, counts what it did, and survives what goes wrong."""

import logging
import threading

import numpy as np
import pytest

from kiosk.cameras.capture import NewestFrame
from kiosk.cameras.source import Frame
from kiosk.codes.agreement import Rule
from kiosk.codes.decoder import CodeDecoder, Gone, Sighting
from kiosk.codes.kinds import Kind
from tests.kiosk import drawn
from tests.kiosk.running import wait_for

SOON_S = 60.0  # how long a test waits for a thread at most; none does when all is well
LABEL, EMPTY = drawn.tilted(0), drawn.frame()
AT_ONCE = Rule(needed=1, of=1)


def frames(*images, step_s=0.1):
    return [Frame(number, number * step_s, image) for number, image in enumerate(images, 1)]


def decoder(**settings):
    return CodeDecoder(NewestFrame(), lambda _sighting: None, **settings)


def test_a_parcel_is_told_by_the_frame_that_settles_it():
    reader = decoder()
    told = [sighting for frame in frames(*[LABEL] * 6) for sighting in reader.take(frame)]
    assert [(one.kind, one.value, one.frame, one.at_s) for one in told] == [
        (Kind.WAYBILL, drawn.WAYBILL, 3, pytest.approx(0.3))
    ]


def test_a_parcel_that_left_is_told_once_as_gone():
    reader = decoder(rule=Rule(needed=1, of=1, gone_s=0.25))
    told = [one for frame in frames(LABEL, LABEL, *[EMPTY] * 6) for one in reader.take(frame)]
    assert [(type(one), one.value, one.frame) for one in told] == [
        (Sighting, drawn.WAYBILL, 1),
        (Gone, drawn.WAYBILL, 5),
    ]
    assert reader.counters().sightings == 1


def test_what_means_nothing_is_never_told_nor_outlined():
    reader = decoder(rule=AT_ONCE)
    assert reader.take(frames(drawn.tilted(0, "A SERIAL NUMBER 12"))[0]) == ()
    assert reader.outlines() == ()
    assert reader.counters().with_codes == 1


def test_an_older_number_is_told_when_it_waits_here():
    reader = decoder(rule=AT_ONCE, is_waiting=lambda waybill: waybill == "123456789012")
    assert [one.value for one in reader.take(frames(drawn.tilted(0, "123456789012"))[0])] == ["123456789012"]


def test_the_outline_follows_the_code():
    reader = decoder()
    for frame in frames(LABEL, EMPTY):
        reader.take(frame)
    assert reader.outlines() == ()


def test_it_counts():
    ticks = iter(np.arange(0, 1000, 0.002))
    reader = decoder(clock=lambda: float(next(ticks)))
    for frame in frames(LABEL, drawn.tilted(35), EMPTY, LABEL):
        reader.take(frame)
    counted = reader.counters()
    assert (counted.frames, counted.with_codes, counted.turns, counted.cut, counted.sightings) == (
        4,
        3,
        1,
        0,
        1,
    )
    assert counted.read_ms > 0
    assert counted.fps > 0


def test_the_thread_reads_the_newest_frame_and_stops():
    slot, heard, told = NewestFrame(), threading.Event(), []

    def hear(sighting):
        told.append(sighting.value)
        heard.set()

    reader = CodeDecoder(slot, hear, rule=AT_ONCE)
    slot.put(Frame(1, 0.0, EMPTY))
    slot.put(Frame(2, 0.1, LABEL))
    reader.start()
    assert heard.wait(SOON_S)
    reader.stop()
    reader.stop()
    assert told == [drawn.WAYBILL]


def test_a_listener_that_fails_ends_nothing(caplog):
    slot, again, count = NewestFrame(), threading.Event(), []

    def fail(sighting):
        count.append(sighting)
        if len(count) == 2:
            again.set()
        raise RuntimeError("no")

    reader = CodeDecoder(slot, fail, rule=AT_ONCE)
    with caplog.at_level(logging.ERROR):
        reader.start()
        slot.put(Frame(1, 0.0, LABEL))
        wait_for(lambda: count)
        slot.put(Frame(2, 9.0, EMPTY))
        assert again.wait(SOON_S)
        reader.stop()
    assert drawn.WAYBILL not in caplog.text
