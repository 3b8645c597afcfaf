"""Two phones, two couriers, a courier and the counter at the same moment: one parcel, one record, no error."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from station.core import clock
from station.core.db import connection, reading, transaction
from station.core.phones import parse
from station.drops import consent, presence, queries, scans, service
from station.drops.models import Drop, DropScan
from station.drops.scans import Scan
from station.parcels import announce, counter
from station.parcels.announce import Announcement
from station.residents import service as residents
from tests import invariants
from tests.couriers import make_courier
from tests.factories import Station, open_batch, recipient, waybill
from tests.races import together as races
from tests.races.together import winners

ROUNDS = 4
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # Monday, 12:00 in Shanghai


@pytest.fixture(autouse=True)
def noon():
    with clock.use(lambda: NOON):
        yield


def together(app, *acts):
    """Run the acts at once, at noon in each of their threads."""

    def at_noon(act):
        with clock.use(lambda: NOON):
            return act()

    return races.together(app, *(lambda act=act: at_noon(act) for act in acts))


@pytest.fixture
def courier(station: Station):
    return make_courier(station).actor


def opened(station, courier):
    seen = presence.read(presence.code(station.id, NOON))
    return service.open_drop(courier, seen, NOON).drop


def expect(station) -> str:
    number = waybill()
    with transaction():
        said = Announcement(number, "sf", phone=parse("13812344068"), name="陈晓明")
        announce.announce(station.clerk, said)
    return number


def batch(numbers, prefix="scan"):
    return [Scan(f"{prefix}-{place:08d}", place, number, NOON) for place, number in enumerate(numbers)]


def outcomes(answers):
    return Counter(str(answer.scan.outcome) for answer in answers)


def count(table, station):
    with reading():
        query = select(func.count()).select_from(table).where(table.station_id == station.id)
        return connection().scalar(query)


def test_same_batch_from_two_phones_is_taken_in_once(app: Flask, station, courier) -> None:
    with transaction():
        drop = opened(station, courier)
    for round_ in range(ROUNDS):
        same = batch([expect(station) for _ in range(5)], prefix=f"scan-{round_}")
        first, second = together(app, *[lambda same=same: scans.take(courier, drop.id, same)] * 2)
        assert [one.scan for one in first] == [one.scan for one in second]
        assert outcomes(first) == {"accepted": 5}
    assert count(DropScan, station) == 5 * ROUNDS
    with reading():
        invariants.check(station.id)


def test_two_couriers_scan_the_same_parcels(app: Flask, station, courier) -> None:
    other = make_courier(station, name="Qian").actor
    with transaction():
        mine, theirs = opened(station, courier), opened(station, other)
    for round_ in range(ROUNDS):
        same = batch([expect(station) for _ in range(5)], prefix=f"scan-{round_}")
        first, second = together(
            app,
            lambda s=same: scans.take(courier, mine.id, s),
            lambda s=same: scans.take(other, theirs.id, s),
        )
        assert outcomes(first) + outcomes(second) == {"accepted": 5, "duplicate": 5}
    with reading():
        invariants.check(station.id)


def test_courier_and_counter_take_the_same_parcel(app: Flask, station, courier) -> None:
    with transaction():
        drop = opened(station, courier)
    batch_id = open_batch(station)
    for round_ in range(ROUNDS):
        number = expect(station)
        one = Scan(f"scan-{round_:08d}", round_, number, NOON)
        done, refused = winners(
            together(
                app,
                lambda one=one: scans.scan(courier, drop.id, one),
                lambda number=number: counter.scan(station.clerk, batch_id, number, scanned_at=NOON),
            )
        )
        took = next(answer for answer in done if isinstance(answer, scans.Answer)).scan.outcome
        assert (took, refused) in [("accepted", ["already_checked_in"]), ("duplicate", [])]


def test_code_scanned_by_two_phones_opens_one_drop(app: Flask, station, courier) -> None:
    first, second = together(app, *[lambda: opened(station, courier)] * 2)
    assert first.id == second.id
    assert count(Drop, station) == 1


def test_answer_given_twice_at_once_stores_one_parcel(app: Flask, station, courier) -> None:
    known = recipient(station)
    with transaction():
        residents.record_consent(station.clerk, known.id, choice="ask", how="in_person")
        drop = opened(station, courier)
    for round_ in range(ROUNDS):
        (one,) = batch([expect(station)], prefix=f"scan-{round_}")
        with transaction():
            scans.scan(courier, drop.id, one)
        say = [
            lambda key=one.key: consent.answer(courier, drop.id, key, choice="station", how="phone_call")
        ] * 2
        done, refused = winners(together(app, *say))
        assert ([answer.scan.outcome for answer in done], refused) == (["accepted"], ["answer_expected"])


def test_scan_and_end_at_once_leave_a_receipt_that_fits(app: Flask, station, courier) -> None:
    with transaction():
        drop = opened(station, courier)
    one = Scan("scan-00000001", 1, expect(station), NOON)
    together(app, lambda: scans.scan(courier, drop.id, one), lambda: service.finish(courier, drop.id, 1))
    with reading():
        ended, counts = queries.get(station.id, drop.id), queries.counts(station.id, drop.id)
    assert f'"accepted":{counts.accepted},' in (ended.receipt or "")
