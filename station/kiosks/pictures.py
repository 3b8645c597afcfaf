"""Pictures that kiosks send: the photo of a hand-over, and a look through the camera when a manager asks for one.

A photo is an attachment of its parcel, encrypted as all are, and is erased after PHOTOS_KEPT. A look is shown once and
is gone: it is for turning a camera the right way, not for watching people. Faces never come here as templates.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, insert, select, update

from station.core import clock, crypto
from station.core.actor import Actor, system_actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.events.service import Event, append, take_turn
from station.kiosks import rules, watch_queries
from station.kiosks.watch_models import KioskPhoto, KioskThumbnail
from station.parcels import attachments

PHOTOS_KEPT = timedelta(days=30)  # ours: the weeks in which somebody asks who took a parcel
LOOK_KEPT = timedelta(minutes=10)  # ours: whoever asked for it is sitting there
JPEG = "image/jpeg"


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo of a hand-over. `taken_at`: by the kiosk's clock."""

    hand_over_id: int
    taken_at: datetime
    content: bytes


def keep_photo(actor: Actor, photo: Photo) -> int:
    """Keep the photo of a hand-over of this kiosk; return the attachment's id, the first one's when there is one.

    Raises StationError `photos_off` where the station takes none, `not_found` for a hand-over that is not this
    kiosk's, `bad_input` for what is no JPEG or older than PHOTOS_KEPT.
    """
    station_id = actor.station_id
    take_turn(station_id)
    if not rules.for_station(station_id).takes_photos:
        raise StationError("photos_off", _("This station takes no photos."))
    parcel_id = watch_queries.parcel_of_hand_over(actor, photo.hand_over_id)
    if parcel_id is None:
        raise StationError("not_found", _("This hand-over is not one of this kiosk."))
    _require_jpeg(photo.content)
    taken_at = min(photo.taken_at, clock.now())
    if taken_at <= clock.now() - PHOTOS_KEPT:
        raise StationError("bad_input", _("The photo is too old to be kept."))
    known = select(KioskPhoto.attachment_id).where(
        KioskPhoto.station_id == station_id, KioskPhoto.hand_over_id == photo.hand_over_id
    )
    attachment_id = connection().scalar(known)
    if attachment_id is not None:
        return int(attachment_id)
    attachment_id = attachments.add(actor, parcel_id, "hand_over", photo.content)
    own = {"station_id": station_id, "hand_over_id": photo.hand_over_id}
    connection().execute(insert(KioskPhoto).values(**own, attachment_id=attachment_id, taken_at=taken_at))
    return attachment_id


def forget_photos(station_id: int) -> int:
    """Erase photos of hand-overs that are older than PHOTOS_KEPT; return how many. Safe to repeat, and late."""
    take_turn(station_id)
    old = (KioskPhoto.station_id == station_id, KioskPhoto.taken_at <= clock.now() - PHOTOS_KEPT)
    found = list(connection().scalars(select(KioskPhoto.attachment_id).where(*old)))
    if found:
        attachments.erase(station_id, found)
        connection().execute(delete(KioskPhoto).where(*old))
        append(system_actor(station_id), Event("kiosk_photos_erased", data={"count": len(found)}))
    return len(found)


def ask(actor: Actor, kiosk_id: int) -> None:
    """Ask a kiosk for a look through its camera; the newest asking counts. Logged.

    Raises StationError `not_found` for what is no kiosk of the station.
    """
    take_turn(actor.station_id)
    watch_queries.require_kiosk(actor.station_id, kiosk_id)
    _forget_look(actor.station_id, kiosk_id)
    asked = {"asked_by": actor.key, "asked_at": clock.now()}
    connection().execute(
        insert(KioskThumbnail).values(station_id=actor.station_id, kiosk_id=kiosk_id, **asked)
    )
    append(actor, Event("kiosk_look_asked", data={"device": str(kiosk_id)}))


def is_wanted(station_id: int, kiosk_id: int) -> bool:
    """Tell whether somebody waits for a look through this kiosk's camera."""
    waiting = _look(station_id, kiosk_id, KioskThumbnail.content.is_(None))
    return connection().scalar(select(KioskThumbnail.asked_at).where(*waiting)) is not None


def receive(actor: Actor, content: bytes) -> None:
    """Keep a look that somebody asked for; one that nobody waits for is dropped unread.

    Raises StationError `bad_input` for what is no JPEG.
    """
    _require_jpeg(content)
    waiting = _look(actor.station_id, actor.id, KioskThumbnail.content.is_(None))
    values = {"content": crypto.encrypt_bytes(content), "received_at": clock.now()}
    connection().execute(update(KioskThumbnail).where(*waiting).values(**values))


def take(actor: Actor, kiosk_id: int) -> bytes | None:
    """Return the look that was asked for and delete it; None while it has not come. Logged."""
    there = _look(actor.station_id, kiosk_id, KioskThumbnail.content.is_not(None))
    content = connection().scalar(delete(KioskThumbnail).where(*there).returning(KioskThumbnail.content))
    if content is None:
        return None
    append(actor, Event("kiosk_look_shown", data={"device": str(kiosk_id)}))
    return crypto.decrypt_bytes(content)


def forget_looks(station_id: int) -> int:
    """Delete looks that nobody fetched within LOOK_KEPT; return how many."""
    old = delete(KioskThumbnail).where(
        KioskThumbnail.station_id == station_id, KioskThumbnail.asked_at <= clock.now() - LOOK_KEPT
    )
    return connection().execute(old).rowcount


def _forget_look(station_id: int, kiosk_id: int) -> None:
    mine = (KioskThumbnail.station_id == station_id, KioskThumbnail.kiosk_id == kiosk_id)
    connection().execute(delete(KioskThumbnail).where(*mine))


def _look(station_id: int, kiosk_id: int, state: ColumnElement[bool]) -> tuple[ColumnElement[bool], ...]:
    return (
        KioskThumbnail.station_id == station_id,
        KioskThumbnail.kiosk_id == kiosk_id,
        KioskThumbnail.asked_at > clock.now() - LOOK_KEPT,
        state,
    )


def _require_jpeg(content: bytes) -> None:
    if attachments.media_type_of(content) != JPEG:
        raise StationError("bad_input", _("This is not a JPEG picture."))
