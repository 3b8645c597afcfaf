"""The table of a parcel's life."""

import itertools

import pytest

from station.parcels.lifecycle import (
    ACTIVE,
    BEGINNINGS,
    FINAL,
    ON_SHELF,
    STOPPED_BY_HOLD,
    TRANSITIONS,
    Action,
    IllegalTransition,
    ParcelState,
    begin,
    can,
    step,
)
from tests.diagrams import draw

PAIRS = list(itertools.product(ParcelState, Action))
CORRECTIONS = {
    (ParcelState.HANDED_OVER, Action.UNDO_HAND_OVER),
    (ParcelState.RETURNED, Action.UNDO_RETURN_TO_CARRIER),
    (ParcelState.WRITTEN_OFF, Action.FIND_AGAIN),
}


@pytest.mark.parametrize(("state", "action"), PAIRS)
def test_step_follows_the_table_or_refuses(state, action):
    if (state, action) in TRANSITIONS:
        assert can(state, action)
        assert step(state, action) is TRANSITIONS[state, action]
        return
    assert not can(state, action)
    with pytest.raises(IllegalTransition) as refusal:
        step(state, action)
    assert (refusal.value.state, refusal.value.action) == (state, action)


@pytest.mark.parametrize("action", Action)
def test_begin_knows_only_the_two_beginnings(action):
    if action in {Action.ANNOUNCE, Action.CHECK_IN}:
        assert begin(action) is BEGINNINGS[action]
        return
    with pytest.raises(IllegalTransition, match="the beginning"):
        begin(action)


def test_every_state_is_reached_from_a_beginning():
    reached = set(BEGINNINGS.values())
    for _ in ParcelState:
        reached |= {target for (state, _), target in TRANSITIONS.items() if state in reached}

    assert reached == set(ParcelState)


def test_every_action_is_used():
    used = set(BEGINNINGS) | {action for _, action in TRANSITIONS}

    assert used == set(Action)


def test_final_states_are_left_only_by_the_listed_corrections():
    exits = {pair for pair in TRANSITIONS if pair[0] in FINAL}

    assert exits == CORRECTIONS


def test_every_active_state_can_come_to_an_end():
    ending = set(FINAL)
    for _ in ParcelState:
        ending |= {state for (state, _), target in TRANSITIONS.items() if target in ending}

    assert ending >= ACTIVE


def test_parcels_on_a_shelf_are_active():
    assert ON_SHELF < ACTIVE


def test_hand_over_happens_only_from_the_shelf_and_not_twice():
    sources = {state for state, action in TRANSITIONS if action is Action.HAND_OVER}

    assert sources == {ParcelState.STORED}


def test_hold_stops_every_action_by_which_a_parcel_leaves_for_good():
    leaving = {
        action
        for (state, action), target in TRANSITIONS.items()
        if state in ON_SHELF and target in FINAL - {ParcelState.CANCELLED}
    }

    assert leaving <= STOPPED_BY_HOLD


def test_the_drawing_shows_every_transition():
    ends = [state for state in ParcelState if state in FINAL]
    lines = draw(TRANSITIONS, beginnings=BEGINNINGS, ends=ends).splitlines()

    assert lines[0] == "stateDiagram-v2"
    assert "    [*] --> expected: announce" in lines
    assert "    stored --> handed_over: hand_over" in lines
    assert "    stored --> stored: move, mark_problem, clear_problem, hold, release_hold" in lines
    assert "    cancelled --> [*]" in lines
    drawn = sum(len(line.split(": ")[1].split(", ")) for line in lines if ": " in line)
    assert drawn == len(TRANSITIONS) + len(BEGINNINGS)
