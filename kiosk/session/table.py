"""The table of a visit: on which screen what does what, and where it can lead. docs/kiosk-session.md is drawn from it.

A row that leads to `Screen`s may also stay; BELOW is the screen under an overlay. What no row names changes nothing;
under an overlay (WRONG_PARCEL, STILL_THERE, STAFF) it is handled as by the screen below.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kiosk.session import controls, enrolling, faults, idle, keypad, looking, moves, opening, proving, taking
from kiosk.session import events as on
from kiosk.session.events import Action
from kiosk.session.moves import Handler
from kiosk.session.state import Screen


class Over(StrEnum):
    """What comes of no event: the time of a screen is over."""

    TIME = "time"


BELOW = "below"  # the screen under an overlay
Cause = Action | Over | type[Any]
Target = Screen | str


@dataclass(frozen=True, slots=True)
class Row:
    """What one cause does on one screen, and the other screens it can lead to."""

    handler: Handler
    to: tuple[Target, ...] = ()


HOME, WHO, FOUND = Screen.HOME, Screen.WHO, Screen.FOUND
CHECKING, REFUSED, DONE, NOTHING = Screen.CHECKING, Screen.REFUSED, Screen.DONE, Screen.NOTHING
WRONG, LEFTOVERS, STILL_THERE = Screen.WRONG_PARCEL, Screen.LEFTOVERS, Screen.STILL_THERE
KEYPADS = (Screen.PICKUP_CODE, Screen.SIX_DIGITS, Screen.PROXY_CODE)
VISIT = (FOUND, DONE, NOTHING)  # one of them fits what a known person has taken and left
Rows = dict[Cause, Row]

LEAVE: Rows = {Action.LEAVE: Row(taking.leave, (HOME,))}
WARN: Rows = {Over.TIME: Row(idle.warn, (STILL_THERE,))}
OVER: Rows = {Action.OK: Row(taking.leave, (HOME,)), Over.TIME: Row(moves.end, (HOME,))}
SHOW: Rows = {
    on.IdentitySeen: Row(proving.identity_seen, (CHECKING,)),
    on.ProxySeen: Row(proving.proxy_seen, (CHECKING, REFUSED)),
    on.WaybillSeen: Row(taking.seen),
}
CHOOSE: Rows = {Action.WAY: Row(proving.choose, (*KEYPADS, Screen.FACE, REFUSED))}
CHOOSE_AGAIN: Rows = {Action.WAY: Row(proving.choose, (*KEYPADS, Screen.FACE, WHO, REFUSED))}
TYPE: Rows = {
    Action.KEY: Row(keypad.key),
    Action.ERASE: Row(keypad.erase),
    Action.BACK: Row(moves.resume, (HOME, WHO)),
    Action.ENTER: Row(keypad.enter, (CHECKING, REFUSED)),
}
COLLECT: Rows = {
    on.WaybillSeen: Row(taking.seen, (FOUND,)),
    Action.ENROL: Row(enrolling.begin, (Screen.ENROL_CONSENT,)),
    Action.FORGET_FACE: Row(enrolling.forget),
}

SCREENS: dict[Screen, Rows] = {
    HOME: SHOW | CHOOSE | {Over.TIME: Row(moves.end)},
    Screen.PICKUP_CODE: SHOW | CHOOSE | TYPE | LEAVE | WARN | {Action.BACK: Row(moves.resume, (HOME,))},
    Screen.SIX_DIGITS: SHOW | CHOOSE_AGAIN | TYPE | LEAVE | WARN,
    Screen.PROXY_CODE: SHOW | CHOOSE_AGAIN | TYPE | LEAVE | WARN,
    Screen.FACE: SHOW
    | CHOOSE
    | LEAVE
    | {
        Action.BACK: Row(moves.resume, (HOME,)),
        on.FaceTurn: Row(looking.turn),
        on.FaceMatched: Row(looking.matched, (Screen.FACE_TAIL,)),
        on.FaceMissed: Row(looking.missed, (REFUSED,)),
        Over.TIME: Row(looking.not_found, (REFUSED,)),
    },
    Screen.FACE_TAIL: SHOW | CHOOSE_AGAIN | TYPE | LEAVE | WARN,
    CHECKING: LEAVE
    | {
        on.WaybillSeen: Row(taking.seen),
        on.PersonKnown: Row(proving.known, (FOUND, NOTHING, WRONG)),
        on.PersonUnknown: Row(proving.unknown, (REFUSED,)),
        Action.BACK: Row(moves.resume, (HOME, WHO)),
        Over.TIME: Row(proving.unanswered, (REFUSED,)),
    },
    WHO: SHOW
    | LEAVE
    | WARN
    | {
        Action.WAY: Row(proving.choose, (*KEYPADS[1:], REFUSED)),
        on.FaceTurn: Row(looking.turn),
        on.FaceMatched: Row(looking.matched, (CHECKING, Screen.FACE_TAIL, REFUSED)),
        on.FaceMissed: Row(looking.missed),
    },
    FOUND: COLLECT
    | LEAVE
    | WARN
    | {
        Action.CANNOT_FIND: Row(taking.cannot_find),
        Action.FINISH: Row(taking.finish, (LEFTOVERS, DONE)),
    },
    LEFTOVERS: LEAVE
    | WARN
    | {
        on.WaybillSeen: Row(taking.seen, (FOUND,)),
        Action.BACK: Row(moves.resume, (FOUND,)),
        Action.FINISH: Row(taking.finish, (DONE,)),
    },
    DONE: COLLECT | LEAVE | OVER,
    NOTHING: LEAVE | OVER | COLLECT | {on.WaybillSeen: Row(taking.seen)},
    REFUSED: SHOW
    | CHOOSE_AGAIN
    | LEAVE
    | {
        Action.OK: Row(moves.resume, (HOME, WHO, *VISIT)),
        Action.BACK: Row(moves.resume, (HOME, WHO, *VISIT)),
        Over.TIME: Row(moves.give_up, (HOME, WHO, *VISIT)),
    },
    Screen.ENROL_CONSENT: LEAVE
    | WARN
    | {
        Action.ADULT: Row(enrolling.agree, (Screen.ENROL_FACE, REFUSED)),
        Action.MINOR: Row(enrolling.ask_guardian, (Screen.ENROL_GUARDIAN,)),
        Action.BACK: Row(moves.resume, VISIT),
    },
    Screen.ENROL_GUARDIAN: LEAVE
    | WARN
    | {
        on.IdentitySeen: Row(enrolling.guardian_seen),
        on.GuardianKnown: Row(enrolling.guardian_known, (Screen.ENROL_FACE, REFUSED)),
        on.PersonUnknown: Row(enrolling.guardian_unknown),
        Action.BACK: Row(moves.resume, VISIT),
    },
    Screen.ENROL_FACE: LEAVE
    | {
        on.FaceTurn: Row(looking.turn),
        on.Enrolled: Row(enrolling.enrolled, (Screen.ENROL_DONE,)),
        on.EnrolFailed: Row(enrolling.failed, (REFUSED,)),
        Action.BACK: Row(moves.resume, VISIT),
        Over.TIME: Row(enrolling.unanswered, (REFUSED,)),
    },
    Screen.ENROL_DONE: LEAVE
    | {
        Action.OK: Row(moves.resume, VISIT),
        Action.BACK: Row(moves.resume, VISIT),
        Over.TIME: Row(moves.resume, VISIT),
    },
    WRONG: LEAVE
    | {
        on.WaybillGone: Row(taking.gone, (BELOW, DONE)),
        Action.OK: Row(taking.put_back, (BELOW,)),
        Over.TIME: Row(taking.not_put_back, (BELOW, HOME)),
    },
    STILL_THERE: LEAVE | {Action.OK: Row(moves.lift, (BELOW,)), Over.TIME: Row(moves.end, (HOME,))},
    Screen.STAFF: {
        Action.STAFF: Row(moves.stay),
        Action.OK: Row(moves.lift, (BELOW, WRONG)),
        Over.TIME: Row(moves.lift, (BELOW, WRONG)),
    },
    Screen.RECOVER: {Over.TIME: Row(moves.end)},
    Screen.FAULT: {Over.TIME: Row(moves.end)},
}

ANYWHERE: Rows = {
    Action.LANGUAGE: Row(controls.language),
    Action.LARGER_TEXT: Row(controls.larger_text),
    Action.CONTRAST: Row(controls.contrast),
    Action.VOICE: Row(controls.voice),
    Action.SAY_AGAIN: Row(controls.say_again),
    Action.STAFF: Row(controls.staff, (Screen.STAFF,)),
    on.WaybillSeen: Row(taking.noticed),
    on.WaybillGone: Row(taking.gone, (DONE,)),
    on.ParcelKnown: Row(taking.parcel_known, (WHO, WRONG, DONE)),
    on.ParcelUnknown: Row(taking.parcel_unknown, (REFUSED, DONE)),
    on.Released: Row(opening.released, (DONE,)),
    on.NotReleased: Row(opening.not_released),
    on.Connection: Row(faults.connection),
    on.Fault: Row(faults.fault, (Screen.FAULT,)),
    on.FaultOver: Row(faults.fault_over, (HOME, FOUND, DONE, WRONG)),
    on.Unfinished: Row(faults.unfinished, (Screen.RECOVER,)),
    on.Settled: Row(faults.settled, (HOME, Screen.FAULT)),
}
