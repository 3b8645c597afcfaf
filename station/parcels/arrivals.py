"""Check-in of parcels that come with all that is known of them: nobody can be asked, so nothing stays open.

What the counter would ask about (counter.py) sends a parcel to the set-aside shelf at once. Several parcels are
written together; one that is refused leaves the others alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from station.carriers.detection import canonical_waybill, detect
from station.core.actor import Actor
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.phones import Phone
from station.network.queries import StationRules
from station.parcels.consent import UNWILLING, ground
from station.parcels.counter import read_waybill
from station.parcels.intake import Arrival, CheckedIn, Existing, Intake, refuse_second
from station.parcels.lifecycle import ON_SHELF, ConsentBasis, Problem
from station.residents import service as residents
from station.residents.service import Known, Newcomer
from station.shelves import keeping
from station.shelves import queries as shelves


@dataclass(frozen=True, slots=True)
class Delivered:
    """A parcel as another system tells of it.

    `raw`: the waybill as it was scanned. `consent`: said for this parcel; None when nobody said anything.
    `consent_how`: how the recipient's own yes is known; needed with `this_parcel`.
    """

    raw: str
    layer_id: int
    carrier: str | None = None
    phone: Phone | None = None
    name: str | None = None
    size_class: str = "medium"
    consent: ConsentBasis | None = None
    consent_how: str | None = None
    is_silent: bool = False
    scanned_at: datetime | None = None


@dataclass
class Arrivals:
    """Parcels taken in by one actor in one go. `add` decides on one, `write` puts all into the open transaction."""

    actor: Actor
    _intake: Intake = field(init=False)
    _people: dict[tuple[str, str | None], Known] = field(init=False, default_factory=dict)
    # None of their parcels stored yet.
    _strangers: dict[int, Newcomer] = field(init=False, default_factory=dict)
    _newcomers: list[Newcomer] = field(init=False, default_factory=list)
    _consents: list[tuple[CheckedIn, str]] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self._intake = Intake(self.actor)

    def expect(self, delivered: Iterable[Delivered]) -> None:
        """Read at once what `add` will ask about many parcels; unreadable waybills are left for `add` to refuse."""
        waybills = ((canonical_waybill(said.raw), said.layer_id) for said in delivered)
        self._intake.expect((waybill, layer_id) for waybill, layer_id in waybills if waybill)

    def add(self, said: Delivered) -> CheckedIn:
        """Decide where one parcel goes.

        Raises StationError `waybill_malformed`, `two_scans_glued`, `already_checked_in`, `shelf_full`,
        `row_codes_exhausted`, `no_set_aside_shelf`, `wrong_storage` or `not_found` (no such layer); the other parcels
        stay.
        """
        waybill = read_waybill(said.raw)
        existing = self._intake.existing(waybill)
        if existing and existing.state in ON_SHELF:
            raise refuse_second(existing)
        arrival = self._arrival(waybill, said, existing)
        if arrival.problem is None:
            row, needs = self._intake.row(arrival.layer_id), existing.storage if existing else None
            keeping.require(self.actor.station_id, row, needs)
        stored = self._intake.add(arrival)
        if stored.recipient and stored.recipient.id in self._strangers:
            self._newcomers.append(self._strangers.pop(stored.recipient.id))
        if said.consent is ConsentBasis.THIS_PARCEL and said.consent_how and stored.recipient:
            self._consents.append((stored, said.consent_how))
        return stored

    def write(self) -> None:
        """Write every parcel that was added, the people nobody knew yet, and the consents told with them."""
        for newcomer in self._newcomers:
            residents.add(self.actor.station_id, newcomer)
        self._intake.write()
        for stored, how in self._consents:
            if stored.recipient:
                residents.record_consent(
                    self.actor, stored.recipient.id, choice="station", how=how, parcel_id=stored.parcel_id
                )

    def _arrival(self, waybill: str, said: Delivered, existing: Existing | None) -> Arrival:
        carrier = said.carrier or (existing.carrier if existing else None) or _carrier(waybill)
        recipient = self._recipient(said, existing)
        consent = _consent(said, existing, recipient)
        problem = _problem(self._intake.rules, carrier, recipient, consent)
        return Arrival(
            waybill=waybill,
            layer_id=shelves.set_aside_layer(self.actor.station_id).id if problem else said.layer_id,
            carrier=carrier,
            recipient=recipient,
            size_class=said.size_class,
            consent=consent,
            problem=problem,
            is_silent=said.is_silent,
            scanned_at=said.scanned_at,
        )

    def _recipient(self, said: Delivered, existing: Existing | None) -> Known | None:
        if said.phone:
            key = (said.phone.key, said.name)
            if key not in self._people:
                self._people[key] = self._meet(said.phone, said.name)
            return self._people[key]
        if existing and existing.recipient_id:
            return residents.get(self.actor.station_id, existing.recipient_id)
        return None

    def _meet(self, phone: Phone, name: str | None) -> Known:
        """Return whose a phone is; somebody new is kept with their first parcel, since that may be refused."""
        known = residents.find(self.actor.station_id, phone, name)
        if known:
            return known
        newcomer = residents.newcomer(phone, name)
        self._strangers[newcomer.known.id] = newcomer
        return newcomer.known


def _carrier(waybill: str) -> str | None:
    candidates = detect(waybill, limit=1)
    return candidates[0].carrier if candidates else None


def _consent(said: Delivered, existing: Existing | None, recipient: Known | None) -> ConsentBasis:
    """Return the ground for a parcel: what was said now counts before what was said with the announcement."""
    if said.consent is ConsentBasis.THIS_PARCEL and (recipient is None or said.consent_how is None):
        raise StationError("bad_input", _("Say who gave the consent and how you know of it."))
    told = said.consent or ConsentBasis.UNKNOWN
    if existing and told is ConsentBasis.UNKNOWN:
        told = _told_before(existing, recipient)
    return ground(told, recipient.standing_choice if recipient else None)


def _told_before(existing: Existing, recipient: Known | None) -> ConsentBasis:
    """Return what was said before; somebody else's word for the parcel does not count for the recipient now."""
    told = ConsentBasis(existing.consent_basis)
    is_theirs = recipient is not None and recipient.id == existing.recipient_id
    return told if is_theirs or told is not ConsentBasis.THIS_PARCEL else ConsentBasis.UNKNOWN


def _problem(
    rules: StationRules, carrier: str | None, recipient: Known | None, consent: ConsentBasis
) -> Problem | None:
    """Return why a parcel has to be set aside, in the order in which the counter asks."""
    if carrier is None:
        return Problem.UNKNOWN_CARRIER
    if recipient is None:
        return Problem.NO_PHONE
    if consent is not ConsentBasis.UNKNOWN:
        return None
    if recipient.standing_choice in UNWILLING:
        return UNWILLING[recipient.standing_choice]
    return Problem.ASK if rules.unknown_consent == "set_aside" else None
