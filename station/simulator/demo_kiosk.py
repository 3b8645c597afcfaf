"""The demo's kiosk: it enrols itself, runs beside the server, and its drawn camera is told what to show.

What it shows is written to a file every few seconds: the identity codes that a resident's phone would show now, the
parcels that wait for them, and one that waits for somebody else. Only the demo has this: it holds a resident's codes.
"""

import importlib.util
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from station.accounts import devices
from station.core import clock, phones
from station.core.actor import system_actor
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.core.failures import describe
from station.jobs.child import Child
from station.kiosks import enrolment
from station.network import queries as network
from station.residents import identity, identity_codes
from station.residents import service as residents
from station.simulator import queries
from station.simulator.demo import DEMO_PHONE

NAME = "Demo kiosk"
SCENE = "scene.json"
WRITTEN_EVERY_S = 5.0  # well within the 30 seconds a code is shown for
TRIES_EVERY_S = 1.0  # the server answers a moment after it started to listen
ENROL_TIMEOUT_S = 30.0
NEEDED = ("cv2", "zxingcpp", "requests")  # what requirements/kiosk.txt brings
PROGRAM = (sys.executable, "-m", "kiosk")

log = logging.getLogger(__name__)


def can_run() -> bool:
    """Tell whether the kiosk's packages are installed here."""
    return all(importlib.util.find_spec(name) for name in NEEDED)


class DemoKiosk:
    """Keeps the demo's kiosk running inside a `with` block, at http://127.0.0.1:KIOSK_PORT.

    `context` opens what a thread needs to read the database: the application's context.
    """

    def __init__(
        self, context: Callable[[], AbstractContextManager[object]], *, folder: Path, url: str
    ) -> None:
        self._context = context
        self._folder = folder
        self._url = url
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="demo-kiosk", daemon=True)

    def __enter__(self) -> Self:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.environ |= {"KIOSK_HOME": str(self._folder), "KIOSK_SCENE": str(self._folder / SCENE)}
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._thread.join()

    def _work(self) -> None:
        with self._context(), transaction():
            identity.prepare()
        while not self._stopping.wait(TRIES_EVERY_S):
            if self._is_enrolled() or self._enrol():
                break
        if self._stopping.is_set():
            return
        self._show()
        with Child((*PROGRAM, "run", "--attached"), name="the kiosk"):
            while not self._stopping.wait(WRITTEN_EVERY_S):
                self._show()

    def _is_enrolled(self) -> bool:
        """Tell whether the kiosk's token opens this database, and not one that was here before."""
        with suppress(OSError, ValueError, KeyError, StationError):
            said = json.loads((self._folder / "enrolment.json").read_text("utf-8"))
            with self._context(), reading():
                devices.authenticate_device(said["token"])
            return bool(said["url"] == self._url)
        return False

    def _enrol(self) -> bool:
        with self._context(), transaction():
            code = enrolment.make_code(system_actor(_station()), name=NAME).code
        command = (*PROGRAM, "enrol", self._url, code, "--again")
        with suppress(subprocess.TimeoutExpired):
            done = subprocess.run(  # noqa: S603 - a command of our own, never somebody's input
                command, check=False, capture_output=True, text=True, timeout=ENROL_TIMEOUT_S
            )
            if done.returncode:
                log.warning("the demo kiosk could not be enrolled: %s", done.stderr.strip())
            return done.returncode == 0
        return False

    def _show(self) -> None:
        """Write what the camera sees next; a scene that cannot be made leaves the one before."""
        try:
            with self._context(), reading():
                scene = make_scene(_station())
        except Exception as error:  # noqa: BLE001 - the loop that keeps the demo alive must go on
            log.warning("the demo camera's scene could not be made: %s", describe(error))
            return
        new = self._folder / f"{SCENE}.new"
        new.write_text(json.dumps(scene, ensure_ascii=False), "utf-8")
        new.replace(self._folder / SCENE)


def make_scene(station_id: int) -> dict[str, Any]:
    """Return what the demo camera may be shown: `identity_codes`, `parcels` of one person, and an `other` parcel.

    The person is the demo resident while something waits for them, then whoever has most waiting.
    """
    phone = phones.parse(DEMO_PHONE)
    mine = queries.waiting_of(station_id, residents.phone_hash(phone.key)) if phone else []
    parcels = mine or queries.waiting_of(station_id, queries.busiest_phone(station_id))
    owner = parcels[0].recipient_id if parcels else None
    other = queries.waiting_of_others(station_id, parcels[0].phone_hash) if parcels else None
    return {
        "identity_codes": _codes(station_id, owner) if owner else [],
        "parcels": [_shown(parcel) for parcel in parcels],
        "other": _shown(other) if other else None,
        "written_at": clock.now().isoformat(),
    }


def _shown(parcel: queries.Waiting) -> dict[str, Any]:
    return {"waybill": parcel.waybill, "carrier": parcel.carrier, "pickup_code": parcel.pickup_code}


def _codes(station_id: int, recipient_id: int) -> list[dict[str, str]]:
    return [
        {"text": code.text, "from": _at(code.step), "until": _at(code.step + 1)}
        for code in identity.codes(station_id, recipient_id)
    ]


def _at(step: int) -> str:
    return datetime.fromtimestamp(identity_codes.begin_of(step), UTC).isoformat()


def _station() -> int:
    return network.stations()[0].id
