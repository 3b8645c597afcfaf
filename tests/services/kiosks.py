"""A kiosk of a station as the services see it, and what people show there."""

from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from station.accounts import devices
from station.accounts import service as accounts
from station.accounts.queries import Resident
from station.core import clock
from station.core.actor import Actor
from station.core.db import reading, transaction
from station.core.errors import CountedError, StationError
from station.kiosks import enrolment, releases, replays, rules, sessions
from station.kiosks.lifecycle import Way
from station.kiosks.releases import Outcome, Wanted
from station.kiosks.replays import Replayed, Told
from station.kiosks.rules import KioskRules
from station.kiosks.sessions import Shown, Visit
from station.parcels.intake import CheckedIn
from station.residents import agreements, identity, identity_codes, six_digits
from station.residents.agreement_texts import CURRENT, Purpose
from station.residents.service import Known, phone_hash
from tests.factories import Station

EVERYTHING = KioskRules(
    takes_pickup_codes=True, takes_faces=True, face_always_asks_tail=False, takes_photos=True
)


def make_kiosk(station: Station, name: str = "Hall") -> Actor:
    with transaction():
        code = enrolment.make_code(station.manager, name=name).code
    with transaction():
        token = enrolment.enrol(code, version="1.0").token
    with reading():
        return devices.authenticate_device(token)


def allow(station: Station, chosen: KioskRules = EVERYTHING) -> None:
    with transaction():
        rules.change(station.manager, chosen)


def identity_code(station: Station, person: Known, *, later: int = 0) -> str:
    with transaction():
        identity.prepare()
    with reading():
        return identity.codes(station.id, person.id)[later].text


def digits(station: Station, person: Known) -> str:
    with transaction():
        six_digits.prepare(station.id, person.id)
    with reading():
        return six_digits.shown(station.id, person.id, [identity_codes.step_of(clock.now())])[0]


def agree(station: Station, person: Known, phone: str = "13812344068") -> None:
    """Let somebody agree to face pickup on their own page."""
    with transaction():
        resident = _resident(phone)
        actor = resident.at(station.id)
        agreements.give(actor, person.id, Purpose.FACE, version=CURRENT[Purpose.FACE])


def disagree(station: Station, person: Known, phone: str = "13812344068") -> None:
    with transaction():
        agreements.withdraw(_resident(phone).at(station.id), person.id, Purpose.FACE)


def _resident(phone: str) -> Resident:
    return accounts.sign_in_resident(phone_hash(phone))


def begin(kiosk: Actor, way: Way, **said: object) -> Visit:
    """Begin a visit as the edge does: a wrong try is committed with its count."""
    refused: StationError | None = None
    with transaction():
        try:
            return sessions.begin(kiosk, Shown(way, **said))  # type: ignore[arg-type]
        except CountedError as error:
            refused = error
    raise refused


def refusal(kiosk: Actor, way: Way, **said: object) -> str:
    """Return why somebody is not let in."""
    try:
        begin(kiosk, way, **said)
    except StationError as error:
        return error.code
    raise AssertionError("it was not refused")


def release(kiosk: Actor, visit: Visit, parcel: CheckedIn, *, key: str = "") -> Outcome:
    wanted = Wanted(key or f"release-{visit.id}-{parcel.parcel_id}", parcel.parcel_id, parcel.waybill)
    with transaction():
        return releases.release(kiosk, visit.id, wanted)


def kept_back(kiosk: Actor, visit: Visit, parcel: CheckedIn) -> str:
    """Return why a parcel stays."""
    try:
        release(kiosk, visit, parcel)
    except StationError as error:
        return error.code
    raise AssertionError("it was released")


def in_a_while(**later: float) -> AbstractContextManager[None]:
    """Let the clock stand so much later."""
    when = clock.now() + timedelta(**later)
    return clock.use(lambda: when)


def told(parcel: CheckedIn, shown: replays.Shown, at: datetime, *, key: str = "offline-key-1") -> Told:
    return Told(Wanted(key, parcel.parcel_id, parcel.waybill), shown, at)


def replay(kiosk: Actor, one: Told) -> Replayed:
    with transaction():
        return replays.replay(kiosk, one)


def by_code(station: Station, person: Known, at: datetime) -> replays.Shown:
    with clock.use(lambda: at):
        text = identity_code(station, person)
    return replays.Shown(Way.IDENTITY_CODE, at, text=text)
