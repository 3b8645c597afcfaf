"""Keeps kiosk and station in step, in one thread: reports, set-up, waiting list, replays in order, and the outbox.

A turn does what can be done and stops where the line breaks; nothing is forgotten before the station has answered.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidTag

from kiosk import VERSION
from kiosk.answers import Reported
from kiosk.backend import Backend, RefusedError, UnreachableError
from kiosk.releasing import Releasing, settle_doubtful
from kiosk.session.events import Event, Settled, Unfinished
from kiosk.spool.lifecycle import Action, State
from kiosk.visits import new_key
from kiosk.ways import Books

EVERY_S = 15.0  # the API of kiosks
LONGEST_PAUSE_S = 60.0  # ours: without a line; a kiosk is silent for the counter after five minutes
WAIT = frozenset({401, 403, 408, 429})  # refused for now, not for what was said: it is sent again
UNFINISHED_MOST = 50  # the station takes no more at once; the others follow when these are settled
MS = timedelta(milliseconds=1)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Health:
    """What the runtime tells of itself: camera `ok`, `missing`, `dark` or `blurred`; how many faces are enrolled."""

    camera: str
    faces: int
    is_demo: bool


@dataclass(frozen=True, slots=True)
class Ties:
    """How syncing reaches the rest of the kiosk.

    `forget_faces` deletes templates of recipients and sends the receipts; `thumbnail` returns a small JPEG of what the
    camera sees with the time it was taken, as the body of POST /thumbnails, or None.
    """

    health: Callable[[], Health]
    tell: Callable[[Event], None]
    forget_faces: Callable[[tuple[str, ...]], None]
    thumbnail: Callable[[], dict[str, Any] | None]


class Syncing:
    """Runs turns until it is stopped; `wake` lets one begin now."""

    def __init__(self, backend: Backend, books: Books, releasing: Releasing, ties: Ties) -> None:
        self._backend = backend
        self._books = books
        self._releasing = releasing
        self._ties = ties
        self._woken = threading.Event()
        self._is_stopping = False
        self._pause_s = EVERY_S
        self._thread = threading.Thread(target=self._run, name="syncing", daemon=True)

    def start(self) -> None:
        """Begin in a thread of its own; the first turn is at once."""
        self._thread.start()

    def stop(self) -> None:
        """End after the turn at hand."""
        self._is_stopping = True
        self._woken.set()
        self._thread.join()

    def wake(self) -> None:
        """Let a turn begin now: there is something to tell."""
        self._woken.set()

    def turn(self) -> None:
        """Do everything once. Raises UnreachableError, RefusedError (the kiosk was revoked)."""
        self._releasing.give_up(self._ties.tell)
        self._books.clock.note()
        asked_at = self._books.clock.here()
        self._learn(self._report(), asked_at)
        self._replay()
        self._settle_doubtful()
        self._prune()
        self._send_outbox()
        self._send_photos()

    def _run(self) -> None:
        while not self._is_stopping:
            self._woken.clear()
            self._pause_s = self._try_turn()
            self._woken.wait(self._pause_s)

    def _try_turn(self) -> float:
        """Do a turn; return how long to wait until the next one."""
        try:
            self.turn()
        except UnreachableError:
            return min(2 * self._pause_s, LONGEST_PAUSE_S)
        except RefusedError as refused:
            log.warning("the station refuses this kiosk: %s", refused.code)
            return LONGEST_PAUSE_S
        except Exception as error:  # noqa: BLE001 - the top of a loop: the next turn may go well
            log.error("a turn failed: %s", type(error).__name__)
        return EVERY_S

    def _report(self) -> Reported:
        books, health = self._books, self._ties.health()
        clock = books.clock
        age = books.waiting.age(clock.now())
        unfinished = [one for one in books.spool.intents.unfinished() if one.state is State.UNFINISHED]
        sent_at = clock.here()
        body = {
            "at": sent_at.isoformat(),
            "version": VERSION,
            "queue_length": books.spool.length(),
            "clock_drift_ms": round(clock.drift() / MS),
            "list_age_s": int(age.total_seconds()) if age is not None else None,
            "camera": health.camera,
            "faces": health.faces,
            "unfinished": [one.parcel.id for one in unfinished[:UNFINISHED_MOST]],
            "is_demo": health.is_demo,
        }
        try:
            said = self._backend.report(body, new_key())
        except RefusedError as refused:
            if refused.status in (401, 403):
                self._forget_station()
            raise
        clock.measure(sent_at=sent_at, answered_at=clock.here(), station_now=said.now)
        if said.is_revoked:
            self._forget_station()
        return said

    def _forget_station(self) -> None:
        """Keep nobody's waiting parcels on a kiosk that the station revoked; what it is owed stays."""
        self._books.waiting.clear()

    def _learn(self, said: Reported, asked_at: datetime) -> None:
        books = self._books
        if said.setup_version != books.known.version:
            books.known.learn(self._backend.setup())
        if said.waiting_head == books.waiting.cursor():
            books.waiting.confirm(as_of=said.now, asked_at=asked_at)
        else:
            books.waiting.sync(self._backend.waiting, now=books.clock.here)
        if said.forget_faces:
            self._ties.forget_faces(said.forget_faces)
        self._settle(said.settled)
        if said.thumbnail_wanted:
            self._send_thumbnail()

    def _settle(self, parcel_ids: tuple[str, ...]) -> None:
        for intent in self._books.spool.intents.unfinished():
            if intent.parcel.id in parcel_ids and intent.state is State.UNFINISHED:
                self._books.spool.intents.act(intent.key, Action.SETTLE, self._books.clock.here())
                self._ties.tell(Settled(intent.parcel.id))

    def _replay(self) -> None:
        """Tell of what happened offline, in its order. One that the station cannot take stays and is tried again."""
        intents = self._books.spool.intents
        for intent in intents.to_replay():
            try:
                became = self._backend.replay(intent)
            except RefusedError as refused:
                log.error("a replay was refused and stays: %s", refused.code)
                continue
            action = Action.REPLAY if became.is_accepted else Action.CONFLICT
            own = became.hand_over_id if became.is_accepted else None
            intents.act(intent.key, action, self._books.clock.here(), hand_over_id=own)
            if action is Action.CONFLICT:
                log.warning("a replay became a conflict: %s", became.reason)
                self._ties.tell(Settled(intent.parcel.id))

    def _settle_doubtful(self) -> None:
        for intent in self._books.spool.intents.doubtful():
            if settle_doubtful(self._backend, intent, self._books) is State.UNFINISHED:
                self._ties.tell(Unfinished(intent.parcel))

    def _prune(self) -> None:
        standing = self._books.waiting.standing()
        if standing:
            self._books.spool.intents.prune(standing.asked_at)

    def _send_outbox(self) -> None:
        outbox = self._books.spool.outbox
        for message in outbox.waiting():
            if self._is_told(message.kind, message.body, message.key):
                outbox.told(message.seq)

    def _send_photos(self) -> None:
        photos, seq = self._books.spool.photos, 0
        while True:
            try:
                photo = photos.next(seq)
            except InvalidTag:  # the kiosk was enrolled anew: nobody can open what the old key sealed
                photos.clear()
                return
            if photo is None:
                return
            seq = photo.seq
            if self._is_told("photos", photo.body(), photo.key):
                photos.told(seq)

    def _send_thumbnail(self) -> None:
        body = self._ties.thumbnail()
        if body:
            self._is_told("thumbnails", body, new_key())

    def _is_told(self, kind: str, body: dict[str, Any], key: str) -> bool:
        """Send; tell whether the station has answered for good. Raises UnreachableError."""
        try:
            self._backend.tell(kind, body, key)
        except RefusedError as refused:
            log.warning("the station does not take it: %s", refused.code)
            return refused.status not in WAIT
        return True
