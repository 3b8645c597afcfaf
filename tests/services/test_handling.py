"""What happens to a parcel on the shelf: problems, holds, moves, returns, loss, write-off; every refusal."""

from datetime import timedelta

import pytest

from station.carriers.detection import canonical_waybill
from station.core import clock
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.core.phones import parse
from station.events import outbox
from station.events import queries as events
from station.notices import service as notices
from station.parcels import announce, hand_over, handling, parcel_queries, solving, story
from station.parcels.announce import Announcement
from station.parcels.hand_over import Taker
from station.parcels.lifecycle import Problem
from station.parcels.parcel_queries import Detail
from station.shelves import queries as shelves
from tests.factories import Station, make_station, recipient, store, waybill


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


def stored_on(station: Station, layer_id: int) -> int:
    with reading():
        return shelves.layer(station.id, layer_id).stored


def test_a_problem_is_marked_once_and_solved(station: Station) -> None:
    parcel = store(station)
    for _ in range(2):
        with transaction():
            handling.mark_problem(station.clerk, parcel.parcel_id, Problem.DAMAGED)
    assert look(station, parcel.parcel_id).problem == "damaged"
    with transaction():
        handling.clear_problem(station.clerk, parcel.parcel_id)
    assert look(station, parcel.parcel_id).problem is None
    assert kinds(station, parcel.parcel_id) == ["checked_in", "problem_marked", "problem_cleared"]


@pytest.mark.parametrize(
    "act",
    [
        lambda actor, parcel_id: hand_over.hand_over(actor, parcel_id, Taker()),
        lambda actor, parcel_id: handling.start_return(actor, parcel_id, reason="refused"),
        lambda actor, parcel_id: handling.ask_write_off(actor, parcel_id, reason="destroyed"),
        handling.remind,
    ],
    ids=["hand_over", "start_return", "write_off", "remind"],
)
def test_a_held_parcel_does_not_leave(station: Station, act) -> None:
    parcel = store(station)
    with transaction():
        handling.hold(station.clerk, parcel.parcel_id, reason="complaint")
    assert refusal(act, station.clerk, parcel.parcel_id).code == "is_held"
    with transaction():
        handling.release_hold(station.clerk, parcel.parcel_id)
        act(station.clerk, parcel.parcel_id)


def test_a_move_gives_a_new_code_and_keeps_the_old_one_as_alias(station: Station) -> None:
    parcel, there = store(station), station.layer("2", 3)
    with transaction():
        place = handling.move(station.clerk, parcel.parcel_id, there)
    assert place.pickup_code.startswith("2-3-")
    with reading():
        codes = parcel_queries.codes_of(station.id, parcel.parcel_id)
    assert [code.released_at for code in codes] == [None, None]
    assert (stored_on(station, station.layer()), stored_on(station, there)) == (0, 1)


def test_a_move_to_a_full_row_is_refused_and_changes_nothing(station: Station) -> None:
    there = station.layer("2", 1)
    for _ in range(40):
        store(station, layer_id=there)
    parcel = store(station)
    assert refusal(handling.move, station.clerk, parcel.parcel_id, there).code == "shelf_full"
    assert look(station, parcel.parcel_id).pickup_code == parcel.pickup_code


def test_a_move_to_where_it_is_changes_nothing(station: Station) -> None:
    parcel, here = store(station), station.layer()
    with transaction():
        place = handling.move(station.clerk, parcel.parcel_id, here)
    assert place.is_same_code
    assert kinds(station, parcel.parcel_id) == ["checked_in"]


def test_a_return_is_begun_cancelled_begun_and_given_back(station: Station) -> None:
    parcel = store(station)
    with transaction():
        handling.start_return(station.clerk, parcel.parcel_id, reason="refused")
        handling.cancel_return(station.clerk, parcel.parcel_id)
        handling.start_return(station.clerk, parcel.parcel_id, reason="refused")
        handling.return_to_carrier(station.clerk, parcel.parcel_id)
    assert look(station, parcel.parcel_id).state == "returned"
    assert stored_on(station, station.layer()) == 0
    assert refusal(handling.return_to_carrier, station.clerk, parcel.parcel_id).code == "illegal_transition"


def test_a_write_off_needs_a_second_person(station: Station) -> None:
    parcel = store(station)
    assert refusal(handling.confirm_write_off, station.clerk, parcel.parcel_id).code == "second_person_needed"
    with transaction():
        handling.ask_write_off(station.clerk, parcel.parcel_id, reason="destroyed")
    assert refusal(handling.confirm_write_off, station.clerk, parcel.parcel_id).code == "second_person_needed"
    with transaction():
        handling.confirm_write_off(station.manager, parcel.parcel_id)
    assert look(station, parcel.parcel_id).state == "written_off"


