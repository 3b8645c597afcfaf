"""Announcements: a carrier tells of a parcel before it arrives."""

from dataclasses import dataclass

from sqlalchemy import insert

from station.core import clock, ids
from station.core.actor import Actor
from station.core.phones import Phone
from station.core.statements import Statement
from station.events.service import Event, append, take_turn
from station.parcels.intake import TAIL, find_active
from station.parcels.lifecycle import Action, ConsentBasis, begin
from station.parcels.models import Parcel
from station.residents import service as residents

_ADD = Statement(insert(Parcel))


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a carrier says of a parcel under way; the waybill is canonical."""

    waybill: str
    carrier: str
    phone: Phone | None = None
    name: str | None = None
    size_class: str = "medium"
    consent: ConsentBasis = ConsentBasis.UNKNOWN


def announce(actor: Actor, said: Announcement) -> int:
    """Expect a parcel; return its id. Announced twice, or here already, it stays one parcel."""
    take_turn(actor.station_id)
    existing = find_active(actor.station_id, said.waybill)
    if existing:
        return existing.id
    parcel_id, now = ids.next_id(), clock.now()
    recipient = residents.find_or_add(actor.station_id, said.phone, said.name) if said.phone else None
    _ADD.run(
        station_id=actor.station_id,
        id=parcel_id,
        waybill=said.waybill,
        waybill_tail=said.waybill[-TAIL:],
        carrier=said.carrier,
        state=begin(Action.ANNOUNCE),
        recipient_id=recipient.id if recipient else None,
        size_class=said.size_class,
        consent_basis=said.consent,
        announced_at=now,
    )
    append(actor, Event("announced", parcel_id, {"carrier": said.carrier}), at=now)
    return parcel_id
