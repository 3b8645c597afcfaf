"""What the demo shows of a stocktake: two rows counted, with a parcel missing, one misplaced and one nobody knows."""

from datetime import timedelta
from functools import partial

from station.core import clock
from station.shelves.queries import layer_by_code
from station.simulator import queries
from station.simulator.run import Simulation
from station.simulator.traffic import waybill
from station.simulator.world import World
from station.stocktakes import counting, service

_COUNTED_H = 0.5  # hours before now
_ROWS = (("5", 1), ("6", 1))
_UNKNOWN_OF = "zto"


def plan(simulation: Simulation) -> None:
    """Plan the stocktake; what is refused is left out, as in life."""
    world = simulation.world
    act = partial(world.attempt, "stocktakes", partial(_count, world))
    world.agenda.plan(simulation.until - timedelta(hours=_COUNTED_H), act)


def _count(world: World) -> None:
    """Scan two rows: the first parcel is overlooked, the last of the first row is scanned in the second."""
    stocktake_id = service.open_stocktake(world.staff[0])
    carried: list[str] = []
    for shelf, number in _ROWS:
        row = layer_by_code(world.station_id, shelf, number)
        if row is None:
            continue
        here = queries.waybills_in(world.station_id, row.id)
        _scan(world, stocktake_id, f"SHELF:{row.tag}", None)
        for one in [*carried, *here[1:-1]]:
            _scan(world, stocktake_id, one, row.id)
        carried = here[-1:] if len(here) > 1 else []
    if row:
        _scan(world, stocktake_id, waybill(world.rng, _UNKNOWN_OF), row.id)


def _scan(world: World, stocktake_id: int, raw: str, layer_id: int | None) -> None:
    counting.scan(world.staff[0], stocktake_id, raw, layer_id=layer_id, scanned_at=clock.now())
