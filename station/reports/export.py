"""Everything a station keeps as one ZIP, made while it is read: a CSV file for each table, pictures, README, manifest.

Nothing is kept on the disk of the station, and memory holds a few rows or one picture, however much there is.
"""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sqlalchemy import Column, Select, Table, select

from station.accounts import queries as accounts
from station.core import clock, crypto
from station.core.actor import Actor
from station.core.db import Base, connection
from station.couriers import queries as couriers
from station.events.service import Event, append, take_turn
from station.network import queries as network
from station.parcels.export import plain
from station.reports import read_me
from station.reports.catalogue import (
    COURIERS,
    DOCUMENTS,
    LEFT_OUT_COLUMNS,
    LEFT_OUT_TABLES,
    PICTURES,
    SEALED,
    STAFF,
    TABLES,
)

STEP = 500  # rows read at a time, as for a statement's file (ledger/statements.py)
PART = 64 * 1024  # bytes handed on at once: what a socket takes well
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}


@dataclass(slots=True)
class File:
    """One file of the ZIP, as its manifest names it. `rows`: lines below the head of a CSV file, else None."""

    name: str
    rows: int | None = None
    size: int = 0
    sha256: str = ""


@dataclass(slots=True)
class Bundle:
    """The ZIP as far as it is made."""

    zip: ZipFile
    out: "Passing"
    made_at: datetime
    files: list[File] = field(default_factory=list)


