"""Taking everything along: each table is in it or left out with a reason, whole, of one station, in bounded memory."""

import csv
import hashlib
import io
import json
import os
import re
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import LargeBinary, func, insert, select

from station.core import clock, crypto, ids
from station.core.db import connection, db, reading, transaction
from station.core.i18n import LANGUAGES
from station.events.models import CustodyEvent
from station.events.verify import verify
from station.models import TENANT, metadata
from station.parcels.models import Attachment
from station.reports import export
from station.reports.catalogue import DOCUMENTS, LEFT_OUT_COLUMNS, LEFT_OUT_TABLES, PICTURES, TABLES
from tests.couriers import make_courier
from tests.factories import make_station, store
from tests.hand_backs import disputed, signed
from tests.services import leaving

COLUMNS = {f"{name}.{column.name}": column for name in TENANT for column in metadata.tables[name].columns}


@pytest.fixture
def known(station):
    leaving.settle(make_station("Lotus Garden"))
    return leaving.settle(station)


def taken(station):
    with reading():
        return ZipFile(io.BytesIO(b"".join(export.stream(station.id))))


def rows(bundle, name):
    return list(csv.DictReader(io.StringIO(bundle.read(f"{name}.csv").decode(), newline="")))


def test_every_tenant_table_is_taken_or_left_out_with_a_reason():
    assert set(TABLES) | set(LEFT_OUT_TABLES) == TENANT
    assert not set(TABLES) & set(LEFT_OUT_TABLES)
    assert set(LEFT_OUT_COLUMNS) <= set(COLUMNS)
    assert {f"{table}.{column}" for table, column in PICTURES.items()} <= set(COLUMNS)
    assert all(TABLES.values())
    assert all((LEFT_OUT_TABLES | LEFT_OUT_COLUMNS).values())


def test_every_column_that_may_be_a_secret_or_a_picture_was_thought_of():
    def is_doubtful(column):
        is_content = isinstance(column.type, LargeBinary) and column.type.length is None
        return is_content or re.search(
            "token|secret|password|private|options|nonce|code_hash|previous_hash", column.name
        )

    doubtful = {name for name, column in COLUMNS.items() if is_doubtful(column)}
    settled = {f"{table}.{column}" for table, column in PICTURES.items()} | set(LEFT_OUT_COLUMNS)
    settled |= DOCUMENTS  # JSON of ids, codes and hashes
    assert {name for name in doubtful - settled if name.partition(".")[0] not in LEFT_OUT_TABLES} == set()


def test_files_hold_what_the_database_holds_and_nothing_of_another_station(station, known):
    bundle = taken(station)
    manifest = {one["name"]: one for one in json.loads(bundle.read("manifest.json"))["files"]}
    for name in TABLES:
        found, table = rows(bundle, name), metadata.tables[name]
        mine = select(func.count()).select_from(table).where(table.c.station_id == station.id)
        with reading():
            assert len(found) == connection().scalar(mine) == manifest[f"{name}.csv"]["rows"], name
        assert {row["station_id"] for row in found} <= {str(station.id)}
    for name in ("custody_events", "hand_overs", "parcels", "recipients"):
        assert manifest[f"{name}.csv"]["rows"]


def test_staff_are_named(station, known):
    found = rows(taken(station), "staff")
    assert {(row["account_id"], row["role"]) for row in found} == {
        (str(station.manager.id), "manager"),
        (str(station.clerk.id), "clerk"),
    }


def test_couriers_are_named_without_their_numbers(station):
    here = make_courier(station, name="Zhao Lei", phone="13700009999")
    make_courier(make_station("Lotus Garden"), name="Qian Bo")
    bundle = taken(station)
    assert [(row["account_id"], row["name"]) for row in rows(bundle, "couriers")] == [
        (str(here.account_id), "Zhao Lei")
    ]
    assert "13700009999" not in bundle.read("couriers.csv").decode()
    assert "couriers.csv" in bundle.read("README.md").decode()


def test_log_of_a_dispute_is_read_as_json(station):
    manifest_id, parcels = signed(station)
    dispute_id = disputed(make_courier(station).actor, manifest_id, parcels[0])
    (row,) = rows(taken(station), "disputes")
    assert row["id"] == str(dispute_id)
    assert hashlib.sha256(row["document"].encode()).hexdigest() == row["sha256"]
    assert json.loads(row["document"])["version"]


