"""Couriers of tests: somebody who comes to a station for carriers, and a browser in which they are signed in."""

from itertools import count

from flask.testing import FlaskClient

from station.core.db import transaction
from station.core.phones import Phone, parse
from station.couriers import applications, invitations, people_queries, phones, queries, service
from station.couriers.applications import Wish
from station.couriers.invitations import Person
from station.couriers.phones import Trust
from station.couriers.queries import SignedInCourier
from station.web.gate import COURIER
from tests.factories import PASSWORD, Station, _password_hash

__all__ = ["PASSWORD", "make_courier", "names", "sign_in"]
_phones = count(13700000001)


def make_courier(
    station: Station,
    *,
    name: str = "Zhao Lei",
    phone: str = "",
    carriers: tuple[str, ...] = ("sf", "zto"),
) -> SignedInCourier:
    """Return a courier of `station`, signed in on a phone of their own; the password is PASSWORD."""
    number = parse(phone) or _number()
    with transaction():
        account_id = service.add(station.manager, number, name=name, password_hash=_password_hash())
        service.let_in(station.manager, account_id, carriers)
        phone_id = phones.add(account_id, "Android, Chrome", Trust.MONTH)
        found = queries.signed_in(account_id, epoch=1, phone_id=phone_id, station_id=station.id)
    assert found is not None
    return found


def sign_in(browser: FlaskClient, courier: SignedInCourier) -> FlaskClient:
    """Write the session as the sign-in does, and return the browser."""
    parts = (courier.account_id, courier.epoch, courier.phone_id, courier.station_id)
    with browser.session_transaction() as session:
        session[COURIER] = ".".join(map(str, parts))
    return browser


def names(station: Station) -> dict[str, str]:
    """Return the ids of two couriers of `station`, a phone, and two who are invited and who ask, as texts."""
    courier, mate = make_courier(station), make_courier(station, name="Qian Bo")
    people = [Person(name, _number(), ("sf",)) for name in ("Sun", "Li", "Zhou", "Wu")]
    with transaction():
        for person in people[:2]:
            invitations.invite(station.manager, person)
        for person in people[2:]:
            applications.ask(station.id, Wish(person.name, person.phone, person.carriers, _password_hash()))
        invited, asking = people_queries.invited(station.id), people_queries.asking(station.id)
    return {
        "courier": str(courier.account_id),
        "mate": str(mate.account_id),
        "phone": str(courier.phone_id),
        **dict(zip(("invited", "invited_too"), (str(one.id) for one in invited), strict=True)),
        **dict(zip(("asking", "asking_too"), (str(one.id) for one in asking), strict=True)),
    }


def _number() -> Phone:
    number = parse(str(next(_phones)))
    assert number is not None
    return number
