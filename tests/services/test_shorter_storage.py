"""Fresh goods wait less than other parcels: every deadline comes sooner, and nobody can put them off."""

from datetime import UTC, datetime, timedelta

import pytest

from station.core import clock
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.network import queries as network
from station.parcels import extension, overdue, store
from station.parcels.station_clock import deadlines_of, limits
from tests import factories

MONDAY_NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai


def fresh(station, hours):
    with clock.use(lambda: MONDAY_NOON):
        one = factories.store(station).parcel_id
        with transaction():
            until = extension.keep_for(station.clerk, one, hours)
    return one, until


def test_a_reminder_comes_at_half_of_the_time_and_everything_else_at_its_end(station):
    _one, until = fresh(station, 42)
    with reading():
        rules = network.rules(station.id)
        found = deadlines_of(MONDAY_NOON, rules, timedelta(hours=42 - 168))
        counting, put_off = limits(rules, timedelta(hours=42 - 168))
    assert (counting.hours, put_off) == ((21, 42, 42, 42), timedelta(0))
    assert found.return_at == until
    assert list(found.moments) == sorted(found.moments)


def test_an_hour_is_the_least(station):
    with reading():
        assert limits(network.rules(station.id), timedelta(hours=-1000))[0].hours == (1, 1, 1, 1)


def test_more_than_the_rules_allow_is_an_extension(station):
    one, until = fresh(station, 240)
    with reading():
        parcel = store.look(station.id, [one])[0]
        assert parcel.extended_h == 72
        assert deadlines_of(MONDAY_NOON, network.rules(station.id), timedelta(hours=72)).return_at == until


def test_the_scheduler_brings_it_to_its_levels_in_its_own_time(station):
    one, _until = fresh(station, 8)
    with clock.use(lambda: MONDAY_NOON + timedelta(hours=4)), transaction():
        assert overdue.enter_levels(station.id) == 1
        assert store.get(station.id, one).level == "remind"


def test_a_resident_cannot_extend_it(station):
    one, _until = fresh(station, 8)
    with clock.use(lambda: MONDAY_NOON), transaction(), pytest.raises(StationError) as refused:
        extension.extend(station.clerk, one)
    assert refused.value.code == "extension_refused"
    assert "fresh" in str(refused.value)
