"""Carriers' systems: told once of each parcel that went back, with its manifest, and claiming what was not received."""

import hashlib
import json

import pytest
from flask import Flask

from station.carriers.keys import Scope
from station.core.db import reading, transaction
from station.disputes import queries, service
from tests.carriers import events_of, make_webhook, tell
from tests.couriers import make_courier
from tests.factories import Station
from tests.gateways import http_gateway
from tests.hand_backs import disputed, going, opened, sign_on_phone, signed
from tests.http.carrier_system import make_system
from tests.http.scanner import Scanner

DISPUTES = "/disputes"


@pytest.fixture
def system(web: Flask, web_station: Station) -> Scanner:
    return make_system(web, web_station, Scope.DISPUTES, Scope.EVENTS)


def claim(manifest_id: int, *waybills: str, **more: str) -> dict[str, object]:
    return {"manifest_id": str(manifest_id), "waybills": list(waybills), "claim": "not_received", **more}


def test_the_carrier_is_told_of_each_parcel_once_and_of_the_signature(
    web_station: Station, system: Scanner
) -> None:
    with http_gateway() as gateway:
        make_webhook(web_station, gateway.url)
        parcels = [going(web_station), going(web_station)]
        manifest_id = opened(web_station, *parcels)
        sign_on_phone(web_station, make_courier(web_station).actor, manifest_id)
        tell()
        tell()
    sent = [one.json["event"] for one in gateway.requests if one.json["event"]["status"] == "returned"]
    pulled = [one for one in system.get("/events").json["events"] if one["status"] == "returned"]
    expected = [(one.waybill, str(manifest_id)) for one in parcels]
    assert [(one["waybill"], one["manifest_id"]) for one in sent] == expected
    assert [(one["waybill"], one["manifest_id"]) for one in pulled] == expected
    assert {status for _waybill, status in events_of(gateway.requests)} == {"stored", "returning", "returned"}
    answer = system.get(f"/hand-backs/{manifest_id}").json
    assert (answer["signed_on"], [one["waybill"] for one in answer["parcels"]]) == (
        "phone",
        [one.waybill for one in parcels],
    )
    assert len(answer["signature_sha256"]) == 64


def test_other_events_name_no_manifest(web_station: Station, system: Scanner) -> None:
    going(web_station)
    assert {one["manifest_id"] for one in system.get("/events").json["events"]} == {None}


def test_a_claim_is_opened_once_for_its_key(web_station: Station, system: Scanner) -> None:
    manifest_id, (missing, other) = signed(web_station)
    said = claim(manifest_id, missing.waybill, words="Not in the bag.")
    first, again = (system.post(DISPUTES, said, key="claim-key-1") for _ in range(2))
    assert (first.status_code, first.json) == (200, again.json)
    assert first.json["waybills"] == [missing.waybill]
    assert (first.json["state"], first.json["words"]) == ("open", "Not in the bag.")
    second = system.post(DISPUTES, claim(manifest_id, missing.waybill, other.waybill))
    assert (second.status_code, second.json["code"]) == (409, "dispute_stands")
    assert second.json["facts"] == {"dispute_id": first.json["id"]}
    with reading():
        assert queries.how_many_stand(web_station.id) == 1


def test_the_log_can_be_fetched_and_fits_its_digest(web_station: Station, system: Scanner) -> None:
    manifest_id, (missing, _other) = signed(web_station)
    dispute = system.post(DISPUTES, claim(manifest_id, missing.waybill)).json
    answer = system.get(f"{DISPUTES}/{dispute['id']}/log").json
    assert answer["sha256"] == dispute["log_sha256"] == hashlib.sha256(answer["log"].encode()).hexdigest()
    assert json.loads(answer["log"])["manifest_id"] == str(manifest_id)


def test_the_answer_is_seen_and_a_claim_taken_back(web_station: Station, system: Scanner) -> None:
    manifest_id, (missing, _other) = signed(web_station)
    dispute = system.post(DISPUTES, claim(manifest_id, missing.waybill)).json
    with transaction():
        service.answer(web_station.clerk, int(dispute["id"]), "We look.")
    seen = system.get(f"{DISPUTES}/{dispute['id']}").json
    assert (seen["state"], seen["answer"]) == ("answered", "We look.")
    assert system.post(f"{DISPUTES}/{dispute['id']}/withdraw", {}).json["state"] == "withdrawn"
    again = system.post(f"{DISPUTES}/{dispute['id']}/withdraw", {})
    assert (again.status_code, again.json["code"]) == (409, "dispute_ended")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"waybills": []}, 422),
        ({"waybills": ["?"]}, 422),
        ({"waybills": ["SF1999999999999"]}, 404),
        ({"manifest_id": "1"}, 404),
        ({"claim": "stolen"}, 422),
        ({"words": "x" * 1001}, 422),
        ({"courier": "Zhao"}, 422),
    ],
)
def test_what_is_no_claim_is_refused(web_station: Station, system: Scanner, change, status: int) -> None:
    manifest_id, (parcel, _other) = signed(web_station)
    answer = system.post(DISPUTES, claim(manifest_id, parcel.waybill) | change)
    assert answer.status_code == status
    with reading():
        assert queries.standing(web_station.id) == []


def test_an_open_manifest_is_no_hand_back(web_station: Station, system: Scanner) -> None:
    parcel = going(web_station)
    manifest_id = opened(web_station, parcel)
    answer = system.post(DISPUTES, claim(manifest_id, parcel.waybill))
    assert (answer.status_code, answer.json["code"]) == (409, "manifest_not_signed")
    assert system.get(f"/hand-backs/{manifest_id}").status_code == 404


def test_another_carrier_s_and_another_scope_s_key_open_nothing(
    web: Flask, web_station: Station, system: Scanner
) -> None:
    manifest_id, (parcel, _other) = signed(web_station)
    dispute_id = disputed(web_station.clerk, manifest_id, parcel)
    stranger = make_system(web, web_station, carrier="zto")
    other = make_system(web, web_station, Scope.WEBHOOKS)
    said = claim(manifest_id, parcel.waybill)
    for machine, status in ((stranger, 404), (other, 403)):
        assert machine.post(DISPUTES, said).status_code == status
        for path in (
            f"{DISPUTES}/{dispute_id}",
            f"{DISPUTES}/{dispute_id}/log",
            f"/hand-backs/{manifest_id}",
        ):
            assert machine.get(path).status_code == status
        assert machine.post(f"{DISPUTES}/{dispute_id}/withdraw", {}).status_code == status
    assert system.post(f"{DISPUTES}/{dispute_id}/withdraw", {}).json["code"] == "forbidden"
