"""Cold goods go on cold shelves: each way onto a shelf, what is said, and what is never refused."""

from contextlib import contextmanager

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from station.core import clock
from station.core.db import connection, reading, transaction
from station.core.errors import StationError
from station.drops.places import Places
from station.group_buys import shelving
from station.group_buys.plans import Point
from station.parcels import check_in_scans, counter, handling, solving
from station.parcels.arrivals import Arrivals, Delivered
from station.parcels.lifecycle import Problem
from station.shelves import service
from station.shelves.models import Shelf
from station.shelves.service import LayerSize
from station.shelves.storage import Storage
from station.stocktakes import counting, resolving
from station.stocktakes import service as stocktakes
from station.stocktakes.resolutions import Resolution
from tests import cold, factories
from tests.cold import add_cold_shelves, make_bag
from tests.factories import open_batch, recipient, store, waybill
from tests.sharing import bag, packed, parcel

ROOM, CHILLED, FROZEN = Storage


@contextmanager
def refused(code, words=""):
    with pytest.raises(StationError) as caught:
        yield
    assert caught.value.code == code
    assert words in caught.value.message


def put(station, number, code):
    """Scan a shelf card and a bag's label as the share-out desk does."""
    with transaction():
        shelving.scan(station.clerk, f"SHELF:{code}-1")
        return shelving.scan(station.clerk, number)


@pytest.mark.parametrize(
    ("needs", "shelf", "sentence"),
    [
        (ROOM, "C", "This bag is kept at room temperature. Put it on shelf 3, 2, 1."),
        (ROOM, "F", "This bag is kept at room temperature. Put it on shelf 3, 2, 1."),
        (CHILLED, "1", "This bag has to be kept chilled. Put it on shelf C."),
        (CHILLED, "F", "This bag has to be kept chilled. Put it on shelf C."),
        (CHILLED, "99", "This bag has to be kept chilled. Put it on shelf C."),
        (FROZEN, "1", "This bag has to be kept frozen. Put it on shelf F."),
        (FROZEN, "C", "This bag has to be kept frozen. Put it on shelf F."),
    ],
)
def test_a_bag_on_a_shelf_too_warm_or_too_cold_is_refused_and_told_where_to_go(
    station, needs, shelf, sentence
):
    add_cold_shelves(station)
    one, order, number = make_bag(station, needs)

    with refused("wrong_storage", sentence):
        put(station, number, shelf)

    assert parcel(station, bag(one, order).parcel_id).state == "expected"


@pytest.mark.parametrize(("needs", "shelf"), [(ROOM, "1"), (CHILLED, "C"), (FROZEN, "F")])
def test_a_bag_on_a_shelf_of_its_kind_is_stored_without_a_word(station, needs, shelf):
    add_cold_shelves(station)
    _one, _order, number = make_bag(station, needs)

    assert put(station, number, shelf).warning == ""


@pytest.mark.parametrize("needs", [CHILLED, FROZEN])
def test_a_station_without_such_a_shelf_is_not_stuck_and_told_who_sets_one_up(station, needs):
    _one, _order, number = make_bag(station, needs)

    found = put(station, number, "1")

    assert found.row == "1-1"
    assert f"kept {needs}" in found.warning
    assert "The manager sets one up under Shelves and cards" in found.warning


def test_a_full_freezer_lets_a_bag_stand_elsewhere_for_now(station):
    layer_id = cold.add_shelf(station, "F", FROZEN, capacity=1)
    _one, _order, first = make_bag(station, FROZEN)
    _one, _order, second = make_bag(station, FROZEN)
    put(station, first, "F")

    with refused("shelf_full"):
        put(station, second, "F")
    assert put(station, second, "1").warning
    assert layer_id == station.layer("F")


def test_a_bag_collected_at_another_station_knows_there_how_cold_it_is_kept(station):
    there = factories.make_station("Elm")
    points = (Point(station.id), Point(there.id))
    one, (order,) = packed(station, (1,), storage=FROZEN, points=points, point=there.id)

    assert parcel(there, bag(one, order).parcel_id).storage == FROZEN


# --- the ordinary check-in -------------------------------------------------------------------------------------------


