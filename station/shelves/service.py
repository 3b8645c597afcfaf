"""Changes of the shelves room: shelves are added, changed and retired; places are taken and freed."""

from sqlalchemy import bindparam, func, insert, select, update

from station.core import ids
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.statements import Statement
from station.events import service as events
from station.events.service import Event
from station.shelves.models import Layer, Shelf

_LAYER = (Layer.station_id == bindparam("station"), Layer.id == bindparam("layer_id"))
# The share lock keeps a shelf from being retired between this look and the commit on PostgreSQL.
_HOLD_SHELF = Statement(
    select(Shelf.code, Shelf.is_set_aside, Layer.number)
    .join(Layer, (Layer.station_id == Shelf.station_id) & (Layer.shelf_id == Shelf.id))
    .where(*_LAYER, Shelf.retired_at.is_(None))
    .with_for_update(read=True, of=Shelf)
)
_TAKE = (
    update(Layer)
    .where(*_LAYER)
    .values(stored=Layer.stored + 1, cursor=func.coalesce(bindparam("last"), Layer.cursor))
)
_TAKE_WITH_ROOM = Statement(_TAKE.where(Layer.stored < Layer.capacity))
_TAKE_ANYWAY = Statement(_TAKE)
_FREE = Statement(update(Layer).where(*_LAYER).values(stored=Layer.stored - 1))


def take_place(station_id: int, layer_id: int, cursor: int | None) -> None:
    """Count one more parcel on a layer; `cursor`: the number it got, None when the row's cursor stays.

    Raises StationError `shelf_full` when the layer holds as many as it should (a set-aside shelf may
    overflow) and `not_found` when the layer is no more in use.
    """
    shelf = _HOLD_SHELF.first(station=station_id, layer_id=layer_id)
    if shelf is None:
        raise StationError("not_found", _("This shelf layer is not in use."))
    take = _TAKE_ANYWAY if shelf.is_set_aside else _TAKE_WITH_ROOM
    if not take.run(station=station_id, layer_id=layer_id, last=cursor):
        tag = f"{shelf.code}-{shelf.number}"
        raise StationError(
            "shelf_full", _("%(tag)s is full. Scan another shelf card.", tag=tag), layer_id=str(layer_id)
        )


def free_place(station_id: int, layer_id: int) -> None:
    """Count one parcel less on a layer. Raises StationError `not_found`."""
    if not _FREE.run(station=station_id, layer_id=layer_id):
        raise StationError("not_found", _("This shelf layer does not exist at your station."))


def add_shelf(
    actor: Actor, *, code: str, layers: int, capacity: int, size_class: str, is_set_aside: bool
) -> int:
    """Add a shelf of equal layers; return its id. The values are clean already (forms.py).

    Raises StationError `shelf_taken` when the station has or had a shelf of this name.
    """
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
            position=_next_position(actor.station_id),
        )
    )
    like = {
        "station_id": actor.station_id,
        "shelf_id": shelf_id,
        "capacity": capacity,
        "size_class": size_class,
    }
    rows = [{"id": ids.next_id(), "number": number, **like} for number in range(1, layers + 1)]
    connection().execute(insert(Layer), rows)
    data = {"shelf": code, "layers": layers, "capacity": capacity, "set_aside": is_set_aside}
    events.append(actor, Event("shelf_added", data=data))
    return shelf_id


def _next_position(station_id: int) -> int:
    last = select(func.coalesce(func.max(Shelf.position), 0)).where(Shelf.station_id == station_id)
    return connection().execute(last).scalar_one() + 1
