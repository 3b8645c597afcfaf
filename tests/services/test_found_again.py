"""Parcels that turn up again: scanned at check-in or found on their page, they stay the same parcel."""

import pytest

from station.carriers.detection import canonical_waybill
from station.core import clock
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.events import queries as events
from station.parcels import (
    announce,
    check_in_scans,
    check_in_words,
    hand_over,
    handling,
    intake,
    parcel_queries,
    undo,
)
from station.parcels.announce import Announcement
from station.parcels.arrivals import Arrivals, Delivered
from station.parcels.hand_over import Taker
from station.parcels.intake import CheckedIn
from station.parcels.lifecycle import Problem
from station.parcels.parcel_queries import Detail
from tests.factories import Station, open_batch, recipient, store, waybill

GONE = ["lost", "written_off"]


def look(station: Station, parcel_id: int) -> Detail:
    with reading():
        return parcel_queries.detail(station.id, parcel_id)


def kinds(station: Station, parcel_id: int) -> list[str]:
    with reading():
        return [event.kind for event in events.story(station.id, parcel_id)]


def refusal(act, *args, **kwargs) -> StationError:
    with pytest.raises(StationError) as caught, transaction():
        act(*args, **kwargs)
    return caught.value


def gone(station: Station, state: str, **values: object) -> CheckedIn:
    """Return a parcel that is lost or written off."""
    number = canonical_waybill(waybill())
    parcel = store(station, waybill=number, **values)
    with transaction():
        if state == "lost":
            handling.mark_lost(station.clerk, parcel.parcel_id, reason="not_found")
        else:
            handling.ask_write_off(station.clerk, parcel.parcel_id, reason="not_found")
            handling.confirm_write_off(station.manager, parcel.parcel_id)
    return parcel


@pytest.mark.parametrize("state", GONE)
def test_a_scan_finds_the_same_parcel_and_says_so(station: Station, state: str) -> None:
    parcel = gone(station, state)
    with transaction():
        check_in_scans.take(station.clerk, "SHELF:2-1", clock.now())
        said = check_in_scans.take(station.clerk, parcel.waybill, clock.now())
    assert said["parcel"]["id"] == str(parcel.parcel_id)
    assert said["parcel"]["found"] == state
    words = {"lost": "it was lost", "written_off": "it was written off"}
    assert "Found again" in check_in_words.headline(said)
    assert words[state] in check_in_words.headline(said)
    found = look(station, parcel.parcel_id)
    assert (found.state, found.left_at, found.write_off_by) == ("stored", None, None)
    assert found.pickup_code != parcel.pickup_code
    assert kinds(station, parcel.parcel_id)[-1] == "found_again"


def test_a_parcel_found_without_an_owner_is_set_aside_and_still_said_to_be_found(station: Station) -> None:
    parcel = gone(station, "written_off", recipient=None, problem=Problem.NO_PHONE)
    with transaction():
        check_in_scans.take(station.clerk, "SHELF:2-1", clock.now())
        check_in_scans.take(station.clerk, parcel.waybill, clock.now())
        said = check_in_scans.answer(station.clerk, {"waybill": parcel.waybill, "aside": "yes"})
    assert said["parcel"]["id"] == str(parcel.parcel_id)
    assert "Found again" in check_in_words.headline(said)
    assert "Set aside" in check_in_words.headline(said)


def test_an_old_sticker_is_to_be_covered_by_a_new_one(station: Station) -> None:
    number = canonical_waybill(waybill())
    assert number
    store(station, waybill=f"SF19{number[4:]}")
    parcel = store(station, waybill=number)
    assert parcel.needs_sticker
    with transaction():
        handling.mark_lost(station.clerk, parcel.parcel_id, reason="not_found")
        check_in_scans.take(station.clerk, "SHELF:2-1", clock.now())
    with transaction():
        said = check_in_scans.take(station.clerk, number, clock.now())
    assert said["parcel"]["sticker"]
    assert "new sticker" in check_in_words.headline(said)


