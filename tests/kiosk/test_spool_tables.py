"""What the spool keeps: used codes, failures, what is to be told, photos; across restarts and for its owner only."""

import sqlite3
import stat
from datetime import UTC, datetime, timedelta

import pytest

from kiosk.spool import FILE, Spool
from kiosk.spool import outbox as outboxes
from kiosk.spool.guard import TRIES_PER_KIOSK, TRIES_PER_TARGET
from tests.kiosk.kiosks import JPEG, KEY

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def spool(tmp_path):
    made = Spool(tmp_path, KEY)
    yield made
    made.close()


def reopened(spool, tmp_path):
    spool.close()
    return Spool(tmp_path, KEY)


def test_file_is_for_its_owner_only(spool, tmp_path):
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_commit_is_on_the_disk_when_it_returns(spool):
    assert spool._database.read("PRAGMA synchronous")[0][0] == 2  # FULL
    assert spool._database.read("PRAGMA journal_mode")[0][0] == "wal"


def test_nonce_counts_once_also_after_a_restart(spool, tmp_path):
    expires = NOW + timedelta(seconds=60)
    assert spool.nonces.use(b"12345", expires_at=expires, now=NOW)

    again = reopened(spool, tmp_path)

    assert not again.nonces.use(b"12345", expires_at=expires, now=NOW)
    again.close()


def test_nonce_is_forgotten_when_its_code_has_expired(spool):
    spool.nonces.use(b"12345", expires_at=NOW + timedelta(seconds=60), now=NOW)

    spool.nonces.use(b"67890", expires_at=NOW + timedelta(seconds=120), now=NOW + timedelta(seconds=60))

    assert len(spool._database.read("SELECT * FROM nonces")) == 1


def fail(spool, target, times, now=NOW):
    for _ in range(times):
        assert spool.tries.may_try(target, now)
        spool.tries.fail(target, now)


def test_target_is_locked_after_five_failures_for_a_quarter_of_an_hour(spool, tmp_path):
    fail(spool, "parcel:1", TRIES_PER_TARGET)

    again = reopened(spool, tmp_path)

    assert not again.tries.may_try("parcel:1", NOW + timedelta(minutes=14))
    assert again.tries.may_try("parcel:2", NOW)
    assert again.tries.may_try("parcel:1", NOW + timedelta(minutes=15))
    again.close()


def test_lock_counts_from_the_fifth_failure(spool):
    for minute in range(TRIES_PER_TARGET):
        fail(spool, "parcel:1", 1, NOW + timedelta(minutes=minute))

    assert not spool.tries.may_try("parcel:1", NOW + timedelta(minutes=18))
    assert spool.tries.may_try("parcel:1", NOW + timedelta(minutes=19))
    fail(spool, "parcel:1", TRIES_PER_TARGET, NOW + timedelta(minutes=19))
    assert not spool.tries.may_try("parcel:1", NOW + timedelta(minutes=20))


def test_kiosk_is_locked_after_twenty_failures_for_an_hour(spool):
    for number in range(TRIES_PER_KIOSK):
        fail(spool, f"parcel:{number}", 1)

    assert not spool.tries.may_try("parcel:other", NOW + timedelta(minutes=59))
    assert spool.tries.may_try("parcel:other", NOW + timedelta(minutes=60))


def test_proved_target_begins_anew(spool):
    fail(spool, "parcel:1", TRIES_PER_TARGET - 1)

    spool.tries.forgive("parcel:1")

    fail(spool, "parcel:1", TRIES_PER_TARGET)


def test_targets_are_not_readable(spool, tmp_path):
    fail(spool, "code:1-1-4711", 1)

    spool.close()

    assert b"4711" not in (tmp_path / FILE).read_bytes()


def test_outbox_keeps_order_and_keys(spool, tmp_path):
    spool.outbox.add("alerts", {"kind": "fault"})
    spool.outbox.add("faces/gone", {"recipient_id": "7"})
    before = spool.outbox.waiting()

    again = reopened(spool, tmp_path)

    assert again.outbox.waiting() == before
    assert [one.kind for one in before] == ["alerts", "faces/gone"]
    again.outbox.told(before[0].seq)
    assert [one.kind for one in again.outbox.waiting()] == ["faces/gone"]
    again.close()


def test_photo_is_encrypted_and_gone_once_it_was_told(spool, tmp_path):
    spool.photos.add("intent", NOW, JPEG)
    spool._database.read("SELECT 1")
    with spool._database.writing() as write:
        write.execute("UPDATE photos SET hand_over_id = '9'")

    photo = spool.photos.next()

    assert photo.jpeg == JPEG
    assert all(JPEG[4:] not in file.read_bytes() for file in tmp_path.iterdir())
    spool.photos.told(photo.seq)
    assert spool.photos.count() == 0


def test_photo_waits_until_its_hand_over_is_known(spool):
    spool.photos.add("intent", NOW, JPEG)

    assert spool.photos.next() is None


def test_oldest_photos_make_room(spool, monkeypatch):
    monkeypatch.setattr(outboxes, "PHOTOS_KEPT", 2)

    for _ in range(5):
        spool.photos.add("intent", NOW, JPEG)

    assert spool.photos.count() == 2


def test_memory_survives_a_restart(spool, tmp_path):
    spool.memory.put("setup", {"a": [1]})
    spool.memory.put("setup", {"a": [2]})

    again = reopened(spool, tmp_path)

    assert again.memory.get("setup") == {"a": [2]}
    assert again.memory.get("none") is None
    again.close()


def test_broken_disk_is_noticed_and_so_is_its_repair(spool):
    connection = spool._database._connection
    connection.execute("PRAGMA query_only = ON")
    with pytest.raises(sqlite3.Error):
        spool.memory.put("a", 1)
    assert spool.is_broken

    connection.execute("PRAGMA query_only = OFF")
    spool.memory.put("a", 1)

    assert not spool.is_broken
