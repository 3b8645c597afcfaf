"""What the staff's and the courier's pages of disputes share: reading a claim's form, and the log as a file."""

from typing import Any

from flask import Response

from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.idempotency import Body
from station.core.ids import LARGEST_ID
from station.disputes.forms import ClaimForm
from station.disputes.service import Wish
from station.web.forms import Form, first_error


def filled(form: Form) -> Any:
    """Return a form that is in order. Raises StationError `bad_input`."""
    if not form.validate():
        raise StationError("bad_input", first_error(form))
    return form


def id_of(text: str) -> int:
    """Return an id that an address or a form names, 0 for none. Raises StationError `bad_input`."""
    if not text:
        return 0
    if not (text.isascii() and text.isdecimal() and int(text[:20]) <= LARGEST_ID):
        raise StationError("bad_input", _("This address is not right. Open the page again."))
    return int(text)


def wish_of(manifest_id: int, form: ClaimForm) -> tuple[Wish, Body]:
    """Return what a form claims, and the same as JSON values. Raises StationError `bad_input`."""
    sent = filled(form)
    parcels = sorted({id_of(one) for one in sent.parcel.data or []})
    wish = Wish(manifest_id, sent.claim.data, sent.words.data or "", parcels)
    said = {
        "manifest": str(manifest_id),
        "parcels": [str(one) for one in parcels],
        "claim": wish.claim,
        "words": wish.words,
    }
    return wish, said


def as_file(dispute_id: int, document: bytes) -> Response:
    """Send the log attached to a dispute, byte for byte."""
    headers = {
        "Content-Disposition": f'attachment; filename="dispute-{dispute_id}.json"',
        "Cache-Control": "no-store",
    }
    return Response(document, mimetype="application/json", headers=headers)