class Passing(io.RawIOBase):
    """A file that is written at one end and taken away at the other."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []
        self.size = 0

    def writable(self) -> bool:
        """Say that it can be written."""
        return True

    def write(self, part: Any) -> int:
        """Keep a part until it is taken."""
        kept = bytes(part)
        self._parts.append(kept)
        self.size += len(kept)
        return len(kept)

    def take(self) -> bytes:
        """Return what was written since the last time."""
        taken = b"".join(self._parts)
        self._parts, self.size = [], 0
        return taken


def log(actor: Actor) -> None:
    """Note that the actor takes everything of their station along."""
    take_turn(actor.station_id)
    append(actor, Event("station_exported"))


def stream(station_id: int) -> Iterator[bytes]:
    """Yield the ZIP of a station, part by part, from the reading transaction that is open: one moment of the books."""
    if connection().dialect.name == "postgresql":  # else each statement would see a moment of its own
        connection().exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    name = network.rules(
        station_id
    ).name  # the first thing that is read: everything after it is of the same moment
    out = Passing()
    with ZipFile(out, "w", ZIP_DEFLATED) as zipped:
        bundle = Bundle(zipped, out, clock.now())
        tables = [Base.metadata.tables[table] for table in TABLES]
        columns = {table.name: [column.name for column in kept(table)] for table in tables}
        columns |= {"couriers": list(COURIERS), "staff": list(STAFF)}
        yield from _put(bundle, File("README.md"), [read_me.text(columns).encode()])
        for table in tables:
            yield from _put_table(bundle, table, station_id)
        yield from _put_people(bundle, "couriers", couriers.named(station_id), COURIERS)
        yield from _put_people(bundle, "staff", accounts.staff(station_id), STAFF)
        yield from _put(bundle, File("manifest.json"), [_manifest(bundle, station_id, name)])
    yield out.take()


def kept(table: Table) -> list[Column[Any]]:
    """Return the columns of a table that are taken along."""
    return [column for column in table.columns if f"{table.name}.{column.name}" not in LEFT_OUT_COLUMNS]


def _put_table(bundle: Bundle, table: Table, station_id: int) -> Iterator[bytes]:
    file = File(f"{table.name}.csv", rows=0)
    yield from _put(bundle, file, _lines(table, station_id, file))
    if table.name in PICTURES:
        yield from _put_pictures(bundle, table, station_id)


def _put_people(bundle: Bundle, table: str, people: Sequence[Any], columns: Sequence[str]) -> Iterator[bytes]:
    lines = [_line([cell(getattr(one, name)) for name in columns]) for one in people]
    yield from _put(bundle, File(f"{table}.csv", rows=len(people)), [_line(columns), *lines])


def _put(bundle: Bundle, file: File, parts: Iterable[bytes]) -> Iterator[bytes]:
    digest = hashlib.sha256()
    info = ZipInfo(file.name, bundle.made_at.timetuple()[:6])
    info.compress_type = ZIP_DEFLATED
    with bundle.zip.open(info, "w", force_zip64=True) as target:
        for part in parts:
            digest.update(part)
            file.size += len(part)
            target.write(part)
            if bundle.out.size >= PART:
                yield bundle.out.take()
    file.sha256 = digest.hexdigest()
    bundle.files.append(file)


def _rows(query: Select[Any], *, step: int) -> Iterable[Any]:
    return connection().execute(query, execution_options={"yield_per": step})


def _lines(table: Table, station_id: int, file: File) -> Iterator[bytes]:
    picture = PICTURES.get(table.name)
    columns = kept(table)
    documents = [column.name for column in columns if f"{table.name}.{column.name}" in DOCUMENTS]
    yield _line([column.name for column in columns])
    wanted = [
        column.is_not(None).label(column.name) if column.name == picture else column for column in columns
    ]
    query = select(*wanted).where(table.c.station_id == station_id).order_by(*table.primary_key.columns)
    file.rows = 0
    for row in _rows(query, step=STEP):
        file.rows += 1
        values = dict(row._mapping)
        if picture:
            values[picture] = (
                _path(table.name, values["id"], values["media_type"]) if values[picture] else None
            )
        for name in documents:
            values[name] = bytes(values[name]).decode()
        yield _line([cell(value) for value in values.values()])


def _put_pictures(bundle: Bundle, table: Table, station_id: int) -> Iterator[bytes]:
    content = table.c[PICTURES[table.name]]
    query = (
        select(table.c.id, table.c.media_type, content.label("content"))
        .where(table.c.station_id == station_id, content.is_not(None))
        .order_by(table.c.id)
    )
    for row in _rows(query, step=1):
        shown = crypto.decrypt_bytes(row.content) if table.name in SEALED else bytes(row.content)
        yield from _put(bundle, File(_path(table.name, row.id, row.media_type)), [shown])


def _path(table: str, row_id: int, media_type: str) -> str:
    return f"pictures/{table}/{row_id}.{ENDINGS.get(media_type, 'bin')}"


def _line(cells: Sequence[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue().encode()


def _text(value: str) -> str:
    return f"'{value}" if not value or value.startswith("'") else plain(value)


# The first type that fits: a bool is an int too, a datetime a date.
_WRITERS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (bool, lambda value: "true" if value else "false"),
    (int, str),
    (str, _text),
    (bytes, bytes.hex),
    (datetime, lambda value: str(value.astimezone(UTC).isoformat())),
    (date, date.isoformat),
    (time, time.isoformat),
    (object, lambda value: _text(json.dumps(value, ensure_ascii=False, sort_keys=True))),
)


def cell(value: Any) -> str:
    """Write a value of a column; README.md says how each is meant.

    Nothing is written for no value. A text that a spreadsheet would run, that begins with an apostrophe or is empty
    gets an apostrophe in front, so that taking one away gives back each text.
    """
    if value is None:
        return ""
    return next(write(value) for kind, write in _WRITERS if isinstance(value, kind))


def _manifest(bundle: Bundle, station_id: int, station: str) -> bytes:
    facts = {
        "station": {"id": str(station_id), "name": station},
        "made_at": bundle.made_at.isoformat(),
        "files": [asdict(file) for file in bundle.files],
        "left_out": {**LEFT_OUT_TABLES, **LEFT_OUT_COLUMNS},
    }
    return json.dumps(facts, ensure_ascii=False, indent=1).encode()
