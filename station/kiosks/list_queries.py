"""The waiting list in words that name nobody: each parcel as a kiosk may know it, and who may take it by face."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, select

from station.core import clock
from station.core.actor import Actor
from station.core.db import connection
from station.kiosks import hashes
from station.kiosks.rules import KioskRules
from station.network import queries as network
from station.parcels import codes
from station.parcels.levels import Clock
from station.parcels.lifecycle import ParcelState
from station.parcels.models import Parcel, PickupCode
from station.residents import agreements
from station.residents.agreement_texts import Purpose
from station.residents.models import Proxy, Recipient
from station.residents.proxies import ProxyState
from station.shelves.models import Layer, Shelf
from station.shelves.storage import Storage

PROXIES_MOST = 4  # DESIGN.md section 6: the owner and at most four


@dataclass(frozen=True, slots=True)
class Waiting:
    """A parcel that somebody may take at a kiosk, as the contract with it says; it names nobody.

    `storage`: how cold its shelf is, None at room temperature;
    `faces`: recipients who may take it and agreed to face pickup, the owner's first.
    """

    parcel_id: int
    waybill: str
    carrier: str | None
    pickup_code: str
    aliases: tuple[str, ...]
    shelf: str
    layer: int
    layers: int
    storage: str | None
    size: str
    owner: str
    name: str
    is_held: bool
    weak: tuple[str, ...]
    tail: str | None
    faces: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class People:
    """The recipients of one phone."""

    owner: str
    recipient_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ListKey:
    """What a waiting list is made with: for which kiosk, in which version and with its salt, by which rules."""

    kiosk: Actor
    version: str
    salt: bytes
    rules: KioskRules


_SAME_PERSON = and_(Recipient.station_id == Parcel.station_id, Recipient.id == Parcel.recipient_id)
_SAME_LAYER = and_(Layer.station_id == Parcel.station_id, Layer.id == Parcel.layer_id)
_SAME_SHELF = and_(Shelf.station_id == Layer.station_id, Shelf.id == Layer.shelf_id)


def describe(key: ListKey, parcel_ids: Sequence[int]) -> tuple[list[Waiting], list[People]]:
    """Return those of these parcels that wait, in the order given, and who uses the phones they are for.

    Eight statements, whatever the number of parcels.
    """
    station_id = key.kiosk.station_id
    rows = {row.id: row for row in connection().execute(_placed(station_id, parcel_ids))}
    if not rows:
        return [], []
    aliases, layers = _codes(station_id, list(rows)), _layers(station_id)
    at_phone = _recipients(station_id, {row.phone_hash for row in rows.values() if row.phone_hash})
    faces = _Faces(station_id, at_phone) if key.rules.takes_faces else None
    found = [
        _waiting(
            key, rows[one], aliases[one], layers[rows[one].shelf_id], faces.of(rows[one]) if faces else ()
        )
        for one in parcel_ids
        if one in rows
    ]
    people = [
        People(hashes.owner_word(station_id, phone), tuple(recipient_ids))
        for phone, recipient_ids in at_phone.items()
    ]
    return found, people


def last_days(station_id: int, parcel_ids: Sequence[int]) -> dict[int, date]:
    """Return the station's day on which each of these goes back; one that has begun to go back has none."""
    storage = Clock(network.rules(station_id), clock.now())
    zone = ZoneInfo(storage.rules.zone)
    query = select(Parcel.id, Parcel.stored_at, Parcel.extended_h).where(
        Parcel.station_id == station_id, Parcel.id.in_(parcel_ids), Parcel.state == ParcelState.STORED
    )
    ends = {
        row.id: storage.deadlines(row.stored_at, row.extended_h).return_at
        for row in connection().execute(query)
    }
    return {parcel_id: end.astimezone(zone).date() for parcel_id, end in ends.items() if end > storage.now}


def _placed(station_id: int, parcel_ids: Sequence[int]) -> Any:
    return (
        select(
            Parcel.id,
            Parcel.waybill,
            Parcel.carrier,
            Parcel.pickup_code,
            Parcel.size_class,
            Parcel.hold_reason,
            Parcel.recipient_id,
            Recipient.phone_hash,
            Recipient.phone_tail,
            Recipient.name_masked,
            Shelf.code.label("shelf"),
            Shelf.storage,
            Layer.shelf_id,
            Layer.number.label("layer"),
        )
        .outerjoin(Recipient, _SAME_PERSON)
        .join(Layer, _SAME_LAYER)
        .join(Shelf, _SAME_SHELF)
        .where(Parcel.station_id == station_id, Parcel.id.in_(parcel_ids), Parcel.state == ParcelState.STORED)
    )


