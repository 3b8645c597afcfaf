"""Faces at the kiosk: what looking at a frame costs beside bare dlib, how soon a decision comes, matching, memory."""

import importlib
import os
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime

import cv2
import numpy as np
import pytest

from kiosk.cameras.drawn_face import Scene, draw_face
from kiosk.cameras.drawn_person import CAST
from kiosk.faces import gates, scoring, settings
from kiosk.faces.enrol import FaceEnroller
from kiosk.faces.finder import FaceFinder, Matched, Progress
from kiosk.faces.gallery import Gallery
from kiosk.faces.liveness import Side
from tests.benchmarks.measure import median_of, result
from tests.kiosk.faces_kit import DRAWN_TURN, real_embedder, show_drawn, someone

ROUNDS = 7
ENROLLED = 5000
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
HD = (1280, 720)
RSS = """
import os
from kiosk.faces import embedder
import cv2, numpy
faces = embedder.load()
frame = cv2.imread({path!r})
faces.embed(frame, faces.find(frame)[0])
print([line for line in open("/proc/self/status") if line.startswith("VmHWM")][0].split()[1])
"""


def shown(seconds):
    return f"{seconds * 1000:.1f} ms"


def cpu_of(act):
    """Return the median CPU time of this thread that `act` takes, in seconds."""
    act()
    times = []
    for _ in range(ROUNDS):
        start = time.thread_time()
        act()
        times.append(time.thread_time() - start)
    return statistics.median(times)


@pytest.fixture(scope="module")
def real():
    return real_embedder()


@pytest.fixture(scope="module")
def frame():
    return draw_face(CAST[0], 0, HD)


def test_looking_at_a_frame(real, frame):
    """Ours: find, landmarks with their stability, gates. Bare dlib: the same detector on the same 640 wide picture."""
    dlib = importlib.import_module("dlib")

    bare = dlib.get_frontal_face_detector()
    grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
    width = settings.DETECT_WIDTH
    small = cv2.resize(grey, (width, round(width * HD[1] / HD[0])), interpolation=cv2.INTER_AREA)
    (face,) = real.find(frame)

    ours = cpu_of(lambda: gates.judge(frame, real.find(frame)))
    limit = cpu_of(lambda: bare(small, 0))
    finding = cpu_of(lambda: real.find(frame))
    judging = cpu_of(lambda: gates.judge(frame, (face,)))

    result(
        "face: a frame, CPU", shown(ours), f"{shown(limit)} dlib HOG", f"{ours / limit:.2f}", "200 ms (5 fps)"
    )
    result("  of it: find, 5 times landmarks", shown(finding), "", "", "")
    result("  of it: gates", shown(judging), "", "", "")


def test_embedding_a_chosen_frame(real, frame):
    """Ours: the mean of a face and its mirror image. Bare dlib: one pass of the network over one ready chip."""
    dlib = importlib.import_module("dlib")
    models = importlib.import_module("face_recognition_models")

    network = dlib.face_recognition_model_v1(models.face_recognition_model_location())
    chip = cv2.resize(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), (settings.CHIP_SIDE, settings.CHIP_SIDE))
    (face,) = real.find(frame)

    ours = cpu_of(lambda: real.embed(frame, face))
    limit = cpu_of(lambda: network.compute_face_descriptor(chip))

    result("face: embedding, CPU", shown(ours), f"{shown(limit)} dlib net", f"{ours / limit:.2f}", "2 passes")


def test_decision_after_the_last_chosen_frame(real, tmp_path):
    """From handing over the frame that completes the try to its outcome: finding, embedding and deciding."""
    gallery = Gallery(tmp_path, b"k" * 32, now=NOW)
    enroller = FaceEnroller(real, lambda sides: Side.LEFT)
    enroller.start(100.0)
    taken = show_drawn(enroller, CAST[0], "left")
    gallery.add("me", taken.template, now=NOW, expires_at=NOW + settings.UNUSED_FOR)
    finder = FaceFinder(gallery, real, lambda sides: Side.LEFT)
    finder.start_compare(["me"], 100.0)
    waits, outcome = [], Progress(0.0, None)

    for number, yaw in enumerate(DRAWN_TURN):
        picture = draw_face(CAST[0], yaw, (560, 420), scene=Scene(noise=3, grain=number))
        start = time.perf_counter()
        outcome = finder.see(picture, 100.0 + number * 0.2)
        waits.append(time.perf_counter() - start)
        if not finder.is_looking:
            break

    assert isinstance(outcome, Matched)
    gallery.close()
    result("face: slowest frame of a try, with its decision", shown(max(waits)), "", "", "1500 ms")


def test_matching_many():
    templates = [someone(number) for number in range(ENROLLED)]
    start = time.perf_counter()
    index = scoring.build([str(number) for number in range(ENROLLED)], templates)
    built = time.perf_counter() - start
    rows, probe = scoring.rows_of(index, index.ids), someone(77, spread=0.2)
    direction = probe.astype(np.float32)

    ours = median_of(lambda: scoring.search(index, probe, rows), 50)
    limit = median_of(lambda: index.directions @ direction, 50)

    assert scoring.search(index, probe, rows) == scoring.Match("77", is_measured=True)
    result(
        f"face: match 1 of {ENROLLED}", shown(ours), f"{shown(limit)} numpy", f"{ours / limit:.1f}", "2 ms"
    )
    result(f"face: index of {ENROLLED}, once an enrolment", shown(built), "", "", "")


def test_memory(frame, tmp_path):
    """The largest resident size of a process that has found and embedded a face in a 1280x720 frame."""
    real_embedder()
    path = tmp_path / "face.png"
    cv2.imwrite(str(path), frame)
    ran = subprocess.run(
        [sys.executable, "-c", RSS.format(path=str(path))],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ,
    )
    result(
        "face: memory of embedder and OpenCV",
        f"{int(ran.stdout) / 1024:.0f} MB",
        "",
        "",
        "350 MB whole kiosk",
    )
