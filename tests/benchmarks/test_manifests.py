"""A manifest of 100,000 rows: how fast it is imported, beside the same rows by the driver, and in what memory.

Peak memory is that of a process of its own (ru_maxrss), the whole application included. Last run: see result lines.
"""

import csv
import io
import multiprocessing
import resource
import sqlite3
from pathlib import Path

from flask import Flask
from openpyxl import Workbook

from station.core import ids
from station.core.db import db, transaction
from station.core.settings import Settings
from station.days.queries import local_today
from station.manifests import jobs, service, spool
from station.manifests.columns import propose
from station.manifests.service import Choice
from tests.benchmarks.measure import Call, recorded, result, timed
from tests.factories import Station

ROWS = 100_000
HEAD = ["运单号", "手机号", "收件人", "大小", "同意", "同意方式", "快递公司", "预计到达"]
LIMIT_MB = 300  # issue 5


def test_a_manifest_of_100_000_rows(web: Flask, web_station: Station, tmp_path: Path) -> None:
    settings: Settings = web.config["SETTINGS"]
    manifest_id = ids.next_id()
    read = timed(lambda: keep(web_station, settings, manifest_id, as_csv()))
    calls: list[Call] = []
    with recorded(calls):
        spent = timed(lambda: jobs.import_files(settings))
    parcels = [call for call in calls if call[2] and "parcels" in call[0]]
    assert sum(len(call[1]) for call in parcels) == ROWS
    limit = inserted(tmp_path / "bare.db", calls)
    result("manifest read (CSV), rows/s", f"{ROWS / read:,.0f}", "", "", "")
    result(
        f"manifest of {ROWS:,} imported, rows/s beside executemany of the same statements",
        f"{ROWS / spent:,.0f}",
        f"{ROWS / limit:,.0f}",
        f"{limit / spent:.2f}",
        "",
    )


def test_memory_of_100_000_rows_stays_under_its_limit(tmp_path: Path) -> None:
    for name, content in (("csv", as_csv()), ("xlsx", as_xlsx())):
        path = tmp_path / f"rows.{name}"
        path.write_bytes(content)
        del content
        context = multiprocessing.get_context("spawn")
        answers = context.Queue()
        process = context.Process(target=read_alone, args=(path, tmp_path / f"{name}.rows", answers))
        process.start()
        peak_mb, seconds = answers.get()
        process.join()
        result(
            f"memory while reading {ROWS:,} rows ({name}), MB",
            f"{peak_mb:.0f}",
            f"{LIMIT_MB}",
            f"{peak_mb / LIMIT_MB:.2f}",
            "≤ 1",
        )
        result(f"{name} of {ROWS:,} rows read, rows/s", f"{ROWS / seconds:,.0f}", "", "", "")
        assert peak_mb < LIMIT_MB


def read_alone(path: Path, out: Path, answers: "multiprocessing.Queue[tuple[float, float]]") -> None:
    from station.core import crypto  # noqa: PLC0415 - in a process of its own
    from tests.conftest import TEST_KEYS  # noqa: PLC0415 - brings the whole application, as a station has it

    crypto.configure(TEST_KEYS)
    with path.open("rb") as file:
        seconds = timed(lambda: spool.write(out, file))
    answers.put((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, seconds))


def keep(station: Station, settings: Settings, manifest_id: int, content: bytes) -> None:
    spooled = spool.write(spool.path_of(settings, manifest_id), io.BytesIO(content))
    with transaction():
        today = local_today(station.id)
        service.keep_draft(station.clerk, manifest_id, spooled, name="zto.csv", today=today)
        service.start(station.clerk, manifest_id, Choice(propose(HEAD), 2, "zto", today))


def table() -> list[list[str]]:
    return [HEAD] + [
        [f"7760{place:011d}", f"138{place:08d}", "陈晓明", "中", "快递员声明", "快递员", "中通", "2026-11-21"]
        for place in range(ROWS)
    ]


def as_csv() -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([[*row[:7], ""] for row in table()])
    return out.getvalue().encode("gb18030")


def as_xlsx() -> bytes:
    book, out = Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet()
    for row in table():
        sheet.append(row)
    book.save(out)
    return out.getvalue()


def inserted(path: Path, calls: list[Call]) -> float:
    """Return how long the driver takes for the rows alone, in the tables' own shape, 500 in a transaction."""
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute("PRAGMA journal_mode=WAL")
    conn.execute("PRAGMA synchronous=FULL")
    for (name,) in db.session.execute(db.text("select sql from sqlite_master where sql is not null")).all():
        if not name.startswith("CREATE TABLE sqlite_"):
            conn.execute(name)
    many = [(sql, rows) for sql, rows, is_many in calls if is_many]

    def write() -> None:
        for sql, rows in many:
            conn.execute("BEGIN IMMEDIATE")
            conn.executemany(sql, rows)
            conn.execute("COMMIT")

    return timed(write)
