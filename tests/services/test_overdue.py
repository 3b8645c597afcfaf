"""Storage levels: entered once each, in order, however late or often the job runs."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import insert, select

from station.core import clock, ids
from station.core.db import db, reading, transaction
from station.events.models import CustodyEvent, OutboxMessage
from station.network.models import SpecialDay, StationSettings
from station.parcels import handling, overdue
from station.parcels.lifecycle import Problem
from station.parcels.models import Parcel
from tests.factories import Station, store

MONDAY_NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai


def after(hours: float) -> datetime:
    return MONDAY_NOON + timedelta(hours=hours)


def run_at(station: Station, moment: datetime) -> int:
    with clock.use(lambda: moment), transaction():
        return overdue.enter_levels(station.id)


def stored_on_monday(station: Station) -> int:
    with clock.use(lambda: MONDAY_NOON):
        return store(station).parcel_id


def parcel(parcel_id: int) -> Parcel:
    with reading():
        found = db.session.scalars(select(Parcel).where(Parcel.id == parcel_id)).one()
        db.session.expunge(found)
    return found


def levels_entered(parcel_id: int) -> list[str]:
    query = select(CustodyEvent.data).where(
        CustodyEvent.parcel_id == parcel_id, CustodyEvent.kind == "level_entered"
    )
    with reading():
        return [data.split('"')[3] for data in db.session.scalars(query.order_by(CustodyEvent.seq))]


def topics(station: Station) -> list[str]:
    with reading():
        return sorted(
            db.session.scalars(select(OutboxMessage.topic).where(OutboxMessage.station_id == station.id))
        )


def test_nothing_is_due_before_its_time(station: Station) -> None:
    stored_on_monday(station)
    assert run_at(station, after(24) - timedelta(microseconds=1)) == 0


def test_each_level_is_entered_once_at_its_hour(station: Station) -> None:
    parcel_id = stored_on_monday(station)
    for hours, level in [(24, "remind"), (48, "overdue"), (72, "alert"), (168, "return")]:
        assert run_at(station, after(hours)) == 1
        assert run_at(station, after(hours)) == 0
        assert parcel(parcel_id).level == level
    assert levels_entered(parcel_id) == ["remind", "overdue", "alert", "return"]
    assert parcel(parcel_id).due_at is None
    assert topics(station) == ["alert", "overdue", "remind", "stored"]


def test_a_late_run_enters_every_level_but_sends_one_message(station: Station) -> None:
    parcel_id = stored_on_monday(station)
    assert run_at(station, after(80)) == 1
    assert levels_entered(parcel_id) == ["remind", "overdue", "alert"]
    assert topics(station) == ["alert", "stored"]


def test_a_parcel_that_left_is_never_due(station: Station) -> None:
    from station.parcels.hand_over import Taker, hand_over  # noqa: PLC0415 - only this test hands over

    parcel_id = stored_on_monday(station)
    with transaction():
        hand_over(station.clerk, parcel_id, Taker())
    assert run_at(station, after(200)) == 0
    assert levels_entered(parcel_id) == []


def test_a_closure_declared_later_moves_future_deadlines_only(station: Station) -> None:
    parcel_id = stored_on_monday(station)
    run_at(station, after(24))
    with transaction():
        day = date(2026, 3, 4)
        values = {"kind": "closure", "first_day": day, "last_day": day, "reason": "flood", "declared_by": 0}
        row = {"station_id": station.id, "id": ids.next_id(), "declared_at": MONDAY_NOON, **values}
        db.session.execute(insert(SpecialDay).values(**row))
    with transaction(), clock.use(lambda: after(25)):
        assert overdue.reschedule(station.id) == 1
    moved = parcel(parcel_id)
    assert moved.level == "remind"
    assert moved.due_at == after(72)
    assert run_at(station, after(48)) == 0


def test_the_due_stations_are_listed_without_a_turn(station: Station) -> None:
    stored_on_monday(station)
    with reading():
        assert overdue.due_stations(after(23)) == []
        assert overdue.due_stations(after(24)) == [station.id]


def test_longer_limits_pull_no_level_back(station: Station) -> None:
    parcel_id = stored_on_monday(station)
    run_at(station, after(48))
    with transaction():
        settings = db.session.scalars(
            select(StationSettings).where(StationSettings.station_id == station.id)
        ).one()
        settings.overdue_h, settings.alert_h, settings.return_h = 100, 120, 240
        settings.version += 1
    with transaction(), clock.use(lambda: after(49)):
        overdue.reschedule(station.id)
    assert parcel(parcel_id).level == "overdue"
    assert parcel(parcel_id).due_at == after(120)


def test_what_is_due_at_the_same_moment_is_entered_in_the_order_of_arrival(station: Station) -> None:
    parcels = [stored_on_monday(station) for _ in range(5)]
    with transaction():
        for parcel_id in reversed(parcels):  # written again, so that the table itself keeps another order
            handling.mark_problem(station.clerk, parcel_id, Problem.DAMAGED)
    run_at(station, after(25))
    entered = select(CustodyEvent.parcel_id).where(CustodyEvent.kind == "level_entered")
    with reading():
        assert db.session.scalars(entered.order_by(CustodyEvent.seq)).all() == parcels
