"""Everything that can happen to a session. Frozen and plain, so that a visit can be written down and played again.

An answer carries the number `ask` of the question (effects.py) it answers.
"""

from dataclasses import dataclass
from enum import StrEnum

from kiosk.model import Parcel, Person, Way
from kiosk.session.state import Notice


class Action(StrEnum):
    """Every button of every screen; in brackets what `Touch.value` says."""

    WAY = "way"  # choose how to say who one is [a Way; an identity code is just shown]
    KEY = "key"  # on the keypad [a digit, a letter or "-"]
    ERASE = "erase"  # the last one typed
    ENTER = "enter"  # this field is complete
    BACK = "back"  # one step: out of the keypad, an enrolment, the question about leftovers, a refusal
    OK = "ok"  # seen: closes what covers a screen ("put it back", "staff are coming", "still there?")
    FINISH = "finish"
    LEAVE = "leave"  # go home now
    CANNOT_FIND = "cannot_find"  # [a parcel's id, or nothing for the next one]
    ENROL = "enrol"  # begin to use my face here
    ADULT = "adult"  # I agree and am 14 or older
    MINOR = "minor"  # I am under 14
    FORGET_FACE = "forget_face"
    STAFF = "staff"
    LANGUAGE = "language"  # [a language]
    LARGER_TEXT = "larger_text"
    CONTRAST = "contrast"
    VOICE = "voice"
    SAY_AGAIN = "say_again"


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed; comes several times a second."""


@dataclass(frozen=True, slots=True)
class Touch:
    """A button was pressed: `action` is an Action, `value` what it names. What no screen offers changes nothing."""

    action: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class IdentitySeen:
    """An identity code was read and agreed on by the frames; nothing about it is verified yet.

    It is told once for each text that comes before the camera.
    """

    text: str


@dataclass(frozen=True, slots=True)
class ProxySeen:
    """A proxy code was read from a picture."""

    code: str


@dataclass(frozen=True, slots=True)
class WaybillSeen:
    """A waybill was read and agreed on. It is told once for each time a parcel comes before the camera."""

    waybill: str


@dataclass(frozen=True, slots=True)
class WaybillGone:
    """A waybill that was seen has left the view. It is told once for each WaybillSeen."""

    waybill: str


@dataclass(frozen=True, slots=True)
class ParcelKnown:
    """Answers LookUp: the parcel waits here. `has_face`: somebody who may take it is enrolled at this kiosk."""

    ask: int
    parcel: Parcel
    has_face: bool = False


@dataclass(frozen=True, slots=True)
class ParcelUnknown:
    """Answers LookUp: no parcel with this waybill waits here."""

    ask: int
    waybill: str


@dataclass(frozen=True, slots=True)
class PersonKnown:
    """Answers a Check: this is who they are."""

    ask: int
    person: Person


@dataclass(frozen=True, slots=True)
class GuardianKnown:
    """Answers CheckGuardian: a grown-up resident, by the key of the session their code began."""

    ask: int
    key: str
    recipient_id: str | None = None


@dataclass(frozen=True, slots=True)
class PersonUnknown:
    """Answers a Check: it proves nobody. `notice` says why and what to do."""

    ask: int
    way: Way
    notice: Notice


@dataclass(frozen=True, slots=True)
class FaceMatched:
    """A face was found, alive as far as can be measured. `is_hands_free`: no tail has to be typed."""

    ask: int
    recipient_id: str
    is_hands_free: bool


@dataclass(frozen=True, slots=True)
class FaceTurn:
    """The side that a head turn is asked for was drawn: `left` or `right`, as the person sees it."""

    ask: int
    side: str


@dataclass(frozen=True, slots=True)
class FaceMissed:
    """Looking for a face ended without one."""

    ask: int
    notice: Notice


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Answers EnrolFace: a face was enrolled at this kiosk."""

    ask: int


@dataclass(frozen=True, slots=True)
class EnrolFailed:
    """Answers EnrolFace: no template could be made, or the agreement could not be recorded."""

    ask: int
    notice: Notice


@dataclass(frozen=True, slots=True)
class Released:
    """The release was accepted, or is allowed and written down offline: the door may open for this parcel."""

    ask: int
    parcel_id: str


@dataclass(frozen=True, slots=True)
class NotReleased:
    """The release was refused; the parcel stays."""

    ask: int
    parcel_id: str
    notice: Notice


@dataclass(frozen=True, slots=True)
class Connection:
    """The station can be reached, or not."""

    is_offline: bool


@dataclass(frozen=True, slots=True)
class Fault:
    """A part does not work: `camera`, `spool`, `list` (too old and offline), `clock` (drifts too far)."""

    part: str


@dataclass(frozen=True, slots=True)
class FaultOver:
    """A part works again."""

    part: str


@dataclass(frozen=True, slots=True)
class Unfinished:
    """At start: a release was committed, but nobody knows whether the door opened."""

    parcel: Parcel


@dataclass(frozen=True, slots=True)
class Settled:
    """Staff said at the counter what became of an unfinished release; the kiosk may go on."""

    parcel_id: str


Event = (
    Tick
    | Touch
    | IdentitySeen
    | ProxySeen
    | WaybillSeen
    | WaybillGone
    | ParcelKnown
    | ParcelUnknown
    | PersonKnown
    | GuardianKnown
    | PersonUnknown
    | FaceMatched
    | FaceTurn
    | FaceMissed
    | Enrolled
    | EnrolFailed
    | Released
    | NotReleased
    | Connection
    | Fault
    | FaultOver
    | Unfinished
    | Settled
)
