"""What staff are called for at a kiosk."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from station.core import clock
from station.core.actor import Actor
from station.core.db import connection, reading, transaction
from station.core.errors import StationError
from station.kiosks import alerts
from station.kiosks.alerts import Call
from station.kiosks.call_kinds import AlertKind
from station.kiosks.watch_models import KioskAlert
from tests.factories import Station, make_station, store
from tests.services.kiosk_world import kiosk


@pytest.fixture
def door(station: Station) -> Actor:
    return kiosk(station)


def call(door: Actor, kind: AlertKind, parcel_id: int | None = None) -> int:
    with transaction():
        return alerts.raise_alert(door.station_id, door.id, Call(kind, parcel_id))


def row(alert_id: int) -> Any:
    with reading():
        return connection().execute(select(KioskAlert.__table__).where(KioskAlert.id == alert_id)).one()


def test_the_same_call_again_raises_the_open_one(door: Actor) -> None:
    first = call(door, AlertKind.STAFF_CALLED)
    assert call(door, AlertKind.STAFF_CALLED) == first
    assert row(first).times == 2


def test_each_kind_and_each_kiosk_has_its_own(station: Station, door: Actor) -> None:
    first = call(door, AlertKind.STAFF_CALLED)
    assert call(door, AlertKind.FAULT) != first
    assert call(kiosk(station, "Yard"), AlertKind.STAFF_CALLED) != first


def test_a_call_after_the_last_was_seen_to_is_a_new_one(station: Station, door: Actor) -> None:
    first = call(door, AlertKind.STAFF_CALLED)
    with transaction():
        alerts.dismiss(station.clerk, first)
    assert row(first).ended_by == station.clerk.key
    assert call(door, AlertKind.STAFF_CALLED) != first


def test_nobody_dismisses_twice_or_at_another_station(station: Station, door: Actor) -> None:
    alert_id = call(door, AlertKind.STAFF_CALLED)
    stranger = make_station("Lotus Garden").clerk
    with pytest.raises(StationError) as refused, transaction():
        alerts.dismiss(stranger, alert_id)
    assert refused.value.code == "not_found"
    with transaction():
        alerts.dismiss(station.clerk, alert_id)
    with pytest.raises(StationError) as refused, transaction():
        alerts.dismiss(station.clerk, alert_id)
    assert refused.value.code == "not_found"


def test_a_call_names_the_newest_parcel_and_only_one_of_the_station(station: Station, door: Actor) -> None:
    elsewhere = make_station("Lotus Garden")
    parcel_id = store(station).parcel_id
    alert_id = call(door, AlertKind.WRONG_PARCEL, parcel_id)
    assert row(alert_id).parcel_id == parcel_id
    call(door, AlertKind.WRONG_PARCEL, store(elsewhere).parcel_id)
    assert row(alert_id).parcel_id is None


def test_what_is_over_ends_by_itself_once(door: Actor) -> None:
    alert_id = call(door, AlertKind.SILENT)
    with transaction():
        assert alerts.end(door, door.id, AlertKind.SILENT)
    with transaction():
        assert not alerts.end(door, door.id, AlertKind.SILENT)
    assert row(alert_id).ended_by == door.key


def test_old_ones_are_forgotten_and_open_ones_stay(station: Station, door: Actor) -> None:
    seen, open_one = call(door, AlertKind.FAULT), call(door, AlertKind.STAFF_CALLED)
    with transaction():
        alerts.dismiss(station.clerk, seen)
    later = clock.now() + alerts.KEPT + timedelta(minutes=1)
    with clock.use(lambda: later), transaction():
        assert alerts.forget_old(station.id) == 1
    assert row(open_one).ended_at is None
