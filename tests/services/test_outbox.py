"""The outbox's rows: gathering, withdrawing, claiming, settling."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from station.core import clock, ids
from station.core.db import connection, reading, transaction
from station.core.phones import parse
from station.events import outbox
from station.events.models import OutboxMessage, OutboxParcel
from station.events.outbox import BACK_OFF_MIN, LAST_ATTEMPT, MessageState
from station.residents import service as residents
from tests.factories import recipient

SOON = timedelta(minutes=2)


@pytest.fixture
def person(station):
    return recipient(station)


def owe(station, person, parcel_id=1, *, topic="stored", wait=timedelta(0)):
    with transaction():
        return outbox.enqueue(
            station.id,
            topic=topic,
            recipient_id=person.id,
            parcel_id=parcel_id,
            due_at=clock.now() + wait,
        )


def claim(station, *, after=timedelta(0)):
    with transaction():
        return outbox.claim_next(station.id, clock.now() + after)


def row(station, message_id):
    with reading():
        found = select(
            OutboxMessage.state, OutboxMessage.due_at, OutboxMessage.attempts, OutboxMessage.failure
        )
        return (
            connection()
            .execute(found.where(OutboxMessage.station_id == station.id, OutboxMessage.id == message_id))
            .one()
        )


def parcels(station, message_id):
    with reading():
        query = select(OutboxParcel.parcel_id).where(
            OutboxParcel.station_id == station.id, OutboxParcel.message_id == message_id
        )
        return sorted(connection().scalars(query))


def test_parcels_of_one_person_become_one_message(station, person):
    first, second = owe(station, person, 1), owe(station, person, 2)

    assert first == second
    assert parcels(station, first) == [1, 2]


def test_same_parcel_twice_is_told_of_once(station, person):
    message = owe(station, person, 1)
    owe(station, person, 1)

    assert parcels(station, message) == [1]


def test_topics_are_messages_of_their_own(station, person):
    assert owe(station, person, topic="stored") != owe(station, person, topic="moved")


def test_people_get_messages_of_their_own(station, person):
    other = recipient(station, "13900001111", "王芳")

    assert owe(station, person) != owe(station, other)


def test_batch_gives_one_message_to_each_person(station, person):
    other = recipient(station, "13900001111", "王芳")
    with transaction():
        messages = outbox.enqueue_batch(
            station.id,
            topic="stored",
            owed=[(person.id, 1), (other.id, 2), (person.id, 3)],
            due_at=clock.now(),
        )

    assert parcels(station, messages[person.id]) == [1, 3]
    assert parcels(station, messages[other.id]) == [2]


@pytest.mark.parametrize("waits", [(SOON, 2 * SOON), (2 * SOON, SOON)], ids=["later", "earlier"])
def test_message_waits_for_its_newest_parcel(station, person, waits):
    now = clock.now()
    with clock.use(lambda: now):
        for number, wait in enumerate(waits):
            message = owe(station, person, number, wait=wait)

    assert row(station, message).due_at == now + 2 * SOON


def test_message_not_yet_due_is_not_claimed(station, person):
    owe(station, person, wait=SOON)

    assert claim(station) is None
    assert claim(station, after=SOON) is not None


def test_claimed_message_takes_no_further_parcel(station, person):
    first = owe(station, person, 1)
    claimed = claim(station, after=SOON)
    second = owe(station, person, 2)

    assert claimed.id == first
    assert claimed.parcel_ids == (1,)
    assert second != first


def test_claim_counts_the_attempt_and_hides_the_message(station, person):
    owe(station, person)

    first, second = claim(station, after=SOON), claim(station, after=SOON)

    assert first.attempts == 1
    assert second is None


def test_claim_that_was_never_settled_runs_out(station, person):
    owe(station, person)
    first = claim(station)

    again = claim(station, after=timedelta(minutes=BACK_OFF_MIN[0], seconds=1))

    assert (again.id, again.attempts) == (first.id, 2)


def test_oldest_due_message_goes_first(station, person):
    later = owe(station, person, wait=SOON)
    sooner = owe(station, recipient(station, "13900001111", "王芳"))

    order = [claim(station, after=SOON).id, claim(station, after=SOON).id]

    assert order == [sooner, later]


def test_station_claims_only_its_own(station, person):
    owe(station, person)

    with transaction():
        assert outbox.claim_next(station.id + 1, clock.now() + SOON) is None


def test_stations_due_are_listed(station, person):
    owe(station, person)
    with reading():
        due, early = outbox.stations_due(clock.now() + SOON), outbox.stations_due(clock.now() - SOON)

    assert station.id in due
    assert station.id not in early


def test_failures_back_off_and_end_dead(station, person):
    message, now, waits = owe(station, person), clock.now() + SOON, []
    while True:
        with transaction():
            claimed = outbox.claim_next(station.id, now)
            outbox.put_back(claimed, failure="no_answer")
        found = row(station, message)
        if found.state == MessageState.DEAD:
            break
        waits.append((found.due_at - now) // timedelta(minutes=1))
        now = found.due_at

    assert waits == list(BACK_OFF_MIN[: LAST_ATTEMPT - 1])
    assert found.attempts == LAST_ATTEMPT
    assert found.failure == "no_answer"


def test_last_attempt_never_settled_is_given_up(station, person):
    message, now = owe(station, person), clock.now() + SOON
    for _ in range(LAST_ATTEMPT):
        with transaction():
            assert outbox.claim_next(station.id, now)
        now += timedelta(hours=2)
    with transaction():
        after = outbox.claim_next(station.id, now)

    assert after is None
    assert row(station, message).state == MessageState.DEAD


def test_sent_message_is_settled_once(station, person):
    owe(station, person)
    claimed = claim(station)
    with transaction():
        first = outbox.mark_sent(claimed, channel="console", body="Hello")
        second = outbox.mark_sent(claimed, channel="console", body="Hello")
        outbox.put_back(claimed, failure="too late")

    assert (first, second) == (True, False)
    assert row(station, claimed.id).state == MessageState.SENT


def test_withdrawn_parcel_leaves_the_message(station, person):
    message = owe(station, person, 1)
    owe(station, person, 2)
    with transaction():
        taken = outbox.withdraw(station.id, 1)

    assert taken == 1
    assert parcels(station, message) == [2]
    assert row(station, message).state == MessageState.OPEN


def test_message_without_parcels_is_dropped(station, person):
    message = owe(station, person, 1)
    with transaction():
        outbox.withdraw(station.id, 1)

    assert row(station, message).state == MessageState.DROPPED
    assert claim(station, after=SOON) is None


def test_dropped_message_does_not_stop_the_next(station, person):
    first = owe(station, person, 1)
    with transaction():
        outbox.withdraw(station.id, 1)

    assert owe(station, person, 1) != first


def test_withdrawing_keeps_other_topics(station, person):
    stored, moved = owe(station, person, topic="stored"), owe(station, person, topic="moved")
    with transaction():
        outbox.withdraw(station.id, 1, ["moved"])

    assert row(station, stored).state == MessageState.OPEN
    assert row(station, moved).state == MessageState.DROPPED


def test_message_under_way_is_not_withdrawn(station, person):
    owe(station, person)
    claimed = claim(station)
    with transaction():
        taken = outbox.withdraw(station.id, 1)

    assert taken == 0
    assert row(station, claimed.id).state == MessageState.CLAIMED


def told(station, parcel_id=1):
    with reading():
        return outbox.was_told(station.id, parcel_id)


def test_parcel_counts_as_told_once_its_message_is_under_way(station, person):
    owe(station, person)
    before = told(station)
    claim(station)

    assert (before, told(station)) == (False, True)


def test_correction_takes_the_telling_back(station, person):
    owe(station, person)
    claim(station)
    owe(station, person, topic=outbox.CORRECTION)
    claim(station, after=SOON)

    assert not told(station)


def owe_and_fail(station):
    with transaction():
        new = residents.find_or_add(station.id, parse("13711112222"), "李雷")
        outbox.enqueue(
            station.id, topic="stored", recipient_id=new.id, parcel_id=ids.next_id(), due_at=clock.now()
        )
        raise ZeroDivisionError


def test_message_of_a_change_that_fails_is_not_owed(station):
    with pytest.raises(ZeroDivisionError):
        owe_and_fail(station)

    assert claim(station, after=SOON) is None


def test_message_that_went_out_is_not_given_up(station, person):
    owe(station, person)
    claimed = claim(station)
    with transaction():
        outbox.mark_sent(claimed, channel="console", body="Hello")
        given_up = outbox.give_up(claimed, failure="address_refused")

    assert not given_up
    assert row(station, claimed.id).state == MessageState.SENT
