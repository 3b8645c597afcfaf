"""Two at once at the counter: the database decides, one wins, the other is told, nothing is lost."""

import statistics
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from station.core import clock, idempotency
from station.core.db import connection, db, reading, transaction
from station.core.errors import StationError
from station.core.idempotency import Request
from station.events.models import OutboxMessage, RefusedScan
from station.events.service import Refusal, keep_refused_scan
from station.notices import dispatch
from station.parcels import batches, counter, handling, overdue
from station.parcels.hand_over import Taker, hand_over
from station.parcels.intake import Arrival, Intake
from station.parcels.lifecycle import ParcelState
from station.parcels.models import HandOver, Parcel
from station.shelves import queries as shelf_queries
from station.shelves import service as shelves
from station.shelves.service import LayerSize
from tests import invariants
from tests.factories import open_batch, recipient, store, waybill
from tests.races.together import at_once, in_transaction, together, winners

TRIES = 5  # a race that is lost only sometimes shows in five tries more often than in one
SCANNERS, SCANS = 8, 25
MONDAY = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def check_in(station, number, layer_id, person):
    intake = Intake(station.clerk)
    checked_in = intake.add(Arrival(number, layer_id, "sf", recipient=person))
    intake.write()
    return checked_in


def small_layer(station, capacity):
    with transaction():
        shelves.add_shelf(
            station.manager, code="8", layers=1, capacity=capacity, size_class="small", is_set_aside=False
        )
        return shelf_queries.layer_by_code(station.id, "8", 1).id


def count(table, *where):
    with reading():
        return connection().execute(select(func.count()).select_from(table).where(*where)).scalar_one()


@pytest.mark.parametrize("_try", range(TRIES))
def test_the_same_waybill_at_two_counters_is_one_parcel(app, station, _try):
    """Whoever comes second is told where the parcel is; nobody sees an error of ours."""
    person, number, layers = recipient(station), waybill(), (station.layer("1"), station.layer("2"))

    def ask(place, layer_id):
        request = Request(station.clerk, "check_in", f"key-{place}-of-two", {"layer": str(layer_id)})
        return idempotency.once(
            request, lambda: {"code": check_in(station, number, layer_id, person).pickup_code}
        )

    answers = at_once(app, *(lambda one=one: ask(*one) for one in enumerate(layers)))
    assert sorted(answer.status for answer in answers) == [200, 409]
    assert sorted(answer.body["code"] for answer in answers)[1] == "already_checked_in"
    invariants.check(station.id)


@pytest.mark.parametrize("_try", range(TRIES))
def test_batches_that_meet_in_opposite_rows_are_both_stored(app, station, _try):
    """Neither waits for what the other holds."""
    person, layers = recipient(station), (station.layer("1"), station.layer("2"))

    def bring(order):
        intake = Intake(station.clerk)
        for layer_id in order * 5:
            intake.add(Arrival(waybill(), layer_id, "sf", recipient=person))
        intake.write()
        return True

    results = together(app, lambda: bring(layers), lambda: bring(layers[::-1]))
    assert results == [True, True]
    assert count(Parcel, Parcel.station_id == station.id) == 20
    invariants.check(station.id)


@pytest.mark.parametrize("_try", range(TRIES))
def test_the_last_place_of_a_row_is_taken_once(app, station, _try):
    layer_id, person = small_layer(station, 2), recipient(station)
    store(station, layer_id=layer_id)
    numbers = [waybill(), waybill()]
    results = together(
        app, *(lambda number=number: check_in(station, number, layer_id, person) for number in numbers)
    )
    won, refused = winners(results)
    assert len(won) == 1
    assert refused == ["shelf_full"]
    invariants.check(station.id)


@pytest.mark.parametrize("_try", range(TRIES))
def test_two_parcels_that_want_the_same_number_get_two(app, station, _try):
    layer_id, person = station.layer(), recipient(station)
    numbers = ["SF1000000013210", "SF1000000023210"]
    results = together(
        app, *(lambda number=number: check_in(station, number, layer_id, person) for number in numbers)
    )
    won, _refused = winners(results)
    assert len({checked_in.pickup_code for checked_in in won}) == 2
    assert sorted(checked_in.needs_sticker for checked_in in won) == [False, True]
    invariants.check(station.id)


@pytest.mark.parametrize("_try", range(TRIES))
def test_the_same_key_at_the_same_moment_acts_once(app, station, _try):
    person, number, layer_id = recipient(station), waybill(), station.layer()
    request = Request(station.clerk, "check_in", "key-pressed-twice", {"waybill": number})

    def ask():
        return idempotency.once(
            request, lambda: {"code": check_in(station, number, layer_id, person).pickup_code}
        )

    first, second = at_once(app, ask, ask)
    assert first.body == second.body
    assert first.status == second.status == 200
    assert sorted([first.replayed, second.replayed]) == [False, True]
    assert count(Parcel, Parcel.station_id == station.id) == 1


@pytest.mark.parametrize("_try", range(TRIES))
def test_a_parcel_is_handed_over_once(app, station, _try):
    parcel_id = store(station).parcel_id
    act = lambda: hand_over(station.clerk, parcel_id, Taker())  # noqa: E731 - the same act twice
    won, refused = winners(together(app, act, act))
    assert len(won) == 1
    assert set(refused) <= {"already_handed_over", "stale"}
    assert count(HandOver, HandOver.station_id == station.id) == 1
    invariants.check(station.id)


