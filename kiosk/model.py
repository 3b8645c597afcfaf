"""The words that every part of the kiosk shares: who is here, what waits, and the station's rules for both."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class Way(StrEnum):
    """How a person showed who they are; the backend records a hand-over under `kiosk_` and this word."""

    IDENTITY_CODE = "identity_code"
    SIX_DIGITS = "six_digits"
    PICKUP_CODE = "pickup_code"
    PROXY_CODE = "proxy_code"
    FACE = "face"


ONLINE_ONLY = frozenset({Way.SIX_DIGITS, Way.PROXY_CODE})  # DESIGN: what nobody can check without the station
PERSON_FIRST_ONLY = frozenset({Way.PICKUP_CODE})  # the code may be on the parcel and the tail on its label


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel that waits here, as much of it as a public screen may know.

    `layers` is how many layers its shelf has, `layer` counts from 1 at the bottom. `owner` names whose it is: every
    recipient of one phone has the same word.
    """

    id: str
    waybill: str
    owner: str
    pickup_code: str
    shelf: str
    layer: int
    layers: int
    carrier: str | None = None
    size: str | None = None
    is_held: bool = False
    until: str | None = None  # the station's day on which it goes back, ISO 8601
    storage: str | None = None  # `chilled` or `frozen` where its shelf is cold; an older station says nothing


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who showed who they are, and what they may take.

    `key` is the session's id: the backend's when it was online, else made here. `name` is masked already.
    `parcels` are what waits for them here, in shelf order; nothing else can be released to them.
    """

    key: str
    way: Way
    name: str
    parcels: tuple[Parcel, ...]
    recipient_id: str | None = None
    is_offline: bool = False
    has_face: bool = False  # enrolled at this kiosk
    may_enrol: bool = False  # the way is strong enough to enrol a face
    shows_face: bool = False  # agreed that their face may be known in the photo of a hand-over


@dataclass(frozen=True, slots=True)
class Rules:
    """What the station decided for its kiosk. Times in seconds where the name says so."""

    languages: tuple[str, ...] = ("en", "zh")
    takes_pickup_codes: bool = True
    takes_faces: bool = True
    face_always_asks_tail: bool = True  # until the measured liveness separation holds its target here
    takes_photos: bool = True
    idle_s: int = 45  # UI.md 4 (c)
    warning_s: int = 15  # the same
    list_valid: timedelta = timedelta(hours=12)  # DESIGN.md 6
    drift_limit: timedelta = timedelta(seconds=30)  # half of what an identity code is valid


@dataclass(frozen=True, slots=True)
class Station:
    """What a screen says of the station; hours are its own words for today, by language."""

    id: str
    name: str
    zone: str
    hours_today: dict[str, str] = field(default_factory=dict)
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key of the network that signs identity codes: 32 bytes, Ed25519."""

    id: int
    public: bytes
    retired_at: datetime | None = None
