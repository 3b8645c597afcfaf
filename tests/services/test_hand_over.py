"""The hand-over desk: whom a search means, what waits for them, and every refusal of a parcel under the scanner."""

import re
from datetime import timedelta

import pytest

from station.core.db import reading, transaction
from station.core.errors import StationError
from station.core.i18n import speaking
from station.core.phones import parse
from station.parcels import (
    announce,
    desk,
    desk_queries,
    hand_over,
    handling,
    parcel_queries,
    queries,
    search,
    telling,
    undo,
)
from station.parcels.desk_queries import Found, Person
from station.parcels.hand_over import HandedOver, Taker
from station.parcels.lifecycle import ParcelState, Problem
from tests.factories import Station, make_station, open_batch, recipient, store, waybill


def find(station: Station, text: str) -> Found:
    with reading():
        return desk_queries.find(queries.clock_of(station.id), search.interpret(text))


def serve(station: Station, key: str) -> Person | None:
    with reading():
        return desk_queries.serve(queries.clock_of(station.id), key)


def scan(station: Station, key: str, raw: str, *, taker: Taker | None = None) -> HandedOver:
    with transaction():
        return desk.scan(station.clerk, key, raw, taker=taker or Taker())


def refused(station: Station, key: str, raw: str) -> StationError:
    with pytest.raises(StationError) as caught:
        scan(station, key, raw)
    return caught.value


def test_one_parcel_brings_all_that_waits_at_its_phone_in_shelf_order(station: Station) -> None:
    mother, son = recipient(station, name="陈晓明"), recipient(station, name="陈小宝")
    last = store(station, to=mother, layer_id=station.layer("3"))
    first = store(station, to=son)
    store(station, to=recipient(station, "13900001111", "王芳"))
    (person,) = find(station, first.pickup_code).people
    assert [one.id for one in person.parcels] == [first.parcel_id, last.parcel_id]
    assert person.names == ("陈**",)
    assert person.phone_tail == "4068"


@pytest.mark.parametrize(
    "spelling", ["{code}", "{spaced}", "4068", "13812344068", "陈", "{waybill}", "{end}"]
)
def test_every_reading_finds_the_person(station: Station, spelling: str) -> None:
    parcel = store(station)
    text = spelling.format(
        code=parcel.pickup_code,
        spaced=parcel.pickup_code.replace("-", " – "),
        waybill=parcel.waybill.lower(),
        end=parcel.waybill[-4:],
    )
    (person,) = find(station, text).people
    assert [one.id for one in person.parcels] == [parcel.parcel_id]


def test_a_privacy_number_and_its_extension_find_the_person(station: Station) -> None:
    parcel = store(station, to=recipient(station, "17012345678,8462"))
    for text in ("17012345678,8462", "8462"):
        (person,) = find(station, text).people
        assert person.parcels[0].id == parcel.parcel_id
        assert (person.phone_kind, person.phone_tail) == ("privacy", "8462")


def test_an_old_code_finds_its_parcel_after_a_move(station: Station) -> None:
    parcel, there = store(station), station.layer("2")
    with transaction():
        moved = handling.move(station.clerk, parcel.parcel_id, there)
    for code in (parcel.pickup_code, moved.pickup_code):
        (person,) = find(station, code).people
        assert person.parcels[0].pickup_code == moved.pickup_code


def test_two_people_with_one_tail_are_two_to_choose_from(station: Station) -> None:
    store(station, to=recipient(station, "13812344068", "陈晓明"))
    store(station, to=recipient(station, "13912344068", "王芳"))
    found = find(station, "4068")
    assert sorted(person.names for person in found.people) == [("王**",), ("陈**",)]


def test_more_people_than_digits_are_cut_and_said(station: Station) -> None:
    for number in range(desk_queries.CHOICES + 1):
        store(station, to=recipient(station, f"139{number:04d}4068", "王芳"))
    found = find(station, "4068")
    assert found.is_cut
    assert len(found.people) == desk_queries.CHOICES


def test_a_parcel_without_a_phone_stands_alone(station: Station) -> None:
    first = store(station, recipient=None, problem=Problem.NO_PHONE)
    second = store(station, recipient=None, problem=Problem.NO_PHONE)
    (person,) = find(station, first.waybill).people
    assert person.key == f"p{first.parcel_id}"
    assert refused(station, person.key, second.waybill).code == "not_your_parcel"
    assert scan(station, person.key, first.waybill).parcel_id == first.parcel_id


def test_parcels_leave_one_by_one_and_the_others_stay(station: Station) -> None:
    first, second = store(station), store(station)
    (person,) = find(station, first.pickup_code).people
    scan(station, person.key, first.waybill)
    left = serve(station, person.key)
    assert left
    assert [one.id for one in left.parcels] == [second.parcel_id]
    scan(station, person.key, second.waybill)
    assert serve(station, person.key) is None


