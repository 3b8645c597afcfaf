"""A parcel's place: taking it away from one, giving it another, putting it back where it was."""

from dataclasses import dataclass
from datetime import timedelta

from station.core import clock
from station.core.actor import Actor
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.network import queries as network
from station.network.queries import StationRules
from station.parcels import allocation, clock_rules, store
from station.parcels.allocation import Numbers
from station.parcels.clock_rules import StorageLevel
from station.parcels.codes import display, parse
from station.parcels.intake import Existing, find_active, refuse_second
from station.parcels.lifecycle import ON_SHELF, ParcelState
from station.parcels.numbering import WAYBILL_DIGITS
from station.parcels.station_clock import deadlines_of
from station.parcels.store import Current
from station.residents import service as residents
from station.shelves import service as shelves


@dataclass(frozen=True, slots=True)
class Place:
    """Where a parcel stands now, and whether its code is the one it had before."""

    pickup_code: str
    is_same_code: bool


def notice_delay(rules: StationRules) -> timedelta:
    """Return how long a message waits for the person's other parcels."""
    return timedelta(seconds=rules.notice_delay_s)


def leave(actor: Actor, parcel: Current, state: ParcelState) -> None:
    """Take a parcel off its shelf for good: free the place, release its codes, write `state`."""
    now = clock.now()
    store.change(actor.station_id, parcel, state=state, layer_id=None, due_at=None, left_at=now)
    if parcel.layer_id is not None:
        shelves.free_place(actor.station_id, parcel.layer_id)
    allocation.release(actor.station_id, parcel.id, now)


def give_row(actor: Actor, parcel: Current, layer_id: int, *, state: ParcelState) -> Place:
    """Give a parcel a new code in another row. Older codes stay its aliases until all are released together.

    Raises StationError `shelf_full`, `row_codes_exhausted`, `not_found` or `stale`.
    """
    rules = network.rules(actor.station_id)
    row = shelves.lock_row(actor.station_id, layer_id)
    if row.stored >= row.capacity and not row.is_set_aside:
        raise StationError("shelf_full", _("%(row)s is full.", row=row.tag), layer_id=str(layer_id))
    numbers = Numbers(actor.station_id, row, rules, clock.now())
    given = numbers.give(parcel.id, parcel.waybill, _tail(actor, parcel))
    store.change(
        actor.station_id,
        parcel,
        state=state,
        layer_id=layer_id,
        pickup_code=given.printed,
        needs_sticker=given.needs_sticker,
        left_at=None,
        **clock_values(parcel, rules, state),
    )
    if parcel.layer_id is not None:
        shelves.free_place(actor.station_id, parcel.layer_id)
    allocation.write(actor.station_id, [given], numbers.now)
    shelves.take_places(actor.station_id, layer_id, count=1, cursor=numbers.cursor)
    return Place(given.printed, is_same_code=False)


def put_back(actor: Actor, parcel: Current, state: ParcelState) -> Place:
    """Put a parcel that left back where it was: with its old code if it is free, else with a new one.

    Raises StationError when another active parcel has the waybill now: `already_checked_in`, or `illegal_transition`
    when that one is not here yet.
    """
    again = find_active(actor.station_id, parcel.waybill)
    if again and again.id != parcel.id:
        raise refuse_since(again)
    layer_id = allocation.last_layer(actor.station_id, parcel.id)
    if layer_id is None:
        raise StationError("not_found", _("Nobody knows any more where this parcel stood."))
    row = shelves.lock_row(actor.station_id, layer_id)
    code = allocation.restore(actor.station_id, parcel.id, clock.now())
    if code is None:
        return give_row(actor, parcel, layer_id, state=state)
    rules = network.rules(actor.station_id)
    store.change(
        actor.station_id,
        parcel,
        state=state,
        layer_id=layer_id,
        left_at=None,
        **clock_values(parcel, rules, state),
    )
    shelves.take_places(actor.station_id, layer_id, count=1, cursor=row.cursor)
    return Place(parcel.pickup_code or _printed(code, rules), is_same_code=True)


def refuse_since(again: Existing | None) -> StationError:
    """Return the refusal to bring back a parcel whose waybill came again since; `again` None when that one left."""
    if again is None:
        return StationError(
            "illegal_transition",
            _("The same waybill came in again since and left. If a parcel is here, check it in."),
        )
    if again.state in ON_SHELF:
        return refuse_second(again)
    return StationError(
        "illegal_transition",
        _("The same waybill was announced again since. Check the parcel in instead of undoing."),
        parcel_id=str(again.id),
    )


def _printed(code: str, rules: StationRules) -> str:
    parsed = parse(code)
    return display(parsed, WAYBILL_DIGITS if rules.numbering == "waybill" else 0) if parsed else code


def _tail(actor: Actor, parcel: Current) -> str | None:
    if parcel.recipient_id is None:
        return None
    return residents.get(actor.station_id, parcel.recipient_id).phone_tail


def clock_values(parcel: Current, rules: StationRules, state: ParcelState) -> dict[str, object]:
    """Return the next deadline: a move or a mistake never starts the storage clock anew.

    Only stored parcels have one; a parcel picked for its carrier waits for no level.
    """
    stored_at = parcel.stored_at or clock.now()
    if state is not ParcelState.STORED:
        return {"due_at": None, "stored_at": stored_at}
    found = deadlines_of(stored_at, rules, timedelta(hours=parcel.extended_h))
    due_at = clock_rules.next_due(found, StorageLevel(parcel.level))
    return {"due_at": due_at, "stored_at": stored_at}
