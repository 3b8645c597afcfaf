"""What the check-in screen asks of the services: batches open by themselves, cards and answers are told apart."""

import pytest

from station.core import clock
from station.core.actor import Actor
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.parcels import batches, check_in_queries, check_in_scans, counter
from station.parcels.check_in_answers import Json
from tests.factories import Station, recipient, store, waybill

PHONE = "13812344068"


def scan(station: Station, value: str, *, actor: Actor | None = None) -> Json:
    with transaction():
        return check_in_scans.take(actor or station.clerk, value, clock.now())


def answer(station: Station, number: str, **said: str) -> Json:
    with transaction():
        return check_in_scans.answer(station.clerk, {"waybill": number, **said})


@pytest.fixture
def asked(station: Station) -> str:
    """A parcel on its way to shelf 1 that waits for an answer; its waybill."""
    scan(station, "SHELF:1-1")
    number = waybill()
    scan(station, number)
    return number


def test_the_first_scan_opens_a_batch_of_its_own(station: Station) -> None:
    assert scan(station, "SHELF:1-1")["kind"] == "row"
    scan(station, "SHELF:2-1", actor=station.manager)
    with reading():
        mine, theirs = batches.current(station.clerk), batches.current(station.manager)
    assert mine is not None
    assert theirs is not None
    assert mine.id != theirs.id
    assert mine.layer_id == station.layer("1", 1)


def test_an_answer_is_kept_as_plain_values(station: Station, asked: str) -> None:
    said = answer(station, asked, phone=PHONE, name="陈晓明")
    assert said["parcel"]["id"].isdigit()
    assert (said["parcel"]["name"], said["parcel"]["tail"]) == ("陈**", "4068")
    assert PHONE not in str(said)
    assert "晓" not in str(said)


def test_an_answer_belongs_to_its_own_question(station: Station, asked: str) -> None:
    following = waybill()
    scan(station, following)
    with pytest.raises(StationError) as refusal:
        answer(station, asked, phone=PHONE)
    assert refusal.value.code == "answer_expected"
    with reading():
        batch = batches.current(station.clerk)
        assert batch is not None
        question = counter.open_question(station.clerk, batch.id)
    assert question is not None
    assert question.draft.waybill == following


def test_withdrawing_leaves_no_trace_of_the_waiting_parcel(station: Station, asked: str) -> None:
    with transaction():
        assert check_in_scans.undo(station.clerk, None)["waybill"] == asked
    with transaction():
        batch = batches.current(station.clerk)
        assert batch is not None
        assert counter.withdraw(station.clerk, batch.id) is None
    assert scan(station, asked)["kind"] == "question"


def test_a_colleague_who_was_faster_is_named_as_such(station: Station, asked: str) -> None:
    store(station, waybill=asked)
    assert answer(station, asked, aside="yes")["kind"] == "colleague"


def test_damage_of_a_parcel_a_colleague_stored_marks_nothing(station: Station, asked: str) -> None:
    store(station, waybill=asked)
    with transaction():
        assert check_in_scans.damaged(station.clerk, None)["kind"] == "colleague"


def test_people_are_ranked_by_carrier_then_by_how_often(station: Station) -> None:
    seldom, often, same = (
        recipient(station, phone, name)
        for phone, name in (("13700004068", "周杰"), ("13800004068", "陈晓明"), ("13900004068", "吴芳"))
    )
    store(station, to=seldom, carrier="yto")
    for _ in range(3):
        store(station, to=often, carrier="yto")
    store(station, to=same, carrier="sf")
    with reading():
        found = check_in_scans.people(station.clerk, "4068", "sf")
    assert [one.contact.id for one in found] == [same.id, often.id, seldom.id]
    assert [one.same_carrier for one in found] == [True, False, False]


def test_a_whole_number_means_exactly_its_people(station: Station) -> None:
    known = recipient(station, PHONE, "陈晓明")
    recipient(station, "13900004068", "周杰")
    with reading():
        found = check_in_scans.people(station.clerk, f" {PHONE} ", None)
    assert [one.contact.id for one in found] == [known.id]


def test_closing_sets_the_waiting_parcel_aside(station: Station, asked: str) -> None:
    with transaction():
        assert check_in_scans.close(station.clerk) == 1
    with reading():
        assert batches.current(station.clerk) is None
    with transaction():
        assert check_in_scans.close(station.clerk) == 0


def test_the_numbers_count_what_stands_here(station: Station, asked: str) -> None:
    store(station)
    with reading():
        found = check_in_queries.numbers(station.clerk, batches.current(station.clerk))
    assert (found.free, found.places) == (359, 360)
    assert found.problems == 1
    assert found.per_hour == 6
