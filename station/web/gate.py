"""The sign-in gate: who is asking, and whether the route allows it. Every route says so itself, or the app won't start.

A view is marked `@public`, `@needs(Permission…)`, or `@setup_only`; the gate refuses everything unmarked.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, g, request, session
from flask_login import LoginManager, UserMixin, current_user

from station.accounts import queries as accounts
from station.accounts.queries import Resident
from station.backups import queries as backups
from station.core import clock
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.permissions import Permission
from station.couriers import queries as couriers
from station.couriers.queries import SignedInCourier
from station.kiosks import watch_queries as kiosks
from station.network import queries as network

View = TypeVar("View", bound=Callable[..., Any])
login_manager = LoginManager()
RESIDENT = "resident"  # the key of a resident's session, beside the one of staff
COURIER = "courier"  # and of a courier's


class SignedIn(UserMixin):  # type: ignore[misc] # Flask-Login carries no types
    """The signed-in person of one request: a plain value, so that no page depends on an open transaction."""

    def __init__(self, person: accounts.Person) -> None:
        self.person = person
        self.id = f"{person.account_id}.{person.epoch}.{person.station_id}"


def public(view: View) -> View:
    """Mark `view` as open to everybody."""
    view.gate = None  # type: ignore[attr-defined]
    return view


def needs(permission: Permission) -> Callable[[View], View]:
    """Mark a view as open to roles that hold `permission`."""

    def mark(view: View) -> View:
        view.gate = permission  # type: ignore[attr-defined]
        return view

    return mark


def current_actor() -> Actor:
    """Return who is asking. Raises StationError `sign_in_needed` when nobody is signed in."""
    actor: Actor | None = g.get("actor")
    if actor is None and current_user.is_authenticated:
        actor = current_user.person.actor
        g.actor = actor
    if actor is None:
        raise StationError("sign_in_needed", _("Sign in first."))
    return actor


def start_resident_session(resident: Resident) -> None:
    """Sign a resident in, in this browser; staff signed in there stay so."""
    session[RESIDENT] = f"{resident.account_id}.{resident.epoch}"
    session.permanent = True


def end_resident_session() -> None:
    """Sign a resident out, in this browser."""
    session.pop(RESIDENT, None)
    g.pop("resident", None)


def current_resident() -> Resident:
    """Return the resident who is asking. Raises StationError `resident_sign_in_needed` when nobody is."""
    resident: Resident | None = g.get("resident")
    if resident is None:
        raise StationError("resident_sign_in_needed", _("Sign in with your phone number first."))
    return resident


def load_resident() -> Resident | None:
    """Return the resident whose session the request carries."""
    account_id, _dot, epoch = str(session.get(RESIDENT, "")).partition(".")
    if not account_id.isdecimal() or not epoch.isdecimal():
        return None
    with reading():
        return accounts.resident(int(account_id), epoch=int(epoch))


def start_courier_session(courier: SignedInCourier) -> None:
    """Sign a courier in, in this browser, at the station they work at; staff signed in there stay so."""
    parts = (courier.account_id, courier.epoch, courier.phone_id, courier.station_id)
    session[COURIER] = ".".join(map(str, parts))
    session.permanent = True  # for how long it counts stands with the phone (couriers.phones)


def end_courier_session() -> None:
    """Sign a courier out, in this browser."""
    session.pop(COURIER, None)
    g.pop("courier", None)


def current_courier() -> SignedInCourier:
    """Return the courier who is asking. Raises StationError `courier_sign_in_needed` when nobody is."""
    courier: SignedInCourier | None = g.get("courier")
    if courier is None:
        raise StationError("courier_sign_in_needed", _("Sign in as a courier first."))
    return courier


def is_courier_page(app: Flask) -> bool:
    """Tell whether the page asked for is couriers' own: one that needs them, or leads to it."""
    if request.endpoint is None:
        return False
    return request.blueprint == "couriers" or gate_of(app, request.endpoint) is Permission.OWN_DROPS


def load_courier() -> SignedInCourier | None:
    """Return the courier whose session the request carries; `g.station` is then the station they work at."""
    try:
        account_id, epoch, phone_id, station_id = (int(part) for part in session.get(COURIER, "").split("."))
    except ValueError:
        return None
    with reading():
        courier = couriers.signed_in(account_id, epoch=epoch, phone_id=phone_id, station_id=station_id)
        g.station = network.station(courier.station_id) if courier else None
    return courier


def gate_of(app: Flask, endpoint: str) -> Permission | None:
    """Return the permission an endpoint needs, None for a public one. Raises AttributeError for an unmarked view."""
    view: Any = app.view_functions[endpoint]
    permission: Permission | None = view.gate
    return permission


def install(app: Flask) -> None:
    """Put the gate before every request of `app`."""
    login_manager.init_app(app)
    login_manager.session_protection = None  # stations sit behind changing addresses; the epoch ends sessions
    app.before_request(lambda: _check(app))
    public(app.view_functions["static"])


@login_manager.user_loader  # type: ignore[untyped-decorator] # Flask-Login carries no types
def _load(key: str) -> SignedIn | None:
    try:
        account_id, epoch, station_id = (int(part) for part in key.split("."))
    except ValueError:
        return None
    with reading():
        person = accounts.person(account_id, epoch=epoch, station_id=station_id)
        g.station = network.station(station_id) if person else None
        g.is_backup_old = _minds_backups(person) and backups.is_old(clock.now())
        g.has_kiosks = _hears_kiosks(person) and kiosks.has_kiosks(station_id)
    return SignedIn(person) if person else None


def _minds_backups(person: accounts.Person | None) -> bool:
    """Tell whether the page asked for should remind of a backup that is due: whole pages of those who can see to it."""
    return request.method == "GET" and person is not None and person.actor.may(Permission.BACKUP_SEE)


def _hears_kiosks(person: accounts.Person | None) -> bool:
    """Tell whether the page asked for should show what kiosks call for: whole pages of those who may see to it."""
    return request.method == "GET" and person is not None and person.actor.may(Permission.PARCELS_SEE)


def _check(app: Flask) -> None:
    if request.endpoint is None:
        return
    permission = gate_of(app, request.endpoint)
    if permission is Permission.OWN_PARCELS:
        current_resident()
        return
    if permission is Permission.OWN_DROPS:
        current_courier()
        return
    if permission is not None and not current_actor().may(permission):
        raise StationError("forbidden", _("Your role does not allow this. Ask the station manager."))
