"""Asking to be a courier of a station: anybody may ask, the manager confirms or refuses whoever stands before them.

Asking proves nothing: not that the number is theirs, nor that they are a courier. So the page says the same whoever
asks, and gives a number to tell the manager, by which who stands there is known to be who asked.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select

from station.accounts.service import clean_name
from station.core import clock, ids, throttle
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.phones import Phone, parse
from station.couriers import queries, service
from station.couriers.models import CourierApplication
from station.events import service as events
from station.events.service import Event
from station.residents.service import phone_hash

KEPT = timedelta(days=7)  # as long as an invitation
NUMBER_DIGITS = 4
# Ours: a carrier's depot may share one address, and no station has more couriers than that.
ASKED_PER_ADDRESS = 10
ASK_WINDOW = timedelta(hours=1)
MOST_WAITING = 50


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks with. The password is the one they will sign in with once they are confirmed."""

    name: str
    phone: Phone
    carriers: tuple[str, ...]
    password_hash: str


def count_try(address: str | None) -> None:
    """Count somebody's asking. Raises StationError `too_many_attempts`."""
    throttle.spend(f"courier-join:{throttle.origin(address)}", limit=ASKED_PER_ADDRESS, window=ASK_WINDOW)


def ask(station_id: int, wish: Wish) -> str:
    """Keep a wish until the manager decides; return the number to tell. The newest wish of a phone counts.

    Raises StationError `bad_input`; `too_many_attempts` while too many wait.
    """
    events.take_turn(station_id)
    found = phone_hash(wish.phone.key)
    forget(station_id, found)
    _require_room(station_id)
    number = f"{secrets.randbelow(10**NUMBER_DIGITS):0{NUMBER_DIGITS}d}"
    values = {
        "phone_hash": found,
        "phone": wish.phone.key,
        "name": clean_name(wish.name),
        "password_hash": wish.password_hash,
        "carriers": ",".join(service.clean_carriers(wish.carriers)),
        "number": number,
        "asked_at": clock.now(),
    }
    connection().execute(insert(CourierApplication).values(station_id=station_id, id=ids.next_id(), **values))
    return number


def _require_room(station_id: int) -> None:
    waiting = select(func.count()).where(CourierApplication.station_id == station_id)
    if (connection().scalar(waiting) or 0) >= MOST_WAITING:
        message = _("Too many people wait for the manager's word here. Ask at the counter.")
        raise StationError("too_many_attempts", message)


def confirm(actor: Actor, application_id: int, carriers: Iterable[str]) -> int:
    """Let somebody in who asked, for `carriers`; return the account's id.

    Whoever is a courier elsewhere keeps the password they have. Raises StationError `not_found`, `bad_input`.
    """
    events.take_turn(actor.station_id)
    row = _take(actor.station_id, application_id)
    account_id = queries.proof(row.phone_hash).account_id
    phone = parse(row.phone)
    if account_id is None and phone is not None:
        account_id = service.add(actor, phone, name=row.name, password_hash=row.password_hash)
    if account_id is None:
        raise StationError("not_found", _("Nobody waits for your word any more. Load the page again."))
    service.let_in(actor, account_id, carriers)
    return account_id


def refuse(actor: Actor, application_id: int) -> None:
    """Send somebody away who asked. Raises StationError `not_found`."""
    events.take_turn(actor.station_id)
    _take(actor.station_id, application_id)
    events.append(actor, Event("courier_refused", data={"application": str(application_id)}))


def _take(station_id: int, application_id: int) -> Any:
    mine = (CourierApplication.station_id == station_id, CourierApplication.id == application_id)
    gone = delete(CourierApplication).where(*mine)
    row = connection().execute(gone.returning(CourierApplication.__table__)).one_or_none()
    if row is None:
        raise StationError("not_found", _("Nobody waits for your word any more. Load the page again."))
    return row


def forget_old(station_id: int, now: datetime) -> int:
    """Delete wishes nobody decided in time; return how many."""
    old = (CourierApplication.station_id == station_id, CourierApplication.asked_at <= now - KEPT)
    return connection().execute(delete(CourierApplication).where(*old)).rowcount


def forget(station_id: int, found: bytes) -> None:
    """Delete what the owner of a phone number asked of a station."""
    mine = (CourierApplication.station_id == station_id, CourierApplication.phone_hash == found)
    connection().execute(delete(CourierApplication).where(*mine))
