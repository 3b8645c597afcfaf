"""Accounts of couriers: making and closing them, their password, and at which stations they may come.

A courier's account has no sign-in name: the staff's sign-in never opens it. How couriers prove who they are, for which
carriers they come and on which phones is the couriers room's.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, insert, select, update

from station.accounts.models import Account, Membership
from station.accounts.service import clean_name
from station.core import clock, ids
from station.core.actor import Actor
from station.core.db import db
from station.core.permissions import Role
from station.events import service as events
from station.events.service import Event


def make(name: str, password_hash: str) -> int:
    """Make a courier's account; return its id. It may come nowhere yet. Raises StationError `bad_input`."""
    account_id = ids.next_id()
    values = {"name": clean_name(name), "password_hash": password_hash, "created_at": clock.now()}
    db.session.execute(insert(Account).values(id=account_id, **values))
    return account_id


def let_in(actor: Actor, account_id: int) -> None:
    """Let a courier come to the actor's station, again if they did before. Idempotent."""
    events.take_turn(actor.station_id)
    mine = _at(account_id, actor.station_id)
    if db.session.execute(select(Membership.id).where(*mine)).first() is None:
        row = {"account_id": account_id, "station_id": actor.station_id, "role": Role.COURIER}
        db.session.execute(insert(Membership).values(id=ids.next_id(), created_at=clock.now(), **row))
    db.session.execute(update(Membership).where(*mine).values(disabled_at=None))
    events.append(actor, Event("courier_let_in", data={"account": str(account_id)}))


def shut_out(actor: Actor, account_id: int) -> None:
    """Let a courier come to the actor's station no more. Idempotent."""
    _set_disabled(actor.station_id, account_id, clock.now())
    events.append(actor, Event("courier_shut_out", data={"account": str(account_id)}))


def set_password(account_id: int, password_hash: str) -> int:
    """Give a courier another password and end all their sessions; return the account's epoch from now on."""
    changed = {"password_hash": password_hash, "epoch": Account.epoch + 1}
    mine = update(Account).where(Account.id == account_id).values(**changed)
    return int(db.session.execute(mine.returning(Account.epoch)).scalar_one())


def note_sign_in(account_id: int, *, new_hash: str | None) -> int:
    """Note that a courier proved the password; return the account's epoch. `new_hash` replaces an older way's."""
    values = {"signed_in_at": clock.now()} | ({"password_hash": new_hash} if new_hash else {})
    mine = update(Account).where(Account.id == account_id).values(**values)
    return int(db.session.execute(mine.returning(Account.epoch)).scalar_one())


def end_sessions(account_id: int) -> None:
    """Sign a courier out everywhere."""
    db.session.execute(update(Account).where(Account.id == account_id).values(epoch=Account.epoch + 1))


def close(account_id: int) -> None:
    """End a courier's account: nameless, signed out, at no station any more. The row stays, because logs name it."""
    closed = {"name": "", "password_hash": None, "epoch": Account.epoch + 1, "disabled_at": clock.now()}
    db.session.execute(update(Account).where(Account.id == account_id).values(**closed, signed_in_at=None))
    mine = (Membership.account_id == account_id, Membership.role == Role.COURIER)
    db.session.execute(update(Membership).where(*mine).values(disabled_at=clock.now()))


def _set_disabled(station_id: int, account_id: int, at: datetime | None) -> None:
    db.session.execute(update(Membership).where(*_at(account_id, station_id)).values(disabled_at=at))


def _at(account_id: int, station_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        Membership.account_id == account_id,
        Membership.station_id == station_id,
        Membership.role == Role.COURIER,
    )
