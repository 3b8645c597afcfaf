"""A kiosk that speaks to the API, and what people show there."""

from datetime import timedelta
from itertools import count
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from station.core import clock
from station.core.db import reading, transaction
from station.kiosks import enrolment, rules
from station.kiosks.rules import KioskRules
from station.residents import identity, identity_codes, six_digits
from station.residents.service import Known
from tests.factories import Station
from tests.http.scanner import Scanner

NAMES = count(1)
EVERYTHING = KioskRules(
    takes_pickup_codes=True, takes_faces=True, face_always_asks_tail=False, takes_photos=True
)


class Kiosk(Scanner):
    """A kiosk of a station; addresses begin behind /kiosks."""

    def get(self, path: str, **query: str) -> TestResponse:
        return super().get(f"/kiosks{path}", **query)

    def post(self, path: str, body: Any, *, key: str | None = None) -> TestResponse:
        return super().post(f"/kiosks{path}", body, key=key)

    def begin(self, way: str, **said: str) -> TestResponse:
        return self.post("/sessions", {"way": way, "at": now()} | said)

    def release(self, visit: Any, parcel: Any, *, key: str | None = None, **changes: str) -> TestResponse:
        body = {
            "session_id": visit["session_id"],
            "parcel_id": str(parcel.parcel_id),
            "waybill": parcel.waybill,
            "at": now(),
        }
        return self.post("/releases", body | changes, key=key)


def make_kiosk(web: Flask, station: Station) -> Kiosk:
    with transaction():
        code = enrolment.make_code(station.manager, name=f"Kiosk {next(NAMES)}").code
    with transaction():
        made = enrolment.enrol(code, version="1.0")
    return Kiosk(web.test_client(), made.kiosk_id, made.token)


def allow(station: Station, chosen: KioskRules = EVERYTHING) -> None:
    with transaction():
        rules.change(station.manager, chosen)


def code(station: Station, person: Known, *, later: int = 0) -> str:
    """Return what the phone shows now, or some steps later."""
    with transaction():
        identity.prepare()
    with reading():
        return identity.codes(station.id, person.id)[later].text


def digits(station: Station, person: Known) -> str:
    with transaction():
        six_digits.prepare(station.id, person.id)
    with reading():
        return six_digits.shown(station.id, person.id, [identity_codes.step_of(clock.now())])[0]


def now(**later: float) -> str:
    return (clock.now() + timedelta(**later)).isoformat()
