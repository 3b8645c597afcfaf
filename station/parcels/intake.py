"""Storing parcels: the one place where a parcel gets a place, a code, a deadline and its first event.

An Intake collects any number of parcels and writes them together, so a single scan and a carrier's batch of 500 follow
the same rule. `add` decides and refuses without leaving a trace; `write` puts everything into the open transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from station.carriers.catalogue import OWN
from station.core import clock, ids
from station.core.actor import Actor
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.listed import among
from station.core.statements import Statement
from station.events import outbox
from station.events.service import Event, append, take_turn
from station.network import queries as network
from station.parcels import allocation, lifecycle
from station.parcels.allocation import Given, Numbers
from station.parcels.lifecycle import Action, ConsentBasis, ParcelState, Problem, begin, step
from station.parcels.models import ACTIVE, Parcel
from station.parcels.search import TAIL
from station.parcels.station_clock import first_due
from station.residents.service import Known
from station.shelves import service as shelves
from station.shelves.queries import LayerFacts

_EXISTING = (
    Parcel.id,
    Parcel.state,
    Parcel.pickup_code,
    Parcel.recipient_id,
    Parcel.carrier,
    Parcel.size_class,
    Parcel.consent_basis,
    Parcel.stored_at,
    Parcel.needs_sticker,
    Parcel.storage,
)
_OF_WAYBILL = select(*_EXISTING).where(
    Parcel.station_id == bindparam("station_id"), Parcel.waybill == bindparam("waybill")
)
_FIND = Statement(_OF_WAYBILL.where(ACTIVE).limit(1))
_HISTORY = Statement(_OF_WAYBILL.order_by(Parcel.id))
_HISTORIES = Statement(
    select(Parcel.waybill, *_EXISTING)
    .where(Parcel.station_id == bindparam("station_id"), among(Parcel.waybill, "waybills"))
    .order_by(Parcel.waybill, Parcel.id)
)
_ADD = Statement(insert(Parcel))
_RENEW = Statement(
    update(Parcel)
    .where(Parcel.station_id == bindparam("station"), Parcel.id == bindparam("parcel"))
    .values(
        {
            name: bindparam(name)
            for name in (
                "state",
                "carrier",
                "recipient_id",
                "layer_id",
                "batch_id",
                "pickup_code",
                "needs_sticker",
                "size_class",
                "consent_basis",
                "problem",
                "level",
                "due_at",
                "stored_at",
            )
        }
        # It is back: it has not left, and nobody is asked to write it off.
        | {"left_at": None, "write_off_reason": None, "write_off_by": None, "version": Parcel.version + 1}
        # Its storage clock starts anew.
        | {"extended_h": 0, "extended_times": 0}
    )
)


ORDINARY_SIZE = "medium"  # what a batch and a request say when nobody chose
_COMES_BY = {
    ParcelState.EXPECTED: Action.CHECK_IN,
    ParcelState.LOST: Action.FIND_AGAIN,
    ParcelState.WRITTEN_OFF: Action.FIND_AGAIN,
}
"""What brings a parcel that is in the books already onto a shelf."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A parcel in somebody's hands: what is known of it and where it shall go.

    `recipient` None leaves it without one (a problem). `is_silent`: no message to anybody.
    """

    waybill: str
    layer_id: int
    carrier: str | None = None
    recipient: Known | None = None
    size_class: str = "medium"
    consent: ConsentBasis = ConsentBasis.UNKNOWN
    problem: Problem | None = None
    batch_id: int | None = None
    is_silent: bool = False
    scanned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """A parcel that was stored: where it stands and what its tag says."""

    parcel_id: int
    waybill: str
    pickup_code: str
    row: LayerFacts
    number: int
    rule: str
    needs_sticker: bool
    carrier: str | None
    recipient: Known | None
    problem: str | None
    consent_basis: str
    stored_at: datetime
    is_told: bool  # whether a message is owed
    found: str | None = None  # the state a parcel that turned up again was in
    storage: str | None = None  # how cold to keep it; None when nobody said


@dataclass(frozen=True, slots=True)
class Existing:
    """A parcel that already has a waybill."""

    id: int
    state: str
    pickup_code: str | None
    recipient_id: int | None
    carrier: str | None
    size_class: str
    consent_basis: str
    stored_at: datetime | None
    needs_sticker: bool
    storage: str | None


def find_active(station_id: int, waybill: str) -> Existing | None:
    """Return the station's active parcel with this waybill."""
    row = _FIND.first(station_id=station_id, waybill=waybill)
    return Existing(*row) if row else None


def find_for_check_in(station_id: int, waybill: str) -> Existing | None:
    """Return the parcel that a scan of this waybill at check-in means; None for one that is new."""
    return _meant([Existing(*row) for row in _HISTORY.all(station_id=station_id, waybill=waybill)])


