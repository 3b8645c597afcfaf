"""Deadlines of parcels that wait already, when what the clock counts with changes afterwards."""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select

from station.core import clock
from station.core.db import db, reading, transaction
from station.network import queries, service
from station.network.calendar import SpecialKind
from station.network.service import NewSpecialDay
from station.parcels import overdue
from station.parcels.models import Parcel
from tests.factories import Station, store

TUESDAY_NOON = datetime(2026, 9, 29, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai, two days before National Day


def after(hours: float) -> datetime:
    return TUESDAY_NOON + timedelta(hours=hours)


def stored_on_tuesday(station: Station) -> int:
    with clock.use(lambda: TUESDAY_NOON):
        return store(station).parcel_id


def change(station: Station, **changes: object) -> int:
    """Change settings as the settings page does; return how many deadlines moved."""
    with clock.use(lambda: after(25)), transaction():
        version = queries.rules(station.id).version
        changed = service.change_settings(station.manager, changes, version=version)
        return overdue.reschedule(station.id) if changed & service.CLOCK_FIELDS else 0


def declare(station: Station, kind: SpecialKind, day: date, *hours: time) -> int:
    with clock.use(lambda: after(25)), transaction():
        service.add_special_day(station.manager, NewSpecialDay(kind, day, day, "flood", *hours))
        return overdue.reschedule(station.id)


def run_at(station: Station, moment: datetime) -> int:
    with clock.use(lambda: moment), transaction():
        return overdue.enter_levels(station.id)


def due_at(parcel_id: int) -> datetime | None:
    with reading():
        return db.session.scalar(select(Parcel.due_at).where(Parcel.id == parcel_id))


def test_a_closure_declared_after_check_in_moves_what_is_still_ahead(station: Station) -> None:
    parcel_id = stored_on_tuesday(station)
    run_at(station, after(24))

    assert declare(station, SpecialKind.CLOSURE, date(2026, 10, 1)) == 1

    assert due_at(parcel_id) == after(72)
    assert run_at(station, after(72) - timedelta(seconds=1)) == 0
    assert run_at(station, after(72)) == 1


def test_public_holidays_chosen_after_check_in_move_it_too(station: Station) -> None:
    parcel_id = stored_on_tuesday(station)
    run_at(station, after(24))

    assert change(station, holiday_calendar="china") == 1

    assert due_at(parcel_id) == after(48 + 7 * 24)  # 1 to 7 October do not count


def test_a_station_that_opens_on_a_holiday_declares_its_hours(station: Station) -> None:
    parcel_id = stored_on_tuesday(station)
    run_at(station, after(24))
    change(station, holiday_calendar="china")

    declare(station, SpecialKind.OPEN, date(2026, 10, 1), time(9), time(21))

    assert due_at(parcel_id) == after(48)


def test_holidays_that_the_station_works_through_move_nothing(station: Station) -> None:
    parcel_id = stored_on_tuesday(station)
    before = due_at(parcel_id)

    assert change(station, holiday_calendar="china", closes_on_holidays=False) == 0
    assert due_at(parcel_id) == before


def test_a_station_that_changes_its_zone_has_its_deadlines_counted_again(station: Station) -> None:
    parcel_id = stored_on_tuesday(station)
    run_at(station, after(24))

    # 48 hours after noon in Shanghai it is 06:00 in Berlin, where the station opens at 09:00.
    assert change(station, zone="Europe/Berlin") == 1

    assert due_at(parcel_id) == datetime(2026, 10, 1, 8, 0, tzinfo=UTC)


def test_a_second_look_moves_nothing_again(station: Station) -> None:
    stored_on_tuesday(station)
    change(station, zone="Europe/Berlin")

    with clock.use(lambda: after(25)), transaction():
        assert overdue.reschedule(station.id) == 0
