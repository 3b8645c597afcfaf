"""A backup made while the station works, and put back elsewhere. Bad files: test_restore_refused.py."""

import json
import sqlite3
import threading
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from station.backups import postgres_dump, queries, service
from station.core import clock
from station.core.db import connection, db, reading, transaction
from station.core.errors import StationError
from station.core.settings import Settings
from station.events import anchors
from station.events.verify import verify
from station.jobs import runs
from station.parcels import attachments
from station.parcels.models import Parcel
from station.residents import queries as residents
from station.web.factory import create_app
from tests import factories
from tests.conftest import TEST_KEYS
from tests.services.restoring import counts, sqlite_backup


def test_restore_brings_every_row_back(lively, settings, backup):
    before = counts()
    factories.store(lively)
    restored = service.restore(settings, backup)

    assert counts() == before
    assert restored.kept.exists()
    assert restored.manifest.contents.counts["parcels"] == before["parcels"] == 5


def test_restored_names_can_be_read_and_the_log_is_whole(lively, settings, backup):
    service.restore(settings, backup)
    with reading():
        recipient_id = connection().scalar(select(Parcel.recipient_id).limit(1))
        person = residents.personal(lively.id, recipient_id)
        report = verify(lively.id)

    assert person.name == "陈晓明"
    assert report.is_whole
    assert report.newest_anchor is not None


def test_restored_picture_can_be_seen_and_is_not_in_the_backup_in_clear(lively, settings, tmp_path):
    picture = b"\x89PNG\r\n\x1a\n" + b"who signed here" * 10
    with transaction():
        parcel_id = connection().scalar(select(Parcel.id).limit(1))
        picture_id = attachments.add(lively.clerk, parcel_id, "signature", picture)
    file = tmp_path / "with-picture.zip"
    service.make(settings, file)
    with zipfile.ZipFile(file) as content:
        database = content.read("database")
    service.restore(settings, file)
    with reading():
        shown = attachments.get(lively.id, picture_id)

    assert shown.content == picture
    assert b"who signed here" not in database


def test_restored_station_works_on(lively, settings, backup):
    service.restore(settings, backup)
    factories.store(lively)
    with reading():
        assert verify(lively.id).is_whole


def test_backup_holds_no_key_and_is_its_owners(backup):
    content = zipfile.ZipFile(backup)
    with content:
        everything = b"".join(content.read(name) for name in content.namelist())
    keys = [TEST_KEYS.session, TEST_KEYS.data, TEST_KEYS.hash, TEST_KEYS.signing]

    assert not any(key in everything or key.hex().encode() in everything for key in keys)
    assert backup.stat().st_mode & 0o777 == 0o600


def test_backup_names_what_it_holds(lively, backup):
    with zipfile.ZipFile(backup) as content:
        manifest = json.loads(content.read("manifest.json"))
        size = content.getinfo("database").file_size

    assert manifest["size"] == size
    assert str(lively.id) in manifest["contents"]["heads"]
    assert manifest["contents"]["counts"]["parcels"] == 5


def test_backup_while_the_station_works_is_of_one_moment(lively, settings, tmp_path, app):
    stop, failures = threading.Event(), []

    def work():
        with app.app_context():
            try:
                while not stop.is_set():
                    factories.store(lively)
            except StationError as error:  # the shelf is full after a while
                if error.code != "shelf_full":
                    failures.append(error)

    worker = threading.Thread(target=work)
    worker.start()
    manifests = [service.make(settings, tmp_path / f"{number}.zip") for number in range(3)]
    stop.set()
    worker.join()

    assert failures == []
    for manifest in manifests:
        counted = manifest.contents.counts
        assert counted["custody_events"] == manifest.contents.heads[str(lively.id)].seq


def test_file_that_exists_is_replaced_whole(lively, settings, backup):
    factories.store(lively)
    service.make(settings, backup)

    with zipfile.ZipFile(backup) as content:
        assert json.loads(content.read("manifest.json"))["contents"]["counts"]["parcels"] == 6
    assert [path.name for path in backup.parent.iterdir()] == [backup.name]


def test_backup_into_a_missing_folder_is_refused(lively, settings, tmp_path):
    with pytest.raises(StationError, match="does not exist"):
        service.make(settings, tmp_path / "none" / "station.zip")


