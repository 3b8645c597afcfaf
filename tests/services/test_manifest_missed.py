"""What was announced for a day and has not come when it is over: reported once, however often the job runs."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from station.core import clock, ids
from station.core.db import db, reading, transaction
from station.core.settings import Settings
from station.events.models import CustodyEvent
from station.manifests import export, jobs, missed_queries, retention, service
from station.manifests.models import Announced, Manifest, ManifestFault
from station.manifests.rows import Said
from station.parcels import counter
from tests.conftest import TEST_KEYS
from tests.factories import Station, open_batch, waybill

NOON = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
DAY = date(2026, 3, 4)


def announce(station: Station, *days: date, carrier: str = "zto") -> list[str]:
    numbers = [waybill() for _ in days]
    said = [
        (row, Said(number, carrier, day))
        for row, (number, day) in enumerate(zip(numbers, days, strict=True), 1)
    ]
    with transaction():
        manifest_id = service.open_request(station.clerk, carrier=carrier, expected_on=DAY, count=len(days))
        service.announce_rows(station.clerk, manifest_id, said)
    return numbers


def check_in(station: Station, number: str) -> None:
    batch_id = open_batch(station)
    with transaction():
        counter.scan(station.clerk, batch_id, number, scanned_at=clock.now())
    with transaction():
        counter.set_aside(station.clerk, batch_id)


def run(at: datetime) -> str:
    with clock.use(lambda: at):
        return jobs.report_missed(Settings("", "", TEST_KEYS))  # type: ignore[arg-type] # reads no setting


def reports(station: Station) -> list[tuple[date, str, int, int, int]]:
    with reading():
        return [
            (one.day, one.carrier, one.announced, one.missed, one.still)
            for one in missed_queries.reports(station.id)
        ]


def test_it_is_reported_the_next_day_once(station: Station) -> None:
    with clock.use(lambda: NOON):
        here, _gone, _other = announce(station, DAY, DAY, DAY + timedelta(days=1))
        announce(station, DAY, carrier="yto")
        check_in(station, here)
    assert run(NOON + timedelta(hours=11)) == "0 parcels"
    assert run(NOON + timedelta(hours=18)) == "2 parcels"
    assert run(NOON + timedelta(hours=19)) == "0 parcels"
    assert reports(station) == [(DAY, "yto", 1, 1, 1), (DAY, "zto", 2, 1, 1)]
    with reading():
        told = db.session.scalars(select(CustodyEvent).where(CustodyEvent.kind == "not_arrived")).all()
    assert len(told) == 2
    assert '"day":"2026-03-04"' in told[0].data


def test_one_that_comes_late_is_awaited_no_more(station: Station) -> None:
    with clock.use(lambda: NOON):
        (number,) = announce(station, DAY)
    late = NOON + timedelta(days=2)
    run(late)
    with clock.use(lambda: late):
        check_in(station, number)
    assert reports(station) == [(DAY, "zto", 1, 1, 0)]
    with reading():
        found = missed_queries.missing(station.id, DAY, "zto")
    assert [one.waybill for one in found] == [number]
    assert number in export.missing(found, zone="Asia/Shanghai")


def test_one_announced_late_joins_the_report_of_its_day(station: Station) -> None:
    with clock.use(lambda: NOON):
        announce(station, DAY)
    run(NOON + timedelta(days=1))
    with clock.use(lambda: NOON + timedelta(days=1)):
        announce(station, DAY)
    run(NOON + timedelta(days=2))
    assert reports(station) == [(DAY, "zto", 2, 2, 2)]


def test_many_are_reported_in_steps(station: Station) -> None:
    with clock.use(lambda: NOON):
        announce(station, *[DAY] * (missed_queries.STEP + 3))
    assert run(NOON + timedelta(days=1)) == f"{missed_queries.STEP + 3} parcels"
    assert reports(station)[0][3] == missed_queries.STEP + 3


def test_masked_people_are_forgotten(station: Station) -> None:
    with clock.use(lambda: NOON):
        with transaction():
            manifest_id = service.open_request(station.clerk, carrier="zto", expected_on=DAY, count=1)
            said = Said(waybill(), "zto", DAY, masked_phone="138****8000", name="陈**")
            service.announce_rows(station.clerk, manifest_id, [(1, said)])
            fault = {"column": "phone", "reason": "phone_wrong", "value": "12345"}
            db.session.add(ManifestFault(station_id=station.id, manifest_id=manifest_id, row=2, **fault))
        with transaction():
            assert retention.erase(station.id) == 0
    with clock.use(lambda: NOON + timedelta(days=31)), transaction():
        assert retention.erase(station.id) == 2
    with reading():
        kept = db.session.scalars(select(Announced)).one()
        assert (kept.masked_phone, kept.name) == (None, None)
        assert db.session.scalars(select(ManifestFault.value)).one() is None


def test_an_upload_nobody_confirms_is_given_up(station: Station) -> None:
    with clock.use(lambda: NOON), transaction():
        values = {"source": "file", "state": "draft", "expected_on": DAY, "rows": 1}
        values |= {"added_by": station.clerk.key, "added_at": clock.now()}
        db.session.add(Manifest(station_id=station.id, id=ids.next_id(), **values))
    with clock.use(lambda: NOON + timedelta(days=2)), transaction():
        assert retention.give_up_drafts(station.id) == 1
    with transaction():
        assert retention.give_up_drafts(station.id) == 0
