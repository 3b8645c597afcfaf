"""Undoing a check-in from the list of the batch it belongs to."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from station.core import clock
from station.core.actor import Actor
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.statements import Statement
from station.events import outbox
from station.events import queries as events
from station.events.service import Event, append
from station.network import queries as network
from station.parcels import batches, places, store
from station.parcels.lifecycle import Action, ParcelState
from station.parcels.models import Parcel
from station.parcels.store import Current

ARRIVALS = ("checked_in", "found_again")  # the custody events of coming onto a shelf


@dataclass(frozen=True, slots=True)
class Undone:
    """A check-in that was taken back."""

    parcel_id: int
    waybill: str
    pickup_code: str | None


_LAST = Statement(
    select(Parcel.id)
    .where(
        Parcel.station_id == bindparam("station_id"),
        Parcel.batch_id == bindparam("batch_id"),
        Parcel.state == ParcelState.STORED,
    )
    .order_by(Parcel.stored_at.desc(), Parcel.id.desc())
    .limit(1)
)


def undo_last(actor: Actor, batch_id: int) -> Undone:
    """Undo the newest check-in of a batch. Raises StationError `undo_refused` when there is none left."""
    batches.get(actor, batch_id)
    parcel_id = last_of(actor, batch_id)
    if parcel_id is None:
        raise StationError("undo_refused", _("Nothing is left to undo in this batch."))
    return undo_check_in(actor, parcel_id, batch_id=batch_id)


def last_of(actor: Actor, batch_id: int) -> int | None:
    """Return the newest parcel of a batch that is still on its shelf."""
    found = _LAST.first(station_id=actor.station_id, batch_id=batch_id)
    return int(found.id) if found else None


def undo_check_in(actor: Actor, parcel_id: int, *, batch_id: int) -> Undone:
    """Take a check-in back: an announced parcel is expected again, one that was found is lost, any other cancelled.

    Its code is released and cools down like any other, since a message may be under way; a message not yet sent is
    withdrawn, one already sent is followed by a correction.
    Raises StationError `undo_refused` when the parcel is not in this batch, `illegal_transition` when it has left.
    """
    batch = batches.get(actor, batch_id)
    parcel = store.get(actor.station_id, parcel_id)
    if parcel.batch_id != batch.id:
        raise StationError(
            "undo_refused", _("This parcel does not belong to your batch. Open its page instead.")
        )
    places.leave(actor, parcel, store.next_state(parcel, _way_back(actor.station_id, parcel)))
    outbox.withdraw(actor.station_id, parcel.id)
    append(actor, Event("check_in_undone", parcel.id, {"code": parcel.pickup_code}))
    if parcel.recipient_id and outbox.was_told(actor.station_id, parcel.id):
        outbox.enqueue(
            actor.station_id,
            topic="undone",
            recipient_id=parcel.recipient_id,
            parcel_id=parcel.id,
            due_at=clock.now() + places.notice_delay(network.rules(actor.station_id)),
        )
    return Undone(parcel.id, parcel.waybill, parcel.pickup_code)


def _way_back(station_id: int, parcel: Current) -> Action:
    """Return what takes the newest arrival of a parcel back: where it came from tells its story."""
    came = [event.kind for event in events.story(station_id, parcel.id) if event.kind in ARRIVALS]
    if came[-1:] == ["found_again"]:
        return Action.UNDO_FIND_AGAIN
    return Action.UNDO_CHECK_IN if parcel.announced_at is None else Action.UNDO_ANNOUNCED_CHECK_IN
