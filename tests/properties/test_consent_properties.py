"""Whatever is chosen, told, answered and mixed up, in any order: no yes is kept that nobody gave.

The test keeps its own book of who really said what; every ground that the station keeps must stand in it.
"""

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from station.carriers.detection import canonical_waybill
from station.core import clock
from station.core.actor import Actor, ActorKind
from station.core.db import connection, db, reading, transaction
from station.core.errors import StationError
from station.core.permissions import Role
from station.core.phones import parse
from station.events.verify import verify
from station.network import queries as network
from station.network import service as network_service
from station.parcels import announce, batches, consent_answers, counter, hand_over, handling, solving
from station.parcels.announce import Announcement
from station.parcels.arrivals import Arrivals, Delivered
from station.parcels.hand_over import Taker
from station.parcels.lifecycle import ConsentBasis, ParcelState
from station.parcels.models import Parcel
from station.residents import service as residents
from station.residents.models import ConsentRecord
from station.shelves import queries as shelves
from tests.factories import make_station

START = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
WAYBILLS = [f"SF1{number:08d}{number:04d}" for number in range(1, 6)]
PEOPLE = [("13812344068", "陈晓明"), ("13900003211", "王芳"), ("13900003211", None)]
WHO = st.sampled_from(range(len(PEOPLE)))
WAYBILL = st.sampled_from(WAYBILLS)
CHOICE = st.sampled_from(residents.CHOICES)


