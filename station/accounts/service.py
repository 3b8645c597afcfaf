"""What can be done with accounts: signing in, one's own password, staff, devices."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update

from station.accounts import queries
from station.accounts.models import Account
from station.core import clock, throttle
from station.core.actor import Actor
from station.core.db import db

LIMIT_WINDOW = timedelta(minutes=15)
LIMIT_PER_LOGIN = 5
LIMIT_PER_ADDRESS = 30


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who wants to sign in: the account the login names, if any, with the hash to check against."""

    login: str
    account_id: int | None
    password_hash: str | None


def begin_sign_in(login: str, *, address: str) -> Candidate:
    """Count an attempt for `login` and for `address`, and find the account.

    Counting comes before checking, so that guesses made at the same moment are counted too. The password is checked
    outside any transaction: its work factor must not hold up the counter.
    Raises StationError `too_many_attempts`.
    """
    name = login.strip().casefold()
    limits = {f"login:{name}": LIMIT_PER_LOGIN, f"address:{address}": LIMIT_PER_ADDRESS}
    for key, limit in limits.items():
        throttle.check(key, limit=limit, window=LIMIT_WINDOW)
        throttle.count(key, window=LIMIT_WINDOW)
    row = db.session.execute(
        select(Account.id, Account.password_hash).where(Account.login == name, Account.disabled_at.is_(None))
    ).one_or_none()
    return Candidate(name, row.id, row.password_hash) if row else Candidate(name, None, None)


def complete_sign_in(candidate: Candidate) -> queries.Person | None:
    """Note that `candidate` proved the password; return who it is, None when they work nowhere any more."""
    account = db.session.get_one(Account, candidate.account_id)
    throttle.forgive(f"login:{candidate.login}")
    account.signed_in_at = clock.now()
    db.session.flush()
    station_id = queries.home_station(account.id)
    if station_id is None:
        return None
    return queries.person(account.id, epoch=account.epoch, station_id=station_id)


def choose_preferences(actor: Actor, chosen: Mapping[str, str]) -> None:
    """Remember `chosen` (language, theme, contrast; checked by the caller) with the actor's account."""
    db.session.execute(update(Account).where(Account.id == actor.id).values(**chosen))
