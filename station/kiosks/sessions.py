"""Visits: somebody at a kiosk proves who they are, and may then take what is theirs for a while.

Five ways, each with its limits (DESIGN.md section 6). What may leave in a visit is said here too (`covering`);
whether a parcel leaves is releases.py's.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select

from station.core import clock, crypto, ids, names
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import CountedError, StationError
from station.core.i18n import gettext as _
from station.core.statements import Statement
from station.events.service import take_turn
from station.kiosks import limits, queries, rules
from station.kiosks.lifecycle import ENROLS, OFFLINE_FOR, PERSONAL, VISIT, Way
from station.kiosks.models import KioskRelease, KioskSession
from station.parcels import codes
from station.residents import agreements, identify, identity_codes, proxies, proxy_codes
from station.residents import service as residents
from station.residents.agreement_texts import Purpose

KEPT = 2 * OFFLINE_FOR  # longer than any release of it may come late


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody shows or types at a kiosk; which of it counts is said by `way`."""

    way: Way
    text: str = ""
    code: str = ""
    tail: str = ""
    digits: str = ""
    recipient_id: int = 0


@dataclass(frozen=True, slots=True)
class Proof:
    """Who was proved to be there, and how far that goes: for a proxy's word, or for one parcel only."""

    way: Way
    recipient_id: int
    proxy_id: int | None = None
    parcel_id: int | None = None
    nonce: bytes | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit as it is kept."""

    id: int
    kiosk_id: int
    way: str
    recipient_id: int
    proxy_id: int | None
    parcel_id: int | None
    began_at: datetime
    expires_at: datetime

    @property
    def method(self) -> str:
        """What hand_overs.method says of it."""
        return Way(self.way).method

    @property
    def is_themselves(self) -> bool:
        """Whether the recipient stands here, and not just somebody who knows a code."""
        return Way(self.way) in PERSONAL


_COLUMNS = tuple(getattr(KioskSession, name) for name in Visit.__slots__)
_ADD = Statement(insert(KioskSession))
_GET = Statement(
    select(*_COLUMNS).where(
        KioskSession.station_id == bindparam("station_id"),
        KioskSession.id == bindparam("id"),
        KioskSession.kiosk_id == bindparam("kiosk_id"),
    )
)
_BY_NONCE = Statement(
    select(*_COLUMNS).where(
        KioskSession.station_id == bindparam("station_id"), KioskSession.nonce == bindparam("nonce")
    )
)


def begin(kiosk: Actor, shown: Shown) -> Visit:
    """Begin the visit of whoever shows this.

    Raises StationError as identify.by_code, six_digits.prove and proxies.prove do; `way_off`, `tail_needed`,
    `face_not_agreed`, `not_found`, `too_many_attempts`; CountedError `pickup_code_or_tail_wrong`.
    """
    take_turn(kiosk.station_id)
    now = clock.now()
    return keep(kiosk, _WAYS[shown.way](kiosk, shown), began_at=now)


def keep(kiosk: Actor, proof: Proof, *, began_at: datetime, is_offline: bool = False) -> Visit:
    """Keep a visit that was proved, online now or offline before."""
    visit = Visit(
        ids.next_id(),
        kiosk.id,
        proof.way,
        proof.recipient_id,
        proof.proxy_id,
        proof.parcel_id,
        began_at,
        began_at + VISIT,
    )
    values = {name: getattr(visit, name) for name in Visit.__slots__}
    _ADD.run(station_id=kiosk.station_id, nonce=proof.nonce, is_offline=is_offline, **values)
    return visit


def require(kiosk: Actor, session_id: int) -> Visit:
    """Return a visit of this kiosk that is not over. Raises StationError `not_found`, `session_over`."""
    row = _GET.first(station_id=kiosk.station_id, id=session_id, kiosk_id=kiosk.id)
    if row is None:
        raise StationError("not_found", _("This visit is not known. Begin again."))
    visit = Visit(*row)
    if not visit.began_at <= clock.now() < visit.expires_at:
        raise StationError("session_over", _("This visit is over. Show again who you are."))
    return visit


def of_nonce(station_id: int, nonce: bytes) -> Visit | None:
    """Return the visit that an identity code began, at whatever kiosk."""
    row = _BY_NONCE.first(station_id=station_id, nonce=nonce)
    return Visit(*row) if row else None


def name_of(station_id: int, visit: Visit) -> str:
    """Return who is there, masked: who collects for another by the name the other gave, if any."""
    word = proxies.get(station_id, visit.proxy_id) if visit.proxy_id is not None else None
    if word and word.name:
        return names.masked(word.name)
    return residents.get(station_id, visit.recipient_id).name_masked


def parcels_of(station_id: int, visit: Visit) -> list[int]:
    """Return what may leave in a visit, in shelf order: the person's own, then those they collect for."""
    if visit.parcel_id is not None:
        return [visit.parcel_id]
    phone = queries.phone_of(station_id, visit.recipient_id)
    if phone is None:
        return []
    own = queries.at_phones(station_id, [phone[0]])
    if visit.proxy_id is not None:
        word = proxies.get(station_id, visit.proxy_id)
        return [one for one in own if word.parcel_id in (None, one)]
    return list(dict.fromkeys(own + _of_others(station_id, phone[0])))


def _of_others(station_id: int, phone: bytes) -> list[int]:
    given = proxies.by_phone(station_id, phone, clock.now())
    return [one for word in given for one in queries.let_by(station_id, word.recipient_id, word.parcel_id)]


