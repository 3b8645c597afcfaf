"""Settling what differs, through the use cases that change a parcel anywhere else; each settling is one event."""

from collections.abc import Callable

from station.core import clock
from station.core.actor import Actor
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.events.service import Event, append
from station.parcels import batches, counter, handling
from station.parcels.batches import Batch
from station.shelves import queries as shelves
from station.stocktakes import counting, findings, queries
from station.stocktakes.compare import Difference
from station.stocktakes.resolutions import Resolution, ways
from station.stocktakes.service import open_one

NOT_FOUND = "not_found"  # of events/vocabulary.py: searched for and not found


def settle(actor: Actor, stocktake_id: int, waybill: str, resolution: Resolution) -> bool:
    """Settle the difference of a waybill; return whether check-in still asks something about it.

    Raises StationError `not_found`, `stocktake_ended`, `stale` when it differs no more or in another way, and what
    the use case raises that changes the parcel.
    """
    stocktake = open_one(actor, stocktake_id)
    found = queries.difference(actor.station_id, stocktake, waybill)
    if found is None or resolution not in ways(found):
        raise StationError("stale", _("This is settled already, or it has changed. Load the list again."))
    asks = _ACTS[resolution](actor, stocktake_id, found)
    findings.keep(actor, stocktake_id, found, resolution)
    return asks


def _lose(actor: Actor, _stocktake_id: int, found: Difference) -> bool:
    handling.mark_lost(actor, _parcel_id(found), reason=NOT_FOUND)
    return False


def _see(actor: Actor, stocktake_id: int, found: Difference) -> bool:
    _at_home(actor, stocktake_id, found, "stocktake_seen")
    return False


def _put_back(actor: Actor, stocktake_id: int, found: Difference) -> bool:
    _at_home(actor, stocktake_id, found, "stocktake_put_back")
    return False


def _at_home(actor: Actor, stocktake_id: int, found: Difference, kind: str) -> None:
    """Note that somebody has it in hand or in sight at the row of the books."""
    home = found.booked.layer_id if found.booked else None
    counting.note(actor, stocktake_id, layer_id=home, waybill=found.waybill, at=clock.now())
    append(actor, Event(kind, _parcel_id(found), {"row": _tag(actor, home)}))


def _move(actor: Actor, _stocktake_id: int, found: Difference) -> bool:
    handling.move(actor, _parcel_id(found), _seen_row(found))
    return False


def _find(actor: Actor, _stocktake_id: int, found: Difference) -> bool:
    handling.find_again(actor, _parcel_id(found), _seen_row(found))
    return False


def _check_in(actor: Actor, _stocktake_id: int, found: Difference) -> bool:
    """Check it in on the counted row; the batch that the actor scans into at the counter keeps its own row."""
    counted = shelves.layer(actor.station_id, _seen_row(found))
    batch = batches.current(actor)
    own = shelves.layer(actor.station_id, batch.layer_id) if batch and batch.layer_id else None
    if batch is None or own is None or own.is_retired:
        return _check_in_apart(actor, found.waybill, counted.id, batch)
    batches.choose_row(actor, batch.id, shelf=counted.shelf_code, layer=counted.number)
    outcome = counter.scan(actor, batch.id, found.waybill, scanned_at=clock.now())
    batches.choose_row(actor, batch.id, shelf=own.shelf_code, layer=own.number)
    return outcome.question is not None


def _check_in_apart(actor: Actor, waybill: str, layer_id: int, beside: Batch | None) -> bool:
    """Check it in through a batch of its own, which stays open only while a question waits in it."""
    batch = batches.open_batch(actor, layer_id=layer_id, is_silent=beside is not None and beside.is_silent)
    asks = counter.scan(actor, batch.id, waybill, scanned_at=clock.now()).question is not None
    if not asks:
        batches.close(actor, batch.id)
    return asks


def _take_out(actor: Actor, stocktake_id: int, found: Difference) -> bool:
    counting.note(actor, stocktake_id, layer_id=None, waybill=found.waybill, at=clock.now())
    parcel_id = found.booked.parcel_id if found.booked else None
    append(actor, Event("stocktake_taken_out", parcel_id, {"row": _tag(actor, found.seen_layer_id)}))
    return False


def _parcel_id(found: Difference) -> int:
    if found.booked is None:
        raise StationError("not_found", _("No parcel with this waybill is known at your station."))
    return found.booked.parcel_id


def _seen_row(found: Difference) -> int:
    if found.seen_layer_id is None:
        raise StationError("not_found", _("Nobody knows any more where this parcel stood."))
    return found.seen_layer_id


def _tag(actor: Actor, layer_id: int | None) -> str | None:
    return shelves.layer(actor.station_id, layer_id).tag if layer_id else None


_ACTS: dict[Resolution, Callable[[Actor, int, Difference], bool]] = {
    Resolution.LOST: _lose,
    Resolution.SEEN: _see,
    Resolution.MOVED: _move,
    Resolution.PUT_BACK: _put_back,
    Resolution.FOUND: _find,
    Resolution.CHECK_IN: _check_in,
    Resolution.TAKEN_OUT: _take_out,
}
