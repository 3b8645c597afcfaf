"""Answers to the question in a parcel's first message: each acts once, none is ever kept as a yes nobody gave."""

import pytest
from sqlalchemy import select, update

from station.core import clock
from station.core.actor import Actor, ActorKind
from station.core.db import connection, reading, transaction
from station.core.errors import StationError
from station.core.permissions import Role
from station.core.phones import parse
from station.events import queries as events
from station.events.models import OutboxMessage
from station.network import queries as network
from station.network import service as network_service
from station.parcels import (
    announce,
    consent_answers,
    counter,
    hand_over,
    handling,
    parcel_queries,
    solving,
)
from station.parcels.announce import Announcement
from station.parcels.arrivals import Arrivals, Delivered
from station.parcels.consent_answers import Answered
from station.parcels.hand_over import Taker
from station.parcels.lifecycle import ConsentBasis, Problem
from station.parcels.parcel_queries import Detail
from station.residents import service as residents
from station.residents.models import ConsentRecord
from station.shelves.models import Layer
from tests.factories import Station, make_station, open_batch, recipient, store, waybill


def resident(station: Station) -> Actor:
    return Actor(ActorKind.RESIDENT, 77, station.id, Role.RESIDENT)


def answer(station: Station, parcel_id: int, choice: str) -> Answered:
    with transaction():
        return consent_answers.answer(resident(station), parcel_id, choice)


def refusal(station: Station, parcel_id: int, choice: str) -> str:
    with pytest.raises(StationError) as refused:
        answer(station, parcel_id, choice)
    return refused.value.code


def look(station: Station, parcel_id: int) -> Detail:
    with reading():
        return parcel_queries.detail(station.id, parcel_id)


def records(station: Station) -> list[tuple[str, str, str]]:
    columns = (ConsentRecord.choice, ConsentRecord.how, ConsentRecord.recorded_by)
    with reading():
        query = select(*columns).where(ConsentRecord.station_id == station.id).order_by(ConsentRecord.id)
        return [tuple(row) for row in connection().execute(query)]


@pytest.mark.parametrize(
    ("choice", "word", "basis", "problem"),
    [
        ("yes", "station", "this_parcel", None),
        ("deliver", "door", "unknown", "door_wanted"),
        ("return", "return", "unknown", "refused"),
    ],
)
def test_an_answer_is_recorded_and_acts(station: Station, choice, word, basis, problem) -> None:
    parcel_id = store(station).parcel_id
    assert answer(station, parcel_id, choice).is_new
    found = look(station, parcel_id)
    assert (found.consent_basis, found.problem) == (basis, problem)
    assert records(station) == [(word, "message", "resident:77")]
    with reading():
        said = [one.data for one in events.story(station.id, parcel_id) if one.kind == "consent_recorded"]
    assert [(one["choice"], one["how"]) for one in said] == [(word, "message")]


@pytest.mark.parametrize("choice", ["yes", "deliver", "return"])
def test_the_same_answer_again_changes_nothing(station: Station, choice: str) -> None:
    parcel_id = store(station).parcel_id
    answer(station, parcel_id, choice)
    before = look(station, parcel_id)
    assert not answer(station, parcel_id, choice).is_new
    assert look(station, parcel_id) == before
    assert len(records(station)) == 1


def test_deliver_may_become_yes_or_return_but_those_stand(station: Station) -> None:
    parcel_id, other = store(station).parcel_id, store(station).parcel_id
    answer(station, parcel_id, "deliver")
    assert answer(station, parcel_id, "yes").is_new
    assert look(station, parcel_id).problem is None
    assert refusal(station, parcel_id, "deliver") == refusal(station, parcel_id, "return") == "consent_known"
    answer(station, other, "deliver")
    assert answer(station, other, "return").is_new
    assert refusal(station, other, "yes") == refusal(station, other, "deliver") == "consent_known"


def test_return_withdraws_what_was_not_sent_yet(station: Station) -> None:
    answer(station, store(station).parcel_id, "return")
    with reading():
        assert list(connection().scalars(select(OutboxMessage.state))) == ["dropped"]


def test_damage_stays_the_problem_when_the_parcel_is_wanted_at_the_door(station: Station) -> None:
    parcel_id = store(station).parcel_id
    with transaction():
        handling.mark_problem(station.clerk, parcel_id, Problem.DAMAGED)
    answer(station, parcel_id, "deliver")
    assert look(station, parcel_id).problem == "damaged"
    assert records(station)[0][0] == "door"


def test_a_parcel_that_left_or_goes_back_is_refused_clearly(station: Station) -> None:
    left, going, lost = (store(station).parcel_id for _ in range(3))
    with transaction():
        hand_over.hand_over(station.clerk, left, Taker())
        handling.start_return(station.clerk, going, reason="not_collected")
        handling.mark_lost(station.clerk, lost, reason="not_found")
    assert refusal(station, left, "yes") == refusal(station, lost, "yes") == "already_handed_over"
    assert refusal(station, going, "yes") == "illegal_transition"
    assert records(station) == []


