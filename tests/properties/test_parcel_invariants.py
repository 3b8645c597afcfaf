"""Invariants 1 to 8 of DESIGN.md: whatever staff, jobs and time do at two stations, in any order, they hold.

Every step goes through the real services on a real database, as an edge would call them, and is followed by
tests/invariants.py. Rows are small, so that full rows, clashing numbers and every cool-down regime really happen.
"""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from station.core import clock, idempotency
from station.core.db import connection, db, reading, transaction
from station.core.errors import StationError
from station.core.idempotency import Request
from station.core.phones import parse
from station.events.models import OutboxMessage, OutboxParcel
from station.network import queries as network
from station.network import service as network_service
from station.network.calendar import SpecialKind
from station.network.service import NewSpecialDay
from station.notices import dispatch
from station.parcels import announce, batches, counter, hand_over, handling, overdue, undo
from station.parcels.announce import Announcement
from station.parcels.hand_over import Taker
from station.parcels.intake import Arrival, Intake
from station.parcels.lifecycle import Problem
from tests import invariants
from tests.properties.post_office import Crash
from tests.properties.two_stations import PEOPLE, WAYBILLS, TwoStations

JUNK = [
    "",
    " ",
    "1" * 33,
    "15-1-7231",
    "SHELF:1-1",
    "😀" * 9,
    "SF1\x0000000003210",
    WAYBILLS[0] + WAYBILLS[1],
]
HOURS = [0.05, 0.1, 1, 5, 20, 23.9, 24, 25, 48, 72, 100, 168]
SIDES = st.integers(0, 1)
PICK = st.integers(0, 499)
FEW = st.integers(0, 4)
ON_SHELF = ("stored", "returning")
HANDLINGS = {
    "damaged": (lambda actor, parcel: handling.mark_problem(actor, parcel, Problem.DAMAGED), ON_SHELF),
    "solved": (handling.clear_problem, ON_SHELF),
    "held": (lambda actor, parcel: handling.hold(actor, parcel, reason="recipient_away"), ON_SHELF),
    "released": (handling.release_hold, ON_SHELF),
    "reminded": (handling.remind, ("stored",)),
    "returning": (lambda actor, parcel: handling.start_return(actor, parcel, reason="refused"), ("stored",)),
    "kept": (handling.cancel_return, ("returning",)),
    "returned": (handling.return_to_carrier, ("returning",)),
    "not returned": (
        lambda actor, parcel: handling.undo_return_to_carrier(actor, parcel, reason="not_picked_up"),
        ("returned",),
    ),
    "withdrawn": (handling.withdraw, ("expected",)),
    "lost": (lambda actor, parcel: handling.mark_lost(actor, parcel, reason="not_found"), ON_SHELF),
    "write-off asked": (
        lambda actor, parcel: handling.ask_write_off(actor, parcel, reason="destroyed"),
        ("stored", "lost"),
    ),
    "write-off refused": (handling.refuse_write_off, ("stored", "lost")),
}


ANSWERS = {
    f"phone {place}": lambda actor, batch, phone=phone, name=name: counter.answer_phone(
        actor, batch, parse(phone), name
    )
    for place, (phone, name) in enumerate(PEOPLE)
} | {
    choice: lambda actor, batch, choice=choice: counter.answer_consent(
        actor, batch, choice=choice, how="in_person"
    )
    for choice in ("station", "always", "door")
}
ANSWERS |= {
    "other row": lambda actor, batch: counter.answer_row(actor, batch, shelf="1", layer=2),
    "full row": lambda actor, batch: counter.answer_row(actor, batch, shelf="8", layer=1),
    "set aside": counter.set_aside,
}


