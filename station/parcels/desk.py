"""The hand-over desk: parcels leave one by one, each only to the person who is being served."""

from station.core.actor import Actor
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.i18n import lazy as _l
from station.events.service import take_turn
from station.parcels import desk_queries, facts, hand_over, parcel_queries
from station.parcels.counter import read_waybill
from station.parcels.hand_over import HandedOver, Taker
from station.parcels.lifecycle import ParcelState

# What to do with a parcel under the scanner that cannot be handed over.
WHY_NOT = {
    ParcelState.EXPECTED: _l("This parcel is not checked in yet. Check it in first."),
    ParcelState.RETURNING: _l(
        "This parcel is going back to its carrier. Cancel the return on its page first."
    ),
    ParcelState.RETURNED: _l("This parcel was given back to its carrier. Ask the manager."),
    ParcelState.LOST: _l("This parcel is marked as lost. Check it in again first."),
    ParcelState.WRITTEN_OFF: _l("This parcel is written off. Check it in again first."),
    ParcelState.CANCELLED: _l("This parcel's check-in was undone. Check it in first."),
}


def scan(actor: Actor, key: str, raw: str, *, taker: Taker) -> HandedOver:
    """Hand the scanned parcel over to the person of `key` (desk_queries.Person).

    Raises StationError as `take` does, `not_found` for a waybill the station does not know, `waybill_malformed` or
    `two_scans_glued` for a scan that is none.
    """
    waybill = read_waybill(raw)
    return take(actor, key, facts.id_of(actor.station_id, waybill), taker=taker)


def take(actor: Actor, key: str, parcel_id: int, *, taker: Taker) -> HandedOver:
    """Hand one parcel over to the person of `key`.

    Raises StationError `not_your_parcel`, which names nobody, `already_handed_over`, `is_held`,
    `illegal_transition` (it says what to do), `not_found` or `stale`.
    """
    take_turn(actor.station_id)
    if not desk_queries.is_for(actor.station_id, key, parcel_id):
        parcel_queries.detail(actor.station_id, parcel_id)
        raise StationError(
            "not_your_parcel", _("This one is for somebody else. Put it back."), parcel_id=str(parcel_id)
        )
    state = ParcelState(parcel_queries.detail(actor.station_id, parcel_id).state)
    if state in WHY_NOT:
        raise StationError(
            "illegal_transition", _(WHY_NOT[state]), state=state.value, parcel_id=str(parcel_id)
        )
    return hand_over.hand_over(actor, parcel_id, taker)
