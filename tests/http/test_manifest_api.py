"""Carriers' systems announce by the API: their own parcels only, each row for itself, the same request once."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from station.accounts import devices
from station.carriers import keys
from station.carriers.keys import Wish
from station.core.db import db, reading, transaction
from station.manifests import queries
from station.manifests.models import Announced, Manifest
from station.parcels.models import Parcel
from tests.factories import Station, waybill
from tests.http.counter import KEYS

ADDRESS = "/api/v1/manifests"


def token(station: Station, *scopes: str) -> str:
    with transaction():
        return keys.add(station.manager, Wish("ZTO", "zto", scopes or ("manifests",))).token


def announce(client: FlaskClient, secret: str, body: Any, *, key: str | None = None) -> TestResponse:
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": key or f"manifest-{next(KEYS)}"}
    return client.post(ADDRESS, json=body, headers=headers)


def parcels() -> list[Parcel]:
    with reading():
        return list(db.session.scalars(select(Parcel).order_by(Parcel.id)))


def test_rows_are_taken_or_refused_for_themselves(client: FlaskClient, web_station: Station) -> None:
    secret, number = token(web_station), waybill()
    full = {"waybill": number, "phone": "13812344068", "name": "陈晓明", "size_class": "large"}
    rows = [
        full | {"consent": "declared_by_courier", "consent_how": "courier"},
        {"waybill": number},
        {"waybill": "no"},
        {"waybill": waybill(), "phone": "12"},
        {"waybill": waybill(), "colour": "red"},
        {"waybill": waybill(), "phone": "13812344068", "consent": "this_parcel", "consent_how": "courier"},
        {"waybill": waybill(), "expected_on": "1999-01-01"},
        "nothing",
    ]
    answer = announce(client, secret, {"rows": rows})
    assert answer.status_code == 200, answer.text
    said = answer.json
    assert said is not None
    assert (said["announced"], said["known"], said["refused"]) == (1, 1, 6)
    outcomes = [row["outcome"] for row in said["rows"]]
    assert outcomes == ["announced", "known", *["refused"] * 6]
    assert {row["refused"]["code"] for row in said["rows"][2:]} == {"bad_input", "waybill_malformed"}
    (parcel,) = parcels()
    assert (parcel.carrier, parcel.size_class, parcel.state) == ("zto", "large", "expected")
    assert said["rows"][0]["parcel_id"] == said["rows"][1]["parcel_id"] == str(parcel.id)


def test_the_same_request_announces_once(client: FlaskClient, web_station: Station) -> None:
    secret, body = token(web_station), {"rows": [{"waybill": waybill()}]}
    first, second = (announce(client, secret, body, key="one-manifest") for _ in range(2))
    assert first.json == second.json
    assert second.headers["Idempotency-Replayed"] == "true"
    again = announce(client, secret, body)
    assert again.json is not None
    assert (again.json["announced"], again.json["known"]) == (0, 1)
    with reading():
        assert db.session.scalar(select(func.count()).select_from(Manifest)) == 2
    assert len(parcels()) == 1


def test_a_masked_phone_stays_masked_and_is_a_hint(client: FlaskClient, web_station: Station) -> None:
    number = waybill()
    announce(
        client, token(web_station), {"rows": [{"waybill": number, "phone": "138****8000", "name": "陈**"}]}
    )
    (parcel,) = parcels()
    assert parcel.recipient_id is None
    with reading():
        kept = db.session.scalars(select(Announced)).one()
        found = queries.hint(web_station.id, number)
    assert kept.masked_phone == "138****8000"
    assert found is not None
    assert found.name == "陈**"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"rows": []},
        {"rows": [{"waybill": "SF1234567890123"}] * 1001},
        {"rows": [{"waybill": "SF1234567890123"}], "carrier": "sf"},
        {"rows": [{"waybill": "SF1234567890123"}], "expected_on": "tomorrow"},
        {"rows": [{"waybill": "SF1234567890123"}], "expected_on": "1999-01-01"},
        {"rows": {"waybill": "SF1234567890123"}},
        [],
    ],
)
def test_a_body_that_is_not_as_described_is_refused(
    client: FlaskClient, web_station: Station, body: Any
) -> None:
    answer = announce(client, token(web_station), body)
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["code"] == "bad_input"
    assert parcels() == []


def test_a_key_for_something_else_and_a_scanner_are_refused(
    client: FlaskClient, web_station: Station
) -> None:
    body = {"rows": [{"waybill": waybill()}]}
    with transaction():
        scanner = devices.add_device(web_station.manager, name="PDA").token
    for secret in (token(web_station, "events"), scanner):
        answer = announce(client, secret, body)
        assert answer.status_code == 403, answer.text
    assert client.post(ADDRESS, json=body).status_code == 401
    assert parcels() == []


def test_a_thousand_rows_fit(client: FlaskClient, web_station: Station) -> None:
    rows = [
        {"waybill": waybill(), "phone": f"138{place:08d}", "name": "陈晓明", "expected_on": None}
        for place in range(1000)
    ]
    answer = announce(client, token(web_station), {"rows": rows})
    assert answer.json is not None
    assert answer.json["announced"] == 1000
