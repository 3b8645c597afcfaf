"""Anchors: signing, exporting, reading back, and the program in the document that checks them without us."""

import json
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from station.core import clock, crypto
from station.core.db import connection, reading, transaction
from station.core.errors import StationError
from station.events import anchors
from station.events.models import CustodyEvent
from tests.services.test_verify import EVENTS, START, event, make_bare_station, rebuild
from tests.unit import test_chain as chain_test


@pytest.fixture
def station_id(app):
    with transaction():
        return make_bare_station()


def test_head_is_signed_once(station_id):
    with transaction():
        first, second = anchors.sign_head(station_id), anchors.sign_head(station_id)

    assert first.seq == EVENTS
    assert first.is_genuine
    assert second is None


def test_export_appends_only_what_is_missing(station_id, tmp_path):
    with transaction():
        first = anchors.export(tmp_path, station_id)
        again = anchors.export(tmp_path, station_id)
        anchors.sign_head(station_id)
        later = anchors.export(tmp_path, station_id)

    found = list(anchors.read_file(anchors.file_of(tmp_path, station_id)))

    assert (first, again, later) == (1, 0, 1)
    assert [anchor.seq for anchor in found] == [6, EVENTS]


def test_export_writes_a_torn_line_anew(station_id, tmp_path):
    with transaction():
        anchors.export(tmp_path, station_id)
        anchors.sign_head(station_id)
        path = anchors.file_of(tmp_path, station_id)
        with path.open("ab") as file:
            file.write(b'{"version": "station')
        anchors.export(tmp_path, station_id)

    assert [anchor.seq for anchor in anchors.read_file(path)] == [6, EVENTS]


def test_exported_line_can_be_checked_with_its_public_key(station_id, tmp_path):
    with reading():
        anchors.export(tmp_path, station_id)

    line = json.loads(anchors.file_of(tmp_path, station_id).read_text())

    assert line["station_id"] == str(station_id)
    assert bytes.fromhex(line["public_key"]) == crypto.public_key()


@pytest.mark.parametrize(
    "content",
    [
        b"not json\n",
        b"[]\n",
        b"{}\n",
        b"\xff\xfe\n",
        b'{"version": "other"}\n',
        b"x" * 5000,
        b"[" * 900 + b"\n",
    ],
)
def test_broken_anchor_file_is_refused(app, tmp_path, content):
    path = tmp_path / "bad.jsonl"
    path.write_bytes(content)

    with pytest.raises(StationError, match="line 1") as refusal:
        list(anchors.read_file(path))

    assert refusal.value.code == "anchor_invalid"


def test_anchor_signed_by_another_key_is_refused(station_id, tmp_path):
    with reading():
        anchors.export(tmp_path, station_id)
    path = anchors.file_of(tmp_path, station_id)
    line = json.loads(path.read_text())
    path.write_text(json.dumps(line | {"seq": 3}) + "\n")

    with pytest.raises(StationError, match="not signed"):
        list(anchors.read_file(path))


def test_missing_anchor_file_is_refused(app, tmp_path):
    with pytest.raises(StationError, match="cannot be used"):
        list(anchors.read_file(tmp_path / "none.jsonl"))


def test_anchor_carries_the_time_of_signing(station_id):
    with clock.use(lambda: START + timedelta(days=1)), transaction():
        anchor = anchors.sign_head(station_id)

    assert anchor.signed_at == START + timedelta(days=1)


# The document's own program: what it says must be enough to check a log without us.

DOCUMENT = Path(__file__).parents[2] / "docs" / "custody-log.md"


def run_the_documents_program(database, anchor_file):
    [program] = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, str(database), str(anchor_file)],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def exported(web, tmp_path):
    with transaction():
        station_id = make_bare_station()
        anchors.export(tmp_path, station_id)
    return station_id, web.config["SETTINGS"].sqlite_path, anchors.file_of(tmp_path, station_id)


def test_document_pins_the_golden_hash():
    assert chain_test.FIRST_HASH in DOCUMENT.read_text(encoding="utf-8")


def test_documents_program_passes_a_whole_log(exported):
    _, database, anchor_file = exported

    assert run_the_documents_program(database, anchor_file).stdout == f"whole: {EVENTS} events, 1 anchors\n"


def test_documents_program_finds_an_edit(exported):
    station_id, database, anchor_file = exported
    with transaction():
        connection().execute(update(CustodyEvent).where(event(station_id, 4)).values(actor="staff:1"))

    assert "broken at 4" in run_the_documents_program(database, anchor_file).stderr


def test_documents_program_finds_a_rebuilt_log(exported):
    station_id, database, anchor_file = exported
    rebuild(station_id, first=3, last=EVENTS)

    assert "not what was anchored at 6" in run_the_documents_program(database, anchor_file).stderr


def test_documents_program_finds_a_cut_tail(exported):
    station_id, database, anchor_file = exported
    rebuild(station_id, first=0, last=4)

    assert "cut off behind 4" in run_the_documents_program(database, anchor_file).stderr


def test_documents_program_finds_a_forged_anchor(exported):
    _, database, anchor_file = exported
    line = json.loads(anchor_file.read_text())
    anchor_file.write_text(json.dumps(line | {"seq": 5}) + "\n")

    assert "InvalidSignature" in run_the_documents_program(database, anchor_file).stderr
