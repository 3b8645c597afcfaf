"""Hand-backs signed on phones and disputes about them, beside everything else that happens to what goes back.

At every step: no line is in two disputes that stand, a dispute moves only as its table says, and the log attached to
each still stands in the custody log, whatever was appended since.
"""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test
from sqlalchemy import select

from station.core import idempotency
from station.core.db import connection, db, reading
from station.disputes import log, service
from station.disputes.lifecycle import TRANSITIONS, DisputeAction
from station.disputes.models import Dispute, DisputeParcel
from station.disputes.service import Wish
from station.parcels import handling, parcel_queries
from station.returns import manifests, phone, phone_queries
from station.returns import queries as returns
from station.returns.models import ReturnItem, ReturnManifest
from tests import invariants
from tests.couriers import make_courier
from tests.hand_backs import PNG
from tests.properties.two_stations import TwoStations

SIDES = st.integers(0, 1)
PICK = st.integers(0, 499)

ACTS = {
    DisputeAction.ANSWER: lambda actor, one: service.answer(actor, one, "We look."),
    DisputeAction.SETTLE_FOR_STATION: lambda actor, one: service.settle(
        actor, one, DisputeAction.SETTLE_FOR_STATION
    ),
    DisputeAction.SETTLE_FOR_CARRIER: lambda actor, one: service.settle(
        actor, one, DisputeAction.SETTLE_FOR_CARRIER
    ),
    DisputeAction.WITHDRAW: service.withdraw,
}


def _pick(actor, parcel_id):
    """Pick a parcel for its carrier, unless it is picked already."""
    if parcel_queries.detail(actor.station_id, parcel_id).state == "stored":
        handling.start_return(actor, parcel_id, reason="carrier_asks")


