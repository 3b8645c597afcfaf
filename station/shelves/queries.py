"""Reads of the shelves room: one layer, all layers, and where a parcel with a problem goes."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, select

from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.statements import Statement
from station.shelves.models import Layer, Shelf
from station.shelves.storage import Storage


@dataclass(frozen=True, slots=True)
class LayerFacts:
    """One layer with its shelf: the row in which numbers are given out, by counter 1 to `counter_space`."""

    id: int
    shelf_id: int
    shelf_code: str
    number: int
    capacity: int
    stored: int
    cursor: int
    counter_space: int
    size_class: str
    is_set_aside: bool
    is_retired: bool
    storage: str = Storage.ROOM

    @property
    def tag(self) -> str:
        """The text on the shelf card: `12-3`."""
        return f"{self.shelf_code}-{self.number}"

    @property
    def free(self) -> int:
        """Places left; never below 0, though a set-aside shelf may overflow."""
        return max(0, self.capacity - self.stored)


LAYER_COLUMNS = (
    Layer.id,
    Layer.shelf_id,
    Shelf.code.label("shelf_code"),
    Layer.number,
    Layer.capacity,
    Layer.stored,
    Layer.cursor,
    Layer.counter_space,
    Layer.size_class,
    Shelf.is_set_aside,
    Shelf.retired_at.is_not(None).label("is_retired"),
    Shelf.storage,
)


def _layers(*where: ColumnElement[bool]) -> Select[Any]:
    return (
        select(*LAYER_COLUMNS)
        .join(Shelf, (Shelf.station_id == Layer.station_id) & (Shelf.id == Layer.shelf_id))
        .where(Layer.station_id == bindparam("station_id"), *where)
        .order_by(Shelf.position, Shelf.id, Layer.number)
    )


_IN_USE = Shelf.retired_at.is_(None)
_BY_ID = Statement(_layers(Layer.id == bindparam("layer_id")))
_BY_CODE = Statement(
    _layers(Shelf.code == bindparam("shelf_code"), Layer.number == bindparam("number"), _IN_USE)
)
_ALL_LAYERS = Statement(_layers())
_LAYERS_OF = Statement(_layers(Layer.shelf_id == bindparam("shelf_id")))
_IN_USE_LAYERS = Statement(_layers(_IN_USE))
_SET_ASIDE = Statement(_layers(_IN_USE, Shelf.is_set_aside.is_(True)))


def layer(station_id: int, layer_id: int) -> LayerFacts:
    """Return a layer, one of a retired shelf too. Raises StationError `not_found`."""
    row = _BY_ID.first(station_id=station_id, layer_id=layer_id)
    if row is None:
        raise StationError("not_found", _("This shelf layer does not exist at your station."))
    return LayerFacts(*row)


def layer_by_code(station_id: int, shelf_code: str, number: int) -> LayerFacts | None:
    """Return the layer that a shelf card names, or None when no shelf in use has it."""
    row = _BY_CODE.first(station_id=station_id, shelf_code=shelf_code, number=number)
    return None if row is None else LayerFacts(*row)


def layers(station_id: int) -> list[LayerFacts]:
    """Return every layer of the shelves in use, set-aside ones too, as the shelves stand."""
    return [LayerFacts(*row) for row in _IN_USE_LAYERS.all(station_id=station_id)]


def cold_shelves(station_id: int) -> dict[str, str]:
    """Return how cold the shelves in use are that are not at room temperature, by their code."""
    return {one.shelf_code: one.storage for one in layers(station_id) if one.storage != Storage.ROOM}


@dataclass(frozen=True, slots=True)
class ShelfFacts:
    """One shelf with its layers from the lowest number up, and how full it is."""

    id: int
    code: str
    is_set_aside: bool
    is_retired: bool
    layers: tuple[LayerFacts, ...]

    @property
    def storage(self) -> str:
        """How cold it is."""
        return self.layers[0].storage

    @property
    def capacity(self) -> int:
        """Places on all layers."""
        return sum(layer.capacity for layer in self.layers)

    @property
    def stored(self) -> int:
        """Parcels on all layers."""
        return sum(layer.stored for layer in self.layers)


def shelves(station_id: int) -> list[ShelfFacts]:
    """Return every shelf of a station as they stand, retired ones last."""
    found = _grouped(_ALL_LAYERS.all(station_id=station_id))
    return sorted(found, key=lambda shelf: shelf.is_retired)


def shelf(station_id: int, shelf_id: int) -> ShelfFacts:
    """Return a shelf, a retired one too. Raises StationError `not_found`."""
    found = _grouped(_LAYERS_OF.all(station_id=station_id, shelf_id=shelf_id))
    if not found:
        raise StationError("not_found", _("This shelf does not exist at your station."))
    return found[0]


def _grouped(rows: list[Any]) -> list[ShelfFacts]:
    return [
        ShelfFacts(shelf_id, layers[0].shelf_code, layers[0].is_set_aside, layers[0].is_retired, layers)
        for shelf_id, group in groupby((LayerFacts(*row) for row in rows), key=lambda layer: layer.shelf_id)
        for layers in [tuple(group)]
    ]


def set_aside_layer(station_id: int) -> LayerFacts:
    """Return where a parcel with a problem goes: the first set-aside layer with room, else the emptiest one.

    Raises StationError `no_set_aside_shelf`.
    """
    found = [LayerFacts(*row) for row in _SET_ASIDE.all(station_id=station_id)]
    if not found:
        raise StationError(
            "no_set_aside_shelf", _("The station has no set-aside shelf. The manager can add one.")
        )
    with_room = [layer for layer in found if layer.free]
    return with_room[0] if with_room else min(found, key=lambda layer: layer.stored / layer.capacity)
