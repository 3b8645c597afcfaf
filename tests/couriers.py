"""Couriers of tests: somebody who comes to a station for carriers, and a browser in which they are signed in."""

from itertools import count

from flask.testing import FlaskClient

from station.core.db import transaction
from station.core.phones import parse
from station.couriers import phones, queries, service
from station.couriers.phones import Trust
from station.couriers.queries import SignedInCourier
from station.web.gate import COURIER
from tests.factories import PASSWORD, Station, _password_hash

__all__ = ["PASSWORD", "make_courier", "sign_in"]
_phones = count(13700000001)


def make_courier(
    station: Station,
    *,
    name: str = "Zhao Lei",
    phone: str = "",
    carriers: tuple[str, ...] = ("sf", "zto"),
) -> SignedInCourier:
    """Return a courier of `station`, signed in on a phone of their own; the password is PASSWORD."""
    number = parse(phone or str(next(_phones)))
    assert number is not None
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
