"""Counting: each scan is a shelf card, which says the row, or a parcel noted in that row."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert

from station.core import clock, ids
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.parcels.counter import read_waybill
from station.shelves import cards
from station.shelves import queries as shelves
from station.shelves.cards import CommandCard, ShelfCard
from station.shelves.queries import LayerFacts
from station.stocktakes import queries
from station.stocktakes.compare import Booked, Kind, Sighting, is_outdated, kind_of
from station.stocktakes.models import StocktakeScan
from station.stocktakes.queries import StocktakeFacts
from station.stocktakes.service import open_one

IDENTITY = "ID:"


@dataclass(frozen=True, slots=True)
class Counted:
    """What a scan led to: a row that is counted from now on, or a parcel noted in one.

    `waybill` None: a shelf card. `kind`: how the parcel differs from the books, as far as is known now.
    """

    row: LayerFacts
    waybill: str | None = None
    booked: Booked | None = None
    kind: Kind | None = None
    is_repeated: bool = False


def scan(actor: Actor, stocktake_id: int, raw: str, *, layer_id: int | None, scanned_at: datetime) -> Counted:
    """Take one scan: a shelf card says which row is counted, anything else is a parcel in the row `layer_id`.

    The newest scan of a waybill counts; the same one again in the same row changes nothing.
    Raises StationError `not_found`, `stocktake_ended`, `unknown_code` for a card that does not belong here,
    `scan_a_shelf_first`, `waybill_malformed` or `two_scans_glued`.
    """
    stocktake = open_one(actor, stocktake_id)
    at = max(stocktake.opened_at, min(scanned_at, clock.now()))
    card = cards.parse(raw)
    if isinstance(card, ShelfCard):
        return _row_card(actor, stocktake_id, card, at)
    if isinstance(card, CommandCard) or raw.strip().upper().startswith(IDENTITY):
        raise StationError(
            "unknown_code", _("This card does not belong here. Scan a waybill or a shelf card.")
        )
    waybill = read_waybill(raw)
    row = _counted_row(actor, stocktake_id, layer_id)
    return _parcel(actor, stocktake, row, Sighting(waybill, row.id, at))


def _row_card(actor: Actor, stocktake_id: int, card: ShelfCard, at: datetime) -> Counted:
    row = shelves.layer_by_code(actor.station_id, card.shelf, card.layer)
    if row is None:
        raise StationError(
            "not_found", _("There is no shelf %(row)s here.", row=f"{card.shelf}-{card.layer}")
        )
    note(actor, stocktake_id, layer_id=row.id, waybill=None, at=at)
    return Counted(row)


def _counted_row(actor: Actor, stocktake_id: int, layer_id: int | None) -> LayerFacts:
    if layer_id is None or layer_id not in queries.counted(actor.station_id, stocktake_id):
        raise StationError("scan_a_shelf_first", _("Scan the card of the shelf first, then its parcels."))
    return shelves.layer(actor.station_id, layer_id)


def _parcel(actor: Actor, stocktake: StocktakeFacts, row: LayerFacts, seen: Sighting) -> Counted:
    before = queries.newest_sighting(actor.station_id, stocktake.id, seen.waybill)
    booked = queries.book_of(actor.station_id, stocktake, seen.waybill)
    # A scan that the books overtook counts no more, so that the same one again is news.
    is_repeated = before is not None and before.layer_id == seen.layer_id and not is_outdated(booked, before)
    if not is_repeated:
        note(actor, stocktake.id, layer_id=row.id, waybill=seen.waybill, at=seen.at)
    kind = kind_of(booked, seen, is_expected=False)
    return Counted(row, seen.waybill, booked, kind, is_repeated)


def note(actor: Actor, stocktake_id: int, *, layer_id: int | None, waybill: str | None, at: datetime) -> None:
    """Write down where somebody saw a parcel, or which row they count."""
    values = {"layer_id": layer_id, "waybill": waybill, "at": at, "actor": actor.key}
    row = {"station_id": actor.station_id, "id": ids.next_id(), "stocktake_id": stocktake_id}
    connection().execute(insert(StocktakeScan).values(**row, **values))
