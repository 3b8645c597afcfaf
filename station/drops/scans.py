"""Scans of a drop: each is taken in with a place or stops with what to do; known by its key, however often it comes.

Many are decided in one go by the same rule as one. A stop for consent is answered later (consent.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from station.carriers.detection import canonical_waybill
from station.core import clock, crypto, ids
from station.core.actor import Actor
from station.core.errors import StationError
from station.core.statements import Statement
from station.couriers import queries as couriers
from station.drops import queries
from station.drops.carrying import carrier_of
from station.drops.lifecycle import REASON, WAITING, DropState, Outcome
from station.drops.models import DropScan
from station.drops.places import Places
from station.drops.queries import DropFacts, ScanFacts
from station.events.service import Event, Refusal, append, keep_refused_scan, take_turn
from station.parcels.consent import UNWILLING, ground
from station.parcels.counter import read_waybill
from station.parcels.intake import Arrival, CheckedIn, Existing, Intake
from station.parcels.lifecycle import ON_SHELF, ConsentBasis, Problem
from station.parcels.station_clock import calendar
from station.residents import service as residents
from station.residents.service import Known

PURPOSE = "drop"  # of refused scans
BATCH = 500  # scans of one request: a van load; one transaction keeps scanners waiting for about 0.1 s
SIZE = "medium"  # of a parcel nobody said the size of
NO_ROOM = ("shelf_full", "row_codes_exhausted")

_KEEP = Statement(insert(DropScan))


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan as the phone kept it: its key and number there, what was read and when; `size_class` if it was said."""

    key: str
    seq: int
    raw: str
    scanned_at: datetime
    size_class: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a scan; `is_replayed`: it was answered before. `recipient` only while their word is wanted."""

    scan: ScanFacts
    recipient: Known | None = None
    is_replayed: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one scan, before it is written."""

    outcome: Outcome
    waybill: str | None = None
    parcel_id: int | None = None
    stored: CheckedIn | None = None
    recipient: Known | None = None
    code: str | None = None  # the reason, where it is not the outcome's own


def scan(actor: Actor, drop_id: int, one: Scan) -> Answer:
    """Take one scan of a courier's drop (see `take`)."""
    return take(actor, drop_id, [one])[0]


def take(actor: Actor, drop_id: int, scans: Sequence[Scan]) -> list[Answer]:
    """Take scans in the order of the phone's numbers; return their answers in the order in which they were sent.

    A key that came before is answered as before; with something else read under it, it is `malformed` and nothing is
    kept anew. Raises StationError `not_found` for another's drop; a single scan never raises.
    """
    take_turn(actor.station_id)
    drop = queries.own(actor, drop_id)
    known = queries.scans_of(drop, [one.key for one in scans])
    fresh: dict[str, Scan] = {}
    for one in sorted(scans, key=lambda one: one.seq):
        if one.key not in known:
            fresh.setdefault(one.key, one)
    taken = Taking(actor, drop).take(list(fresh.values())) if fresh else {}
    return [_answer(actor, one, taken, known) for one in scans]


def _answer(actor: Actor, one: Scan, taken: dict[str, Answer], known: dict[str, ScanFacts]) -> Answer:
    answer = taken.pop(one.key, None)
    if answer is None:
        before = known[one.key]
        answer = Answer(before, waiting_for(actor, before), is_replayed=True)
    else:
        known[one.key] = answer.scan
    if crypto.same(answer.scan.raw_hash, hash_of(one)):
        return answer
    other = replace(answer.scan, outcome=Outcome.MALFORMED, waybill=None, pickup_code=None, tag=None)
    return Answer(other, is_replayed=True)


def waiting_for(actor: Actor, found: ScanFacts) -> Known | None:
    """Return whose word a stopped scan waits for; None for one that waits for nobody."""
    return waiting_for_all(actor, [found]).get(found.id)


def waiting_for_all(actor: Actor, found: Sequence[ScanFacts]) -> dict[int, Known]:
    """Return whose word stopped scans wait for, by the scans' ids."""
    parcels = {one.id: one.parcel_id for one in found if one.outcome in WAITING and one.parcel_id}
    if not parcels:
        return {}
    owners = queries.recipients_of(actor.station_id, list(parcels.values()))
    people = residents.get_all(actor.station_id, sorted(set(owners.values())))
    return {
        scan_id: people[owners[parcel_id]] for scan_id, parcel_id in parcels.items() if parcel_id in owners
    }