def test_what_is_written_meanwhile_is_in_no_file(app, station, monkeypatch):
    """The files are of one moment: what joins their rows joins rows that are there."""
    monkeypatch.setattr(export, "PART", 1)

    def write():
        with app.app_context():
            store(station)
            db.session.remove()

    with reading():
        parts = export.stream(station.id)
        begun = next(parts)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(write).result()
        bundle = ZipFile(io.BytesIO(b"".join([begun, *parts])))
    assert rows(bundle, "parcels") == []
    assert len(rows(taken(station), "parcels")) == 1


def test_manifest_names_every_file_with_its_hash(station, known):
    bundle = taken(station)
    files = json.loads(bundle.read("manifest.json"))["files"]
    assert {one["name"] for one in files} == set(bundle.namelist()) - {"manifest.json"}
    for one in files:
        content = bundle.read(one["name"])
        assert (one["size"], one["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())


def test_what_is_encrypted_is_taken_in_the_clear(station, known):
    people = {row["name"] for row in rows(taken(station), "recipients")}
    assert leaving.NAME in people


def test_secrets_stay(station, known):
    bundle = taken(station)
    for name in TABLES:
        head = bundle.read(f"{name}.csv").decode().splitlines()[0].split(",")
        left_out = {one.partition(".")[2] for one in LEFT_OUT_COLUMNS if one.startswith(f"{name}.")}
        assert head == [one.name for one in metadata.tables[name].columns if one.name not in left_out]
    assert not {f"{name}.csv" for name in LEFT_OUT_TABLES} & set(bundle.namelist())


def picture(station, content, parcel_id):
    """Keep bytes as a picture of a parcel, whatever they show."""
    values = {
        "station_id": station.id,
        "id": ids.next_id(),
        "parcel_id": parcel_id,
        "kind": "damage",
        "media_type": "image/png",
        "sha256": hashlib.sha256(content).digest(),
        "content": crypto.encrypt_bytes(content),
        "added_by": station.clerk.key,
        "added_at": clock.now(),
    }
    with transaction():
        connection().execute(insert(Attachment).values(**values))
    return values["id"]


def test_pictures_are_files_and_their_cells_say_which(station):
    parcel_id = store(station).parcel_id
    number = picture(station, b"\x89PNG shown", parcel_id)
    bundle = taken(station)
    path = f"pictures/attachments/{number}.png"
    assert [row["content"] for row in rows(bundle, "attachments")] == [path]
    assert bundle.read(path) == b"\x89PNG shown"


def test_memory_holds_one_picture_however_many_there_are(station):
    parcel_id, size = store(station).parcel_id, 1024 * 1024
    for _number in range(16):
        picture(station, os.urandom(size), parcel_id)
    with reading():
        tracemalloc.start()
        sent = sum(map(len, export.stream(station.id)))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert sent > 16 * size
    assert peak < 8 * size


def test_readme_names_every_table_and_column_in_both_languages(station):
    text = taken(station).read("README.md").decode()
    parts = text.split("\n---\n")
    assert len(parts) == len(LANGUAGES)
    for part in parts:
        for name in TABLES:
            line = next(line for line in part.splitlines() if line.startswith(f"- **{name}.csv**"))
            assert all(column.name in line for column in export.kept(metadata.tables[name]))
        assert all(f"**{name}**" in part for name in LEFT_OUT_COLUMNS)
    assert "本站" in parts[1]


def test_taking_it_is_in_the_log(station):
    with transaction():
        export.log(station.manager)
    with reading():
        newest = select(CustodyEvent.kind, CustodyEvent.actor).order_by(CustodyEvent.seq.desc()).limit(1)
        assert connection().execute(newest).one() == ("station_exported", station.manager.key)
        assert verify(station.id).is_whole


@given(st.text())
def test_text_comes_back_and_is_never_a_formula(text):
    written = export.cell(text)
    assert written
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    assert written.removeprefix("'") == text


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, ""),
        ("", "'"),
        (True, "true"),
        (0, "0"),
        (b"\x01\xff", "01ff"),
        ({"b": 1, "a": "是"}, '{"a": "是", "b": 1}'),
    ],
)
def test_cell_says_what_the_readme_says(value, written):
    assert export.cell(value) == written
