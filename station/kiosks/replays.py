"""Hand-overs that kiosks made while the station could not be asked, told afterwards with their own times.

What happened is never refused: what the books cannot take becomes a conflict, kept beside the hand-over that stands.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from station.core import clock, crypto
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.events.service import take_turn
from station.kiosks import conflicts, hashes, queries, releases, sessions
from station.kiosks.conflicts import Refused
from station.kiosks.lifecycle import DRIFT_LIMIT, LIST_VALID, OFFLINE, OFFLINE_FOR, VISIT, Way
from station.kiosks.releases import Outcome, Wanted
from station.kiosks.sessions import Proof, Visit
from station.network import queries as network
from station.parcels import parcel_queries
from station.residents import agreements, identity
from station.residents.agreement_texts import Purpose


@dataclass(frozen=True, slots=True)
class Shown:
    """How somebody proved offline who they are: an identity code's text, the hash of code and tail, or a face."""

    way: Way
    began_at: datetime
    text: str = ""
    code_hash: str = ""
    recipient_id: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A hand-over as its kiosk tells it; `at` is when it happened."""

    wanted: Wanted
    shown: Shown
    at: datetime


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of it; `reason` is the error code that a conflict was made for."""

    outcome: Outcome
    reason: str | None = None


def replay(kiosk: Actor, told: Told) -> Replayed:
    """Write a hand-over into the books, or make a conflict of it. A key that is settled is answered so again."""
    take_turn(kiosk.station_id)
    known = releases.settled(kiosk, told.wanted.key)
    if known:
        return Replayed(known, queries.reason_of(kiosk.station_id, known.conflict_id))
    visit: Visit | None = None
    try:
        at = _require_times(kiosk.station_id, told)
        visit = _prove(kiosk, told)
        with connection().begin_nested():
            done = Replayed(releases.give(kiosk, visit, told.wanted, at=at))
    except StationError as error:
        done = _conflict(kiosk, told, visit, error.code)
    releases.keep(kiosk, told.wanted.key, done.outcome, session_id=visit.id if visit else None)
    return done


def _conflict(kiosk: Actor, told: Told, visit: Visit | None, reason: str) -> Replayed:
    wanted, who = told.wanted, visit.recipient_id if visit else told.shown.recipient_id
    refused = Refused(
        parcel_id=wanted.parcel_id,
        waybill=wanted.waybill,
        way=told.shown.way,
        recipient_id=who,
        handed_over_at=told.at,
        reason=reason,
    )
    conflict_id = conflicts.make(kiosk, refused)
    parcel_id = wanted.parcel_id if queries.has_parcel(kiosk.station_id, wanted.parcel_id) else None
    return Replayed(Outcome(parcel_id, told.at, conflict_id=conflict_id), reason)


def _require_times(station_id: int, told: Told) -> datetime:
    """Return when the parcel left, as far as clocks agree.

    Raises StationError `clock_wrong` for times that cannot be, `session_over` for a visit that took too long,
    `not_found`.
    """
    now, at, shown = clock.now(), told.at, told.shown
    stored_at = parcel_queries.detail(station_id, told.wanted.parcel_id).stored_at or at
    is_early = at < max(now - OFFLINE_FOR, stored_at - DRIFT_LIMIT)
    if is_early or at > now + DRIFT_LIMIT or shown.began_at > at:
        raise StationError("clock_wrong", _("The kiosk's clock cannot have been right."))
    if at >= shown.began_at + VISIT:
        raise StationError("session_over", _("This visit is over. Show again who you are."))
    return max(min(at, now), stored_at)


def _prove(kiosk: Actor, told: Told) -> Visit:
    if told.shown.way not in OFFLINE:
        raise StationError("way_off", _("Nobody can be known in this way without the station."))
    return _WAYS[told.shown.way](kiosk, told)


def _identity_code(kiosk: Actor, told: Told) -> Visit:
    """Return the visit that an identity code began at this kiosk; at any other it was used already."""
    shown = told.shown
    payload = identity.verify(kiosk, shown.text, now=shown.began_at)
    before = sessions.of_nonce(kiosk.station_id, payload.nonce)
    if before and before.kiosk_id == kiosk.id:
        return before
    identity.use_up(kiosk.station_id, payload)
    proof = Proof(shown.way, payload.recipient, nonce=payload.nonce)
    return sessions.keep(kiosk, proof, began_at=shown.began_at, is_offline=True)


def _pickup_code(kiosk: Actor, told: Told) -> Visit:
    """Return the visit of whoever knew the parcel's code and its owner's tail, by the list of that day or the last."""
    station_id, shown, parcel_id = kiosk.station_id, told.shown, told.wanted.parcel_id
    owner = queries.tail_of(station_id, parcel_id)
    if owner:
        recipient_id, tail = owner
        right = [
            hashes.weak(salt, code, tail)
            for salt in _salts(kiosk, shown.began_at)
            for code in queries.codes_until(station_id, parcel_id, shown.began_at + DRIFT_LIMIT)
        ]
        if any(crypto.same(one.encode(), shown.code_hash.encode()) for one in right):
            proof = Proof(shown.way, recipient_id, parcel_id=parcel_id)
            return sessions.keep(kiosk, proof, began_at=shown.began_at, is_offline=True)
    message = _("The code and the last 4 digits of the phone number do not fit together.")
    raise StationError("pickup_code_or_tail_wrong", message)


def _salts(kiosk: Actor, at: datetime) -> list[bytes]:
    """Return the salts of the lists that a kiosk may have gone by at a moment."""
    zone = ZoneInfo(network.station(kiosk.station_id).zone)
    days = {(at - age).astimezone(zone).date() for age in (timedelta(0), LIST_VALID)}
    return [hashes.salt(kiosk, day) for day in sorted(days)]


def _face(kiosk: Actor, told: Told) -> Visit:
    """Return the visit of whom the kiosk knew by face, if they agreed to that at the time."""
    shown = told.shown
    recipient_id = shown.recipient_id or 0
    if not agreements.was_in_force(kiosk.station_id, recipient_id, Purpose.FACE, at=shown.began_at):
        raise StationError(
            "face_not_agreed", _("Collecting by face is not agreed to any more. Use another way.")
        )
    return sessions.keep(kiosk, Proof(shown.way, recipient_id), began_at=shown.began_at, is_offline=True)


_WAYS = {Way.IDENTITY_CODE: _identity_code, Way.PICKUP_CODE: _pickup_code, Way.FACE: _face}
