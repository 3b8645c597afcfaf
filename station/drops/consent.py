"""What a courier says the recipient answered of a parcel that stopped: yes to the station, to the door, or not yet."""

from dataclasses import replace

from sqlalchemy import update

from station.core import clock
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.drops import lifecycle, queries
from station.drops.carrying import carrier_of
from station.drops.lifecycle import WAITING, Choice, DropAction, DropState, Outcome
from station.drops.models import DropScan
from station.drops.queries import ScanFacts
from station.drops.scans import Answer, Taking, Verdict, outcome_values, waiting_for
from station.events.service import Event, append, take_turn
from station.parcels.announce import WAYS
from station.parcels.intake import Arrival, Existing
from station.parcels.lifecycle import ON_SHELF, ConsentBasis
from station.residents import service as residents
from station.residents.service import Known

HOW = WAYS[ConsentBasis.THIS_PARCEL]
"""How a courier can know: they called, or met the recipient. What they only believe is no yes."""


def answer(actor: Actor, drop_id: int, key: str, *, choice: str, how: str | None = None) -> Answer:
    """Record what the recipient of a stopped parcel said, who heard it, when and how; after a yes, take it in.

    Raises StationError `not_found` for another's drop or an unknown scan, `answer_expected` when the scan waits for no
    answer, `drop_over` when the drop is finished, `bad_input` for a yes or no nobody is known to have given; and
    `no_fitting_shelf`, `shelf_full`, `row_codes_exhausted` when there is no place: then nothing has changed.
    """
    take_turn(actor.station_id)
    drop = queries.own(actor, drop_id)
    found = queries.scan_of(drop, key)
    if found is None:
        raise StationError("not_found", _("This scan is not known yet. Send it first."))
    recipient = _waiting(actor, found)
    if not lifecycle.can(DropState(drop.state), DropAction.ANSWER):
        raise StationError("drop_over", _("This drop is finished. Scan the station's code to begin another."))
    said = _choice(choice, how)
    taking = Taking(actor, drop)
    verdict = _act(taking, found, recipient, said, how)
    append(actor, Event("drop_answered", found.parcel_id, _facts(drop.id, said, how)))
    values = outcome_values(verdict, {}) | {"choice": said, "how": how}
    connection().execute(
        update(DropScan)
        .where(DropScan.station_id == actor.station_id, DropScan.id == found.id)
        .values(**values, answered_at=clock.now())
    )
    changed = replace(found, **values)
    return Answer(changed, waiting_for(actor, changed))


def _waiting(actor: Actor, found: ScanFacts) -> Known:
    recipient = waiting_for(actor, found) if found.outcome in WAITING else None
    if recipient is None:
        raise StationError("answer_expected", _("This parcel waits for no answer any more."))
    return recipient


def _choice(choice: str, how: str | None) -> Choice:
    is_known = choice in set(Choice) and (how is None if choice == Choice.CALL else how in HOW)
    if not is_known:
        raise StationError("bad_input", _("Choose what the recipient said and how you know."))
    return Choice(choice)


def _facts(drop_id: int, said: Choice, how: str | None) -> dict[str, str | None]:
    return {"drop": str(drop_id), "choice": said, "how": how}


def _act(taking: Taking, found: ScanFacts, recipient: Known, said: Choice, how: str | None) -> Verdict:
    existing = taking.intake.existing(found.waybill) if found.waybill else None
    if existing is None or existing.state in ON_SHELF:
        return Verdict(Outcome.DUPLICATE, found.waybill, found.parcel_id)
    if said is Choice.CALL or how is None:
        return Verdict(Outcome.CALL, found.waybill, found.parcel_id)
    if said is Choice.DOOR:
        verdict = Verdict(Outcome.DOOR, found.waybill, found.parcel_id)
    else:
        verdict = taking.store(_arrival(taking, found, existing, recipient=recipient))
        taking.intake.write()
    residents.record_consent(taking.actor, recipient.id, choice=said, how=how, parcel_id=existing.id)
    return verdict


def _arrival(taking: Taking, found: ScanFacts, existing: Existing, *, recipient: Known) -> Arrival:
    waybill = found.waybill or ""
    return Arrival(
        waybill,
        layer_id=0,
        carrier=existing.carrier or carrier_of(waybill, taking.carriers),
        recipient=recipient,
        size_class=found.size_class or existing.size_class,
        consent=ConsentBasis.THIS_PARCEL,
        scanned_at=found.scanned_at,
    )
