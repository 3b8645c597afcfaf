"""Opening and ending stocktakes."""

from sqlalchemy import insert, update

from station.core import clock, ids
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.permissions import Permission
from station.events.service import Event, append, take_turn
from station.stocktakes import findings, queries
from station.stocktakes.compare import Kind
from station.stocktakes.lifecycle import Action, StocktakeState, step
from station.stocktakes.models import Stocktake
from station.stocktakes.queries import StocktakeFacts


def open_stocktake(actor: Actor) -> int:
    """Open a stocktake and return its id; the one that is open already is gone on with."""
    take_turn(actor.station_id)
    known = queries.current(actor.station_id)
    if known:
        return known.id
    stocktake_id = ids.next_id()
    values = {"state": StocktakeState.OPEN, "opened_at": clock.now(), "opened_by": actor.key}
    connection().execute(insert(Stocktake).values(station_id=actor.station_id, id=stocktake_id, **values))
    append(actor, Event("stocktake_opened", data={"stocktake": str(stocktake_id)}))
    return stocktake_id


def open_one(actor: Actor, stocktake_id: int) -> StocktakeFacts:
    """Take the station's turn and return a stocktake to change. Raises StationError `not_found`, `stocktake_ended`."""
    take_turn(actor.station_id)
    stocktake = queries.get(actor.station_id, stocktake_id)
    if not stocktake.is_open:
        raise StationError(
            "stocktake_ended", _("This stocktake has ended. Nothing more can be changed in it.")
        )
    return stocktake


def close(actor: Actor, stocktake_id: int) -> None:
    """Close a stocktake: its report is final, what was not settled is kept as it is.

    Raises StationError `not_found`, `stocktake_ended`, or `forbidden` for who neither opened it nor manages.
    """
    stocktake = open_one(actor, stocktake_id)
    left = queries.comparison(actor.station_id, stocktake).differences
    for one in left:
        findings.keep(actor, stocktake_id, one, None)
    counts = {kind.value: sum(one.kind is kind for one in left) for kind in Kind}
    _end(actor, stocktake, Action.CLOSE)
    append(actor, Event("stocktake_closed", data={"stocktake": str(stocktake_id), **counts}))


def abandon(actor: Actor, stocktake_id: int) -> None:
    """Give a stocktake up. What was settled stays settled.

    Raises StationError `not_found`, `stocktake_ended`, or `forbidden` for who neither opened it nor manages.
    """
    stocktake = open_one(actor, stocktake_id)
    _end(actor, stocktake, Action.ABANDON)
    append(actor, Event("stocktake_abandoned", data={"stocktake": str(stocktake_id)}))


def _end(actor: Actor, stocktake: StocktakeFacts, action: Action) -> None:
    if not may_end(actor, stocktake):
        raise StationError("forbidden", _("Only who opened this stocktake, or the manager, can end it."))
    values = {
        "state": step(StocktakeState(stocktake.state), action),
        "ended_at": clock.now(),
        "ended_by": actor.key,
    }
    mine = (Stocktake.station_id == actor.station_id, Stocktake.id == stocktake.id)
    connection().execute(update(Stocktake).where(*mine).values(**values))


def may_end(actor: Actor, stocktake: StocktakeFacts) -> bool:
    """Tell whether somebody may close or abandon a stocktake: their own, or any as a manager."""
    return stocktake.opened_by == actor.key or actor.may(Permission.DAY_CLOSE)