def covering(station_id: int, visit: Visit, parcel_id: int, *, at: datetime) -> int | None:
    """Return the proxy by which a parcel may leave in a visit at a moment; None when it is the person's own.

    Raises StationError `not_your_parcel`, which names nobody. Whether a proxy of the visit itself names the parcel is
    said when it is used (parcels.proxy_use).
    """
    is_other = visit.parcel_id not in (None, parcel_id)
    owner = None if is_other else queries.owner_of(station_id, parcel_id)
    mine = queries.phone_of(station_id, visit.recipient_id)
    if owner is not None and mine is not None:
        if owner == mine[0]:
            return visit.proxy_id
        word = queries.word_for(station_id, parcel_id, owner=owner, collector=mine[0], at=at)
        if visit.parcel_id is None and visit.proxy_id is None and word is not None:
            return word
    raise StationError("not_your_parcel", _("This one is for somebody else. Put it back."))


def is_guardian_fit(station_id: int, visit: Visit) -> bool:
    """Tell whether somebody may agree for a child: known by identity code, and not a child themselves."""
    if visit.way not in ENROLS:
        return False
    held = agreements.all_in_force(station_id, [visit.recipient_id])
    return all(one.given_by is not agreements.GivenBy.GUARDIAN for one in held.values())


def shows_face(station_id: int, visit: Visit) -> bool:
    """Tell whether who stands there agreed that their face may be known in the photo of a hand-over."""
    if not visit.is_themselves:
        return False
    return agreements.in_force(station_id, visit.recipient_id, Purpose.PHOTOS) is not None


def forget_old(station_id: int) -> int:
    """Delete visits, and what came of their releases, of KEPT ago; return how many visits. The hand-overs stay."""
    until = clock.now() - KEPT
    releases = (KioskRelease.station_id == station_id, KioskRelease.noted_at < until)
    connection().execute(delete(KioskRelease).where(*releases))
    kept = select(KioskRelease.session_id).where(
        KioskRelease.station_id == station_id, KioskRelease.session_id.is_not(None)
    )
    old = (KioskSession.station_id == station_id, KioskSession.began_at < until, KioskSession.id.not_in(kept))
    return connection().execute(delete(KioskSession).where(*old)).rowcount


def _identity_code(kiosk: Actor, shown: Shown) -> Proof:
    recipient_id = identify.by_code(kiosk, shown.text)
    signed = identity_codes.read(shown.text)
    return Proof(shown.way, recipient_id, nonce=signed.payload.nonce if signed else None)


def _six_digits(kiosk: Actor, shown: Shown) -> Proof:
    return Proof(shown.way, identify.by_digits(kiosk, shown.tail, shown.digits))


def _proxy_code(kiosk: Actor, shown: Shown) -> Proof:
    word = proxies.prove(kiosk, proxy_codes.read(shown.code) or "")
    return Proof(shown.way, word.recipient_id, proxy_id=word.id)


def _pickup_code(kiosk: Actor, shown: Shown) -> Proof:
    """Prove the weak way: a code that is unknown and a tail that is wrong are refused, counted and locked alike."""
    if not rules.for_station(kiosk.station_id).takes_pickup_codes:
        raise _way_off()
    typed = codes.parse(shown.code)
    owner = queries.by_code(kiosk.station_id, codes.canonical(typed)) if typed else None
    target = f"parcel:{owner.parcel_id}" if owner else f"code:{codes.canonical(typed) if typed else ''}"
    limits.check(kiosk, target)
    is_right = owner and owner.phone_tail and crypto.same(owner.phone_tail.encode(), shown.tail.encode())
    if not owner or owner.recipient_id is None or not is_right:
        limits.miss(kiosk, target)
        raise _wrong()
    limits.hit(kiosk, target)
    return Proof(shown.way, owner.recipient_id, parcel_id=owner.parcel_id)


def _face(kiosk: Actor, shown: Shown) -> Proof:
    """Prove what a kiosk's match of a face is worth: the match is vouched for by the kiosk, the rest is asked here."""
    station = rules.for_station(kiosk.station_id)
    if not station.takes_faces:
        raise _way_off()
    known = residents.get(kiosk.station_id, shown.recipient_id)
    if agreements.in_force(kiosk.station_id, known.id, Purpose.FACE) is None:
        raise StationError(
            "face_not_agreed", _("Collecting by face is not agreed to any more. Use another way.")
        )
    if not shown.tail:
        if station.face_always_asks_tail:
            raise StationError("tail_needed", _("Type the last 4 digits of your phone number too."))
        return Proof(shown.way, known.id)
    target = f"face:{known.id}"
    limits.check(kiosk, target)
    if not crypto.same(known.phone_tail.encode(), shown.tail.encode()):
        limits.miss(kiosk, target)
        raise _wrong()
    limits.hit(kiosk, target)
    return Proof(shown.way, known.id)


def _way_off() -> StationError:
    return StationError("way_off", _("This way is switched off at this station. Use another one."))


def _wrong() -> CountedError:
    message = _("The code and the last 4 digits of the phone number do not fit together.")
    return CountedError("pickup_code_or_tail_wrong", message)


_WAYS = {
    Way.IDENTITY_CODE: _identity_code,
    Way.SIX_DIGITS: _six_digits,
    Way.PICKUP_CODE: _pickup_code,
    Way.PROXY_CODE: _proxy_code,
    Way.FACE: _face,
}
