"""Every backup that cannot be restored is refused, and then nothing is changed."""

import json
import sqlite3
import zipfile
from contextlib import closing

import pytest

from station.core import crypto
from station.core.settings import Keys
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


def test_tables_that_differ_from_the_manifest_are_refused(web, web_station, tmp_path):
    settings = web.config["SETTINGS"]
    file = sqlite_backup(web_station, web, tmp_path)
    with zipfile.ZipFile(file) as content:
        contents = json.loads(content.read("manifest.json"))["contents"]
    contents["counts"]["parcels"] += 1

    found = refusal(settings, rewrite(file, tmp_path / "changed.zip", contents=contents))

    assert "tables" in found.message