def test_a_refused_write_off_leaves_the_parcel(station: Station) -> None:
    parcel = store(station)
    with transaction():
        handling.ask_write_off(station.clerk, parcel.parcel_id, reason="destroyed")
        handling.refuse_write_off(station.manager, parcel.parcel_id)
    assert look(station, parcel.parcel_id).write_off_by is None
    assert (
        refusal(handling.confirm_write_off, station.manager, parcel.parcel_id).code == "second_person_needed"
    )


def test_a_lost_parcel_is_found_by_checking_it_in_again(station: Station) -> None:
    parcel = store(station)
    with transaction():
        handling.mark_lost(station.clerk, parcel.parcel_id, reason="not_found")
    again = store(station, waybill=parcel.waybill)
    assert again.parcel_id == parcel.parcel_id
    assert kinds(station, parcel.parcel_id)[-1] == "found_again"


def test_a_reminder_without_a_phone_is_refused(station: Station) -> None:
    parcel = store(station, recipient=None, problem=Problem.NO_PHONE)
    assert refusal(handling.remind, station.clerk, parcel.parcel_id).code == "bad_input"


def test_a_phone_given_later_solves_the_problem(station: Station) -> None:
    parcel, phone = store(station, recipient=None, problem=Problem.NO_PHONE), parse("13912340000")
    assert phone
    with transaction():
        solving.give_phone(station.clerk, parcel.parcel_id, phone, name="王芳")
    found = look(station, parcel.parcel_id)
    assert (found.problem, found.phone_tail, found.name_masked) == (None, "0000", "王**")


def test_a_carrier_chosen_later_solves_the_problem(station: Station) -> None:
    parcel = store(station, carrier=None, problem=Problem.UNKNOWN_CARRIER)
    assert refusal(solving.choose_carrier, station.clerk, parcel.parcel_id, "nobody").code == "bad_input"
    with transaction():
        solving.choose_carrier(station.clerk, parcel.parcel_id, "zto")
    found = look(station, parcel.parcel_id)
    assert (found.carrier, found.problem) == ("zto", None)


def test_a_place_given_later_solves_the_problem(station: Station) -> None:
    parcel, there = store(station, problem=Problem.NO_PLACE), station.layer("2")
    with transaction():
        place = solving.move(station.clerk, parcel.parcel_id, there)
    found = look(station, parcel.parcel_id)
    assert (found.problem, found.pickup_code) == (None, place.pickup_code)


@pytest.mark.parametrize(
    ("choice", "basis", "problem"),
    [
        ("station", "this_parcel", None),
        ("always", "standing", None),
        ("door", "unknown", "door_wanted"),
        ("locker", "unknown", "ask"),
    ],
)
def test_a_consent_given_later_is_the_parcels_basis(station: Station, choice, basis, problem) -> None:
    parcel = store(station, problem=Problem.ASK)
    with transaction():
        solving.record_consent(station.clerk, parcel.parcel_id, choice=choice, how="phone_call")
    found = look(station, parcel.parcel_id)
    assert (found.consent_basis, found.problem) == (basis, problem)


def test_a_consent_nobody_can_have_given_is_refused(station: Station) -> None:
    parcel = store(station, recipient=None, problem=Problem.NO_PHONE)
    act = solving.record_consent
    assert (
        refusal(act, station.clerk, parcel.parcel_id, choice="station", how="in_person").code == "bad_input"
    )
    known = store(station)
    assert refusal(act, station.clerk, known.parcel_id, choice="maybe", how="in_person").code == "bad_input"
    assert look(station, known.parcel_id).consent_basis == "unknown"


def test_looking_behind_the_mask_is_part_of_the_story(station: Station) -> None:
    person = recipient(station)
    parcel = store(station, to=person)
    with transaction():
        assert story.unmask(station.clerk, parcel.parcel_id, reason="call") == person.id
    with reading():
        event = events.story(station.id, parcel.parcel_id)[-1]
    assert (event.kind, event.data) == (
        "personal_data_shown",
        {"fields": ["name", "phone"], "reason": "call"},
    )
    unknown = store(station, recipient=None, problem=Problem.NO_PHONE)
    assert refusal(story.unmask, station.clerk, unknown.parcel_id, reason="call").code == "bad_input"


def test_an_undo_gives_way_to_the_same_waybill_announced_again(station: Station) -> None:
    number = canonical_waybill(waybill())
    assert number
    parcel = store(station, waybill=number)
    with transaction():
        hand_over.hand_over(station.clerk, parcel.parcel_id, Taker())
        announce.announce(station.clerk, Announcement(number, "sf"))
    act = hand_over.undo_hand_over
    assert refusal(act, station.clerk, parcel.parcel_id, reason="not_taken").code == "illegal_transition"