def scan(station, text):
    with transaction():
        return check_in_scans.take(station.clerk, text, clock.now())


def test_check_in_refuses_an_ordinary_parcel_at_a_cold_shelf(station):
    add_cold_shelves(station)
    scan(station, "SHELF:F-1")
    number, person = waybill(), recipient(station)
    scan(station, number)
    answer = {"waybill": number, "recipient": str(person.id)}

    with refused("wrong_storage", "Shelf F is a cold one. Put the parcel on shelf 3, 2, 1"), transaction():
        check_in_scans.answer(station.clerk, answer)

    scan(station, "SHELF:3-1")  # the question is still open
    with transaction():
        said = check_in_scans.answer(station.clerk, answer)
    assert said["parcel"]["row"]["tag"] == "3-1"


def test_check_in_holds_the_rule_for_a_bag_too(station):
    add_cold_shelves(station)
    _one, _order, number = make_bag(station, FROZEN)
    scan(station, "SHELF:1-1")

    with refused("wrong_storage", "Put it on shelf F."):
        scan(station, number)
    scan(station, "SHELF:F-1")
    said = scan(station, number)
    assert (said["kind"], said["sound"], "keep" in said) == ("stored", "ok", False)


def test_check_in_warns_of_a_bag_that_has_no_right_shelf(station):
    _one, _order, number = make_bag(station, FROZEN)
    scan(station, "SHELF:1-1")

    said = scan(station, number)

    assert (said["kind"], said["sound"], said["keep"]) == ("stored", "warn", FROZEN)


def test_a_full_fridge_asks_for_another_row_and_offers_cold_ones_only(station):
    cold.add_shelf(station, "C", CHILLED, capacity=1)
    cold.add_shelf(station, "D", CHILLED)
    put(station, make_bag(station, CHILLED)[2], "C")
    _one, _order, number = make_bag(station, CHILLED)
    scan(station, "SHELF:C-1")

    said = scan(station, number)

    assert [one["tag"] for one in said["question"]["options"]] == ["D-1"]


def test_a_parcel_with_a_problem_is_set_aside_whatever_shelf_somebody_stands_at(station):
    add_cold_shelves(station)
    scan(station, "SHELF:F-1")
    number = waybill()
    scan(station, number)  # nobody knows whose it is

    with transaction():
        said = check_in_scans.answer(station.clerk, {"waybill": number, "aside": ""})

    assert (said["kind"], said["parcel"]["row"]["tag"]) == ("aside", "99-1")


def test_what_another_system_checks_in_at_a_cold_shelf_is_refused_and_the_others_stay(station):
    add_cold_shelves(station)
    recipient(station)
    phone, fridge, row = factories.parse("13812344068"), station.layer("C"), station.layer("1")
    with transaction():
        arrivals = Arrivals(station.clerk)
        with refused("wrong_storage"):
            arrivals.add(Delivered(waybill(), fridge, carrier="sf", phone=phone))
        stored = arrivals.add(Delivered(waybill(), row, carrier="sf", phone=phone))
        arrivals.write()

    assert stored.row.tag == "1-1"


def test_a_courier_is_never_sent_to_a_cold_shelf(station):
    add_cold_shelves(station)

    cold_rows = {station.layer("C"), station.layer("F")}
    with reading():
        rows = set(Places(station.id).suggested("medium"))

    assert rows
    assert rows.isdisjoint(cold_rows)


# --- moves and stocktakes --------------------------------------------------------------------------------------------


def move(station, parcel_id, code):
    layer_id = station.layer(code)
    with transaction():
        return solving.move(station.clerk, parcel_id, layer_id)


def test_a_carriers_parcel_is_moved_to_the_fridge_by_whoever_read_its_label(station):
    add_cold_shelves(station)
    stored = store(station)

    assert move(station, stored.parcel_id, "C").pickup_code.startswith("C-1-")


def test_a_bag_is_not_moved_out_of_the_freezer_but_aside_with_its_problem(station):
    add_cold_shelves(station)
    one, order, number = make_bag(station, FROZEN)
    put(station, number, "F")
    parcel_id = bag(one, order).parcel_id

    for wrong in ("1", "C", "99"):
        with refused("wrong_storage", "Put it on shelf F."):
            move(station, parcel_id, wrong)
    with transaction():
        handling.mark_problem(station.clerk, parcel_id, Problem.DAMAGED)
    assert move(station, parcel_id, "99").pickup_code.startswith("99-1-")


