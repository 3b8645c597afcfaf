"""Machines that speak to the API: their kinds and tokens, and who a token belongs to.

A token is `smt_STATION_ID_SECRET`: the two ids find the row, the keyed hash of the whole text proves it.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, bindparam, insert, or_, select, update

from station.accounts.models import Device
from station.accounts.service import clean_name
from station.core import clock, crypto, ids
from station.core.actor import Actor, ActorKind
from station.core.db import db
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.permissions import Role
from station.core.statements import Statement
from station.events import service as events
from station.events.service import Event

PREFIX = "smt"
SECRET_BYTES = 32  # 256 bits, as our keys have
TOKEN = re.compile(rf"{PREFIX}_([0-9]{{1,19}})_([0-9]{{1,19}})_[A-Za-z0-9_-]{{20,60}}", re.ASCII)
NOTE_SEEN_EVERY = timedelta(minutes=5)  # how exact "last seen" is; keeps a write off most requests


class DeviceKind(StrEnum):
    """What a machine is; its token opens that part of the API and no other."""

    API = "api"
    KIOSK = "kiosk"
    CARRIER = "carrier"


ROLES = {DeviceKind.API: Role.DEVICE, DeviceKind.KIOSK: Role.KIOSK, DeviceKind.CARRIER: Role.CARRIER}


@dataclass(frozen=True, slots=True)
class NewDevice:
    """A device just made, with the token that is shown this once."""

    id: int
    token: str


_DEVICE = Statement(
    select(Device.name, Device.kind, Device.token_hash, Device.previous_hash, Device.previous_until).where(
        Device.station_id == bindparam("station_id"),
        Device.id == bindparam("id"),
        Device.revoked_at.is_(None),
    )
)


def add_device(actor: Actor, *, name: str, kind: DeviceKind = DeviceKind.API) -> NewDevice:
    """Make a device of the actor's station. Raises StationError `bad_input`."""
    device_id = ids.next_id()
    token = _new_token(actor, device_id)
    db.session.execute(
        insert(Device).values(
            station_id=actor.station_id,
            id=device_id,
            name=clean_name(name),
            kind=kind,
            token_hash=_hash(token),
            created_by=actor.id,
            created_at=clock.now(),
        )
    )
    events.append(actor, Event("device_added", data={"device": str(device_id), "kind": kind}))
    return NewDevice(device_id, token)


def rename_device(actor: Actor, device_id: int, *, name: str) -> None:
    """Rename a device. Raises StationError `not_found`, `bad_input`."""
    _change(actor, device_id, name=clean_name(name))
    _note(actor, "device_renamed", device_id)


def revoke_device(actor: Actor, device_id: int) -> None:
    """End a device's token for ever. Raises StationError `not_found`."""
    _change(actor, device_id, revoked_at=clock.now())
    _note(actor, "device_revoked", device_id)


def rotate_device(actor: Actor, device_id: int, *, until: datetime) -> str:
    """Give a device a new token, and return it; the one it has works until `until` beside it, one before that no more.

    Raises StationError `not_found`.
    """
    token = _new_token(actor, device_id)
    _change(actor, device_id, previous_hash=Device.token_hash, previous_until=until, token_hash=_hash(token))
    facts = {"device": str(device_id), "until": until.isoformat()}
    events.append(actor, Event("device_rotated", data=facts))
    return token


def authenticate_device(token: str) -> Actor:
    """Return the actor a token belongs to. Raises StationError `sign_in_needed`."""
    found = TOKEN.fullmatch(token)
    station_id, device_id = (int(found[1]), int(found[2])) if found else (0, 0)
    row = None
    if 0 < station_id <= ids.LARGEST_ID and 0 < device_id <= ids.LARGEST_ID:
        row = _DEVICE.first(station_id=station_id, id=device_id)
    if row is None or not _fits(row, _hash(token)):
        raise StationError("sign_in_needed", _("The device token is missing, wrong or revoked."))
    return Actor(ActorKind.DEVICE, device_id, station_id, ROLES[DeviceKind(row.kind)], row.name)


def note_device_seen(actor: Actor) -> None:
    """Remember that a device spoke to us, to the exactness of NOTE_SEEN_EVERY."""
    now = clock.now()
    long_ago = or_(Device.seen_at.is_(None), Device.seen_at < now - NOTE_SEEN_EVERY)
    db.session.execute(update(Device).where(*_this(actor, actor.id), long_ago).values(seen_at=now))


def _fits(row: Device, hashed: bytes) -> bool:
    """Tell whether a token is the device's own, or the one before while that still works."""
    if crypto.same(row.token_hash, hashed):
        return True
    is_open = row.previous_until is not None and clock.now() < row.previous_until
    return is_open and crypto.same(row.previous_hash or b"", hashed)


def _new_token(actor: Actor, device_id: int) -> str:
    return f"{PREFIX}_{actor.station_id}_{device_id}_{secrets.token_urlsafe(SECRET_BYTES)}"


def _change(actor: Actor, device_id: int, **values: object) -> None:
    live = update(Device).where(*_this(actor, device_id), Device.revoked_at.is_(None)).values(**values)
    if db.session.execute(live.returning(Device.id)).first() is None:
        raise StationError("not_found", _("There is no such device, or its token is revoked already."))


def _this(actor: Actor, device_id: int) -> tuple[ColumnElement[bool], ...]:
    return Device.station_id == actor.station_id, Device.id == device_id


def _hash(token: str) -> bytes:
    return crypto.keyed_hash("device_token", token)


def _note(actor: Actor, kind: str, device_id: int) -> None:
    events.append(actor, Event(kind, data={"device": str(device_id)}))
