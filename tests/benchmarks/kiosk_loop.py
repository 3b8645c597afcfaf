"""A whole kiosk on one core for some seconds, its page's preview read: prints what it did as JSON.

Run as `python -m tests.benchmarks.kiosk_loop PICTURES HOME SECONDS codes|faces`. With faces a person is enrolled over
and over, in the same process, from the frames of the same camera.
"""

import json
import os
import secrets
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import cv2

from kiosk.backend import UnreachableError
from kiosk.cameras.files import PictureFolder
from kiosk.faces import embedder
from kiosk.hardware.parts import Hardware
from kiosk.model import Person, Way
from kiosk.runtime.choose_camera import Chosen
from kiosk.runtime.face_ties import FaceTies
from kiosk.runtime.face_work import FaceWork
from kiosk.runtime.program import Place, Program
from kiosk.session.effects import EnrolFace
from kiosk.settings import Enrolment

NOWHERE = "http://127.0.0.1:1"  # nobody listens on port 1
SETTLE_S = 3.0  # what a start costs is not what running costs
NOBODY = Person("visit", Way.IDENTITY_CODE, "", ())


class Counted:
    """The real embedder, counting the frames it looked at."""

    def __init__(self) -> None:
        self._real = embedder.load()
        self.frames = 0

    def find(self, image):
        self.frames += 1
        return self._real.find(image)

    def embed(self, image, face):
        return self._real.embed(image, face)


class Nowhere:
    """A station that is away: no agreement is recorded, so that no template is kept."""

    def agree_face(self, body, key):
        raise UnreachableError("away")

    def face_gone(self, recipient_id, reason):
        pass

    def faces_used(self, recipient_ids):
        pass


def main(pictures: str, home: str, seconds: str, what: str) -> None:
    """Run, then print."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    cv2.setNumThreads(1)
    enrolment = Enrolment(NOWHERE, "token", "1", secrets.token_hex(32))
    program = Program(Place(Path(home), enrolment, Chosen(PictureFolder(Path(pictures))), Hardware()))
    program.start()
    threading.Thread(target=_watch, args=(program,), daemon=True).start()
    counted = _look_at_faces(program) if what == "faces" else None
    time.sleep(SETTLE_S)
    before = _so_far(program, counted)
    time.sleep(float(seconds))
    spent = {name: after - before[name] for name, after in _so_far(program, counted).items()}
    print(json.dumps(spent | _memory()), flush=True)
    os._exit(0)  # the face thread is inside its library, under which the interpreter cannot end


def _so_far(program, counted):
    return {
        "seconds": time.monotonic(),
        "cpu_s": time.process_time(),
        "codes": program._eyes._decoder.counters().frames,
        "faces": counted.frames if counted else 0,
    }


def _memory():
    """Return megabytes now and at the highest since the program began (proc(5))."""
    said = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return {name: int(said[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM")}


def _watch(program) -> None:
    for _ in program.desk.preview():
        pass


def _look_at_faces(program) -> Counted:
    counted = Counted()
    again = [EnrolFace(1, NOBODY, "en")]
    ties = FaceTies(
        tell=lambda event: work.enrol(again[0]) if type(event).__name__ == "EnrolFailed" else None,
        is_wanted=lambda: True,
        candidates=lambda parcel_ids: [],
        expected=frozenset,
        agreement=lambda: 1,
        progress=lambda part, hint: None,
        now=lambda: datetime.now(UTC),
        seconds=time.monotonic,
        wake=lambda: None,
    )
    away = Nowhere()
    work = FaceWork(
        program._eyes.frames, program._gallery, ties, backend=away, letters=away, load=lambda: counted
    )
    work.start()
    work.enrol(again[0])
    return counted


if __name__ == "__main__":
    main(*sys.argv[1:])
