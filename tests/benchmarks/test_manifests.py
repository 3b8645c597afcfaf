"""A manifest of 100,000 rows: how fast it is imported, beside the same rows by the driver, and in what memory.

Read and imported in a process of its own, the whole application included, so that its peak is what a scheduler takes.
On PostgreSQL at a station that has worked before: a table without statistics is searched by the wrong index until
autovacuum has seen it, a minute after its first rows.
"""

import csv
import io
import multiprocessing
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from openpyxl import Workbook

from station.core import ids
from station.core.actor import Actor
from station.core.db import db, transaction
from station.core.settings import Settings
from station.days.queries import local_today
from station.manifests import jobs, service, spool
from station.manifests.columns import propose
from station.manifests.service import Choice
from station.web.factory import create_app
from tests.benchmarks.measure import Call, recorded, result, timed
from tests.factories import Station

ROWS = 100_000
COMPARED = 10_000  # rows whose statements are kept in memory to be repeated by the driver alone
LIMIT_MB = 300  # our aim
HEAD = ["运单号", "手机号", "收件人", "大小", "同意", "同意方式", "快递公司", "预计到达"]
Answers = multiprocessing.Queue  # of a Spent


@dataclass(frozen=True)
class Spent:
    """What reading and importing a file took, in seconds and of these processor seconds, and the peak of memory."""

    read_s: float
    import_s: float
    import_cpu_s: float
    peak_mb: float


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_manifest_of_100_000_rows(app: Flask, station: Station, tmp_path: Path, kind: str) -> None:
    name = f"({kind}, {db.engine.dialect.name})"
    path = tmp_path / f"rows.{kind}"
    path.write_bytes(as_csv(ROWS) if kind == "csv" else as_xlsx(ROWS))
    work_before(app, station)
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    process = context.Process(target=alone, args=(app.config["SETTINGS"], station.clerk, path, answers))
    process.start()
    spent: Spent = answers.get()
    process.join()
    result(f"manifest of {ROWS:,} rows {name} read, rows/s", f"{ROWS / spent.read_s:,.0f}", "", "", "")
    result(f"manifest of {ROWS:,} rows {name} imported, rows/s", f"{ROWS / spent.import_s:,.0f}", "", "", "")
    result(f"  of a second of its processor time {name}", f"{ROWS / spent.import_cpu_s:,.0f}", "", "", "")
    share = f"{spent.peak_mb / LIMIT_MB:.2f}"
    result(f"memory for {ROWS:,} rows {name}, MB", f"{spent.peak_mb:.0f}", f"{LIMIT_MB}", share, "≤ 1")
    assert spent.peak_mb < LIMIT_MB


def work_before(app: Flask, station: Station) -> None:
    """Import a first, smaller file, and let PostgreSQL look at what it wrote."""
    if db.engine.dialect.name != "postgresql":
        return
    settings: Settings = app.config["SETTINGS"]
    begin(station.clerk, settings, io.BytesIO(as_csv(COMPARED, first=ROWS)))
    jobs.import_files(settings)
    with transaction():
        db.session.execute(db.text("analyze"))
    db.session.remove()


def test_an_import_beside_executemany(web: Flask, web_station: Station, tmp_path: Path) -> None:
    settings: Settings = web.config["SETTINGS"]
    begin(web_station.clerk, settings, io.BytesIO(as_csv(COMPARED)))
    calls: list[Call] = []
    with recorded(calls):
        spent = timed(lambda: jobs.import_files(settings))
    limit = inserted(tmp_path / "bare.db", calls)
    ours, theirs = f"{COMPARED / spent:,.0f}", f"{COMPARED / limit:,.0f}"
    result("import beside executemany of its rows, rows/s", ours, theirs, f"{limit / spent:.2f}", "")


def alone(settings: Settings, actor: Actor, path: Path, answers: Answers) -> None:  # type: ignore[type-arg]
    """Read and import a file as web and scheduler do, and tell what it took."""
    ids.use_node(900)
    with create_app(settings).app_context():
        with path.open("rb") as file:
            read_s = timed(lambda: begin(actor, settings, file))
        start = time.process_time()
        import_s = timed(lambda: jobs.import_files(settings))
        answers.put(Spent(read_s, import_s, time.process_time() - start, peak_mb()))


def peak_mb() -> float:
    """Return the most memory this process had; ru_maxrss would count what its parent had when it began."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def begin(actor: Actor, settings: Settings, file: object) -> None:
    manifest_id = ids.next_id()
    spooled = spool.write(spool.path_of(settings, manifest_id), file)  # type: ignore[arg-type]
    assert spooled.rows >= COMPARED
    with transaction():
        today = local_today(actor.station_id)
        service.keep_draft(actor, manifest_id, spooled, name="zto.csv", today=today)
        service.start(actor, manifest_id, Choice(propose(HEAD), 2, "zto", today))


def table(rows: int, first: int = 0) -> list[list[str]]:
    return [HEAD] + [
        [f"7760{place:011d}", f"138{place:08d}", "陈晓明", "中", "快递员声明", "快递员", "中通", ""]
        for place in range(first, first + rows)
    ]


def as_csv(rows: int, first: int = 0) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(table(rows, first))
    return out.getvalue().encode("gb18030")


def as_xlsx(rows: int) -> bytes:
    book, out = Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet()
    for row in table(rows):
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
