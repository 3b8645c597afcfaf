"""Everything that can happen to a session. Frozen and plain, so that a visit can be written down and played again."""

from dataclasses import dataclass

from kiosk.model import Parcel, Person, Way
from kiosk.session.state import Notice


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed; comes several times a second."""


@dataclass(frozen=True, slots=True)
class Touch:
    """A button was pressed: `action` is its name in the page, `value` a digit, a way or a language."""

    action: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class IdentitySeen:
    """An identity code was read and agreed on by the frames; nothing about it is verified yet."""

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
class ParcelKnown:
    """Answers LookUp: the parcel waits here. `has_face`: somebody who may take it is enrolled at this kiosk."""

    parcel: Parcel
    has_face: bool = False


@dataclass(frozen=True, slots=True)
class ParcelUnknown:
    """Answers LookUp: no parcel with this waybill waits here."""

    waybill: str


@dataclass(frozen=True, slots=True)
class PersonKnown:
    """Answers a Check: this is who they are."""

    person: Person


@dataclass(frozen=True, slots=True)
class GuardianKnown:
    """Answers CheckGuardian: a grown-up resident, by the key of the session their code began."""

    key: str


@dataclass(frozen=True, slots=True)
class PersonUnknown:
    """Answers a Check: it proves nobody. `notice` says why and what to do."""

    way: Way
    notice: Notice


@dataclass(frozen=True, slots=True)
class FaceMatched:
    """A face was found, alive as far as can be measured. `is_hands_free`: no tail has to be typed."""

    recipient_id: str
    is_hands_free: bool


@dataclass(frozen=True, slots=True)
class FaceTurn:
    """The side that a head turn is asked for was drawn: `left` or `right`, as the person sees it."""

    side: str


@dataclass(frozen=True, slots=True)
class FaceMissed:
    """Looking for a face ended without one."""

    notice: Notice


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A face was enrolled at this kiosk."""


@dataclass(frozen=True, slots=True)
class EnrolFailed:
    """No template could be made, or the agreement could not be recorded."""

    notice: Notice


@dataclass(frozen=True, slots=True)
class Released:
    """The release was accepted, or is allowed and written down offline: the door may open for this parcel."""

    parcel_id: str


@dataclass(frozen=True, slots=True)
class NotReleased:
    """The release was refused; the parcel stays."""

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
