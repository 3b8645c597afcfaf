"""A carrier's own system that speaks to the API by a key."""

from flask import Flask

from station.carriers import keys
from station.carriers.keys import Scope, Wish
from station.core.db import transaction
from tests.factories import Station
from tests.http.scanner import Scanner


def make_system(
    web: Flask, station: Station, *scopes: Scope, carrier: str = "sf", per_minute: int = 1000
) -> Scanner:
    """Make a key of a carrier, for everything unless scopes are named."""
    wish = Wish(carrier.upper(), carrier, scopes or tuple(Scope), per_minute=per_minute)
    with transaction():
        made = keys.add(station.manager, wish)
    return Scanner(web.test_client(), made.id, made.token)
