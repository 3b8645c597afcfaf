"""The one next thing to do with a parcel in a list. Pure."""

from enum import StrEnum

from station.parcels.clock_rules import StorageLevel
from station.parcels.lifecycle import ParcelState, Problem
from station.parcels.queries import Listed


class Step(StrEnum):
    """What a list's button offers; those of ONE_CLICK act at once, the others open the parcel's page."""

    GIVE_PHONE = "give_phone"
    CHOOSE_CARRIER = "choose_carrier"
    ASK_CONSENT = "ask_consent"
    MOVE = "move"
    SOLVE = "solve"
    GIVE_BACK = "give_back"
    FIND_AGAIN = "find_again"
    START_RETURN = "start_return"
    CALL = "call"
    REMIND = "remind"
    RESEND = "resend"
    OPEN = "open"


ONE_CLICK = {Step.REMIND, Step.RESEND, Step.START_RETURN}
_SOLVES = {
    Problem.NO_PHONE: Step.GIVE_PHONE,
    Problem.UNKNOWN_CARRIER: Step.CHOOSE_CARRIER,
    Problem.ASK: Step.ASK_CONSENT,
    Problem.DOOR_WANTED: Step.ASK_CONSENT,
    Problem.NO_PLACE: Step.MOVE,
}


def next_step(row: Listed, message_state: str | None) -> Step:
    """Return what comes next: a problem before the storage time, the storage time before a failed message.

    `message_state`: of the newest message about the parcel (events.outbox.MessageState), None without one.
    """
    if row.state != ParcelState.STORED:
        return _elsewhere(row)
    if row.problem:
        return _SOLVES.get(Problem(row.problem), Step.SOLVE)
    if row.recipient_id is None:
        return Step.GIVE_PHONE
    if row.hold_reason:
        return Step.OPEN
    return _by_time(row.level, message_state)


def _elsewhere(row: Listed) -> Step:
    if row.state == ParcelState.RETURNING:
        return Step.GIVE_BACK
    is_searched_for = row.state == ParcelState.LOST and row.write_off_by is None
    return Step.FIND_AGAIN if is_searched_for else Step.OPEN


def _by_time(level: StorageLevel, message_state: str | None) -> Step:
    if level is StorageLevel.RETURN:
        return Step.START_RETURN
    if level is StorageLevel.ALERT:
        return Step.CALL
    if message_state == "dead":
        return Step.RESEND
    return Step.REMIND if level is StorageLevel.OVERDUE else Step.OPEN
