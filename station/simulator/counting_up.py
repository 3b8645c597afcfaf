"""What the demo shows of a stocktake: two rows counted, with a parcel missing, one misplaced and one nobody knows."""

import random
from datetime import timedelta
from functools import partial

from station.core import clock
from station.shelves import queries as shelves
from station.simulator import queries
from station.simulator.run import Simulation
from station.simulator.traffic import waybill
from station.simulator.world import World
from station.stocktakes import counting, service

_COUNTED_H = 0.5  # hours before now
_ROWS = 2
_CARRIED = 2  # parcels of a row that stand in the next one; old ones, which nobody fetches meanwhile
_UNKNOWN_OF = "zto"
_SEED = 7  # dice of its own: those of the simulation fall as if nobody counted


def plan(simulation: Simulation) -> None:
    """Plan the stocktake; what is refused is left out, as in life."""
    world = simulation.world
    act = partial(world.attempt, "stocktakes", partial(_count, world))
    world.agenda.plan(simulation.until - timedelta(hours=_COUNTED_H), act)


def _count(world: World) -> None:
    """Scan the fullest rows: the first parcel of each is overlooked, and some of the first row stand in the second."""
    stocktake_id = service.open_stocktake(world.staff[0])
    rows = [row for row in shelves.layers(world.station_id) if not row.is_set_aside]
    carried: list[str] = []
    for row in sorted(rows, key=lambda row: -row.stored)[:_ROWS]:
        here = queries.waybills_in(world.station_id, row.id)
        _scan(world, stocktake_id, f"SHELF:{row.tag}", None)
        for one in carried or _unknown():
            _scan(world, stocktake_id, one, row.id)
        for one in here[1 + _CARRIED :]:
            _scan(world, stocktake_id, one, row.id)
        carried = here[1 : 1 + _CARRIED]


def _unknown() -> list[str]:
    return [waybill(random.Random(_SEED), _UNKNOWN_OF)]  # noqa: S311 - the same demo each time


def _scan(world: World, stocktake_id: int, raw: str, layer_id: int | None) -> None:
    counting.scan(world.staff[0], stocktake_id, raw, layer_id=layer_id, scanned_at=clock.now())
