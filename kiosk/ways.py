"""Who somebody is: the station is asked first, and without it the offline rules hold.

An identity code is verified here before anything else and its nonce kept, so that a code shown twice is known as used
whether or not the station heard of it. Six digits and proxy codes need the station.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from kiosk import identity_codes, offline
from kiosk.answers import Joined
from kiosk.backend import DECISION_S, Backend, RefusedError, UnreachableError
from kiosk.drift import Clock
from kiosk.identity_codes import Fault, Identity
from kiosk.known import Known
from kiosk.model import Person, Way
from kiosk.offline import Means
from kiosk.pickup_codes import canonical
from kiosk.refusals import GUARDIAN_NOT_FIT, NEEDS_NETWORK, notice
from kiosk.session import effects as ask
from kiosk.session.events import GuardianKnown, ParcelKnown, ParcelUnknown, PersonKnown, PersonUnknown
from kiosk.session.state import Notice
from kiosk.spool import Spool
from kiosk.visits import VISIT, Ask, Evidence, Visit, Visits, new_key
from kiosk.waiting_list import Listed, WaitingList, written

Check = (
    ask.CheckIdentity
    | ask.CheckGuardian
    | ask.CheckPickupCode
    | ask.CheckSixDigits
    | ask.CheckProxyCode
    | ask.CheckFace
)
WRONG = "pickup_code_or_tail_wrong"


@dataclass(frozen=True, slots=True)
class Books:
    """What the kiosk knows and keeps; shared by everything that decides."""

    spool: Spool
    waiting: WaitingList
    known: Known
    clock: Clock
    visits: Visits

    def means(self) -> Means:
        """Return what there is to go by without the station."""
        return Means(self.known.rules, self.waiting.age(self.clock.now()), self.clock.drift())


class RefusedHereError(Exception):
    """A check proved nobody; `notice` says why."""

    def __init__(self, shown: Notice) -> None:
        super().__init__(shown.key)
        self.notice = shown


class Ways:
    """Answers the session's checks. Safe from any thread; lasts at most as long as the station may take."""

    def __init__(self, backend: Backend, books: Books, *, enrolled: Callable[[], frozenset[str]]) -> None:
        self._backend = backend
        self._books = books
        self._enrolled = enrolled
        self._does: dict[type[Any], Callable[[Any], Person | GuardianKnown]] = {
            ask.CheckIdentity: self._identity,
            ask.CheckGuardian: self._guardian,
            ask.CheckPickupCode: self._pickup_code,
            ask.CheckSixDigits: self._six_digits,
            ask.CheckProxyCode: self._proxy_code,
            ask.CheckFace: self._face,
        }

    def check(self, effect: Check) -> PersonKnown | GuardianKnown | PersonUnknown:
        """Return who this is, or why it proves nobody."""
        try:
            found = self._does[type(effect)](effect)
        except RefusedHereError as refused:
            return PersonUnknown(effect.ask, WAYS[type(effect)], refused.notice)
        return found if isinstance(found, GuardianKnown) else PersonKnown(effect.ask, found)

    def look_up(self, effect: ask.LookUp) -> ParcelKnown | ParcelUnknown:
        """Return the parcel with this waybill, if it waits here; a list that lacks it is asked for again first."""
        books = self._books
        listed = books.waiting.by_waybill(effect.waybill)
        if listed is None:
            self._refresh()
            listed = books.waiting.by_waybill(effect.waybill)
        if listed is None or listed.parcel.id in books.spool.intents.away():
            return ParcelUnknown(effect.ask, effect.waybill)
        has_face = not self._enrolled().isdisjoint(self.candidates((listed.parcel.id,)))
        return ParcelKnown(effect.ask, listed.parcel, has_face)

    def candidates(self, parcel_ids: tuple[str, ...]) -> list[str]:
        """Return who may take all these parcels by face, the owner first: nobody else is compared."""
        return self._books.waiting.candidates(parcel_ids)

    def expected(self) -> frozenset[str]:
        """Return who may take something that waits here by face."""
        return self._books.waiting.recipients()

    def forget(self) -> None:
        """Forget whoever stood here."""
        self._books.visits.forget()

    def _refresh(self) -> None:
        if self._backend.is_offline:
            return
        books = self._books
        try:
            books.waiting.sync(
                lambda cursor: self._backend.waiting(cursor, timeout_s=DECISION_S), now=books.clock.here
            )
        except (UnreachableError, RefusedError):
            return

    def _identity(self, effect: ask.CheckIdentity) -> Person:
        visit = self._verified(effect.text)
        try:
            return self._join(visit)
        except UnreachableError:
            recipient = visit.evidence.recipient_id or ""
            return self._alone(visit, self._books.waiting.by_recipient(recipient))

    def _guardian(self, effect: ask.CheckGuardian) -> GuardianKnown:
        visit = self._verified(effect.text)
        try:
            joined = self._begin(visit)
        except UnreachableError as error:
            raise RefusedHereError(NEEDS_NETWORK) from error
        if not joined.is_guardian_fit:
            raise RefusedHereError(GUARDIAN_NOT_FIT)
        return GuardianKnown(effect.ask, joined.session_id, joined.recipient_id)

    def _verified(self, text: str) -> Visit:
        """Return the visit of whoever shows this code; the code is used up. Raises RefusedHereError."""
        books = self._books
        now = books.clock.now()
        found = self._verify(text, now)
        if found is Fault.UNKNOWN_KEY and self._learn_keys():
            found = self._verify(text, now)
        if found is Fault.UNKNOWN_KEY and self._backend.is_offline:
            raise RefusedHereError(NEEDS_NETWORK)
        if isinstance(found, Identity):
            is_new = books.spool.nonces.use(found.nonce, expires_at=found.expires_at, now=now)
            found = found if is_new else Fault.USED
        if isinstance(found, Fault):
            raise RefusedHereError(notice(found))
        return self._visit(Ask(Way.IDENTITY_CODE, now, text=text), text=text, recipient_id=found.recipient_id)

    def _verify(self, text: str, now: datetime) -> Identity | Fault:
        known = self._books.known
        return identity_codes.verify(text, known.keys, station_id=known.station.id, now=now)

    def _learn_keys(self) -> bool:
        """Ask for the set-up again: a key may have been made since. Tell whether there is a newer one."""
        if self._backend.is_offline:
            return False
        before = self._books.known.version
        try:
            self._books.known.learn(self._backend.setup(timeout_s=DECISION_S))
        except (UnreachableError, RefusedError):
            return False
        return self._books.known.version != before

    def _pickup_code(self, effect: ask.CheckPickupCode) -> Person:
        books, code = self._books, canonical(effect.code)
        if code is None:
            raise RefusedHereError(notice(WRONG))
        named = books.waiting.by_code(code)
        target = f"parcel:{named.parcel.id}" if named else f"code:{code}"
        self._may_try(target)
        found = books.waiting.by_weak(code, effect.tail)
        asked = Ask(Way.PICKUP_CODE, books.clock.now(), code=code, tail=effect.tail)
        visit = self._visit(asked, code_hash=written(found[1]) if found else None)
        with _Guess(books, target):
            try:
                return self._join(visit)
            except UnreachableError:
                self._usable(Way.PICKUP_CODE)
                if found is None:
                    raise RefusedHereError(notice(WRONG)) from None
                return self._alone(visit, [found[0]])

    def _six_digits(self, effect: ask.CheckSixDigits) -> Person:
        return self._online(
            Ask(Way.SIX_DIGITS, self._books.clock.now(), tail=effect.tail, digits=effect.digits)
        )

    def _proxy_code(self, effect: ask.CheckProxyCode) -> Person:
        return self._online(Ask(Way.PROXY_CODE, self._books.clock.now(), code=effect.code))

    def _online(self, asked: Ask) -> Person:
        try:
            return self._join(self._visit(asked))
        except UnreachableError as error:
            raise RefusedHereError(NEEDS_NETWORK) from error

    def _face(self, effect: ask.CheckFace) -> Person:
        books, recipient = self._books, effect.recipient_id
        if effect.tail is None and books.known.rules.face_always_asks_tail:
            raise RefusedHereError(notice("tail_needed"))  # no second factor is ever skipped
        target = f"recipient:{recipient}"
        self._may_try(target)
        asked = Ask(Way.FACE, books.clock.now(), recipient_id=recipient, tail=effect.tail)
        visit = self._visit(asked, recipient_id=recipient)
        with _Guess(books, target):
            try:
                return self._join(visit)
            except UnreachableError:
                self._usable(Way.FACE)
                if effect.tail is not None:
                    self._check_tail(recipient, effect.tail)
                return self._alone(visit, books.waiting.by_face(recipient))

    def _check_tail(self, recipient: str, tail: str) -> None:
        fits = self._books.waiting.fits_tail(recipient, tail)
        if (
            fits is None
        ):  # somebody who takes for others and for whom nothing waits: only the station knows their phone
            raise RefusedHereError(NEEDS_NETWORK)
        if not fits:
            raise RefusedHereError(notice(WRONG))

    def _may_try(self, target: str) -> None:
        if not self._books.spool.tries.may_try(target, self._books.clock.here()):
            raise RefusedHereError(notice("too_many_attempts"))

    def _usable(self, way: Way) -> None:
        means = self._books.means()
        refused = offline.unusable(means) or offline.way_refused(way, means.rules)
        if refused:
            raise RefusedHereError(refused)

    def _visit(self, asked: Ask, **proof: str | None) -> Visit:
        evidence = Evidence(asked.way, asked.at, **proof)
        return Visit(new_key(), asked, evidence, until=asked.at + VISIT)

    def _begin(self, visit: Visit) -> Joined:
        try:
            return self._backend.begin_session(visit.ask, visit.key)
        except RefusedError as refused:
            raise RefusedHereError(notice(refused.code)) from refused

    def _join(self, visit: Visit) -> Person:
        """Return the person as the station knows them. Raises UnreachableError, RefusedHereError."""
        joined = self._begin(visit)
        busy = self._books.spool.intents.busy()
        parcels = tuple(parcel for parcel in joined.parcels if parcel.id not in busy)
        kept = replace(
            visit,
            session_id=joined.session_id,
            until=joined.expires_at,
            parcel_ids=frozenset(parcel.id for parcel in parcels),
        )
        self._books.visits.keep(kept, joined.session_id)
        return Person(
            key=joined.session_id,
            way=joined.way,
            name=joined.name,
            parcels=parcels,
            recipient_id=joined.recipient_id,
            has_face=joined.recipient_id in self._enrolled(),
            may_enrol=joined.may_enrol and self._books.known.rules.takes_faces,
            shows_face=joined.shows_face,
        )

    def _alone(self, visit: Visit, listed: list[Listed]) -> Person:
        """Return the person as the list knows them. Raises RefusedHereError."""
        self._usable(visit.ask.way)
        away = self._books.spool.intents.away()
        waiting = [one for one in listed if one.parcel.id not in away]
        kept = replace(visit, parcel_ids=frozenset(one.parcel.id for one in waiting))
        self._books.visits.keep(kept, visit.key)
        recipient = visit.evidence.recipient_id
        return Person(
            key=visit.key,
            way=visit.ask.way,
            name=listed[0].name if listed else "",
            parcels=tuple(one.parcel for one in waiting),
            recipient_id=recipient,
            is_offline=True,
            has_face=recipient is not None and recipient in self._enrolled(),
        )


class _Guess:
    """Counts what comes out of a block as a guess that failed or went well; anything else counts nothing."""

    def __init__(self, books: Books, target: str) -> None:
        self._tries = books.spool.tries
        self._target = target
        self._here = books.clock.here

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is None:
            self._tries.forgive(self._target)
        elif isinstance(error, RefusedHereError) and error.notice == notice(WRONG):
            self._tries.fail(self._target, self._here())


WAYS: dict[type[Check], Way] = {
    ask.CheckIdentity: Way.IDENTITY_CODE,
    ask.CheckGuardian: Way.IDENTITY_CODE,
    ask.CheckPickupCode: Way.PICKUP_CODE,
    ask.CheckSixDigits: Way.SIX_DIGITS,
    ask.CheckProxyCode: Way.PROXY_CODE,
    ask.CheckFace: Way.FACE,
}
