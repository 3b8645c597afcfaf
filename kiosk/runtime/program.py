"""The kiosk put together: every part made once, tied to the others, started and ended in order."""

import base64
import hmac
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kiosk.backend import Backend
from kiosk.drift import Clock
from kiosk.faces import embedder
from kiosk.faces.gallery import Gallery
from kiosk.hardware.parts import Hardware
from kiosk.known import Known
from kiosk.letters import Letters
from kiosk.model import Rules
from kiosk.releasing import Releasing
from kiosk.runtime.agreements import Agreements
from kiosk.runtime.board import Backdrop, Board
from kiosk.runtime.choose_camera import Chosen
from kiosk.runtime.effects import Doer, Helpers
from kiosk.runtime.evidence import Evidence
from kiosk.runtime.eyes import Eyes
from kiosk.runtime.face_ties import FaceTies
from kiosk.runtime.face_work import FaceWork
from kiosk.runtime.faults import Condition, Watch
from kiosk.runtime.live import LiveDesk
from kiosk.runtime.loop import Loop, Recorder
from kiosk.runtime.workers import Workers
from kiosk.session.events import Connection, Unfinished
from kiosk.session.machine import step
from kiosk.settings import Enrolment
from kiosk.spool import Spool
from kiosk.syncing import Health, Syncing, Ties
from kiosk.visits import Visits
from kiosk.waiting_list import WaitingList
from kiosk.ways import Books, Ways

STOP_S = 1.0  # ours: an end takes 3 s at most; what the network still holds up is safe in the spool
PROBE_EVERY_S = 30.0  # ours: a card of memory that fails is noticed before the next visit ends


def utc_now() -> datetime:
    """Return this machine's time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a kiosk stands: its folder, what it is enrolled as, its camera and parts."""

    folder: Path
    enrolment: Enrolment
    eyes: Chosen
    hardware: Hardware


