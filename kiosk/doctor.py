"""`python -m kiosk doctor`: does everything here work? One line for each part: ok, or what to do.

Run it after setting up, and whenever something seems wrong. It needs the camera for itself: stop the kiosk first.
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kiosk import settings
from kiosk.backend import Backend, RefusedError, UnreachableError
from kiosk.cameras import health
from kiosk.cameras.drawing import ShownParcel, draw_parcel
from kiosk.cameras.health import Health
from kiosk.cameras.source import HEIGHT, WIDTH, Camera, CameraError, Image, grey_of
from kiosk.codes.reading import read_codes, turned
from kiosk.faces.embedder import load
from kiosk.hardware import wiring
from kiosk.model import Rules
from kiosk.runtime.choose_camera import choose
from kiosk.settings import Enrolment

# Ours: the spool, the list and a month of logs need some megabytes; a full card breaks everything else first.
FREE_BYTES = 500 * 1024**2
SLOW_WRITE_S = 1.0  # ours: a release writes twice before it opens, and nobody waits longer before a door
WARM_UP_FRAMES = 15  # a camera needs about a second until exposure and focus stand
WAYBILL = "SF1234567890123"
LABEL_TURNS = (0, 30, 90)  # degrees; parcels never lie straight

FOCUS = (
    "Turn the focus ring until a label at the shelf is sharp, or take a camera with autofocus. Wipe the lens."
)
LIGHT = "Add light beside the camera, or remove what covers it."


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found out of one part. `advice` says what to do; empty when it is fine."""

    part: str
    found: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """The kiosk that is looked at: its folder, and what it is enrolled as, None when it is not."""

    folder: Path
    enrolment: Enrolment | None


def main(arguments: list[str]) -> int:
    """Look at every part and print a line for each; return 1 when something has to be done."""
    if arguments:
        sys.stderr.write("python -m kiosk doctor takes no words behind it.\n")
        return 2
    worst = 0
    for finding in examine(settings.home()):
        mark = "!!" if finding.advice else "ok"
        sys.stdout.write(f"{mark}  {finding.part:9} {finding.found}\n")
        if finding.advice:
            sys.stdout.write(f"    {'':9} {finding.advice}\n")
            worst = 1
        sys.stdout.flush()
    return worst


def examine(folder: Path) -> Iterator[Finding]:
    """Yield what is found of each part, in the order in which one would mend them."""
    patient = Patient(folder, _enrolment(folder))
    for look in LOOKS:
        yield from look(patient)


def _enrolment(folder: Path) -> Enrolment | None:
    try:
        return settings.read_enrolment(folder)
    except settings.NotEnrolledError:
        return None


def disk(patient: Patient) -> Iterator[Finding]:
    """Look whether hand-overs can be written down, and fast enough."""
    free = shutil.disk_usage(patient.folder).free
    found = f"{free // 1024**2} MB free in {patient.folder}"
    try:
        took_s = _write_s(patient.folder)
    except OSError as error:
        yield Finding("disk", f"{patient.folder}: {error.strerror}", "Let the kiosk's user own the folder.")
        return
    if free < FREE_BYTES:
        yield Finding("disk", found, "Free some space, or take a larger card.")
    elif took_s > SLOW_WRITE_S:
        yield Finding(
            "disk", f"a safe write took {took_s:.1f} s", "The card is worn out or slow: replace it."
        )
    else:
        yield Finding("disk", f"{found}, a safe write takes {1000 * took_s:.0f} ms")


def _write_s(folder: Path) -> float:
    began = time.perf_counter()
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"\0" * 4096)
        file.flush()
        os.fsync(file.fileno())
    return time.perf_counter() - began


def camera(patient: Patient) -> Iterator[Finding]:
    """Look through the camera: whether it is there, its size, its light and its focus."""
    chosen = choose(patient.folder).camera
    try:
        picture = _picture(chosen)
    except CameraError as error:
        advice = (
            "Plug it in, stop the kiosk (it holds the camera), and look whether `ls /dev/video*` names it."
        )
        yield Finding("camera", f"{error}", advice)
        return
    height, width = picture.shape[:2]
    size = f"{chosen.name}, {width}x{height}"
    if width < WIDTH or height < HEIGHT:
        yield Finding("camera", size, f"Labels need {WIDTH}x{HEIGHT} or more: take another camera.")
    else:
        yield Finding("camera", size)
    condition = health.look_at(picture)
    edge = health.sharpness(grey_of(picture))
    focus = "no edge to judge the focus by" if edge is None else f"focus {100 * edge:.0f} %"
    advice = {Health.DARK: LIGHT, Health.BLURRED: FOCUS}.get(condition, "")
    yield Finding("picture", f"{condition.value}, {focus}", advice)