def test_a_stocktake_records_a_bag_where_it_stands(station):
    """What is so is so: the books follow, and the bag can be moved back afterwards."""
    add_cold_shelves(station)
    one, order, number = make_bag(station, FROZEN)
    put(station, number, "F")
    parcel_id = bag(one, order).parcel_id
    with transaction():
        walk = stocktakes.open_stocktake(station.clerk)
    with transaction():
        row = counting.scan(station.clerk, walk, "SHELF:1-1", layer_id=None, scanned_at=clock.now()).row
    with transaction():
        counting.scan(station.clerk, walk, number, layer_id=row.id, scanned_at=clock.now())
    with transaction():
        resolving.settle(station.clerk, walk, number, Resolution.MOVED)

    assert parcel(station, parcel_id).layer_id == station.layer("1")
    assert move(station, parcel_id, "F").pickup_code.startswith("F-1-")


def test_a_stocktake_checks_in_what_stands_on_a_cold_shelf(station):
    add_cold_shelves(station)
    person = recipient(station)
    number, batch_id = waybill(), open_batch(station, layer_id=station.layer("F"))
    with transaction():
        counter.scan(station.clerk, batch_id, number, scanned_at=clock.now())
        outcome = counter.answer_recipient(station.clerk, batch_id, person.id)

    assert outcome.stored.row.tag == "F-1"


# --- the shelves themselves ------------------------------------------------------------------------------------------


def change(station, code, storage, *, is_set_aside=False):
    shelf_id = cold.shelf(station, code).id
    with transaction():
        return service.change_shelf(
            station.manager, shelf_id, layers={}, is_set_aside=is_set_aside, storage=storage
        )


@pytest.mark.parametrize("to", [ROOM, CHILLED])
def test_a_freezer_stays_one_while_it_holds_frozen_bags(station, to):
    add_cold_shelves(station)
    put(station, make_bag(station, FROZEN)[2], "F")

    with refused("shelf_in_use", "Shelf F holds 1 bag that has to be kept: Frozen. Move it first."):
        change(station, "F", to)

    assert cold.shelf(station, "F").storage == FROZEN


def test_the_freezer_that_was_in_use_before_anybody_said_so_can_be_named_one(station):
    put(station, make_bag(station, FROZEN)[2], "1")
    store(station)

    assert change(station, "1", FROZEN)
    assert cold.shelf(station, "1").storage == FROZEN


def test_a_shelf_of_mixed_bags_becomes_neither(station):
    put(station, make_bag(station, FROZEN)[2], "1")
    put(station, make_bag(station, CHILLED)[2], "1")

    for kind in (FROZEN, CHILLED):
        with refused("shelf_in_use"):
            change(station, "1", kind)


def test_an_emptied_freezer_can_become_an_ordinary_shelf(station):
    add_cold_shelves(station)
    one, order, number = make_bag(station, FROZEN)
    put(station, number, "F")
    parcel_id = bag(one, order).parcel_id
    with transaction():
        handling.mark_lost(station.clerk, parcel_id, reason="not_found")

    assert change(station, "F", ROOM)


def test_a_set_aside_shelf_is_never_cold(station):
    add_cold_shelves(station)

    with refused("bad_input", "A set-aside shelf is at room temperature"):
        change(station, "99", FROZEN, is_set_aside=True)
    with refused("bad_input"):
        change(station, "F", None, is_set_aside=True)
    assert change(station, "F", ROOM, is_set_aside=True)
    with pytest.raises(IntegrityError, match="warm_set_aside"), transaction():
        connection().execute(update(Shelf).where(Shelf.code == "F").values(storage=FROZEN))


def test_a_change_that_says_nothing_of_storage_leaves_it(station):
    add_cold_shelves(station)
    shelf_id, sizes = cold.shelf(station, "C").id, {1: LayerSize(20, "medium")}
    with transaction():
        service.change_shelf(station.manager, shelf_id, layers=sizes, is_set_aside=False)

    assert cold.shelf(station, "C").storage == CHILLED
