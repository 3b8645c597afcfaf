"""Manifests and the register beside everything else that happens at the counter: invariant 1 holds at every step.

On every shelf checked in − handed over − returned − moved − written off = stored (tests/invariants.py), whatever is
scanned onto manifests, signed, given up or undone; and nothing of the register is disposed of before its term.
"""

from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test
from sqlalchemy import select

from station.core import idempotency
from station.core.db import connection, db, reading
from station.parcels import hand_over, handling
from station.parcels.hand_over import Taker
from station.parcels.models import Parcel
from station.returns import manifests, unclaimed
from station.returns.models import ReturnItem, ReturnManifest, UnclaimedParcel
from tests import invariants
from tests.properties.two_stations import TwoStations

PNG = b"\x89PNG\r\n\x1a\n signed"
SIDES = st.integers(0, 1)
PICK = st.integers(0, 499)
ON_SHELF = ("stored", "returning")
HANDLINGS = {
    "held": (lambda actor, parcel: handling.hold(actor, parcel, reason="complaint"), ON_SHELF),
    "released": (handling.release_hold, ON_SHELF),
    "kept": (handling.cancel_return, ("returning",)),
    "given back alone": (handling.return_to_carrier, ("returning",)),
    "lost": (lambda actor, parcel: handling.mark_lost(actor, parcel, reason="not_found"), ON_SHELF),
    "not returned": (
        lambda actor, parcel: handling.undo_return_to_carrier(actor, parcel, reason="not_picked_up"),
        ("returned",),
    ),
    "write-off asked": (
        lambda actor, parcel: handling.ask_write_off(actor, parcel, reason="destroyed"),
        ON_SHELF,
    ),
    "handed over": (lambda actor, parcel: hand_over.hand_over(actor, parcel, Taker()), ("stored",)),
}