def _picture(one: Camera) -> Image:
    """Return a picture of a camera that had time to settle. Raises CameraError."""
    try:
        one.open()
        for _ in range(WARM_UP_FRAMES):
            picture = one.read()
        return picture
    finally:
        one.close()


def decoding(patient: Patient) -> Iterator[Finding]:
    """Read a drawn label at several angles, by the very decoder the kiosk uses."""
    began = time.perf_counter()
    missed = [turn for turn in LABEL_TURNS if not _is_read(turn)]
    took_ms = 1000 * (time.perf_counter() - began) / len(LABEL_TURNS)
    if missed:
        advice = "Install the kiosk's packages again: make kiosk"
        yield Finding("decoding", f"a drawn label was not read at {missed} degrees", advice)
    else:
        yield Finding("decoding", f"a drawn label is read in {took_ms:.0f} ms")


def _is_read(turn: float) -> bool:
    label = grey_of(draw_parcel(ShownParcel(WAYBILL, "sf"))[:, :, :3])
    picture, _ = turned(label, turn)
    return WAYBILL in {reading.text for reading in read_codes(picture, budget_s=60).readings}


def station(patient: Patient) -> Iterator[Finding]:
    """Ask the station who we are, and compare the clocks."""
    if patient.enrolment is None:
        advice = f"Make a code on the station's Devices page, then: {sys.executable} -m kiosk enrol URL CODE"
        yield Finding("station", "this kiosk is not enrolled", advice)
        return
    backend = Backend(patient.enrolment.url, patient.enrolment.token)
    asked_at = datetime.now(UTC)
    try:
        setup = backend.setup()
    except UnreachableError:
        advice = "Look at the network and at the address. Without it the kiosk works for twelve hours only."
        yield Finding("station", f"{patient.enrolment.url} does not answer", advice)
        return
    except RefusedError as error:
        advice = (
            "It was revoked, or the station is a new one. Enrol again: python -m kiosk enrol URL CODE --again"
        )
        yield Finding("station", f"{patient.enrolment.url} refuses this kiosk ({error.code})", advice)
        return
    yield Finding("station", f"{setup.station.name} knows this kiosk as {setup.kiosk_name}")
    yield _clock(setup.now - (asked_at + (datetime.now(UTC) - asked_at) / 2), setup.rules)


def _clock(drift: timedelta, rules: Rules) -> Finding:
    found = f"{abs(drift.total_seconds()):.1f} s from the station's"
    if abs(drift) > rules.drift_limit:
        return Finding("clock", found, "Switch time synchronization on: sudo timedatectl set-ntp true")
    return Finding("clock", found)


def faces(patient: Patient) -> Iterator[Finding]:
    """Load the face models, which is all that can break: without them the face button is not shown."""
    if load() is None:
        advice = "Only the face button is missing. To have it: make kiosk"
        yield Finding("faces", "the packages or models cannot be loaded", advice)
    else:
        yield Finding("faces", "the models are loaded")


def parts(patient: Patient) -> Iterator[Finding]:
    """Take hold of door, lamp, beeper and printer as hardware.toml names them."""
    try:
        hardware = wiring.connect(patient.folder)
    except wiring.WiringError as error:
        yield Finding(
            "parts", f"{error}", f"Correct {patient.folder / wiring.FILE}; docs/kiosk.md shows one."
        )
        return
    hardware.close()
    is_wired = (patient.folder / wiring.FILE).exists()
    yield Finding("parts", "all that hardware.toml names" if is_wired else "none: no hardware.toml")


LOOKS: tuple[Callable[[Patient], Iterator[Finding]], ...] = (
    disk,
    camera,
    decoding,
    station,
    faces,
    parts,
)
