"""What can be done with accounts: making them, signing in, one's own password and preferences.

The password itself is checked by the edge between two transactions (views.py): its work factor must not hold up the
counter's writes.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from station.accounts import passwords, queries
from station.accounts.models import Account, AccountDirectory, Membership
from station.accounts.queries import Person, Resident
from station.core import clock, ids, throttle
from station.core.actor import Actor
from station.core.db import db
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.permissions import Role
from station.core.text import clean_line
from station.events import service as events
from station.events.service import Event

LIMIT_WINDOW = timedelta(minutes=15)
LIMIT_PER_LOGIN = 5
LIMIT_PER_ADDRESS = (
    30  # one station's staff share an address; a guesser gets 2,880 tries a day over all logins
)
LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,38}[a-z0-9]", re.ASCII)
NAME_LENGTH = 40


@dataclass(frozen=True, slots=True)
class NewAccount:
    """A sign-in to be made: how somebody signs in, what they are called, and the language they read."""

    login: str
    name: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who wants to prove a password: the account the login names, if any, with the hash to check against."""

    login: str
    account_id: int | None
    password_hash: str | None


def add_account(actor: Actor, new: NewAccount, *, password: str) -> int:
    """Make an account with a password its owner chose; return its id. It works nowhere yet (`add_membership`).

    Raises StationError `bad_input`, `password_weak`, `login_taken`.
    """
    passwords.require_strong(password, new.login)
    return insert_account(new, password_hash=passwords.hash_password(password), must_change_password=False)


def insert_account(new: NewAccount, *, password_hash: str, must_change_password: bool) -> int:
    """Store a new account; return its id. Raises StationError `bad_input`, `login_taken`."""
    account_id = ids.next_id()
    row = insert(Account).values(
        id=account_id,
        login=clean_login(new.login),
        name=clean_name(new.name),
        password_hash=password_hash,
        language=new.language,
        must_change_password=must_change_password,
        created_at=clock.now(),
    )
    try:
        db.session.execute(row)
    except IntegrityError as error:
        message = _("Somebody has this sign-in name already. Choose another one.")
        raise StationError("login_taken", message) from error
    return account_id


def add_membership(actor: Actor, account_id: int, *, role: Role) -> None:
    """Let an account work as `role` at the actor's station; as network administrator, at every station."""
    everywhere = role is Role.NETWORK_ADMIN
    row = insert(Membership).values(
        id=ids.next_id(),
        account_id=account_id,
        station_id=None if everywhere else actor.station_id,
        role=role,
        created_at=clock.now(),
    )
    db.session.execute(row)
    events.append(actor, Event("staff_added", data={"account": str(account_id), "role": role.value}))


def clean_login(login: str) -> str:
    """Return a sign-in name as it is stored and looked up. Raises StationError `bad_input`."""
    plain = normal_login(login)
    if not LOGIN.fullmatch(plain):
        raise StationError("bad_input", _("A sign-in name has 3 to 40 letters a to z, digits, dots, dashes."))
    return plain


def clean_name(name: str) -> str:
    """Return a person's or a device's name as it is stored. Raises StationError `bad_input`."""
    plain = clean_line(name, limit=NAME_LENGTH)
    if not plain:
        raise StationError("bad_input", _("Type a name of at most %(limit)s characters.", limit=NAME_LENGTH))
    return plain


