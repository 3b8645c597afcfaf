"""Where the parcels of a drop go: rows suggested by size and free space, kept up to date while many are taken in."""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field, replace

from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.shelves import queries as shelves
from station.shelves.placing import SIZE_CLASSES, suggest
from station.shelves.queries import LayerFacts
from station.shelves.storage import Storage


@dataclass
class Places:
    """The rows of a station with what this drop has put on them so far. A courier stays at a row until it is full."""

    station_id: int
    _rows: dict[int, LayerFacts] = field(init=False)  # as they were before this drop
    _taken: dict[int, int] = field(init=False, default_factory=dict)  # places on them since, by the row
    _current: dict[str, int] = field(init=False, default_factory=dict)  # by size
    _set_aside: LayerFacts | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._rows = {row.id: row for row in shelves.layers(self.station_id)}

    def copy(self) -> "Places":
        """Return the same places, to plan on."""
        other = copy(self)
        other._taken, other._current = dict(self._taken), dict(self._current)
        return other

    def suggested(self, size_class: str) -> Iterator[int]:
        """Yield the rows with room for a parcel, best first; one that is not asked for costs nothing."""
        current = self._rows.get(self._current.get(size_class, 0))
        if current and current.free > self._taken.get(current.id, 0):
            yield current.id
        yield from self._others(size_class, current.id if current else None)

    def first(self, size_class: str) -> int | None:
        """Return the row a parcel would go to now, None when there is none."""
        return next(self.suggested(size_class), None)

    def take(self, size_class: str, layer_id: int) -> None:
        """Count one parcel more on a row, and stay at it."""
        self._taken[layer_id] = self._taken.get(layer_id, 0) + 1
        self._current[size_class] = layer_id

    def set_aside(self) -> int:
        """Return the row for parcels with a problem. Raises StationError `no_set_aside_shelf`."""
        if self._set_aside is None:
            self._set_aside = shelves.set_aside_layer(self.station_id)
        return self._set_aside.id

    def _others(self, size_class: str, current: int | None) -> list[int]:
        rows = [replace(row, stored=row.stored + self._taken.get(row.id, 0)) for row in self._rows.values()]
        ranked = suggest(rows, size_class, current)
        return [one.layer_id for one in ranked if one.layer_id != current]

    def refusal(self, size_class: str) -> StationError:
        """Return why there is no row for a parcel: none is made for its size, or none has room."""
        fitting = SIZE_CLASSES[SIZE_CLASSES.index(size_class) :]
        in_use = [row for row in self._rows.values() if not row.is_set_aside and row.storage == Storage.ROOM]
        if any(row.size_class in fitting for row in in_use):
            return StationError(
                "shelf_full", _("All shelves for this size are full. Ask the staff for a place.")
            )
        return StationError("no_fitting_shelf", _("No shelf is made for a parcel this large. Ask the staff."))
