"""Settling an extra parcel by checking it in: it gets a place in the counted row, the clerk's own scans keep theirs."""

import pytest

from station.core import clock
from station.core.db import reading, transaction
from station.core.phones import parse
from station.events import queries as events
from station.parcels import announce, batches, counter, intake, parcel_queries
from station.parcels.announce import Announcement
from station.parcels.batches import Batch
from station.residents import service as residents
from station.shelves import queries as shelf_queries
from station.shelves import service as shelf_service
from station.stocktakes import counting, resolving, service
from station.stocktakes.resolutions import Resolution
from tests.factories import Station, open_batch, recipient, waybill


@pytest.fixture
def walk(station: Station) -> int:
    with transaction():
        return service.open_stocktake(station.clerk)


def settle(station: Station, walk: int, number: str) -> bool:
    """Count a parcel in row 2-1, where the books know none, and check it in; return whether check-in asks."""
    with transaction():
        row = counting.scan(station.clerk, walk, "SHELF:2-1", layer_id=None, scanned_at=clock.now()).row
    with transaction():
        counting.scan(station.clerk, walk, number, layer_id=row.id, scanned_at=clock.now())
    with transaction():
        return resolving.settle(station.clerk, walk, number, Resolution.CHECK_IN)


def announced(station: Station) -> str:
    """Announce a parcel of somebody who lets parcels be left here, so that check-in asks nothing."""
    person, number = recipient(station), waybill()
    with transaction():
        residents.record_consent(station.clerk, person.id, choice="station", how="in_person")
        said = Announcement(number, "sf", phone=parse("13812344068"), name="陈晓明")
        announce.announce(station.clerk, said)
    return number


def row_of(station: Station, number: str) -> int | None:
    with reading():
        found = intake.find_active(station.id, number)
        return parcel_queries.detail(station.id, found.id).layer_id if found else None


def current(station: Station) -> Batch | None:
    with reading():
        return batches.current(station.clerk)


def test_the_parcel_comes_to_the_counted_row_and_the_batch_keeps_its_own(station: Station, walk: int) -> None:
    open_batch(station)
    before, number = current(station), announced(station)

    assert not settle(station, walk, number)

    assert row_of(station, number) == station.layer("2", 1)
    assert current(station) == before


def test_the_next_scans_come_to_the_row_they_came_to_before(station: Station, walk: int) -> None:
    batch_id = open_batch(station)
    settle(station, walk, announced(station))

    following = announced(station)
    with transaction():
        counter.scan(station.clerk, batch_id, following, scanned_at=clock.now())

    assert row_of(station, following) == station.layer("1", 1)


def test_a_question_waits_in_the_open_batch_which_keeps_its_row(station: Station, walk: int) -> None:
    batch_id = open_batch(station)
    before, number = current(station), waybill()

    assert settle(station, walk, number)

    assert current(station) == before
    with reading():
        question = counter.open_question(station.clerk, batch_id)
    assert question
    assert question.draft.waybill == number


def test_without_a_batch_none_stays_open(station: Station, walk: int) -> None:
    number = announced(station)

    assert not settle(station, walk, number)

    assert row_of(station, number) == station.layer("2", 1)
    assert current(station) is None


def test_a_batch_without_a_row_stays_without_one(station: Station, walk: int) -> None:
    with transaction():
        batches.open_batch(station.clerk, is_silent=True)
    before, number = current(station), announced(station)

    assert not settle(station, walk, number)

    assert row_of(station, number) == station.layer("2", 1)
    assert current(station) == before
    with reading():
        found = intake.find_active(station.id, number)
        assert found
        (*_, came) = events.story(station.id, found.id)
    assert came.data["silent"]


def test_a_question_without_a_batch_is_answered_into_the_counted_row(station: Station, walk: int) -> None:
    number = waybill()
    person = recipient(station)
    with transaction():
        residents.record_consent(station.clerk, person.id, choice="station", how="in_person")

    assert settle(station, walk, number)

    with transaction():
        batch = batches.current(station.clerk)
        assert batch
        counter.answer_recipient(station.clerk, batch.id, person.id)
    assert row_of(station, number) == station.layer("2", 1)


def test_a_batch_whose_shelf_is_out_of_use_keeps_nothing_back(station: Station, walk: int) -> None:
    open_batch(station)
    before, number = current(station), announced(station)
    first_row = station.layer()
    with transaction():
        shelf_id = shelf_queries.layer(station.id, first_row).shelf_id
        shelf_service.retire_shelf(station.manager, shelf_id)

    assert not settle(station, walk, number)

    assert row_of(station, number) == station.layer("2", 1)
    assert current(station) == before
