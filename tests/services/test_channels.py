"""The console channel: what its files hold, who may read them, and how long they stay."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from station.core import clock
from station.core.phones import parse
from station.notices import channels
from station.notices.channels import ChannelError, ConsoleChannel, Message

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def send(folder: Path, text: str = "凭 12-3-3210 取件", *, at: datetime = NOON) -> None:
    with clock.use(lambda: at):
        ConsoleChannel(folder).send(Message(7, parse("13812344068"), text))


def test_the_number_is_masked_and_the_text_is_there(tmp_path):
    send(tmp_path)

    written = (tmp_path / "2026-11-21.log").read_text(encoding="utf-8")
    assert written == "2026-11-21T12:00:00Z 7 138****4068 凭 12-3-3210 取件\n"


def test_every_day_has_a_file_of_its_own_that_only_its_owner_reads(tmp_path):
    folder = tmp_path / "outbox"
    for days in range(3):
        send(folder, at=NOON + days * DAY)
    send(folder)

    assert sorted(file.name for file in folder.iterdir()) == [
        "2026-11-21.log",
        "2026-11-22.log",
        "2026-11-23.log",
    ]
    assert len((folder / "2026-11-21.log").read_text().splitlines()) == 2
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_technical_log_names_neither_number_nor_code(tmp_path, caplog):
    with caplog.at_level("DEBUG"):
        send(tmp_path)

    assert "message 7" in caplog.text
    assert not re.search("4068|138|3210", caplog.text)


def test_a_full_disk_did_not_take_the_message(tmp_path):
    (tmp_path / "2026-11-21.log").symlink_to("/dev/full")
    with pytest.raises(ChannelError, match="file_not_writable"):
        send(tmp_path)


def test_a_missing_installation_is_said(tmp_path):
    with pytest.raises(ChannelError, match="file_not_writable"):
        send(tmp_path / "none" / "outbox")


def test_old_days_are_removed_once_and_nothing_else(tmp_path):
    for days in (0, 1, 29, 30, 31):
        send(tmp_path, at=NOON - days * DAY)
    (tmp_path / "notes.log").write_text("mine")
    with clock.use(lambda: NOON):
        first, again = channels.forget_old(tmp_path), channels.forget_old(tmp_path)

    assert (first, again) == (1, 0)
    assert sorted(file.stem for file in tmp_path.iterdir()) == [
        "2026-10-22",
        "2026-10-23",
        "2026-11-20",
        "2026-11-21",
        "notes",
    ]


def test_nothing_was_ever_sent_and_nothing_is_removed(tmp_path):
    assert channels.forget_old(tmp_path / "outbox") == 0