@pytest.mark.parametrize("_try", range(TRIES))
def test_handing_over_while_a_level_begins_leaves_one_truth(app, station, _try):
    with clock.use(lambda: MONDAY):
        parcel_id = store(station).parcel_id

    def late(act):
        with clock.use(lambda: MONDAY + timedelta(hours=50)):
            return in_transaction(act)

    results = at_once(
        app,
        lambda: late(lambda: overdue.enter_levels(station.id)),
        lambda: late(lambda: hand_over(station.clerk, parcel_id, Taker())),
    )
    won, refused = winners(results)
    assert len(won) == 2, refused
    with reading():
        assert db.session.scalars(select(Parcel.state)).all() == [ParcelState.HANDED_OVER]
    invariants.check(station.id)


def test_two_level_passes_at_once_enter_each_level_once(app, station):
    with clock.use(lambda: MONDAY):
        for _ in range(20):
            store(station)

    def late():
        with clock.use(lambda: MONDAY + timedelta(hours=50)):
            return in_transaction(lambda: overdue.enter_levels(station.id))

    at_once(app, late, late)
    invariants.check(station.id)
    assert count(OutboxMessage, OutboxMessage.topic == "overdue") == 1


def test_two_dispatchers_send_each_message_once(app, station):
    for place in range(12):
        store(station, to=recipient(station, f"138000000{place:02d}"))
    later = clock.now() + timedelta(minutes=10)
    sent = []

    class Channel:
        name = "test"
        medium = "sms"

        def reaches(self, phone, email):
            return True

        def send(self, message):
            sent.append(message.id)

    send = lambda: dispatch.run_due(station.id, [Channel()], later)  # noqa: E731 - the same act twice
    tallies = at_once(app, send, send)
    assert len(sent) == len(set(sent)) == 12
    assert sum(tally.sent for tally in tallies) == 12


@pytest.mark.parametrize("_try", range(TRIES))
def test_moving_and_handing_over_at_once_never_splits_a_parcel(app, station, _try):
    parcel_id, to = store(station).parcel_id, station.layer("2")
    results = together(
        app,
        lambda: handling.move(station.clerk, parcel_id, to),
        lambda: hand_over(station.clerk, parcel_id, Taker()),
    )
    won, refused = winners(results)
    assert won
    assert set(refused) <= {"stale", "illegal_transition"}
    invariants.check(station.id)


def test_eight_scanners_at_once_lose_nothing(app, station):
    """The database is never "locked", and nobody waits much longer than the others."""
    person, batch_ids = recipient(station), [open_batch(station) for _ in range(SCANNERS)]
    shelves_of = [("1", 1), ("1", 2), ("1", 3), ("2", 1), ("2", 2), ("2", 3), ("3", 1), ("3", 2)]

    def scanner(place):
        numbers, times = [f"SF1{place:04d}{scan:04d}{place}{scan:03d}" for scan in range(SCANS)], []
        in_transaction(
            lambda: batches.choose_row(
                station.clerk, batch_ids[place], shelf=shelves_of[place][0], layer=shelves_of[place][1]
            )
        )
        for number in numbers:
            began = time.perf_counter()
            in_transaction(lambda number=number: scan(batch_ids[place], number))
            times.append(time.perf_counter() - began)
        return times

    def scan(batch_id, number):
        counter.scan(station.clerk, batch_id, number, scanned_at=clock.now())
        return counter.answer_recipient(station.clerk, batch_id, person.id)

    results = at_once(app, *(lambda place=place: scanner(place) for place in range(SCANNERS)))
    times = sorted(seconds for found in results for seconds in found)
    assert len(times) == SCANNERS * SCANS
    assert count(Parcel, Parcel.state == ParcelState.STORED) == SCANNERS * SCANS
    invariants.check(station.id)
    invariants.chain_is_whole(station.id)
    print(f"median {statistics.median(times):.4f} s, p99 {times[int(len(times) * 0.99)]:.4f} s")


def test_a_shelf_is_changed_while_parcels_come_in(app, station):
    """Whoever changes a shelf and whoever fills it take the station's turn first, so neither waits crosswise."""
    person, layer_id, rounds = recipient(station), small_layer(station, 1000), range(40)
    with reading():
        shelf_id = shelf_queries.layer(station.id, layer_id).shelf_id

    def change(place):
        size = {1: LayerSize(900 + place, "small")}
        return shelves.change_shelf(station.manager, shelf_id, layers=size, is_set_aside=False)

    def bring(place):
        return check_in(station, f"SF1000000{place:06d}", layer_id, person)

    results = at_once(
        app,
        lambda: [in_transaction(lambda place=place: change(place)) for place in rounds],
        lambda: [in_transaction(lambda place=place: bring(place)) for place in rounds],
    )
    assert [len(result) for result in results] == [40, 40]
    invariants.check(station.id)


@pytest.mark.parametrize("_try", range(TRIES))
def test_a_refusal_asked_for_twice_at_the_same_moment_is_one_answer(app, station, _try):
    def refuse():
        raise StationError("not_found", "gone")

    def ask(place):
        request = Request(station.clerk, "test", f"key-refused-{place}", {})
        keep = lambda error: keep_refused_scan(station.clerk, Refusal("test", error.code, "SF1"))  # noqa: E731
        return idempotency.once(request, refuse, on_refusal=keep)

    rounds = range(10)
    first, second = at_once(app, *[lambda: [ask(place) for place in rounds]] * 2)
    assert [answer.status for answer in first + second] == [404] * 20
    assert count(RefusedScan, RefusedScan.station_id == station.id) == 10
