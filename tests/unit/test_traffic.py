"""The plan of a simulated day: shares, waybills, people; the same seed, the same day."""

import random
from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from station.carriers.detection import canonical_waybill, detect, looks_glued
from station.core import names
from station.core.phones import PhoneKind, parse
from station.simulator.people import Town
from station.simulator.traffic import (
    CARRIERS,
    COLLECTION_HOURS,
    DAYS_UNTIL_COLLECTED,
    DAYS_UNTIL_COLLECTED_LATE,
    FATES,
    Fate,
    collection_time,
    load,
    plan_day,
    waybill,
)

ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 3, 2)


def plan(seed=7, parcels=400):
    rng = random.Random(seed)
    return plan_day(rng, Town(rng, 300), DAY, zone=ZONE, parcels=parcels)


def test_a_day_has_the_parcels_asked_for_and_a_run_has_one_carrier():
    deliveries = plan()
    assert sum(len(delivery.parcels) for delivery in deliveries) == 400
    assert all(
        detect(parcel.waybill)[0].carrier == delivery.carrier
        for delivery in deliveries
        for parcel in delivery.parcels
    )
    assert deliveries == sorted(deliveries, key=lambda delivery: delivery.at)


@pytest.mark.parametrize("seed", range(5))
def test_seventy_percent_arrive_between_eight_and_twelve(seed):
    deliveries = plan(seed)
    morning = sum(len(delivery.parcels) for delivery in deliveries if 8 <= delivery.at.hour < 12)
    assert morning == 280
    assert all(delivery.at.date() == DAY for delivery in deliveries)


def test_the_same_seed_plans_the_same_day_and_another_seed_another():
    assert plan(7) == plan(7)
    assert plan(7) != plan(8)


@pytest.mark.parametrize("carrier", CARRIERS)
def test_waybills_are_ones_the_station_takes_for_that_carrier(carrier):
    rng = random.Random(1)
    for _ in range(300):
        number = waybill(rng, carrier)
        assert canonical_waybill(number) == number
        assert not looks_glued(number)
        assert detect(number)[0].carrier == carrier


def test_people_have_names_and_numbers_the_station_takes():
    rng = random.Random(2)
    town = Town(rng, 500)
    people = [town.newcomer() for _ in range(500)]
    assert all(names.clean(person.name) == person.name for person in people)
    assert all(parse(person.phone.key) == person.phone for person in people)
    kinds = Counter(person.phone.kind for person in people)
    assert set(kinds) == {PhoneKind.MOBILE, PhoneKind.PRIVACY}
    assert len({person.phone for person in people}) < len(people)  # households


@pytest.mark.parametrize("hour", [0, 6, 9, 12, 17, 20, 23])
def test_on_time_is_within_72_hours_and_late_is_not(hour):
    rng = random.Random(hour)
    stored_at = datetime(2026, 3, 2, hour, 59, 59, tzinfo=ZONE)
    for _ in range(200):
        soon = collection_time(rng, stored_at, days=DAYS_UNTIL_COLLECTED)
        late = collection_time(rng, stored_at, days=DAYS_UNTIL_COLLECTED_LATE)
        assert stored_at < soon < stored_at + timedelta(hours=72) < late
        assert soon.hour in COLLECTION_HOURS


def test_five_percent_wait_more_than_72_hours():
    assert FATES[Fate.LATE] + FATES[Fate.FORGOTTEN] == 50
    assert sum(FATES.values()) == 1000


def test_a_load_holds_a_parcel_for_each_fate():
    rng = random.Random(3)
    delivery = load(rng, Town(rng, 5), datetime(2026, 3, 2, 9, tzinfo=ZONE), carrier="sf", fates=list(Fate))
    assert {parcel.fate for parcel in delivery.parcels} == set(Fate)
