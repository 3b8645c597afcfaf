"""Changes of the shelves room: shelves are added, changed and retired; places are taken and freed."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import bindparam, exists, func, insert, or_, select, update

from station.core import clock, ids
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.i18n import ngettext
from station.core.statements import Statement
from station.events import service as events
from station.events.service import Event
from station.parcels import cold
from station.shelves import keeping, queries
from station.shelves.models import COUNTER_SPACE, Layer, Shelf
from station.shelves.queries import LAYER_COLUMNS, LayerFacts, ShelfFacts
from station.shelves.storage import Storage


@dataclass(frozen=True, slots=True)
class LayerSize:
    """How many parcels a layer holds, of which size, and through how many numbers it counts."""

    capacity: int
    size_class: str
    counter_space: int = COUNTER_SPACE

    def __str__(self) -> str:
        """Return the size as the custody log names it."""
        return f"{self.capacity} {self.size_class} {self.counter_space}"


_LAYER = (Layer.station_id == bindparam("station"), Layer.id == bindparam("layer_id"))
_MAY_OVERFLOW = exists().where(
    Shelf.station_id == Layer.station_id, Shelf.id == Layer.shelf_id, Shelf.is_set_aside.is_(True)
)
_LOCKED_ROW = Statement(
    select(*LAYER_COLUMNS)
    .join(Shelf, (Shelf.station_id == Layer.station_id) & (Shelf.id == Layer.shelf_id))
    .where(*_LAYER, Shelf.retired_at.is_(None))
    .with_for_update(of=(Layer, Shelf))
)
_TAKE = Statement(
    update(Layer)
    .where(*_LAYER, or_(Layer.stored + bindparam("count") <= Layer.capacity, _MAY_OVERFLOW))
    .values(stored=Layer.stored + bindparam("count"), cursor=bindparam("last"))
)
_FREE = Statement(update(Layer).where(*_LAYER).values(stored=Layer.stored - 1))


def lock_row(station_id: int, layer_id: int) -> LayerFacts:
    """Return a layer in use, and keep others from changing it or its shelf until the transaction ends.

    Raises StationError `not_found`, for a layer of a retired shelf too.
    """
    row = _LOCKED_ROW.first(station=station_id, layer_id=layer_id)
    if row is None:
        raise StationError("not_found", _("This shelf layer is not in use at your station."))
    return LayerFacts(*row)


def take_places(station_id: int, layer_id: int, *, count: int, cursor: int) -> None:
    """Count `count` more parcels on a layer that `lock_row` holds; `cursor` is the number given last.

    Raises StationError `shelf_full` when the layer has no room for all of them; a set-aside shelf may overflow.
    """
    if not _TAKE.run(station=station_id, layer_id=layer_id, count=count, last=cursor):
        raise StationError(
            "shelf_full", _("The shelf is full. Scan another shelf card."), layer_id=str(layer_id)
        )


def free_place(station_id: int, layer_id: int) -> None:
    """Count one parcel less on a layer, one of a retired shelf too. Raises StationError `not_found`."""
    if not _FREE.run(station=station_id, layer_id=layer_id):
        raise StationError("not_found", _("This shelf layer does not exist at your station."))


def add_shelf(
    actor: Actor, *, code: str, layers: int, capacity: int, size_class: str, is_set_aside: bool
) -> int:
    """Add a shelf of equal layers; return its id. The values are clean already (forms.py).

    Raises StationError `shelf_taken` when the station has or had a shelf of this name.
    """
    sizes = [LayerSize(capacity, size_class)] * layers
    return _add(actor, code, sizes, is_set_aside=is_set_aside, storage=Storage.ROOM)


def add_cold_shelf(
    actor: Actor, *, code: str, layers: int, capacity: int, size_class: str, storage: Storage
) -> int:
    """Add a shelf in a fridge or freezer; it is never one for what is set aside. Else as `add_shelf`."""
    return _add(actor, code, [LayerSize(capacity, size_class)] * layers, is_set_aside=False, storage=storage)


def _add(actor: Actor, code: str, sizes: Sequence[LayerSize], *, is_set_aside: bool, storage: Storage) -> int:
    events.take_turn(actor.station_id)
    same = select(Shelf.id).where(Shelf.station_id == actor.station_id, Shelf.code == code)
    if connection().execute(same).first():
        raise StationError("shelf_taken", _("There is a shelf %(code)s already.", code=code))
    shelf_id = ids.next_id()
    connection().execute(
        insert(Shelf).values(
            station_id=actor.station_id,
            id=shelf_id,
            code=code,
            is_set_aside=is_set_aside,
            storage=storage,
            position=_next_position(actor.station_id),
        )
    )
    mine = {"station_id": actor.station_id, "shelf_id": shelf_id}
    rows = [
        {"id": ids.next_id(), "number": number, **mine, **asdict(size)}
        for number, size in enumerate(sizes, start=1)
    ]
    connection().execute(insert(Layer), rows)
    data = {"shelf": code, "layers": len(sizes), "capacity": sizes[0].capacity, "set_aside": is_set_aside}
    kept = {} if storage is Storage.ROOM else {"storage": storage}
    events.append(actor, Event("shelf_added", data=data | kept))
    return shelf_id


def _next_position(station_id: int) -> int:
    last = select(func.coalesce(func.max(Shelf.position), 0)).where(Shelf.station_id == station_id)
    return connection().execute(last).scalar_one() + 1


def change_shelf(
    actor: Actor,
    shelf_id: int,
    *,
    layers: Mapping[int, LayerSize],
    is_set_aside: bool,
    storage: Storage | None = None,
) -> bool:
    """Change the layers of a shelf, by their numbers, and what it is for; tell whether anything differed.

    `storage` None: as cold as it was. The values are clean already (forms.py). A capacity below what is stored is
    fine: then the layer is full. Raises StationError `not_found`, `bad_input` for a cold set-aside shelf, and
    `shelf_in_use` for another storage than bags on it need.
    """
    events.take_turn(actor.station_id)
    before = queries.shelf(actor.station_id, shelf_id)
    kinds = {
        "set_aside": (before.is_set_aside, is_set_aside),
        "storage": (before.storage, storage or before.storage),
    }
    _check_kind(actor.station_id, before, is_set_aside=is_set_aside, storage=storage)
    changes: dict[str, list[object]] = {}
    for layer in before.layers:
        old = LayerSize(layer.capacity, layer.size_class, layer.counter_space)
        new = layers.get(layer.number)
        if new is None or new == old:
            continue
        mine = (Layer.station_id == actor.station_id, Layer.id == layer.id)
        connection().execute(update(Layer).where(*mine).values(**asdict(new)))
        changes[layer.tag] = [str(old), str(new)]
    other = {name: [old, new] for name, (old, new) in kinds.items() if old != new}
    if other:
        _set(actor, shelf_id, is_set_aside=is_set_aside, storage=storage or before.storage)
    changes |= other
    if changes:
        events.append(actor, Event("shelf_changed", data={"shelf": before.code, "changes": changes}))
    return bool(changes)


def _check_kind(station_id: int, before: ShelfFacts, *, is_set_aside: bool, storage: Storage | None) -> None:
    """Refuse a cold set-aside shelf, and a change that bags on the shelf would spoil from."""
    kind = storage or before.storage
    if is_set_aside and kind != Storage.ROOM:
        raise StationError(
            "bad_input", _("A set-aside shelf is at room temperature: parcels of any kind land there.")
        )
    if kind == before.storage:
        return
    for needs, count in sorted(cold.bags_on(station_id, [layer.id for layer in before.layers]).items()):
        if needs != kind:
            raise StationError("shelf_in_use", keeping.holds(before.code, needs, count))


def retire_shelf(actor: Actor, shelf_id: int) -> None:
    """Take an empty shelf out of use; its code stays taken, since old pickup codes name it.

    Raises StationError `not_found` and `shelf_in_use`.
    """
    events.take_turn(actor.station_id)
    found = queries.shelf(actor.station_id, shelf_id)
    if found.stored:
        raise StationError(
            "shelf_in_use",
            ngettext(
                "Shelf %(code)s still holds %(num)s parcel. Move it first.",
                "Shelf %(code)s still holds %(num)s parcels. Move them first.",
                found.stored,
                code=found.code,
            ),
        )
    _set(actor, shelf_id, retired_at=clock.now())
    events.append(actor, Event("shelf_retired", data={"shelf": found.code}))


def reopen_shelf(actor: Actor, shelf_id: int) -> None:
    """Bring a retired shelf back into use. Raises StationError `not_found`."""
    events.take_turn(actor.station_id)
    _set(actor, shelf_id, retired_at=None)
    code = queries.shelf(actor.station_id, shelf_id).code
    events.append(actor, Event("shelf_reopened", data={"shelf": code}))


def _set(actor: Actor, shelf_id: int, **values: object) -> None:
    mine = (Shelf.station_id == actor.station_id, Shelf.id == shelf_id)
    if not connection().execute(update(Shelf).where(*mine).values(**values)).rowcount:
        raise StationError("not_found", _("This shelf does not exist at your station."))
