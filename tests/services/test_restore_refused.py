"""Every backup that cannot be restored is refused, and then nothing is changed."""

import json
import sqlite3
import zipfile
from contextlib import closing

import pytest
from sqlalchemy import NullPool, create_engine, text

from station.backups import postgres_dump
from station.core import crypto
from station.core.db import db, transaction
from station.core.errors import StationError
from station.core.settings import Keys
from tests import factories
from tests.conftest import TEST_KEYS
from tests.services.restoring import refusal, rewrite, sqlite_backup

OTHER_KEYS = Keys(b"S" * 32, b"D" * 32, b"H" * 32, b"G" * 32)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999], ids=str)
def test_truncated_file_is_refused(lively, settings, backup, share):
    whole = backup.read_bytes()
    backup.write_bytes(whole[: int(len(whole) * share)])

    assert refusal(settings, backup).code == "backup_invalid"


@pytest.mark.parametrize("place", [0.02, 0.3, 0.6, 0.9], ids=str)
def test_file_with_a_flipped_byte_is_refused(lively, settings, backup, place):
    content = bytearray(backup.read_bytes())
    content[int(len(content) * place)] ^= 0xFF
    backup.write_bytes(content)

    assert refusal(settings, backup).code == "backup_invalid"


@pytest.mark.parametrize(
    "content", [b"", b"novel" * 1000, b"PK\x03\x04", b"SQLite format 3\0" + b"\0" * 4096]
)
def test_file_that_is_no_backup_is_refused(lively, settings, tmp_path, content):
    file = tmp_path / "bad.zip"
    file.write_bytes(content)

    assert refusal(settings, file).code == "backup_invalid"


def test_missing_file_is_refused(lively, settings, tmp_path):
    assert refusal(settings, tmp_path / "none.zip").code == "backup_invalid"


def test_other_zip_is_refused(lively, settings, tmp_path):
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as other:
        other.writestr("holiday.jpg", b"sun")

    assert refusal(settings, tmp_path / "other.zip").code == "backup_invalid"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": "other"}, "manifest"),
        ({"contents": []}, "manifest"),
        ({"sha256": "0" * 64}, "checksum"),
        ({"size": 10}, "checksum"),
        ({"kind": "oracle"}, "oracle"),
        ({"keys": {}}, "keys"),
        ({"keys": {"data": "zz", "hash": "", "signing": ""}}, "keys"),
        ({"contents": {"revision": "ffff", "counts": {}, "heads": {}}}, "newer version"),
        ({"database": b"not a database"}, "checksum"),
    ],
    ids=str,
)
def test_manifest_that_does_not_fit_is_refused(lively, settings, backup, tmp_path, changes, words):
    file = rewrite(backup, tmp_path / "changed.zip", **changes)
    found = refusal(settings, file)

    assert found.code == "backup_invalid"
    assert words in found.message


def test_backup_made_with_other_keys_is_refused(lively, settings, backup):
    crypto.configure(OTHER_KEYS)
    try:
        found = refusal(settings, backup)
    finally:
        crypto.configure(TEST_KEYS)

    assert "other keys" in found.message


def test_restore_is_refused_while_the_database_is_in_use(web, web_station, tmp_path):
    settings = web.config["SETTINGS"]
    file = sqlite_backup(web_station, web, tmp_path)
    with closing(sqlite3.connect(settings.sqlite_path)) as other:
        other.execute("SELECT count(*) FROM stations").fetchone()
        found = refusal(settings, file)

    assert found.code == "restore_refused"
    assert "stop the station" in found.message


def claimed(backup, *, counts=None, heads=None):
    """Return what a backup's manifest says is in it, with other figures."""
    with zipfile.ZipFile(backup) as content:
        contents = json.loads(content.read("manifest.json"))["contents"]
    contents["counts"] |= counts or {}
    contents["heads"] = contents["heads"] if heads is None else heads
    return contents


@pytest.mark.parametrize(
    ("part", "claim"),
    [
        ("counts", {"parcels": 6}),
        ("counts", {"holidays": 0}),
        ("heads", {}),
        ("heads", {"1": {"seq": 1, "hash": "00"}}),
    ],
    ids=["a row more", "a table more", "no head", "another head"],
)
def test_tables_that_differ_from_the_manifest_are_refused(lively, settings, backup, tmp_path, part, claim):
    file = rewrite(backup, tmp_path / "changed.zip", contents=claimed(backup, **{part: claim}))
    factories.store(lively)  # what a restore would take away
    found = refusal(settings, file)

    assert found.code == "backup_invalid"
    assert "tables" in found.message


# From here on: PostgreSQL, where its own tools replace the tables.

on_postgresql = pytest.mark.parametrize("backend", ["postgresql"], indirect=True)


def kept_aside(settings):
    """Return what restores have set aside so far: the folder outlives a test."""
    return sorted((settings.instance / "backups").glob("before-*"))


@on_postgresql
def test_restore_is_refused_while_somebody_is_connected(settings, backup, monkeypatch):
    monkeypatch.setattr(postgres_dump, "_MOMENT", text("SELECT 1"))  # it does not go away by waiting
    kept = kept_aside(settings)
    somebody = create_engine(
        settings.database_url, poolclass=NullPool
    )  # the application's own pool is emptied first
    with somebody.connect() as other:
        other.execute(text("SELECT 1"))
        found = refusal(settings, backup)

    assert found.code == "restore_refused"
    assert "stop the station" in found.message
    assert kept_aside(settings) == kept


@on_postgresql
def test_tables_the_backup_does_not_know_are_not_left_beside_it(settings, backup):
    with transaction():
        db.session.execute(text("CREATE TABLE guests (id int)"))
    try:
        found = refusal(settings, backup)
    finally:
        with transaction():
            db.session.execute(text("DROP TABLE guests"))

    assert found.code == "restore_refused"
    assert "empty database" in found.message


@on_postgresql
def test_refused_restore_never_runs_the_tool_that_writes(settings, backup, tmp_path, monkeypatch):
    file = rewrite(backup, tmp_path / "changed.zip", contents=claimed(backup, heads={}))
    kept = kept_aside(settings)
    monkeypatch.setattr(postgres_dump, "restore", lambda *_: pytest.fail("the tables were replaced"))

    assert "tables" in refusal(settings, file).message
    assert kept_aside(settings) == kept


@on_postgresql
def test_dump_is_read_without_a_database(lively, settings, tmp_path):
    dump = tmp_path / "database"
    found = postgres_dump.dump(settings.database_url, dump)

    assert postgres_dump.contents_of(dump) == found
    assert found.counts["parcels"] == 5
    assert found.heads[str(lively.id)].seq == found.counts["custody_events"]


@on_postgresql
def test_dump_that_cannot_be_read_is_refused(settings, tmp_path):
    dump = tmp_path / "database"
    dump.write_bytes(b"PGDMP and then nothing")
    with pytest.raises(StationError) as caught:
        postgres_dump.contents_of(dump)

    assert caught.value.code == "backup_invalid"
