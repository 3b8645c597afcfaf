"""SQLite looks rows up by their own index and never walks through a station."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from station.core import clock
from station.core.db import connection, db, reading, transaction
from station.core.planning import statistics
from station.days import queries as days
from station.events import queries as events
from station.events import service
from station.kiosks import queries as kiosk_queries
from station.kiosks import waiting
from station.kiosks.lifecycle import Way
from station.parcel_fees import service as parcel_fees
from station.parcel_fees.service import Wish
from station.parcel_fees.terms import Earned
from station.parcels import (
    allocation,
    facts,
    hand_over,
    handling,
    overdue,
    parcel_queries,
    queries,
    search,
    search_queries,
    undo,
)
from station.parcels.hand_over import Taker
from station.residents import queries as residents
from tests.factories import Station, make_station, open_batch, recipient, store
from tests.services import kiosks

# What grows with every parcel; a shelf or a rule may be scanned.
LARGE = (
    "parcels|refused_scans|shifts|pickup_codes|hand_overs|custody_events|outbox_messages|outbox_parcels|"
    "recipients|recipient_prefixes|kiosk_sessions|kiosk_releases|kiosk_conflicts|proxies|agreements"
)
WHOLE_STATION = re.compile(rf"SCAN ({LARGE})\b|SEARCH ({LARGE})\b.*\(station_id=\?\)$")

Use = Callable[[Station], object]


def check_in_and_undo(station: Station) -> None:
    batch_id = open_batch(station)
    store(station, batch_id=batch_id)
    with transaction():
        undo.undo_last(station.clerk, batch_id)


def leave_and_come_back(station: Station) -> None:
    stored, layer_id = store(station), station.layer("2", 1)
    with transaction():
        hand_over.hand_over(station.clerk, stored.parcel_id, Taker())
    with transaction():
        hand_over.undo_hand_over(station.clerk, stored.parcel_id, reason="wrong_parcel")
    with transaction():
        handling.move(station.clerk, stored.parcel_id, layer_id)


def look_up(station: Station) -> None:
    stored = store(station)
    with reading():
        for text in ("4068", "13812344068", "陈", stored.waybill, stored.waybill[-5:], stored.pickup_code):
            search_queries.parcel_ids(station.id, search.interpret(text))
        queries.by_ids(queries.clock_of(station.id), [stored.parcel_id])
        facts.id_of(station.id, stored.waybill)
        parcel_queries.detail(station.id, stored.parcel_id)
        parcel_queries.codes_of(station.id, stored.parcel_id)
        events.story(station.id, stored.parcel_id)
        residents.by_tail(station.id, "4068")


def fall_due(station: Station) -> None:
    store(station)
    with transaction():
        overdue.enter_levels(station.id)


def count_the_day(station: Station) -> None:
    store(station)
    with reading():
        today = days.local_today(station.id)
        days.figures(station.id, days.span_of(station.id, today))
        days.shifts_in(station.id, days.span_of(station.id, today))


def count_fees(station: Station) -> None:
    store(station)
    today = days.local_today(station.id)
    for how in Earned:
        with transaction():
            parcel_fees.set_fee(station.manager, Wish("sf", today, 30, how))
            parcel_fees.post_until(station.manager, today)


def use_a_kiosk(station: Station) -> None:
    kiosk, person = kiosks.make_kiosk(station), recipient(station)
    kiosks.allow(station)
    parcel = store(station, to=person)
    with reading():
        cursor = waiting.changes(kiosk, "").next_cursor
    kiosks.agree(station, person)
    with reading():
        waiting.changes(kiosk, cursor)
    kiosks.release(kiosk, kiosks.begin(kiosk, Way.PICKUP_CODE, code=parcel.pickup_code, tail="4068"), parcel)
    again, at = store(station, to=person), clock.now()
    kiosks.replay(kiosk, kiosks.told(again, kiosks.by_code(station, person, at), at))


@pytest.mark.parametrize(
    "use", [count_the_day, count_fees, check_in_and_undo, leave_and_come_back, look_up, fall_due, use_a_kiosk]
)
def test_no_use_case_walks_through_a_station(web: Flask, use: Use) -> None:
    station = make_station()
    recipient(station)
    seen: dict[str, Any] = {}

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        seen[statement] = parameters[0] if many else parameters

    event.listen(db.engine, "before_cursor_execute", note)
    use(station)
    event.remove(db.engine, "before_cursor_execute", note)
    wrong = [
        f"{statement}\n    {step}"
        for statement, parameters in seen.items()
        for step in plan(statement, parameters)
        if WHOLE_STATION.search(step)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_count_of_a_row_does_not_grow_with_its_history(web: Flask) -> None:
    """Each check-in asks how full its row is; every use of the row's numbers there ever was is not looked at."""
    text = allocation._LOAD.text(db.engine.dialect)
    steps = plan(text, [0] * text.count("?"))
    assert [step for step in steps if "pickup_codes" in step and "released_at" not in step] == []


def test_a_kiosk_s_first_reading_looks_at_what_waits_and_not_at_all_that_ever_was(web: Flask) -> None:
    text = kiosk_queries._NEXT.text(db.engine.dialect)
    (step,) = plan(text, [0] * text.count("?"))
    assert "ix_parcels_station_id_state_stored_at" in step


def plan(statement: str, parameters: Any) -> list[str]:
    if not statement.startswith(("SELECT", "UPDATE", "DELETE")):
        return []
    with reading():
        rows = connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", tuple(parameters)).all()
    return [str(row[-1]) for row in rows]


def test_statistics_say_how_many_rows_share_a_prefix() -> None:
    assert statistics(("station_id", "id"), is_unique=True, conditions=0) == "100000 100000 1"
    by_state = statistics(("station_id", "state", "stored_at", "id"), is_unique=False, conditions=0)
    assert by_state == "100000 100000 20000 10 10"
    assert statistics(("station_id", "due_at"), is_unique=False, conditions=1) == "5000 5000 10"
    assert statistics(("station_id", "due_at"), is_unique=False, conditions=2) == "250 250 10"


def test_a_refused_scan_is_found_by_its_time(web: Flask) -> None:
    station = make_station()
    with transaction():
        service.keep_refused_scan(station.clerk, service.Refusal("check_in", "bad_input", "x"))
    statement = "SELECT id FROM refused_scans WHERE station_id = ? AND at > ?"
    assert plan(statement, (station.id, 0)) == [
        "SEARCH refused_scans USING COVERING INDEX ix_refused_scans_station_id_at (station_id=? AND at>?)"
    ]