def _codes(station_id: int, parcel_ids: Sequence[int]) -> dict[int, list[str]]:
    """Return the canonical codes that name each parcel, the newest first."""
    query = (
        select(PickupCode.parcel_id, PickupCode.code)
        .where(
            PickupCode.station_id == station_id,
            PickupCode.parcel_id.in_(parcel_ids),
            PickupCode.released_at.is_(None),
        )
        .order_by(PickupCode.given_at.desc(), PickupCode.id.desc())
    )
    found: dict[int, list[str]] = defaultdict(list)
    for row in connection().execute(query):
        found[row.parcel_id].append(row.code)
    return found


def _layers(station_id: int) -> dict[int, int]:
    query = select(Layer.shelf_id, func.count()).where(Layer.station_id == station_id)
    return {row[0]: row[1] for row in connection().execute(query.group_by(Layer.shelf_id))}


def _recipients(station_id: int, phones: set[bytes]) -> dict[bytes, list[int]]:
    query = select(Recipient.phone_hash, Recipient.id).where(
        Recipient.station_id == station_id, Recipient.phone_hash.in_(phones)
    )
    found: dict[bytes, list[int]] = defaultdict(list)
    for row in connection().execute(query.order_by(Recipient.id)):
        found[bytes(row.phone_hash)].append(row.id)
    return found


class _Faces:
    """Who may take parcels by face: three statements for all of them."""

    def __init__(self, station_id: int, at_phone: dict[bytes, list[int]]) -> None:
        self._at_phone = at_phone
        owners = [one for recipient_ids in at_phone.values() for one in recipient_ids]
        self._phone = {one: phone for phone, recipient_ids in at_phone.items() for one in recipient_ids}
        given = _given(station_id, owners)
        collectors = _recipients(station_id, {bytes(row.phone_hash) for row in given})
        agreed = agreements.all_in_force(
            station_id, [*owners, *(one for found in collectors.values() for one in found)]
        )
        self._agreed = {recipient_id for recipient_id, purpose in agreed if purpose is Purpose.FACE}
        self._by_giver: dict[bytes, list[tuple[int | None, list[int]]]] = defaultdict(list)
        for row in given:
            entry = (row.parcel_id, collectors.get(bytes(row.phone_hash), []))
            self._by_giver[self._phone[row.recipient_id]].append(entry)

    def of(self, row: Any) -> tuple[int, ...]:
        """Return who may take a parcel by face, the one it is addressed to first."""
        if row.phone_hash is None:
            return ()
        phone = bytes(row.phone_hash)
        owners = sorted(self._at_phone[phone], key=lambda one: (one != row.recipient_id, one))
        named = [
            one for parcel_id, who in self._by_giver[phone] if parcel_id in (None, row.id) for one in who
        ]
        others = [one for one in dict.fromkeys(named) if one in self._agreed and one not in owners]
        return (*(one for one in owners if one in self._agreed), *others[:PROXIES_MOST])


def _given(station_id: int, recipient_ids: Sequence[int]) -> Sequence[Any]:
    query = select(Proxy.recipient_id, Proxy.parcel_id, Proxy.phone_hash).where(
        Proxy.station_id == station_id,
        Proxy.recipient_id.in_(recipient_ids),
        Proxy.phone_hash.is_not(None),
        Proxy.state == ProxyState.ACTIVE,
        Proxy.expires_at > clock.now(),
    )
    return connection().execute(query.order_by(Proxy.id.desc())).all()


def _waiting(key: ListKey, row: Any, known: list[str], layers: int, faces: tuple[int, ...]) -> Waiting:
    station_id, printed = key.kiosk.station_id, codes.parse(row.pickup_code or "")
    now = codes.canonical(printed) if printed else ""
    owner = (
        hashes.owner_word(station_id, bytes(row.phone_hash))
        if row.phone_hash
        else hashes.nobody(station_id, row.id)
    )
    digits = row.phone_tail if row.phone_hash else None
    weak_codes = known if digits and key.rules.takes_pickup_codes else []
    return Waiting(
        parcel_id=row.id,
        waybill=row.waybill,
        carrier=row.carrier,
        pickup_code=row.pickup_code or "",
        aliases=tuple(code for code in known if code != now),
        shelf=row.shelf,
        layer=row.layer,
        layers=layers,
        storage=None if row.storage == Storage.ROOM else row.storage,
        size=row.size_class,
        owner=owner,
        name=row.name_masked or "",
        is_held=row.hold_reason is not None,
        weak=tuple(hashes.weak(key.salt, code, str(digits)) for code in weak_codes),
        tail=hashes.tail(key.salt, owner, digits) if digits else None,
        faces=faces,
    )
