"""A courier's phone speaks to the station: opens a drop, sends scans, says what recipients answered, finishes."""

import json
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from station.core import clock
from station.core.db import connection, reading, transaction
from station.core.phones import parse
from station.drops import presence
from station.events.models import RefusedScan
from station.parcels import announce
from station.parcels.announce import Announcement
from station.residents import service as residents
from tests import couriers
from tests.factories import Station, make_station, recipient, waybill

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # Monday, 12:00 in Shanghai


@pytest.fixture(autouse=True)
def noon():
    with clock.use(lambda: NOON):
        yield


@pytest.fixture
def phone(web: Flask, web_station: Station) -> FlaskClient:
    """A courier's phone, signed in."""
    return couriers.sign_in(web.test_client(), couriers.make_courier(web_station))


def send(phone: FlaskClient, path: str, body: object, key: str = "request-0001"):
    headers = {"Idempotency-Key": key, "Accept": "application/json"}
    return phone.post(path, json=body, headers=headers)


def begin(phone: FlaskClient, station: Station) -> str:
    answer = send(phone, "/courier/drops", {"presence": presence.code(station.id, NOON)})
    assert answer.status_code == 200, answer.text
    return answer.json["drop_id"]


def expect(station: Station, number: str = "") -> str:
    number = number or waybill()
    with transaction():
        said = Announcement(number, "sf", phone=parse("13812344068"), name="陈晓明")
        announce.announce(station.clerk, said)
    return number


def one(raw: str, seq: int = 1, **more: object) -> dict[str, object]:
    return {"key": f"scan-{seq:08d}", "seq": seq, "raw": raw, "scanned_at": NOON.isoformat(), **more}


def test_drop_from_the_code_to_the_receipt(phone, web_station) -> None:
    drop = begin(phone, web_station)
    scanned = send(phone, f"/courier/drops/{drop}/scans", {"scans": [one(expect(web_station)), one("?", 2)]})
    first, second = scanned.json["answers"]
    assert first["title"] == f"Put it on {first['place']['tag']}"
    assert (second["outcome"], second["sound"]) == ("malformed", "bad")
    assert scanned.json["counts"]["accepted"] == 1
    receipt = send(phone, f"/courier/drops/{drop}/finish", {"count": 1}).json["receipt"]
    assert json.loads(receipt["text"])["accepted"] == 1
    assert receipt["exceptions"] == [{"waybill": None, "outcome": "malformed", "title": "Not a waybill"}]
    page = phone.get(receipt["url"])
    assert receipt["signature"] in page.text


def test_same_batch_again_is_answered_the_same(phone, web_station) -> None:
    drop = begin(phone, web_station)
    body = {"scans": [one(expect(web_station), seq) for seq in range(3)]}
    first = send(phone, f"/courier/drops/{drop}/scans", body).json
    again = send(phone, f"/courier/drops/{drop}/scans", body).json
    assert all(answer["replayed"] for answer in again["answers"])
    assert [answer | {"replayed": False} for answer in again["answers"]] == first["answers"]
    assert again["counts"] == first["counts"]


def test_one_scan_that_cannot_be_read_spoils_no_other(phone, web_station) -> None:
    drop = begin(phone, web_station)
    body = {
        "scans": [one(expect(web_station)), {"key": "scan-x", "raw": 7}, "what", one("?", 3, size="vast")]
    }
    answer = send(phone, f"/courier/drops/{drop}/scans", body)
    assert [said["outcome"] for said in answer.json["answers"]] == ["accepted"] + ["malformed"] * 3
    with reading():
        assert connection().scalar(select(func.count()).select_from(RefusedScan)) == 3


@pytest.mark.parametrize(
    "body", [[], {}, {"scans": []}, {"scans": [{}] * 501}, {"scans": [], "more": 1}, "text"]
)
def test_body_of_another_shape_is_refused(phone, web_station, body) -> None:
    drop = begin(phone, web_station)
    answer = send(phone, f"/courier/drops/{drop}/scans", body)
    assert (answer.status_code, answer.json["code"]) == (422, "bad_input")