class ReturnLife(TwoStations):
    """What can happen to parcels that go back."""

    @rule(side=SIDES, pick=PICK)
    def start_return(self, side, pick):
        parcel_id = self.parcel(side, pick, "stored")
        self.ask(side, lambda actor: handling.start_return(actor, parcel_id, reason="carrier_asks"))

    @rule(side=SIDES, carrier=st.sampled_from(["sf", "sf", "zto"]))
    def open_manifest(self, side, carrier):
        self.ask(side, lambda actor: manifests.open_manifest(actor, carrier))
        self.manifests_fit(side)

    @rule(side=SIDES, pick=PICK, which=PICK)
    def scan(self, side, pick, which):
        raw, manifest_id = self.waybill(side, self.parcel(side, pick, *ON_SHELF)), self.manifest(side, which)
        self.ask(side, lambda actor: manifests.add(actor, manifest_id, raw), scan=raw)
        self.manifests_fit(side)

    @rule(side=SIDES, pick=PICK, which=PICK)
    def take_off(self, side, pick, which):
        parcel_id, manifest_id = self.parcel(side, pick, "returning"), self.manifest(side, which)
        self.ask(side, lambda actor: manifests.take_off(actor, manifest_id, parcel_id))
        self.manifests_fit(side)

    @rule(side=SIDES, which=PICK)
    def cancel(self, side, which):
        manifest_id = self.manifest(side, which)
        self.ask(side, lambda actor: manifests.cancel(actor, manifest_id))
        self.manifests_fit(side)

    @rule(side=SIDES, which=PICK)
    def sign(self, side, which):
        """All of it goes back, or nothing changes."""
        manifest_id = self.manifest(side, which)
        on = self.on(side, manifest_id)
        answer = self.ask(
            side, lambda actor: manifests.sign(actor, manifest_id, courier_name="Zhao", signature=PNG)
        )
        if answer.status == idempotency.OK:
            states = dict(self.sides[side].parcels)
            assert on
            assert {states[parcel_id] for parcel_id in on} == {"returned"}
        else:
            assert self.on(side, manifest_id) == on
        self.manifests_fit(side)

    @rule(side=SIDES, pick=PICK, how=st.sampled_from(sorted(HANDLINGS)))
    def handle(self, side, pick, how):
        act, states = HANDLINGS[how]
        parcel_id = self.parcel(side, pick, *states)
        self.ask(side, lambda actor: act(actor, parcel_id))

    @rule(side=SIDES, pick=PICK)
    def enter_register(self, side, pick):
        raw = self.waybill(side, self.parcel(side, pick, "returning"))
        self.ask(side, lambda actor: unclaimed.enter(actor, raw, reason="no_sender"), scan=raw)

    @rule(side=SIDES, which=PICK, act=st.sampled_from([unclaimed.remove, unclaimed.refuse]))
    def leave_register(self, side, which, act):
        entry_id = self.one_of(side, UnclaimedParcel, which)
        self.ask(side, lambda actor: act(actor, entry_id))

    @rule(side=SIDES, which=PICK, days=st.sampled_from([0, 1, 183, 184]), is_second=st.booleans())
    def dispose(self, side, which, days, is_second):
        """Proposed and confirmed at any time: never before the term, never by one person."""
        self.wait_hours(24 * days)
        entry_id = self.one_of(side, UnclaimedParcel, which)
        confirms = self.sides[side].manager if is_second else self.sides[side].clerk
        self.ask(side, lambda actor: unclaimed.propose(actor, entry_id, done="to_post"))
        answer = self.ask(side, lambda actor: unclaimed.confirm(actor, entry_id), actor=confirms)
        if answer.status == idempotency.OK:
            assert self.now >= self.term_of(side, entry_id)

    @rule(hours=st.sampled_from([1, 24, 200]))
    def wait(self, hours):
        self.wait_hours(hours)

    def term_of(self, side, entry_id):
        query = select(UnclaimedParcel.entered_at).where(
            UnclaimedParcel.station_id == self.sides[side].id, UnclaimedParcel.id == entry_id
        )
        with reading():
            return connection().scalar(query) + timedelta(days=184)

    def manifest(self, side, which):
        return self.one_of(side, ReturnManifest, which)

    def one_of(self, side, table, which):
        """Return the id of a row of the station, the newest mostly, or one that does not exist."""
        query = select(table.id).where(table.station_id == self.sides[side].id).order_by(table.id.desc())
        with reading():
            found = [*connection().scalars(query), 0]
        return found[0] if which % 3 else found[which // 3 % len(found)]

    def on(self, side, manifest_id):
        query = select(ReturnItem.parcel_id).where(
            ReturnItem.station_id == self.sides[side].id,
            ReturnItem.manifest_id == manifest_id,
            ReturnItem.state == "on",
        )
        with reading():
            return sorted(connection().scalars(query))

    def manifests_fit(self, side):
        """Only open manifests have parcels on them, and no parcel is on two."""
        station_id = self.sides[side].id
        query = (
            select(ReturnItem.parcel_id, ReturnManifest.state, ReturnManifest.carrier, Parcel.waybill)
            .join(
                ReturnManifest,
                (ReturnManifest.station_id == ReturnItem.station_id)
                & (ReturnManifest.id == ReturnItem.manifest_id),
            )
            .join(Parcel, (Parcel.station_id == ReturnItem.station_id) & (Parcel.id == ReturnItem.parcel_id))
            .where(ReturnItem.station_id == station_id, ReturnItem.state == "on")
        )
        with reading():
            rows = connection().execute(query).all()
        assert {row.state for row in rows} <= {"open"}
        assert {row.carrier for row in rows} <= {"sf"}
        assert len({row.parcel_id for row in rows}) == len(rows)

    def teardown(self):
        for here in getattr(self, "sides", []):
            invariants.chain_is_whole(here.id)


def test_manifests_and_the_register_keep_the_invariants(app):
    share = 4 if db.engine.dialect.name == "sqlite" else 8  # a step takes twice as long over a socket
    run_state_machine_as_test(
        ReturnLife,
        settings=settings(
            max_examples=settings().max_examples // share,
            stateful_step_count=40,
            suppress_health_check=list(HealthCheck),
        ),
    )
