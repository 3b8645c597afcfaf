"""A file becomes expected parcels: started once, imported in steps that may stop, rows in disorder listed."""

import io
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from station.core import clock, ids
from station.core.db import db, reading, transaction
from station.core.errors import StationError
from station.core.settings import Settings
from station.days.queries import local_today
from station.manifests import jobs, queries, service, spool
from station.manifests.columns import Field, Mapping, propose
from station.manifests.lifecycle import ManifestState
from station.manifests.models import Announced
from station.manifests.service import Choice
from station.parcels import counter
from station.parcels.models import Parcel
from tests.conftest import TEST_KEYS
from tests.factories import Station, open_batch, waybill

HEAD = "运单号,手机号,收件人,大小,同意,同意方式\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path, "", TEST_KEYS)


def upload(settings: Settings, station: Station, content: bytes, name: str = "today.csv") -> int:
    manifest_id = ids.next_id()
    spooled = spool.write(spool.path_of(settings, manifest_id), io.BytesIO(content))
    with transaction():
        service.keep_draft(station.clerk, manifest_id, spooled, name=name, today=local_today(station.id))
    return manifest_id


def begin(station: Station, manifest_id: int, *, mapping: Mapping | None = None) -> None:
    with transaction():
        choice = Choice(mapping or propose(HEAD.strip().split(",")), 2, "zto", local_today(station.id))
        service.start(station.clerk, manifest_id, choice)


def csv_of(*rows: str) -> bytes:
    return (HEAD + "".join(f"{row}\n" for row in rows)).encode("gb18030")


def facts(station: Station, manifest_id: int) -> queries.Facts:
    with reading():
        return queries.manifest(station.id, manifest_id)


def count(model: type) -> int:
    with reading():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_ten_rows_become_parcels_that_the_counter_knows(settings: Settings, station: Station) -> None:
    numbers = [waybill() for _ in range(10)]
    rows = [
        f"{number},1381234{place:04d},陈晓明,大,快递员声明,快递员" for place, number in enumerate(numbers)
    ]
    manifest_id = upload(settings, station, csv_of(*rows))
    begin(station, manifest_id)
    assert jobs.import_files(settings) == "11 rows"
    done = facts(station, manifest_id)
    assert (done.state, done.announced, done.known, done.refused) == (ManifestState.DONE, 10, 0, 0)
    assert not spool.path_of(settings, manifest_id).exists()
    batch_id = open_batch(station)
    with transaction():
        outcome = counter.scan(station.clerk, batch_id, numbers[3], scanned_at=clock.now())
    assert outcome.stored is not None
    assert outcome.stored.recipient is not None
    assert (outcome.stored.carrier, outcome.stored.recipient.phone_tail) == ("zto", "0003")
    assert outcome.stored.consent_basis == "declared_by_courier"
    with reading():
        assert db.session.scalar(select(Parcel.size_class).where(Parcel.waybill == numbers[3])) == "large"


def test_an_import_that_stopped_goes_on_where_it_was(
    settings: Settings, station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "CHUNK", 4)
    manifest_id = upload(settings, station, csv_of(*[f"{waybill()},,,,," for _ in range(10)]))
    begin(station, manifest_id)
    real, calls = service.import_rows, []

    def dying(*args: object, **said: object) -> bool:
        calls.append(said["done"])
        if len(calls) == 2:
            raise RuntimeError("the power went")
        return real(*args, **said)  # type: ignore[arg-type]

    monkeypatch.setattr(service, "import_rows", dying)
    with pytest.raises(RuntimeError):
        jobs.import_files(settings)
    half = facts(station, manifest_id)
    assert (half.state, half.rows_done, half.announced) == (ManifestState.RUNNING, 4, 3)
    assert count(Parcel) == 3
    jobs.import_files(settings)
    done = facts(station, manifest_id)
    assert (done.state, done.rows_done, done.announced, done.known) == (ManifestState.DONE, 11, 10, 0)
    assert calls == [0, 4, 4, 8]
    assert count(Announced) == count(Parcel) == 10


