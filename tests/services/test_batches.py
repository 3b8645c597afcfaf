"""Many rows in one statement, on both databases: as if each had been written by itself."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from station.core import ids
from station.core.db import db, reading, transaction
from station.core.listed import among
from station.core.statements import Statement
from station.drops.models import Drop, DropScan
from tests.factories import Station, make_station

ADD = Statement(insert(DropScan))
SETTLE = Statement(
    update(DropScan)
    .where(DropScan.station_id == bindparam("station"), DropScan.id == bindparam("scan"))
    .values(outcome=bindparam("outcome"), tag=bindparam("tag"), seq=DropScan.seq + 100, stop=None)
)
OF_KEYS = Statement(
    select(DropScan.key, DropScan.seq, DropScan.outcome, DropScan.tag, DropScan.scanned_at, DropScan.raw_hash)
    .where(DropScan.station_id == bindparam("station_id"), among(DropScan.key, "keys"))
    .order_by(DropScan.seq)
)
OF_NUMBERS = Statement(
    select(DropScan.key)
    .where(DropScan.station_id == bindparam("station_id"), among(DropScan.seq, "numbers"))
    .order_by(DropScan.seq)
)
AT = datetime(2026, 3, 1, 8, 30, 0, 123456, tzinfo=UTC)


class Word(StrEnum):
    """A text of a type of its own, as states are."""

    GOOD = "good"


@dataclass
class Written:
    """A station with a drop to which scans are added."""

    station: Station
    drop_id: int

    def row(self, seq: int, **other: Any) -> dict[str, Any]:
        row = {"id": ids.next_id(), "key": f"key-{seq}", "seq": seq, "raw_hash": bytes([0, seq])}
        return row | {"outcome": "accepted", "tag": None, "waybill": None} | other

    def add(self, *rows: dict[str, Any]) -> None:
        shared = {"station_id": self.station.id, "drop_id": self.drop_id}
        with transaction():
            ADD.run_many(rows, scanned_at=AT, received_at=AT, stop=Word.GOOD, **shared)

    def found(self, *keys: str) -> list[Any]:
        with reading():
            return OF_KEYS.all(station_id=self.station.id, keys=list(keys))


@pytest.fixture
def written(app: Flask, station: Station) -> Written:
    drop_id = ids.next_id()
    values = {"account_id": 1, "step": 1, "state": "open", "opened_at": AT, "told_at": AT, "closes_at": AT}
    with transaction():
        db.session.execute(insert(Drop).values(station_id=station.id, id=drop_id, **values))
    return Written(station, drop_id)


def test_rows_are_written_with_their_values_and_defaults(written: Written) -> None:
    rows = [
        written.row(1, outcome=Word.GOOD, tag="1-1", waybill="Ä,{\"\\} '"),
        written.row(2, outcome="plain", waybill=None, raw_hash=b"\xff\x00,"),
    ]
    written.add(*rows)
    found = written.found("key-1", "key-2")
    assert [(one.outcome, one.tag, one.scanned_at) for one in found] == [
        ("good", "1-1", AT),
        ("plain", None, AT),
    ]
    assert bytes(found[1].raw_hash) == b"\xff\x00,"
    with reading():
        kept = db.session.execute(
            select(DropScan.waybill, DropScan.needs_sticker, DropScan.stop).order_by(DropScan.seq)
        ).all()
    assert [tuple(one) for one in kept] == [("Ä,{\"\\} '", False, "good"), (None, False, "good")]


def test_rows_are_changed_each_by_its_own_values(written: Written) -> None:
    rows = [written.row(seq) for seq in (1, 2, 3)]
    written.add(*rows)
    with transaction():
        SETTLE.run_many(
            [
                {"scan": rows[0]["id"], "outcome": "a", "tag": None},
                {"scan": rows[2]["id"], "outcome": Word.GOOD, "tag": "2-2"},
            ],
            station=written.station.id,
        )
    found = written.found("key-1", "key-2", "key-3")
    assert [(one.key, one.seq, one.outcome, one.tag) for one in found] == [
        ("key-2", 2, "accepted", None),
        ("key-1", 101, "a", None),
        ("key-3", 103, "good", "2-2"),
    ]


def test_a_row_that_breaks_a_constraint_leaves_none(written: Written) -> None:
    with pytest.raises(IntegrityError):
        written.add(written.row(1), written.row(2, key="key-1"))
    assert written.found("key-1") == []


def test_a_text_too_long_for_its_column_is_never_cut(written: Written) -> None:
    if db.engine.dialect.name == "sqlite":
        written.add(written.row(1, tag="1" * 13), written.row(2))
        assert written.found("key-1")[0].tag == "1" * 13
        return
    with pytest.raises(DBAPIError):
        written.add(written.row(1, tag="1" * 13), written.row(2))


def test_a_name_too_many_or_too_few_is_an_error(written: Written) -> None:
    strange, short = [written.row(seq, colour="red") for seq in (1, 2)], [written.row(seq) for seq in (1, 2)]
    for row in short:
        del row["key"]
    for broken in (strange, short, [written.row(1), short[1]], [strange[0]], [short[0]]):
        with pytest.raises(TypeError):
            written.add(*broken)


def test_a_value_that_differs_is_no_shared_one(written: Written) -> None:
    """The station's id is shared by all rows of a batch, so a row of another station cannot come among them."""
    other = make_station()
    rows = [written.row(seq) | {"station_id": other.id} for seq in (1, 2)]
    with pytest.raises(IntegrityError):  # that station has no such drop
        written.add(*rows)
    assert written.found("key-1") == []


def test_a_list_may_be_empty_long_or_strange(written: Written) -> None:
    written.add(*[written.row(seq) for seq in range(1, 6)])
    strange = ["key-2", "it's", 'a "quoted" {one}', "键", "key-2" * 20, "NULL"]
    assert [one.key for one in written.found(*strange)] == ["key-2"]
    assert written.found() == []
    with reading():
        found = OF_NUMBERS.all(station_id=written.station.id, numbers=[4, 2, 2**31 - 1, 2, -1])
    assert [one.key for one in found] == ["key-2", "key-4"]
