"""A clerk's browser at the check-in screen: what its script sends, and how the answers are looked at."""

from itertools import count
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from station.core import clock
from station.core.db import db, reading
from station.events.models import CustodyEvent, RefusedScan

SCREEN = "/check-in"
PHONE = "13812344068"
KEYS = count(1)


def post(client: FlaskClient, operation: str, body: Any, *, key: str | None = None) -> TestResponse:
    headers = {"Idempotency-Key": key or f"test-key-{next(KEYS)}", "Accept": "application/json"}
    return client.post(f"{SCREEN}/{operation}", json=body, headers=headers)


def scan(
    client: FlaskClient, value: str, *, key: str | None = None, scanned_at: str | None = None
) -> TestResponse:
    body = {"value": value, "scanned_at": scanned_at or clock.now().isoformat()}
    return post(client, "scan", body, key=key)


def answer(client: FlaskClient, number: str, **said: str) -> TestResponse:
    return post(client, "answer", {"waybill": number, **said})


def people(client: FlaskClient, typed: str, **more: str) -> TestResponse:
    """Ask whom typed digits may mean."""
    return client.post(f"{SCREEN}/candidates", data={"typed": typed, **more})


def counted(model: Any, *where: Any) -> int:
    with reading():
        return db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0


def refused() -> list[str]:
    with reading():
        return list(db.session.scalars(select(RefusedScan.reason).order_by(RefusedScan.id)))


def kinds_of_events() -> list[str]:
    with reading():
        return list(db.session.scalars(select(CustodyEvent.kind).order_by(CustodyEvent.seq)))


def check_in(client: FlaskClient, number: str, phone: str = PHONE) -> dict[str, Any]:
    assert scan(client, number).json["kind"] == "question"
    said = answer(client, number, phone=phone, name="陈晓明")
    assert (said.status_code, said.json["kind"]) == (200, "stored"), said.text
    parcel: dict[str, Any] = said.json["parcel"]
    return parcel
