"""Codes at the kiosk, beside nothing but zxing-cpp on the same grey frame with the same formats; one core."""

import os
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime

import cv2
import pytest
import zxingcpp

from kiosk.cameras.capture import Capture, NewestFrame
from kiosk.cameras.demo import SHOWN_S, DemoCamera
from kiosk.cameras.drawing import ShownParcel, draw_backdrop, draw_parcel
from kiosk.cameras.posing import Grain, Pose, place
from kiosk.cameras.source import FPS, Camera, Frame, Image
from kiosk.codes.agreement import Rule
from kiosk.codes.decoder import CodeDecoder, Told
from kiosk.codes.kinds import Kind
from kiosk.codes.look import find_bars
from kiosk.codes.reading import FORMATS, read_codes
from tests.benchmarks.measure import median_of, ms, result
from tests.kiosk import drawn

ROUNDS = 60
APPEARANCES = 40  # of a parcel: what is measured once for each
WAYBILL = "SF1000000004068"


@pytest.fixture(autouse=True)
def one_core():
    """Everything on one core, as the issue counts."""
    cores, threads = os.sched_getaffinity(0), cv2.getNumThreads()
    os.sched_setaffinity(0, {min(cores)})
    cv2.setNumThreads(1)
    yield
    os.sched_setaffinity(0, cores)
    cv2.setNumThreads(threads)


def parcel(turn: float) -> Image:
    frame = draw_backdrop()
    place(frame, draw_parcel(ShownParcel(WAYBILL, "sf", "12-3-4068")), Pose(640, 360, 0.9, turn, blur=0.6))
    return Grain(drawn.SHAPE, 4.0).add(frame)


def bare(frame: Image) -> None:
    zxingcpp.read_barcodes(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), formats=FORMATS)


def beside(what: str, frame: Image, aim: str) -> None:
    """Compare our reading of a frame with the bare one by turns, in processor time: others use the machine too."""
    ours, limits = [], []
    for _ in range(ROUNDS):
        limits.append(_spent(lambda: bare(frame)))
        ours.append(_spent(lambda: read_codes(frame)))
    mine, limit = statistics.median(ours), statistics.median(limits)
    result(what, ms(mine), f"{ms(limit)} zxing-cpp", f"{mine / limit:.2f}", aim)


def _spent(act: Callable[[], object]) -> float:
    start = time.thread_time()
    act()
    return time.thread_time() - start


def test_decode_stage_beside_zxing() -> None:
    beside("codes: 1280x720, one upright label", parcel(0), "≤ 1.3")
    beside("codes: 1280x720, nothing in view", drawn.frame(), "")


def test_turning_tilted_labels() -> None:
    """What the retries cost, and how many angles they win."""
    beside("codes: 1280x720, one label tilted by 35°, turned once", drawn.tilted(35), "")
    frames = [drawn.tilted(turn) for turn in range(0, 360, 10)]
    ours = sum(bool(read_codes(frame).readings) for frame in frames)
    plain = sum(bool(zxingcpp.read_barcodes(frame, formats=FORMATS)) for frame in frames)
    result(
        "codes: angles of a Code 128 that are read",
        f"{ours} of 36",
        f"{plain} of 36 zxing-cpp",
        "",
        "36 of 36",
    )
    grey = drawn.tilted(35)[:, :, 0]
    result("codes: the look for bars alone", ms(median_of(lambda: find_bars(grey), ROUNDS)), "", "", "")


def test_from_the_last_agreeing_frame_to_the_decision() -> None:
    """From the moment the k-th frame that shows a parcel is in the slot until it is told."""
    rule = Rule()
    frames = [parcel(turn) for turn in range(-40, 50, 10)]
    waits: list[float] = []
    put_at = 0.0

    def hear(_told: Told) -> None:
        waits.append(time.perf_counter() - put_at)

    for appearance in range(APPEARANCES):
        decoder = CodeDecoder(NewestFrame(), hear)  # each with nothing seen before
        frame = frames[appearance % len(frames)]
        for number in range(1, rule.needed + 1):
            put_at = time.perf_counter()
            for told in decoder.take(Frame(number, 0.0, frame)):
                hear(told)
    p95 = statistics.quantiles(waits, n=20)[-1]
    result("codes: k-th agreeing frame to decision, p95", ms(p95), "", "", "≤ 150 ms")


def test_the_loop_keeps_up(tmp_path) -> None:
    """Camera thread, decoder thread and the drawing of the frames themselves, all on one core."""
    path = tmp_path / "scene.json"
    path.write_text(f'{{"parcels": [{{"waybill": "{WAYBILL}", "carrier": "sf"}}]}}', "utf-8")
    camera = DemoCamera(path, now=lambda: datetime(2026, 11, 21, tzinfo=UTC))
    told: list[Told] = []
    capture, decoder = _running(camera, told)
    camera.show("parcel")
    start = time.process_time()
    time.sleep(SHOWN_S)
    spent, counters, state = time.process_time() - start, decoder.counters(), capture.state()
    decoder.stop()
    capture.stop()
    assert [(sighting.kind, sighting.value) for sighting in told] == [(Kind.WAYBILL, WAYBILL)]
    result(
        "codes: frames a second, drawn and read on one core", f"{counters.fps:.1f}/s", f"{FPS}/s", "", "15/s"
    )
    room = counters.frames / spent
    result("codes: frames a second that one core could do", f"{room:.0f}/s", "", "", "15/s")
    result("codes: frames dropped meanwhile", f"{state.dropped} of {state.frames}", "", "", "0")


def _running(camera: Camera, told: list[Told]) -> tuple[Capture, CodeDecoder]:
    capture = Capture(camera)
    decoder = CodeDecoder(capture.slot, told.append)
    capture.start()
    decoder.start()
    return capture, decoder
