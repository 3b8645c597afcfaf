"""Builds what tests stand on: a small station with shelves, staff and recipients, made by the real services."""

from dataclasses import dataclass
from functools import cache
from itertools import count

from flask.testing import FlaskClient
from sqlalchemy import insert, update

from station.accounts import passwords
from station.accounts.models import Account, Membership
from station.core import clock, ids
from station.core.actor import Actor, ActorKind
from station.core.db import db, reading, transaction
from station.core.permissions import Role
from station.core.phones import parse
from station.network import service as network
from station.network.models import StationSettings
from station.parcels import batches
from station.parcels.intake import Arrival, CheckedIn, Intake
from station.residents import service as residents
from station.residents.service import Known
from station.shelves import queries as shelf_queries
from station.shelves import service as shelves

PASSWORD = "correct horse battery"
_numbers = count(1)


@dataclass(frozen=True)
class Station:
    """A station of a test: three shelves of three layers, a set-aside shelf, a manager and a clerk."""

    id: int
    manager: Actor
    clerk: Actor

    def layer(self, shelf: str = "1", number: int = 1) -> int:
        """Return the id of a layer."""
        with reading():
            found = shelf_queries.layer_by_code(self.id, shelf, number)
        assert found is not None
        return found.id

    def sign_in(self, client: FlaskClient, login: str) -> FlaskClient:
        """Sign `login` (clerk or manager) in and return the browser."""
        answer = client.post("/sign-in", data={"login": f"{login}{self.id}", "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return client


def make_station(name: str = "Maple Court") -> Station:
    """Make a station."""
    with transaction():
        station_id = network.create_station(name=name, city="杭州", zone="Asia/Shanghai", language="en")
        _never_quiet(station_id)
        manager = _staff(station_id, "manager", Role.MANAGER)
        clerk = _staff(station_id, "clerk", Role.CLERK)
        for code in ("1", "2", "3"):
            shelves.add_shelf(
                manager, code=code, layers=3, capacity=40, size_class="medium", is_set_aside=False
            )
        shelves.add_shelf(manager, code="99", layers=1, capacity=20, size_class="large", is_set_aside=True)
    return Station(station_id, manager, clerk)


def _never_quiet(station_id: int) -> None:
    """Let messages go out at any hour: what a test sees does not depend on when it runs."""
    quiet = {"quiet_from": "00:00", "quiet_until": "00:00"}
    db.session.execute(
        update(StationSettings).where(StationSettings.station_id == station_id).values(**quiet)
    )


@cache
def _password_hash() -> str:
    return passwords.hash_password(PASSWORD)


def _staff(station_id: int, login: str, role: Role) -> Actor:
    """Write the rows directly: hashing a password for each test would be most of the suite's time."""
    account_id, now = ids.next_id(), clock.now()
    values = {"login": f"{login}{station_id}", "name": login.title(), "password_hash": _password_hash()}
    db.session.execute(insert(Account).values(id=account_id, created_at=now, **values))
    member = {"account_id": account_id, "station_id": station_id, "role": role, "created_at": now}
    db.session.execute(insert(Membership).values(id=ids.next_id(), **member))
    return Actor(ActorKind.STAFF, account_id, station_id, role, login.title())


def waybill() -> str:
    """Return a waybill nobody used before: SF, twelve digits that differ in the last four as well."""
    number = next(_numbers)
    return f"SF1{number % 100_000_000:08d}{number * 7919 % 10_000:04d}"


def recipient(station: Station, phone: str = "13812344068", name: str | None = "陈晓明") -> Known:
    """Return a recipient of the station, made when new."""
    parsed = parse(phone)
    assert parsed is not None
    with transaction():
        return residents.find_or_add(station.id, parsed, name)


def store(station: Station, *, to: Known | None = None, **values: object) -> CheckedIn:
    """Check one parcel in on shelf 1, layer 1 unless told otherwise."""
    arrival = {
        "waybill": waybill(),
        "layer_id": station.layer(),
        "carrier": "sf",
        "recipient": to or recipient(station),
    }
    with transaction():
        intake = Intake(station.clerk)
        checked_in = intake.add(Arrival(**(arrival | values)))  # type: ignore[arg-type]
        intake.write()
    return checked_in


def open_batch(station: Station, *, layer_id: int | None = None) -> int:
    """Open a batch of the clerk, on shelf 1, layer 1."""
    layer_id = layer_id or station.layer()
    with transaction():
        return batches.open_batch(station.clerk, layer_id=layer_id).id