def _meant(history: Sequence[Existing]) -> Existing | None:
    """Return the active parcel of a waybill's history, the oldest first, else one written off that turned up.

    A carrier may bring any other again: what was collected or given back is a new parcel then.
    """
    active = [one for one in history if one.state in lifecycle.ACTIVE]
    if active:
        return active[0]
    return history[-1] if history and history[-1].state == ParcelState.WRITTEN_OFF else None


def refuse_second(existing: Existing) -> StationError:
    """Return the refusal of a parcel that is in the station already."""
    return StationError(
        "already_checked_in",
        _("Already checked in: it is at %(code)s.", code=existing.pickup_code or "?"),
        parcel_id=str(existing.id),
        pickup_code=existing.pickup_code,
    )


def refuse_own(carrier: str | None) -> None:
    """Refuse to bring a bag of a group buy back once it is the station's: its buyer may have the money for it.

    Raises StationError `bag_unknown`.
    """
    if carrier == OWN:
        raise StationError(
            "bag_unknown", _("This bag is the station’s now. Its buyer does not get it any more.")
        )


@dataclass
class Intake:
    """Parcels being stored by one actor at one moment."""

    actor: Actor
    now: datetime = field(default_factory=clock.now)
    _numbers: dict[int, Numbers] = field(init=False, default_factory=dict)
    _count: dict[int, int] = field(init=False, default_factory=dict)
    _found: dict[str, Existing | None] = field(init=False, default_factory=dict)
    _expected: dict[int, list[str]] = field(init=False, default_factory=dict)
    _seen: set[str] = field(init=False, default_factory=set)
    _new: list[dict[str, Any]] = field(init=False, default_factory=list)
    _known: list[dict[str, Any]] = field(init=False, default_factory=list)
    _given: list[Given] = field(init=False, default_factory=list)
    _events: list[Event] = field(init=False, default_factory=list)
    _tell: list[tuple[int, int]] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        take_turn(self.actor.station_id)
        self.rules = network.rules(self.actor.station_id)
        self._due_at = first_due(self.now, self.rules)

    def expect(self, arrivals: Iterable[tuple[str, int]]) -> None:
        """Read in a few statements what `add` will ask about many (waybill, layer) pairs. Changes no decision."""
        for waybill, layer_id in arrivals:
            self._found[waybill] = None
            self._expected.setdefault(layer_id, []).append(waybill)
        known = _HISTORIES.all(station_id=self.actor.station_id, waybills=list(self._found))
        for waybill, rows in groupby(known, key=attrgetter("waybill")):
            self._found[waybill] = _meant([Existing(*facts) for _waybill, *facts in rows])

    def existing(self, waybill: str) -> Existing | None:
        """Return the parcel a scan of this waybill means (find_for_check_in) before the intake; read once."""
        if waybill not in self._found:
            self._found[waybill] = find_for_check_in(self.actor.station_id, waybill)
        return self._found[waybill]

    def row(self, layer_id: int) -> LayerFacts:
        """Return the row of a layer with room. Raises StationError `shelf_full`, `not_found` (no such layer)."""
        return self._row(layer_id).row

    def add(self, arrival: Arrival) -> CheckedIn:
        """Decide place and code of one parcel.

        Raises StationError `already_checked_in`, `shelf_full`, `row_codes_exhausted`, `not_found` (no such layer), or
        `bag_unknown` for a bag that was written off.
        """
        existing = self.existing(arrival.waybill)
        if arrival.waybill in self._seen:
            raise StationError("already_checked_in", _("This waybill is twice in the batch."))
        if existing and existing.state not in _COMES_BY:
            raise refuse_second(existing)
        if existing and existing.state == ParcelState.WRITTEN_OFF:
            refuse_own(existing.carrier)
        numbers = self._row(arrival.layer_id)
        parcel_id = existing.id if existing else ids.next_id()
        tail = arrival.recipient.phone_tail if arrival.recipient else None
        given = numbers.give(parcel_id, arrival.waybill, tail)
        checked_in = self._checked_in(arrival, parcel_id, given, row=numbers.row)
        if existing and existing.storage:
            checked_in = replace(checked_in, storage=existing.storage)
        if existing and _COMES_BY[ParcelState(existing.state)] is Action.FIND_AGAIN:
            # What was stuck on it once still is, and says another code.
            sticker = checked_in.needs_sticker or existing.needs_sticker
            checked_in = replace(checked_in, found=existing.state, needs_sticker=sticker)
        self._seen.add(arrival.waybill)
        self._count[numbers.row.id] = self._count.get(numbers.row.id, 0) + 1
        self._given.append(given)
        self._note(arrival, checked_in, existing)
        return checked_in

    def write(self) -> None:
        """Write all parcels that were added, their codes, events and messages, into the open transaction."""
        if not self._given:
            return
        station_id, times = self.actor.station_id, {"due_at": self._due_at, "stored_at": self.now}
        _ADD.run_many(self._new, station_id=station_id, state=begin(Action.CHECK_IN), level="none", **times)
        _RENEW.run_many(self._known, station=station_id, level="none", **times)
        allocation.write(station_id, self._given, self.now)
        for layer_id, count in self._count.items():
            numbers = self._numbers[layer_id]
            shelves.take_places(self.actor.station_id, layer_id, count=count, cursor=numbers.cursor)
        append(self.actor, *self._events, at=self.now)
        delay = timedelta(seconds=self.rules.notice_delay_s)
        outbox.enqueue_batch(self.actor.station_id, topic="stored", owed=self._tell, due_at=self.now + delay)

    def _row(self, layer_id: int) -> Numbers:
        if layer_id not in self._numbers:
            row = shelves.lock_row(self.actor.station_id, layer_id)
            self._numbers[layer_id] = Numbers(self.actor.station_id, row, self.rules, self.now)
            self._numbers[layer_id].expect(self._expected.get(layer_id, ()))
        numbers = self._numbers[layer_id]
        stored = numbers.row.stored + self._count.get(layer_id, 0)
        if stored >= numbers.row.capacity and not numbers.row.is_set_aside:
            raise StationError(
                "shelf_full", _("%(row)s is full.", row=numbers.row.tag), layer_id=str(layer_id)
            )
        return numbers

    def _checked_in(self, arrival: Arrival, parcel_id: int, given: Given, *, row: LayerFacts) -> CheckedIn:
        return CheckedIn(
            parcel_id=parcel_id,
            waybill=arrival.waybill,
            pickup_code=given.printed,
            row=replace(row, stored=row.stored + self._count.get(row.id, 0) + 1),
            number=given.number,
            rule=given.rule,
            needs_sticker=given.needs_sticker,
            carrier=arrival.carrier,
            recipient=arrival.recipient,
            problem=arrival.problem,
            consent_basis=arrival.consent,
            stored_at=self.now,
            is_told=arrival.recipient is not None and not arrival.is_silent and arrival.problem is None,
        )

    def _note(self, arrival: Arrival, checked_in: CheckedIn, existing: Existing | None) -> None:
        values = self._values(arrival, checked_in)
        if existing:
            state = ParcelState(existing.state)
            values |= {"parcel": existing.id, "size_class": _size(arrival, existing)}
            self._known.append(values | {"state": step(state, _COMES_BY[state])})
        else:
            waybill = arrival.waybill
            first = {"id": checked_in.parcel_id, "waybill": waybill, "waybill_tail": waybill[-TAIL:]}
            self._new.append(values | first)
        self._events.append(_event(arrival, checked_in))
        if checked_in.is_told and checked_in.recipient:
            self._tell.append((checked_in.recipient.id, checked_in.parcel_id))

    def _values(self, arrival: Arrival, checked_in: CheckedIn) -> dict[str, Any]:
        return {
            "carrier": arrival.carrier,
            "recipient_id": arrival.recipient.id if arrival.recipient else None,
            "layer_id": arrival.layer_id,
            "batch_id": arrival.batch_id,
            "pickup_code": checked_in.pickup_code,
            "needs_sticker": checked_in.needs_sticker,
            "size_class": arrival.size_class,
            "consent_basis": arrival.consent,
            "problem": arrival.problem,
        }


def _size(arrival: Arrival, existing: Existing) -> str:
    """Return how large a parcel is: what somebody chose with it in hand, else what its carrier announced."""
    is_chosen = arrival.size_class != ORDINARY_SIZE or existing.state != ParcelState.EXPECTED
    return arrival.size_class if is_chosen else existing.size_class


def _event(arrival: Arrival, checked_in: CheckedIn) -> Event:
    data: dict[str, Any] = {
        "code": checked_in.pickup_code,
        "rule": checked_in.rule,
        "carrier": arrival.carrier,
        "consent": arrival.consent,
    }
    if arrival.recipient:
        data["recipient"] = str(arrival.recipient.id)
    if arrival.problem:
        data["problem"] = arrival.problem
    if arrival.batch_id:
        data["batch"] = str(arrival.batch_id)
    if arrival.scanned_at:
        data["scanned_at"] = arrival.scanned_at.isoformat()
    if arrival.is_silent:
        data["silent"] = True
    if checked_in.found:
        data["was"] = checked_in.found
    return Event("found_again" if checked_in.found else "checked_in", checked_in.parcel_id, data)
