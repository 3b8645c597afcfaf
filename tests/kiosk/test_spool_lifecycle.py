"""The table of an intent's life: every state has its way in and, unless it is settled, its way out."""

import pytest

from kiosk.spool import lifecycle
from kiosk.spool.lifecycle import (
    INTERRUPTIBLE,
    NEVER_OPENED,
    OPENING,
    OWED,
    SETTLED,
    TABLE,
    UNFINISHED,
    Action,
    IllegalError,
    State,
    after,
)


def test_settled_are_those_without_a_way_out():
    assert {state for state, _ in TABLE} == set(State) - SETTLED


def test_every_state_but_the_first_can_be_reached():
    reached, before = {State.WRITTEN}, set()
    while reached != before:
        before = set(reached)
        reached |= {target for (state, _), target in TABLE.items() if state in before}
    assert reached == set(State)


def test_every_action_is_used():
    assert {action for _, action in TABLE} == set(Action)


def test_door_opens_only_after_a_yes_that_is_written_down():
    opened = {state for (state, action) in TABLE if action is Action.OPEN}

    assert opened == OPENING == {State.ACCEPTED, State.ALLOWED_OFFLINE}


def test_yes_comes_only_from_the_station_or_the_offline_rules():
    ways_in = {(state, action) for (state, action), target in TABLE.items() if target in OPENING}

    assert {action for _, action in ways_in} == {Action.ACCEPT, Action.ALLOW}
    assert {state for state, _ in ways_in} == {State.WRITTEN, State.POSTED}


def test_interruption_never_leads_to_opening():
    for state in INTERRUPTIBLE:
        assert after(state, Action.INTERRUPT) not in OPENING


def test_what_opened_offline_leaves_only_by_telling_the_station():
    for state in OWED:
        assert {action for at, action in TABLE if at is state} == {Action.REPLAY, Action.CONFLICT}


def test_unfinished_ones_are_settled_by_staff_or_as_a_conflict():
    leaving = {(state, action) for state, action in TABLE if state in UNFINISHED}

    assert {action for _, action in leaving} == {Action.REPLAY, Action.CONFLICT, Action.SETTLE}


def test_nothing_opened_where_no_yes_was_written():
    assert NEVER_OPENED.isdisjoint(
        OPENING | OWED | UNFINISHED | {State.OPENED, State.REPLAYED, State.CONFLICTED}
    )


@pytest.mark.parametrize("state", sorted(SETTLED))
@pytest.mark.parametrize("action", sorted(Action))
def test_nothing_becomes_of_what_is_settled(state, action):
    with pytest.raises(IllegalError):
        after(state, action)


def test_table_is_all_that_is_asked():
    for (state, action), target in lifecycle.TABLE.items():
        assert after(state, action) is target
