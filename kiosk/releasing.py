"""Getting a parcel released: what is intended is on the disk first, and only a yes that is on the disk opens a door.

Online the station decides within two seconds, and is asked once more for the same key when nothing came; then the
offline rules hold (offline.py). What became of each intent is spool/lifecycle.py's table.
"""

import logging
from collections.abc import Callable
from datetime import timedelta

from kiosk import offline
from kiosk.backend import Backend, RefusedError, UnreachableError
from kiosk.identity_codes import Fault
from kiosk.model import Parcel
from kiosk.refusals import IN_DOUBT, notice
from kiosk.session.effects import Release
from kiosk.session.events import Event, NotReleased, Released, Unfinished
from kiosk.session.state import Notice
from kiosk.spool.intents import Draft, Intent, TakenError
from kiosk.spool.lifecycle import OPENING, Action, IllegalError, State
from kiosk.visits import Visit, new_key
from kiosk.ways import Books

ATTEMPTS = 2  # DESIGN.md 6: on a time-out it asks once for that key's result
# Ours: a door opens within a second of the answer; after a minute it did not, or nobody wrote it down.
DOOR_LATE = timedelta(minutes=1)

log = logging.getLogger(__name__)


class Releasing:
    """Releases parcels. Safe from any thread. `on_owed` is called when the station has to be told of something."""

    def __init__(self, backend: Backend, books: Books, *, on_owed: Callable[[], None] = lambda: None) -> None:
        self._backend = backend
        self._books = books
        self._on_owed = on_owed
        self._intents = books.spool.intents
        self._intents.interrupt(books.clock.here())

    def release(self, effect: Release) -> Released | NotReleased:
        """Ask for a parcel whose own waybill was scanned; Released only when that is written down for good."""
        parcel = effect.parcel
        try:
            refused = self._release(effect.person.key, parcel)
        except IllegalError:  # two scans of a doubtful parcel at once: the other one goes on
            refused = IN_DOUBT
        if refused:
            return NotReleased(effect.ask, parcel.id, refused)
        return Released(effect.ask, parcel.id)

    def opened(self, parcel_id: str) -> None:
        """Write down that the door opened for a released parcel."""
        intent = self._intents.live(parcel_id)
        if intent is None or intent.state not in OPENING:
            log.error("a door opened for a parcel that was not released")
            return
        state = self._intents.act(intent.key, Action.OPEN, self._books.clock.here())
        if state is State.OPENED_OFFLINE:
            self._on_owed()

    def unfinished(self) -> tuple[Parcel, ...]:
        """Return the parcels of which only staff can tell whether they left."""
        return tuple(intent.parcel for intent in self._intents.unfinished())

    def give_up(self, tell: Callable[[Event], None]) -> None:
        """Leave to staff what was released a while ago without its door having opened."""
        now = self._books.clock.here()
        for intent in self._intents.not_opened(now - DOOR_LATE):
            self._intents.act(intent.key, Action.INTERRUPT, now)
            tell(Unfinished(intent.parcel))

    def _release(self, person_key: str, parcel: Parcel) -> Notice | None:
        """Return why the parcel stays, None when the door may open."""
        visit = self._books.visits.find(person_key)
        if visit is None:
            return notice("session_over")
        key = self._write(visit, person_key, parcel)
        if key is None:
            return IN_DOUBT
        try:
            self._join(key, visit, person_key)
            hand_over = self._ask(key, parcel)
        except UnreachableError:
            return self._without_station(key, visit, parcel)
        except RefusedError as refused:
            self._act(key, Action.REFUSE)
            return notice(refused.code)
        self._act(key, Action.ACCEPT, hand_over_id=hand_over)
        return None

    def _write(self, visit: Visit, person_key: str, parcel: Parcel) -> str | None:
        """Write the intent down and return its key; None while another one of this parcel is not settled."""
        draft = Draft(
            key=new_key(),
            parcel=parcel,
            visit=person_key,
            session_id=visit.session_id,
            until=visit.until,
            evidence=visit.evidence,
            at=self._books.clock.now(),
        )
        try:
            self._intents.write(draft, self._books.clock.here())
        except TakenError:
            live = self._intents.live(parcel.id)
            # The same person scans it again: asking for the same key cannot hand it over twice.
            is_same = live and live.state is State.DOUBTFUL and live.visit == person_key
            return live.key if live and is_same else None
        return draft.key

    def _join(self, key: str, visit: Visit, person_key: str) -> None:
        """Begin the station's session of a visit that began without it. Raises UnreachableError, RefusedError."""
        if visit.session_id:
            return
        try:
            joined = self._backend.begin_session(visit.ask, visit.key)
        except RefusedError as refused:
            if refused.code == Fault.EXPIRED:  # it was valid when it was shown here; the offline rules go on
                raise UnreachableError("shown before the line came back") from refused
            raise
        self._books.visits.join(person_key, session_id=joined.session_id, until=joined.expires_at)
        self._intents.join(key, session_id=joined.session_id, until=joined.expires_at)

    def _ask(self, key: str, parcel: Parcel) -> str:
        """Post the release; return the hand-over's id. Raises UnreachableError, RefusedError."""
        self._act(key, Action.POST)
        intent = self._intents.live(parcel.id)
        assert intent is not None, "it was posted a line above"  # noqa: S101 - for the type checker
        for _ in range(ATTEMPTS - 1):
            try:
                return self._backend.release(intent)
            except UnreachableError:
                continue
        return self._backend.release(intent)

    def _without_station(self, key: str, visit: Visit, parcel: Parcel) -> Notice | None:
        books = self._books
        listed = books.waiting.by_id(parcel.id)
        refused = offline.release_refused(
            visit,
            parcel,
            listed=listed.parcel if listed else None,
            means=books.means(),
            now=books.clock.now(),
        )
        if refused is None and self._left_before(key, parcel):
            refused = notice("already_handed_over")
        self._act(key, Action.WITHHOLD if refused else Action.ALLOW)
        return refused

    def _left_before(self, key: str, parcel: Parcel) -> bool:
        """Tell whether this kiosk handed the parcel over since the list was made."""
        return parcel.id in self._intents.away(other_than=key)

    def _act(self, key: str, action: Action, *, hand_over_id: str | None = None) -> None:
        self._intents.act(key, action, self._books.clock.here(), hand_over_id=hand_over_id)


def settle_doubtful(backend: Backend, intent: Intent, books: Books) -> State:
    """Learn what the station made of a release that was never answered; return where the intent stands.

    Only once its session is over for certain: asked earlier, a request that was lost would be done now, with nobody
    there to take the parcel. Raises UnreachableError.
    """
    if books.clock.now() < intent.until + DOOR_LATE:
        return intent.state
    try:
        hand_over = backend.release(intent)
    except RefusedError:
        return books.spool.intents.act(intent.key, Action.REFUSE, books.clock.here())
    return books.spool.intents.act(intent.key, Action.ACCEPT, books.clock.here(), hand_over_id=hand_over)
