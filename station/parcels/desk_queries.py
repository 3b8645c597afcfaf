"""Who stands at the hand-over desk, as far as a search tells, and what waits for them: masked, in shelf order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, and_, select

from station.core.db import connection
from station.core.names import masked
from station.parcels import codes, parcel_queries, queries, search_queries
from station.parcels.levels import Clock
from station.parcels.lifecycle import ON_SHELF, ParcelState
from station.parcels.models import Parcel
from station.parcels.parcel_queries import Left
from station.parcels.queries import Listed
from station.parcels.search import Query
from station.residents import proxies
from station.residents.models import Recipient
from station.residents.proxies import GivenProxy, ProxyState
from station.residents.service import phone_hash
from station.shelves.models import Layer, Shelf

KEY = 20  # characters: a letter and an id
CHOICES = 9  # people to choose from by one digit; more is a reason to ask for another sign


@dataclass(frozen=True, slots=True)
class Collector:
    """Who collects for somebody: masked, as far as the recipient said it."""

    name_masked: str
    phone_tail: str | None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody for whom parcels wait: whoever uses one phone, or nobody known for one parcel.

    `key` names them in requests: `r` and the id of a recipient at that phone, `p` and the id of the parcel, or `x` and
    the id of the proxy by which `collector` takes for them.
    """

    key: str
    names: tuple[str, ...]
    phone_tail: str | None
    phone_kind: str | None
    parcels: tuple[Listed, ...]
    collector: Collector | None = None

    @property
    def takeable(self) -> tuple[Listed, ...]:
        """The parcels that may leave now: neither on hold nor going back."""
        return tuple(one for one in self.parcels if one.state == "stored" and one.hold_reason is None)

    @property
    def pays_first(self) -> int | None:
        """The recipient who has to pay before a parcel here may leave, if one waits for that."""
        waits = any(one.hold_reason == "payment_due" for one in self.parcels)
        return int(self.key[1:]) if waits and self.key.startswith("r") else None


@dataclass(frozen=True, slots=True)
class Gone:
    """A parcel that nobody can collect and nobody collected: it went back, was lost, is not here yet."""

    parcel_id: int
    state: ParcelState
    pickup_code: str | None
    name_masked: str | None
    phone_tail: str | None
    phone_kind: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: people for whom something waits, or else what became of the parcels it means."""

    people: tuple[Person, ...]
    left: tuple[Left, ...]
    gone: tuple[Gone, ...] = ()
    is_cut: bool = False


_SAME_PERSON = and_(Recipient.station_id == Parcel.station_id, Recipient.id == Parcel.recipient_id)
_SAME_LAYER = and_(Layer.station_id == Parcel.station_id, Layer.id == Parcel.layer_id)
_SAME_SHELF = and_(Shelf.station_id == Layer.station_id, Shelf.id == Layer.shelf_id)


def find(clock_now: Clock, query: Query) -> Found:
    """Return whom a search means. One parcel that was found brings everything that waits at its phone."""
    station_id = clock_now.rules.station_id
    parcel_ids = search_queries.parcel_ids(station_id, query)
    hits = connection().execute(_placed(station_id, parcel_ids)).all()
    phones = list(dict.fromkeys(row.phone_hash for row in hits if row.phone_hash))
    unknown = [row.id for row in hits if row.phone_hash is None]
    people = _people(clock_now, unknown + _parcels_at(station_id, phones[: CHOICES + 1]))
    people += _for_others(clock_now, query)
    if people:
        return Found(tuple(people[:CHOICES]), (), is_cut=len(people) > CHOICES)
    return Found(
        (), tuple(parcel_queries.left_of(station_id, parcel_ids)), tuple(_gone(station_id, parcel_ids))
    )


def _gone(station_id: int, parcel_ids: Sequence[int]) -> list[Gone]:
    query = (
        select(
            Parcel.id,
            Parcel.state,
            Parcel.pickup_code,
            Recipient.name_masked,
            Recipient.phone_tail,
            Recipient.phone_kind,
        )
        .outerjoin(Recipient, _SAME_PERSON)
        .where(Parcel.station_id == station_id, Parcel.id.in_(parcel_ids))
        .where(Parcel.state.not_in(ON_SHELF | {ParcelState.HANDED_OVER}))
        .order_by(Parcel.id.desc())
        .limit(parcel_queries.RECENT)
    )
    return [Gone(row.id, ParcelState(row.state), *row[2:]) for row in connection().execute(query)]


def _for_others(clock_now: Clock, query: Query) -> list[Person]:
    """Return those for whom somebody with the phone or tail of a search may collect."""
    station_id, now = clock_now.rules.station_id, clock_now.now
    if query.phone:
        return collecting(clock_now, proxies.by_phone(station_id, phone_hash(query.phone.key), now))
    return collecting(clock_now, proxies.by_tail(station_id, query.tail, now)) if query.tail else []


def collecting(clock_now: Clock, given: Sequence[GivenProxy]) -> list[Person]:
    """Return the recipients who gave these proxies, each with what may be taken by it."""
    found = (serve(clock_now, key_for(proxy)) for proxy in given)
    return [person for person in found if person]


def here(clock_now: Clock, recipient_id: int) -> list[Person]:
    """Return whom somebody who proved who they are collects for: themselves and those who let them."""
    station_id = clock_now.rules.station_id
    phone = _phone_hash(station_id, recipient_id)
    given = proxies.by_phone(station_id, phone, clock_now.now) if phone else []
    own = serve(clock_now, key_of(recipient_id))
    return [*([own] if own else []), *collecting(clock_now, given)]


def _by_proxy(clock_now: Clock, proxy: GivenProxy) -> Person | None:
    owner = serve(clock_now, key_of(proxy.recipient_id))
    if owner is None or proxy.state_at(clock_now.now) is not ProxyState.ACTIVE:
        return None
    parcels = tuple(one for one in owner.parcels if proxy.parcel_id in (None, one.id))
    names = dict.fromkeys(one.name_masked for one in parcels if one.name_masked)
    who = Collector(masked(proxy.name or ""), proxy.phone_tail)
    return (
        replace(owner, key=key_for(proxy), names=tuple(names), parcels=parcels, collector=who)
        if parcels
        else None
    )


def serve(clock_now: Clock, key: str) -> Person | None:
    """Return the person of a key with all that waits for them; None when nothing does, or the key is none."""
    kind, number = _parts(key)
    if kind == "x":
        proxy = proxies.find(clock_now.rules.station_id, number)
        return _by_proxy(clock_now, proxy) if proxy else None
    if kind == "p":
        alone = [one for one in _people(clock_now, [number]) if one.key == key]
        return alone[0] if alone else None
    station_id = clock_now.rules.station_id
    phone = _phone_hash(station_id, number)
    people = _people(clock_now, _parcels_at(station_id, [phone])) if phone else []
    return people[0] if people else None


def key_of(recipient_id: int) -> str:
    """Return the key of whoever uses a recipient's phone."""
    return f"r{recipient_id}"


