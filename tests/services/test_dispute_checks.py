"""Checking a dispute's log: by the station's command, and by the program of docs/disputes.md, which needs none."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from station.core import crypto
from station.core.db import connection, reading, transaction
from station.couriers import personal
from station.disputes import queries
from station.events import anchors
from station.events.models import CustodyEvent
from tests.couriers import make_courier
from tests.factories import Station
from tests.hand_backs import disputed, signed

DOCUMENT = Path(__file__).parents[2] / "docs/disputes.md"
EVENTS = 5  # of one parcel that came, went back and was signed for


@pytest.fixture
def attached(station: Station, tmp_path: Path) -> Path:
    """The log of a dispute as somebody downloaded it, with an anchor in it."""
    manifest_id, (parcel, _other) = signed(station)
    with transaction():
        anchors.sign_head(station.id)
    dispute_id = disputed(station.clerk, manifest_id, parcel)
    file = tmp_path / "dispute.json"
    with reading():
        file.write_bytes(queries.document(station.id, dispute_id))
    return file


def verify(app: Flask, file: Path) -> tuple[int, str]:
    answer = app.test_cli_runner().invoke(args=["station", "verify", "--dispute", str(file)])
    return answer.exit_code, answer.output


def run_the_documents_program(file: Path, key: str) -> "subprocess.CompletedProcess[str]":
    [program] = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    said = [sys.executable, "-W", "ignore", "-c", program, str(file), key]
    return subprocess.run(said, capture_output=True, text=True, check=False)


def edited(file: Path, **values: object) -> Path:
    """Change the first event of a document."""
    content = json.loads(file.read_bytes())
    content["events"][0] |= values
    file.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    return file


def test_the_command_proves_that_a_file_is_what_was_attached(app: Flask, attached: Path) -> None:
    code, output = verify(app, attached)
    assert code == 0
    assert "whole:" in output
    assert f"attached as it is, {EVENTS} events stand in the log" in output


def test_the_command_names_what_is_wrong(app: Flask, attached: Path) -> None:
    code, output = verify(app, edited(attached, actor="staff:1"))
    assert (code, "not_pinned" in output) == (1, True)
    attached.write_text("nothing")
    assert verify(app, attached)[0] == 1


def test_a_log_that_was_edited_is_found_before_the_dispute(app: Flask, attached: Path) -> None:
    with transaction():
        change = update(CustodyEvent).where(CustodyEvent.kind == "checked_in")
        connection().execute(change.values(actor="staff:1"))
    code, output = verify(app, attached)
    assert (code, "broken" in output) == (1, True)


def test_the_documents_program_checks_a_file_alone(app: Flask, attached: Path) -> None:
    found = run_the_documents_program(attached, crypto.public_key().hex())
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.endswith(f" {EVENTS} events\n")


def test_the_documents_program_finds_an_edit_and_a_forged_anchor(app: Flask, attached: Path) -> None:
    other = run_the_documents_program(attached, "00" * 32)
    assert "InvalidSignature" in other.stderr
    found = run_the_documents_program(edited(attached, actor="staff:1"), crypto.public_key().hex())
    assert "changed: event" in found.stderr


def test_a_courier_takes_along_and_has_erased_what_they_wrote(app: Flask, station: Station) -> None:
    manifest_id, (parcel, _other) = signed(station)
    courier = make_courier(station)
    dispute_id = disputed(courier.actor, manifest_id, parcel, words="Not in the bag.")
    with reading():
        assert [one["words"] for one in json.loads(personal.export(courier))["disputes"]] == [
            "Not in the bag."
        ]
    with transaction():
        personal.erase(courier)
    with reading():
        assert queries.case(station.id, dispute_id).words is None
