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
from station.disputes import log, queries, service
from station.disputes.lifecycle import TRANSITIONS, DisputeAction
from station.disputes.models import Dispute, DisputeParcel
from station.disputes.service import Wish
from station.returns import phone, phone_queries
from station.returns import queries as returns
from station.returns.models import ReturnManifest
from tests.couriers import make_courier
from tests.properties.test_manifest_invariants import PICK, PNG, SIDES, ReturnLife

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


class HandBackLife(ReturnLife):
    """What can happen to hand-backs, and be said about them afterwards."""

    def courier(self, side):
        """Return the courier who comes to a side for its carrier."""
        here = self.sides[side]
        if not hasattr(here, "courier"):
            here.courier = make_courier(here, carriers=("sf",)).actor
        return here.courier

    @rule(side=SIDES, which=PICK, is_fresh=st.integers(0, 3))
    def sign_on_phone(self, side, which, is_fresh):
        """What the courier saw goes back, or nothing does."""
        courier, manifest_id = self.courier(side), self.manifest(side, which)
        on = self.on(side, manifest_id)
        with reading():
            items = returns.items(self.sides[side].id, manifest_id)
        seen = phone_queries.fingerprint(items if is_fresh else [])
        answer = self.ask(
            side, lambda actor: phone.sign(actor, manifest_id, seen=seen, signature=PNG), actor=courier
        )
        if answer.status == idempotency.OK:
            states = dict(self.sides[side].parcels)
            assert is_fresh
            assert {states[parcel_id] for parcel_id in on} == {"returned"}
        self.manifests_fit(side)

    @rule(side=SIDES, which=PICK, pick=PICK, reason=st.sampled_from(["not_there", "not_ours", "complaint"]))
    def refuse_on_phone(self, side, which, pick, reason):
        courier, manifest_id = self.courier(side), self.manifest(side, which)
        on = self.on(side, manifest_id)
        parcel_id = on[pick % len(on)] if on and pick % 4 else self.parcel(side, pick, "returning")
        self.ask(
            side, lambda actor: phone.refuse(actor, manifest_id, parcel_id, reason=reason), actor=courier
        )
        self.manifests_fit(side)

    @rule(
        side=SIDES,
        pick=PICK,
        claim=st.sampled_from(["not_received", "damaged", "stolen"]),
        is_courier=st.booleans(),
    )
    def claim(self, side, pick, claim, is_courier):
        parcel_id = self.parcel(side, pick, "returned", "returning")
        with reading():
            manifest_id = queries.manifest_of(self.sides[side].id, parcel_id)
            items = queries.claimable(self.sides[side].id, manifest_id)
        chosen = [parcel_id, *(one.parcel_id for one in items if one.parcel_id % 2 == pick % 2)]
        wish = Wish(manifest_id, claim, "", chosen)
        actor = self.courier(side) if is_courier else None
        self.ask(side, lambda actor: service.open_case(actor, wish), actor=actor)
        self.disputes_fit(side)

    @rule(side=SIDES, which=PICK, action=st.sampled_from(DisputeAction), is_courier=st.booleans())
    def move_on(self, side, which, action, is_courier):
        dispute_id = self.one_of(side, Dispute, which)
        before = self.state_of(side, dispute_id)
        actor = self.courier(side) if is_courier else None
        answer = self.ask(side, lambda actor: ACTS[action](actor, dispute_id), actor=actor)
        after = self.state_of(side, dispute_id)
        is_done = answer.status == idempotency.OK
        assert after == (TRANSITIONS[before, action] if is_done else before)
        self.disputes_fit(side)

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
        super().teardown()
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
            assert {one.fault for one in verdicts} <= {None}
            assert {one.station_id for one in verdicts} <= {here.id}


def test_hand_backs_and_disputes_keep_the_invariants(app):
    share = 4 if db.engine.dialect.name == "sqlite" else 8  # a step takes twice as long over a socket
    run_state_machine_as_test(
        HandBackLife,
        settings=settings(
            max_examples=settings().max_examples // share,
            stateful_step_count=40,
            suppress_health_check=list(HealthCheck),
        ),
    )
