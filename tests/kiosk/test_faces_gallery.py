"""Templates at rest: encrypted, bound to their person, and gone when they are gone."""

import logging
import sqlite3
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from kiosk.faces import settings
from kiosk.faces.gallery import FILE, Gallery, Reason
from kiosk.faces.sealing import Sealer, UnreadableError
from tests.kiosk.faces_kit import someone

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
YEAR = NOW + settings.UNUSED_FOR
KEY = b"k" * 32


@pytest.fixture
def gallery(tmp_path):
    made = Gallery(tmp_path, KEY, now=NOW)
    made.add("7", someone(1), now=NOW, expires_at=YEAR)
    made.add("8", someone(2), now=NOW, expires_at=YEAR)
    yield made
    made.close()


def on_disk(folder):
    """Return every byte that the gallery keeps."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob(FILE + "*")))


def sealed(folder, person):
    with sqlite3.connect(folder / FILE) as db:
        return db.execute("SELECT sealed FROM faces WHERE recipient_id = ?", (person,)).fetchone()[0]


def test_templates_are_kept_over_a_restart(gallery, tmp_path):
    gallery.close()

    again = Gallery(tmp_path, KEY, now=NOW)

    assert again.index.ids == ("7", "8")
    assert np.allclose(again.index.templates[0], someone(1), atol=1e-6)
    assert again.receipts() == ()
    again.close()


def test_nothing_of_a_template_is_readable_on_disk(gallery, tmp_path):
    plain = someone(1).astype(np.float32).tobytes()
    stored = on_disk(tmp_path)

    assert not any(plain[start : start + 8] in stored for start in range(0, len(plain), 8))
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


def test_what_was_withdrawn_is_gone_from_the_file(gallery, tmp_path):
    before = sealed(tmp_path, "7")
    assert before in on_disk(tmp_path)

    assert gallery.forget("7", Reason.WITHDRAWN, now=NOW)

    stored = on_disk(tmp_path)
    assert not any(before[start : start + 16] in stored for start in range(0, len(before) - 16, 16))
    assert not gallery.has("7")
    assert gallery.index.ids == ("8",)


def test_a_replaced_template_is_gone_too(gallery, tmp_path):
    before = sealed(tmp_path, "7")

    gallery.add("7", someone(3), now=NOW, expires_at=YEAR)

    assert before[:32] not in on_disk(tmp_path)
    assert gallery.people().count == 2


def test_a_deletion_leaves_a_receipt_until_it_is_told(gallery, tmp_path):
    gallery.forget("7", Reason.EXPIRED, now=NOW)
    assert not gallery.forget("7", Reason.EXPIRED, now=NOW)
    gallery.close()

    again = Gallery(tmp_path, KEY, now=NOW)
    (receipt,) = again.receipts()
    again.told(receipt)

    assert (receipt.recipient_id, receipt.reason, receipt.at) == ("7", Reason.EXPIRED, NOW)
    assert again.receipts() == ()
    again.close()


def test_unused_for_a_year_is_forgotten(gallery):
    gallery.mark_used("8", NOW + timedelta(days=200))

    assert gallery.forget_old(YEAR - timedelta(seconds=1)) == 0
    assert gallery.forget_old(YEAR) == 1

    assert gallery.index.ids == ("8",)
    assert [receipt.reason for receipt in gallery.receipts()] == [Reason.UNUSED]


def test_uses_are_told_once_and_later_ones_again(gallery):
    gallery.mark_used("7", NOW)
    first = gallery.used()
    gallery.mark_used("7", NOW + timedelta(hours=1))

    gallery.told_used(first)
    assert gallery.used() == (("7", NOW + timedelta(hours=1)),)

    gallery.told_used(gallery.used())
    assert gallery.used() == ()


def test_a_lost_key_deletes_everything_and_says_so(gallery, tmp_path):
    before = sealed(tmp_path, "7")
    gallery.close()

    again = Gallery(tmp_path, b"another key, 32 bytes long......", now=NOW)

    assert again.people().count == 0
    assert {(receipt.recipient_id, receipt.reason) for receipt in again.receipts()} == {
        ("7", Reason.KEY_LOST),
        ("8", Reason.KEY_LOST),
    }
    assert before[:32] not in on_disk(tmp_path)
    again.close()


def test_a_template_cannot_be_given_to_somebody_else(gallery, tmp_path):
    stolen = sealed(tmp_path, "7")
    gallery.close()
    with sqlite3.connect(tmp_path / FILE) as db:
        db.execute("UPDATE faces SET sealed = ? WHERE recipient_id = '8'", (stolen,))

    again = Gallery(tmp_path, KEY, now=NOW)

    assert again.index.ids == ("7",)
    again.close()


def test_a_changed_seal_is_unreadable():
    sealer = Sealer(KEY)
    made = sealer.seal("7", b"template")

    assert sealer.unseal("7", made) == b"template"
    assert sealer.seal("7", b"template") != made
    with pytest.raises(UnreadableError):
        sealer.unseal("7", made[:-1] + bytes([made[-1] ^ 1]))
    with pytest.raises(UnreadableError):
        sealer.unseal("7", b"")


def test_many_people_warn_long_before_the_law_does(gallery, monkeypatch, caplog):
    assert not gallery.people().is_many

    monkeypatch.setattr(settings, "PEOPLE_WARNING", 3)
    gallery.add("9", someone(3), now=NOW, expires_at=YEAR)

    assert gallery.people().is_many
    assert "100000" in caplog.text
    assert settings.PEOPLE_WARNING < settings.PEOPLE_LIMIT


def test_logs_name_nobody(gallery, caplog):
    with caplog.at_level(logging.DEBUG):
        gallery.add("recipient-9", someone(4), now=NOW, expires_at=YEAR)
        gallery.forget("recipient-9", Reason.WITHDRAWN, now=NOW)

    assert "recipient-9" not in caplog.text
    assert "0." not in caplog.text.replace(NOW.isoformat(), "")