def test_what_is_no_answer_is_refused(station: Station) -> None:
    nobodys = store(station, recipient=None, problem=Problem.NO_PHONE).parcel_id
    assert refusal(station, nobodys, "yes") == "bad_input"
    assert refusal(station, store(station).parcel_id, "always") == "bad_input"
    assert refusal(station, store(make_station("Elsewhere")).parcel_id, "yes") == "not_found"


def test_only_what_lacks_consent_and_an_answer_is_asked_about(station: Station) -> None:
    asked, declared, wanted = (
        store(station),
        store(station, consent=ConsentBasis.DECLARED_BY_COURIER),
        store(station),
    )
    answer(station, wanted.parcel_id, "deliver")
    ming = recipient(station).id
    with reading():
        found = consent_answers.unanswered(station.id, [ming])
    assert found == {asked.parcel_id}
    assert declared.parcel_id not in found


@pytest.mark.parametrize(
    ("kind", "how"),
    [(ActorKind.STAFF, "own_page"), (ActorKind.DEVICE, "message"), (ActorKind.RESIDENT, "in_person")],
)
def test_nobody_speaks_in_anothers_way(station: Station, kind: ActorKind, how: str) -> None:
    actor, ming = Actor(kind, 7, station.id, Role.RESIDENT), recipient(station).id
    with pytest.raises(StationError) as refused, transaction():
        residents.record_consent(actor, ming, choice="station", how=how)
    assert refused.value.code == "bad_input"
    assert records(station) == []


def test_nobody_refuses_every_parcel_for_good(station: Station) -> None:
    ming = recipient(station).id
    with pytest.raises(StationError, match="where the parcel may be left"), transaction():
        residents.record_consent(resident(station), ming, choice="return", how="own_page")


def test_staff_told_to_send_it_back_record_no_yes(station: Station) -> None:
    parcel_id = store(station).parcel_id
    with transaction():
        solving.record_consent(station.clerk, parcel_id, choice="return", how="phone_call")
    found = look(station, parcel_id)
    assert (found.consent_basis, found.problem) == ("unknown", "refused")


@pytest.mark.parametrize(
    ("before", "choice", "basis", "problem"),
    [
        (ConsentBasis.THIS_PARCEL, None, "unknown", None),
        (ConsentBasis.STANDING, None, "unknown", None),
        (ConsentBasis.DECLARED_BY_COURIER, None, "declared_by_courier", None),
        (ConsentBasis.DECLARED_BY_COURIER, "door", "unknown", "door_wanted"),
        (ConsentBasis.UNKNOWN, "station", "standing", None),
    ],
)
def test_the_word_of_who_it_was_not_for_does_not_count(
    station: Station, before, choice, basis, problem
) -> None:
    parcel_id, fang = store(station, consent=before).parcel_id, recipient(station, "13900001111", "王芳")
    with transaction():
        if choice:
            residents.record_consent(station.clerk, fang.id, choice=choice, how="in_person")
        handling.assign_recipient(station.clerk, parcel_id, fang.id)
    found = look(station, parcel_id)
    assert (found.consent_basis, found.problem) == (basis, problem)


def test_a_yes_given_at_the_counter_does_not_pass_on_to_another_person(station: Station) -> None:
    """The row is full when the yes was given; while that is asked, somebody else is entered."""
    ming, fang = recipient(station), recipient(station, "13900001111", "王芳")
    store(station, to=fang)
    with transaction():
        version = network.rules(station.id).version
        network_service.change_settings(station.manager, {"unknown_consent": "set_aside"}, version=version)
        connection().execute(update(Layer).where(Layer.station_id == station.id).values(capacity=1))
    batch_id = open_batch(station)
    with transaction():
        counter.scan(station.clerk, batch_id, waybill(), scanned_at=clock.now())
        counter.answer_recipient(station.clerk, batch_id, ming.id)
        full = counter.answer_consent(station.clerk, batch_id, choice="station", how="in_person")
        other = counter.answer_recipient(station.clerk, batch_id, fang.id)
    assert full.question
    assert full.question.asks == "shelf_full"
    assert other.question
    assert other.question.asks == "consent"
    assert other.question.draft.consent_how is None


def test_a_yes_told_with_the_announcement_does_not_pass_on_either(station: Station) -> None:
    number, clerk = waybill(), station.clerk
    ming, fang = parse("13812344068"), parse("13900001111")
    yes = {"consent": ConsentBasis.THIS_PARCEL, "consent_how": "phone_call"}
    layer_id = station.layer()
    with transaction():
        announce.announce(clerk, Announcement(number, "sf", ming, "陈晓明", **yes))
        came = Arrivals(clerk)
        stored = came.add(Delivered(number, layer_id, phone=fang, name="王芳"))
        came.write()
    assert stored.consent_basis == "unknown"