def test_backup_onto_a_full_disk_is_refused_and_leaves_nothing(lively, settings, tmp_path, monkeypatch):
    def full(*_paths):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(service.sqlite_file, "_copy_online", full)
    monkeypatch.setattr(postgres_dump, "_run", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(StationError, match=r"could not be made: .*(full|space)") as caught:
        service.make(settings, tmp_path / "station.zip")

    assert caught.value.code == "backup_failed"
    assert list(tmp_path.iterdir()) == []


def test_backup_into_a_place_that_cannot_be_written_is_refused(lively, settings, tmp_path, monkeypatch):
    def refuse(**_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(service.tempfile, "TemporaryDirectory", refuse)
    with pytest.raises(StationError, match="could not be made: Permission denied"):
        service.make(settings, tmp_path / "station.zip")


def test_restore_needs_leave_to_replace_a_station(lively, settings):
    with pytest.raises(StationError, match="--force") as caught:
        service.refuse_if_present(settings)

    assert caught.value.code == "restore_refused"


def test_restore_sets_exported_anchors_aside(lively, settings, backup):
    factories.store(lively)
    with transaction():
        anchors.sign_head(lively.id)
        anchors.export(settings.instance, lively.id)
    with clock.use(lambda: datetime(2030, 1, 1, tzinfo=UTC)):
        service.restore(settings, backup)

    assert not anchors.file_of(settings.instance, lively.id).exists()
    assert (settings.instance / "anchors.before-20300101-000000").is_dir()


def test_nightly_backups_are_kept_for_two_weeks(lively, settings):
    start = datetime(2026, 11, 1, 3, tzinfo=UTC)
    for night in range(service.KEEP + 2):
        with clock.use(lambda night=night: start + timedelta(days=night)):
            newest = service.make_nightly(settings)
    found = sorted(newest.parent.glob("station-*.zip"))

    assert len(found) == service.KEEP
    assert found[-1] == newest
    for file in found:
        file.unlink()


def test_no_backup_yet_means_a_reminder(app):
    with reading():
        assert queries.is_old(clock.now())
        assert queries.newest() is None


def test_reminder_comes_after_two_days(app):
    now = clock.now()
    with transaction():
        runs.note(queries.BACKUP, f"{queries.MADE}station.zip")
    with reading():
        fresh = queries.is_old(now + timedelta(hours=47))
        old = queries.is_old(now + timedelta(hours=49))

    assert (fresh, old) == (False, True)


def test_failed_backup_does_not_count(app):
    with transaction():
        runs.note(queries.BACKUP, "failed: OSError")
    with reading():
        assert queries.newest() is None


# From here on: SQLite's file, and PostgreSQL's tools.


@pytest.fixture
def empty(sqlite, tmp_path):
    """An installation that has no database yet, with the keys of the tests."""
    folder = tmp_path / "fresh"
    app = create_app(Settings(folder, f"sqlite:///{folder / 'station.db'}", TEST_KEYS))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_backup_moves_to_a_fresh_machine(web, web_station, tmp_path, empty: Flask):
    with web.app_context():
        file = sqlite_backup(web_station, web, tmp_path)
        db.session.remove()
    settings = empty.config["SETTINGS"]
    service.refuse_if_present(settings)
    restored = service.restore(settings, file)

    assert restored.kept is None
    with reading():
        assert verify(web_station.id).is_whole
    assert settings.sqlite_path.stat().st_mode & 0o777 == 0o600


def test_damaged_database_is_replaced_and_kept(web, web_station, tmp_path):
    settings = web.config["SETTINGS"]
    file = sqlite_backup(web_station, web, tmp_path)
    db.session.remove()
    db.engine.dispose()
    settings.sqlite_path.write_bytes(b"a power cut" * 1000)

    restored = service.restore(settings, file)

    assert restored.kept.read_bytes().startswith(b"a power cut")
    with reading():
        assert verify(web_station.id).is_whole


def test_backup_without_a_database_is_refused(empty, tmp_path):
    with pytest.raises(StationError, match="no database yet"):
        service.make(empty.config["SETTINGS"], tmp_path / "station.zip")
