"""The first run of an installation: its first station with shelves and a manager, in one go."""

from dataclasses import dataclass

from sqlalchemy import text

from station.accounts import service as accounts
from station.accounts.service import NewAccount
from station.core.actor import system_actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.permissions import Role
from station.network import queries, service
from station.shelves import service as shelves

SET_ASIDE_CODE = "99"  # far from the numbers of ordinary shelves, so that nobody walks there by mistake


@dataclass(frozen=True, slots=True)
class NewStation:
    """The first station as somebody describes it; the values are clean already (forms.py)."""

    name: str
    city: str
    zone: str
    language: str
    shelves: int
    layers: int
    capacity: int


def require_empty() -> None:
    """Raise StationError `already_set_up` when the installation has a station."""
    if queries.has_station():
        raise StationError("already_set_up", _("This installation has a station already. Sign in."))


def set_up(new: NewStation, manager: NewAccount, *, password_hash: str) -> int:
    """Make the station, its shelves 1, 2, 3 and so on, a set-aside shelf and the manager; return the station's id.

    Asked twice at the same moment, one is made and the other refused.
    Raises StationError `already_set_up`, `login_taken`, `bad_input`.
    """
    if connection().dialect.name == "postgresql":  # SQLite has one writer anyway
        connection().execute(text("LOCK TABLE stations IN SHARE ROW EXCLUSIVE MODE"))
    require_empty()
    station_id = service.create_station(name=new.name, city=new.city, zone=new.zone, language=new.language)
    actor = system_actor(station_id)
    for number in range(1, new.shelves + 1):
        shelves.add_shelf(
            actor,
            code=str(number),
            layers=new.layers,
            capacity=new.capacity,
            size_class="medium",
            is_set_aside=False,
        )
    shelves.add_shelf(
        actor, code=SET_ASIDE_CODE, layers=1, capacity=new.capacity, size_class="large", is_set_aside=True
    )
    account_id = accounts.insert_account(manager, password_hash=password_hash, must_change_password=False)
    accounts.add_membership(actor, account_id, role=Role.MANAGER)
    return station_id