def test_a_strangers_parcel_is_refused_without_a_name(station: Station) -> None:
    mine = store(station)
    theirs = store(station, to=recipient(station, "13900001111", "王芳"))
    (person,) = find(station, mine.pickup_code).people
    error = refused(station, person.key, theirs.waybill)
    assert error.code == "not_your_parcel"
    assert "王" not in error.message
    assert set(error.facts) == {"parcel_id"}


def test_a_second_hand_over_says_when_how_and_by_whom(station: Station) -> None:
    parcel, other = store(station), store(station)
    (person,) = find(station, parcel.pickup_code).people
    left = scan(station, person.key, parcel.waybill, taker=Taker(proxy_name="李雷"))
    error = refused(station, person.key, parcel.waybill)
    assert error.code == "already_handed_over"
    assert error.facts["at"] == left.at.isoformat()
    assert (error.facts["method"], error.facts["taken_by"]) == ("counter", "proxy")
    assert error.facts["handed_by"] == station.clerk.key
    assert re.fullmatch(
        "This parcel has left the station already. "
        r"Clerk handed it at the counter on \d+ \w+ \d\d:\d\d to somebody collecting for the recipient.",
        error.message,
    )
    with speaking("zh"):
        chinese = refused(station, person.key, parcel.waybill).message
    assert re.fullmatch(r"这件包裹已经出库。\d+月\d+日 \d\d:\d\d 由Clerk在柜台交给代取人。", chinese)
    assert serve(station, person.key).parcels[0].id == other.parcel_id


def test_every_way_to_leave_and_every_state_has_its_sentence() -> None:
    ways = {(method, taken_by) for method in hand_over.METHODS for taken_by in ("recipient", "proxy")}
    assert set(telling.HANDED_OVER) == ways
    assert set(telling.TURNS) == set(ParcelState) - {ParcelState.STORED, ParcelState.HANDED_OVER}


def test_a_search_for_what_left_tells_how_it_left(station: Station) -> None:
    parcel = store(station)
    (person,) = find(station, parcel.pickup_code).people
    scan(station, person.key, parcel.waybill)
    found = find(station, parcel.pickup_code)
    assert found.people == ()
    assert [one.parcel_id for one in found.left] == [parcel.parcel_id]


def test_a_parcel_on_hold_stays(station: Station) -> None:
    parcel = store(station)
    with transaction():
        handling.hold(station.clerk, parcel.parcel_id, reason="complaint")
    (person,) = find(station, parcel.pickup_code).people
    assert person.takeable == ()
    assert refused(station, person.key, parcel.waybill).code == "is_held"


def lose(station: Station, parcel_id: int) -> None:
    handling.mark_lost(station.clerk, parcel_id, reason="not_found")


def go_back(station: Station, parcel_id: int) -> None:
    handling.start_return(station.clerk, parcel_id, reason="refused")


def give_back(station: Station, parcel_id: int) -> None:
    go_back(station, parcel_id)
    handling.return_to_carrier(station.clerk, parcel_id)


def write_off(station: Station, parcel_id: int) -> None:
    handling.ask_write_off(station.clerk, parcel_id, reason="destroyed")
    handling.confirm_write_off(station.manager, parcel_id)


ENDS = [
    (
        go_back,
        "returning",
        "Clerk began its return to the carrier on",
        "Cancel the return on its page first.",
    ),
    (give_back, "returned", "Clerk gave it back to the carrier on", "If it is here, check it in again."),
    (lose, "lost", "Clerk marked it as lost on", "If it is here, check it in again."),
    (write_off, "written_off", "Manager wrote it off on", "If it is here, check it in again."),
]


@pytest.mark.parametrize(("end", "state", "happened", "to_do"), ENDS, ids=[one[1] for one in ENDS])
def test_every_end_says_what_happened_when_and_what_to_do(
    station: Station, end, state: str, happened: str, to_do: str
) -> None:
    parcel = store(station)
    (person,) = find(station, parcel.pickup_code).people
    with transaction():
        end(station, parcel.parcel_id)
    for error in (refused(station, person.key, parcel.waybill), refused_directly(station, parcel.parcel_id)):
        assert error.code == "illegal_transition"
        assert re.search(rf"{happened} \d+ \w+ \d\d:\d\d\.", error.message)
        assert to_do in error.message
        assert error.facts == {"state": state, "parcel_id": str(parcel.parcel_id)}


def refused_directly(station: Station, parcel_id: int) -> StationError:
    with pytest.raises(StationError) as caught, transaction():
        hand_over.hand_over(station.clerk, parcel_id, Taker())
    return caught.value


