"""Who stands before the kiosk and how they showed it: kept in memory from the check to the end of the visit."""

import threading
import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kiosk.model import Way

# As long as one that the station begins: time to fetch and scan many times over.
VISIT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What proved a person, as far as the station can check it later. `code_hash`: of pickup code and tail, salted."""

    way: Way
    began_at: datetime
    text: str | None = None
    code_hash: str | None = None
    recipient_id: str | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """What is sent to begin a session: one way and what belongs to it. Holds secrets; never printed."""

    way: Way
    at: datetime
    text: str | None = None
    code: str | None = None
    tail: str | None = None
    digits: str | None = None
    recipient_id: str | None = None

    def __repr__(self) -> str:
        return f"Ask({self.way})"


@dataclass(frozen=True, slots=True)
class Visit:
    """One person's visit. `key` is also the idempotency key of its session, `session_id` the station's name for it."""

    key: str
    ask: Ask
    evidence: Evidence
    until: datetime
    session_id: str | None = None
    parcel_ids: frozenset[str] = frozenset()  # what may be released to them

    @property
    def name(self) -> str:
        """The key that a Person of this visit has."""
        return self.session_id or self.key


class Visits:
    """The visits under way; several while a guardian stands beside a child. Safe from any thread."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._visits: dict[str, Visit] = {}

    def keep(self, visit: Visit, person_key: str) -> None:
        """Remember a visit under the key of its Person."""
        with self._turn:
            self._visits[person_key] = visit

    def find(self, person_key: str) -> Visit | None:
        """Return the visit of a Person."""
        with self._turn:
            return self._visits.get(person_key)

    def join(self, person_key: str, *, session_id: str, until: datetime) -> Visit:
        """Give a visit that began offline the session of the station; it keeps its Person's key."""
        with self._turn:
            visit = replace(self._visits[person_key], session_id=session_id, until=until)
            self._visits[person_key] = visit
            return visit

    def forget(self) -> None:
        """Forget all: the visit is over."""
        with self._turn:
            self._visits.clear()


def new_key() -> str:
    """Return a key nobody used."""
    return uuid.uuid4().hex
