"""The life of a drop and what may come of a scan, as tables of data. Pure."""

from enum import StrEnum


class DropState(StrEnum):
    """Where a drop stands."""

    OPEN = "open"
    FINISHED = "finished"
    CONFIRMED = "confirmed"


class DropAction(StrEnum):
    """What can be done with a drop."""

    SCAN = "scan"
    ANSWER = "answer"
    FINISH = "finish"
    CONFIRM = "confirm"


TRANSITIONS: dict[tuple[DropState, DropAction], DropState] = {
    (DropState.OPEN, DropAction.SCAN): DropState.OPEN,
    (DropState.OPEN, DropAction.ANSWER): DropState.OPEN,
    (DropState.OPEN, DropAction.FINISH): DropState.FINISHED,
    (DropState.FINISHED, DropAction.CONFIRM): DropState.CONFIRMED,
}
"""A finished drop stays as it was signed; what the clerk counted stands beside it."""


def can(state: DropState, action: DropAction) -> bool:
    """Tell whether the action is possible in the state."""
    return (state, action) in TRANSITIONS


class Outcome(StrEnum):
    """What came of a scan."""

    ACCEPTED = "accepted"
    CONSENT = "consent"
    DOOR = "door"
    CALL = "call"
    DUPLICATE = "duplicate"
    OTHER_STATION = "other_station"
    TOO_LARGE = "too_large"
    FULL = "full"
    CLOSED = "closed"
    MALFORMED = "malformed"
    FINISHED = "finished"


WAITING = frozenset({Outcome.CONSENT, Outcome.CALL})
"""The courier has the parcel still, and may say what the recipient answered."""

REASON = {
    Outcome.CONSENT: "consent_needed",
    Outcome.DUPLICATE: "already_checked_in",
    Outcome.OTHER_STATION: "other_station",
    Outcome.TOO_LARGE: "no_fitting_shelf",
    Outcome.FULL: "shelf_full",
    Outcome.CLOSED: "station_closed",
    Outcome.MALFORMED: "waybill_malformed",
    Outcome.FINISHED: "drop_over",
}
"""The reason under which a scan that stopped is kept with the refused ones."""


class Choice(StrEnum):
    """What a courier says of a parcel that stopped for consent."""

    STATION = "station"
    DOOR = "door"
    CALL = "call"
