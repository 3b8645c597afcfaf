"""What was announced for a day that is over and has not come: reported once, by day and carrier."""

from collections import Counter
from datetime import date, datetime

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite

from station.core import clock
from station.core.actor import system_actor
from station.core.db import connection
from station.events.service import Event, append, take_turn
from station.manifests import missed_queries
from station.manifests.models import Announced, MissedReport


def report(station_id: int, *, today: date) -> int:
    """Report up to STEP parcels that were expected before `today` and have not come; return how many. Idempotent.

    One that is announced late for a day already reported is added to that day's report.
    """
    take_turn(station_id)
    late = missed_queries.late(station_id, today)
    if not late:
        return 0
    actor, now = system_actor(station_id), clock.now()
    for day in {row.expected_on for row in late}:
        mark = update(Announced).where(
            Announced.station_id == station_id,
            Announced.parcel_id.in_([row.id for row in late if row.expected_on == day]),
        )
        connection().execute(mark.values(missed_on=day))
    for (day, carrier), count in Counter((row.expected_on, row.carrier) for row in late).items():
        _add_to_report(station_id, day, carrier, count=count, at=now)
    events = [
        Event("not_arrived", row.id, {"carrier": row.carrier, "day": str(row.expected_on)}) for row in late
    ]
    append(actor, *events, at=now)
    return len(late)


def _add_to_report(station_id: int, day: date, carrier: str, *, count: int, at: datetime) -> None:
    build = postgresql.insert if connection().dialect.name == "postgresql" else sqlite.insert
    announced = missed_queries.announced(station_id, day, carrier)
    values = {"announced": announced, "missed": count, "made_at": at}
    added = build(MissedReport).values(station_id=station_id, day=day, carrier=carrier, **values)
    connection().execute(
        added.on_conflict_do_update(
            index_elements=[MissedReport.station_id, MissedReport.day, MissedReport.carrier],
            set_={"announced": announced, "missed": MissedReport.missed + count, "made_at": at},
        )
    )
