"""The life of a dispute as one table of data. Pure: what is written and logged is service.py's."""

from enum import StrEnum


class DisputeState(StrEnum):
    """Where a dispute stands."""

    OPEN = "open"
    ANSWERED = "answered"
    FOR_STATION = "for_station"  # settled: it was as the manifest says
    FOR_CARRIER = "for_carrier"  # settled: it was as the carrier says
    WITHDRAWN = "withdrawn"


class DisputeAction(StrEnum):
    """What can be done with a dispute."""

    ANSWER = "answer"
    SETTLE_FOR_STATION = "settle_for_station"
    SETTLE_FOR_CARRIER = "settle_for_carrier"
    WITHDRAW = "withdraw"


class Claim(StrEnum):
    """What is said of the parcels."""

    NOT_RECEIVED = "not_received"
    OTHER_PARCEL = "other_parcel"  # another one than the manifest says was given
    DAMAGED = "damaged"


TRANSITIONS: dict[tuple[DisputeState, DisputeAction], DisputeState] = {
    (DisputeState.OPEN, DisputeAction.ANSWER): DisputeState.ANSWERED,
    (DisputeState.OPEN, DisputeAction.WITHDRAW): DisputeState.WITHDRAWN,
    (DisputeState.ANSWERED, DisputeAction.SETTLE_FOR_STATION): DisputeState.FOR_STATION,
    (DisputeState.ANSWERED, DisputeAction.SETTLE_FOR_CARRIER): DisputeState.FOR_CARRIER,
    (DisputeState.ANSWERED, DisputeAction.WITHDRAW): DisputeState.WITHDRAWN,
}
"""Nothing is settled that nobody answered, and what has ended stays as it is: a further claim is another dispute."""

STANDING = frozenset({DisputeState.OPEN, DisputeState.ANSWERED})


def next_state(state: DisputeState, action: DisputeAction) -> DisputeState | None:
    """Return the state behind an action, None where it is not possible."""
    return TRANSITIONS.get((state, action))


def possible(state: DisputeState) -> frozenset[DisputeAction]:
    """Return what can be done in a state."""
    return frozenset(action for known, action in TRANSITIONS if known is state)
