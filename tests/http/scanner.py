"""A device that speaks to the API, and how its answers are looked at."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from station.accounts import devices
from station.core.db import db, reading, transaction
from station.events.models import RefusedScan
from tests.factories import Station, waybill
from tests.http.contract import hold

PHONE = "13812344068"
KEYS = count(1)


@dataclass
class Scanner:
    """A device that speaks to the API; each answer it gets has to be one that the API's document describes."""

    browser: FlaskClient
    id: int
    token: str
    headers: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.headers = {"Authorization": f"Bearer {self.token}"}

    def get(self, path: str, **query: str) -> TestResponse:
        return hold(self.browser.get(f"/api/v1{path}", query_string=query, headers=self.headers))

    def post(self, path: str, body: Any, *, key: str | None = None) -> TestResponse:
        headers = self.headers | {"Idempotency-Key": key or f"test-key-{next(KEYS)}"}
        return hold(self.browser.post(f"/api/v1{path}", json=body, headers=headers))


def make_scanner(web: Flask, station: Station) -> Scanner:
    with transaction():
        made = devices.add_device(station.manager, name="PDA")
    return Scanner(web.test_client(), made.id, made.token)


def parcel_of(**changes: Any) -> dict[str, Any]:
    return {"waybill": waybill(), "shelf": "1", "layer": 1, "phone": PHONE, "name": "陈晓明"} | changes


def problem(answer: TestResponse, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    assert answer.json["code"] == code
    facts: dict[str, Any] = answer.json["facts"]
    return facts


def counted(model: Any) -> int:
    with reading():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def refused_scans() -> list[tuple[str, str, str]]:
    with reading():
        rows = db.session.execute(select(RefusedScan.purpose, RefusedScan.reason, RefusedScan.raw))
        return [(row.purpose, row.reason, row.raw) for row in rows]