def test_a_parcel_whose_check_in_was_undone_says_what_to_do(station: Station) -> None:
    batch_id = open_batch(station)
    store(station)
    parcel = store(station, batch_id=batch_id)
    with transaction():
        undo.undo_last(station.clerk, batch_id)
    (person,) = find(station, "4068").people
    message = refused(station, person.key, parcel.waybill).message
    assert re.fullmatch(r"Clerk undid its check-in on \d+ \w+ \d\d:\d\d\. Check it in first\.", message)


def test_a_parcel_that_is_only_announced_says_since_when(station: Station) -> None:
    mine, number = store(station), waybill()
    said = announce.Announcement(number, "sf", phone=parse("13812344068"), name="陈晓明")
    with transaction():
        announce.announce(station.clerk, said)
    (person,) = find(station, mine.pickup_code).people
    message = refused(station, person.key, number).message
    assert re.fullmatch(
        r"It was announced on \d+ \w+ \d\d:\d\d and is not checked in yet\. Check it in first\.", message
    )


def test_a_search_tells_what_became_of_a_parcel_that_never_was_collected(station: Station) -> None:
    parcel = store(station)
    with transaction():
        give_back(station, parcel.parcel_id)
    found = find(station, parcel.waybill)
    assert (found.people, found.left) == ((), ())
    assert [(one.parcel_id, one.state) for one in found.gone] == [(parcel.parcel_id, "returned")]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("SF1999999999999", "not_found"),
        ("hello", "waybill_malformed"),
        ("", "waybill_malformed"),
        ("SF1234567890123SF1234567890124", "two_scans_glued"),
        ("\x00\x1b[2J", "waybill_malformed"),
        ("包" * 5000, "waybill_malformed"),
    ],
)
def test_what_is_no_waybill_of_ours_is_refused(station: Station, raw: str, code: str) -> None:
    parcel = store(station)
    (person,) = find(station, parcel.pickup_code).people
    assert refused(station, person.key, raw).code == code


@pytest.mark.parametrize("key", ["", "r", "r0", "x1", "r-1", "r99999999999999999999", "p²", "r1; drop"])
def test_a_key_that_is_none_serves_nobody(station: Station, key: str) -> None:
    parcel = store(station)
    assert serve(station, key) is None
    assert refused(station, key, parcel.waybill).code == "not_your_parcel"


def test_another_stations_people_and_parcels_do_not_exist_here(station: Station) -> None:
    elsewhere = make_station("Elm Yard")
    theirs, mine = store(elsewhere), store(station)
    (person,) = find(station, mine.pickup_code).people
    (stranger,) = find(elsewhere, theirs.pickup_code).people
    assert find(station, theirs.waybill) == Found((), ())
    assert serve(station, stranger.key) is None
    assert refused(station, person.key, theirs.waybill).code == "not_found"
    with pytest.raises(StationError) as caught, transaction():
        desk.take(station.clerk, person.key, theirs.parcel_id, taker=Taker())
    assert caught.value.code == "not_found"


def test_an_undone_hand_over_brings_code_and_place_back(station: Station) -> None:
    parcel = store(station)
    (person,) = find(station, parcel.pickup_code).people
    scan(station, person.key, parcel.waybill)
    with reading():
        lately = parcel_queries.handed_lately(station.id, station.clerk.key, within=timedelta(days=1))
    assert [one.parcel_id for one in lately] == [parcel.parcel_id]
    with transaction():
        restored = hand_over.undo_hand_over(station.clerk, parcel.parcel_id, reason="wrong_parcel")
    assert restored.is_same_code
    assert serve(station, person.key).parcels[0].pickup_code == parcel.pickup_code
    with reading():
        assert parcel_queries.handed_lately(station.id, station.clerk.key, within=timedelta(days=1)) == []


def test_an_undo_of_what_never_left_is_refused(station: Station) -> None:
    parcel = store(station)
    with pytest.raises(StationError, match="not possible any more"), transaction():
        hand_over.undo_hand_over(station.clerk, parcel.parcel_id, reason="wrong_parcel")


def test_a_code_given_away_meanwhile_is_not_taken_back(station: Station) -> None:
    number = waybill()
    parcel = store(station, waybill=number)
    with transaction():
        hand_over.hand_over(station.clerk, parcel.parcel_id, Taker())
        hand_over.undo_hand_over(station.clerk, parcel.parcel_id, reason="not_taken")
        hand_over.hand_over(station.clerk, parcel.parcel_id, Taker())
    again = store(station, waybill=number)
    with pytest.raises(StationError) as caught, transaction():
        hand_over.undo_hand_over(station.clerk, parcel.parcel_id, reason="not_taken")
    assert caught.value.code == "already_checked_in"
    assert caught.value.facts["parcel_id"] == str(again.parcel_id)