class CounterLife(TwoStations):
    """What can happen."""

    # Parcels come in.

    @rule(side=SIDES, waybill=st.sampled_from(WAYBILLS), who=st.sampled_from([*PEOPLE, (None, None)]))
    def announce(self, side, waybill, who):
        phone, name = who
        said = Announcement(waybill, "sf", parse(phone) if phone else None, name)
        self.ask(side, lambda actor: announce.announce(actor, said))

    @rule(
        side=SIDES,
        raw=st.sampled_from(WAYBILLS),
        hours=st.integers(-3, 3),
        answers=st.lists(st.sampled_from(sorted(ANSWERS)), max_size=3),
    )
    def scan(self, side, raw, hours, answers):
        """Scan, and answer what is asked or something else; the scanner's own clock is wrong at times."""
        batch_id, scanned_at = self.sides[side].batch_id, self.now + timedelta(hours=hours)
        self.ask(side, lambda actor: counter.scan(actor, batch_id, raw, scanned_at=scanned_at), scan=raw)
        for word in answers:
            self.ask(side, lambda actor, answer=ANSWERS[word]: answer(actor, batch_id))

    @rule(side=SIDES, raw=st.sampled_from(JUNK))
    def scan_junk(self, side, raw):
        batch_id = self.sides[side].batch_id
        answer = self.ask(
            side, lambda actor: counter.scan(actor, batch_id, raw, scanned_at=self.now), scan=raw
        )
        assert answer.status == 422

    @rule(side=SIDES, to=FEW, is_declared=st.booleans(), is_silent=st.booleans())
    def go_to_row(self, side, to, is_declared, is_silent):
        batch_id, row = self.sides[side].batch_id, self.layer(side, to)

        def act(actor):
            batches.choose_row(actor, batch_id, shelf=row.shelf_code, layer=row.number)
            batches.declare_consent(actor, batch_id, is_declared=is_declared)
            batches.keep_silent(actor, batch_id, is_silent=is_silent)

        self.ask(side, act)

    @rule(side=SIDES, waybills=st.lists(st.sampled_from(WAYBILLS), min_size=2, max_size=9), who=FEW, to=FEW)
    def bring_many(self, side, waybills, who, to):
        """A carrier's batch: what fits is stored together, and one message goes to the person it is for."""
        person, layer_id, stored = self.sides[side].people[who % len(PEOPLE)], self.layer(side, to).id, []

        def act(actor):
            intake = Intake(actor)
            for waybill in waybills:
                with suppress(StationError):
                    arrival = Arrival(waybill, layer_id, "sf", recipient=person)
                    stored.append(intake.add(arrival).parcel_id)
            intake.write()

        assert self.ask(side, act).status == idempotency.OK
        assert len(self.messages_owed(side, stored)) == bool(stored)

    def messages_owed(self, side, parcel_ids):
        owed = (
            select(OutboxMessage.id)
            .join(OutboxParcel, OutboxParcel.message_id == OutboxMessage.id)
            .where(OutboxMessage.station_id == self.sides[side].id, OutboxMessage.topic == "stored")
            .where(OutboxMessage.state == "open", OutboxParcel.parcel_id.in_(parcel_ids))
        )
        with reading():
            return set(connection().scalars(owed))

    # Parcels are handled and leave.

    @rule(side=SIDES)
    def undo_last(self, side):
        batch_id = self.sides[side].batch_id
        self.ask(side, lambda actor: undo.undo_last(actor, batch_id))

    @rule(side=SIDES, pick=PICK, proxy=st.sampled_from([None, "李四"]))
    def hand_over(self, side, pick, proxy):
        parcel_id = self.parcel(side, pick, "stored")
        self.ask(side, lambda actor: hand_over.hand_over(actor, parcel_id, Taker(proxy_name=proxy)))

    @rule(side=SIDES, count=st.integers(2, 8))
    def evening(self, side, count):
        """People come: rows empty, numbers begin their rest."""
        stored = [parcel_id for parcel_id, state in self.sides[side].parcels if state == "stored"]

        def act(actor):
            for parcel_id in stored[:count]:
                with suppress(StationError):
                    hand_over.hand_over(actor, parcel_id, Taker())

        self.ask(side, act)

    @rule(side=SIDES, pick=PICK)
    def hand_over_twice(self, side, pick):
        """Invariant 3: the second try is refused and told when, how and by whom the parcel left."""
        parcel_id = self.parcel(side, pick, "handed_over")
        answer = self.ask(side, lambda actor: hand_over.hand_over(actor, parcel_id, Taker()))
        if answer.body.get("code") == "already_handed_over":
            assert {"at", "method", "taken_by", "handed_by"} <= answer.body.keys()

    @rule(side=SIDES, pick=PICK)
    def undo_hand_over(self, side, pick):
        parcel_id = self.parcel(side, pick, "handed_over")
        self.ask(side, lambda actor: hand_over.undo_hand_over(actor, parcel_id, reason="wrong_parcel"))

    @rule(side=SIDES, pick=PICK, to=FEW)
    def move(self, side, pick, to):
        parcel_id, layer_id = self.parcel(side, pick, *ON_SHELF), self.layer(side, to).id
        self.ask(side, lambda actor: handling.move(actor, parcel_id, layer_id))

    @rule(side=SIDES, pick=PICK, to=FEW)
    def find_again(self, side, pick, to):
        """It turns up: one parcel in the books before and after."""
        parcel_id, layer_id = self.parcel(side, pick, "lost", "written_off"), self.layer(side, to).id
        count = len(self.sides[side].parcels)
        answer = self.ask(side, lambda actor: handling.find_again(actor, parcel_id, layer_id))
        assert len(self.sides[side].parcels) == count
        if answer.status == idempotency.OK:
            assert (parcel_id, "stored") in self.sides[side].parcels

    @rule(side=SIDES, pick=PICK, answers=st.lists(st.sampled_from(sorted(ANSWERS)), max_size=2))
    def scan_what_is_gone(self, side, pick, answers):
        """A lost or written-off parcel comes under the scanner: no second one is made of it."""
        raw = self.waybill(side, self.parcel(side, pick, "lost", "written_off"))
        before = self.states_of(side, raw)
        self.scan(side=side, raw=raw, hours=0, answers=answers)
        if before and before[-1] in ("lost", "written_off"):
            assert len(self.states_of(side, raw)) == len(before)

    @rule(side=SIDES, pick=PICK, how=st.sampled_from(sorted(HANDLINGS)))
    def handle(self, side, pick, how):
        act, states = HANDLINGS[how]
        parcel_id = self.parcel(side, pick, *states)
        self.ask(side, lambda actor: act(actor, parcel_id))

    @rule(side=SIDES, pick=PICK, who=FEW)
    def assign(self, side, pick, who):
        person = self.sides[side].people[who % len(PEOPLE)]
        parcel_id = self.parcel(side, pick, *ON_SHELF)
        self.ask(side, lambda actor: handling.assign_recipient(actor, parcel_id, person.id))

    @rule(side=SIDES, pick=PICK, is_second=st.booleans())
    def confirm_write_off(self, side, pick, is_second):
        actor = self.sides[side].manager if is_second else self.sides[side].clerk
        parcel_id = self.parcel(side, pick, "lost", "stored")
        answer = self.ask(side, lambda actor: handling.confirm_write_off(actor, parcel_id), actor=actor)
        assert is_second or answer.status != idempotency.OK

    @rule(side=SIDES, pick=PICK)
    def reach_across(self, side, pick):
        """Invariant 10, for services: another station's parcel does not exist here."""
        parcel_id = self.parcel(1 - side, pick, "stored")
        answer = self.ask(side, lambda actor: hand_over.hand_over(actor, parcel_id, Taker()))
        assert answer.body["code"] == "not_found"

    # Time passes, jobs run.

    @rule(hours=st.sampled_from(HOURS))
    def wait(self, hours):
        self.wait_hours(hours)

    @rule(side=SIDES, ahead=st.integers(-2, 9), days=st.integers(1, 3))
    def close_days(self, side, ahead, days):
        """A closure is declared, for days just past too: deadlines move, levels entered stay."""

        def act(actor):
            first = network_service.today(network.rules(actor.station_id).zone) + timedelta(days=ahead)
            last = first + timedelta(days=days - 1)
            network_service.add_special_day(actor, NewSpecialDay(SpecialKind.CLOSURE, first, last, "snow"))
            overdue.reschedule(actor.station_id)

        self.ask(side, act, actor=self.sides[side].manager)

    @rule(side=SIDES, hours=st.sampled_from(HOURS))
    def enter_levels(self, side, hours):
        """The pass runs late and then once more: the second finds nothing and changes nothing."""
        self.wait_hours(hours)
        here = self.sides[side]
        with clock.use(lambda: self.now):
            self.pass_levels(here)
            invariants.levels_reached(here.id)
            before = invariants.everything(here.id)
            self.pass_levels(here)
            assert invariants.everything(here.id) == before
            here.check()

    def pass_levels(self, here):
        entered = True
        while entered:
            with transaction():
                entered = overdue.enter_levels(here.id)

    @rule(side=SIDES, way=st.sampled_from(["well", "well", "refused", "crash"]), hours=st.sampled_from(HOURS))
    def send(self, side, way, hours):
        """Messages go out, or are not taken, or the process dies; sent well, a second round finds none."""
        self.wait_hours(hours)
        here = self.sides[side]
        with clock.use(lambda: self.now):
            here.post.way = way
            with suppress(Crash):
                dispatch.run_due(here.id, [here.post], self.now)
            taken = len(here.post.delivered)
            if way == "well":
                dispatch.run_due(here.id, [here.post], self.now)
                assert len(here.post.delivered) == taken
            here.check()

    @precondition(lambda self: self.asked)
    @rule(pick=PICK, is_other=st.booleans())
    def ask_again(self, pick, is_other):
        """The same key and body answer the same and change nothing; with another body they are refused."""
        here, request, answer = self.asked[pick % len(self.asked)]
        before = invariants.everything(here.id)
        with clock.use(lambda: self.now):
            if is_other:
                other = Request(request.actor, request.operation, request.key, {"step": "another"})
                with pytest.raises(StationError, match="another body"):
                    idempotency.once(other, acted_twice)
            else:
                again = idempotency.once(request, acted_twice)
                assert (again.status, again.body, again.replayed) == (answer.status, answer.body, True)
        assert invariants.everything(here.id) == before

    def teardown(self):
        for here in getattr(self, "sides", []):
            invariants.chain_is_whole(here.id)
        for _here, _request, answer in getattr(self, "asked", []):
            event(str(answer.body.get("code", "accepted")))


def acted_twice():
    raise AssertionError("a request acted twice")


def test_any_life_at_the_counter_keeps_the_invariants(app):
    share = 3 if db.engine.dialect.name == "sqlite" else 6  # a step takes twice as long over a socket
    run_state_machine_as_test(
        CounterLife,
        settings=settings(
            max_examples=settings().max_examples // share,
            stateful_step_count=40,
            suppress_health_check=list(HealthCheck),
        ),
    )
