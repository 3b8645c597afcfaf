"""What one check-in costs a real server's processor: waitress in a process of its own, one keep-alive connection."""

import json
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest
from flask import Flask

from station.accounts import devices
from station.core.db import db, transaction
from tests.benchmarks.measure import Scene, ms, result
from tests.factories import waybill

ROUNDS = 8
REQUESTS = 60
BATCHES = 5
BATCH = 500


@pytest.fixture
def server(web: Flask, scene: Scene) -> Iterator[HTTPConnection]:
    """A connection to the application served by waitress on the same database."""
    path = str(web.config["SETTINGS"].sqlite_path)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.server", path], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    connection = HTTPConnection("127.0.0.1", int(process.stdout.readline()))
    yield connection
    connection.close()
    process.terminate()
    process.wait()
    process.stdout.close()


def ask(server: HTTPConnection, path: str, *, token: str, key: str, body: Any) -> Any:
    headers = {
        "Authorization": f"Bearer {token}",
        "Idempotency-Key": key,
        "Content-Type": "application/json",
    }
    server.request("POST", path, json.dumps(body), headers)
    answer = server.getresponse()
    content = answer.read()
    assert answer.status == 200, content
    return json.loads(content)


def cpu(server: HTTPConnection) -> float:
    server.request("GET", "/cpu")
    return float(json.loads(server.getresponse().read()))


def parcel(number: int) -> dict[str, Any]:
    phone = f"138{number % 300:04d}{1000 + number % 300}"
    place = {"shelf": str(number % 3 + 1), "layer": number // 3 % 3 + 1}
    return {"waybill": waybill(), "phone": phone, "name": "陈晓明", **place}


def test_endpoint_cpu_per_check_in(server: HTTPConnection, scene: Scene) -> None:
    with transaction():
        token = devices.add_device(scene.station.manager, name="PDA").token
    db.session.remove()
    for number in range(50):
        ask(server, "/api/v1/parcels", token=token, key=f"warm-up-{number}", body=parcel(number))
    rounds = []
    for round_ in range(ROUNDS):
        start = cpu(server)
        for number in range(REQUESTS):
            key = f"endpoint-{round_}-{number}"
            ask(server, "/api/v1/parcels", token=token, key=key, body=parcel(number))
        rounds.append((cpu(server) - start) / REQUESTS)
    # The least: whatever else the machine does only adds to a processor's time.
    result("POST /api/v1/parcels, CPU each, least of rounds", ms(min(rounds)), "2.000 ms", "", "≤ 2 ms")
    start = cpu(server)
    for number in range(BATCHES):
        body = {"parcels": [parcel(one) for one in range(BATCH)]}
        answer = ask(server, "/api/v1/parcels/batch", token=token, key=f"endpoint-batch-{number}", body=body)
        assert answer["stored"] == BATCH
    result("POST …/parcels/batch of 500, CPU each", ms((cpu(server) - start) / BATCHES / BATCH), "", "", "")