class Words(RuleBasedStateMachine):
    """One station, three people, a few parcels, and everybody who may say something."""

    @initialize(unknown=st.sampled_from(["store_and_ask", "set_aside"]))
    def open_station(self, unknown):
        self.now, self.said, self.records = START, set(), []
        with clock.use(lambda: self.now):
            self.station = make_station("Maple")
            with transaction():
                clerk = self.station.clerk
                version = network.rules(self.station.id).version
                network_service.change_settings(
                    self.station.manager, {"unknown_consent": unknown}, version=version
                )
                self.people = [
                    residents.find_or_add(self.station.id, parse(phone), name).id for phone, name in PEOPLE
                ]
                row = shelves.layer_by_code(self.station.id, "1", 1)
                self.row, self.batch = row.id, batches.open_batch(clerk, layer_id=row.id).id

    def act(self, use_case, *args, **kwargs):
        """Do something as an edge does; return whether it was accepted."""
        self.now += timedelta(minutes=1)
        try:
            with clock.use(lambda: self.now), transaction():
                use_case(*args, **kwargs)
        except StationError:
            return False
        return True

    def resident(self):
        return Actor(ActorKind.RESIDENT, 77, self.station.id, Role.RESIDENT)

    def parcel(self, waybill):
        """Return id, recipient and state of the newest parcel with a waybill; Nones for none."""
        query = (
            select(Parcel.id, Parcel.recipient_id, Parcel.state)
            .where(Parcel.station_id == self.station.id, Parcel.waybill == canonical_waybill(waybill))
            .order_by(Parcel.id.desc())
            .limit(1)
        )
        with reading():
            return connection().execute(query).one_or_none() or (None, None, None)

    # People say something.

    @rule(who=WHO, choice=CHOICE)
    def choose(self, who, choice):
        person = self.people[who]
        if self.act(residents.record_consent, self.resident(), person, choice=choice, how="own_page"):
            self.said.add((person, choice))

    @rule(waybill=WAYBILL, choice=st.sampled_from(["yes", "deliver", "return", "always"]))
    def answer(self, waybill, choice):
        parcel_id, person, _state = self.parcel(waybill)
        if self.act(consent_answers.answer, self.resident(), parcel_id or 1, choice) and choice == "yes":
            self.said.add((person, parcel_id))

    @rule(waybill=WAYBILL, choice=st.sampled_from(["station", "always", "door", "locker", "return"]))
    def tell_staff(self, waybill, choice):
        parcel_id, person, _state = self.parcel(waybill)
        clerk = self.station.clerk
        if self.act(solving.record_consent, clerk, parcel_id or 1, choice=choice, how="in_person"):
            self.said |= {(person, "station")} if choice == "always" else set()
            self.said |= {(person, parcel_id)} if choice == "station" else set()

    # Parcels come, are mixed up, and leave.

    @rule(is_declared=st.booleans())
    def declare(self, is_declared):
        accepted = self.act(batches.declare_consent, self.station.clerk, self.batch, is_declared=is_declared)
        if is_declared and accepted:
            self.said.add("courier")

    @rule(waybill=WAYBILL, who=WHO, has_asked=st.booleans())
    def announce(self, waybill, who, has_asked):
        phone, name = PEOPLE[who]
        consent = {"consent": ConsentBasis.THIS_PARCEL, "consent_how": "phone_call"} if has_asked else {}
        said = Announcement(waybill, "sf", parse(phone), name, **consent)
        if self.act(announce.announce, self.station.clerk, said) and has_asked:
            parcel_id, person, _state = self.parcel(waybill)
            self.said.add((person, parcel_id))

    @rule(waybill=WAYBILL, answers=st.lists(st.sampled_from(["station", "always", 0, 1, 2]), max_size=3))
    def scan(self, waybill, answers):
        clerk, told = self.station.clerk, []
        self.act(counter.scan, clerk, self.batch, waybill, scanned_at=self.now)
        for one in answers:
            with reading():
                question = counter.open_question(clerk, self.batch)
            person = question.draft.recipient_id if question else None
            if isinstance(one, int):
                self.act(counter.answer_recipient, clerk, self.batch, self.people[one])
            elif self.act(counter.answer_consent, clerk, self.batch, choice=one, how="in_person"):
                self.said |= {(person, "station")} if one == "always" else set()
                told.append((person, question.draft.waybill))
        for person, number in told:
            self.said.add((person, self.parcel(number)[0]))

    @rule(waybill=WAYBILL, who=WHO, consent=st.sampled_from([None, "this_parcel", "declared_by_courier"]))
    def deliver(self, waybill, who, consent):
        phone, name = PEOPLE[who]
        how = "phone_call" if consent == "this_parcel" else None
        said = Delivered(
            raw=waybill,
            layer_id=self.row,
            phone=parse(phone),
            name=name,
            consent=ConsentBasis(consent) if consent else None,
            consent_how=how,
        )

        def come():
            came = Arrivals(self.station.clerk)
            came.add(said)
            came.write()

        if self.act(come):
            parcel_id, person, _state = self.parcel(waybill)
            self.said |= {(person, parcel_id)} if consent == "this_parcel" else set()
            self.said |= {"courier"} if consent == "declared_by_courier" else set()

    @rule(waybill=WAYBILL, who=WHO)
    def was_for_another(self, waybill, who):
        self.act(
            handling.assign_recipient, self.station.clerk, self.parcel(waybill)[0] or 1, self.people[who]
        )

    @rule(waybill=WAYBILL, is_lost=st.booleans())
    def leave(self, waybill, is_lost):
        parcel_id = self.parcel(waybill)[0] or 1
        if is_lost:
            self.act(handling.mark_lost, self.station.clerk, parcel_id, reason="not_found")
        else:
            self.act(hand_over.hand_over, self.station.clerk, parcel_id, Taker())

    # What must hold.

    @invariant()
    def no_yes_from_nowhere(self):
        if not hasattr(self, "people"):
            return
        columns = (Parcel.id, Parcel.recipient_id, Parcel.consent_basis, Parcel.state)
        with reading():
            query = select(*columns).where(Parcel.station_id == self.station.id)
            parcels = connection().execute(query).all()
        for parcel_id, person, basis, state in parcels:
            if state == ParcelState.CANCELLED or basis == ConsentBasis.UNKNOWN:
                continue
            ground = {
                ConsentBasis.THIS_PARCEL: (person, parcel_id),
                ConsentBasis.STANDING: (person, "station"),
                ConsentBasis.DECLARED_BY_COURIER: "courier",
            }[ConsentBasis(basis)]
            assert ground in self.said, (basis, state)

    @invariant()
    def no_word_is_changed(self):
        if not hasattr(self, "people"):
            return
        with reading():
            query = select(ConsentRecord.__table__).where(ConsentRecord.station_id == self.station.id)
            records = [tuple(row) for row in connection().execute(query.order_by(ConsentRecord.id))]
        assert records[: len(self.records)] == self.records
        self.records = records
        for record in records:
            person, parcel_id, choice, how = record[2:6]
            if choice == "station" and how != "courier":
                assert (person, parcel_id or "station") in self.said

    def teardown(self):
        if hasattr(self, "people"):
            with reading():
                assert verify(self.station.id).is_whole


def test_no_yes_is_kept_that_nobody_gave(app):
    share = 2 if db.engine.dialect.name == "sqlite" else 6  # a step takes twice as long over a socket
    run_state_machine_as_test(
        Words,
        settings=settings(
            max_examples=settings().max_examples // share,
            stateful_step_count=25,
            suppress_health_check=list(HealthCheck),
        ),
    )
