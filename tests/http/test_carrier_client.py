"""The example client of the docs, run as a program of its own against a real server."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update
from werkzeug.serving import make_server

from station.carriers import keys
from station.carriers.keys import Scope, Wish
from station.core.db import db, transaction
from station.core.settings import Settings
from station.tracking.models import Webhook
from tests.carriers import hand_over_to, make_webhook, tell
from tests.factories import Station, store

CLIENT = Path(__file__).parents[2] / "docs/carrier_client.py"


@pytest.fixture
def address(web: Flask) -> Iterator[str]:
    """The application on a port of this machine, allowed to tell receivers in the same house."""
    before: Settings = web.config["SETTINGS"]
    web.config["SETTINGS"] = Settings(
        before.instance, before.database_url, before.keys, private_gateways=True
    )
    server = make_server("127.0.0.1", 0, web, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()
    web.config["SETTINGS"] = before


@pytest.fixture
def token(web_station: Station) -> str:
    with transaction():
        return keys.add(web_station.manager, Wish("SF", "sf", list(Scope))).token


def run(*said: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(CLIENT), *said], capture_output=True, text=True, timeout=60, check=False
    )


@contextmanager
def receiver(secret: str) -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    with subprocess.Popen(
        [sys.executable, str(CLIENT), "listen", "0", secret],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        port = int(process.stderr.readline().split()[-1])
        try:
            yield port, process
        finally:
            process.kill()


def test_the_client_reads_all_events_and_goes_on_from_its_cursor(
    web_station: Station, address: str, token: str
) -> None:
    first = store(web_station)
    done = run("events", address, token)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["waybill"] for one in told] == [first.waybill]
    cursor = done.stderr.split()[-1]
    hand_over_to(web_station, first)

    again = run("events", address, token, cursor)

    assert [json.loads(line)["status"] for line in again.stdout.splitlines()] == ["collected"]


def test_the_client_subscribes_and_its_receiver_takes_what_is_signed(
    web_station: Station, address: str, token: str
) -> None:
    # The secret is known once the webhook is made: the webhook first leads to a port where nobody listens.
    made = json.loads(run("subscribe", address, token, "http://127.0.0.1:9/").stdout)
    with receiver(made["secret"]) as (port, process):
        with transaction():
            db.session.execute(update(Webhook).values(url=f"http://127.0.0.1:{port}/"))
        parcel = store(web_station)
        assert tell().delivered == 1
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["waybill"] == parcel.waybill


def test_the_receiver_refuses_what_is_signed_with_another_secret(web_station: Station) -> None:
    with receiver("another secret") as (port, _process):
        make_webhook(web_station, f"http://127.0.0.1:{port}/")
        store(web_station)

        assert tell().failed == 1


def test_without_sense_the_client_says_how_it_is_used() -> None:
    done = run("dance")

    assert done.returncode == 2
    assert "carrier_client.py events" in done.stderr