@pytest.mark.parametrize(
    "act",
    [
        handling.clear_problem,
        handling.release_hold,
        handling.remind,
        handling.cancel_return,
        handling.return_to_carrier,
        handling.confirm_write_off,
        handling.refuse_write_off,
        lambda actor, parcel_id: handling.mark_problem(actor, parcel_id, Problem.REFUSED),
        lambda actor, parcel_id: solving.choose_carrier(actor, parcel_id, "sf"),
        lambda actor, parcel_id: story.unmask(actor, parcel_id, reason="call"),
        lambda actor, parcel_id: hand_over.undo_hand_over(actor, parcel_id, reason="not_taken"),
    ],
)
def test_another_stations_parcel_does_not_exist_here(station: Station, act) -> None:
    theirs = store(make_station("Elm Yard"))
    assert refusal(act, station.clerk, theirs.parcel_id).code == "not_found"


@pytest.mark.parametrize(
    "act",
    [
        handling.clear_problem,
        handling.cancel_return,
        handling.mark_problem,
        handling.move,
        solving.choose_carrier,
    ],
)
def test_a_parcel_that_left_is_not_handled_any_more(station: Station, act) -> None:
    parcel = store(station)
    with transaction():
        hand_over.hand_over(station.clerk, parcel.parcel_id, Taker())
    more = {handling.mark_problem: [Problem.DAMAGED], handling.move: [1], solving.choose_carrier: ["sf"]}
    found = refusal(act, station.clerk, parcel.parcel_id, *more.get(act, []))
    assert found.code == "illegal_transition"


def test_a_return_keeps_the_storage_clock(station: Station) -> None:
    start = clock.now()
    with clock.use(lambda: start):
        parcel = store(station)
    with clock.use(lambda: start + timedelta(hours=30)), transaction():
        handling.start_return(station.clerk, parcel.parcel_id, reason="refused")
        handling.cancel_return(station.clerk, parcel.parcel_id)
    assert look(station, parcel.parcel_id).stored_at == start


def told(station: Station, parcel_id: int) -> list[tuple[int, str]]:
    """Return for whom messages about a parcel would go out now, and on which topic."""
    sent, later = [], clock.now() + timedelta(hours=1)
    with clock.use(lambda: later), transaction():
        while claimed := outbox.claim_next(station.id, clock.now()):
            if notices.prepare(claimed, clock.now()):
                sent.append((claimed.recipient_id, claimed.topic))
            outbox.mark_sent(claimed, channel="test", body="")
    return sent


def test_a_parcel_given_to_another_person_is_not_told_to_the_first(station: Station) -> None:
    parcel = store(station, to=recipient(station))
    other = recipient(station, "13900001111", "王芳")
    with transaction():
        handling.assign_recipient(station.clerk, parcel.parcel_id, other.id)
    assert told(station, parcel.parcel_id) == [(other.id, "stored")]


def test_a_message_that_failed_once_is_not_tried_again_for_the_wrong_person(station: Station) -> None:
    first, other = recipient(station), recipient(station, "13900001111", "王芳")
    parcel = store(station, to=first)
    with transaction():
        claimed = outbox.claim_next(station.id, clock.now() + timedelta(minutes=5))
        assert claimed is not None
        outbox.put_back(claimed, failure="no_answer")
        handling.assign_recipient(station.clerk, parcel.parcel_id, other.id)
    assert (first.id, "stored") not in told(station, parcel.parcel_id)


def test_who_was_told_of_another_s_parcel_is_told_to_ignore_it(station: Station) -> None:
    first, other = recipient(station), recipient(station, "13900001111", "王芳")
    parcel = store(station, to=first)
    told(station, parcel.parcel_id)
    with transaction():
        handling.assign_recipient(station.clerk, parcel.parcel_id, other.id)
    assert sorted(told(station, parcel.parcel_id)) == sorted([(first.id, "undone"), (other.id, "stored")])


def test_a_recipient_of_another_station_is_refused(station: Station) -> None:
    parcel, stranger = store(station), recipient(make_station("Elsewhere"))
    refused = refusal(handling.assign_recipient, station.clerk, parcel.parcel_id, stranger.id)
    assert refused.code == "not_found"


def test_a_solved_problem_of_a_parcel_on_its_way_back_is_not_told(station: Station) -> None:
    parcel = store(station, problem=Problem.REFUSED)
    with transaction():
        handling.start_return(station.clerk, parcel.parcel_id, reason="refused")
        handling.clear_problem(station.clerk, parcel.parcel_id)
    assert told(station, parcel.parcel_id) == []


def test_a_parcel_that_is_found_again_has_not_left_and_is_not_to_be_written_off(station: Station) -> None:
    parcel = store(station)
    with transaction():
        handling.mark_lost(station.clerk, parcel.parcel_id, reason="not_found")
        handling.ask_write_off(station.clerk, parcel.parcel_id, reason="not_found")
    store(station, waybill=parcel.waybill)
    found = look(station, parcel.parcel_id)
    assert (found.state, found.left_at, found.write_off_by) == ("stored", None, None)
