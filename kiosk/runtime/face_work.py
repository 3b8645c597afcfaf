"""Faces at work, in a thread of its own: looks, enrols and forgets as the session asks, and answers with events.

The libraries are loaded when the station allows faces, and only then. Frames are taken at a few a second and only
while somebody is looked for; no picture, template or distance leaves this thread.
"""

import logging
import queue
import threading
from collections.abc import Callable

from kiosk.backend import RefusedError, UnreachableError
from kiosk.cameras.capture import NewestFrame
from kiosk.faces.embedder import Embedder, Image, Vector
from kiosk.faces.enrol import FaceEnroller, Taken
from kiosk.faces.finder import FaceFinder, Matched, Missed, Outcome, Progress, TurnAsked
from kiosk.faces.gallery import Gallery, Reason
from kiosk.model import Person
from kiosk.refusals import NEEDS_NETWORK, notice
from kiosk.runtime.evidence import Box
from kiosk.runtime.face_ties import Agreeing, FaceTies, Receipts, Shared
from kiosk.runtime.failures import describe
from kiosk.runtime.sampler import Sampler
from kiosk.runtime.steady_hint import SteadyHint
from kiosk.session.effects import CompareFace, EnrolFace, FindFace
from kiosk.session.events import EnrolFailed, Enrolled, Event, FaceMatched, FaceMissed, FaceTurn
from kiosk.session.state import Notice
from kiosk.visits import new_key

FPS = 5.0  # issue "The kiosk", speed: what the loop must keep with faces
IDLE_S = 5.0  # ours: how soon faces are there after the station has allowed them
OFF = notice("way_off")

Wanted = FindFace | CompareFace | EnrolFace

log = logging.getLogger(__name__)


