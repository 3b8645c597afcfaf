"""Carriers' keys: what they open, new tokens beside old ones, and how often they may ask."""

from datetime import timedelta

import pytest

from station.accounts import devices
from station.carriers import key_queries, keys
from station.carriers.keys import CarrierKey, Scope, Wish
from station.core import clock
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.core.permissions import Permission, Role
from tests.factories import make_station

EVENTS = Wish("ZTO tracking", "zto", ["events"])


def make_key(station, wish=EVENTS):
    with transaction():
        return keys.add(station.manager, wish)


def who(token):
    with reading():
        return devices.authenticate_device(token)


def refused(act):
    with pytest.raises(StationError) as error, transaction():
        act()
    return error.value.code


def test_a_key_tells_its_carrier_and_scopes_and_opens_nothing_else(station):
    actor = who(make_key(station, Wish("ZTO", "zto", ["webhooks", "events"])).token)

    with reading():
        key = keys.of(actor)
        assert keys.require(actor, Scope.EVENTS) == key
    assert key == CarrierKey("zto", frozenset({Scope.EVENTS, Scope.WEBHOOKS}))
    assert actor.role is Role.CARRIER
    assert [one for one in Permission if actor.may(one)] == [Permission.CARRIER_API]
    assert refused(lambda: keys.require(actor, Scope.MANIFESTS)) == "forbidden"


@pytest.mark.parametrize("who_asks", ["manager", "scanner"])
def test_nobody_else_has_a_carrier_s_key(station, who_asks):
    with transaction():
        token = devices.add_device(station.manager, name="PDA").token
    actor = station.manager if who_asks == "manager" else who(token)

    assert refused(lambda: keys.of(actor)) == "forbidden"


@pytest.mark.parametrize(
    "wish",
    [
        Wish("ZTO", "zto", []),
        Wish("ZTO", "zto", ["events", "everything"]),
        Wish("ZTO", "unheard", ["events"]),
        Wish("ZTO", "zto", ["events"], per_minute=0),
        Wish("", "zto", ["events"]),
    ],
)
def test_a_key_without_sense_is_refused(station, wish):
    assert refused(lambda: keys.add(station.manager, wish)) == "bad_input"


def test_a_new_token_works_at_once_and_the_old_one_until_the_time_chosen(station):
    made, now = make_key(station), clock.now()
    with transaction():
        token = keys.rotate(station.manager, made.id, overlap=timedelta(hours=2))

    assert who(token) == who(made.token)
    with clock.use(lambda: now + timedelta(hours=2, seconds=1)):
        assert who(token).id == made.id
        assert refused(lambda: devices.authenticate_device(made.token)) == "sign_in_needed"


def test_a_second_rotation_ends_the_token_before_the_last(station):
    made, overlap = make_key(station), timedelta(days=7)
    with transaction():
        second = keys.rotate(station.manager, made.id, overlap=overlap)
    with transaction():
        third = keys.rotate(station.manager, made.id, overlap=overlap)

    assert who(third) == who(second)
    assert refused(lambda: devices.authenticate_device(made.token)) == "sign_in_needed"


def test_a_revoked_key_opens_nothing_with_either_token(station):
    made = make_key(station)
    with transaction():
        token = keys.rotate(station.manager, made.id, overlap=timedelta(days=1))
    with transaction():
        keys.revoke(station.manager, made.id)

    for one in (token, made.token):
        assert refused(lambda token=one: devices.authenticate_device(token)) == "sign_in_needed"


@pytest.mark.parametrize("days", [-1, 91])
def test_an_overlap_that_has_passed_or_never_ends_is_refused(station, days):
    made, overlap = make_key(station), timedelta(days=days)

    assert refused(lambda: keys.rotate(station.manager, made.id, overlap=overlap)) == "bad_input"


def test_no_other_device_and_no_other_station_s_key_is_rotated_or_revoked(station):
    made, other = make_key(station), make_station("Lotus Garden")
    with transaction():
        scanner = devices.add_device(station.manager, name="PDA").id
    for manager, key_id in ((other.manager, made.id), (station.manager, scanner)):
        assert refused(lambda who=manager, key=key_id: keys.revoke(who, key)) == "not_found"
        assert (
            refused(lambda who=manager, key=key_id: keys.rotate(who, key, overlap=timedelta(0)))
            == "not_found"
        )


def test_a_key_asks_as_often_as_it_may_in_a_minute(station):
    actor = who(make_key(station, Wish("ZTO", "zto", ["events"], per_minute=2)).token)
    for _again in range(2):
        with transaction():
            keys.spend(actor)

    assert refused(lambda: keys.spend(actor)) == "too_many_attempts"
    later = clock.now() + timedelta(seconds=61)
    with clock.use(lambda: later), transaction():
        keys.spend(actor)


def test_the_list_shows_whose_key_is_what(station):
    made = make_key(station)
    make_key(make_station("Lotus Garden"))

    with reading():
        (one,) = key_queries.listed(station.id)
    assert (one.id, one.name, one.carrier, one.scopes) == (made.id, "ZTO tracking", "zto", (Scope.EVENTS,))
    assert one.seen_at is one.previous_until is one.revoked_at is None
