"""What a page's own script sends: a small JSON object of known texts, and the key it acts under once."""

from collections.abc import Iterable

from flask import request

from station.core.errors import StationError
from station.core.i18n import gettext as _

TEXT_LIMIT = 400  # characters: longer than any scan, shorter than any novel


def key_of_request() -> str:
    """Return the request's Idempotency-Key; `idempotency.Request` refuses a missing or malformed one."""
    return request.headers.get("Idempotency-Key", "")


def json_body(*required: str, optional: Iterable[str] = ()) -> dict[str, str]:
    """Return the body as texts. Raises StationError `bad_input` for anything missing, unknown, too long or no text."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not set(required) <= body.keys() <= {*required, *optional}:
        raise StationError("bad_input", _("The request is not understood. Load the page again."))
    if not all(isinstance(value, str) and len(value) <= TEXT_LIMIT for value in body.values()):
        raise StationError("bad_input", _("That is too long for a scan. Scan the parcel again."))
    return body
