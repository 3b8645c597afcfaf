"""Carriers' keys: tokens by which a carrier's own systems speak to a station about its own parcels.

A key is a device of kind `carrier` with a carrier, the scopes it opens, and how often it may ask. Making, rotating and
revoking is for the station's managers; what a key reads and writes is in the rooms that use it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import bindparam, insert, select

from station.accounts import devices
from station.accounts.devices import DeviceKind, NewDevice
from station.carriers.catalogue import COMPANIES
from station.carriers.models import CarrierKeyRow
from station.core import clock, throttle
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.permissions import Role
from station.core.statements import Statement

MINUTE = timedelta(minutes=1)
# Ours: a carrier that announces 100,000 parcels in batches of 500 needs 200 requests; one a second leaves room.
PER_MINUTE = 120
MOST_PER_MINUTE = 6000
OVERLAP = timedelta(days=7)  # ours: what carriers' operators need to put a new token in, a weekend included
LONGEST_OVERLAP = timedelta(days=90)


class Scope(StrEnum):
    """What a key opens."""

    MANIFESTS = "manifests"
    EVENTS = "events"
    WEBHOOKS = "webhooks"
    DISPUTES = "disputes"


@dataclass(frozen=True, slots=True)
class CarrierKey:
    """Whose system is asking, and for what it may ask."""

    carrier: str
    scopes: frozenset[Scope]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a new key shall be."""

    name: str
    carrier: str
    scopes: Collection[str]
    per_minute: int = PER_MINUTE


_KEY = Statement(
    select(CarrierKeyRow.carrier, CarrierKeyRow.scopes, CarrierKeyRow.per_minute).where(
        CarrierKeyRow.station_id == bindparam("station_id"), CarrierKeyRow.device_id == bindparam("device_id")
    )
)


def add(actor: Actor, wish: Wish) -> NewDevice:
    """Make a key for a carrier; its token is told this once. Raises StationError `bad_input`."""
    scopes = _scopes(wish.scopes)
    if wish.carrier not in COMPANIES:
        raise StationError("bad_input", _("There is no such carrier."))
    if not 1 <= wish.per_minute <= MOST_PER_MINUTE:
        raise StationError(
            "bad_input", _("A key makes 1 to %(most)s requests a minute.", most=MOST_PER_MINUTE)
        )
    made = devices.add_device(actor, name=wish.name, kind=DeviceKind.CARRIER)
    connection().execute(
        insert(CarrierKeyRow).values(
            station_id=actor.station_id,
            device_id=made.id,
            carrier=wish.carrier,
            scopes=" ".join(scopes),
            per_minute=wish.per_minute,
        )
    )
    return made


def rotate(actor: Actor, key_id: int, *, overlap: timedelta) -> str:
    """Give a key a new token, which works at once, and return it; the one in use works on for `overlap`.

    Raises StationError `not_found`, `bad_input` for an overlap longer than LONGEST_OVERLAP.
    """
    require_key(actor.station_id, key_id)
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        most = LONGEST_OVERLAP.days
        raise StationError("bad_input", _("The old token works on for at most %(most)s days.", most=most))
    return devices.rotate_device(actor, key_id, until=clock.now() + overlap)


def revoke(actor: Actor, key_id: int) -> None:
    """End a key's tokens for ever. Raises StationError `not_found`."""
    require_key(actor.station_id, key_id)
    devices.revoke_device(actor, key_id)


def of(actor: Actor) -> CarrierKey:
    """Return what the key of a carrier's system is for. Raises StationError `forbidden` for anybody else."""
    row = _row(actor)
    return CarrierKey(row.carrier, frozenset(map(Scope, row.scopes.split())))


def require(actor: Actor, scope: Scope) -> CarrierKey:
    """Return the key of a carrier's system that opens `scope`. Raises StationError `forbidden`."""
    key = of(actor)
    if scope not in key.scopes:
        raise StationError("forbidden", _("This key is not for that. Ask the station manager."), scope=scope)
    return key


def spend(actor: Actor) -> None:
    """Count a request of a carrier's system. Raises StationError `too_many_attempts` above its key's limit."""
    throttle.spend(f"carrier-key:{actor.station_id}:{actor.id}", limit=_row(actor).per_minute, window=MINUTE)


def require_key(station_id: int, key_id: int) -> None:
    """Raise StationError `not_found` unless this is a carrier's key of the station."""
    if _KEY.first(station_id=station_id, device_id=key_id) is None:
        raise StationError("not_found", _("There is no such key."))


def _row(actor: Actor) -> CarrierKeyRow:
    found = None
    if actor.role is Role.CARRIER:
        found = _KEY.first(station_id=actor.station_id, device_id=actor.id)
    if found is None:
        raise StationError("forbidden", _("This is for carriers' systems."))
    row: CarrierKeyRow = found
    return row


def _scopes(wanted: Collection[str]) -> tuple[Scope, ...]:
    found = tuple(scope for scope in Scope if scope in wanted)
    if not found or len(found) != len(set(wanted)):
        raise StationError("bad_input", _("Choose at least one thing that the key opens."))
    return found
