"""Pickup codes on real tables: clashes, rests, aliases, and codes that go back to their parcel."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from station.core import clock
from station.core.db import db, reading, transaction
from station.core.errors import StationError
from station.network.models import StationSettings
from station.parcels import handling
from station.parcels.hand_over import Taker, hand_over, undo_hand_over
from station.parcels.models import PickupCode
from station.shelves import queries as shelf_queries
from station.shelves import service as shelves
from station.shelves.models import Layer
from station.shelves.service import LayerSize
from tests.factories import Station, recipient, store

START = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def at(days: float) -> datetime:
    return START + timedelta(days=days)


def count_with(station: Station, numbers: int) -> None:
    with transaction():
        settings = update(StationSettings).where(StationSettings.station_id == station.id)
        db.session.execute(settings.values(numbering="counter"))
        rows = update(Layer).where(Layer.station_id == station.id)
        db.session.execute(rows.values(counter_space=numbers))


def in_and_out(station: Station, moment: datetime) -> str:
    with clock.use(lambda: moment):
        stored = store(station)
        with transaction():
            hand_over(station.clerk, stored.parcel_id, Taker())
    return stored.pickup_code


def codes(parcel_id: int) -> list[tuple[str, str, bool]]:
    with reading():
        found = db.session.scalars(
            select(PickupCode).where(PickupCode.parcel_id == parcel_id).order_by(PickupCode.id)
        )
        return [(code.code, code.rule, code.released_at is None) for code in found]


def test_two_waybills_with_the_same_digits_get_two_codes(station: Station) -> None:
    first = store(station, waybill="SF1000000013210")
    second = store(station, waybill="SF1000000023210")
    assert (first.pickup_code, first.needs_sticker) == ("1-1-3210", False)
    assert second.pickup_code != "1-1-3210"
    assert second.needs_sticker
    assert second.rule == "next_free"


def test_the_code_is_never_the_recipients_tail(station: Station) -> None:
    stored = store(station, waybill="SF1000000014068", to=recipient(station, "13812344068"))
    assert stored.pickup_code != "1-1-4068"
    assert stored.needs_sticker


def test_a_code_rests_before_it_is_used_again(station: Station) -> None:
    with clock.use(lambda: START):
        first = store(station, waybill="SF1000000013210")
        with transaction():
            hand_over(station.clerk, first.parcel_id, Taker())
    for days, same in [(6.99, False), (14, True)]:
        with clock.use(lambda days=days: at(days)):
            again = store(station, waybill=f"SF10000000{int(days):02d}3210")
            assert (again.pickup_code == "1-1-3210") is same


def test_a_small_row_goes_through_every_regime_and_then_refuses(station: Station) -> None:
    count_with(station, 5)
    given = [in_and_out(station, at(0.01 * step)) for step in range(5)]
    assert given == [f"1-1-{number}" for number in range(1, 6)]  # next-fit
    with clock.use(lambda: at(0.5)), pytest.raises(StationError) as refusal:
        store(station)
    assert refusal.value.code == "row_codes_exhausted"
    assert in_and_out(station, at(1.2)) == "1-1-1"  # the one that rested longest, a day at least
    with reading():
        rules = list(db.session.scalars(select(PickupCode.rule).order_by(PickupCode.given_at)))
        rests = list(db.session.scalars(select(PickupCode.cool_down_s).order_by(PickupCode.given_at)))
    assert rules[-1] == "longest_released"
    assert rests[-1] == 24 * 3600


def test_each_row_counts_through_its_own_numbers(station: Station) -> None:
    count_with(station, 100)
    small = station.layer("2", 1)
    with reading():
        shelf_id = shelf_queries.layer(station.id, small).shelf_id
    with transaction():
        sizes = {1: LayerSize(40, "medium", counter_space=3)}
        shelves.change_shelf(station.manager, shelf_id, layers=sizes, is_set_aside=False)
    for layer_id, numbers in ((small, 3), (station.layer("2", 2), 100)):
        stored = [store(station, layer_id=layer_id) for _ in range(3)]
        assert [one.number for one in stored] == [1, 2, 3]
        with reading():
            spaces = db.session.scalars(select(PickupCode.space).where(PickupCode.layer_id == layer_id))
            assert set(spaces) == {numbers}
    with pytest.raises(StationError) as refusal:
        store(station, layer_id=small)
    assert refusal.value.code == "row_codes_exhausted"
    assert store(station, layer_id=station.layer("2", 2)).number == 4


def test_a_moved_parcel_keeps_its_old_code_as_an_alias_and_releases_both(station: Station) -> None:
    stored, elsewhere = store(station, waybill="SF1000000013210"), station.layer("2", 3)
    with transaction():
        place = handling.move(station.clerk, stored.parcel_id, elsewhere)
    assert place.pickup_code == "2-3-3210"
    assert [(code, used) for code, _, used in codes(stored.parcel_id)] == [
        ("1-1-3210", True),
        ("2-3-3210", True),
    ]
    other = store(station, waybill="SF1000000023210")
    assert other.pickup_code != "1-1-3210"  # the alias counts as stored
    with transaction():
        hand_over(station.clerk, stored.parcel_id, Taker())
    assert not any(used for _, _, used in codes(stored.parcel_id))


def test_undoing_a_hand_over_restores_the_code(station: Station) -> None:
    stored = store(station, waybill="SF1000000013210")
    with transaction():
        hand_over(station.clerk, stored.parcel_id, Taker())
    with transaction():
        restored = undo_hand_over(station.clerk, stored.parcel_id, reason="wrong_person")
    assert restored.is_same_code
    assert restored.pickup_code == stored.pickup_code
    assert [(rule, used) for _, rule, used in codes(stored.parcel_id)] == [
        ("waybill", False),
        ("restored", True),
    ]


def test_undoing_gives_a_new_code_when_the_old_one_is_taken(station: Station) -> None:
    count_with(station, 1)
    with clock.use(lambda: START):
        first = store(station)
        with transaction():
            hand_over(station.clerk, first.parcel_id, Taker())
    with clock.use(lambda: at(30)):
        store(station)
        count_with(station, 3)
        with transaction():
            restored = undo_hand_over(station.clerk, first.parcel_id, reason="not_taken")
    assert not restored.is_same_code
    assert restored.pickup_code == "1-1-2"


def test_numbers_beyond_the_row_do_not_make_it_tight(station: Station) -> None:
    """A row that changes to counting still holds waybill numbers beyond its range: they take none of its own."""
    for place in range(8):
        store(station, waybill=f"SF10000000{place:02d}321{place}")
    count_with(station, 10)
    counted = store(station)
    with reading():
        choice = db.session.scalars(select(PickupCode).where(PickupCode.parcel_id == counted.parcel_id)).one()
    assert (choice.regime, choice.free, choice.cool_down_s) == ("normal", 10, 7 * 24 * 3600)
