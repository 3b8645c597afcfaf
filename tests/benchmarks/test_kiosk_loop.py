"""The kiosk's whole loop on one core: frames a second, processor and memory, beside bare zxing-cpp or dlib alone."""

import json
import subprocess
import sys

import cv2
import pytest
import zxingcpp

from kiosk.cameras.drawing import ShownParcel, draw_backdrop, draw_parcel
from kiosk.cameras.posing import Grain, Pose, place
from kiosk.cameras.source import FPS
from kiosk.codes.reading import FORMATS
from kiosk.runtime.demo_face import DemoFace
from tests.benchmarks.measure import median_of, result
from tests.kiosk import drawn
from tests.kiosk.faces_kit import real_embedder

SECONDS = "12"
FACES_FPS = 5
PICTURES = 30
TURN_S = 5.5  # a whole turn of the drawn person's head
ROUNDS = 9


def parcels(folder):
    """Draw a label that is held before the camera, a little different in each picture."""
    label, grain = draw_parcel(ShownParcel("SF1000000004068", "sf", "12-3-4068")), Grain(drawn.SHAPE, 4.0)
    for number in range(PICTURES):
        frame = draw_backdrop()
        place(frame, label, Pose(640 + number, 360 - number, 0.9, number / 5, blur=0.6))
        cv2.imwrite(str(folder / f"{number:03d}.jpg"), grain.add(frame))


def people(folder):
    """Draw a person who turns their head, at a camera's rate."""
    moment = [0.0]
    person = DemoFace(clock=lambda: moment[0])
    person.asked = lambda: "left"
    for number in range(round(TURN_S * FPS)):
        moment[0] = number / FPS
        frame = draw_backdrop()
        person(frame, 0.0)
        cv2.imwrite(str(folder / f"{number:03d}.jpg"), frame)


def run(pictures, home, what):
    command = [sys.executable, "-m", "tests.benchmarks.kiosk_loop", pictures, home, SECONDS, what]
    done = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


@pytest.fixture
def folders(tmp_path):
    pictures, home = tmp_path / "pictures", tmp_path / "home"
    pictures.mkdir()
    home.mkdir()
    return pictures, home


def test_loop_with_codes(folders):
    pictures, home = folders
    parcels(pictures)
    ran = run(pictures, home, "codes")
    grey = cv2.imread(str(pictures / "000.jpg"), cv2.IMREAD_GRAYSCALE)
    bare_s = median_of(lambda: zxingcpp.read_barcodes(grey, formats=FORMATS), ROUNDS)
    rate, busy = ran["codes"] / ran["seconds"], ran["cpu_s"] / ran["seconds"]
    result(
        "kiosk loop with codes, one core",
        f"{rate:.1f} fps",
        f"{FPS} fps camera",
        f"{rate / FPS:.2f}",
        "15 fps",
    )
    result(
        "the same: processor",
        f"{busy:.0%}",
        f"{bare_s * FPS:.0%} zxing-cpp",
        f"{busy / bare_s / FPS:.1f}",
        "",
    )
    result(
        "the same: memory at its highest",
        f"{ran['VmHWM']:.0f} MB",
        f"{ran['VmRSS']:.0f} MB now",
        "",
        "≤ 120 MB",
    )


def test_loop_with_faces(folders):
    pictures, home = folders
    bare = real_embedder()
    people(pictures)
    ran = run(pictures, home, "faces")
    frame = cv2.imread(str(pictures / "000.jpg"))
    bare_s = median_of(lambda: bare.find(frame), ROUNDS)
    rate, busy = ran["faces"] / ran["seconds"], ran["cpu_s"] / ran["seconds"]
    result(
        "kiosk loop with codes and faces, one core", f"{rate:.1f} fps", "", f"{rate / FACES_FPS:.2f}", "5 fps"
    )
    result("the same: codes meanwhile", f"{ran['codes'] / ran['seconds']:.1f} fps", "", "", "")
    result("the same: processor", f"{busy:.0%}", f"{bare_s * FACES_FPS:.0%} dlib finding", "", "")
    result(
        "the same: memory at its highest",
        f"{ran['VmHWM']:.0f} MB",
        f"{ran['VmRSS']:.0f} MB now",
        "",
        "≤ 350 MB",
    )
