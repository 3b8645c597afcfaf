"""Where a list goes on: the id of the last row shown, as an address carries it."""

from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.ids import LARGEST_ID


def cursor(text: str) -> int | None:
    """Return the id that a list goes on from. Raises StationError `bad_input`."""
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and int(text[:20]) <= LARGEST_ID):
        raise StationError("bad_input", _("This page of the list does not exist. Start from the first one."))
    return int(text)
