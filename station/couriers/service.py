"""What a manager does with couriers: let them in for carriers, change those, shut them out, let them in again."""

from collections.abc import Iterable

from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError

from station.accounts import couriers as accounts
from station.carriers.catalogue import COMPANIES
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.phones import Phone
from station.couriers import phones, queries
from station.couriers.models import Courier, CourierCarrier
from station.events import service as events
from station.events.service import Event
from station.residents.service import phone_hash


def add(actor: Actor, phone: Phone, *, name: str, password_hash: str) -> int:
    """Make the account of a courier nobody knows yet; return its id.

    Raises StationError `bad_input`; `stale` when another station added the same number at the same moment.
    """
    account_id = accounts.make(name, password_hash)
    row = {"phone_hash": phone_hash(phone.key), "phone": phone.key}
    try:
        connection().execute(insert(Courier).values(account_id=account_id, **row))
    except IntegrityError as error:
        raise StationError(
            "stale", _("Somebody else changed this at the same moment. Load it again.")
        ) from error
    events.append(actor, Event("courier_added", data={"account": str(account_id)}))
    return account_id


def let_in(actor: Actor, account_id: int, carriers: Iterable[str]) -> None:
    """Let a courier come to the actor's station for `carriers`. Raises StationError `bad_input`."""
    chosen = clean_carriers(carriers)
    accounts.let_in(actor, account_id)
    _write_carriers(actor, account_id, chosen)


def change_carriers(actor: Actor, account_id: int, carriers: Iterable[str]) -> None:
    """Say anew for which carriers a courier comes. Raises StationError `not_found`, `bad_input`."""
    chosen = clean_carriers(carriers)
    events.take_turn(actor.station_id)
    queries.require(actor.station_id, account_id)
    _write_carriers(actor, account_id, chosen)


def shut_out(actor: Actor, account_id: int) -> None:
    """Let a courier come no more; whoever may come nowhere else is signed out. Raises StationError `not_found`."""
    events.take_turn(actor.station_id)
    queries.require(actor.station_id, account_id)
    accounts.shut_out(actor, account_id)
    if not queries.stations(account_id):
        phones.end_all(account_id)


def let_in_again(actor: Actor, account_id: int) -> None:
    """Let a courier come again, for the carriers as before. Raises StationError `not_found`."""
    events.take_turn(actor.station_id)
    queries.require(actor.station_id, account_id)
    accounts.let_in(actor, account_id)


def end_phone(actor: Actor, account_id: int, phone_id: int) -> None:
    """Sign a courier of the actor's station out on one phone. Raises StationError `not_found`."""
    events.take_turn(actor.station_id)
    queries.require(actor.station_id, account_id)
    phones.end(account_id, phone_id)
    events.append(
        actor, Event("courier_phone_ended", data={"account": str(account_id), "phone": str(phone_id)})
    )


def clean_carriers(carriers: Iterable[str]) -> tuple[str, ...]:
    """Return the carriers somebody comes for, in the catalogue's order. Raises StationError `bad_input` for none."""
    chosen = set(carriers)
    if not chosen or not chosen <= COMPANIES.keys():
        raise StationError("bad_input", _("Choose at least one carrier."))
    return tuple(code for code in COMPANIES if code in chosen)


def _write_carriers(actor: Actor, account_id: int, chosen: tuple[str, ...]) -> None:
    mine = {"station_id": actor.station_id, "account_id": account_id}
    connection().execute(
        delete(CourierCarrier).where(
            CourierCarrier.station_id == actor.station_id, CourierCarrier.account_id == account_id
        )
    )
    connection().execute(insert(CourierCarrier), [mine | {"carrier": code} for code in chosen])
    data = {"account": str(account_id), "carriers": list(chosen)}
    events.append(actor, Event("courier_carriers", data=data))
