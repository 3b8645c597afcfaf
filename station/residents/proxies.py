"""Letting somebody else collect: one parcel, or all that waits at one's phone for a day, until it is taken back.

Responsible for the word that was given, how it ends, and the code or phone number that shows it. Whether a parcel may
leave by it is decided where parcels leave (parcels.proxy_use).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, insert, or_, select, update

from station.core import clock, crypto, ids, throttle
from station.core.actor import Actor, system_actor
from station.core.db import connection
from station.core.errors import CountedError, StationError
from station.core.i18n import gettext as _
from station.core.phones import Phone, PhoneKind
from station.events.service import Event, append, take_turn
from station.network import queries as network
from station.residents import proxy_codes
from station.residents.models import Proxy, Recipient
from station.residents.service import phone_hash

# Ours: as long as a parcel waits by default before it goes back (clock_rules.StorageRules.return_h).
VALID_FOR_ONE = timedelta(days=7)
MOST = 20  # valid ones of one phone at a time; ours: more is no favour among neighbours
LISTED = 50
KEEP = timedelta(days=90)  # as long as what refused scans read (events.retention)
# Ours: somebody who mistypes needs two or three tries, a guesser of 2**39 codes more than a lifetime of them.
WRONG_CODES = 20
WINDOW = timedelta(hours=1)


class ProxyState(StrEnum):
    """Where somebody's word stands."""

    ACTIVE = "active"
    USED = "used"
    REVOKED = "revoked"
    EXPIRED = "expired"


class Turn(StrEnum):
    """What ends it, or brings it back."""

    USE = "use"
    REVOKE = "revoke"
    EXPIRE = "expire"
    RESTORE = "restore"  # the hand-over was a mistake


TRANSITIONS: dict[tuple[ProxyState, Turn], ProxyState] = {
    (ProxyState.ACTIVE, Turn.USE): ProxyState.USED,
    (ProxyState.ACTIVE, Turn.REVOKE): ProxyState.REVOKED,
    (ProxyState.ACTIVE, Turn.EXPIRE): ProxyState.EXPIRED,
    (ProxyState.USED, Turn.RESTORE): ProxyState.ACTIVE,
}


@dataclass(frozen=True, slots=True)
class Wish:
    """Who may collect what: `parcel_id` None is all for today; without `phone` a one-time code shows it."""

    recipient_id: int
    parcel_id: int | None = None
    phone: Phone | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A proxy that was given; `code` is told this once."""

    proxy_id: int
    code: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class GivenProxy:
    """A proxy as it is kept. `phone_tail` and `name` are the other person's; without a phone a code shows it."""

    id: int
    recipient_id: int
    parcel_id: int | None
    phone_tail: str | None
    name: str | None
    state: str
    given_at: datetime
    expires_at: datetime
    ended_at: datetime | None

    def state_at(self, now: datetime) -> ProxyState:
        """Return where it stands: time ends it without anybody's doing."""
        state = ProxyState(self.state)
        return TRANSITIONS.get((state, Turn.EXPIRE), state) if now >= self.expires_at else state


_COLUMNS = tuple(getattr(Proxy, name) for name in GivenProxy.__slots__)


def give(actor: Actor, wish: Wish) -> Made:
    """Let somebody else collect. Whose recipient and parcel these are, the caller has checked.

    Raises StationError `bad_input` for a privacy number and when MOST are valid already.
    """
    take_turn(actor.station_id)
    now = clock.now()
    if wish.phone and wish.phone.kind is PhoneKind.PRIVACY:
        raise StationError("bad_input", _("Type the person's own number, not one with an extension."))
    if len(valid_for(actor.station_id, wish.recipient_id, now)) >= MOST:
        raise StationError("bad_input", _("Many people may collect for you already. Take one back first."))
    code = None if wish.phone else proxy_codes.new()
    made = Made(ids.next_id(), code, _end(actor.station_id, wish, now))
    connection().execute(
        insert(Proxy).values(
            station_id=actor.station_id,
            id=made.proxy_id,
            recipient_id=wish.recipient_id,
            parcel_id=wish.parcel_id,
            code_hash=code_hash(code) if code else None,
            phone_hash=phone_hash(wish.phone.key) if wish.phone else None,
            phone_tail=wish.phone.tail if wish.phone else None,
            name=wish.name,
            state=ProxyState.ACTIVE,
            given_at=now,
            expires_at=made.expires_at,
        )
    )
    facts = {"proxy": str(made.proxy_id), "for": "parcel" if wish.parcel_id else "day"}
    append(actor, Event("proxy_given", wish.parcel_id, facts | {"by": "code" if code else "phone"}), at=now)
    return made


