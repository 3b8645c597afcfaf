"""Making a machine a kiosk of a station: a code that a manager reads out, typed there once within ten minutes."""

import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, update

from station.accounts import devices
from station.accounts.devices import DeviceKind
from station.accounts.service import clean_name
from station.core import clock, crypto, throttle
from station.core.actor import Actor, ActorKind, system_actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.permissions import Role
from station.events.service import Event, append
from station.kiosks.models import KioskCode

VALID_FOR = timedelta(minutes=10)  # the contract with the kiosk: as long as it takes to walk there
# Ours: read aloud and typed, so without 0 O, 1 I L. 31 characters: ten of them are 49 bits, of which an address may
# try ten in 15 minutes.
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
LENGTH = 10
HALF = LENGTH // 2
TRIES = 10
WINDOW = timedelta(minutes=15)
_BLANKS = re.compile(r"[\s-]+")


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code just made, to be shown this once, and until when it works."""

    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A new kiosk, with the token that is told this once."""

    kiosk_id: int
    station_id: int
    name: str
    token: str


def make_code(actor: Actor, *, name: str) -> NewCode:
    """Make a code for a kiosk of the actor's station. Raises StationError `bad_input` for a name that is none."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    now = clock.now()
    expires_at = now + VALID_FOR
    connection().execute(
        insert(KioskCode).values(
            code_hash=_hash(code),
            station_id=actor.station_id,
            name=clean_name(name),
            made_by=actor.id,
            made_at=now,
            expires_at=expires_at,
        )
    )
    append(actor, Event("kiosk_code_made"), at=now)
    return NewCode(f"{code[:HALF]}-{code[HALF:]}", expires_at)


def count_try(address: str | None) -> None:
    """Count somebody's try to enrol. Raises StationError `too_many_attempts`."""
    throttle.spend(f"kiosk-enrol:{throttle.origin(address)}", limit=TRIES, window=WINDOW)


def enrol(code: str, *, version: str) -> Enrolled:
    """Make the kiosk that a code was made for; the code is used up. `version` is the kiosk program's.

    Raises StationError `enrol_code_wrong` for a code that is unknown, too old or used.
    """
    now = clock.now()
    mine = (
        KioskCode.code_hash == _hash(_read(code)),
        KioskCode.used_at.is_(None),
        KioskCode.expires_at > now,
    )
    used = update(KioskCode).where(*mine).values(used_at=now)
    row = (
        connection().execute(used.returning(KioskCode.station_id, KioskCode.name, KioskCode.made_by)).first()
    )
    if row is None:
        message = _("This code is not right, too old or used already. Make a new one on the Devices page.")
        raise StationError("enrol_code_wrong", message)
    actor = _maker(row.station_id, row.made_by)
    made = devices.add_device(actor, name=row.name, kind=DeviceKind.KIOSK)
    append(actor, Event("kiosk_enrolled", data={"device": str(made.id), "version": version}), at=now)
    return Enrolled(made.id, row.station_id, row.name, made.token)


def forget_old(now: datetime) -> int:
    """Delete codes that can be used no more; return how many."""
    return connection().execute(delete(KioskCode).where(KioskCode.expires_at <= now)).rowcount


def _maker(station_id: int, account_id: int) -> Actor:
    """Return who made a code: the kiosk is theirs to answer for."""
    if not account_id:
        return system_actor(station_id)
    return Actor(ActorKind.STAFF, account_id, station_id, Role.MANAGER)


def _read(code: str) -> str:
    return _BLANKS.sub("", unicodedata.normalize("NFKC", code)).upper()


def _hash(code: str) -> bytes:
    return crypto.keyed_hash("kiosk-code", code)
