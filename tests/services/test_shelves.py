import json
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from station.core.db import db, reading, transaction
from station.core.errors import StationError
from station.events.models import CustodyEvent
from station.shelves import queries, service
from station.shelves.service import LayerSize
from tests.factories import make_station


@contextmanager
def refused(code):
    with pytest.raises(StationError) as caught:
        yield
    assert caught.value.code == code


def layer(station, shelf="1", number=1):
    with reading():
        return queries.layer_by_code(station.id, shelf, number)


def shelf(station, code="1"):
    with reading():
        return next(one for one in queries.shelves(station.id) if one.code == code)


def take(station, layer_id, count=1, cursor=7):
    with transaction():
        service.lock_row(station.id, layer_id)
        service.take_places(station.id, layer_id, count=count, cursor=cursor)


def last_event(station):
    with reading():
        row = db.session.execute(
            select(CustodyEvent.kind, CustodyEvent.data)
            .where(CustodyEvent.station_id == station.id)
            .order_by(CustodyEvent.seq.desc())
            .limit(1)
        ).one()
        return row.kind, json.loads(row.data)


def test_layer_is_found_by_its_card(station):
    found = layer(station, "2", 3)

    assert (found.tag, found.capacity, found.stored, found.free) == ("2-3", 40, 0, 40)
    assert layer(station, "2", 4) is None
    assert layer(station, "7", 1) is None


def test_places_are_taken_and_freed(station):
    one = layer(station)

    take(station, one.id, count=3, cursor=12)
    with transaction():
        service.free_place(station.id, one.id)

    assert replace(one, stored=2, cursor=12) == layer(station)


def test_full_layer_takes_no_more(station):
    one = layer(station)
    take(station, one.id, count=39)

    with refused("shelf_full"):
        take(station, one.id, count=2)
    take(station, one.id)

    assert layer(station).free == 0


def test_set_aside_shelf_may_overflow(station):
    aside = layer(station, "99", 1)

    take(station, aside.id, count=25)

    assert (layer(station, "99", 1).stored, layer(station, "99", 1).free) == (25, 0)


def test_place_that_was_never_taken_cannot_be_freed(station):
    one = layer(station)

    with pytest.raises(IntegrityError, match="stored"), transaction():
        service.free_place(station.id, one.id)


def test_set_aside_layer_is_the_first_with_room_then_the_emptiest(station):
    with transaction():
        service.add_shelf(
            station.manager, code="98", layers=1, capacity=10, size_class="large", is_set_aside=True
        )
    take(station, layer(station, "99").id, count=20)
    with reading():
        assert queries.set_aside_layer(station.id).tag == "98-1"

    take(station, layer(station, "98").id, count=11)
    with reading():
        assert queries.set_aside_layer(station.id).tag == "99-1"


def test_station_without_set_aside_shelf_is_told_so(station):
    aside = shelf(station, "99")
    with transaction():
        service.change_shelf(station.manager, aside.id, layers={}, is_set_aside=False)

    with reading(), refused("no_set_aside_shelf"):
        queries.set_aside_layer(station.id)


def test_shelf_of_the_same_name_is_refused(station):
    with refused("shelf_taken"), transaction():
        service.add_shelf(
            station.manager, code="2", layers=1, capacity=10, size_class="small", is_set_aside=False
        )


def test_two_stations_may_use_the_same_name(station):
    other = make_station("Elm")

    assert shelf(station, "1").id != shelf(other, "1").id


def test_layers_change_and_the_log_knows_from_what_to_what(station):
    one = shelf(station)
    sizes = {1: LayerSize(20, "small", counter_space=500), 2: LayerSize(40, "medium")}

    with transaction():
        assert service.change_shelf(station.manager, one.id, layers=sizes, is_set_aside=False)

    assert [(found.capacity, found.size_class, found.counter_space) for found in shelf(station).layers] == [
        (20, "small", 500),
        (40, "medium", 999),
        (40, "medium", 999),
    ]
    assert last_event(station) == (
        "shelf_changed",
        {"shelf": "1", "changes": {"1-1": ["40 medium 999", "20 small 500"]}},
    )


def test_change_of_nothing_is_no_event(station):
    before = last_event(station)

    one = shelf(station)
    with transaction():
        assert not service.change_shelf(station.manager, one.id, layers={}, is_set_aside=False)

    assert last_event(station) == before


def test_capacity_below_what_is_stored_makes_the_layer_full(station):
    one = layer(station)
    take(station, one.id, count=30)
    with transaction():
        service.change_shelf(
            station.manager, one.shelf_id, layers={1: LayerSize(10, "medium")}, is_set_aside=False
        )

    assert layer(station).free == 0
    with refused("shelf_full"):
        take(station, one.id)


def test_shelf_that_holds_parcels_stays(station):
    one = layer(station)
    take(station, one.id)

    with refused("shelf_in_use"), transaction():
        service.retire_shelf(station.manager, one.shelf_id)

    assert not shelf(station).is_retired


def test_retired_shelf_takes_nothing_keeps_its_name_and_can_come_back(station):
    one = layer(station)
    with transaction():
        service.retire_shelf(station.manager, one.shelf_id)

    assert layer(station) is None
    with refused("not_found"):
        take(station, one.id)
    with reading():
        assert queries.layer(station.id, one.id).is_retired
        assert "1-1" not in [found.tag for found in queries.layers(station.id)]
        assert queries.shelves(station.id)[-1].code == "1"

    with transaction():
        service.reopen_shelf(station.manager, one.shelf_id)
    assert layer(station).id == one.id
    assert last_event(station) == ("shelf_reopened", {"shelf": "1"})


def test_shelf_of_another_station_does_not_exist_here(station):
    stranger, mine = make_station("Elm"), shelf(station)

    with reading(), refused("not_found"):
        queries.shelf(stranger.id, mine.id)
    with reading(), refused("not_found"):
        queries.layer(stranger.id, mine.layers[0].id)
    for act in (service.retire_shelf, service.reopen_shelf):
        with refused("not_found"), transaction():
            act(stranger.manager, mine.id)
    with refused("not_found"), transaction():
        service.change_shelf(stranger.manager, mine.id, layers={}, is_set_aside=True)
    with refused("not_found"):
        take(stranger, mine.layers[0].id)

    assert shelf(station) == mine
