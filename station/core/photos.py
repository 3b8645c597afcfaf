"""Photos from phones: drawn anew from their points, upright, small, and free of all that a phone writes into them."""

import io
from typing import Any

from PIL import Image, ImageOps

from station.core.errors import StationError
from station.core.i18n import gettext as _

KEPT = "image/jpeg"
FORMATS = ("JPEG", "PNG", "WEBP")  # nothing else is even tried
LARGEST = 8 * 1024 * 1024  # bytes of one as it comes: a phone's photo at full size (web/factory.py)
MOST_POINTS = 50_000_000  # of one as it comes: the largest phone cameras' everyday size
SIDE = 1600  # points of the longer side as it is kept: a bruise is still seen, a page loads on a bad line
QUALITY = 80  # of the JPEG (0 to 95, Pillow): what is lost nobody sees at this size


def drawn_anew(content: bytes, *, side: int = SIDE) -> bytes:
    """Return a photo as JPEG, its longer side at most `side` points; where and with what it was taken is not in it.

    Raises StationError `bad_input` for what is no photo, or too large.
    """
    if len(content) > LARGEST:
        raise _unreadable()
    try:
        return _jpeg(content, side)
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError) as error:
        raise _unreadable() from error  # what Pillow raises for broken files


def _jpeg(content: bytes, side: int) -> bytes:
    photo: Any = Image.open(io.BytesIO(content), formats=FORMATS)
    if photo.width * photo.height > MOST_POINTS:
        raise ValueError("too many points")
    photo.draft("RGB", (side, side))  # a JPEG is unpacked no larger than needed
    upright = ImageOps.exif_transpose(photo)
    upright.thumbnail((side, side))
    sheet = Image.new("RGB", upright.size, "white")  # see-through photos lie on it; it carries no metadata
    sheet.paste(upright, mask=upright.getchannel("A") if "A" in upright.getbands() else None)
    file = io.BytesIO()
    sheet.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def _unreadable() -> StationError:
    return StationError("bad_input", _("Choose photos of at most 8 MB each: JPEG, PNG or WebP."))