def normal_login(login: str) -> str:
    """Return `login` without differences nobody sees: full-width letters, capitals, blanks around it."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


def begin_sign_in(login: str, *, address: str) -> Candidate:
    """Count an attempt for `login` and for `address`, and find the account.

    Counting comes before checking, so that guesses made at the same moment are counted too.
    Raises StationError `too_many_attempts`.
    """
    name = normal_login(login)
    _count_attempt(f"login:{name}", LIMIT_PER_LOGIN)
    _count_attempt(f"address:{throttle.origin(address)}", LIMIT_PER_ADDRESS)
    row = db.session.execute(
        select(Account.id, Account.password_hash).where(Account.login == name, Account.disabled_at.is_(None))
    ).one_or_none()
    return Candidate(name, row.id, row.password_hash) if row else Candidate(name, None, None)


def complete_sign_in(candidate: Candidate, *, new_hash: str | None) -> Person | None:
    """Note that `candidate` proved the password; return who it is, None when they work nowhere any more.

    `new_hash` replaces a hash made with older parameters.
    """
    throttle.forgive(f"login:{candidate.login}")
    values = {"signed_in_at": clock.now()} | ({"password_hash": new_hash} if new_hash else {})
    mine = Account.id == candidate.account_id
    epoch = db.session.scalar(update(Account).where(mine).values(**values).returning(Account.epoch))
    if candidate.account_id is None or epoch is None:
        return None
    station_id = queries.home_station(candidate.account_id)
    if station_id is None:
        return None
    return queries.person(candidate.account_id, epoch=epoch, station_id=station_id)


def sign_in_resident(phone_hash: bytes) -> Resident:
    """Return the resident whose phone (its hash) was just proved; the first time, their account is made."""
    mine = select(AccountDirectory.account_id).where(AccountDirectory.phone_hash == phone_hash)
    account_id = db.session.scalar(mine)
    if account_id is None:
        account_id = ids.next_id()
        db.session.execute(insert(Account).values(id=account_id, name="", created_at=clock.now()))
        db.session.execute(insert(AccountDirectory).values(phone_hash=phone_hash, account_id=account_id))
    db.session.execute(update(Account).where(Account.id == account_id).values(signed_in_at=clock.now()))
    epoch = db.session.scalar(select(Account.epoch).where(Account.id == account_id)) or 0
    found = queries.resident(account_id, epoch=epoch)
    if found is None:
        raise StationError("sign_in_code_wrong", _("This number cannot sign in. Ask at your station."))
    return found


def close_resident(resident: Resident) -> None:
    """End a resident's account: signed out everywhere, found by no phone number any more.

    The row stays, because the log names it; who proves the number again later begins anew.
    """
    db.session.execute(delete(AccountDirectory).where(AccountDirectory.account_id == resident.account_id))
    closed = {"epoch": Account.epoch + 1, "disabled_at": clock.now(), "language": None, "signed_in_at": None}
    db.session.execute(update(Account).where(Account.id == resident.account_id).values(**closed))


def begin_password_change(actor: Actor) -> Candidate:
    """Count an attempt to change the actor's own password. Raises StationError `too_many_attempts`."""
    _count_attempt(f"password:{actor.id}", LIMIT_PER_LOGIN)
    row = db.session.execute(select(Account.login, Account.password_hash).where(Account.id == actor.id)).one()
    return Candidate(row.login or "", actor.id, row.password_hash)


def complete_password_change(actor: Actor, password_hash: str) -> Person | None:
    """Give the actor a new password and end all their sessions; return who they are in the new one."""
    throttle.forgive(f"password:{actor.id}")
    changed = (
        update(Account)
        .where(Account.id == actor.id)
        .values(password_hash=password_hash, epoch=Account.epoch + 1, must_change_password=False)
        .returning(Account.epoch)
    )
    epoch = db.session.execute(changed).scalar_one()
    return queries.person(actor.id, epoch=epoch, station_id=actor.station_id)


def forgive_password_tries(actor: Actor) -> None:
    """Note that the actor typed their password again and rightly: tries before that count no more."""
    throttle.forgive(f"password:{actor.id}")


def sign_out_everywhere(actor: Actor) -> None:
    """End every session of the actor, on every machine."""
    db.session.execute(update(Account).where(Account.id == actor.id).values(epoch=Account.epoch + 1))


def choose_preferences(actor: Actor, chosen: Mapping[str, str]) -> None:
    """Remember `chosen` (language, theme, contrast; checked by the caller) with the actor's account."""
    db.session.execute(update(Account).where(Account.id == actor.id).values(**chosen))


def _count_attempt(key: str, limit: int) -> None:
    throttle.check(key, limit=limit, window=LIMIT_WINDOW)
    throttle.count(key, window=LIMIT_WINDOW)
