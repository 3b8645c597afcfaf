"""Pictures of claims, kept encrypted."""

import hashlib
from collections.abc import Sequence

from sqlalchemy import insert, select, update

from station.claims.models import ClaimPicture
from station.core import crypto, ids, photos
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.parcels.attachments import Picture


def add(station_id: int, claim_id: int, pictures: Sequence[bytes]) -> list[str]:
    """Keep a claim's pictures, drawn anew already; return the SHA-256 of each in hexadecimal."""
    digests = [hashlib.sha256(one).digest() for one in pictures]
    for place, (content, digest) in enumerate(zip(pictures, digests, strict=True), 1):
        key = {"station_id": station_id, "id": ids.next_id(), "claim_id": claim_id, "place": place}
        values = {"media_type": photos.KEPT, "sha256": digest, "content": crypto.encrypt_bytes(content)}
        connection().execute(insert(ClaimPicture).values(**key, **values))
    return [digest.hex() for digest in digests]


def places(station_id: int, claim_ids: Sequence[int]) -> dict[int, list[int]]:
    """Return under which numbers each claim's pictures are found that were not erased, in their order."""
    query = (
        select(ClaimPicture.claim_id, ClaimPicture.place)
        .where(
            ClaimPicture.station_id == station_id,
            ClaimPicture.claim_id.in_(claim_ids),
            ClaimPicture.content.is_not(None),
        )
        .order_by(ClaimPicture.claim_id, ClaimPicture.place)
    )
    found: dict[int, list[int]] = {one: [] for one in claim_ids}
    for row in connection().execute(query):
        found[row.claim_id].append(row.place)
    return found


def get(station_id: int, claim_id: int, place: int) -> Picture:
    """Return a picture. Raises StationError `not_found` when there is none or it was erased."""
    query = select(ClaimPicture.media_type, ClaimPicture.content).where(
        ClaimPicture.station_id == station_id, ClaimPicture.claim_id == claim_id, ClaimPicture.place == place
    )
    row = connection().execute(query).one_or_none()
    if row is None or row.content is None:
        raise StationError("not_found", _("This picture does not exist any more."))
    return Picture(row.media_type, crypto.decrypt_bytes(row.content))


def erase(station_id: int, claim_ids: Sequence[int]) -> None:
    """Erase the pictures of some claims. The rows stay, and the log keeps each one's hash."""
    theirs = (ClaimPicture.station_id == station_id, ClaimPicture.claim_id.in_(claim_ids))
    connection().execute(update(ClaimPicture).where(*theirs).values(content=None))
