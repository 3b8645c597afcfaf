"""Two stations at work, and how a step is asked of them: what the property test of whole lives stands on."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize
from sqlalchemy import select, update

from station.core import clock, idempotency
from station.core.db import connection, reading, transaction
from station.core.idempotency import Request
from station.core.phones import parse
from station.events.models import CustodyHead, RefusedScan
from station.events.service import Refusal, keep_refused_scan
from station.network import queries as network
from station.network import service as network_service
from station.parcels import announce, batches, handling
from station.parcels.announce import Announcement
from station.parcels.intake import Arrival, Intake
from station.parcels.models import Parcel
from station.residents import service as residents
from station.shelves import queries as shelf_queries
from station.shelves import service as shelves
from station.shelves.models import Layer
from tests import invariants
from tests.factories import make_station
from tests.properties.post_office import PostOffice

START = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)  # 08:00 in Shanghai, a Monday
# Few and alike, so that codes clash, one is a phone's tail, and parcels that left come back.
WAYBILLS = [f"SF1{number:08d}{tail}" for number in range(12) for tail in ("3210", "3211", "4068")]
# Two names at one phone, a privacy number, and nobody's name.
PEOPLE = [
    ("13812344068", "陈晓明"),
    ("13812344068", "陈明"),
    ("17000001234,3210", "王芳"),
    ("13900003211", None),
]
NUMBERS = st.integers(8, 12)  # of each row, so that every cool-down regime really happens
CAPACITY = 4  # of the small shelf; the others are limited by their codes only
SETTINGS = st.fixed_dictionaries(
    {
        "numbering": st.sampled_from(["counter", "counter", "waybill"]),
        "unknown_consent": st.sampled_from(["store_and_ask", "store_and_ask", "set_aside"]),
    }
)


class Side:
    """One station: its staff, rows, people and open batch, and what the test has to remember of it."""

    def __init__(self, name, settings, numbers):
        station = make_station(name)
        self.id, self.clerk, self.manager = station.id, station.clerk, station.manager
        with transaction():
            shelves.add_shelf(
                self.manager, code="8", layers=1, capacity=CAPACITY, size_class="small", is_set_aside=False
            )
            connection().execute(
                update(Layer).where(Layer.station_id == self.id).values(counter_space=numbers)
            )
            version = network.rules(self.id).version
            network_service.change_settings(self.manager, settings, version=version)
            self.layers = [row for row in shelf_queries.layers(self.id) if row.tag in ("1-1", "1-2", "8-1")]
            self.people = [residents.find_or_add(self.id, parse(phone), name) for phone, name in PEOPLE]
            self.batch_id = batches.open_batch(self.clerk, layer_id=self.layers[0].id).id
            self._stock()
        self.refused, self.post = 0, PostOffice(self.id)
        self.check()

    def _stock(self):
        """Begin with a row that is nearly exhausted."""
        intake = Intake(self.clerk)
        for place, waybill in enumerate(WAYBILLS[:7]):
            person = self.people[place % len(PEOPLE)]
            intake.add(Arrival(waybill, self.layers[0].id, "sf", recipient=person, batch_id=self.batch_id))
        intake.write()
        self._leave()

    def _leave(self):
        """Begin with a parcel in each of the states that a short life seldom comes to."""
        intake, person = Intake(self.clerk), self.people[0]
        gone = [
            intake.add(Arrival(waybill, self.layers[1].id, "sf", recipient=person)).parcel_id
            for waybill in WAYBILLS[7:11]
        ]
        intake.write()
        lost, written_off, returned, returning = gone
        handling.mark_lost(self.clerk, lost, reason="not_found")
        handling.ask_write_off(self.clerk, written_off, reason="not_found")
        handling.confirm_write_off(self.manager, written_off)
        for parcel_id in (returned, returning):
            handling.start_return(self.clerk, parcel_id, reason="refused")
        handling.return_to_carrier(self.clerk, returned)
        announce.announce(self.manager, Announcement(WAYBILLS[11], "sf"))

    def check(self):
        """Check the invariants, and learn which parcels there are."""
        invariants.check(self.id)
        with reading():
            parcels = select(Parcel.id, Parcel.state).where(Parcel.station_id == self.id).order_by(Parcel.id)
            self.parcels = [(row.id, row.state) for row in connection().execute(parcels)]
            scans = select(RefusedScan.id).where(RefusedScan.station_id == self.id)
            assert len(connection().scalars(scans).all()) == self.refused

    def head(self):
        """Return the newest link of the custody log."""
        with reading():
            head = select(CustodyHead.seq, CustodyHead.hash).where(CustodyHead.station_id == self.id)
            return tuple(connection().execute(head).one())


class TwoStations(RuleBasedStateMachine):
    """Two stations that share people and waybills, but nothing else."""

    @initialize(settings=SETTINGS, numbers=NUMBERS)
    def open_stations(self, settings, numbers):
        self.now, self.asked = START, []
        with clock.use(lambda: self.now):
            self.sides = [Side(name, settings, numbers) for name in ("Maple", "Cedar")]

    def ask(self, side, act, *, actor=None, scan=None):
        """Do what a view does: one request under a key. A refusal leaves its answer and its scan, and nothing else."""
        here, there = self.sides[side], self.sides[1 - side]
        actor = actor or here.clerk
        step = len(self.asked)
        request = Request(actor, "step", f"key-{step:06d}", {"step": step})
        heads = here.head(), there.head()
        with clock.use(lambda: self.now):
            answer = idempotency.once(
                request, lambda: {"done": str(act(actor))}, on_refusal=_keeping(actor, scan)
            )
            self.asked.append((here, request, answer))
            if answer.status != idempotency.OK:
                here.refused += scan is not None
                assert here.head() == heads[0]
            here.check()
        assert there.head() == heads[1]
        return answer

    def wait_hours(self, hours):
        """Let time pass."""
        self.now += timedelta(hours=hours)

    def parcel(self, side, pick, *states):
        """Return a parcel's id: mostly one in a state that fits, now and then any, or one that does not exist."""
        parcels = self.sides[side].parcels
        fitting = [parcel_id for parcel_id, state in parcels if state in states]
        chosen = fitting if fitting and pick % 5 else [parcel_id for parcel_id, _ in parcels] + [0]
        return chosen[pick // 5 % len(chosen)]

    def waybill(self, side, parcel_id):
        """Return the waybill of a parcel, any for one that does not exist."""
        here = select(Parcel.waybill).where(Parcel.station_id == self.sides[side].id, Parcel.id == parcel_id)
        with reading():
            return connection().scalar(here) or WAYBILLS[0]

    def states_of(self, side, waybill):
        """Return the states of all parcels that ever had a waybill here, the oldest first."""
        here = select(Parcel.state).where(Parcel.station_id == self.sides[side].id, Parcel.waybill == waybill)
        with reading():
            return connection().scalars(here.order_by(Parcel.id)).all()

    def layer(self, side, pick):
        """Return one of the rows."""
        return self.sides[side].layers[pick % len(self.sides[side].layers)]


def _keeping(actor, scan):
    """Keep a refused scan as the edge does."""
    if scan is None:
        return None
    return lambda error: keep_refused_scan(actor, Refusal("check_in", error.code, scan))
