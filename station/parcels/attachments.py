"""Pictures that belong to a parcel: damage, hand-over, signature.

The table keeps the picture, encrypted since a signature names a person; the log keeps the hash of the picture as it was
given. Nothing but this module reads the column.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select, update

from station.core import clock, crypto, ids
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.events.service import Event, append
from station.parcels import store
from station.parcels.models import Attachment

KINDS = ("damage", "hand_over", "signature")
LARGEST = 4 * 1024 * 1024  # bytes: a phone's photo at full size
# First bytes of the formats (PNG: ISO/IEC 15948 5.2; JPEG: ISO/IEC 10918-1 SOI; WebP: RFC 9649 2.4).
MAGIC = {
    "image/png": (b"\x89PNG\r\n\x1a\n", 0),
    "image/jpeg": (b"\xff\xd8\xff", 0),
    "image/webp": (b"WEBP", 8),
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A stored picture."""

    media_type: str
    content: bytes


def add(actor: Actor, parcel_id: int, kind: str, content: bytes) -> int:
    """Keep a picture of a parcel; return its id.

    Raises StationError `bad_input` when it is empty, too large or no PNG, JPEG or WebP, `not_found` for the parcel.
    """
    media_type = media_type_of(content)
    if kind not in KINDS or media_type is None or len(content) > LARGEST:
        raise StationError("bad_input", _("Choose a photo of at most 4 MB: JPEG, PNG or WebP."))
    parcel = store.get(actor.station_id, parcel_id)
    digest, attachment_id = hashlib.sha256(content).digest(), ids.next_id()
    values = {
        "station_id": actor.station_id,
        "id": attachment_id,
        "parcel_id": parcel.id,
        "kind": kind,
        "media_type": media_type,
        "sha256": digest,
        "content": crypto.encrypt_bytes(content),
        "added_by": actor.key,
        "added_at": clock.now(),
    }
    connection().execute(insert(Attachment).values(**values))
    facts = {"attachment": str(attachment_id), "kind": kind, "sha256": digest.hex()}
    append(actor, Event("attachment_added", parcel.id, facts))
    return attachment_id


def get(station_id: int, attachment_id: int) -> Picture:
    """Return a picture. Raises StationError `not_found` when there is none or it was erased."""
    query = select(Attachment.media_type, Attachment.content).where(
        Attachment.station_id == station_id, Attachment.id == attachment_id
    )
    row = connection().execute(query).first()
    if row is None or row.content is None:
        raise StationError("not_found", _("This picture does not exist any more."))
    return Picture(row.media_type, crypto.decrypt_bytes(row.content))


def of_parcel(station_id: int, parcel_id: int) -> list[tuple[int, str]]:
    """Return (id, kind) of a parcel's pictures that still exist, oldest first."""
    query = (
        select(Attachment.id, Attachment.kind)
        .where(
            Attachment.station_id == station_id,
            Attachment.parcel_id == parcel_id,
            Attachment.content.is_not(None),
        )
        .order_by(Attachment.id)
    )
    return [(int(row.id), str(row.kind)) for row in connection().execute(query)]


def erase(station_id: int, attachment_ids: Sequence[int]) -> int:
    """Erase these pictures; return how many were still there. The rows stay, and the log keeps each one's hash."""
    theirs = update(Attachment).where(
        Attachment.station_id == station_id,
        Attachment.id.in_(attachment_ids),
        Attachment.content.is_not(None),
    )
    return connection().execute(theirs.values(content=None)).rowcount


def media_type_of(content: bytes) -> str | None:
    """Return the format of a picture by its first bytes; None for what is none of MAGIC."""
    for media_type, (magic, offset) in MAGIC.items():
        if content[offset : offset + len(magic)] == magic:
            return media_type
    return None
