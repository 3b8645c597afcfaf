"""Every way of tampering with a custody log at the level of SQL, and how it is found."""

import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, insert, select, update

from station.core import clock, crypto, ids
from station.core.actor import system_actor
from station.core.db import connection, reading, transaction
from station.core.errors import StationError
from station.events import anchors
from station.events.chain import GENESIS, Break, Link, link_hash
from station.events.models import CustodyAnchor, CustodyEvent, CustodyHead
from station.events.service import Event, append, open_chain
from station.events.verify import explain, verify
from station.network.models import City, Station
from tests.unit import test_chain as chain_test

START = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
EVENTS = 9


def make_bare_station():
    """Make a bare station with nine events; the sixth is anchored."""
    new = ids.next_id()
    connection().execute(insert(City).values(id=new, name=f"City {new}"))
    connection().execute(
        insert(Station).values(id=new, city_id=new, name="Yard", zone="UTC", created_at=START)
    )
    open_chain(new)
    _happen(new, 6)
    anchors.sign_head(new)
    _happen(new, EVENTS - 6)
    return new


@pytest.fixture
def station_id(app):
    with transaction():
        return make_bare_station()


def _happen(station_id, count):
    for number in range(count):
        append(system_actor(station_id), Event("moved", number, {"code": "1-1-1"}), at=START)


def check(station_id, *outside):
    with reading():
        return verify(station_id, outside)


def event(station_id, seq):
    return (CustodyEvent.station_id == station_id) & (CustodyEvent.seq == seq)


def rebuild(station_id, *, first, last):
    """Do what a thorough forger does: change event `first`, hash anew up to `last`, cut the rest, move the head."""
    with transaction():
        rows = connection().execute(
            select(CustodyEvent).where(CustodyEvent.station_id == station_id).order_by(CustodyEvent.seq)
        )
        previous = GENESIS
        for row in rows.all():
            actor = "staff:666" if row.seq == first else row.actor
            link = Link(station_id, row.seq, row.at, row.kind, row.parcel_id, actor, row.data)
            previous = link_hash(previous, link) if row.seq <= last else previous
            change = update(CustodyEvent).values(hash=previous, actor=actor)
            if row.seq > last:
                change = delete(CustodyEvent)
            connection().execute(change.where(event(station_id, row.seq)))
        _set_head(station_id, last, previous)


def _set_head(station_id, seq, head):
    connection().execute(
        update(CustodyHead).where(CustodyHead.station_id == station_id).values(seq=seq, hash=head)
    )


def forget_anchors(station_id):
    with transaction():
        connection().execute(delete(CustodyAnchor).where(CustodyAnchor.station_id == station_id))


def test_untouched_log_is_whole(station_id):
    report = check(station_id)

    assert report.is_whole
    assert report.events == EVENTS
    assert report.newest_anchor.seq == 6


def test_log_without_events_is_whole(app, station_id):
    with transaction():
        connection().execute(delete(CustodyAnchor).where(CustodyAnchor.station_id == station_id))
        connection().execute(delete(CustodyEvent).where(CustodyEvent.station_id == station_id))
        _set_head(station_id, 0, GENESIS)

    report = check(station_id)

    assert (report.events, report.head, report.is_whole) == (0, GENESIS, True)


@pytest.mark.parametrize(
    "forged",
    [
        {"at": START + timedelta(microseconds=1)},
        {"kind": "handed_over"},
        {"parcel_id": 4711},
        {"parcel_id": None},
        {"actor": "staff:1"},
        {"data": '{"code":"1-1-2"}'},
        {"hash": b"\0" * 32},
    ],
    ids=lambda forged: next(iter(forged)),
)
def test_edit_is_found(station_id, forged):
    with transaction():
        connection().execute(update(CustodyEvent).where(event(station_id, 4)).values(**forged))

    assert check(station_id).broken == Break(4, "changed")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "'noon'"),
        ("at", "1.5"),
        ("at", "9e300"),
        ("hash", "'x'"),
        ("data", "x'00'"),
        ("kind", "''"),
    ],
)
def test_edit_to_another_type_is_found(station_id, column, value):
    with transaction():
        if connection().dialect.name == "postgresql":
            value = {"at": "'1970-01-01Z'", "hash": "'x'", "data": "'0'", "kind": "''"}[column]
        connection().exec_driver_sql(
            f"UPDATE custody_events SET {column} = {value} WHERE station_id = {station_id} AND seq = 4"
        )

    assert check(station_id).broken == Break(4, "changed")


