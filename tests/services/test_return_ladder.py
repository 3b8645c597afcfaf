"""The whole ladder: reminded, overdue, alerted, on the return list, on a manifest, back with the carrier."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from station.core import clock
from station.core.db import connection, reading, transaction
from station.events import queries as events
from station.events.models import OutboxMessage
from station.parcels import handling, overdue, parcel_queries, queries
from station.parcels.lifecycle import Problem
from station.returns import manifests
from station.returns import queries as returns
from tests.factories import Station, store

PNG = b"\x89PNG\r\n\x1a\n signed"


@pytest.mark.parametrize(
    ("problem", "why", "reason"),
    [(None, "term", "not_collected"), (Problem.REFUSED, "refused", "refused")],
)
def test_nobody_comes_and_the_parcel_goes_back(
    station: Station, problem: Problem | None, why: str, reason: str
) -> None:
    start, parcel = clock.now(), store(station)
    if problem:
        with transaction():
            handling.mark_problem(station.clerk, parcel.parcel_id, problem)
    for days in range(1, 10):
        with clock.use(lambda days=days: start + timedelta(days=days)), transaction():
            overdue.enter_levels(station.id)
    with clock.use(lambda: start + timedelta(days=9)):
        with reading():
            listed = returns.going_back(queries.clock_of(station.id))
        assert [(one.row.id, one.why) for one in listed] == [(parcel.parcel_id, why)]
        with transaction():
            manifest_id = manifests.open_manifest(station.clerk, "sf")
            manifests.add(station.clerk, manifest_id, parcel.waybill)
            manifests.sign(station.clerk, manifest_id, courier_name="Zhao", signature=PNG)
    with reading():
        story = events.story(station.id, parcel.parcel_id)
        topics = list(connection().scalars(select(OutboxMessage.topic).order_by(OutboxMessage.id)))
        assert parcel_queries.detail(station.id, parcel.parcel_id).state == "returned"
    levels = [event.data["level"] for event in story if event.kind == "level_entered"]
    assert levels == ["remind", "overdue", "alert", "return"]
    assert [event.data for event in story if event.kind == "return_started"] == [{"reason": reason}]
    # Whoever refused a parcel is not asked to fetch it.
    reminders = [topic for topic in topics if topic != "stored"]
    assert reminders == ([] if problem else ["remind", "overdue", "alert"])
