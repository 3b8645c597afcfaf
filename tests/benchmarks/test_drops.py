"""A courier's van load: 500 announced parcels in one request to a real server, beside COPY of the rows it wrote.

COPY writes them twice: into tables with the same indexes, which is the limit, and with the same foreign keys as well,
which is the least that these tables cost whoever writes them.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import psycopg
import pytest
from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import text, update

from station.core import clock
from station.core.db import db, transaction
from station.drops import presence, service
from station.network.models import StationSettings
from station.parcels.announce import Announcement, announce
from tests import couriers, postgres
from tests.benchmarks.measure import Scene, _phone, ms, result
from tests.conftest import _backend
from tests.factories import Station, make_station, waybill

ROUNDS = 17
UNMEASURED = 2  # first rounds; then the tables hold enough for the statistics that autovacuum would keep
BATCH = 500
PEOPLE = 300  # whom they are for
TABLES = ("parcels", "pickup_codes", "custody_events", "drop_scans", "outbox_messages", "outbox_parcels")
KEYS = """
    select relname, pg_get_constraintdef(c.oid)
    from pg_constraint c join pg_class t on t.oid = conrelid join pg_namespace n on n.oid = relnamespace
    where contype = 'f' and nspname = 'public' and relname = any(%s)
"""
ALL_DAY = [[["00:00", "00:00"]]] * 7


@pytest.fixture
def backend(request: pytest.FixtureRequest, backends: Any) -> Any:
    """PostgreSQL alone: SQLite has no COPY to stand beside."""
    if not postgres.available():
        pytest.skip(postgres.WHY_NOT)
    return _backend("postgresql", backends, request.getfixturevalue("tmp_path_factory"))


@pytest.fixture
def server(app: Flask) -> Iterator[HTTPConnection]:
    """A connection to the application served by waitress on the same database."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.server", app.config["SETTINGS"].database_url],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    connection = HTTPConnection("127.0.0.1", int(process.stdout.readline()))
    yield connection
    connection.close()
    process.terminate()
    process.wait()
    process.stdout.close()


def headers(app: Flask, courier: couriers.SignedInCourier) -> dict[str, str]:
    """Return what the phone's page sends with each request: the session and its CSRF token."""
    browser = couriers.sign_in(app.test_client(), courier)
    with browser.session_transaction() as session:
        session["csrf_token"] = "0" * 40
    cookie = browser.get_cookie("session")
    assert cookie is not None
    token = URLSafeTimedSerializer(app.secret_key or "", salt="wtf-csrf-token").dumps("0" * 40)
    return {
        "Cookie": f"session={cookie.value}",
        "X-CSRFToken": str(token),
        "Content-Type": "application/json",
        "Accept": "application/json",
    }


def announced(station: Station, round_: int) -> list[str]:
    """Announce a van load for people who wait for nothing else, so that ours and COPY write the same rows."""
    numbers = [waybill() for _ in range(BATCH)]
    with transaction():
        for place, number in enumerate(numbers):
            phone = _phone(f"138{round_:04d}{1000 + place % PEOPLE}")
            announce(station.clerk, Announcement(number, "sf", phone, "陈晓明"))
    return numbers


def batch(numbers: list[str], round_: int) -> str:
    now = clock.now().isoformat()
    scans = [
        {"key": f"scan-{round_}-{seq:06d}", "seq": round_ * BATCH + seq, "raw": number, "scanned_at": now}
        for seq, number in enumerate(numbers)
    ]
    return json.dumps({"scans": scans})


class Copy:
    """The rows of a batch, written again by COPY into tables of the same columns, indexes and checks.

    `with_keys`: with the same foreign keys too.
    """

    def __init__(self, url: str, schema: str, *, with_keys: bool = False) -> None:
        self.schema = schema
        self.connection = psycopg.connect(url.replace("+psycopg", ""))
        self.connection.execute(f"drop schema if exists {schema} cascade")
        self.connection.execute(f"create schema {schema}")
        for table in TABLES:
            self.connection.execute(f"create table {schema}.{table} (like public.{table} including all)")
        if with_keys:
            self.connection.execute(f"set search_path = {schema}, public")
            for table, key in self.connection.execute(KEYS, [list(TABLES)]).fetchall():
                self.connection.execute(f"alter table {schema}.{table} add {key}")
        self.connection.commit()

    def rows(self, table: str, numbers: list[str]) -> list[Any]:
        """Return what the newest batch wrote into a table."""
        mine = "select id from public.parcels where waybill = any(%s)"
        conditions = {
            "parcels": "waybill = any(%s)",
            "drop_scans": "waybill = any(%s)",
            "pickup_codes": f"parcel_id in ({mine})",
            "custody_events": f"kind = 'checked_in' and parcel_id in ({mine})",
            "outbox_parcels": f"parcel_id in ({mine})",
            "outbox_messages": f"id in (select message_id from public.outbox_parcels where parcel_id in ({mine}))",
        }
        query = f"select * from public.{table} where {conditions[table]}"
        return self.connection.execute(query, [numbers]).fetchall()

    def write(self, numbers: list[str]) -> float:
        """Write the rows of the batch again; return the seconds."""
        content = {table: self.rows(table, numbers) for table in TABLES}
        self.connection.commit()
        start = time.perf_counter()
        with self.connection.cursor() as cursor:
            for table, rows in content.items():
                with cursor.copy(f"copy {self.schema}.{table} from stdin") as copy:
                    for row in rows:
                        copy.write_row(row)
        self.connection.commit()
        return time.perf_counter() - start


def test_drop_of_500_against_copy(app: Flask, server: HTTPConnection) -> None:
    station = make_station()
    scene = Scene(station)
    with transaction():
        mine = StationSettings.station_id == station.id
        db.session.execute(update(StationSettings).where(mine).values(weekly_hours=ALL_DAY))
    courier = couriers.make_courier(station)
    with transaction():
        seen = presence.read(presence.code(station.id, clock.now()))
        drop = service.open_drop(courier.actor, seen, clock.now()).drop
    scene.fill(2000)
    sent, url = headers(app, courier), app.config["SETTINGS"].database_url
    copies = [Copy(url, "beside"), Copy(url, "beside_with_keys", with_keys=True)]
    ours: list[float] = []
    limits: list[list[float]] = [[], []]
    for round_ in range(ROUNDS):
        numbers = announced(station, round_)
        if round_ < UNMEASURED:
            with transaction():
                db.session.execute(text("analyze"))
        db.session.remove()
        body = batch(numbers, round_)
        start = time.perf_counter()
        server.request("POST", f"/courier/drops/{drop.id}/scans", body, sent)
        answer = server.getresponse()
        content = answer.read()
        ours.append(time.perf_counter() - start)
        assert answer.status == 200, content
        assert json.loads(content)["counts"]["accepted"] == BATCH * (round_ + 1)
        for copy, times in zip(copies, limits, strict=True):
            times.append(copy.write(numbers))
    for copy in copies:
        copy.connection.close()
    mine_s, bare_s, keyed_s = (statistics.median(one[UNMEASURED:]) for one in (ours, *limits))
    rates = f"{BATCH / mine_s:,.0f}/s", f"{BATCH / bare_s:,.0f}/s"
    result("drop of 500 through HTTP, against COPY", *rates, f"{bare_s / mine_s:.2f}", "≥ 0.30")
    result("  the same in time for the batch", ms(mine_s), ms(bare_s), "", "")
    result("  against COPY with the foreign keys", ms(mine_s), ms(keyed_s), f"{keyed_s / mine_s:.2f}", "")
