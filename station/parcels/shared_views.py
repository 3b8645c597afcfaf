"""What the pages of the parcels room share: reading forms, keeping pictures, and the names their templates use."""

import hashlib

from flask import Blueprint, request

from station.carriers.catalogue import CARRIERS
from station.core.actor import Actor
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.i18n import language
from station.core.idempotency import Answer
from station.core.ids import LARGEST_ID
from station.parcels import attachments, codes, words
from station.shelves import cards
from station.shelves import queries as shelves
from station.shelves.cards import ShelfCard
from station.shelves.queries import LayerFacts
from station.web.idempotent import act_once, new_key

ONE_PARCEL = "/parcels/<int:parcel_id>"


def install(bp: Blueprint) -> None:
    """Give the templates of `bp` their names."""
    bp.context_processor(lambda: {"new_key": new_key, "words": words, "carrier_name": carrier_name})


def carrier_name(code: str | None) -> str:
    """Return a carrier's short name in the language spoken now."""
    return CARRIERS[code].short_name(language()) if code in CARRIERS else _("not known")


def parcel_ids(texts: list[str], *, most: int) -> list[int]:
    """Return the ids in a form. Raises StationError `bad_input` for none, more than `most`, and what is no id."""
    unique = list(dict.fromkeys(texts))
    if not unique:
        raise StationError("bad_input", _("Choose at least one parcel."))
    if len(unique) > most or not all(map(is_id, unique)):
        raise StationError("bad_input", _("These parcels cannot be chosen. Load the page again."))
    return [int(text) for text in unique]


def is_id(text: str) -> bool:
    """Tell whether `text` can be an id."""
    return text.isascii() and text.isdecimal() and int(text[:20]) <= LARGEST_ID


def row_of(station_id: int, text: str) -> LayerFacts:
    """Return the row a shelf card or `12-3` names. Raises StationError `not_found`."""
    card = cards.parse(text) or _typed_row(text)
    found = shelves.layer_by_code(station_id, card.shelf, card.layer) if isinstance(card, ShelfCard) else None
    if found is None:
        raise StationError("bad_input", _("There is no such shelf and layer here. Write it like 12-3."))
    return found


def _typed_row(text: str) -> ShelfCard | None:
    code = codes.parse(f"{text.strip()}-0") if len(text) <= cards.MAX_TEXT else None
    return ShelfCard(code.shelf, code.layer) if code else None


def uploaded() -> bytes:
    """Return the picture a form brings, cut behind the largest that is kept; nothing when it brings none."""
    upload = request.files.get("picture")
    return upload.stream.read(attachments.LARGEST + 1) if upload else b""


def keep_picture(parcel_id: int, kind: str, content: bytes, *, key: str | None = None) -> Answer:
    """Keep a picture of a parcel once for the form's key, or for `key`."""

    def act(actor: Actor) -> None:
        attachments.add(actor, parcel_id, kind, content)

    digest = hashlib.sha256(content).hexdigest()
    return act_once(
        "parcel.picture", {"parcel": str(parcel_id), "kind": kind, "sha256": digest}, act, key=key
    )
