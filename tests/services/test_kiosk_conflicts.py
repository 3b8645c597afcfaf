"""Offline hand-overs that the books refused."""

from typing import Any

import pytest
from sqlalchemy import select

from station.core import clock
from station.core.actor import Actor
from station.core.db import connection, reading, transaction
from station.core.errors import StationError
from station.events.models import CustodyEvent
from station.kiosks import conflicts
from station.kiosks.conflicts import Refused
from station.kiosks.watch_models import KioskAlert, KioskConflict
from tests.factories import Station, make_station, recipient, store
from tests.services.kiosk_world import kiosk, left_by, open_alerts


@pytest.fixture
def door(station: Station) -> Actor:
    return kiosk(station)


def refused(parcel_id: int, recipient_id: int | None = None) -> Refused:
    return Refused(parcel_id, "SF1234567890123", "face", recipient_id, clock.now(), "already_handed_over")


def make(door: Actor, what: Refused) -> int:
    with transaction():
        return conflicts.make(door, what)


def row(conflict_id: int) -> Any:
    with reading():
        found = connection().execute(select(KioskConflict.__table__).where(KioskConflict.id == conflict_id))
        return found.one()


def test_it_names_both_hand_overs_and_calls_staff(station: Station, door: Actor) -> None:
    first = left_by(station.clerk, station)
    ming = recipient(station)
    found = row(make(door, refused(first.parcel_id, ming.id)))
    assert (found.parcel_id, found.hand_over_id, found.recipient_id, found.kiosk_id) == (
        first.parcel_id,
        first.hand_over_id,
        ming.id,
        door.id,
    )
    with reading():
        assert connection().scalars(select(KioskAlert.kind)).all() == ["conflict"]
        mine = select(CustodyEvent.kind).where(CustodyEvent.parcel_id == first.parcel_id)
        assert "kiosk_conflict" in connection().scalars(mine).all()


def test_what_the_station_does_not_know_is_left_out(station: Station, door: Actor) -> None:
    elsewhere = make_station("Lotus Garden")
    found = row(make(door, refused(store(elsewhere).parcel_id, recipient(elsewhere).id)))
    assert (found.parcel_id, found.recipient_id, found.hand_over_id) == (None, None, None)


def test_it_is_settled_once_with_a_note(station: Station, door: Actor) -> None:
    conflict_id = make(door, refused(left_by(station.clerk, station).parcel_id))
    with pytest.raises(StationError) as empty, transaction():
        conflicts.settle(station.manager, conflict_id, note="  ")
    assert empty.value.code == "bad_input"
    with transaction():
        conflicts.settle(station.manager, conflict_id, note="Both took one of two parcels.")
    with pytest.raises(StationError) as again, transaction():
        conflicts.settle(station.manager, conflict_id, note="Once more.")
    assert again.value.code == "not_found"
    with reading():
        kinds = connection().scalars(select(CustodyEvent.kind)).all()
    assert kinds.count("kiosk_conflict_settled") == 1


def test_a_parcel_may_have_several(station: Station, door: Actor) -> None:
    what = refused(left_by(station.clerk, station).parcel_id)
    assert make(door, what) != make(door, what)


def test_the_call_ends_with_the_last_conflict(station: Station, door: Actor) -> None:
    what = refused(left_by(station.clerk, station).parcel_id)
    first, second = make(door, what), make(door, what)
    for conflict_id, calls in ((first, ["conflict"]), (second, [])):
        with transaction():
            conflicts.settle(station.manager, conflict_id, note="Found on shelf 2.")
        assert open_alerts(station.id) == calls


def test_erasing_somebody_leaves_that_it_was_settled_and_no_note(station: Station, door: Actor) -> None:
    ming = recipient(station)
    conflict_id = make(door, refused(left_by(station.clerk, station).parcel_id, ming.id))
    with transaction():
        conflicts.settle(station.manager, conflict_id, note="Ming has it.")
    with transaction():
        conflicts.forget_notes(station.id, [ming.id])
    found = row(conflict_id)
    assert (found.note, found.settled_by) == (None, station.manager.key)