def _end(station_id: int, wish: Wish, now: datetime) -> datetime:
    if wish.parcel_id:
        return now + VALID_FOR_ONE
    zone = ZoneInfo(network.rules(station_id).zone)
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone).astimezone(now.tzinfo)


def forget_people(station_id: int) -> int:
    """Erase names and phone tails of those whose time to collect ended KEEP ago; return of how many.

    What was collected, by whom, stands with the hand-over. Safe to repeat: then nothing is left to erase or to log.
    """
    take_turn(station_id)
    until = clock.now() - KEEP
    has_some = or_(Proxy.name.is_not(None), Proxy.phone_tail.is_not(None))
    mine = (Proxy.station_id == station_id, Proxy.expires_at < until, has_some)
    erased = connection().execute(update(Proxy).where(*mine).values(name=None, phone_tail=None)).rowcount
    if erased:
        facts = {"count": erased, "until": until.isoformat()}
        append(system_actor(station_id), Event("proxies_erased", data=facts))
    return erased


def code_hash(code: str) -> bytes:
    """Return what is kept of a code."""
    return crypto.keyed_hash("proxy-code", code)


def revoke(actor: Actor, proxy_id: int) -> None:
    """Take a proxy back; one that has ended stays as it is. The caller has checked whose it is.

    Raises StationError `not_found`.
    """
    take_turn(actor.station_id)
    proxy = get(actor.station_id, proxy_id)
    if _turn(actor.station_id, proxy, Turn.REVOKE, at=clock.now()):
        append(actor, Event("proxy_revoked", proxy.parcel_id, {"proxy": str(proxy_id)}))


def use(station_id: int, proxy: GivenProxy, *, at: datetime) -> None:
    """Use up a proxy for one parcel. Raises StationError as `require_valid` does; `stale` if somebody was quicker."""
    if not _turn(station_id, proxy, Turn.USE, at=at):
        require_valid(get(station_id, proxy.id), at)
        raise StationError("stale", _("Somebody else changed this at the same moment. Try again."))


def restore(station_id: int, proxy_id: int) -> None:
    """Give a used proxy back after a mistaken hand-over; it ends when it would have ended."""
    _turn(station_id, get(station_id, proxy_id), Turn.RESTORE, at=clock.now())


def _turn(station_id: int, proxy: GivenProxy, turn: Turn, *, at: datetime) -> bool:
    """Write a turn that happened at a moment if the proxy still stood where it begins; tell whether it did."""
    begin = next(state for state, what in TRANSITIONS if what is turn)
    if proxy.state_at(at) is not begin:
        return False
    end = TRANSITIONS[begin, turn]
    changed = connection().execute(
        update(Proxy)
        .where(Proxy.station_id == station_id, Proxy.id == proxy.id, Proxy.state == begin)
        .values(state=end, ended_at=None if end is ProxyState.ACTIVE else at)
    )
    return changed.rowcount == 1


def get(station_id: int, proxy_id: int) -> GivenProxy:
    """Return a proxy of the station. Raises StationError `not_found`."""
    found = find(station_id, proxy_id)
    if found is None:
        raise StationError("not_found", _("This is not known any more."))
    return found


def find(station_id: int, proxy_id: int) -> GivenProxy | None:
    """Return a proxy of the station, None when there is none."""
    found = _select(station_id, Proxy.id == proxy_id)
    return found[0] if found else None


