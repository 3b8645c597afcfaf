"""Disputes: who may open one about what, the log attached, one at a time for a line, how they end, erased words."""

import hashlib
import json
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from station.carriers import keys
from station.core import clock
from station.core.actor import Actor, ActorKind
from station.core.db import connection, reading, transaction
from station.core.errors import StationError
from station.core.permissions import Role
from station.disputes import log, queries, service
from station.disputes.lifecycle import TRANSITIONS, DisputeAction, DisputeState
from station.disputes.log import Fault
from station.disputes.models import Dispute
from station.disputes.service import Wish
from station.events import anchors
from station.events import queries as events
from station.events.chain import Link, link_hash
from station.events.models import CustodyEvent
from station.parcels import handling
from tests import invariants
from tests.couriers import make_courier
from tests.factories import Station, make_station
from tests.hand_backs import disputed, going, opened, signed

WORDS = "Only one of the two was in the bag."


def refusal(act, *args, **kwargs) -> StationError:
    with pytest.raises(StationError) as caught, transaction():
        act(*args, **kwargs)
    return caught.value


def length(station: Station) -> int:
    with reading():
        return events.head(station.id)


def case(station: Station, dispute_id: int) -> queries.Case:
    with reading():
        return queries.case(station.id, dispute_id)


def document(station: Station, dispute_id: int) -> bytes:
    with reading():
        return queries.document(station.id, dispute_id)


def verdict(content: bytes) -> log.Verdict:
    with reading():
        return log.check(content)


def system(station: Station, carrier: str) -> Actor:
    with transaction():
        made = keys.add(station.manager, keys.Wish(carrier, carrier, list(keys.Scope)))
    return Actor(ActorKind.DEVICE, made.id, station.id, Role.CARRIER, carrier)


def test_a_courier_opens_a_dispute_about_one_of_two(station: Station) -> None:
    manifest_id, (missing, there) = signed(station)
    courier = make_courier(station).actor
    dispute_id = disputed(courier, manifest_id, missing, words=WORDS)
    found = case(station, dispute_id)
    assert (found.claim, found.state, found.opened_by, found.words, found.parcels) == (
        "not_received",
        "open",
        courier.key,
        WORDS,
        1,
    )
    with reading():
        told = events.story(station.id, missing.parcel_id)[-1]
        assert events.story(station.id, there.parcel_id)[-1].kind == "returned"
        kept = connection().exec_driver_sql("SELECT words FROM disputes").scalar_one()
    assert (told.kind, told.data["dispute"], told.data["sha256"]) == (
        "dispute_opened",
        str(dispute_id),
        found.sha256.hex(),
    )
    assert WORDS.encode() not in bytes(kept)
    invariants.chain_is_whole(station.id)


def test_the_log_attached_is_whole_and_stops_before_the_opening(station: Station) -> None:
    manifest_id, (parcel, other) = signed(station)
    with transaction():
        anchor = anchors.sign_head(station.id)
    before = length(station)
    content = json.loads(document(station, disputed(station.clerk, manifest_id, parcel)))
    assert anchor is not None
    assert content["head"]["seq"] == before == content["anchor"]["seq"]
    assert content["anchor"]["signature"] == anchor.signature.hex()
    kinds = [one["kind"] for one in content["events"]]
    assert kinds == ["checked_in", "return_started", "put_on_manifest", "returned", "manifest_signed"]
    assert {one["parcel_id"] for one in content["events"]} == {str(parcel.parcel_id), None}
    assert other.waybill not in json.dumps(content)
    for one in content["events"]:
        parcel_id = int(one["parcel_id"]) if one["parcel_id"] else None
        at = clock.now().strptime(one["at"], "%Y-%m-%dT%H:%M:%S.%f%z")
        link = Link(station.id, one["seq"], at, one["kind"], parcel_id, one["actor"], one["data"])
        assert link_hash(bytes.fromhex(one["previous"]), link).hex() == one["hash"]


def test_what_happens_later_is_not_in_it_and_changes_nothing_of_it(station: Station) -> None:
    manifest_id, (parcel, _other) = signed(station)
    dispute_id = disputed(station.clerk, manifest_id, parcel)
    before = document(station, dispute_id)
    with transaction():
        handling.undo_return_to_carrier(station.clerk, parcel.parcel_id, reason="not_picked_up")
        service.answer(station.clerk, dispute_id, "It lay behind the shelf.")
    assert document(station, dispute_id) == before
    assert hashlib.sha256(before).digest() == case(station, dispute_id).sha256
    assert verdict(before) == log.Verdict(station.id, dispute_id, 5)