class Program:
    """A kiosk. `desk` is what its page needs. `start` once, `stop` once."""

    def __init__(
        self,
        place: Place,
        *,
        recorder: Recorder | None = None,
        clock: Callable[[], datetime] = utc_now,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` tells the time of day, `seconds` what passes between frames."""
        self._place = place
        key = bytes.fromhex(place.enrolment.key)
        self._spool = Spool(place.folder, key)
        self._waiting = WaitingList(place.folder)
        self._known = Known(self._spool.memory)
        self._clock = Clock(self._spool.memory, clock)
        self._books = Books(self._spool, self._waiting, self._known, self._clock, Visits())
        self._backend = Backend(place.enrolment.url, place.enrolment.token)
        self._loop = Loop(step, rules=self._rules, clock=clock, recorder=recorder)
        self._eyes = Eyes(place.eyes.camera, self._loop.tell, is_waiting=self._is_waiting, seconds=seconds)
        self._workers = Workers()
        self._letters = Letters(self._books, on_new=self._wake)
        self._gallery = Gallery(place.folder, hmac.digest(key, b"faces", "sha256"), now=clock())
        self._ways = Ways(self._backend, self._books, enrolled=self._enrolled)
        self._board = Board(self._backdrop(has_faces=False), clock=clock)
        self._agreements = Agreements(self._backend, show=self._board.agree, later=self._workers.later)
        self._faces = self._face_work(seconds)
        self._evidence = Evidence(self._eyes.frames, find=self._faces.boxes, clock=clock)
        self._releasing = Releasing(self._backend, self._books, on_owed=self._wake)
        self._syncing = Syncing(self._backend, self._books, self._releasing, self._ties())
        self._watch = Watch(self._look, self._rules, self._loop.tell, alive_at_s=self._loop.alive_at)
        self._probed_at_s, self._is_spool_broken = 0.0, False
        self.desk = LiveDesk(
            self._board, self._eyes.frames, self._loop.tell, show=place.eyes.show or _show_nothing
        )

        if place.eyes.face:
            place.eyes.face.asked = lambda: self._board.newest().session.turn_to

    def start(self) -> None:
        """Begin everything; what a restart interrupted is told first."""
        self._backend.on_line = lambda is_offline: self._loop.tell(Connection(is_offline))
        for parcel in self._releasing.unfinished():
            self._loop.tell(Unfinished(parcel))
        self._loop.start(Doer(self._helpers(), self._board, self._loop.tell))
        self._eyes.start()
        self._faces.start()
        self._syncing.start()
        self._watch.start()

    def stop(self) -> None:
        """End everything within a few seconds, parts in their safe state."""
        self._watch.stop()
        self._eyes.stop(STOP_S)
        self._faces.close(STOP_S)
        self._loop.stop()
        self._place.hardware.close()
        ending = threading.Thread(target=self._close, name="ending", daemon=True)
        ending.start()
        ending.join(STOP_S)

    def _close(self) -> None:
        """Wait for what the network holds up, then close the stores."""
        self._syncing.stop()
        self._workers.close()
        for store in (self._spool, self._waiting, self._gallery):
            store.close()

    def _helpers(self) -> Helpers:
        return Helpers(
            ways=self._ways,
            releases=self._releasing,
            letters=self._letters,
            faces=self._faces,
            evidence=self._evidence,
            hardware=self._place.hardware,
            agreements=self._agreements,
            workers=self._workers,
        )

    def _face_work(self, seconds: Callable[[], float]) -> FaceWork:
        ties = FaceTies(
            tell=self._loop.tell,
            is_wanted=lambda: self._known.rules.takes_faces,
            candidates=self._ways.candidates,
            expected=self._ways.expected,
            agreement=lambda: self._agreements.version,
            progress=self._board.progress,
            now=self._clock.now,
            seconds=seconds,
            wake=self._wake,
        )
        return FaceWork(
            self._eyes.frames,
            self._gallery,
            ties,
            backend=self._backend,
            letters=self._letters,
            load=embedder.load,
        )

    def _ties(self) -> Ties:
        return Ties(
            health=lambda: Health(
                self._eyes.health(), len(self._enrolled()), is_demo=self._place.eyes.show is not None
            ),
            tell=self._loop.tell,
            forget_faces=self._faces.forget_all,
            thumbnail=self._thumbnail,
        )

    def _wake(self) -> None:
        self._syncing.wake()

    def _rules(self) -> Rules:
        """Return the station's rules, without what this kiosk cannot do."""
        return replace(self._known.rules, takes_faces=self._faces.is_usable)

    def _backdrop(self, *, has_faces: bool) -> Backdrop:
        rules = replace(self._known.rules, takes_faces=has_faces)
        return Backdrop(self._known.station, rules, has_faces, self._is_demo)

    @property
    def _is_demo(self) -> bool:
        return self._place.eyes.show is not None

    def _enrolled(self) -> frozenset[str]:
        return frozenset(self._gallery.index.ids)

    def _is_waiting(self, waybill: str) -> bool:
        return self._waiting.by_waybill(waybill) is not None

    def _look(self) -> Condition:
        self._board.rehang(self._backdrop(has_faces=self._faces.is_usable))
        return Condition(
            camera_gone_s=self._eyes.gone_s(),
            has_seen=self._eyes.has_seen(),
            is_offline=self._backend.is_offline,
            list_age=self._waiting.age(self._clock.now()),
            drift=self._clock.drift(),
            is_spool_broken=self._probe(),
        )

    def _probe(self) -> bool:
        """Tell whether nothing can be written down: seldom while it works, at every look while it does not."""
        now_s = time.monotonic()
        if self._is_spool_broken or now_s - self._probed_at_s >= PROBE_EVERY_S:
            self._probed_at_s = now_s
            try:
                self._clock.note()
                self._is_spool_broken = False
            except sqlite3.Error:
                self._is_spool_broken = True
        return self._is_spool_broken

    def _thumbnail(self) -> dict[str, Any] | None:
        seen = self._evidence.seize()
        if seen is None:
            return None
        jpeg = base64.b64encode(self._evidence.thumbnail(seen)).decode()
        return {"taken_at": seen.at.isoformat(), "jpeg": jpeg}


def _show_nothing(scene: str) -> None:
    """Leave a real camera as it is."""