def test_a_second_process_at_the_same_rows_does_nothing(settings: Settings, station: Station) -> None:
    manifest_id = upload(settings, station, csv_of(f"{waybill()},,,,,"))
    begin(station, manifest_id)
    placed = list(spool.read(spool.path_of(settings, manifest_id)))
    day = date(2026, 11, 21)
    for expected in (True, False):
        with transaction():
            found = service.import_rows(station.clerk, manifest_id, placed, today=day, done=0)
        assert found is expected
    assert count(Parcel) == 1


def test_wrong_rows_are_listed_by_their_number_and_right_ones_imported(
    settings: Settings, station: Station
) -> None:
    rows = [
        f"{waybill()},13812344068,陈晓明,大,,",
        ",,,,,",
        "7.76E+14,,,,,",
        f"{waybill()},12,,,,",
        f"{waybill()},,,huge,,",
        f"{waybill()},13812344068,,,快递员声明,",
        f"{waybill()},138****8000,,,快递员声明,快递员",
        f"{waybill()},13812344068,,,maybe,",
        "'776012345678901.0,'13812344068,,,,",
    ]
    manifest_id = upload(settings, station, csv_of(*rows))
    begin(station, manifest_id)
    jobs.import_files(settings)
    with reading():
        found = [(one.row, one.column, one.reason) for one in queries.faults(station.id, manifest_id)]
        numbers = set(db.session.scalars(select(Parcel.waybill)))
    assert found == [
        (4, "waybill", "shortened"),
        (5, "phone", "phone_wrong"),
        (6, "size", "size_wrong"),
        (7, "consent_how", "consent_how"),
        (8, "consent", "consent_phone"),
        (9, "consent", "consent_wrong"),
    ]
    assert "776012345678901" in numbers
    assert len(numbers) == 2


def test_rows_on_disk_that_are_gone_end_the_import(settings: Settings, station: Station) -> None:
    manifest_id = upload(settings, station, csv_of(f"{waybill()},,,,,"))
    begin(station, manifest_id)
    spool.path_of(settings, manifest_id).unlink()
    jobs.import_files(settings)
    assert facts(station, manifest_id).state is ManifestState.FAILED


def test_rows_on_disk_are_encrypted(settings: Settings, station: Station) -> None:
    manifest_id = upload(settings, station, csv_of(f"{waybill()},13812344068,陈晓明,,,"))
    content = spool.path_of(settings, manifest_id).read_bytes()
    assert b"13812344068" not in content
    assert spool.path_of(settings, manifest_id).stat().st_mode & 0o077 == 0


def test_the_same_file_with_the_same_columns_is_refused(settings: Settings, station: Station) -> None:
    content = csv_of(f"{waybill()},,,,,")
    for place in range(2):
        manifest_id = upload(settings, station, content)
        if place:
            with pytest.raises(StationError, match="imported with these columns before"):
                begin(station, manifest_id)
            continue
        begin(station, manifest_id)
        jobs.import_files(settings)
    begin(station, manifest_id, mapping={Field.WAYBILL: 0})
    jobs.import_files(settings)
    assert count(Parcel) == 1
    assert facts(station, manifest_id).known == 1


def test_files_nobody_needs_are_deleted(settings: Settings, station: Station) -> None:
    kept = upload(settings, station, csv_of(f"{waybill()},,,,,"))
    orphan = spool.path_of(settings, 1)
    orphan.write_bytes(b"")
    jobs.forget(settings)
    assert orphan.exists()
    later = clock.now().timestamp() + 2 * spool.LEFT_ALONE_S
    with reading():
        needed = queries.with_files([station.id])
    with clock.use(lambda: datetime.fromtimestamp(later, UTC)):
        assert spool.delete_others(settings, needed) == 1
    assert spool.path_of(settings, kept).exists()
