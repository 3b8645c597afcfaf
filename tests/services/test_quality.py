"""Counting what goes wrong with carriers' parcels: what counts, when, for whom, and for which base."""

from datetime import timedelta

import pytest

from station.core.db import reading, transaction
from station.parcels import batches, counter, facts, handling, undo
from station.parcels.hand_over import Taker, hand_over
from station.parcels.lifecycle import ConsentBasis, Problem
from station.quality import queries
from station.quality.measures import Measure
from station.quality.periods import Period
from station.quality.queries import UNKNOWN, Figures
from station.quality.rates import Tally
from tests import quality
from tests.factories import Station, make_station, open_batch
from tests.quality import AFTER, DAY, NOON, WEEK, ZONE, announce, at, bring, check_in, mark

pytestmark = pytest.mark.usefixtures("_week_s_ids")


@pytest.fixture
def _week_s_ids(station: Station) -> None:
    quality.fresh_ids()


def figures(station: Station, period: Period = WEEK) -> dict[str, Figures]:
    with at(AFTER), reading():
        return queries.figures(station.id, period, zone=ZONE)


def counts(station: Station, carrier: str = "zto") -> dict[Measure, int]:
    tallies = figures(station)[carrier].tallies
    return {measure: tally.count for measure, tally in tallies.items() if tally.count}


def test_a_quiet_week_has_no_figures(station: Station) -> None:
    assert figures(station) == {}


def test_each_fault_is_counted_for_its_carrier_only(station: Station) -> None:
    with at(NOON):
        mark(station, bring(station).parcel_id, Problem.DAMAGED)
        mark(station, bring(station).parcel_id, Problem.WRONG_STATION)
        bring(station, problem=Problem.NO_PHONE)
        bring(station, consent=ConsentBasis.UNKNOWN)
        bring(station, "yto")
    assert counts(station) == {
        Measure.WRONG_STATION: 1,
        Measure.NO_PHONE: 1,
        Measure.DAMAGED: 1,
        Measure.CONSENT_MISSING: 1,
    }
    assert counts(station, "yto") == {}
    assert figures(station)["zto"].parcels == 4
    assert figures(station)["zto"].tallies[Measure.DAMAGED] == Tally(1, 4)


def test_a_problem_counts_once_and_also_when_it_is_solved(station: Station) -> None:
    with at(NOON):
        parcel = bring(station).parcel_id
        for _again in range(2):
            mark(station, parcel, Problem.DAMAGED)
            with transaction():
                handling.clear_problem(station.clerk, parcel)
        mark(station, parcel, Problem.WRONG_STATION)
    assert counts(station) == {Measure.WRONG_STATION: 1, Measure.DAMAGED: 1}


def test_what_is_found_out_later_counts_for_the_week_in_which_the_parcel_came(station: Station) -> None:
    with at(NOON):
        parcel = bring(station).parcel_id
    with at(AFTER):
        mark(station, parcel, Problem.DAMAGED)
    assert counts(station) == {Measure.DAMAGED: 1}


def test_a_parcel_that_left_still_counts(station: Station) -> None:
    with at(NOON):
        parcel = bring(station, consent=ConsentBasis.UNKNOWN)
        with transaction():
            hand_over(station.clerk, parcel.parcel_id, Taker())
    assert figures(station)["zto"].tallies[Measure.CONSENT_MISSING] == Tally(1, 1)


def test_a_check_in_that_was_undone_counts_for_nothing(station: Station) -> None:
    with at(NOON):
        batch_id = open_batch(station)
        bring(station, batch_id=batch_id, problem=Problem.NO_PHONE)
        with transaction():
            undo.undo_last(station.clerk, batch_id)
    assert figures(station) == {}


def test_days_are_those_of_the_station_s_zone(station: Station) -> None:
    monday, next_monday = WEEK.moments(ZONE)
    for moment in (monday - timedelta(seconds=1), next_monday):
        with at(moment):
            bring(station, "yto")
    for moment in (monday, next_monday - timedelta(seconds=1)):
        with at(moment):
            bring(station)
    assert {carrier: found.parcels for carrier, found in figures(station).items()} == {"zto": 2}


def test_a_parcel_of_no_known_carrier_is_listed_as_such(station: Station) -> None:
    with at(NOON):
        bring(station, carrier=None, problem=Problem.UNKNOWN_CARRIER)  # type: ignore[arg-type]
    assert figures(station)[UNKNOWN].parcels == 1


def test_another_station_s_parcels_are_not_counted(station: Station) -> None:
    with at(NOON):
        other = make_station("Lotus Garden")
        mark(other, bring(other).parcel_id, Problem.DAMAGED)
        announce(other, DAY)
    assert figures(station) == {}


def test_late_is_what_was_not_here_when_its_day_was_over(station: Station) -> None:
    with at(NOON):
        in_time, next_day, _never, early = announce(station, DAY, DAY, DAY, DAY + timedelta(days=2))
        check_in(station, in_time)
        check_in(station, early)
    with at(NOON + timedelta(days=1)):
        check_in(station, next_day)
    assert figures(station)["zto"].tallies[Measure.LATE] == Tally(2, 4)


def test_a_day_that_is_not_over_counts_nothing_as_late(station: Station) -> None:
    with at(NOON):
        announce(station, DAY, DAY + timedelta(days=1))
        with reading():
            found = queries.figures(station.id, WEEK, zone=ZONE)
    assert found == {}


def test_an_announcement_for_another_week_counts_there(station: Station) -> None:
    with at(NOON):
        announce(station, DAY + timedelta(days=7), DAY - timedelta(days=7))
    assert figures(station) == {}
    before = Period(WEEK.first - timedelta(days=7), WEEK.first - timedelta(days=1))
    assert figures(station, before)["zto"].tallies[Measure.LATE] == Tally(1, 1)


def test_a_parcel_lost_and_found_again_was_in_time(station: Station) -> None:
    with at(NOON):
        (number,) = announce(station, DAY)
        check_in(station, number)
        with transaction():
            parcel = facts.id_of(station.id, number)
            handling.mark_lost(station.clerk, parcel, reason="not_found")
    layer_id = station.layer()
    with at(NOON + timedelta(days=2)), transaction():
        handling.find_again(station.clerk, parcel, layer_id)
    assert figures(station)["zto"].tallies[Measure.LATE] == Tally(0, 1)


def test_an_announcement_that_was_withdrawn_counts_for_nothing(station: Station) -> None:
    with at(NOON):
        (number,) = announce(station, DAY)
        with transaction():
            handling.withdraw(station.clerk, facts.id_of(station.id, number))
    assert figures(station) == {}


def test_a_check_in_undone_in_time_is_no_arrival(station: Station) -> None:
    with at(NOON):
        (number,) = announce(station, DAY)
        batch_id = open_batch(station)
        with transaction():
            counter.scan(station.clerk, batch_id, number, scanned_at=NOON)
        with transaction():
            counter.set_aside(station.clerk, batch_id)
        with transaction():
            undo.undo_last(station.clerk, batch_id)
    with at(NOON + timedelta(days=1)):
        check_in(station, number)
    assert figures(station)["zto"].tallies[Measure.LATE] == Tally(1, 1)


def test_what_the_station_held_before_is_nobody_s_fault(station: Station) -> None:
    with at(NOON):
        batch_id = open_batch(station)
        with transaction():
            batches.keep_silent(station.clerk, batch_id, is_silent=True)
        bring(station, batch_id=batch_id, is_silent=True, consent=ConsentBasis.UNKNOWN)
    assert figures(station) == {}
