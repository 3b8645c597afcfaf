"""Answers that were missing when a parcel came in, given later: whose it is, who brought it, whether it may stay."""

from station.carriers.catalogue import COMPANIES
from station.core.actor import Actor
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.phones import Phone
from station.events.service import Event, append, take_turn
from station.parcels import handling, store
from station.parcels.consent import REFUSALS
from station.parcels.lifecycle import Action, ConsentBasis, Problem
from station.parcels.places import Place
from station.residents import service as residents
from station.shelves import keeping
from station.shelves import queries as shelves

ALWAYS = "always"
SHORT_OF_CONSENT = (Problem.ASK, Problem.DOOR_WANTED)


def give_phone(actor: Actor, parcel_id: int, phone: Phone, *, name: str | None) -> None:
    """Say whose a parcel is by phone number and name; a new recipient is added."""
    take_turn(actor.station_id)
    recipient = residents.find_or_add(actor.station_id, phone, name)
    handling.assign_recipient(actor, parcel_id, recipient.id)


def move(actor: Actor, parcel_id: int, layer_id: int) -> Place:
    """Move a parcel to another row; having had no place is a problem no more.

    A parcel that a carrier brought may go onto a cold shelf: whoever moves it read on its label that it has to. A bag
    goes where it is as cold as it needs, or aside with its problem: StationError `wrong_storage`. Raises as
    handling.move does.
    """
    parcel, row = store.get(actor.station_id, parcel_id), shelves.layer(actor.station_id, layer_id)
    if parcel.storage and not (row.is_set_aside and parcel.problem):
        keeping.require(actor.station_id, row, parcel.storage)
    place = handling.move(actor, parcel_id, layer_id)
    if store.get(actor.station_id, parcel_id).problem == Problem.NO_PLACE:
        handling.clear_problem(actor, parcel_id)
    return place


def choose_carrier(actor: Actor, parcel_id: int, carrier: str) -> None:
    """Say who brought a parcel. Raises StationError `bad_input` for a carrier that is not in the list."""
    if carrier not in COMPANIES:
        raise StationError("bad_input", _("Choose a carrier from the list."))
    parcel = store.get(actor.station_id, parcel_id)
    store.next_state(parcel, Action.MARK_PROBLEM)
    store.change(actor.station_id, parcel, carrier=carrier)
    append(actor, Event("carrier_chosen", parcel.id, {"carrier": carrier, "before": parcel.carrier}))
    if parcel.problem == Problem.UNKNOWN_CARRIER:
        handling.clear_problem(actor, parcel_id)


def record_consent(actor: Actor, parcel_id: int, *, choice: str, how: str) -> None:
    """Record what the recipient says: this parcel may stay (`station`), all may (`always`), or it goes elsewhere.

    A yes becomes the parcel's basis and ends the problem; any other choice is its problem from now on.
    Raises StationError `bad_input` for an unknown choice and for a parcel whose recipient nobody knows.
    """
    parcel = store.get(actor.station_id, parcel_id)
    store.next_state(parcel, Action.MARK_PROBLEM)
    if parcel.recipient_id is None:
        raise StationError("bad_input", _("Nobody knows whose parcel this is. Give its phone number first."))
    if choice == ALWAYS:
        residents.record_consent(actor, parcel.recipient_id, choice="station", how=how)
    else:
        residents.record_consent(actor, parcel.recipient_id, choice=choice, how=how, parcel_id=parcel.id)
    if choice in REFUSALS:
        handling.mark_problem(actor, parcel_id, REFUSALS[choice])
        return
    basis = ConsentBasis.STANDING if choice == ALWAYS else ConsentBasis.THIS_PARCEL
    store.change(actor.station_id, parcel, consent_basis=basis)
    if parcel.problem in SHORT_OF_CONSENT:
        handling.clear_problem(actor, parcel_id)