def test_missing_event_is_found(station_id):
    with transaction():
        connection().execute(delete(CustodyEvent).where(event(station_id, 4)))

    assert check(station_id).broken == Break(4, "gap")


def test_missing_event_with_closed_up_numbers_is_found(station_id):
    with transaction():
        connection().execute(delete(CustodyEvent).where(event(station_id, 4)))
        for seq in range(5, EVENTS + 1):
            connection().execute(update(CustodyEvent).where(event(station_id, seq)).values(seq=seq - 1))

    assert check(station_id).broken == Break(4, "changed")


def test_reordered_events_are_found(station_id):
    with transaction():
        for old, new in ((3, 1000), (4, 3), (1000, 4)):
            connection().execute(update(CustodyEvent).where(event(station_id, old)).values(seq=new))

    assert check(station_id).broken == Break(3, "changed")


def test_inserted_event_is_found(station_id):
    with transaction():
        connection().execute(
            insert(CustodyEvent).values(
                station_id=station_id,
                seq=EVENTS + 1,
                at=START,
                kind="handed_over",
                parcel_id=1,
                actor="staff:1",
                data="{}",
                hash=b"\1" * 32,
            )
        )

    assert check(station_id).broken == Break(EVENTS + 1, "changed")


def test_cut_tail_is_found_by_the_head(station_id):
    with transaction():
        connection().execute(delete(CustodyEvent).where(event(station_id, EVENTS)))

    assert check(station_id).broken == Break(EVENTS, "cut")


def test_head_put_back_by_itself_is_found(station_id):
    with transaction():
        _set_head(station_id, 8, b"\2" * 32)

    assert check(station_id).broken == Break(EVENTS, "head")


def test_missing_head_is_found(station_id):
    with transaction():
        connection().execute(delete(CustodyHead).where(CustodyHead.station_id == station_id))

    assert check(station_id).broken == Break(0, "no_head")


def test_cut_tail_with_head_is_found_by_the_anchor(station_id):
    rebuild(station_id, first=0, last=4)

    assert check(station_id).broken == Break(5, "cut")


def test_rebuilt_chain_is_found_by_the_anchor(station_id):
    rebuild(station_id, first=3, last=EVENTS)

    assert check(station_id).broken == Break(6, "anchor")


def test_rebuilt_chain_with_forged_anchor_is_found_by_its_signature(station_id):
    rebuild(station_id, first=3, last=EVENTS)
    with transaction():
        newest = select(CustodyEvent.hash).where(event(station_id, 6)).scalar_subquery()
        connection().execute(
            update(CustodyAnchor).where(CustodyAnchor.station_id == station_id).values(hash=newest)
        )

    assert check(station_id).broken == Break(6, "signature")


@pytest.mark.parametrize(
    ("last", "broken"), [(EVENTS, Break(6, "anchor")), (4, Break(5, "cut"))], ids=["rebuilt", "cut"]
)
def test_forgery_without_anchors_in_the_database_is_found_by_the_file(station_id, tmp_path, last, broken):
    with reading():
        anchors.export(tmp_path, station_id)
    rebuild(station_id, first=3, last=last)
    forget_anchors(station_id)

    without = check(station_id)
    with_file = check(station_id, *anchors.read_file(anchors.file_of(tmp_path, station_id)))

    assert without.is_whole
    assert with_file.broken == broken


def test_every_break_has_words(station_id):
    for reason in ("changed", "gap", "no_head", "cut", "head", "anchor", "signature"):
        assert explain(Break(7, reason))


def test_log_longer_than_a_chunk_is_read_whole(station_id, monkeypatch):
    monkeypatch.setattr("station.events.verify.CHUNK", 2)

    assert check(station_id).events == EVENTS


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


def test_anchors_of_another_station_are_passed_over(station_id, tmp_path):
    with transaction():
        other = ids.next_id()
        stranger = anchors.Anchor(other, 99, b"\3" * 32, START, b"", b"")

    assert check(station_id, stranger).is_whole


def test_two_stations_have_chains_of_their_own(station_id):
    with reading():
        count = connection().scalar(
            select(func.count()).select_from(CustodyEvent).where(CustodyEvent.station_id == station_id)
        )

    assert count == EVENTS


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
