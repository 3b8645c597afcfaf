"""JSON between kiosks and the station: bounded, masked, nothing unknown. Names begin with Kiosk: the API has others."""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from station.core.i18n import lazy as _l
from station.core.idempotency import KEY
from station.kiosks.lifecycle import Way
from station.kiosks.waiting import LIMIT
from station.web.api import Id, Schema, unfit

TEXT = 300  # characters: twice an identity code, so that two glued scans are refused as such, in words
SHORT = 40  # the longest pickup code, typed generously (parcels.codes.MAX_TEXT)

Tail = Annotated[str, Field(pattern=r"^[0-9]{4}$", examples=["4068"])]
Waybill = Annotated[str, Field(min_length=1, max_length=64)]
Key = Annotated[str, Field(pattern=f"^{KEY.pattern}$")]
# As a device's clock says it: an offset is part of it.
Moment = Annotated[AwareDatetime, Field(strict=False)]


class KioskEnrolment(Schema):
    """The code a manager read out, and the version of the kiosk program."""

    code: Annotated[str, Field(min_length=1, max_length=SHORT)]
    version: Annotated[str, Field(pattern=r"^[0-9A-Za-z.+-]{1,40}$")]


class KioskEnrolled(Schema):
    """What the kiosk is from now on. The token is told this once."""

    token: str
    kiosk_id: Id
    name: str
    station_id: Id


class KioskStation(Schema):
    """The station as a screen names it; hours in words, by language."""

    id: Id
    name: str
    zone: str
    phone: str | None
    hours_today: dict[str, str]


class KioskItself(Schema):
    """The kiosk that asks."""

    id: Id
    name: str


class KioskKey(Schema):
    """A key that checks identity codes: Ed25519, 32 bytes in base64."""

    id: int
    public: str
    retired_at: datetime | None


class KioskRulesOut(Schema):
    """What the station lets its kiosks do. Times in seconds."""

    languages: list[str]
    takes_pickup_codes: bool
    takes_faces: bool
    face_always_asks_tail: bool
    takes_photos: bool
    idle_s: int
    warning_s: int
    list_valid_s: int
    drift_limit_s: int


class KioskSetup(Schema):
    """All that a kiosk must know before anybody comes; `version` differs when anything but `now` does."""

    version: str
    now: datetime
    station: KioskStation
    kiosk: KioskItself
    identity_keys: list[KioskKey]
    rules: KioskRulesOut


class KioskWaitingQuery(Schema):
    """How far the kiosk has read: `after` is the cursor of the answer before, empty for the beginning."""

    after: Annotated[str, Field(max_length=80)] = ""
    limit: Annotated[int, Field(ge=1, le=LIMIT)] = LIMIT


class KioskParcel(Schema):
    """A parcel that waits, in words that name nobody.

    `weak`: for each of its codes base64(HMAC-SHA256(salt, "CODE|TAIL")[:16]); `tail`: the same of "OWNER|TAIL";
    `faces`: recipients who may take it and agreed to face pickup, the owner's first;
    `storage`: how cold its shelf is, null at room temperature;
    `until`: the station's day on which it goes back; told to a visit only, since closures and extensions move it.
    """

    parcel_id: Id
    waybill: str
    carrier: str | None
    pickup_code: str
    aliases: list[str]
    shelf: str
    layer: int
    layers: int
    storage: Literal["chilled", "frozen"] | None = None
    size: str | None
    owner: str
    name: str
    is_held: bool
    weak: list[str]
    tail: str | None
    faces: list[Id]
    until: date | None = None


class KioskPeople(Schema):
    """The recipients whom one owner's word stands for."""

    owner: str
    recipient_ids: list[Id]


class KioskWaiting(Schema):
    """What has changed on the waiting list; `is_complete`: there is nothing further now. `salt`: base64, 32 bytes."""

    changed: list[KioskParcel]
    gone: list[Id]
    people: list[KioskPeople]
    next_cursor: str
    is_complete: bool
    as_of: datetime
    salt: str


class KioskShown(Schema):
    """What somebody shows or types: the fields of its `way`, and when, by the kiosk's clock."""

    way: Way = Field(strict=False)
    at: Moment
    text: Annotated[str, Field(min_length=1, max_length=TEXT)] | None = None
    code: Annotated[str, Field(min_length=1, max_length=SHORT)] | None = None
    tail: Tail | None = None
    digits: Annotated[str, Field(pattern=r"^[0-9]{6}$", examples=["883046"])] | None = None
    recipient_id: Id | None = None

    @model_validator(mode="after")
    def _fields_of_way(self) -> Self:
        said = {name for name in _FIELDS if getattr(self, name) is not None}
        needed, allowed = _NEEDED[self.way], _NEEDED[self.way] | _ALLOWED.get(self.way, frozenset())
        if not needed <= said <= allowed:
            raise unfit(_l("Send the fields that belong to this way, and no others."))
        return self


_FIELDS = ("text", "code", "tail", "digits", "recipient_id")
_NEEDED = {
    Way.IDENTITY_CODE: frozenset({"text"}),
    Way.SIX_DIGITS: frozenset({"tail", "digits"}),
    Way.PICKUP_CODE: frozenset({"code", "tail"}),
    Way.PROXY_CODE: frozenset({"code"}),
    Way.FACE: frozenset({"recipient_id"}),
}
_ALLOWED = {Way.FACE: frozenset({"tail"})}


class KioskVisit(Schema):
    """Who is there, masked, and what they may take. `recipient_id` is told for ways that may lead to enrolling.

    `shows_face`: who stands there agreed that their face may be known in the photo of a hand-over.
    """

    session_id: Id
    way: str
    name: str
    recipient_id: Id | None
    parcels: list[KioskParcel]
    expires_at: datetime
    may_enrol: bool
    is_guardian_fit: bool
    shows_face: bool


class KioskReleaseIn(Schema):
    """A parcel of the person of a visit, whose own waybill was scanned; when, by the kiosk's clock."""

    session_id: Id
    parcel_id: Id
    waybill: Waybill
    at: Moment


class KioskReleased(Schema):
    """The parcel may leave. The same key answers the same, however often it is asked."""

    outcome: Literal["accepted"]
    hand_over_id: Id
    parcel_id: Id
    at: datetime


class KioskOfflineVisit(Schema):
    """How somebody proved offline who they are: the identity code's text, the hash of code and tail, or the face's."""

    way: Way = Field(strict=False)
    began_at: Moment
    text: Annotated[str, Field(max_length=TEXT)] | None = None
    code_hash: Annotated[str, Field(max_length=44)] | None = None
    recipient_id: Id | None = None


class KioskReplayIn(Schema):
    """A hand-over that happened offline, with its own key and its own time."""

    key: Key
    session: KioskOfflineVisit
    parcel_id: Id
    waybill: Waybill
    at: Moment


class KioskReplayed(Schema):
    """It stands in the books (`accepted`), or is kept as a conflict for staff, with the error code as its reason."""

    outcome: Literal["accepted", "conflict"]
    hand_over_id: Id | None
    conflict_id: Id | None
    reason: str | None
