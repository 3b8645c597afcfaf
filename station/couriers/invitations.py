"""A manager's invitation: a code that is shown once as a QR code and works once, with which a courier gets in.

Whoever comes to no other station chooses a password, a new one if they had one before: so a lost password is replaced.
Whoever comes to another station too proves the password they have, since it opens that station as well; only the
network's administrator may have it replaced.
"""

import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, insert, select

from station.accounts import couriers as accounts
from station.accounts.service import clean_name
from station.core import clock, crypto, ids, throttle
from station.core.actor import Actor, ActorKind
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.permissions import Role
from station.core.phones import Phone, parse
from station.couriers import phones, queries, service
from station.couriers.models import CourierInvitation
from station.events import service as events
from station.events.service import Event
from station.residents.service import phone_hash

VALID_FOR = timedelta(days=7)  # ours: a week to answer a call
# Ours: read aloud and typed where a PDA's camera reads no code, so without 0 O, 1 I L. 31 characters: twelve are 59
# bits, of which an address may try 30 in 15 minutes.
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
LENGTH = 12
GROUP = 4
TRIES = 30
WINDOW = timedelta(minutes=15)
_BLANKS = re.compile(r"[\s-]+")


@dataclass(frozen=True, slots=True)
class Person:
    """Who is to come: a name, a phone number, and the carriers they come for."""

    name: str
    phone: Phone
    carriers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """An invitation just made: the code, shown this once, and until when it works."""

    code: str
    expires_at: datetime


class Asks(StrEnum):
    """What an invitation asks of the courier."""

    NEW_PASSWORD = "new_password"  # noqa: S105 - a word, not a secret
    OWN_PASSWORD = "own_password"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation as whoever holds the code sees it. `account_id`: the courier with this number, if there is one."""

    id: int
    station_id: int
    person: Person
    made_by: Actor
    account_id: int | None
    asks: Asks


def invite(actor: Actor, person: Person) -> NewInvitation:
    """Invite somebody to the actor's station; an invitation to the same number is void.

    Raises StationError `bad_input`.
    """
    found, now = phone_hash(person.phone.key), clock.now()
    chosen = service.clean_carriers(person.carriers)
    _delete(actor.station_id, found)
    code = "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))
    row = {
        "id": ids.next_id(),
        "code_hash": _hash(code),
        "station_id": actor.station_id,
        "phone_hash": found,
        "phone": person.phone.key,
        "name": clean_name(person.name),
        "carriers": ",".join(chosen),
        "made_by": actor.id,
        "by_network": actor.role is Role.NETWORK_ADMIN,
        "made_at": now,
        "expires_at": now + VALID_FOR,
    }
    connection().execute(insert(CourierInvitation).values(**row))
    events.append(actor, Event("courier_invited", data={"invitation": str(row["id"])}), at=now)
    return NewInvitation(grouped(code), now + VALID_FOR)


def invite_again(actor: Actor, account_id: int) -> NewInvitation:
    """Invite a courier of the actor's station anew, who lost the password. Raises StationError `not_found`."""
    queries.require(actor.station_id, account_id)
    known = queries.known(account_id)
    if known is None:
        raise StationError("not_found", _("This courier does not come to your station."))
    carriers = queries.carriers_of(actor.station_id, account_id)
    return invite(actor, Person(known.name, known.phone, carriers))


def take_back(actor: Actor, invitation_id: int) -> None:
    """End an invitation of the actor's station that was not used. Raises StationError `not_found`."""
    mine = (CourierInvitation.station_id == actor.station_id, CourierInvitation.id == invitation_id)
    gone = delete(CourierInvitation).where(*mine).returning(CourierInvitation.id)
    if connection().execute(gone).first() is None:
        raise StationError("not_found", _("This invitation was used, or it is over."))
    events.append(actor, Event("courier_invitation_ended", data={"invitation": str(invitation_id)}))


