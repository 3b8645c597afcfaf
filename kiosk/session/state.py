"""What a session is: the screen, who is here, what they took, and how the screen looks to them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from kiosk.model import Parcel, Person


class Screen(StrEnum):
    """What is shown. Every one has a template of its name and rows in the machine's table."""

    HOME = "home"
    PICKUP_CODE = "pickup_code"  # typing a pickup code, then the phone tail
    SIX_DIGITS = "six_digits"  # typing the phone tail, then the six digits of one's page
    PROXY_CODE = "proxy_code"  # typing the code somebody gave me
    FACE = "face"  # looking, with the head turn asked for
    FACE_TAIL = "face_tail"  # a face was found: the phone tail is typed before anything is shown
    CHECKING = "checking"  # the answer to who this is has been asked for
    WHO = "who"  # parcel first: something is in the hands, its person is not known yet
    FOUND = "found"  # person known: fetch and scan
    WRONG_PARCEL = "wrong_parcel"  # over FOUND or WHO: put it back
    LEFTOVERS = "leftovers"  # finishing although something stays
    DONE = "done"
    NOTHING = "nothing"  # known, and nothing waits
    REFUSED = "refused"  # not known, or not now: says why and what to do
    ENROL_CONSENT = "enrol_consent"  # the text of the agreement; "I am 14 or older" or "I am under 14"
    ENROL_GUARDIAN = "enrol_guardian"  # under 14: a guardian shows their own identity code
    ENROL_FACE = "enrol_face"  # pictures for the template
    ENROL_DONE = "enrol_done"
    STILL_THERE = "still_there"  # over any: the idle warning
    STAFF = "staff"  # staff were called
    RECOVER = "recover"  # a restart fell between release and opening: only staff go on
    FAULT = "fault"  # the camera or the list is not usable: please go to the counter


@dataclass(frozen=True, slots=True)
class Look:
    """How the screen looks and sounds to who stands there; gone when they leave."""

    language: str = "en"
    is_large: bool = False
    has_contrast: bool = False
    has_voice: bool = True


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence to show: its key in the kiosk's words, and the values it names."""

    key: str
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that waits for its answer: its number, and what it is about (a way, a waybill, a parcel's id)."""

    ask: int
    about: str


@dataclass(frozen=True, slots=True)
class Session:
    """One visit. `before` is the screen under an overlay. Only parcels of `person` can ever stand in `releasing`.

    `asks` is the number of the last question; it only grows, so that no answer is taken for another's. `check` is
    the question who somebody is (about a Way, "guardian" or "enrol"), `looking` the search for a face, `lookups` are
    waybills whose parcel is asked for, `releasing` parcels that may leave as soon as the answer says so.

    `held` are parcels scanned before their person was known (parcel first), `taken` those released and opened for,
    `not_found` those staff were told of. `waiting` are parcels of the person that are asked for, `opening` ids of
    released ones whose door opens, as soon as no stranger's lies beside them.

    `in_view` are the labels before the camera that are, or may be, of parcels waiting here. They stay from visit to
    visit, for a label is told once only and the next person's parcel may be laid beside it; none is kept longer than
    it lies there for all to read. `strangers` are those of them known not to be this person's, `is_stuck` that one
    was not taken away when asked. `typed` is what stands in the keypad, `typed_before` the field above it
    that is complete. `until` is when this screen ends by itself. `unfinished` are releases only staff can settle.
    """

    screen: Screen = Screen.HOME
    look: Look = Look()
    before: Screen | None = None
    person: Person | None = None
    held: tuple[Parcel, ...] = ()
    releasing: tuple[Asked, ...] = ()
    taken: tuple[str, ...] = ()
    not_found: tuple[str, ...] = ()
    waiting: tuple[Parcel, ...] = ()
    opening: tuple[str, ...] = ()
    in_view: frozenset[str] = frozenset()
    strangers: frozenset[str] = frozenset()
    is_stuck: bool = False
    has_asked_leftovers: bool = False
    typed: str = ""
    typed_before: str = ""
    face_recipient: str | None = None
    turn_to: str | None = None  # "left" or "right": the side the head turn was asked for
    notice: Notice | None = None
    said: Notice | None = None  # what was said last, to be said again
    until: datetime | None = None
    asks: int = 0
    check: Asked | None = None
    looking: int | None = None
    lookups: tuple[Asked, ...] = ()
    is_offline: bool = False
    faults: frozenset[str] = frozenset()
    unfinished: tuple[str, ...] = ()
