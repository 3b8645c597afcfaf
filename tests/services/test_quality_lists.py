"""The parcels behind a number: the same ones that were counted, masked, page by page; and how they are read."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from station.core.db import db, reading
from station.parcels.lifecycle import ConsentBasis, Problem
from station.quality import parcel_queries, queries
from station.quality.measures import Measure
from station.quality.parcel_queries import Asked, Behind, behind
from tests import quality
from tests.factories import Station, make_station
from tests.quality import AFTER, DAY, NOON, WEEK, ZONE, announce, at, bring, check_in, mark
from tests.services.test_planning import plan

pytestmark = pytest.mark.usefixtures("_week_s_ids")
LARGE = "parcels|custody_events|announcements|recipients"
WHOLE_STATION = re.compile(rf"SCAN ({LARGE})\b|SEARCH ({LARGE})\b.*\(station_id=\?\)$")


@pytest.fixture
def _week_s_ids(request: pytest.FixtureRequest) -> None:
    for station in {"station", "web_station"} & set(request.fixturenames):
        request.getfixturevalue(station)  # its own ids are of today
    quality.fresh_ids()


def asked(station: Station, measure: Measure, carrier: str = "zto") -> Asked:
    return Asked(station.id, carrier, measure, WEEK, ZONE)


def found(station: Station, measure: Measure, carrier: str = "zto", **page: int) -> list[Behind]:
    with at(AFTER), reading():
        return behind(asked(station, measure, carrier), **page)


def a_bad_week(station: Station) -> None:
    """Let every measure find something, with several carriers."""
    with at(NOON):
        for carrier in ("zto", "zto", "yto"):
            mark(station, bring(station, carrier).parcel_id, Problem.DAMAGED)
            mark(station, bring(station, carrier).parcel_id, Problem.WRONG_STATION)
            bring(station, carrier, problem=Problem.NO_PHONE, consent=ConsentBasis.UNKNOWN)
        numbers = announce(station, *[DAY] * 4)
        check_in(station, numbers[0])
    with at(NOON + timedelta(days=2)):
        check_in(station, numbers[1])


def test_the_list_behind_each_number_has_as_many_parcels(station: Station) -> None:
    a_bad_week(station)
    with at(AFTER), reading():
        counted = queries.figures(station.id, WEEK, zone=ZONE)
    listed = {
        (carrier, measure): len(found(station, measure, carrier))
        for carrier in counted
        for measure in Measure
    }
    expected = {
        (carrier, measure): tally.count
        for carrier, figures in counted.items()
        for measure, tally in figures.tallies.items()
    }
    assert listed == expected
    assert listed["zto", Measure.LATE] == 3
    assert listed["zto", Measure.DAMAGED] == 2


def test_a_fault_says_when_it_was_recorded_first_and_by_whom(station: Station) -> None:
    with at(NOON):
        parcel = bring(station)
    with at(NOON + timedelta(hours=1)):
        mark(station, parcel.parcel_id, Problem.DAMAGED)
    (one,) = found(station, Measure.DAMAGED)
    assert (one.parcel_id, one.waybill, one.stored_at) == (parcel.parcel_id, parcel.waybill, NOON)
    assert (one.recorded_at, one.recorded_by) == (NOON + timedelta(hours=1), station.clerk.key)
    assert (one.phone_tail, one.expected_on) == ("4068", None)


def test_a_late_parcel_says_for_when_it_was_announced_and_who_took_it_in(station: Station) -> None:
    with at(NOON):
        late, never = announce(station, DAY, DAY)
    with at(NOON + timedelta(days=1)):
        check_in(station, late)
    first, second = found(station, Measure.LATE)
    assert (first.waybill, first.expected_on) == (late, DAY)
    assert (first.recorded_at, first.recorded_by) == (NOON + timedelta(days=1), station.clerk.key)
    assert (second.waybill, second.stored_at, second.recorded_by) == (never, None, None)


@pytest.mark.parametrize("measure", [Measure.DAMAGED, Measure.LATE])
def test_pages_follow_each_other_without_gap_or_repeat(station: Station, measure: Measure) -> None:
    with at(NOON):
        announce(station, *[DAY] * 5)
        for _number in range(5):
            mark(station, bring(station).parcel_id, Problem.DAMAGED)
    whole = [one.parcel_id for one in found(station, measure)]
    paged: list[int] = []
    while page := found(station, measure, after=paged[-1] if paged else 0, limit=2):
        paged += [one.parcel_id for one in page]
    assert paged == whole
    assert len(whole) == 5


def test_another_station_s_parcels_are_not_listed(station: Station) -> None:
    with at(NOON):
        other = make_station("Lotus Garden")
    a_bad_week(other)
    assert [found(station, measure) for measure in Measure] == [[]] * len(Measure)


def statements(act: Any) -> list[tuple[str, Any]]:
    """Return what `act` reads from the database."""
    seen: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        seen.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    act()
    event.remove(db.engine, "before_cursor_execute", note)
    return [(text, values) for text, values in seen if text.startswith("SELECT")]


def read_everything(station: Station) -> None:
    with at(AFTER), reading():
        queries.figures(station.id, WEEK, zone=ZONE)
        for measure in Measure:
            parcel_queries.behind(asked(station, measure))


def test_nothing_walks_through_a_station(web: Flask, web_station: Station) -> None:
    a_bad_week(web_station)
    wrong = [
        f"{statement}\n    {step}"
        for statement, parameters in statements(lambda: read_everything(web_station))
        for step in plan(statement, parameters)
        if WHOLE_STATION.search(step)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_number_of_statements_does_not_grow_with_parcels_or_carriers(
    web: Flask, web_station: Station
) -> None:
    with at(NOON):
        bring(web_station)
        announce(web_station, DAY)
    few = len(statements(lambda: read_everything(web_station)))
    a_bad_week(web_station)
    assert len(statements(lambda: read_everything(web_station))) == few == 3 + len(Measure)