def count_try(address: str | None) -> None:
    """Count somebody's try at a code. Raises StationError `too_many_attempts`."""
    throttle.spend(f"courier-code:{throttle.origin(address)}", limit=TRIES, window=WINDOW)


def read(code: str) -> Invitation:
    """Return the invitation whose code this is. Raises StationError `link_over`."""
    mine = (CourierInvitation.code_hash == _hash(_plain(code)), CourierInvitation.expires_at > clock.now())
    row = connection().execute(select(CourierInvitation.__table__).where(*mine)).one_or_none()
    phone = parse(row.phone) if row else None
    if row is None or phone is None:
        message = _(
            "This invitation is used, taken back or older than 7 days. Ask the station for a new one."
        )
        raise StationError("link_over", message)
    role = Role.NETWORK_ADMIN if row.by_network else Role.MANAGER
    account_id = queries.proof(row.phone_hash).account_id
    return Invitation(
        row.id,
        row.station_id,
        person=Person(row.name, phone, tuple(row.carriers.split(","))),
        made_by=Actor(ActorKind.STAFF, row.made_by, row.station_id, role),
        account_id=account_id,
        asks=_asks(row.station_id, account_id, role),
    )


def _asks(station_id: int, account_id: int | None, role: Role) -> Asks:
    if account_id is None or role is Role.NETWORK_ADMIN:
        return Asks.NEW_PASSWORD
    elsewhere = {place.station_id for place in queries.stations(account_id)} - {station_id}
    return Asks.OWN_PASSWORD if elsewhere else Asks.NEW_PASSWORD


def accept_with_new_password(code: str, password_hash: str) -> int:
    """Let a courier in with the password they chose; return the account's id.

    Raises StationError `link_over`, `stale`.
    """
    invitation = _use(code, Asks.NEW_PASSWORD)
    person, account_id = invitation.person, invitation.account_id
    if account_id is None:
        account_id = service.add(
            invitation.made_by, person.phone, name=person.name, password_hash=password_hash
        )
    else:
        phones.end_all(account_id)
        accounts.set_password(account_id, password_hash)
    service.let_in(invitation.made_by, account_id, person.carriers)
    return account_id


def accept(code: str) -> int:
    """Let a courier in who proved the password they have. Raises StationError `link_over`, `stale`."""
    invitation = _use(code, Asks.OWN_PASSWORD)
    if invitation.account_id is None:
        raise _changed()
    service.let_in(invitation.made_by, invitation.account_id, invitation.person.carriers)
    return invitation.account_id


def _use(code: str, asked: Asks) -> Invitation:
    invitation = read(code)
    events.take_turn(invitation.station_id)
    gone = delete(CourierInvitation).where(CourierInvitation.id == invitation.id)
    used = connection().execute(gone.returning(CourierInvitation.id)).first()
    if used is None or invitation.asks is not asked:
        raise _changed()
    return invitation


def _changed() -> StationError:
    return StationError("stale", _("This invitation changed meanwhile. Open it again."))


def forget_old(now: datetime) -> int:
    """Delete invitations that are over; return how many."""
    return connection().execute(delete(CourierInvitation).where(CourierInvitation.expires_at <= now)).rowcount


def forget(found: bytes) -> None:
    """Delete what a number was invited to."""
    connection().execute(delete(CourierInvitation).where(CourierInvitation.phone_hash == found))


def grouped(code: str) -> str:
    """Return a code as it is read out: in groups of four."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def _delete(station_id: int, found: bytes) -> None:
    mine = (CourierInvitation.station_id == station_id, CourierInvitation.phone_hash == found)
    connection().execute(delete(CourierInvitation).where(*mine))


def _plain(code: str) -> str:
    return _BLANKS.sub("", unicodedata.normalize("NFKC", code)).upper()


def _hash(code: str) -> bytes:
    return crypto.keyed_hash("courier-invitation", code)