class FaceWork:
    """Implements needs.Faces. `load` returns the embedder, None where faces do not work here."""

    def __init__(
        self,
        frames: NewestFrame,
        gallery: Gallery,
        ties: FaceTies,
        *,
        backend: Agreeing,
        letters: Receipts,
        load: Callable[[], Embedder | None],
    ) -> None:
        self._frames, self._gallery, self._ties = frames, gallery, ties
        self._backend, self._letters, self._load = backend, letters, load
        self._jobs: queue.SimpleQueue[Wanted | None] = queue.SimpleQueue()
        self._hints = SteadyHint()
        self._embedder: Shared | None = None
        self._has_failed = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="faces", daemon=True)

    @property
    def is_usable(self) -> bool:
        """Tell whether faces can be recognised now."""
        return self._embedder is not None and self._ties.is_wanted()

    def start(self) -> None:
        """Begin to wait for work."""
        self._thread.start()

    def close(self, timeout_s: float) -> None:
        """End the thread; a template that is being computed is dropped."""
        self._stopping.set()
        self._jobs.put(None)
        self._thread.join(timeout_s)

    def find(self, effect: FindFace) -> None:
        """Look for anybody enrolled who has a parcel waiting."""
        self._jobs.put(effect)

    def compare(self, effect: CompareFace) -> None:
        """Look for who may take these parcels, nobody else."""
        self._jobs.put(effect)

    def enrol(self, effect: EnrolFace) -> None:
        """Take pictures and enrol."""
        self._jobs.put(effect)

    def stop(self) -> None:
        """Look no more and forget what was seen."""
        self._jobs.put(None)

    def forget(self, person: Person) -> None:
        """Delete this person's template now."""
        if person.recipient_id:
            self.forget_all((person.recipient_id,))

    def forget_all(self, recipient_ids: tuple[str, ...]) -> None:
        """Delete these templates; a receipt is sent also where none was left, since the station waits for it."""
        for recipient in recipient_ids:
            if not self._gallery.forget(recipient, Reason.WITHDRAWN, now=self._ties.now()):
                self._letters.face_gone(recipient, Reason.WITHDRAWN)
        self._send_receipts()

    def used(self, recipient_id: str) -> None:
        """Note that somebody collected with their face."""
        self._gallery.mark_used(recipient_id, self._ties.now())

    def boxes(self, image: Image) -> list[Box]:
        """Return where faces are, for a photo that must not show them; none where they cannot be looked for."""
        if self._embedder is None:
            return []
        return [(face.left, face.top, face.width, face.width) for face in self._embedder.find(image)]

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._prepare()
                job = self._next_job()
                while job is not None and not self._stopping.is_set():
                    job = self._look(job)
                    self._ties.progress(0.0, None)
            except Exception as error:  # noqa: BLE001 - one look must not end all others
                log.error("faces failed: %s", describe(error))

    def _next_job(self) -> Wanted | None:
        try:
            return self._jobs.get(timeout=IDLE_S)
        except queue.Empty:
            return None

    def _prepare(self) -> None:
        """Load the libraries when they are wanted; delete what is too old and tell the station."""
        if self._embedder is None and not self._has_failed and self._ties.is_wanted():
            loaded = self._load()
            self._embedder, self._has_failed = (Shared(loaded) if loaded else None), loaded is None
        self._gallery.forget_old(self._ties.now())
        self._send_receipts()

    def _send_receipts(self) -> None:
        for receipt in self._gallery.receipts():
            self._letters.face_gone(receipt.recipient_id, receipt.reason)
            self._gallery.told(receipt)
        used = self._gallery.used()
        if used:
            self._letters.faces_used(recipient for recipient, _ in used)
            self._gallery.told_used(used)

    def _look(self, job: Wanted) -> Wanted | None:
        """Do one job until it ends or another one comes, which is returned."""
        if self._embedder is None:
            self._ties.tell(_missed(job, OFF))
            return None
        if isinstance(job, EnrolFace):
            enroller = FaceEnroller(self._embedder)
            begun, see = enroller.start(self._ties.seconds()), enroller.see
            return self._watch(job, begun, see)
        finder = FaceFinder(self._gallery, self._embedder)
        people = (
            list(self._ties.expected())
            if isinstance(job, FindFace)
            else self._ties.candidates(job.parcel_ids)
        )
        start = finder.start_find if isinstance(job, FindFace) else finder.start_compare
        return self._watch(job, start(people, self._ties.seconds()), finder.see)

    def _watch(
        self, job: Wanted, begun: Outcome, see: Callable[[Image, float], Outcome | Taken | None]
    ) -> Wanted | None:
        outcome: Outcome | Taken | None = begun
        self._hints = SteadyHint()
        with Sampler(self._frames, FPS) as frames:
            while not self._answer(job, outcome):
                if not self._jobs.empty():
                    return self._jobs.get()
                frame = frames.next()
                outcome = see(frame.image, frame.at_s) if frame else None
        return None

    def _answer(self, job: Wanted, outcome: Outcome | Taken | None) -> bool:
        """Tell what a frame brought; return whether the job is done."""
        if isinstance(outcome, TurnAsked):
            self._ties.tell(FaceTurn(job.ask, outcome.side))
        elif isinstance(outcome, Progress):
            self._ties.progress(outcome.part, self._hints.see(outcome.hint))
        elif isinstance(outcome, Matched):
            self._ties.tell(FaceMatched(job.ask, outcome.recipient_id, outcome.is_hands_free))
        elif isinstance(outcome, Missed):
            self._ties.tell(_missed(job, Notice(outcome.reason)))
        elif isinstance(outcome, Taken) and isinstance(job, EnrolFace):
            self._ties.tell(self._keep(job, outcome.template))
        return isinstance(outcome, Matched | Missed | Taken)

    def _keep(self, job: EnrolFace, template: Vector) -> Event:
        """Record the agreement, then keep the template: never one without the other."""
        version, now = self._ties.agreement(), self._ties.now()
        if version is None:
            return EnrolFailed(job.ask, NEEDS_NETWORK)
        body: dict[str, object] = {
            "session_id": job.person.key,
            "guardian_session_id": job.guardian_key,
            "version": version,
            "language": job.language,
            "at": now.isoformat(),
        }
        try:
            agreed = self._backend.agree_face(body, new_key())
        except UnreachableError:
            return EnrolFailed(job.ask, NEEDS_NETWORK)
        except RefusedError as refused:
            return EnrolFailed(job.ask, notice(refused.code))
        self._gallery.add(agreed.recipient_id, template, now=now, expires_at=agreed.expires_at)
        self._ties.wake()  # the waiting list says who may collect by face; it is to say so at once
        return Enrolled(job.ask)


def _missed(job: Wanted, why: Notice) -> Event:
    return EnrolFailed(job.ask, why) if isinstance(job, EnrolFace) else FaceMissed(job.ask, why)
