"""A courier's van load: 500 announced parcels in one request to a real server, beside COPY of the rows it wrote."""

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
from sqlalchemy import update

from station.core import clock
from station.core.db import db, transaction
from station.drops import presence, service
from station.network.models import StationSettings
from station.parcels.announce import Announcement, announce
from tests import couriers, postgres
from tests.benchmarks.measure import Scene, _phone, ms, result
from tests.conftest import _backend
from tests.factories import Station, make_station, waybill

ROUNDS = 9
BATCH = 500
TABLES = ("parcels", "pickup_codes", "custody_events", "drop_scans", "outbox_messages", "outbox_parcels")
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


def announced(station: Station) -> list[str]:
    numbers = [waybill() for _ in range(BATCH)]
    with transaction():
        for place, number in enumerate(numbers):
            phone = _phone(f"138{place % 300:04d}{1000 + place % 300}")
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
    """The rows of a batch, written again by COPY into tables of the same columns, indexes and constraints."""

    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(url.replace("+psycopg", ""))
        self.connection.execute("drop schema if exists beside cascade")
        self.connection.execute("create schema beside")
        for table in TABLES:
            self.connection.execute(f"create table beside.{table} (like public.{table} including all)")
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
            "outbox_messages": f"id in (select message_id from public.outbox_parcels where parcel_id in ({mine}))"
            " and id not in (select id from beside.outbox_messages)",
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
                with cursor.copy(f"copy beside.{table} from stdin") as copy:
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
    sent, copy = headers(app, courier), Copy(app.config["SETTINGS"].database_url)
    ours, limits = [], []
    for round_ in range(ROUNDS):
        numbers = announced(station)
        db.session.remove()
        body = batch(numbers, round_)
        start = time.perf_counter()
        server.request("POST", f"/courier/drops/{drop.id}/scans", body, sent)
        answer = server.getresponse()
        content = answer.read()
        ours.append(time.perf_counter() - start)
        assert answer.status == 200, content
        assert json.loads(content)["counts"]["accepted"] == BATCH * (round_ + 1)
        limits.append(copy.write(numbers))
    copy.connection.close()
    mine_s, theirs_s = statistics.median(ours[1:]), statistics.median(limits[1:])
    rates = f"{BATCH / mine_s:,.0f}/s", f"{BATCH / theirs_s:,.0f}/s"
    result("drop of 500 through HTTP, against COPY", *rates, f"{theirs_s / mine_s:.2f}", "≥ 0.30")
    result("  the same in time for the batch", ms(mine_s), ms(theirs_s), "", "")
