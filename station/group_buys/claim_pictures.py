"""Pictures of claims: made small, upright and free of all a phone writes into them, then kept encrypted.

What is kept is drawn anew from the points of the picture alone, so where and with what it was taken is never stored.
"""

import hashlib
import io
from collections.abc import Sequence
from typing import Any

from PIL import Image, ImageOps
from sqlalchemy import insert, select, update

from station.core import crypto, ids
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.group_buys.claim_models import ClaimPicture
from station.parcels.attachments import Picture

FORMATS = ("JPEG", "PNG", "WEBP")  # nothing else is even tried
LARGEST = 8 * 1024 * 1024  # bytes of one as it comes: a phone's photo at full size (web/factory.py)
MOST_POINTS = 50_000_000  # of one as it comes: the largest phone cameras' everyday size
SIDE = 1600  # points of the longer side as it is kept: a bruise is still seen, a page loads on a bad line
QUALITY = 80  # of the JPEG (0 to 95, Pillow): what is lost nobody sees at this size
KEPT = "image/jpeg"


def drawn_anew(content: bytes) -> bytes:
    """Return a picture as it is kept. Raises StationError `bad_input` for what is none, or too large."""
    if len(content) > LARGEST:
        raise _unreadable()
    try:
        return _jpeg(content)
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError) as error:
        raise _unreadable() from error  # what Pillow raises for broken files


def _jpeg(content: bytes) -> bytes:
    picture: Any = Image.open(io.BytesIO(content), formats=FORMATS)
    if picture.width * picture.height > MOST_POINTS:
        raise ValueError("too many points")
    picture.draft("RGB", (SIDE, SIDE))  # a JPEG is unpacked no larger than needed
    upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((SIDE, SIDE))
    sheet = Image.new(
        "RGB", upright.size, "white"
    )  # on which transparent pictures lie; it carries no metadata
    sheet.paste(upright, mask=upright.getchannel("A") if "A" in upright.getbands() else None)
    file = io.BytesIO()
    sheet.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def _unreadable() -> StationError:
    return StationError("bad_input", _("Choose photos of at most 8 MB each: JPEG, PNG or WebP."))


def add(station_id: int, claim_id: int, pictures: Sequence[bytes]) -> list[str]:
    """Keep a claim's pictures, drawn anew already; return the SHA-256 of each in hexadecimal."""
    digests = [hashlib.sha256(one).digest() for one in pictures]
    for place, (content, digest) in enumerate(zip(pictures, digests, strict=True), 1):
        key = {"station_id": station_id, "id": ids.next_id(), "claim_id": claim_id, "place": place}
        values = {"media_type": KEPT, "sha256": digest, "content": crypto.encrypt_bytes(content)}
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