def test_a_manifest_signed_at_the_same_time_is_not_in_it(station: Station) -> None:
    moment = clock.now() + timedelta(minutes=1)
    with clock.use(lambda: moment):
        _first, _parcels = signed(station)
        second, (parcel, _other) = signed(station)
        content = json.loads(document(station, disputed(station.clerk, second, parcel)))
    data = [json.loads(one["data"]) for one in content["events"] if one["kind"] == "manifest_signed"]
    assert [one["manifest"] for one in data] == [str(second)]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda text: text.replace("not_received", "damaged"), Fault.NOT_PINNED),
        (lambda text: text.replace('"checked_in"', '"moved"'), Fault.NOT_PINNED),
        (lambda text: "{}", Fault.UNREADABLE),
        (lambda text: "[" * 100_000, Fault.UNREADABLE),
        (lambda text: "\xff", Fault.UNREADABLE),
        (lambda text: text.replace("stationmaster-dispute-1", "stationmaster-dispute-2"), Fault.UNREADABLE),
    ],
    ids=["claim", "event", "empty", "deep", "no json", "other version"],
)
def test_a_document_that_was_changed_is_found_out(station: Station, change, fault: Fault) -> None:
    manifest_id, (parcel, _other) = signed(station)
    content = document(station, disputed(station.clerk, manifest_id, parcel)).decode()
    assert verdict(content.encode()).fault is None
    assert verdict(change(content).encode("latin-1")).fault is fault


def test_a_log_that_was_changed_no_longer_fits_the_document(station: Station) -> None:
    manifest_id, (parcel, _other) = signed(station)
    content = document(station, disputed(station.clerk, manifest_id, parcel))
    with transaction():
        edited = update(CustodyEvent).where(CustodyEvent.kind == "checked_in")
        connection().execute(edited.values(hash=b"x" * 32))
    assert verdict(content).fault is Fault.EVENT


def test_one_dispute_stands_for_a_line_and_another_may_follow(station: Station) -> None:
    manifest_id, (first, second) = signed(station)
    dispute_id = disputed(station.clerk, manifest_id, first)
    before = length(station)
    wish = Wish(manifest_id, "damaged", "", [first.parcel_id, second.parcel_id])
    error = refusal(service.open_case, station.manager, wish)
    assert (error.code, error.facts) == ("dispute_stands", {"dispute_id": str(dispute_id)})
    assert length(station) == before
    with transaction():
        service.withdraw(station.manager, dispute_id)
    again = disputed(station.manager, manifest_id, first, second, claim="damaged")
    with reading():
        assert {one.dispute_id for one in queries.of_lines(station.id, manifest_id).values()} == {again}
        assert [one.id for one in queries.of_parcel(station.id, first.parcel_id)] == [again, dispute_id]


def test_only_what_was_given_back_on_a_signed_manifest_is_disputed(station: Station) -> None:
    manifest_id, (parcel, _other) = signed(station)
    waiting = going(station)
    still_open = opened(station, waiting)
    wishes = {
        "manifest_not_signed": Wish(still_open, "not_received", "", [waiting.parcel_id]),
        "not_found": Wish(manifest_id, "not_received", "", [waiting.parcel_id]),
        "bad_input": Wish(manifest_id, "not_received"),
    }
    more = [
        Wish(manifest_id, "stolen", "", [parcel.parcel_id]),
        Wish(manifest_id, "damaged", "x" * 1001, [parcel.parcel_id]),
    ]
    before = length(station)
    assert {code: refusal(service.open_case, station.clerk, one).code for code, one in wishes.items()} == {
        code: code for code in wishes
    }
    assert {refusal(service.open_case, station.clerk, one).code for one in more} == {"bad_input"}
    assert length(station) == before


