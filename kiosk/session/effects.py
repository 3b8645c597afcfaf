"""Everything a session can ask for. The runtime does it and answers with an event where one is named.

A question carries its number, `ask`; its answer must carry the same one. A number is never used twice, so an answer
that comes after its person left, or after they chose another way, is known as late and shows nothing to anybody.
"""

from dataclasses import dataclass, field

from kiosk.model import Parcel, Person


@dataclass(frozen=True, slots=True)
class CheckIdentity:
    """Ask who this identity code is. Answered by PersonKnown or PersonUnknown."""

    ask: int
    text: str


@dataclass(frozen=True, slots=True)
class CheckGuardian:
    """Ask whose identity code this is, for the guardian step. Answered by GuardianKnown or PersonUnknown."""

    ask: int
    text: str


@dataclass(frozen=True, slots=True)
class CheckPickupCode:
    """Ask who knows this pickup code and this phone tail. Answered by PersonKnown (one parcel) or PersonUnknown."""

    ask: int
    code: str
    tail: str


@dataclass(frozen=True, slots=True)
class CheckSixDigits:
    """Ask who has this phone tail and shows these six digits. Answered as the others."""

    ask: int
    tail: str
    digits: str


@dataclass(frozen=True, slots=True)
class CheckProxyCode:
    """Ask for whom this proxy code lets collect. Answered as the others."""

    ask: int
    code: str


@dataclass(frozen=True, slots=True)
class CheckFace:
    """Ask what waits for a person whose face was matched; `tail` is None where none had to be typed."""

    ask: int
    recipient_id: str
    tail: str | None


@dataclass(frozen=True, slots=True)
class LookUp:
    """Ask whose parcel this is. Answered by ParcelKnown or ParcelUnknown."""

    ask: int
    waybill: str


@dataclass(frozen=True, slots=True)
class FindFace:
    """Look for anybody enrolled who has a parcel waiting (1:N). Answered by FaceMatched or FaceMissed."""

    ask: int


@dataclass(frozen=True, slots=True)
class CompareFace:
    """Look for the owner of these parcels or who may take them, nobody else (1:1). Answered as FindFace."""

    ask: int
    parcel_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StopFace:
    """Look for faces no more and forget what was seen."""


@dataclass(frozen=True, slots=True)
class EnrolFace:
    """Take pictures and enrol this person, who agreed on this screen. Answered by Enrolled or EnrolFailed."""

    ask: int
    person: Person
    language: str
    guardian_key: str | None = None  # of the session of the guardian who agreed for somebody under 14


@dataclass(frozen=True, slots=True)
class ForgetFace:
    """Withdraw: delete this person's template now and tell the station."""

    person: Person


@dataclass(frozen=True, slots=True)
class Release:
    """Ask to hand this parcel, whose own waybill was scanned, to this person. Answered by Released, NotReleased."""

    ask: int
    person: Person
    parcel: Parcel


@dataclass(frozen=True, slots=True)
class OpenDoor:
    """Open for this parcel; only ever follows Released."""

    parcel_id: str


@dataclass(frozen=True, slots=True)
class TakePhoto:
    """Take one picture of parcel and hands as evidence of this hand-over."""

    parcel_id: str


@dataclass(frozen=True, slots=True)
class PrintTicket:
    """Print what was taken, where there is a printer."""

    parcel_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sound:
    """Sound `ok` (one high), `warn` (two mid) or `bad` (one long low); lamp and beeper follow it."""

    kind: str


@dataclass(frozen=True, slots=True)
class Say:
    """Say a sentence of the kiosk's words in the session's language."""

    key: str
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alert:
    """Tell the counter: `staff_called`, `wrong_parcel`, `not_found`, `fault`, `recover`. `part`: what is faulty."""

    kind: str
    parcel_id: str | None = None
    part: str | None = None


@dataclass(frozen=True, slots=True)
class EndSession:
    """The visit is over: forget every frame, face, code and name of it, and look for no face any more."""


Effect = (
    CheckIdentity
    | CheckGuardian
    | CheckPickupCode
    | CheckSixDigits
    | CheckProxyCode
    | CheckFace
    | LookUp
    | FindFace
    | CompareFace
    | StopFace
    | EnrolFace
    | ForgetFace
    | Release
    | OpenDoor
    | TakePhoto
    | PrintTicket
    | Sound
    | Say
    | Alert
    | EndSession
)
