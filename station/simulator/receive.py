"""Parcels come in: a courier brings them, a clerk scans them at the counter and answers what is asked."""

from dataclasses import dataclass
from datetime import datetime

from station.core import clock
from station.core.actor import Actor
from station.core.db import transaction
from station.core.errors import StationError
from station.events.service import Refusal, keep_refused_scan
from station.parcels import batches, counter, undo
from station.parcels.announce import Announcement, announce
from station.parcels.counter import Asks, Outcome
from station.parcels.intake import CheckedIn
from station.shelves.queries import LayerFacts
from station.simulator.traffic import Delivery, Fate, Planned
from station.simulator.world import Kept, World

SCAN_S = (4, 11)  # a scan with a look at the label and a reach into the shelf; source: ours
ANSWER_S = (5, 15)  # typing a phone number and a name; source: ours
BAD_SCANS = (" ", "https://example.com/q?id=3", "12345", "SF1002003004005SF1002003004006", "15-1-7231")
BAD_SCAN_SHARE = 0.01  # of the scans; source: ours


def announce_delivery(world: World, delivery: Delivery) -> None:
    """Let the carrier tell of the parcels it announces, in one message."""
    with transaction():
        for parcel in delivery.parcels:
            if parcel.is_announced:
                person = parcel.person
                announce(
                    world.clerk(),
                    Announcement(
                        parcel.waybill, delivery.carrier, person.phone, person.name, parcel.size_class
                    ),
                )
                world.done["announced"] += 1


def receive(world: World, delivery: Delivery) -> list[Kept]:
    """Scan a delivery in, in one transaction; return the parcels that were stored."""
    with transaction():
        actor = world.clerk()
        scanning = _begin(world, actor, carrier=delivery.carrier)
        if delivery.is_declared:
            batches.declare_consent(actor, scanning.batch_id, is_declared=True)
        kept = [found for planned in delivery.parcels for found in scanning.take(planned)]
        batches.close(actor, scanning.batch_id)
    return kept


def scan_again(world: World, kept: Kept) -> None:
    """Scan a parcel in that was here before: one that was lost and turned up. Inside a transaction."""
    actor = world.clerk()
    scanning = _begin(world, actor, carrier=None)
    scanning.take(kept.planned)
    batches.close(actor, scanning.batch_id)


def _begin(world: World, actor: Actor, *, carrier: str | None) -> "_Scanning":
    row = world.row_for("small") or world.any_row()
    batch = batches.open_batch(actor, layer_id=row.id if row else None)
    batches.choose_carrier(actor, batch.id, carrier)
    return _Scanning(world, actor, batch.id, row)


@dataclass
class _Scanning:
    """One batch at work: the clerk stands at a row and goes to another when it is full or too small."""

    world: World
    actor: Actor
    batch_id: int
    row: LayerFacts | None
    size_class: str = "medium"

    def take(self, planned: Planned) -> list[Kept]:
        """Scan one parcel in; nothing when the station refuses it."""
        self._turn_to(planned.size_class)
        if self.world.rng.random() < BAD_SCAN_SHARE:
            self._scan_badly()
        stored = self._scan(planned)
        if stored and planned.fate is Fate.RESCANNED:
            undo.undo_last(self.actor, self.batch_id)
            self.world.done["check-ins undone"] += 1
            stored = self._scan(planned)
        if stored is None:
            return []
        self.world.done["checked in"] += 1
        recipient_id = stored.recipient.id if stored.recipient else None
        return [Kept(stored.parcel_id, planned, recipient_id, stored.problem)]

    def _turn_to(self, size_class: str) -> None:
        if size_class != self.size_class:
            batches.choose_size(self.actor, self.batch_id, size_class)
            self.size_class = size_class
        row = self.world.row_for(size_class, self.row.id if self.row else None)
        if row and (self.row is None or row.id != self.row.id):
            self._walk_to(row)

    def _walk_to(self, row: LayerFacts) -> None:
        batches.choose_row(self.actor, self.batch_id, shelf=row.shelf_code, layer=row.number)
        self.row = row

    def _scan(self, planned: Planned) -> CheckedIn | None:
        self.world.agenda.spend(self.world.rng.uniform(*SCAN_S))
        outcome = self._read(planned.waybill)
        while outcome and outcome.question:
            outcome = self._answer(outcome.question.asks, planned)
        return outcome.stored if outcome else None

    def _read(self, raw: str) -> Outcome | None:
        """Scan; what is refused is kept as the edge keeps it."""
        try:
            return counter.scan(self.actor, self.batch_id, raw, scanned_at=_now())
        except StationError as error:
            refusal = Refusal("check_in", error.code, raw, _now(), self.batch_id)
            keep_refused_scan(self.actor, refusal)
            self.world.done["scans refused"] += 1
            return None

    def _scan_badly(self) -> None:
        self._read(self.world.rng.choice(BAD_SCANS))

    def _answer(self, asks: Asks, planned: Planned) -> Outcome:
        self.world.agenda.spend(self.world.rng.uniform(*ANSWER_S))
        if asks is Asks.NO_PHONE and planned.fate is Fate.NO_PHONE:
            return self._set_aside()
        if asks is Asks.NO_PHONE:
            return counter.answer_phone(self.actor, self.batch_id, planned.person.phone, planned.person.name)
        if asks is Asks.CONSENT:
            return counter.answer_consent(self.actor, self.batch_id, choice="station", how="phone_call")
        if asks is Asks.SHELF_FULL:
            return self._other_row(planned)
        return self._set_aside()

    def _other_row(self, planned: Planned) -> Outcome:
        """Go to a row with room; a row with room may have no code to give, then the parcel is set aside."""
        row = self.world.row_for(planned.size_class)
        if row is None or (self.row and row.id == self.row.id):
            return self._set_aside()
        self.row = row
        return counter.answer_row(self.actor, self.batch_id, shelf=row.shelf_code, layer=row.number)

    def _set_aside(self) -> Outcome:
        return Outcome(stored=counter.set_aside(self.actor, self.batch_id))


def _now() -> datetime:
    return clock.now()
