"""A courier's drop: opened by the station's code, scan by scan, stopped for consent, finished and counted."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from station.core import clock, crypto
from station.core.db import connection, reading, transaction
from station.core.errors import StationError
from station.core.phones import parse
from station.couriers import service as couriers
from station.drops import consent, presence, queries, receipts, scans, service
from station.drops.lifecycle import Outcome
from station.drops.models import DropScan
from station.drops.scans import Scan
from station.events.models import CustodyEvent, RefusedScan
from station.network.models import StationSettings
from station.parcels import announce
from station.parcels.announce import Announcement
from station.parcels.lifecycle import ConsentBasis
from station.parcels.models import Parcel
from station.residents import service as residents
from station.residents.models import ConsentRecord
from tests import factories
from tests.couriers import make_courier
from tests.factories import Station, make_station, waybill

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # Monday, 12:00 in Shanghai
PHONE = "13812344068"


@pytest.fixture(autouse=True)
def noon():
    with clock.use(lambda: NOON):
        yield


@pytest.fixture
def courier(station: Station):
    return make_courier(station).actor


@pytest.fixture
def drop(station: Station, courier):
    return opened(station, courier)


def opened(station, courier):
    with transaction():
        seen = presence.read(presence.code(station.id, clock.now()))
        return service.open_drop(courier, seen, clock.now()).drop


def expect(station, number=None, *, phone=PHONE, **said):
    number = number or waybill()
    with transaction():
        announced = Announcement(number, "sf", phone=parse(phone) if phone else None, name="陈晓明", **said)
        announce.announce(station.clerk, announced)
    return number


def choose(station, choice):
    known = factories.recipient(station)
    with transaction():
        residents.record_consent(station.clerk, known.id, choice=choice, how="phone_call")


def read(courier, drop, raw, *, key="key-00000001", seq=1, size=None, at=None):
    with transaction():
        return scans.scan(courier, drop.id, Scan(key, seq, raw, at or clock.now(), size))


def parcels_of(station, number):
    with reading():
        query = select(Parcel).where(Parcel.station_id == station.id, Parcel.waybill == number)
        return list(connection().execute(query))


def count(table, station):
    with reading():
        query = select(func.count()).select_from(table).where(table.station_id == station.id)
        return connection().execute(query).scalar_one()


def test_announced_parcel_is_taken_in_with_a_place_and_a_code(station, courier, drop) -> None:
    number = expect(station)
    answer = read(courier, drop, number)
    assert answer.scan.outcome == Outcome.ACCEPTED
    assert answer.scan.pickup_code.startswith(f"{answer.scan.tag}-")
    (parcel,) = parcels_of(station, number)
    assert (parcel.state, parcel.pickup_code) == ("stored", answer.scan.pickup_code)


def test_parcel_nobody_knows_of_is_set_aside_without_a_phone(station, courier, drop) -> None:
    answer = read(courier, drop, waybill())
    assert (answer.scan.outcome, answer.scan.problem, answer.scan.tag) == ("accepted", "no_phone", "99-1")


def test_same_key_is_answered_the_same_and_acts_once(station, courier, drop) -> None:
    number = expect(station)
    first, again = read(courier, drop, number), read(courier, drop, number)
    assert again.is_replayed
    assert again.scan == first.scan
    assert count(DropScan, station) == 1


def test_same_key_with_another_waybill_is_refused_and_changes_nothing(station, courier, drop) -> None:
    first = read(courier, drop, expect(station))
    other = expect(station)
    assert read(courier, drop, other).scan.outcome == Outcome.MALFORMED
    assert parcels_of(station, other)[0].state == "expected"
    assert read(courier, drop, first.scan.waybill).scan == first.scan


def test_second_scan_of_a_parcel_is_a_duplicate(station, courier, drop) -> None:
    number = expect(station)
    read(courier, drop, number)
    again = read(courier, drop, number, key="key-00000002", seq=2)
    assert again.scan.outcome == Outcome.DUPLICATE
    assert count(RefusedScan, station) == 1


@pytest.mark.parametrize("choice", ["door", "locker", "ask"])
def test_recipient_who_wants_it_elsewhere_stops_the_scan(station, courier, drop, choice) -> None:
    choose(station, choice)
    number = expect(station)
    answer = read(courier, drop, number)
    assert answer.scan.outcome == Outcome.CONSENT
    assert answer.recipient.phone_tail == "4068"
    assert parcels_of(station, number)[0].state == "expected"
    assert count(RefusedScan, station) == 1


def test_unknown_wish_stops_only_where_the_station_says_so(station, courier, drop) -> None:
    with transaction():
        mine = StationSettings.station_id == station.id
        connection().execute(update(StationSettings).where(mine).values(unknown_consent="set_aside"))
    assert read(courier, drop, expect(station)).scan.outcome == Outcome.CONSENT


def test_yes_to_the_station_is_recorded_and_the_parcel_taken_in(station, courier, drop) -> None:
    choose(station, "ask")
    number = expect(station)
    read(courier, drop, number)
    with transaction():
        answer = consent.answer(courier, drop.id, "key-00000001", choice="station", how="phone_call")
    assert answer.scan.outcome == Outcome.ACCEPTED
    assert parcels_of(station, number)[0].consent_basis == ConsentBasis.THIS_PARCEL
    with reading():
        word = connection().execute(select(ConsentRecord).order_by(ConsentRecord.id.desc())).first()
    assert (word.choice, word.how, word.recorded_by) == ("station", "phone_call", courier.key)


def test_door_is_recorded_and_the_parcel_stays_with_the_courier(station, courier, drop) -> None:
    choose(station, "door")
    number = expect(station)
    read(courier, drop, number)
    with transaction():
        answer = consent.answer(courier, drop.id, "key-00000001", choice="door", how="in_person")
    assert answer.scan.outcome == Outcome.DOOR
    assert parcels_of(station, number)[0].state == "expected"


def test_answer_can_be_given_after_calling_later(station, courier, drop) -> None:
    choose(station, "ask")
    read(courier, drop, expect(station))
    with transaction():
        later = consent.answer(courier, drop.id, "key-00000001", choice="call")
        yes = consent.answer(courier, drop.id, "key-00000001", choice="station", how="phone_call")
    assert (later.scan.outcome, yes.scan.outcome) == ("call", "accepted")
    with transaction(), pytest.raises(StationError, match="no answer any more"):
        consent.answer(courier, drop.id, "key-00000001", choice="door", how="phone_call")


@pytest.mark.parametrize(
    ("choice", "how"), [("station", None), ("station", "courier"), ("mars", "phone_call")]
)
def test_yes_nobody_gave_is_never_recorded(station, courier, drop, choice, how) -> None:
    choose(station, "ask")
    read(courier, drop, expect(station))
    with transaction(), pytest.raises(StationError, match="how you know"):
        consent.answer(courier, drop.id, "key-00000001", choice=choice, how=how)


def test_parcel_of_another_of_the_couriers_stations_is_sent_there(app: Flask, station, courier, drop) -> None:
    other = make_station("Elm")
    make_member(other, courier)
    number = expect(other)
    assert read(courier, drop, number).scan.outcome == Outcome.OTHER_STATION
    assert not parcels_of(station, number)


def make_member(station, courier) -> None:
    with transaction():
        couriers.let_in(station.manager, courier.id, ("sf",))


def test_parcel_no_shelf_is_made_for_is_too_large(station, courier, drop) -> None:
    assert read(courier, drop, expect(station), size="large").scan.outcome == Outcome.TOO_LARGE


def test_scan_outside_opening_hours_stops_but_one_kept_since_noon_does_not(station, courier, drop) -> None:
    midnight = NOON + timedelta(hours=11, minutes=59)  # the drop's time is over too: it is told first
    kept, late = expect(station), expect(station)
    with clock.use(lambda: midnight):
        assert read(courier, drop, kept, at=NOON).scan.outcome == Outcome.ACCEPTED
        assert read(courier, drop, late, key="key-00000002").scan.outcome == Outcome.FINISHED


def test_closed_station_takes_nothing_in(station, courier) -> None:
    night = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)  # 2:00 in Shanghai
    with clock.use(lambda: night):
        drop = opened(station, courier)
        assert read(courier, drop, expect(station)).scan.outcome == Outcome.CLOSED


@pytest.mark.parametrize("raw", ["", "SHELF:1-1", "x" * 200, "12-3-3210"])
def test_what_is_no_waybill_is_kept_with_its_reason(station, courier, drop, raw) -> None:
    answer = read(courier, drop, raw)
    assert (answer.scan.outcome, answer.scan.waybill) == ("malformed", None)
    assert count(RefusedScan, station) == 1


def test_scans_are_decided_in_the_phones_order(station, courier, drop) -> None:
    number = expect(station)
    later, first = Scan("key-00000002", 2, number, NOON), Scan("key-00000001", 1, number, NOON)
    with transaction():
        answers = scans.take(courier, drop.id, [later, first])
    assert [answer.scan.outcome for answer in answers] == ["duplicate", "accepted"]
    assert [answer.scan.key for answer in answers] == ["key-00000002", "key-00000001"]


def test_original_time_of_a_scan_is_kept(station, courier, drop) -> None:
    number, before = expect(station), NOON - timedelta(minutes=40)
    read(courier, drop, number, at=before)
    with reading():
        found = queries.scans(drop)[0]
        event = connection().scalar(select(CustodyEvent.data).where(CustodyEvent.kind == "checked_in"))
    assert found.scanned_at == before
    assert json.loads(event)["scanned_at"] == before.isoformat()


def test_parcels_fill_one_row_after_the_other(station, courier, drop) -> None:
    numbers = [expect(station) for _ in range(50)]
    with transaction():
        batch = [Scan(f"key-{place:08d}", place, number, NOON) for place, number in enumerate(numbers)]
        tags = [answer.scan.tag for answer in scans.take(courier, drop.id, batch)]
    assert tags == ["1-1"] * 40 + ["1-2"] * 10 or len(set(tags)) == 2


def test_receipt_counts_and_is_signed(station, courier, drop) -> None:
    read(courier, drop, expect(station))
    read(courier, drop, "nonsense", key="key-00000002", seq=2)
    with transaction():
        finished = service.finish(courier, drop.id, 1)
    said = json.loads(finished.receipt)
    assert (said["accepted"], said["told"], said["counts"]["malformed"]) == (1, 1, 1)
    assert crypto.verify(finished.receipt.encode(), finished.signature, crypto.public_key())
    assert receipts.is_genuine(finished)
    with transaction():
        assert service.finish(courier, drop.id, 7) == finished


def test_scan_after_the_receipt_is_kept_but_changes_nothing(station, courier, drop) -> None:
    with transaction():
        service.finish(courier, drop.id, 0)
    number = expect(station)
    assert read(courier, drop, number).scan.outcome == Outcome.FINISHED
    assert parcels_of(station, number)[0].state == "expected"


def test_clerk_counts_after_the_courier_finished(station, courier, drop) -> None:
    read(courier, drop, expect(station))
    with transaction(), pytest.raises(StationError, match="still scanning"):
        service.confirm(station.clerk, drop.id, 1)
    with transaction():
        service.finish(courier, drop.id, 1)
        confirmed = service.confirm(station.clerk, drop.id, 2)
    assert (confirmed.state, confirmed.counted) == ("confirmed", 2)
    with transaction(), pytest.raises(StationError, match="counted already"):
        service.confirm(station.clerk, drop.id, 1)


def test_drop_its_courier_forgot_is_finished_by_the_count(station, courier, drop) -> None:
    with clock.use(lambda: NOON + service.LASTS), transaction():
        assert service.confirm(station.clerk, drop.id, 0).finished_by == station.clerk.key


def test_drop_of_another_courier_is_not_found(station, drop) -> None:
    other = make_courier(station, name="Qian").actor
    with pytest.raises(StationError, match="no such drop"):
        read(other, drop, waybill())


def test_open_drop_goes_on(station, courier, drop) -> None:
    with clock.use(lambda: NOON + timedelta(minutes=5)):
        assert opened(station, courier).id == drop.id


def test_code_seen_without_network_opens_a_drop_later(station, courier) -> None:
    seen = presence.read(presence.code(station.id, NOON))
    with clock.use(lambda: NOON + timedelta(hours=2)), transaction():
        found = service.open_drop(courier, seen, NOON).drop
    assert found.opened_at == NOON


@pytest.mark.parametrize(
    ("said_s", "now_s"),
    [(0, 13 * 3600), (500, 600), (900, 600)],
    ids=["too long ago", "not on the screen then", "in the future"],
)
def test_code_that_was_not_on_the_screen_then_opens_nothing(station, courier, said_s, now_s) -> None:
    seen = presence.read(presence.code(station.id, NOON))
    now = NOON + timedelta(seconds=now_s)
    with clock.use(lambda: now), transaction(), pytest.raises(StationError, match="too old"):
        service.open_drop(courier, seen, NOON + timedelta(seconds=said_s))


def test_code_of_another_station_opens_nothing_here(station, courier) -> None:
    seen = presence.read(presence.code(make_station("Elm").id, NOON))
    with transaction(), pytest.raises(StationError, match="no courier of this station"):
        service.open_drop(courier, seen, NOON)