def test_what_is_no_json_is_refused(phone, web_station) -> None:
    drop = begin(phone, web_station)
    answer = phone.post(f"/courier/drops/{drop}/scans", data="x", headers={"Accept": "application/json"})
    assert answer.status_code == 415


def test_consent_is_asked_and_answered(phone, web_station) -> None:
    known = recipient(web_station)
    with transaction():
        residents.record_consent(web_station.clerk, known.id, choice="ask", how="in_person")
    drop = begin(phone, web_station)
    stopped = send(phone, f"/courier/drops/{drop}/scans", {"scans": [one(expect(web_station))]}).json[
        "answers"
    ][0]
    assert (stopped["outcome"], stopped["hint"]) == ("consent", "陈** 4068")
    assert [choice["choice"] for choice in stopped["choices"]] == ["station", "door", "call"]
    said = {"key": stopped["key"], "choice": "station", "how": "phone_call"}
    answer = send(phone, f"/courier/drops/{drop}/consent", said)
    assert answer.json["answer"]["outcome"] == "accepted"
    assert send(phone, f"/courier/drops/{drop}/consent", said).json == answer.json
    second = send(phone, f"/courier/drops/{drop}/consent", said, key="request-0002")
    assert (second.status_code, second.json["code"]) == (409, "answer_expected")


def test_scans_can_be_read_back_in_pages(phone, web_station, monkeypatch) -> None:
    drop = begin(phone, web_station)
    send(phone, f"/courier/drops/{drop}/scans", {"scans": [one("?", seq) for seq in range(5)]})
    monkeypatch.setattr("station.drops.queries.PAGE", 3)
    page = phone.get(f"/courier/drops/{drop}").json
    rest = phone.get(f"/courier/drops/{drop}?after={page['next']}").json
    assert [said["seq"] for said in page["answers"] + rest["answers"]] == [0, 1, 2, 3, 4]
    assert rest["next"] is None
    assert (
        phone.get(f"/courier/drops/{drop}?after=x", headers={"Accept": "application/json"}).status_code == 422
    )


def test_todays_drops_are_listed(phone, web_station) -> None:
    drop = begin(phone, web_station)
    (said,) = phone.get("/courier/drops").json["drops"]
    assert (said["drop_id"], said["state"], said["receipt_url"]) == (drop, "open", None)


@pytest.mark.parametrize("text", ["STATION:ABC", "ID:1", "STATION:", "…", "SF1234567890123"])
def test_what_is_no_stations_code_opens_nothing(phone, text) -> None:
    answer = send(phone, "/courier/drops", {"presence": text})
    assert (answer.status_code, answer.json["code"]) == (422, "presence_unknown")


def test_code_of_a_station_the_courier_does_not_come_to_opens_nothing(phone, web) -> None:
    answer = send(phone, "/courier/drops", {"presence": presence.code(make_station("Elm").id, NOON)})
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


def test_old_code_opens_nothing(phone, web_station) -> None:
    old = presence.code(web_station.id, datetime(2026, 11, 23, 3, 55, tzinfo=UTC))
    answer = send(phone, "/courier/drops", {"presence": old})
    assert (answer.status_code, answer.json["code"]) == (409, "presence_expired")


def test_drop_of_somebody_else_is_not_found(phone, web, web_station) -> None:
    drop = begin(phone, web_station)
    other = couriers.sign_in(web.test_client(), couriers.make_courier(web_station, name="Qian"))
    for path, body in (("scans", {"scans": [one("?")]}), ("finish", {"count": 1})):
        assert send(other, f"/courier/drops/{drop}/{path}", body).status_code == 404
    asks_json = {"Accept": "application/json"}
    assert other.get(f"/courier/drops/{drop}", headers=asks_json).status_code == 404
    assert other.get(f"/courier/drops/{drop}/receipt").status_code == 404
