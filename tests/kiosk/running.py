"""A whole kiosk for tests: a real station on a loopback port, the real program, a stage for a camera."""

import secrets
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from kiosk import backend
from kiosk.hardware.parts import Hardware
from kiosk.runtime.choose_camera import Chosen
from kiosk.runtime.program import Place, Program
from kiosk.session import idle
from kiosk.session.state import Screen
from kiosk.settings import Enrolment
from station.core.db import connection, reading, transaction
from station.kiosks import enrolment as station_side
from station.residents import identity
from tests.browser.server import Server
from tests.factories import Station
from tests.kiosk.stage import Stage

SLOW = 0.25
WAIT_S = 180.0  # for a machine that is busy with everything else; what is awaited takes tenths of a second
# These screens end by themselves where the machine is slow; the others, where nobody does anything.
WORKING = (Screen.CHECKING, Screen.FACE, Screen.ENROL_FACE, Screen.WRONG_PARCEL)


class Parts:
    """Door, lamp, beeper and printer that write down what they did."""

    def __init__(self):
        self.done, self.is_stuck = [], False

    def open(self):
        if self.is_stuck:
            raise OSError
        self.done.append("door")

    def show(self, kind):
        self.done.append(f"lamp {kind}")

    def sound(self, kind):
        self.done.append(f"beep {kind}")

    def print_ticket(self, lines):
        self.done.append("ticket")

    def close(self):
        self.done.append("closed")


def unhurried() -> float:
    """Return seconds that pass slowly: a machine that is busy with other tests keeps up with a head that turns."""
    return time.monotonic() * SLOW


class Cable:
    """The line to the station; cut, it answers as one that was pulled out."""

    def __init__(self, http):
        self._http = http
        self.is_cut = False

    def request(self, method, url, **options):
        if self.is_cut:
            raise requests.ConnectionError
        return self._http.request(method, url, **options)


class Kiosk:
    """A running kiosk with what a test does before it."""

    def __init__(self, folder: Path, enrolment: Enrolment, seconds: Callable[[], float]):
        self._folder = folder
        self._enrolment, self._seconds = enrolment, seconds
        self._make()

    def _make(self):
        self.stage, self.parts = Stage(), Parts()
        hardware = Hardware(self.parts, self.parts, self.parts, self.parts)
        self.program = Program(
            Place(self._folder, self._enrolment, Chosen(self.stage), hardware), seconds=self._seconds
        )
        self.desk = self.program.desk
        self.cable = self.program._backend._http = Cable(self.program._backend._http)

    def start(self):
        self.program.start()
        return self

    def stop(self):
        self.program.stop()

    def restart(self):
        """End it and start it anew, as after a power cut, with everything it had on its disk."""
        self.stop()
        self._make()
        return self.start()

    def until(self, holds: Callable) -> object:
        """Wait for a snapshot of which `holds` is true; return it."""
        number, end = 0, time.monotonic() + WAIT_S
        while time.monotonic() < end:
            snapshot = self.desk.changes(number, timeout_s=end - time.monotonic())
            if snapshot is None:
                break
            number = snapshot.number
            if holds(snapshot):
                return snapshot
        raise AssertionError(f"never seen; at the end: {self.desk.snapshot().session}")

    def until_screen(self, screen: str) -> object:
        return self.until(lambda snapshot: snapshot.session.screen == screen)

    def until_ready(self):
        """Wait until station and list are known."""
        self.until(lambda snapshot: snapshot.station.id)
        wait_for(lambda: self.program._waiting.standing() is not None)
        return self

    def type(self, text: str):
        for char in text:
            self.desk.touch("key", char)
        self.desk.touch("enter", "")


def wait_for(holds: Callable[[], object]) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < end, "the condition never held"
        threading.Event().wait(0.02)


def rows(table) -> list:
    """Return a table of the station's database."""
    with reading():
        return connection().execute(select(table)).mappings().all()


def enrolled(station: Station) -> tuple[str, str]:
    """Return token and id of a new kiosk of this station."""
    with transaction():
        code = station_side.make_code(station.manager, name="At the door").code
    with transaction():
        made = station_side.enrol(code, version="test")
    return made.token, str(made.kiosk_id)


def identity_code(station: Station, recipient_id: int) -> str:
    """Return the code that this person's phone shows now."""
    with reading():
        return identity.codes(station.id, recipient_id)[0].text


@contextmanager
def running(folder: Path, server: Server, station: Station, *, seconds: Callable[[], float] = time.monotonic):
    """Run a kiosk of this station that has time for a machine that is busy with everything else."""
    token, kiosk_id = enrolled(station)
    enrolment = Enrolment(server.url, token, kiosk_id, secrets.token_hex(32))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backend, "DECISION_S", WAIT_S)
        for screen in WORKING:
            patch.setitem(idle.LIMITS, screen, int(WAIT_S))
        kiosk = Kiosk(folder, enrolment, seconds).start()
        try:
            yield kiosk
        finally:
            kiosk.stop()
