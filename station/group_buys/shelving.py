"""One box for shelf cards and bags' labels: a card says where somebody stands, a label puts its bag there.

Where somebody stands is the row of their batch at check-in, so that it is the same on both pages.
"""

from dataclasses import dataclass

from station.core.actor import Actor
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.group_buys import bags, queries, store
from station.group_buys.queries import Offer
from station.parcels import batches
from station.shelves import cards, keeping
from station.shelves import queries as shelves
from station.shelves.cards import ShelfCard
from station.shelves.queries import LayerFacts
from station.shelves.storage import Storage, suits


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a scan led to: the row somebody stands at, the code of the bag that was put there, and a warning with it."""

    row: str
    pickup_code: str | None = None
    warning: str = ""


def row_of(actor: Actor) -> LayerFacts | None:
    """Return the row the actor stands at."""
    batch = batches.current(actor)
    return shelves.layer(actor.station_id, batch.layer_id) if batch and batch.layer_id else None


def shelves_for(actor: Actor, storage: str) -> list[str]:
    """Return the codes of the shelves with room that are as cold as these goods need, as the shelves stand."""
    return keeping.shelves_for(shelves.layers(actor.station_id), storage)


def missing(station_id: int) -> list[Storage]:
    """Return which cold goods a station has no shelf for, full or not; room temperature is everywhere."""
    there = {layer.storage for layer in shelves.layers(station_id)}
    return [storage for storage in (Storage.CHILLED, Storage.FROZEN) if storage not in there]


def points_without_shelf(offer: Offer) -> list[str]:
    """Return the names of the places where a campaign is collected that have no shelf as cold as its goods need."""
    points = [point.station_id for point in store.points(offer.station_id, offer.campaign.id)]
    names = queries.names(points)
    return [names[one] for one in points if offer.campaign.storage in missing(one)]


def scan(actor: Actor, raw: str) -> Scanned:
    """Take one scan.

    Raises StationError `scan_a_shelf_first`, `not_found` for a shelf that is not here, and as bags.shelve does.
    """
    card = cards.parse(raw)
    batch = batches.current(actor) or batches.open_batch(actor)
    if isinstance(card, ShelfCard):
        return Scanned(batches.choose_row(actor, batch.id, shelf=card.shelf, layer=card.layer).tag)
    if batch.layer_id is None:
        raise StationError("scan_a_shelf_first", _("Scan a shelf card first, so that the bag gets a place."))
    stored = bags.shelve(actor, raw, batch.layer_id)
    is_right = suits(stored.storage, stored.row.storage)
    return Scanned(stored.row.tag, stored.pickup_code, "" if is_right else keeping.warning(stored.storage))
