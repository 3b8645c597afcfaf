"""Bags of the station itself as parcels: expected when they are packed, stored when their label is scanned at a shelf.

From then on they are parcels like any other. Whose goods are in them, and why, is the group_buys room's.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert

from station.carriers.catalogue import OWN
from station.carriers.detection import OWN_DIGITS, is_own, own_number
from station.core import clock, ids
from station.core.actor import Actor
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.statements import Statement
from station.events import outbox
from station.events.service import Event, append, take_turn
from station.parcels import store
from station.parcels.consent import YES
from station.parcels.counter import read_waybill
from station.parcels.intake import Arrival, CheckedIn, Intake, find_active
from station.parcels.lifecycle import Action, ConsentBasis, begin
from station.parcels.models import Parcel
from station.parcels.search import TAIL
from station.residents import many as many_residents
from station.residents import service as residents
from station.shelves import keeping

_ADD = Statement(insert(Parcel))


@dataclass(frozen=True, slots=True)
class Bag:
    """A bag for a recipient of the station, who agreed to collect it here; `how` as in the record of consents."""

    recipient_id: int
    how: str


def expect(actor: Actor, bags: Sequence[Bag], *, storage: str) -> list[int]:
    """Expect bags at the actor's station, each under a number of its own; return their parcels in the same order.

    `storage`: how cold all of them have to be kept (shelves/storage.py).
    """
    take_turn(actor.station_id)
    now, parcel_ids = clock.now(), [ids.next_id() for _bag in bags]
    numbers = _numbers(actor.station_id, len(bags))
    made = list(zip(parcel_ids, numbers, bags, strict=True))
    _ADD.run_many(
        [_row(actor, parcel_id, number, bag) for parcel_id, number, bag in made],
        announced_at=now,
        storage=storage,
    )
    events = [Event("announced", parcel_id, {"carrier": OWN}) for parcel_id in parcel_ids]
    told = [(bag.recipient_id, parcel_id, bag.how) for parcel_id, _number, bag in made]
    events += many_residents.record_yes(actor, told, at=now)
    if events:
        append(actor, *events, at=now)
    return parcel_ids


def _numbers(station_id: int, count: int) -> list[str]:
    """Return numbers that no active parcel has. By chance, so that their tails, the pickup codes, lie far apart."""
    found: set[str] = set()
    while len(found) < count:
        number = own_number(secrets.randbelow(10**OWN_DIGITS))
        if find_active(station_id, number) is None:
            found.add(number)
    return sorted(found)


def _row(actor: Actor, parcel_id: int, number: str, bag: Bag) -> dict[str, object]:
    return {
        "station_id": actor.station_id,
        "id": parcel_id,
        "waybill": number,
        "waybill_tail": number[-TAIL:],
        "carrier": OWN,
        "state": begin(Action.ANNOUNCE),
        "recipient_id": bag.recipient_id,
        "size_class": "medium",
        "consent_basis": ConsentBasis.THIS_PARCEL,
    }


def put_on_shelf(actor: Actor, raw: str, layer_id: int) -> CheckedIn:
    """Store a bag whose label was scanned. Its recipient is told like of any parcel.

    Raises StationError `bag_unknown` for a number of another kind or of no bag here, and as Intake.add does:
    `already_checked_in`, `shelf_full`, `row_codes_exhausted`, `not_found` (no such layer); `wrong_storage` for a shelf
    that is too warm or too cold while another has room.
    """
    number = read_waybill(raw)
    take_turn(actor.station_id)
    existing = find_active(actor.station_id, number) if is_own(number) else None
    if existing is None or existing.recipient_id is None:
        raise StationError("bag_unknown", _("This is no bag of a group buy here. Scan the label on the bag."))
    intake = Intake(actor)
    stored = intake.add(
        Arrival(
            waybill=number,
            layer_id=layer_id,
            carrier=OWN,
            recipient=residents.get(actor.station_id, existing.recipient_id),
            size_class=existing.size_class,
            consent=ConsentBasis(existing.consent_basis),
        )
    )
    keeping.require(actor.station_id, stored.row, stored.storage)
    intake.write()
    return stored


def hand_on(actor: Actor, parcel_id: int, to: Bag) -> None:
    """Let a stored bag be somebody else's, who agreed to collect it here and is told where it stands.

    Raises StationError `illegal_transition` when it is not stored, `not_found` for a person nobody knows.
    """
    parcel = store.get(actor.station_id, parcel_id)
    store.next_state(parcel, Action.CLEAR_PROBLEM)
    recipient, now = residents.get(actor.station_id, to.recipient_id), clock.now()
    outbox.withdraw(actor.station_id, parcel.id)
    basis = ConsentBasis.THIS_PARCEL
    store.change(actor.station_id, parcel, recipient_id=recipient.id, problem=None, consent_basis=basis)
    facts = {"recipient": str(recipient.id), "consent_basis": basis}
    append(actor, Event("recipient_assigned", parcel.id, facts))
    residents.record_consent(actor, recipient.id, choice=YES, how=to.how, parcel_id=parcel.id)
    outbox.enqueue(
        actor.station_id, topic="stored", recipient_id=recipient.id, parcel_id=parcel.id, due_at=now
    )