def key_for(proxy: GivenProxy) -> str:
    """Return the key of whoever gave a proxy, as far as it reaches."""
    return f"x{proxy.id}"


def proxy_of(key: str) -> int | None:
    """Return the proxy that a key names."""
    kind, number = _parts(key)
    return number if kind == "x" else None


def is_for(station_id: int, key: str, parcel_id: int) -> bool:
    """Tell whether a parcel is for the person of a key. What a proxy names is said when it is used."""
    kind, number = _parts(key)
    if kind == "x":
        return proxies.find(station_id, number) is not None
    if kind == "p":
        return number == parcel_id
    owner = (
        select(Recipient.phone_hash)
        .join(Parcel, _SAME_PERSON)
        .where(Parcel.station_id == station_id, Parcel.id == parcel_id)
    )
    phone = _phone_hash(station_id, number)
    return phone is not None and connection().scalar(owner) == phone


def _parts(key: str) -> tuple[str, int]:
    """Split a key; 0 stands for a number that no row has."""
    number = key[1:]
    is_key = key[:1] in ("r", "p", "x") and number.isdecimal() and number.isascii() and int(number) < 2**63
    return (key[:1], int(number)) if is_key else ("r", 0)


def _phone_hash(station_id: int, recipient_id: int) -> bytes | None:
    query = select(Recipient.phone_hash).where(
        Recipient.station_id == station_id, Recipient.id == recipient_id
    )
    found: bytes | None = connection().scalar(query)
    return found


def _parcels_at(station_id: int, phones: Sequence[bytes]) -> list[int]:
    """Return the parcels on the shelves for whoever uses these phones."""
    users = select(Recipient.id).where(Recipient.station_id == station_id, Recipient.phone_hash.in_(phones))
    recipient_ids = list(connection().scalars(users))
    theirs = select(Parcel.id).where(Parcel.station_id == station_id, Parcel.recipient_id.in_(recipient_ids))
    return list(connection().scalars(theirs))


def _placed(station_id: int, parcel_ids: Sequence[int]) -> Select[Any]:
    return (
        select(Parcel.id, Parcel.recipient_id, Recipient.phone_hash, Shelf.position, Parcel.pickup_code)
        .outerjoin(Recipient, _SAME_PERSON)
        .join(Layer, _SAME_LAYER)
        .join(Shelf, _SAME_SHELF)
        .where(Parcel.station_id == station_id, Parcel.id.in_(parcel_ids), Parcel.state.in_(ON_SHELF))
    )


def _people(clock_now: Clock, parcel_ids: Sequence[int]) -> list[Person]:
    rows = connection().execute(_placed(clock_now.rules.station_id, parcel_ids)).all()
    listed = queries.by_ids(clock_now, [row.id for row in rows])
    groups: dict[object, list[Any]] = {}
    for row in sorted(rows, key=lambda row: (row.position, _walk(row.pickup_code))):
        groups.setdefault(row.phone_hash or row.id, []).append(row)
    return [_person(group, [listed[row.id] for row in group]) for group in groups.values()]


def _walk(pickup_code: str | None) -> tuple[str, int, int]:
    """Return the order in which somebody walks along the shelves."""
    code = codes.parse(pickup_code or "")
    return (code.shelf, code.layer, code.number) if code else ("", 0, 0)


def _person(rows: Sequence[Any], parcels: Sequence[Listed]) -> Person:
    recipient_id = rows[0].recipient_id
    names = dict.fromkeys(one.name_masked for one in parcels if one.name_masked)
    return Person(
        key=key_of(recipient_id) if recipient_id else f"p{rows[0].id}",
        names=tuple(names),
        phone_tail=parcels[0].phone_tail,
        phone_kind=parcels[0].phone_kind,
        parcels=tuple(parcels),
    )
