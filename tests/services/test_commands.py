"""The commands verify, backup and restore: what they say and how they end."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import text

from station.backups import archive, queries
from station.commands import group
from station.core import clock, crypto
from station.core.db import connection, db, reading, transaction
from station.events import anchors
from tests import factories


@pytest.fixture
def lively(station):
    """The station with a parcel and a signed head."""
    factories.store(station)
    with transaction():
        anchors.sign_head(station.id)
    return station


@pytest.fixture
def run(app):
    db.session.remove()
    return lambda *words: app.test_cli_runner().invoke(group, [str(word) for word in words])


def test_command_verifies_each_station(lively, run):
    answer = run("verify")

    assert answer.exit_code == 0, answer.output
    assert f"Maple Court ({lively.id}): whole: " in answer.output
    assert "newest anchor" in answer.output


def test_command_names_the_first_break(lively, run):
    with transaction():
        connection().execute(text("UPDATE custody_events SET actor = 'staff:1' WHERE seq = 3"))
    answer = run("verify", "--station", lively.id)

    assert answer.exit_code == 1
    assert "broken: event 3 was changed" in answer.output


def test_command_checks_an_anchor_file(lively, run, tmp_path):
    with reading():
        anchors.export(tmp_path, lively.id)
    file = anchors.file_of(tmp_path, lively.id)
    with transaction():
        connection().execute(text("DELETE FROM custody_anchors"))
        connection().execute(text("DELETE FROM custody_events"))
        connection().execute(
            text("UPDATE custody_heads SET seq = 0, hash = :hash"), {"hash": anchors.VERSION.encode()}
        )

    assert run("verify", "--anchor", file).exit_code == 1


def test_command_finds_a_station_that_only_the_anchors_know(lively, run, tmp_path):
    stranger = anchors.Anchor(lively.id + 1, 5, b"\1" * 32, clock.now(), b"", crypto.public_key())
    message = anchors.anchor_message(stranger.station_id, stranger.seq, stranger.hash, stranger.signed_at)
    file = tmp_path / "anchors.jsonl"
    file.write_bytes(anchors._line(replace(stranger, signature=crypto.sign(message))))
    answer = run("verify", "--anchor", file)

    assert answer.exit_code == 1
    assert "no head row" in answer.output


@pytest.mark.parametrize("content", [b"", b"novel\n"])
def test_command_refuses_a_bad_anchor_file(lively, run, tmp_path, content):
    file = tmp_path / "bad.jsonl"
    file.write_bytes(content)
    answer = run("verify", "--anchor", file)

    assert answer.exit_code == 1
    assert answer.output.startswith("Error: The anchor file")


def test_commands_back_up_and_restore(lively, run, tmp_path):
    made = run("backup", tmp_path / "station.zip")
    refused = run("restore", tmp_path / "station.zip")
    restored = run("restore", tmp_path / "station.zip", "--force")

    assert made.exit_code == 0, made.output
    assert "It holds no keys" in made.output
    assert refused.exit_code == 1
    assert "--force" in refused.output
    assert restored.exit_code == 0, restored.output
    assert "whole: " in restored.output


def test_command_notes_the_backup(lively, run, tmp_path):
    run("backup", tmp_path / "station.zip")
    with reading():
        assert not queries.is_old(clock.now())


def test_command_refuses_a_bad_backup_in_one_sentence(lively, run, tmp_path):
    (tmp_path / "bad.zip").write_bytes(b"novel")
    answer = run("restore", tmp_path / "bad.zip", "--force")

    assert answer.exit_code == 1
    assert answer.output.startswith("Error: The backup file cannot be used")
    assert archive.MANIFEST not in answer.output


def test_command_detects_carriers_as_json_lines(station, run):
    answer = run("detect", "--json", "sf1234567890123", "RR123456785CN", "RR123456784CN", "hello")

    assert answer.exit_code == 0, answer.output
    said = [json.loads(line) for line in answer.output.splitlines()]
    assert [one["number"] for one in said] == ["sf1234567890123", "RR123456785CN", "RR123456784CN", "hello"]
    assert [[found["carrier"] for found in one["candidates"]] for one in said] == [
        ["sf"],
        ["s10", "ems"],
        [],  # a wrong check digit
        [],
    ]
    assert said[0]["candidates"][0]["score"] < 1.0
    assert [found["reason"] for found in said[1]["candidates"]] == [
        "A postal item's number, whoever brings it; the check digit is right.",
        "International post from China; the check digit is right.",
    ]


def test_command_detects_in_words_and_knows_the_batch(station, run):
    plain, lifted = run("detect", "123456789012"), run("detect", "--prior", "yto", "123456789012")

    assert plain.output.startswith("123456789012: sf 0.05 (")
    assert lifted.output.startswith("123456789012: yto 0.")
    assert run("detect", "hello").output == "hello: no carrier known here\n"
    assert run("detect").exit_code == 2
