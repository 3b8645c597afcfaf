"""Which use case performs each transition of a parcel's life: none is in the table without one."""

from collections.abc import Callable

import pytest

from station.carriers.detection import canonical_waybill
from station.core.db import reading, transaction
from station.events import queries as events
from station.parcels import announce, batches, hand_over, handling, parcel_queries, undo
from station.parcels.announce import Announcement
from station.parcels.hand_over import Taker
from station.parcels.lifecycle import BEGINNINGS, TRANSITIONS, Action, ParcelState, Problem
from tests.factories import Station, open_batch, store, waybill

S, A = ParcelState, Action
Act = Callable[[Station, int], object]


def fresh() -> str:
    number = canonical_waybill(waybill())
    assert number
    return number


def announced(station: Station, number: str) -> int:
    with transaction():
        return announce.announce(station.clerk, Announcement(number, "sf"))


def check_in(station: Station, parcel_id: int) -> None:
    with reading():
        number = parcel_queries.detail(station.id, parcel_id).waybill
    assert store(station, waybill=number, batch_id=open_batch(station)).parcel_id == parcel_id


def undo_last(station: Station, parcel_id: int) -> None:
    with transaction():
        batch = batches.current(station.clerk)
        assert batch
        assert undo.undo_last(station.clerk, batch.id).parcel_id == parcel_id


def by_clerk(act: Callable[..., object], *args: object, **kwargs: object) -> Act:
    def run(station: Station, parcel_id: int) -> None:
        with transaction():
            act(station.clerk, parcel_id, *args, **kwargs)

    return run


def move(station: Station, parcel_id: int) -> None:
    there = station.layer("2", 2)
    with transaction():
        handling.move(station.clerk, parcel_id, there)


def write_off(station: Station, parcel_id: int) -> None:
    with transaction():
        handling.ask_write_off(station.clerk, parcel_id, reason="destroyed")
        handling.confirm_write_off(station.manager, parcel_id)


def find_again(station: Station, parcel_id: int) -> None:
    there = station.layer("2", 2)
    with transaction():
        handling.find_again(station.clerk, parcel_id, there)


BY_STAFF: dict[Action, Act] = {
    A.MOVE: move,
    A.MARK_PROBLEM: by_clerk(handling.mark_problem, Problem.DAMAGED),
    A.CLEAR_PROBLEM: by_clerk(handling.clear_problem),
    A.HOLD: by_clerk(handling.hold, reason="complaint"),
    A.RELEASE_HOLD: by_clerk(handling.release_hold),
    A.MARK_LOST: by_clerk(handling.mark_lost, reason="not_found"),
    A.WRITE_OFF: write_off,
    A.FIND_AGAIN: find_again,
    A.WITHDRAW: by_clerk(handling.withdraw),
    A.CHECK_IN: check_in,
    A.UNDO_CHECK_IN: undo_last,
    A.UNDO_ANNOUNCED_CHECK_IN: undo_last,
    A.UNDO_FIND_AGAIN: undo_last,
    A.HAND_OVER: by_clerk(hand_over.hand_over, Taker()),
    A.UNDO_HAND_OVER: by_clerk(hand_over.undo_hand_over, reason="not_taken"),
    A.START_RETURN: by_clerk(handling.start_return, reason="refused"),
    A.CANCEL_RETURN: by_clerk(handling.cancel_return),
    A.RETURN_TO_CARRIER: by_clerk(handling.return_to_carrier),
    A.UNDO_RETURN_TO_CARRIER: by_clerk(handling.undo_return_to_carrier, reason="not_picked_up"),
}
"""The use case of each action on a parcel that is in the books."""

WAYS: dict[ParcelState, list[Action]] = {
    S.STORED: [],
    S.HANDED_OVER: [A.HAND_OVER],
    S.RETURNING: [A.START_RETURN],
    S.RETURNED: [A.START_RETURN, A.RETURN_TO_CARRIER],
    S.LOST: [A.MARK_LOST],
    S.WRITTEN_OFF: [A.WRITE_OFF],
}
"""How a parcel on the shelf comes to where a transition begins."""

# What was done right before: these take back one thing and no other.
AFTER = {
    A.UNDO_ANNOUNCED_CHECK_IN: [A.CHECK_IN],
    A.UNDO_FIND_AGAIN: [A.MARK_LOST, A.CHECK_IN],
    A.CLEAR_PROBLEM: [A.MARK_PROBLEM],
    A.RELEASE_HOLD: [A.HOLD],
}
ANNOUNCED = {A.UNDO_ANNOUNCED_CHECK_IN}
KINDS = {
    A.WITHDRAW: "withdrawn",
    A.FIND_AGAIN: "found_again",
    A.UNDO_RETURN_TO_CARRIER: "return_undone",
    A.UNDO_FIND_AGAIN: "check_in_undone",
}


def bring_to(station: Station, state: ParcelState, action: Action) -> int:
    if state is S.EXPECTED or action in ANNOUNCED:
        parcel_id = announced(station, fresh())
    else:
        parcel_id = store(station, waybill=fresh(), batch_id=open_batch(station)).parcel_id
    for before in [*WAYS.get(state, []), *AFTER.get(action, [])]:
        BY_STAFF[before](station, parcel_id)
    return parcel_id


def look(station: Station, parcel_id: int) -> tuple[ParcelState, str]:
    with reading():
        story = events.story(station.id, parcel_id)
        return ParcelState(parcel_queries.detail(station.id, parcel_id).state), story[-1].kind


@pytest.mark.parametrize(("state", "action"), TRANSITIONS, ids=str)
def test_every_transition_has_its_use_case_and_its_event(
    station: Station, state: ParcelState, action: Action
) -> None:
    parcel_id = bring_to(station, state, action)
    assert look(station, parcel_id)[0] is state
    with reading():
        before = len(events.story(station.id, parcel_id))
    BY_STAFF[action](station, parcel_id)
    came_to, kind = look(station, parcel_id)
    assert came_to is TRANSITIONS[state, action]
    assert kind == KINDS.get(action, kind)
    with reading():
        assert len(events.story(station.id, parcel_id)) > before


@pytest.mark.parametrize(("action", "state"), BEGINNINGS.items(), ids=str)
def test_every_beginning_has_its_use_case(station: Station, action: Action, state: ParcelState) -> None:
    begin = {
        A.ANNOUNCE: lambda: announced(station, fresh()),
        A.CHECK_IN: lambda: store(station, waybill=fresh()).parcel_id,
    }
    assert look(station, begin[action]())[0] is state
