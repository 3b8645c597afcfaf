"""Announcements: a carrier tells of a parcel before it arrives."""

from dataclasses import dataclass

from sqlalchemy import insert

from station.core import clock, ids
from station.core.actor import Actor
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.phones import Phone
from station.core.statements import Statement
from station.events.service import Event, append, take_turn
from station.parcels.consent import YES
from station.parcels.intake import find_active
from station.parcels.lifecycle import Action, ConsentBasis, begin
from station.parcels.models import Parcel
from station.parcels.search import TAIL
from station.residents import service as residents
from station.residents.service import Known

# How a yes for one parcel can be known of, by its ground (DESIGN.md 5). What the sender wishes is neither: it is the
# recipient whom the law asks (快递市场管理办法 art. 28).
WAYS = {
    ConsentBasis.THIS_PARCEL: ("phone_call", "in_person"),
    ConsentBasis.DECLARED_BY_COURIER: ("courier",),
}
_ADD = Statement(insert(Parcel))


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a carrier says of a parcel under way; the waybill is canonical.

    `consent_how`: how a yes for this parcel is known of (WAYS), None when there is none.
    """

    waybill: str
    carrier: str
    phone: Phone | None = None
    name: str | None = None
    size_class: str = "medium"
    consent: ConsentBasis = ConsentBasis.UNKNOWN
    consent_how: str | None = None


def announce(actor: Actor, said: Announcement) -> int:
    """Expect a parcel; return its id. Announced twice, or here already, it stays one parcel.

    A yes for this parcel is put on record with who told of it, when and how. Raises StationError `bad_input` for a yes
    that nobody is known to have given.
    """
    _check_ground(said)
    take_turn(actor.station_id)
    existing = find_active(actor.station_id, said.waybill)
    if existing:
        return existing.id
    recipient = residents.find_or_add(actor.station_id, said.phone, said.name) if said.phone else None
    if said.consent is ConsentBasis.STANDING:
        _check_standing(recipient)
    return _expect(actor, said, recipient)


def _check_ground(said: Announcement) -> None:
    """Refuse a yes for this parcel without a person who gave it, or without how it is known."""
    ways = WAYS.get(said.consent)
    is_known = said.phone is not None and said.consent_how in ways if ways else said.consent_how is None
    if not is_known:
        raise StationError("bad_input", _("Say who gave the consent and how you know of it."))


def _check_standing(recipient: Known | None) -> None:
    if recipient is None or recipient.standing_choice != YES:
        raise StationError(
            "bad_input",
            _("This person is not on record as always agreeing to this station. Ask for this parcel."),
        )


def _expect(actor: Actor, said: Announcement, recipient: Known | None) -> int:
    parcel_id, now = ids.next_id(), clock.now()
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
    if recipient and said.consent_how:
        residents.record_consent(
            actor, recipient.id, choice=YES, how=said.consent_how, parcel_id=parcel_id, at=now
        )
    return parcel_id