@pytest.mark.parametrize("state", GONE)
def test_a_carriers_batch_finds_it_too(station: Station, state: str) -> None:
    parcel, fresh, layer_id = gone(station, state), canonical_waybill(waybill()), station.layer("2")
    assert fresh
    delivered = [Delivered(number, layer_id) for number in (parcel.waybill, fresh)]
    with transaction():
        many = Arrivals(station.clerk)
        many.expect(delivered)
        found, new = [many.add(one) for one in delivered]
        many.write()
    assert found.parcel_id == parcel.parcel_id
    assert new.parcel_id != parcel.parcel_id


def test_a_waybill_that_came_again_after_a_write_off_is_a_parcel_of_its_own(station: Station) -> None:
    """It was written off, announced once more and collected: the next scan is no find."""
    parcel = gone(station, "written_off")
    with transaction():
        second = announce.announce(station.clerk, Announcement(parcel.waybill, "sf"))
    assert store(station, waybill=parcel.waybill).parcel_id == second
    with transaction():
        hand_over.hand_over(station.clerk, second, Taker())
    assert store(station, waybill=parcel.waybill).parcel_id not in (parcel.parcel_id, second)


@pytest.mark.parametrize("state", GONE)
def test_it_is_found_on_its_page(station: Station, state: str) -> None:
    person = recipient(station)
    parcel, there = gone(station, state, to=person), station.layer("3", 2)
    with transaction():
        found = handling.find_again(station.clerk, parcel.parcel_id, there)
    assert found.parcel_id == parcel.parcel_id
    assert found.pickup_code.startswith("3-2-")
    assert found.recipient == person
    assert found.is_told
    now = look(station, parcel.parcel_id)
    assert (now.state, now.layer_id, now.carrier, now.level) == ("stored", there, "sf", "none")
    with reading():
        assert events.story(station.id, parcel.parcel_id)[-1].data["was"] == state


def test_what_was_wrong_with_it_still_is(station: Station) -> None:
    damaged = gone(station, "lost", problem=Problem.DAMAGED)
    nobodys = gone(station, "lost", recipient=None)
    there = station.layer("3")
    for parcel in (damaged, nobodys):
        with transaction():
            handling.find_again(station.clerk, parcel.parcel_id, there)
    assert look(station, damaged.parcel_id).problem == "damaged"
    assert look(station, nobodys.parcel_id).problem == "no_phone"


def test_a_parcel_whose_waybill_came_in_again_is_not_found(station: Station) -> None:
    there = station.layer("3")
    act = handling.find_again
    here, left = gone(station, "written_off"), gone(station, "written_off")
    for parcel in (here, left):
        with transaction():
            announce.announce(station.clerk, Announcement(parcel.waybill, "sf"))
        assert refusal(act, station.clerk, parcel.parcel_id, there).code == "illegal_transition"
        store(station, waybill=parcel.waybill)
    assert refusal(act, station.clerk, here.parcel_id, there).code == "already_checked_in"
    with reading():
        second = intake.find_active(station.id, left.waybill)
    assert second
    with transaction():
        hand_over.hand_over(station.clerk, second.id, Taker())
    assert refusal(act, station.clerk, left.parcel_id, there).code == "illegal_transition"


def test_only_what_is_gone_is_found(station: Station) -> None:
    there, parcel = station.layer("3"), store(station)
    assert refusal(handling.find_again, station.clerk, parcel.parcel_id, there).code == "illegal_transition"


@pytest.mark.parametrize("state", GONE)
@pytest.mark.parametrize("is_announced", [False, True], ids=["came", "announced"])
def test_a_find_that_is_undone_leaves_it_lost(station: Station, state: str, is_announced: bool) -> None:
    """It was really here once: a slip of the scanner must not cancel it."""
    if is_announced:
        number = canonical_waybill(waybill())
        with transaction():
            announce.announce(station.clerk, Announcement(number or "", "sf"))
        parcel = store(station, waybill=number)
        with transaction():
            handling.mark_lost(station.clerk, parcel.parcel_id, reason="not_found")
    else:
        parcel = gone(station, state)
    batch_id = open_batch(station)
    store(station, waybill=parcel.waybill, batch_id=batch_id)
    with transaction():
        undo.undo_last(station.clerk, batch_id)
    assert look(station, parcel.parcel_id).state == "lost"
