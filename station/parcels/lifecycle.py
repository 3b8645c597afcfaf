"""The life of a parcel as one table of data.

Responsible for which action is possible in which state and where it leads. Not responsible for what
lies beside the state (overdue level, problem, hold, place), nor for who may act.
"""

from enum import StrEnum


class ParcelState(StrEnum):
    """Where a parcel stands in its life."""

    EXPECTED = "expected"  # announced by a carrier, not here yet
    STORED = "stored"
    HANDED_OVER = "handed_over"
    RETURNING = "returning"  # picked for the carrier, still on a shelf
    RETURNED = "returned"
    LOST = "lost"  # searched for and not found, still the station's to answer for
    WRITTEN_OFF = "written_off"
    CANCELLED = "cancelled"  # never really here: an undone check-in or a withdrawn announcement


class Action(StrEnum):
    """What can be done to a parcel."""

    ANNOUNCE = "announce"
    WITHDRAW = "withdraw"
    CHECK_IN = "check_in"
    UNDO_CHECK_IN = "undo_check_in"
    UNDO_ANNOUNCED_CHECK_IN = "undo_announced_check_in"
    MOVE = "move"
    MARK_PROBLEM = "mark_problem"
    CLEAR_PROBLEM = "clear_problem"
    HOLD = "hold"
    RELEASE_HOLD = "release_hold"
    HAND_OVER = "hand_over"
    UNDO_HAND_OVER = "undo_hand_over"
    START_RETURN = "start_return"
    CANCEL_RETURN = "cancel_return"
    RETURN_TO_CARRIER = "return_to_carrier"
    UNDO_RETURN_TO_CARRIER = "undo_return_to_carrier"
    MARK_LOST = "mark_lost"
    FIND_AGAIN = "find_again"
    UNDO_FIND_AGAIN = "undo_find_again"
    WRITE_OFF = "write_off"


class Problem(StrEnum):
    """Why a parcel is set aside."""

    DAMAGED = "damaged"
    WRONG_STATION = "wrong_station"
    REFUSED = "refused"
    NO_PHONE = "no_phone"
    UNKNOWN_CARRIER = "unknown_carrier"
    DOOR_WANTED = "door_wanted"
    ASK = "ask"
    NO_PLACE = "no_place"


class ConsentBasis(StrEnum):
    """On what a parcel was accepted (快递市场管理办法 art. 28; DESIGN.md 5)."""

    STANDING = "standing"
    THIS_PARCEL = "this_parcel"
    DECLARED_BY_COURIER = "declared_by_courier"
    UNKNOWN = "unknown"


BEGINNINGS: dict[Action, ParcelState] = {
    Action.ANNOUNCE: ParcelState.EXPECTED,
    Action.CHECK_IN: ParcelState.STORED,
}
"""How a parcel comes into the books."""

TRANSITIONS: dict[tuple[ParcelState, Action], ParcelState] = {
    (ParcelState.EXPECTED, Action.CHECK_IN): ParcelState.STORED,
    (ParcelState.EXPECTED, Action.WITHDRAW): ParcelState.CANCELLED,
    (ParcelState.STORED, Action.UNDO_CHECK_IN): ParcelState.CANCELLED,
    (ParcelState.STORED, Action.UNDO_ANNOUNCED_CHECK_IN): ParcelState.EXPECTED,
    (ParcelState.STORED, Action.UNDO_FIND_AGAIN): ParcelState.LOST,
    (ParcelState.STORED, Action.MOVE): ParcelState.STORED,
    (ParcelState.STORED, Action.MARK_PROBLEM): ParcelState.STORED,
    (ParcelState.STORED, Action.CLEAR_PROBLEM): ParcelState.STORED,
    (ParcelState.STORED, Action.HOLD): ParcelState.STORED,
    (ParcelState.STORED, Action.RELEASE_HOLD): ParcelState.STORED,
    (ParcelState.STORED, Action.HAND_OVER): ParcelState.HANDED_OVER,
    (ParcelState.STORED, Action.START_RETURN): ParcelState.RETURNING,
    (ParcelState.STORED, Action.MARK_LOST): ParcelState.LOST,
    (ParcelState.STORED, Action.WRITE_OFF): ParcelState.WRITTEN_OFF,
    (ParcelState.HANDED_OVER, Action.UNDO_HAND_OVER): ParcelState.STORED,
    (ParcelState.RETURNING, Action.MOVE): ParcelState.RETURNING,
    (ParcelState.RETURNING, Action.MARK_PROBLEM): ParcelState.RETURNING,
    (ParcelState.RETURNING, Action.CLEAR_PROBLEM): ParcelState.RETURNING,
    (ParcelState.RETURNING, Action.HOLD): ParcelState.RETURNING,
    (ParcelState.RETURNING, Action.RELEASE_HOLD): ParcelState.RETURNING,
    (ParcelState.RETURNING, Action.CANCEL_RETURN): ParcelState.STORED,
    (ParcelState.RETURNING, Action.RETURN_TO_CARRIER): ParcelState.RETURNED,
    (ParcelState.RETURNING, Action.MARK_LOST): ParcelState.LOST,
    (ParcelState.RETURNING, Action.WRITE_OFF): ParcelState.WRITTEN_OFF,
    (ParcelState.RETURNED, Action.UNDO_RETURN_TO_CARRIER): ParcelState.RETURNING,
    (ParcelState.LOST, Action.FIND_AGAIN): ParcelState.STORED,
    (ParcelState.LOST, Action.WRITE_OFF): ParcelState.WRITTEN_OFF,
    (ParcelState.WRITTEN_OFF, Action.FIND_AGAIN): ParcelState.STORED,
}

ON_SHELF = frozenset({ParcelState.STORED, ParcelState.RETURNING})
"""Parcels that take up a place and keep their pickup code."""

ACTIVE = frozenset({ParcelState.EXPECTED, ParcelState.STORED, ParcelState.RETURNING, ParcelState.LOST})
"""Parcels among which a waybill is unique in its station.

Lost ones belong here: when such a parcel turns up under the scanner it must be found again, not
entered a second time beside a row that still says lost.
"""

FINAL = frozenset(ParcelState) - ACTIVE
"""Parcels whose story is over; only a correction leads out, and only while no active one has the waybill."""


STOPPED_BY_HOLD = frozenset(
    {Action.HAND_OVER, Action.START_RETURN, Action.RETURN_TO_CARRIER, Action.WRITE_OFF}
)
"""What a hold forbids: everything that lets the parcel leave. Moving and correcting stay possible."""


class IllegalTransition(ValueError):  # noqa: N818 - names what happened, as the domain says it
    """Say that the action is not possible in the state; `state` is None for a parcel not yet known."""

    def __init__(self, state: ParcelState | None, action: Action) -> None:
        super().__init__(f"{action} is not possible from {state or 'the beginning'}")
        self.state = state
        self.action = action


def begin(action: Action) -> ParcelState:
    """Return the first state of a parcel that enters the books by this action.

    Raises IllegalTransition when no parcel begins so.
    """
    if action not in BEGINNINGS:
        raise IllegalTransition(None, action)
    return BEGINNINGS[action]


def can(state: ParcelState, action: Action) -> bool:
    """Tell whether the action is possible in the state."""
    return (state, action) in TRANSITIONS


def step(state: ParcelState, action: Action) -> ParcelState:
    """Return the state that the action leads to.

    Raises IllegalTransition when the action is not possible in the state.
    """
    if not can(state, action):
        raise IllegalTransition(state, action)
    return TRANSITIONS[state, action]