def prove(actor: Actor, code: str) -> GivenProxy:
    """Return the proxy that a code (proxy_codes.read) shows. The caller commits a CountedError: a wrong code counts.

    Raises CountedError `proxy_code_wrong`, StationError `too_many_attempts` and as `require_valid` does.
    """
    take_turn(actor.station_id)  # so that guesses at the same moment are counted one after the other
    tries = f"proxy-code:{actor.station_id}:{actor.key}"
    throttle.check(tries, limit=WRONG_CODES, window=WINDOW)
    proxy = by_code(actor.station_id, code)
    if proxy is None:
        throttle.count(tries, window=WINDOW)
        raise CountedError(
            "proxy_code_wrong",
            _("This code is not known here. Ask for it once more, or for the phone number."),
        )
    require_valid(proxy, clock.now())
    return proxy


def by_code(station_id: int, code: str) -> GivenProxy | None:
    """Return the proxy with a code, whatever became of it."""
    wanted = code_hash(code)
    query = select(Proxy.id, Proxy.code_hash).where(Proxy.station_id == station_id, Proxy.code_hash == wanted)
    row = connection().execute(query).one_or_none()
    if row is None or not crypto.same(bytes(row.code_hash), wanted):
        return None
    return get(station_id, row.id)


def require_valid(proxy: GivenProxy, at: datetime) -> None:
    """Raise StationError `proxy_used`, `proxy_revoked` or `proxy_expired` when a proxy had ended at a moment."""
    state = proxy.state_at(at)
    if state is ProxyState.USED:
        raise StationError("proxy_used", _("This was used already: the parcel has been collected."))
    if state is ProxyState.REVOKED:
        raise StationError("proxy_revoked", _("The recipient took this back. Ask them to call the station."))
    if state is ProxyState.EXPIRED:
        raise StationError("proxy_expired", _("This is too old. The recipient can give a new one."))


def by_phone(station_id: int, found: bytes, now: datetime) -> list[GivenProxy]:
    """Return what somebody's own phone (its hash) lets them collect now."""
    return _select(station_id, Proxy.phone_hash == found, *_valid(now))


def collecting_at(found: bytes) -> list[int]:
    """Return the stations where somebody's phone (its hash) ever let them collect for others."""
    stations = [station.id for station in network.stations()]
    query = select(Proxy.station_id).where(Proxy.station_id.in_(stations), Proxy.phone_hash == found)
    return list(connection().scalars(query.distinct().order_by(Proxy.station_id)))


def by_tail(station_id: int, tail: str, now: datetime) -> list[GivenProxy]:
    """Return what people whose phone ends with `tail` may collect now."""
    return _select(station_id, Proxy.phone_tail == tail, *_valid(now))


def valid_for(station_id: int, recipient_id: int, now: datetime) -> list[GivenProxy]:
    """Return the proxies that whoever uses a recipient's phone has given and that are valid now."""
    return _select(station_id, Proxy.recipient_id.in_(_same_phone(station_id, recipient_id)), *_valid(now))


def given_by(station_id: int, found: bytes, now: datetime) -> list[GivenProxy]:
    """Return what whoever uses a phone (its hash) has given and is valid now, the newest first."""
    mine = select(Recipient.id).where(Recipient.station_id == station_id, Recipient.phone_hash == found)
    return _select(station_id, Proxy.recipient_id.in_(mine), *_valid(now))


def is_from(station_id: int, proxy: GivenProxy, recipient_id: int) -> bool:
    """Tell whether a recipient uses the phone of whoever gave a proxy."""
    same = _same_phone(station_id, proxy.recipient_id)
    mine = select(Recipient.id).where(Recipient.station_id == station_id, Recipient.id == recipient_id)
    return connection().execute(mine.where(Recipient.id.in_(same))).first() is not None


def _same_phone(station_id: int, recipient_id: int) -> Any:
    phone = select(Recipient.phone_hash).where(
        Recipient.station_id == station_id, Recipient.id == recipient_id
    )
    return select(Recipient.id).where(
        Recipient.station_id == station_id, Recipient.phone_hash == phone.scalar_subquery()
    )


def _valid(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (Proxy.state == ProxyState.ACTIVE, Proxy.expires_at > now)


def _select(station_id: int, *conditions: ColumnElement[bool]) -> list[GivenProxy]:
    query = select(*_COLUMNS).where(Proxy.station_id == station_id, *conditions)
    return [GivenProxy(*row) for row in connection().execute(query.order_by(Proxy.id.desc()).limit(LISTED))]
