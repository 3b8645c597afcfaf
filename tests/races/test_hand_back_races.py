"""Counter and phone at one manifest, and two who claim the same: one wins, and the other is told; on both databases."""

import pytest
from flask import Flask

from station.core.db import reading, transaction
from station.core.errors import StationError
from station.disputes import queries, service
from station.disputes.service import Wish
from station.events import queries as events
from station.returns import manifests, phone
from station.returns import queries as returns
from tests import invariants
from tests.couriers import make_courier
from tests.factories import Station
from tests.hand_backs import PNG, going, opened, seen, signed
from tests.races.together import together, winners

ROUNDS = 6


def kinds(station: Station, parcel_id: int) -> list[str]:
    with reading():
        return [one.kind for one in events.story(station.id, parcel_id)]


def test_counter_and_phone_sign_at_once_and_one_wins(app: Flask, station: Station) -> None:
    courier = make_courier(station, name="Zhao Lei").actor
    for _ in range(ROUNDS):
        parcels = [going(station), going(station)]
        manifest_id = opened(station, *parcels)
        shown = seen(station, manifest_id)
        answers = together(
            app,
            lambda one=manifest_id: manifests.sign(station.clerk, one, courier_name="Qian", signature=PNG),
            lambda one=manifest_id, shown=shown: phone.sign(courier, one, seen=shown, signature=PNG),
        )
        assert winners(answers) == ([2], ["manifest_ended"])
        (refused,) = (one for one in answers if isinstance(one, StationError))
        with reading():
            found = returns.manifest(station.id, manifest_id)
        assert refused.facts == {"by": found.ended_by}
        assert str(found.courier_name) in refused.message
        assert [kinds(station, one.parcel_id).count("returned") for one in parcels] == [1, 1]
    invariants.check(station.id)
    invariants.chain_is_whole(station.id)


@pytest.mark.parametrize("late", ["scan", "refuse"])
def test_signed_while_the_list_changes_only_what_was_seen_goes(
    app: Flask, station: Station, late: str
) -> None:
    courier = make_courier(station).actor
    for _ in range(ROUNDS):
        first, second = going(station), going(station)
        manifest_id = opened(station, first, *([second] if late == "refuse" else []))
        shown = seen(station, manifest_id)
        changes = {
            "scan": lambda one=manifest_id, two=second: manifests.add(station.clerk, one, two.waybill),
            "refuse": lambda one=manifest_id, two=second: phone.refuse(
                courier, one, two.parcel_id, reason="not_there"
            ),
        }
        answers = together(
            app,
            lambda one=manifest_id, shown=shown: phone.sign(courier, one, seen=shown, signature=PNG),
            changes[late],
        )
        _done, codes = winners(answers)
        assert codes in (["manifest_changed"], ["manifest_ended"])
        if codes == ["manifest_changed"]:
            give_up(station, manifest_id)
    invariants.check(station.id)


def give_up(station: Station, manifest_id: int) -> None:
    """Give the manifest up, so that the next round has one of its own."""
    with transaction():
        manifests.cancel(station.clerk, manifest_id)


def test_claimed_by_two_at_once_there_is_one_dispute(app: Flask, station: Station) -> None:
    courier = make_courier(station).actor
    for _ in range(ROUNDS):
        manifest_id, (parcel, other) = signed(station)
        wishes = (
            (courier, Wish(manifest_id, "not_received", "", [parcel.parcel_id])),
            (station.clerk, Wish(manifest_id, "damaged", "", [other.parcel_id, parcel.parcel_id])),
        )
        answers = together(
            app, *(lambda actor=actor, wish=wish: service.open_case(actor, wish) for actor, wish in wishes)
        )
        made, codes = winners(answers)
        assert (len(made), codes) == (1, ["dispute_stands"])
        assert kinds(station, parcel.parcel_id).count("dispute_opened") == 1
        with reading():
            assert {one.dispute_id for one in queries.of_lines(station.id, manifest_id).values()} == {*made}
    invariants.chain_is_whole(station.id)


def test_answered_and_withdrawn_at_once_it_ends_as_one_of_them_left_it(app: Flask, station: Station) -> None:
    courier = make_courier(station).actor
    for _ in range(ROUNDS):
        manifest_id, (parcel, _other) = signed(station)
        (dispute_id,) = together(
            app,
            lambda one=manifest_id, two=parcel: service.open_case(
                courier, Wish(one, "damaged", "", [two.parcel_id])
            ),
        )
        answers = together(
            app,
            lambda one=dispute_id: service.answer(station.clerk, one, "We look."),
            lambda one=dispute_id: service.withdraw(courier, one),
        )
        with reading():
            found = queries.case(station.id, dispute_id)
        assert found.state == "withdrawn"
        assert winners(answers)[1] in ([], ["dispute_ended"])
        assert (found.answer is None) == (winners(answers)[1] == ["dispute_ended"])
