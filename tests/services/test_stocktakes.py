"""Stocktakes on both databases: counting, comparing, settling, ending."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from station.core import clock
from station.core.db import db, reading, transaction
from station.core.errors import StationError
from station.events.queries import story
from station.parcels import hand_over, handling, parcel_queries
from station.parcels.hand_over import Taker
from station.parcels.lifecycle import ParcelState
from station.stocktakes import counting, queries, resolving, service
from station.stocktakes.compare import Comparison, Kind
from station.stocktakes.counting import Counted
from station.stocktakes.models import StocktakeFinding, StocktakeScan
from station.stocktakes.resolutions import Resolution
from tests.factories import Station, store, waybill

CARD = "SHELF:{}"


@pytest.fixture
def walk(station: Station) -> int:
    with transaction():
        return service.open_stocktake(station.clerk)


def scan(station: Station, walk: int, raw: str, *, layer_id: int | None = None) -> Counted:
    with transaction():
        return counting.scan(station.clerk, walk, raw, layer_id=layer_id, scanned_at=clock.now())


def count(station: Station, walk: int, tag: str, *waybills: str) -> None:
    """Scan a shelf card and parcels in its row."""
    row = scan(station, walk, CARD.format(tag)).row
    for number in waybills:
        scan(station, walk, number, layer_id=row.id)


def settle(station: Station, walk: int, number: str, resolution: Resolution) -> bool:
    with transaction():
        return resolving.settle(station.clerk, walk, number, resolution)


def compared(station: Station, walk: int) -> Comparison:
    with reading():
        return queries.comparison(station.id, queries.get(station.id, walk))


def differences(station: Station, walk: int) -> dict[str, Kind]:
    return {one.waybill: one.kind for one in compared(station, walk).differences}


def state(station: Station, parcel_id: int) -> str:
    with reading():
        return parcel_queries.detail(station.id, parcel_id).state


def kinds(station: Station, parcel_id: int) -> list[str]:
    with reading():
        return [one.kind for one in story(station.id, parcel_id)]


def test_an_open_stocktake_is_gone_on_with(station, walk):
    with transaction():
        assert service.open_stocktake(station.manager) == walk


def test_what_is_counted_is_compared_with_the_books(station, walk):
    present, missing = store(station), store(station)
    misplaced = store(station, layer_id=station.layer("2", 1))
    unknown = waybill()

    count(station, walk, "1-1", present.waybill, misplaced.waybill, unknown)

    found = compared(station, walk)
    assert found.present == (present.waybill,)
    assert differences(station, walk) == {
        missing.waybill: Kind.MISSING,
        misplaced.waybill: Kind.MISPLACED,
        unknown: Kind.EXTRA,
    }


def test_a_scan_says_at_once_what_is_wrong(station, walk):
    misplaced = store(station, layer_id=station.layer("2", 1))
    row = scan(station, walk, "SHELF:1-1").row

    seen = scan(station, walk, misplaced.waybill, layer_id=row.id)

    assert seen.kind is Kind.MISPLACED
    assert seen.booked.pickup_code == misplaced.pickup_code


def test_the_same_scan_again_changes_nothing(station, walk):
    stored = store(station)
    row = scan(station, walk, "SHELF:1-1").row
    scan(station, walk, stored.waybill, layer_id=row.id)

    again = scan(station, walk, stored.waybill, layer_id=row.id)

    assert again.is_repeated
    with reading():
        noted = select(func.count()).select_from(StocktakeScan).where(StocktakeScan.waybill.is_not(None))
        assert db.session.scalar(noted) == 1


def test_the_same_scan_again_counts_when_the_books_changed_in_between(station, walk):
    parcel = store(station, layer_id=station.layer("2", 1))
    elsewhere = station.layer("2", 2)
    count(station, walk, "1-1", parcel.waybill)
    with transaction():
        handling.move(station.clerk, parcel.parcel_id, elsewhere)
    assert differences(station, walk) == {}

    count(station, walk, "1-1", parcel.waybill)

    assert differences(station, walk) == {parcel.waybill: Kind.MISPLACED}


def test_the_newest_scan_counts(station, walk):
    stored = store(station)
    count(station, walk, "2-1", stored.waybill)
    count(station, walk, "1-1", stored.waybill)

    assert differences(station, walk) == {}


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("SHELF:77-1", "not_found"),
        ("CMD:UNDO", "unknown_code"),
        ("ID:ABC", "unknown_code"),
        ("hello", "waybill_malformed"),
    ],
)
def test_what_is_no_parcel_and_no_shelf_is_refused(station, walk, raw, code):
    row = scan(station, walk, "SHELF:1-1").row

    with pytest.raises(StationError) as refused:
        scan(station, walk, raw, layer_id=row.id)

    assert refused.value.code == code


def test_a_parcel_needs_a_row_whose_card_was_scanned(station, walk):
    for layer_id in (None, station.layer("2", 1)):
        with pytest.raises(StationError) as refused:
            scan(station, walk, waybill(), layer_id=layer_id)
        assert refused.value.code == "scan_a_shelf_first"


def test_moving_a_counted_parcel_to_a_counted_row_is_no_difference(station, walk):
    stored = store(station)
    count(station, walk, "2-1")
    count(station, walk, "1-1", stored.waybill)

    target = station.layer("2", 1)
    with transaction():
        handling.move(station.clerk, stored.parcel_id, target)

    assert differences(station, walk) == {}


def test_a_parcel_that_comes_while_its_row_is_counted_is_not_missing(station, walk):
    count(station, walk, "1-1")
    later = clock.now() + timedelta(minutes=1)
    with clock.use(lambda: later):
        store(station)

    assert differences(station, walk) == {}


def test_a_missing_parcel_is_marked_as_lost(station, walk):
    missing = store(station)
    count(station, walk, "1-1")

    settle(station, walk, missing.waybill, Resolution.LOST)

    assert state(station, missing.parcel_id) == ParcelState.LOST
    assert kinds(station, missing.parcel_id)[-1] == "lost"
    assert differences(station, walk) == {}


def test_a_missing_parcel_is_seen_after_all(station, walk):
    missing = store(station)
    count(station, walk, "1-1")

    settle(station, walk, missing.waybill, Resolution.SEEN)

    assert state(station, missing.parcel_id) == ParcelState.STORED
    assert kinds(station, missing.parcel_id)[-1] == "stocktake_seen"
    assert differences(station, walk) == {}


def test_the_books_follow_a_misplaced_parcel(station, walk):
    misplaced = store(station)
    count(station, walk, "2-1", misplaced.waybill)

    settle(station, walk, misplaced.waybill, Resolution.MOVED)

    with reading():
        assert parcel_queries.detail(station.id, misplaced.parcel_id).layer_id == station.layer("2", 1)
    assert kinds(station, misplaced.parcel_id)[-1] == "moved"
    assert differences(station, walk) == {}


def test_a_misplaced_parcel_is_put_back_and_its_row_does_not_count_as_counted(station, walk):
    misplaced, other = store(station), store(station)
    count(station, walk, "2-1", misplaced.waybill)

    settle(station, walk, misplaced.waybill, Resolution.PUT_BACK)

    assert kinds(station, misplaced.parcel_id)[-1] == "stocktake_put_back"
    assert differences(station, walk) == {}
    assert other.waybill not in compared(station, walk).present


def test_a_lost_parcel_on_the_shelf_is_found_again(station, walk):
    lost = store(station)
    with transaction():
        handling.mark_lost(station.clerk, lost.parcel_id, reason="not_found")
    count(station, walk, "2-1", lost.waybill)

    settle(station, walk, lost.waybill, Resolution.FOUND)

    assert state(station, lost.parcel_id) == ParcelState.STORED
    assert differences(station, walk) == {}


def test_an_unknown_parcel_goes_to_check_in_which_asks_whose_it_is(station, walk):
    number = waybill()
    count(station, walk, "2-1", number)

    assert settle(station, walk, number, Resolution.CHECK_IN)


def test_an_extra_parcel_is_taken_out(station, walk):
    number = waybill()
    count(station, walk, "2-1", number)

    settle(station, walk, number, Resolution.TAKEN_OUT)

    assert differences(station, walk) == {}


def test_settling_twice_is_refused(station, walk):
    missing = store(station)
    count(station, walk, "1-1")
    settle(station, walk, missing.waybill, Resolution.LOST)

    with pytest.raises(StationError) as refused:
        settle(station, walk, missing.waybill, Resolution.LOST)

    assert refused.value.code == "stale"


def test_closing_keeps_what_was_settled_and_what_was_not(station, walk):
    lost, open_one = store(station), store(station)
    count(station, walk, "1-1")
    settle(station, walk, lost.waybill, Resolution.LOST)

    with transaction():
        service.close(station.clerk, walk)

    with reading():
        kept = {one.waybill: one.resolution for one in db.session.scalars(select(StocktakeFinding))}
    assert kept == {lost.waybill: "lost", open_one.waybill: None}


@pytest.mark.parametrize("end", [service.close, service.abandon])
def test_only_who_opened_it_or_a_manager_ends_it(station, end):
    with transaction():
        walk = service.open_stocktake(station.manager)

    with pytest.raises(StationError) as refused, transaction():
        end(station.clerk, walk)

    assert refused.value.code == "forbidden"
    with transaction():
        end(station.manager, walk)


def test_nothing_changes_in_what_has_ended(station, walk):
    stored = store(station)
    count(station, walk, "1-1")
    with transaction():
        service.abandon(station.clerk, walk)

    for act in (
        lambda: scan(station, walk, "SHELF:1-1"),
        lambda: settle(station, walk, stored.waybill, Resolution.LOST),
    ):
        with pytest.raises(StationError) as refused:
            act()
        assert refused.value.code == "stocktake_ended"


def back_again(station: Station, parcel_id: int) -> None:
    hand_over.hand_over(station.clerk, parcel_id, Taker())
    hand_over.undo_hand_over(station.clerk, parcel_id, reason="wrong_parcel")


def returned(station: Station, parcel_id: int) -> None:
    handling.start_return(station.clerk, parcel_id, reason="refused")
    handling.return_to_carrier(station.clerk, parcel_id)


def not_returned(station: Station, parcel_id: int) -> None:
    returned(station, parcel_id)
    handling.undo_return_to_carrier(station.clerk, parcel_id, reason="not_picked_up")


def written_off(station: Station, parcel_id: int) -> None:
    handling.ask_write_off(station.clerk, parcel_id, reason="destroyed")
    handling.confirm_write_off(station.manager, parcel_id)


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda s, one: hand_over.hand_over(s.clerk, one, Taker()), id="handed over"),
        pytest.param(back_again, id="hand-over undone"),
        pytest.param(returned, id="returned"),
        pytest.param(not_returned, id="return undone"),
        pytest.param(lambda s, one: handling.mark_lost(s.clerk, one, reason="not_found"), id="lost"),
        pytest.param(written_off, id="written off"),
    ],
)
def test_what_happens_to_a_parcel_after_it_was_scanned_makes_no_difference(station, walk, act):
    stored = store(station)
    count(station, walk, "1-1", stored.waybill)

    with transaction():
        act(station, stored.parcel_id)

    assert differences(station, walk) == {}
