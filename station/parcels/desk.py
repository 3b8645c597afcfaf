"""The hand-over desk: parcels leave one by one, each only to the person who is being served."""

from dataclasses import replace

from station.core.actor import Actor
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.events.service import take_turn
from station.parcels import desk_queries, facts, hand_over, parcel_queries
from station.parcels.counter import read_waybill
from station.parcels.hand_over import HandedOver, Taker


def scan(actor: Actor, key: str, raw: str, *, taker: Taker) -> HandedOver:
    """Hand the scanned parcel over to the person of `key` (desk_queries.Person).

    Raises StationError as `take` does, `not_found` for a waybill the station does not know, `waybill_malformed` or
    `two_scans_glued` for a scan that is none.
    """
    waybill = read_waybill(raw)
    return take(actor, key, facts.id_of(actor.station_id, waybill), taker=taker)


def take(actor: Actor, key: str, parcel_id: int, *, taker: Taker) -> HandedOver:
    """Hand one parcel over to the person of `key`, or to whoever collects for them.

    Raises StationError `not_your_parcel`, which names nobody, `not_found`, and what hand_over.hand_over raises.
    """
    take_turn(actor.station_id)
    if not desk_queries.is_for(actor.station_id, key, parcel_id):
        parcel_queries.detail(actor.station_id, parcel_id)
        raise StationError(
            "not_your_parcel", _("This one is for somebody else. Put it back."), parcel_id=str(parcel_id)
        )
    return hand_over.hand_over(actor, parcel_id, replace(taker, proxy_id=desk_queries.proxy_of(key)))