def hash_of(one: Scan) -> bytes:
    """Return what tells this scan from another under the same key."""
    return crypto.keyed_hash("drop-scan", one.raw)


@dataclass
class Taking:
    """Scans being decided for one drop at one moment."""

    actor: Actor
    drop: DropFacts
    now: datetime = field(default_factory=clock.now)
    _seen: dict[str, int] = field(init=False, default_factory=dict)  # waybills stored by this request
    _people: dict[int, Known] = field(init=False, default_factory=dict)
    _elsewhere: set[str] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self.intake = Intake(self.actor, self.now)
        self.places = Places(self.actor.station_id)
        self.carriers = couriers.carriers_of(self.actor.station_id, self.actor.id)
        self._calendar = calendar(self.intake.rules)

    def take(self, scans: Sequence[Scan]) -> dict[str, Answer]:
        """Decide and write scans, in their order; return the answers by key."""
        self._expect(scans)
        decided = [(one, self.decide(one)) for one in scans]
        self.intake.write()
        self._keep_refused(decided)
        rows = [self._row(one, verdict) for one, verdict in decided]
        _KEEP.run_many(rows, station_id=self.actor.station_id, drop_id=self.drop.id, received_at=self.now)
        return {
            row["key"]: Answer(ScanFacts(**row, choice=None, how=None), verdict.recipient)
            for row, (_one, verdict) in zip(rows, decided, strict=True)
        }

    def _expect(self, scans: Sequence[Scan]) -> None:
        """Read in a few statements what the decisions about many scans will ask."""
        plan, wanted = self.places.copy(), []
        for one in scans:
            waybill, size = canonical_waybill(one.raw), one.size_class or SIZE
            row = plan.first(size)
            if waybill and row:
                plan.take(size, row)
            if waybill:
                wanted.append((waybill, row or 0))
        self.intake.expect(wanted)
        known = [self.intake.existing(waybill) for waybill, _row in wanted]
        people = {one.recipient_id for one in known if one and one.recipient_id}
        self._people = residents.get_all(self.actor.station_id, sorted(people))
        strangers = [waybill for (waybill, _row), one in zip(wanted, known, strict=True) if one is None]
        self._elsewhere = self._expected_elsewhere(strangers)

    def _expected_elsewhere(self, waybills: list[str]) -> set[str]:
        """Return which of the waybills another station waits for that this courier comes to."""
        if not waybills:
            return set()
        others = [place.station_id for place in couriers.stations(self.actor.id)]
        found: set[str] = set()
        for station_id in others:
            if station_id != self.actor.station_id:
                found |= queries.expected_at(station_id, waybills)
        return found

    def decide(self, one: Scan) -> Verdict:
        """Decide on one scan, and store its parcel if nothing speaks against it."""
        moment = max(min(one.scanned_at, self.now), self.drop.opened_at)
        if self.drop.state != DropState.OPEN or moment > self.drop.closes_at:
            return Verdict(Outcome.FINISHED, canonical_waybill(one.raw))
        try:
            waybill = read_waybill(one.raw)
        except StationError as error:
            return Verdict(Outcome.MALFORMED, code=error.code)
        return self._stop(waybill, moment) or self._consider(one, waybill, self.intake.existing(waybill))

    def _stop(self, waybill: str, moment: datetime) -> Verdict | None:
        """Return what stops a parcel before anybody asks whose it is."""
        existing = self.intake.existing(waybill)
        if waybill in self._seen:
            return Verdict(Outcome.DUPLICATE, waybill)
        if existing and existing.state in ON_SHELF:
            return Verdict(Outcome.DUPLICATE, waybill, existing.id)
        if not self._is_open(moment):
            return Verdict(Outcome.CLOSED, waybill, existing.id if existing else None)
        is_elsewhere = existing is None and waybill in self._elsewhere
        return Verdict(Outcome.OTHER_STATION, waybill) if is_elsewhere else None

    def _is_open(self, moment: datetime) -> bool:
        local = self._calendar.local(moment)
        return any(span.has(local.time()) for span in self._calendar.hours_on(local.date()))

    def _consider(self, one: Scan, waybill: str, existing: Existing | None) -> Verdict:
        """Weigh whose the parcel is and what they said of it."""
        recipient = self._people.get(existing.recipient_id) if existing and existing.recipient_id else None
        said = existing.consent_basis if existing else None
        basis = ground(said, recipient.standing_choice if recipient else None)
        if existing and recipient and basis is ConsentBasis.UNKNOWN and self._must_ask(recipient):
            return Verdict(Outcome.CONSENT, waybill, existing.id, recipient=recipient)
        carrier = (existing.carrier if existing else None) or carrier_of(waybill, self.carriers)
        size = one.size_class or (existing.size_class if existing else SIZE)
        arrival = Arrival(
            waybill,
            layer_id=0,
            carrier=carrier,
            recipient=recipient,
            size_class=size,
            consent=basis,
            problem=_problem(carrier, recipient),
            scanned_at=min(one.scanned_at, self.now),
        )
        return self._place(arrival)

    def _must_ask(self, recipient: Known) -> bool:
        """Tell whether a parcel may not be left before its recipient said yes (DESIGN.md 5)."""
        return recipient.standing_choice in UNWILLING or self.intake.rules.unknown_consent == "set_aside"

    def _place(self, arrival: Arrival) -> Verdict:
        """Store a parcel, or tell what stops it for want of a place."""
        existing = self.intake.existing(arrival.waybill)
        try:
            return self.store(arrival)
        except StationError as error:
            outcome = Outcome.TOO_LARGE if error.code == "no_fitting_shelf" else Outcome.FULL
            return Verdict(outcome, arrival.waybill, existing.id if existing else None, code=error.code)

    def store(self, arrival: Arrival) -> Verdict:
        """Store a parcel on the best row that has room and a number for it, one with a problem on the set-aside shelf.

        Raises StationError `no_fitting_shelf`, `shelf_full`, `row_codes_exhausted` or `no_set_aside_shelf`.
        """
        stored = self._aside(arrival) if arrival.problem else self._on_a_row(arrival)
        self._seen[arrival.waybill] = stored.parcel_id
        return Verdict(Outcome.ACCEPTED, arrival.waybill, stored.parcel_id, stored)

    def _aside(self, arrival: Arrival) -> CheckedIn:
        return self.intake.add(replace(arrival, layer_id=self.places.set_aside()))

    def _on_a_row(self, arrival: Arrival) -> CheckedIn:
        for layer_id in self.places.suggested(arrival.size_class):
            try:
                return self._on(layer_id, arrival)
            except StationError as error:
                if error.code not in NO_ROOM:
                    raise
        raise self.places.refusal(arrival.size_class)

    def _on(self, layer_id: int, arrival: Arrival) -> CheckedIn:
        stored = self.intake.add(replace(arrival, layer_id=layer_id))
        self.places.take(arrival.size_class, layer_id)
        return stored

    def _keep_refused(self, decided: Sequence[tuple[Scan, Verdict]]) -> None:
        """Keep what was not taken in with its reason, and tell the log of it where the parcel is known."""
        events = []
        for one, verdict in decided:
            if verdict.outcome is Outcome.ACCEPTED:
                continue
            reason = verdict.code or REASON[verdict.outcome]
            keep_refused_scan(self.actor, Refusal(PURPOSE, reason, one.raw, one.scanned_at))
            if verdict.parcel_id:
                facts = {"drop": str(self.drop.id), "stop": verdict.outcome}
                events.append(Event("drop_stopped", verdict.parcel_id, facts))
        if events:
            append(self.actor, *events, at=self.now)

    def _row(self, one: Scan, verdict: Verdict) -> dict[str, Any]:
        is_stop = verdict.outcome is not Outcome.ACCEPTED
        return {
            "id": ids.next_id(),
            "key": one.key,
            "seq": one.seq,
            "raw_hash": hash_of(one),
            "scanned_at": one.scanned_at,
            "size_class": one.size_class,
            "stop": verdict.outcome if is_stop else None,
            **outcome_values(verdict, self._seen),
        }


def outcome_values(verdict: Verdict, seen: dict[str, int]) -> dict[str, Any]:
    """Return the columns of a scan that say what came of it."""
    stored = verdict.stored
    return {
        "waybill": verdict.waybill,
        "outcome": verdict.outcome,
        "parcel_id": verdict.parcel_id or seen.get(verdict.waybill or ""),
        "tag": stored.row.tag if stored else None,
        "pickup_code": stored.pickup_code if stored else None,
        "needs_sticker": stored.needs_sticker if stored else False,
        "problem": stored.problem if stored else None,
    }


def _problem(carrier: str | None, recipient: Known | None) -> Problem | None:
    """Return why a parcel is set aside, in the order in which the counter asks."""
    if carrier is None:
        return Problem.UNKNOWN_CARRIER
    return Problem.NO_PHONE if recipient is None else None
