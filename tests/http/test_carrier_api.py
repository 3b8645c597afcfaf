"""The API that carriers' systems speak: their own parcels' events and webhooks, nothing else, and how often."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from station.carriers.keys import Scope
from station.core.db import db, reading, transaction
from station.core.settings import Settings
from tests.carriers import hand_over_to, tell
from tests.factories import Station, make_station, store
from tests.gateways import http_gateway
from tests.http.carrier_system import make_system
from tests.http.scanner import Scanner, problem


@pytest.fixture
def system(web: Flask, web_station: Station) -> Scanner:
    return make_system(web, web_station)


@pytest.fixture
def in_house(web: Flask) -> Any:
    """The installation allows addresses inside the house."""
    before: Settings = web.config["SETTINGS"]
    web.config["SETTINGS"] = Settings(
        before.instance, before.database_url, before.keys, private_gateways=True
    )
    yield
    web.config["SETTINGS"] = before


def test_events_are_the_carrier_s_own_in_order_with_codes(web_station: Station, system: Scanner) -> None:
    parcel, _other = store(web_station), store(web_station, carrier="zto")
    hand_over_to(web_station, parcel)

    answer = system.get("/events")

    assert answer.status_code == 200
    stored, collected = answer.json["events"]
    assert stored["status"] == "stored"
    assert stored["codes"] == {"kuaidi100": "501", "aftership": "AvailableForPickup_001"}
    assert collected["status"] == "collected"
    assert {one["waybill"] for one in (stored, collected)} == {parcel.waybill}
    assert set(stored) == {"cursor", "at", "status", "codes", "parcel_id", "waybill", "manifest_id"}
    assert answer.json["has_more"] is False


def test_a_page_goes_on_where_the_last_one_ended(web_station: Station, system: Scanner) -> None:
    wanted = [store(web_station).waybill for _one in range(3)]
    seen, after = [], "0"
    for _page in range(5):
        page = system.get("/events", after=after, limit="2").json
        seen += [one["waybill"] for one in page["events"]]
        after = page["next_cursor"]

    assert seen == wanted


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "501"},
        {"limit": "x"},
        {"after": "-1"},
        {"after": "x"},
        {"after": "9" * 19},
        {"after": "999999"},
        {"carrier": "zto"},
    ],
)
def test_a_question_without_sense_is_refused(system: Scanner, query: dict[str, str]) -> None:
    problem(system.get("/events", **query), 422, "bad_input")


def test_another_station_s_parcels_are_not_there(web: Flask, web_station: Station) -> None:
    store(web_station)
    elsewhere = make_system(web, make_station("Lotus Garden"))

    assert elsewhere.get("/events").json["events"] == []


@pytest.mark.parametrize(
    ("scope", "path"),
    [(Scope.WEBHOOKS, "/events"), (Scope.EVENTS, "/webhooks"), (Scope.MANIFESTS, "/events")],
)
def test_a_key_opens_what_it_is_for(web: Flask, web_station: Station, scope: Scope, path: str) -> None:
    problem(make_system(web, web_station, scope).get(path), 403, "forbidden")


def test_a_key_opens_nothing_of_the_station_s_own_and_devices_nothing_of_carriers(
    web_station: Station, system: Scanner, scanner: Scanner
) -> None:
    parcel = store(web_station)

    problem(system.get(f"/parcels/{parcel.parcel_id}"), 403, "forbidden")
    problem(system.post("/parcels", {}), 403, "forbidden")
    problem(scanner.get("/events"), 403, "forbidden")


def test_a_key_that_asks_too_often_has_to_wait(web: Flask, web_station: Station) -> None:
    system = make_system(web, web_station, per_minute=2)
    assert [system.get("/events").status_code for _one in range(3)] == [200, 200, 429]
    assert system.get("/events").headers["Retry-After"]


def test_a_carrier_sets_up_its_webhook_and_is_told(
    web_station: Station, system: Scanner, in_house: None
) -> None:
    with http_gateway() as receiver:
        made = system.post("/webhooks", {"url": receiver.url})
        parcel = store(web_station)
        tell()

    assert made.status_code == 200
    assert len(made.json["secret"]) >= 43  # 32 bytes in base64
    assert [one.json["event"]["waybill"] for one in receiver.requests] == [parcel.waybill]
    (listed,) = system.get("/webhooks").json["webhooks"]
    assert (listed["id"], listed["url"], listed["waiting"]) == (made.json["id"], receiver.url, 0)
    assert "secret" not in listed


def test_a_carrier_replays_sees_dead_letters_resends_and_ends(
    web_station: Station, system: Scanner, in_house: None
) -> None:
    with http_gateway() as receiver:
        made = system.post("/webhooks", {"url": receiver.url}).json
        store(web_station)
        tell()
        path = f"/webhooks/{made['id']}"
        assert system.post(f"{path}/replay", {"after": made["cursor"]}).json == {}
        tell()
        assert len(receiver.requests) == 2
        with transaction():
            db.session.execute(
                text(
                    "UPDATE webhook_deliveries SET state = 'dead', failure = 'answer 500', settled_at = due_at"
                )
            )
        dead = system.get(f"{path}/dead-letters").json["dead_letters"]
        assert [one["failure"] for one in dead] == ["answer 500"] * 2
        assert system.post(f"{path}/resend", {"delivery_id": dead[0]["delivery_id"]}).status_code == 200
        tell()
        assert len(receiver.requests) == 3
        problem(system.post(f"{path}/resend", {"delivery_id": dead[0]["delivery_id"]}), 404, "not_found")
        assert system.post(f"{path}/end", {}).status_code == 200
        problem(system.post(f"{path}/end", {}), 404, "not_found")


def test_one_carrier_s_webhook_is_not_there_for_another(
    web: Flask, web_station: Station, system: Scanner, in_house: None
) -> None:
    made = system.post("/webhooks", {"url": "http://127.0.0.1:9/"}).json
    other = make_system(web, web_station, carrier="zto")

    assert other.get("/webhooks").json["webhooks"] == []
    problem(other.get(f"/webhooks/{made['id']}/dead-letters"), 404, "not_found")
    for deed, body in (("end", {}), ("replay", {"after": "0"}), ("resend", {"delivery_id": "1"})):
        problem(other.post(f"/webhooks/{made['id']}/{deed}", body), 404, "not_found")


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "https://127.0.0.1/", "no address", "x" * 600, ""])
def test_an_address_in_the_house_or_none_is_refused(system: Scanner, url: str) -> None:
    problem(system.post("/webhooks", {"url": url}), 422, "bad_input")


def test_a_webhook_s_secret_is_not_kept_in_the_clear(system: Scanner) -> None:
    secret = system.post("/webhooks", {"url": "https://carrier.example/"}).json["secret"]

    with reading():
        raw = db.session.connection().exec_driver_sql("SELECT secret FROM webhooks").scalars().all()
    assert secret.encode() not in raw[0]
    assert system.post("/webhooks", {"url": "https://carrier.example/"}).json["secret"] != secret
