"""A file becomes expected parcels: started once, imported in steps that may stop, rows in disorder listed."""

import io
from pathlib import Path

import pytest
from sqlalchemy import func, select

from station.core import clock, ids
from station.core.db import db, reading, transaction
from station.core.settings import Settings
from station.days.queries import local_today
from station.manifests import jobs, queries, service, spool
from station.manifests.columns import Mapping, propose
from station.manifests.lifecycle import ManifestState
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