def test_a_manifest_of_another_carrier_or_station_does_not_exist(station: Station) -> None:
    manifest_id, (parcel, _other) = signed(station)
    wish = Wish(manifest_id, "not_received", "", [parcel.parcel_id])
    strangers = [
        make_courier(station, carriers=("zto",)).actor,
        make_courier(make_station("Cedar")).actor,
        system(station, "zto"),
    ]
    assert {refusal(service.open_case, one, wish).code for one in strangers} == {"not_found"}
    mine = disputed(system(station, "sf"), manifest_id, parcel)
    for stranger in strangers:
        assert refusal(service.case_for, stranger, mine).code == "not_found"
        assert refusal(service.withdraw, stranger, mine).code == "not_found"


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
TO = {
    DisputeState.OPEN: (),
    DisputeState.ANSWERED: (DisputeAction.ANSWER,),
    DisputeState.FOR_STATION: (DisputeAction.ANSWER, DisputeAction.SETTLE_FOR_STATION),
    DisputeState.FOR_CARRIER: (DisputeAction.ANSWER, DisputeAction.SETTLE_FOR_CARRIER),
    DisputeState.WITHDRAWN: (DisputeAction.WITHDRAW,),
}


@pytest.mark.parametrize("state", DisputeState)
def test_it_moves_as_its_table_says_and_else_nothing_happens(station: Station, state: DisputeState) -> None:
    for action, act in ACTS.items():
        manifest_id, (parcel, _other) = signed(station)
        dispute_id = disputed(station.clerk, manifest_id, parcel)
        for earlier in TO[state]:
            with transaction():
                ACTS[earlier](station.clerk, dispute_id)
        before = length(station)
        expected = TRANSITIONS.get((state, action))
        if expected is None:
            assert refusal(act, station.manager, dispute_id).code == "dispute_ended"
            assert (case(station, dispute_id).state, length(station)) == (state, before)
            continue
        with transaction():
            act(station.manager, dispute_id)
        assert (case(station, dispute_id).state, length(station)) == (expected, before + 1)
    invariants.chain_is_whole(station.id)


def test_a_claim_is_taken_back_by_the_side_that_made_it(station: Station) -> None:
    manifest_id, (first, second) = signed(station)
    courier, clerk = make_courier(station).actor, station.clerk
    theirs, ours = disputed(courier, manifest_id, first), disputed(clerk, manifest_id, second)
    assert refusal(service.withdraw, clerk, theirs).code == "forbidden"
    assert refusal(service.withdraw, courier, ours).code == "forbidden"
    api = system(station, "sf")
    with transaction():
        service.withdraw(api, theirs)
        service.withdraw(station.manager, ours)
    assert {case(station, one).state for one in (theirs, ours)} == {"withdrawn"}


def test_lists_hold_what_stands_and_what_ended(station: Station) -> None:
    manifest_id, (first, second) = signed(station)
    ended, stands = (disputed(station.clerk, manifest_id, one) for one in (first, second))
    with transaction():
        service.withdraw(station.clerk, ended)
    with reading():
        assert [one.id for one in queries.standing(station.id)] == [stands]
        assert [one.id for one in queries.ended(station.id)] == [ended]
        assert [one.id for one in queries.of_carriers(station.id, ("sf",))] == [stands, ended]
        assert queries.of_carriers(station.id, ("zto",)) == []
        assert queries.how_many_stand(station.id) == 1


def test_words_are_erased_and_the_log_stays(station: Station) -> None:
    manifest_id, (first, second) = signed(station)
    courier = make_courier(station).actor
    one = disputed(courier, manifest_id, first, words=WORDS)
    other = disputed(station.clerk, manifest_id, second, words=WORDS)
    with transaction():
        service.answer(station.clerk, other, WORDS)
        service.forget_words_of(station.id, courier.key)
    assert (case(station, one).words, case(station, other).words) == (None, WORDS)
    with reading():
        owner = connection().scalar(select(Dispute.id).where(Dispute.words.is_not(None)))
    assert owner == other
    with transaction():
        service.forget_words(station.id, [-1])
    assert case(station, other).answer == WORDS
    everybody = recipients(station)
    with transaction():
        service.forget_words(station.id, everybody)
    assert (case(station, other).words, case(station, other).answer) == (None, None)
    assert verdict(document(station, other)).fault is None


def recipients(station: Station) -> list[int]:
    with reading():
        rows = connection().exec_driver_sql("SELECT DISTINCT recipient_id FROM parcels")
        return [int(row[0]) for row in rows]
