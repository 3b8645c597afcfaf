"""JSON of what kiosks tell of themselves: state, alerts, pictures, faces. No template, no distance, no name."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from station.core.i18n import LANGUAGES
from station.kiosks.call_kinds import AlertKind
from station.kiosks.faces import GoneReason
from station.kiosks.reports import Camera
from station.kiosks.schemas import Moment
from station.web.api import Id, Schema

PHOTO_BYTES = 400_000  # the contract with the kiosk: 1280 by 720 at good quality
LOOK_BYTES = 100_000  # the contract: 640 by 360
UNFINISHED_MOST = 50  # more than a door lets out in the second before a restart
USED_MOST = 500
LARGEST_INT = 2**31 - 1  # of the database's columns
DAYS_MS = LARGEST_INT  # a clock is wrong by 24 days at most: then it is wrong, whatever the number

Version = Annotated[str, Field(pattern=r"^[0-9A-Za-z.+-]{1,40}$")]
Count = Annotated[int, Field(ge=0, le=LARGEST_INT)]
Language = Annotated[str, Field(pattern=f"^({'|'.join(LANGUAGES)})$")]


def _base64_of(size: int) -> int:
    """Return the length of `size` bytes in base64 (RFC 4648, section 4)."""
    return -(-size // 3) * 4


class KioskReportIn(Schema):
    """What a kiosk says of itself. `list_age_s`: of its waiting list, none before it has one."""

    at: Moment
    version: Version
    queue_length: Count
    clock_drift_ms: Annotated[int, Field(ge=-DAYS_MS, le=DAYS_MS)]
    list_age_s: Count | None = None
    camera: Annotated[Camera, Field(strict=False)]
    faces: Count
    unfinished: Annotated[list[Id], Field(max_length=UNFINISHED_MOST, default_factory=list)]
    is_demo: bool = False


class KioskOrders(Schema):
    """What a kiosk must do: read setup or list again when the words differ, send a look, delete faces, open again."""

    now: datetime
    setup_version: str
    waiting_head: str
    thumbnail_wanted: bool
    forget_faces: list[Id]
    settled: list[Id]
    is_revoked: Literal[False] = False


class KioskAlertIn(Schema):
    """What staff are called for. `part`: of the machine, with a fault."""

    kind: Annotated[AlertKind, Field(strict=False)]
    at: Moment
    parcel_id: Id | None = None
    part: Annotated[str, Field(pattern=r"^[a-z_]{1,20}$")] | None = None


class KioskAlertKept(Schema):
    """The alert staff see; the same kind again raises the open one."""

    alert_id: Id


class KioskPhotoIn(Schema):
    """The photo of a hand-over: a JPEG in base64, of PHOTO_BYTES at most."""

    hand_over_id: Id
    taken_at: Moment
    jpeg: Annotated[str, Field(min_length=1, max_length=_base64_of(PHOTO_BYTES))]


class KioskPhotoKept(Schema):
    """The photo as it is kept; a hand-over has one."""

    photo_id: Id


class KioskThumbnailIn(Schema):
    """A look through the camera that somebody asked for: a JPEG in base64, of LOOK_BYTES at most."""

    taken_at: Moment
    jpeg: Annotated[str, Field(min_length=1, max_length=_base64_of(LOOK_BYTES))]


class KioskAgreementQuery(Schema):
    """The language that is spoken at the kiosk."""

    language: Language = "en"


class KioskAgreement(Schema):
    """The text to be read before a face is enrolled."""

    version: int
    text: str


class KioskFaceIn(Schema):
    """Who agreed to which text, in which language; with a guardian's visit it is the guardian's word."""

    session_id: Id
    guardian_session_id: Id | None = None
    version: Annotated[int, Field(ge=1, le=LARGEST_INT)]
    language: Language
    at: Moment


class KioskFace(Schema):
    """Whose face is enrolled at this kiosk now, and until when unless it is used."""

    recipient_id: Id
    expires_at: datetime


class KioskFaceGone(Schema):
    """The receipt of a deletion."""

    recipient_id: Id
    reason: Annotated[GoneReason, Field(strict=False)]
    at: Moment


class KioskFacesUsed(Schema):
    """Whose faces were used."""

    recipient_ids: Annotated[list[Id], Field(max_length=USED_MOST)]
    at: Moment