class HandBackLife(TwoStations):
    """What can happen to hand-backs, and be said about them afterwards."""

    def courier(self, side):
        """Return the courier who comes to a side for its carrier."""
        here = self.sides[side]
        if not hasattr(here, "courier"):
            here.courier = make_courier(here, carriers=("sf",)).actor
        return here.courier

    @rule(side=SIDES, count=st.integers(1, 3))
    def scan(self, side, count):
        self.load(side, count)

    def load(self, side, count):
        """Put parcels that go back on the open manifest; return its id."""
        self.ask(side, lambda actor: manifests.open_manifest(actor, "sf"))
        with reading():
            manifest_id = returns.open_manifests(self.sides[side].id)["sf"].id
        for pick in range(1, count + 1):
            parcel_id = self.parcel(side, 5 * pick + 1, "stored", "returning")
            self.ask(side, lambda actor, one=parcel_id: _pick(actor, one))
            raw = self.waybill(side, parcel_id)
            self.ask(side, lambda actor, raw=raw: manifests.add(actor, manifest_id, raw), scan=raw)
        return manifest_id

    @rule(side=SIDES, is_fresh=st.integers(0, 3))
    def sign_on_phone(self, side, is_fresh):
        """What the courier saw goes back, or nothing does."""
        courier, manifest_id = self.courier(side), self.open_on(side)
        on = self.on(side, manifest_id)
        seen = phone_queries.fingerprint(on if is_fresh else [])
        answer = self.ask(
            side, lambda actor: phone.sign(actor, manifest_id, seen=seen, signature=PNG), actor=courier
        )
        if answer.status == idempotency.OK:
            states = dict(self.sides[side].parcels)
            assert is_fresh
            assert {states[one.parcel_id] for one in on} == {"returned"}

    @rule(side=SIDES)
    def sign_at_the_counter(self, side):
        self.sign_here(side)

    def sign_here(self, side):
        manifest_id = self.open_on(side)
        self.ask(side, lambda actor: manifests.sign(actor, manifest_id, courier_name="Qian", signature=PNG))

    @rule(side=SIDES, pick=PICK, reason=st.sampled_from(["not_there", "not_ours", "complaint"]))
    def refuse_on_phone(self, side, pick, reason):
        courier, manifest_id = self.courier(side), self.open_on(side)
        on = self.on(side, manifest_id)
        parcel_id = on[pick % len(on)].parcel_id if on else 0
        self.ask(
            side, lambda actor: phone.refuse(actor, manifest_id, parcel_id, reason=reason), actor=courier
        )

    @rule(side=SIDES, pick=PICK)
    def put_back(self, side, pick):
        parcel_id = self.parcel(side, pick, "returned")
        self.ask(
            side, lambda actor: handling.undo_return_to_carrier(actor, parcel_id, reason="not_picked_up")
        )

    def open_on(self, side):
        """Return the open manifest of a side, begun now when there is none."""
        with reading():
            found = returns.open_manifests(self.sides[side].id).get("sf")
        return found.id if found else self.load(side, 2)

    def on(self, side, manifest_id):
        with reading():
            return returns.items(self.sides[side].id, manifest_id)

    @rule(
        side=SIDES,
        pick=PICK,
        claim=st.sampled_from(["not_received", "damaged", "stolen"]),
        is_courier=st.booleans(),
    )
    def claim(self, side, pick, claim, is_courier):
        """Claim something of one parcel, often of a second one beside it."""
        lines = self.lines(side) or self.signed(side)
        manifest_id, parcel_id = lines[pick % len(lines)] if lines and pick % 10 else (0, 0)
        beside = [one.parcel_id for one in lines if one.manifest_id == manifest_id][: pick % 3]
        chosen = [parcel_id, *beside]
        wish = Wish(manifest_id, claim, "", chosen)
        actor = self.courier(side) if is_courier else None
        self.ask(side, lambda actor: service.open_case(actor, wish), actor=actor)
        self.disputes_fit(side)

    @rule(side=SIDES, which=PICK, action=st.sampled_from(DisputeAction), is_courier=st.booleans())
    def move_on(self, side, which, action, is_courier):
        dispute_id = self.one_of(side, which) or self.one_more(side)
        before = self.state_of(side, dispute_id)
        actor = self.courier(side) if is_courier else None
        answer = self.ask(side, lambda actor: ACTS[action](actor, dispute_id), actor=actor)
        after = self.state_of(side, dispute_id)
        is_done = answer.status == idempotency.OK
        assert after == (TRANSITIONS[before, action] if is_done else before)
        self.disputes_fit(side)

    def lines(self, side):
        """Return the lines of signed manifests, the newest first."""
        query = select(ReturnItem.manifest_id, ReturnItem.parcel_id).where(
            ReturnItem.station_id == self.sides[side].id, ReturnItem.state == "returned"
        )
        with reading():
            return connection().execute(query.order_by(ReturnItem.id.desc())).all()

    def signed(self, side):
        """Let a manifest be signed, and return its lines."""
        self.load(side, 2)
        self.sign_here(side)
        return self.lines(side)

    def one_of(self, side, which):
        """Return a dispute of a side, the newest mostly, or one that does not exist."""
        query = select(Dispute.id).where(Dispute.station_id == self.sides[side].id)
        with reading():
            found = [*connection().scalars(query.order_by(Dispute.id.desc())), 0]
        return found[0] if which % 3 else found[which // 3 % len(found)]

    def one_more(self, side):
        """Open a dispute, and return it."""
        lines = self.lines(side) or self.signed(side)
        for manifest_id, parcel_id in lines[:1]:
            wish = Wish(manifest_id, "not_received", "", [parcel_id])
            self.ask(side, lambda actor, wish=wish: service.open_case(actor, wish))
        return self.one_of(side, 1)

    def state_of(self, side, dispute_id):
        query = select(Dispute.state).where(
            Dispute.station_id == self.sides[side].id, Dispute.id == dispute_id
        )
        with reading():
            return connection().scalar(query)

    def disputes_fit(self, side):
        """A line is in one dispute that stands at most, and ends with it."""
        station_id = self.sides[side].id
        query = (
            select(DisputeParcel.item_id, DisputeParcel.ended_at.is_(None), Dispute.ended_at.is_(None))
            .join(
                Dispute,
                (Dispute.station_id == DisputeParcel.station_id) & (Dispute.id == DisputeParcel.dispute_id),
            )
            .where(DisputeParcel.station_id == station_id)
        )
        with reading():
            rows = [tuple(row) for row in connection().execute(query)]
        standing = [item_id for item_id, line, whole in rows if line]
        assert len(set(standing)) == len(standing)
        assert all(bool(line) == bool(whole) for _item, line, whole in rows)

    def teardown(self):
        for here in getattr(self, "sides", []):
            with reading():
                made = connection().scalars(select(Dispute.document).where(Dispute.station_id == here.id))
                verdicts = [log.check(bytes(one)) for one in made.all()]
                signed = connection().scalars(
                    select(ReturnManifest.sha256.is_(None)).where(
                        ReturnManifest.station_id == here.id, ReturnManifest.state == "signed"
                    )
                )
                assert not any(signed)
            invariants.chain_is_whole(here.id)
            assert {one.fault for one in verdicts} <= {None}
            assert {one.station_id for one in verdicts} <= {here.id}


def test_hand_backs_and_disputes_keep_the_invariants(app):
    share = 8 if db.engine.dialect.name == "sqlite" else 16  # a step takes twice as long over a socket
    run_state_machine_as_test(
        HandBackLife,
        settings=settings(
            max_examples=settings().max_examples // share,
            stateful_step_count=30,
            suppress_health_check=list(HealthCheck),
        ),
    )
