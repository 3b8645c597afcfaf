"""What a manager does with the people of a station: add, rename, give a role, disable, let in again, reset a password.

Names of people stay out of the custody log: it holds account ids and roles only.
"""

from dataclasses import dataclass

from sqlalchemy import or_, select, update

from station.accounts import passwords
from station.accounts.models import Account, Membership
from station.accounts.service import (
    NewAccount,
    add_membership,
    clean_name,
    insert_account,
    normal_login,
)
from station.core import clock
from station.core.actor import Actor
from station.core.db import db
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.permissions import Role
from station.events import service as events
from station.events.service import Event

STATION_ROLES = (Role.CLERK, Role.MANAGER)


@dataclass(frozen=True, slots=True)
class OneTimePassword:
    """A password to be handed over and shown only once; its owner chooses another at the first sign-in."""

    account_id: int
    password: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """A one-time password with its hash, made before the transaction: hashing takes long on purpose."""

    password: str
    password_hash: str


def prepare() -> Prepared:
    """Make a one-time password."""
    password = passwords.one_time()
    return Prepared(password, passwords.hash_password(password))


def add_staff(actor: Actor, new: NewAccount, *, role: Role, prepared: Prepared) -> OneTimePassword:
    """Add somebody to the actor's station. Raises StationError `bad_input`, `login_taken`."""
    _require_station_role(role)
    account_id = insert_account(new, password_hash=prepared.password_hash, must_change_password=True)
    add_membership(actor, account_id, role=role)
    return OneTimePassword(account_id, prepared.password)


def attach_staff(actor: Actor, login: str, *, role: Role) -> int:
    """Let somebody who has an account already work at the actor's station too; return the account's id.

    Raises StationError `bad_input`: no such sign-in name, or they work here or worked here before.
    """
    _require_station_role(role)
    events.take_turn(actor.station_id)
    active = select(Account.id).where(Account.login == normal_login(login), Account.disabled_at.is_(None))
    account_id = db.session.scalar(active)
    if account_id is None:
        raise StationError("bad_input", _("Nobody has this sign-in name. Ask the person how they sign in."))
    known = select(Membership.id).where(
        Membership.account_id == account_id,
        or_(Membership.station_id.is_(None), Membership.station_id == actor.station_id),
    )
    if db.session.execute(known).first():
        raise StationError("bad_input", _("This person can work here already, or stands in the list."))
    add_membership(actor, account_id, role=role)
    return account_id


def change_role(actor: Actor, account_id: int, *, role: Role) -> bool:
    """Let somebody work at the actor's station as `role` from now on; tell whether that is new.

    Raises StationError `bad_input`, `not_yourself`, `not_found`, `last_manager`.
    """
    _require_station_role(role)
    if account_id == actor.id:
        raise StationError("not_yourself", _("You cannot change your own role. Ask another manager."))
    _require_here(actor, account_id)
    events.take_turn(actor.station_id)
    mine = (Membership.account_id == account_id, Membership.station_id == actor.station_id)
    was = db.session.scalar(select(Membership.role).where(*mine))
    if was == role:
        return False
    db.session.execute(update(Membership).where(*mine).values(role=role))
    _require_manager(actor)
    data = {"account": str(account_id), "role": role.value, "was": was}
    events.append(actor, Event("staff_role_changed", data=data))
    return True


def rename_staff(actor: Actor, account_id: int, *, name: str) -> None:
    """Correct somebody's name. Raises StationError `not_found`, `bad_input`."""
    _require_here(actor, account_id)
    _require_only_here(actor, account_id)
    db.session.execute(update(Account).where(Account.id == account_id).values(name=clean_name(name)))
    _note(actor, "staff_renamed", account_id)


def disable_staff(actor: Actor, account_id: int) -> None:
    """End somebody's work at the actor's station, and with it their sessions here.

    Raises StationError `not_found`, `not_yourself`, `last_manager`.
    """
    if account_id == actor.id:
        raise StationError("not_yourself", _("You cannot disable yourself. Ask another manager."))
    _require_here(actor, account_id)
    # The log comes first: writers of one station queue at it, so two managers cannot remove each other.
    _note(actor, "staff_disabled", account_id)
    _set_disabled(actor, account_id, at=clock.now())
    _require_manager(actor)


def enable_staff(actor: Actor, account_id: int) -> None:
    """Let somebody work at the actor's station again. Raises StationError `not_found`."""
    _require_here(actor, account_id)
    _note(actor, "staff_enabled", account_id)
    _set_disabled(actor, account_id, at=None)


def reset_password(actor: Actor, account_id: int, *, prepared: Prepared) -> OneTimePassword:
    """Replace somebody's password by a one-time one and end their sessions.

    Raises StationError `not_found`; `forbidden` for somebody who works elsewhere too: the password opens that as well.
    """
    _require_here(actor, account_id)
    _require_only_here(actor, account_id)
    db.session.execute(
        update(Account)
        .where(Account.id == account_id)
        .values(password_hash=prepared.password_hash, epoch=Account.epoch + 1, must_change_password=True)
    )
    _note(actor, "password_reset", account_id)
    return OneTimePassword(account_id, prepared.password)


def _require_station_role(role: Role) -> None:
    if role not in STATION_ROLES:
        raise StationError("bad_input", _("Choose clerk or manager."))


def _require_here(actor: Actor, account_id: int) -> None:
    here = select(Membership.id).where(
        Membership.account_id == account_id,
        Membership.station_id == actor.station_id,
        Membership.role.in_(STATION_ROLES),
    )
    if db.session.execute(here).first() is None:
        raise StationError("not_found", _("This person does not work at your station."))


def _require_only_here(actor: Actor, account_id: int) -> None:
    if actor.role is Role.NETWORK_ADMIN:
        return
    elsewhere = select(Membership.id).where(
        Membership.account_id == account_id, Membership.station_id.is_distinct_from(actor.station_id)
    )
    if db.session.execute(elsewhere).first() is not None:
        message = _("This person works elsewhere too. Ask the network's administrator.")
        raise StationError("forbidden", message)


def _set_disabled(actor: Actor, account_id: int, *, at: object) -> None:
    db.session.execute(
        update(Membership)
        .where(Membership.account_id == account_id, Membership.station_id == actor.station_id)
        .values(disabled_at=at)
    )


def _require_manager(actor: Actor) -> None:
    managers = select(Membership.id).where(
        Membership.station_id == actor.station_id,
        Membership.role == Role.MANAGER,
        Membership.disabled_at.is_(None),
    )
    if db.session.execute(managers).first() is None:
        raise StationError("last_manager", _("This is the station's last manager. Add another one first."))


def _note(actor: Actor, kind: str, account_id: int) -> None:
    events.append(actor, Event(kind, data={"account": str(account_id)}))
