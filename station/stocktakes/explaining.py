"""Explaining differences to whoever walks: what happened last to a parcel, in words, and where to look for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from station.accounts import queries as accounts
from station.core.i18n import gettext as _
from station.parcels import story
from station.shelves import queries as shelves
from station.stocktakes import finding_queries
from station.stocktakes.compare import Booked, Difference, Kind, Sighting
from station.stocktakes.finding_queries import Happened
from station.stocktakes.hints import Hint, Row, ranked
from station.stocktakes.resolutions import Resolution, ways


@dataclass(frozen=True, slots=True)
class Told:
    """One event in words."""

    at: datetime
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Explained:
    """A difference with all that helps to settle it."""

    found: Difference
    story: tuple[Told, ...]
    hints: tuple[Hint, ...]
    ways: tuple[Resolution, ...]


def explain(station_id: int, differences: Sequence[Difference]) -> list[Explained]:
    """Explain differences; a handful of statements, whatever their number."""
    known = [one.booked.parcel_id for one in differences if one.booked]
    events = finding_queries.last_events(station_id, known)
    names = accounts.names(station_id, [one.actor for some in events.values() for one in some])
    places = _hints(station_id, [one for one in differences if one.kind is Kind.MISSING])
    return [
        Explained(
            one,
            tuple(_told(event, names) for event in events.get(_id(one.booked), [])),
            places.get(one.waybill, ()),
            ways(one),
        )
        for one in differences
    ]


def _told(event: Happened, names: dict[str, str]) -> Told:
    return Told(event.at, names.get(event.actor, _("somebody")), story.tell(event.kind, event.data))


def _hints(station_id: int, missing: Sequence[Difference]) -> dict[str, tuple[Hint, ...]]:
    """Return where to look for each missing parcel, by its waybill."""
    books = [one.booked for one in missing if one.booked]
    parcel_ids = [one.parcel_id for one in books]
    rows = shelf_rows(station_id)
    seen = finding_queries.last_sightings(station_id, [one.waybill for one in books])
    placed = finding_queries.placed_at(station_id, parcel_ids)
    before = finding_queries.rows_before(station_id, parcel_ids)
    return {
        one.waybill: ranked(
            rows,
            one.layer_id,
            scanned=_still_counts(seen.get(one.waybill), placed.get(one.parcel_id)),
            before=before.get(one.parcel_id, []),
        )
        for one in books
    }


def shelf_rows(station_id: int) -> list[Row]:
    """Return the rows of the shelves in use, as they stand."""
    in_use = [shelf for shelf in shelves.shelves(station_id) if not shelf.is_retired]
    return [
        Row(layer.id, place, layer.number, shelf.is_set_aside)
        for place, shelf in enumerate(in_use)
        for layer in shelf.layers
    ]


def _still_counts(seen: Sighting | None, placed: datetime | None) -> int | None:
    """Return the row of a scan that nothing changed since."""
    if seen is None or (placed is not None and placed > seen.at):
        return None
    return seen.layer_id


def _id(booked: Booked | None) -> int:
    return booked.parcel_id if booked else 0
