"""The JSON API's edge: who may speak, keys, and bodies that do not fit."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from station.accounts import devices
from station.accounts.models import Device
from station.core.db import db, reading, transaction
from station.parcels.models import Parcel
from station.residents.models import Recipient
from station.web.api import WRONG_TOKENS
from tests.factories import Station, store
from tests.http.scanner import KEYS, Scanner, counted, parcel_of, problem, refused_scans

# Signing in


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer smt_1_2_nonsense", "Basic YTpi", "Bearer " + "x" * 5000]
)
def test_without_a_good_token_nobody_is_signed_in(client: FlaskClient, header: str) -> None:
    answer = client.get("/api/v1/parcels/1", headers={"Authorization": header})
    problem(answer, 401, "sign_in_needed")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_person_s_session_does_not_open_the_api(clerk_client: FlaskClient) -> None:
    problem(clerk_client.get("/api/v1/parcels/1"), 401, "sign_in_needed")


def test_a_revoked_token_is_refused(scanner: Scanner, web_station: Station) -> None:
    with transaction():
        devices.revoke_device(web_station.manager, scanner.id)
    problem(scanner.get("/parcels/1"), 401, "sign_in_needed")


def test_wrong_tokens_are_slowed_down_and_right_ones_are_not(scanner: Scanner) -> None:
    wrong = Scanner(scanner.browser, 0, scanner.token[:-1] + "_")
    for _ in range(WRONG_TOKENS):
        problem(wrong.get("/parcels/1"), 401, "sign_in_needed")
    answer = wrong.get("/parcels/1")
    problem(answer, 429, "too_many_attempts")
    assert int(answer.headers["Retry-After"]) > 0
    problem(scanner.get("/parcels/1"), 404, "not_found")


def test_a_device_that_speaks_was_seen(scanner: Scanner) -> None:
    scanner.get("/parcels/1")
    with reading():
        assert db.session.scalar(select(Device.seen_at).where(Device.id == scanner.id)) is not None


def test_an_address_that_does_not_exist_is_a_problem_too(scanner: Scanner) -> None:
    problem(scanner.get("/nothing"), 404, "not_found")
    problem(scanner.get("/hand-overs"), 405, "method_not_allowed")


# Keys


def test_the_same_key_and_body_act_once(scanner: Scanner) -> None:
    body = parcel_of()
    first, second = (scanner.post("/parcels", body, key="same-key-1") for _ in range(2))
    assert first.status_code == second.status_code == 200
    assert first.json == second.json
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert counted(Parcel) == 1


def test_a_refusal_is_answered_the_same_again(scanner: Scanner, web_station: Station) -> None:
    body = parcel_of(waybill=store(web_station).waybill)
    first, second = (scanner.post("/parcels", body, key="same-key-2") for _ in range(2))
    assert problem(first, 409, "already_checked_in") == problem(second, 409, "already_checked_in")
    assert len(refused_scans()) == 1


def test_the_same_key_with_another_body_is_refused(scanner: Scanner) -> None:
    scanner.post("/parcels", parcel_of(), key="same-key-3")
    problem(scanner.post("/parcels", parcel_of(), key="same-key-3"), 422, "idempotency_key_reused")


def test_the_same_key_for_another_parcel_is_refused(scanner: Scanner, web_station: Station) -> None:
    first, second = store(web_station), store(web_station)
    scanner.post(f"/parcels/{first.parcel_id}/hand-over", {}, key="same-key-4")
    answer = scanner.post(f"/parcels/{second.parcel_id}/hand-over", {}, key="same-key-4")
    problem(answer, 422, "idempotency_key_reused")


@pytest.mark.parametrize("key", ["", "short", "has a blank in it", "x" * 81, "emoji-🙂-emoji"])
def test_a_missing_or_malformed_key_is_refused(scanner: Scanner, key: str) -> None:
    headers = scanner.headers | ({"Idempotency-Key": key.encode().decode("latin-1")} if key else {})
    answer = scanner.browser.post("/api/v1/parcels", json=parcel_of(), headers=headers)
    problem(answer, 400, "idempotency_key_missing")
    assert counted(Parcel) == 0


# Bodies


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"surprise": 1}, "surprise"),
        ({"waybill": None}, "waybill"),
        ({"waybill": ""}, "waybill"),
        ({"waybill": 123456789012}, "waybill"),
        ({"waybill": "x" * 1001}, "waybill"),
        ({"layer": 0}, "layer"),
        ({"layer": -1}, "layer"),
        ({"layer": 100}, "layer"),
        ({"layer": "1"}, "layer"),
        ({"layer": 1.5}, "layer"),
        ({"layer": True}, "layer"),
        ({"shelf": None, "layer": None, "layer_id": 5}, "layer_id"),
        ({"shelf": None, "layer": None, "layer_id": "-5"}, "layer_id"),
        ({"shelf": None, "layer": None, "layer_id": "9" * 19}, "layer_id"),
        ({"shelf": None, "layer": None, "layer_id": "٣"}, "layer_id"),
        ({"shelf": "<b>"}, "shelf"),
        ({"carrier": "pigeon"}, "carrier"),
        ({"phone": "12"}, "phone"),
        ({"phone": "1" * 41}, "phone"),
        ({"name": "\x00"}, "name"),
        ({"name": "🙂"}, "name"),
        ({"size_class": "huge"}, "size_class"),
        ({"consent": "standing"}, "consent"),
        ({"consent_how": "guess"}, "consent_how"),
        ({"silent": "yes"}, "silent"),
        ({"scanned_at": "2026-03-02T04:00:00"}, "scanned_at"),
        ({"scanned_at": "soon"}, "scanned_at"),
        ({"scanned_at": "2999-01-01T00:00:00Z"}, "scanned_at"),
    ],
)
def test_a_field_that_does_not_fit_is_named(scanner: Scanner, change: dict[str, Any], field: str) -> None:
    facts = problem(scanner.post("/parcels", parcel_of(**change)), 422, "bad_input")
    assert facts["faults"][0]["field"] == field
    assert facts["faults"][0]["problem"]
    assert counted(Parcel) == counted(Recipient) == 0


@pytest.mark.parametrize(
    "change",
    [
        {"layer": None},
        {"layer_id": "5"},
        {"shelf": None, "layer": None},
        {"phone": None},
        {"consent": "this_parcel"},
        {"consent_how": "phone_call"},
    ],
)
def test_fields_that_do_not_fit_together_are_refused(scanner: Scanner, change: dict[str, Any]) -> None:
    problem(scanner.post("/parcels", parcel_of(**change)), 422, "bad_input")


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[]", b"null", b"\xff", b'"' + b"[" * 50_000, b'{"waybill": "\\ud800"}', b"9" * 10_000],
)
def test_what_is_no_json_object_is_refused(scanner: Scanner, raw: bytes) -> None:
    headers = scanner.headers | {
        "Idempotency-Key": f"raw-key-{next(KEYS)}",
        "Content-Type": "application/json",
    }
    problem(scanner.browser.post("/api/v1/parcels", data=raw, headers=headers), 422, "bad_input")


def test_a_body_that_is_too_large_or_no_json_is_refused(scanner: Scanner) -> None:
    headers = scanner.headers | {"Idempotency-Key": "big-key-1"}
    large = {"waybill": "x" * 1_100_000}
    problem(scanner.browser.post("/api/v1/parcels", json=large, headers=headers), 413, "too_large")
    problem(scanner.browser.post("/api/v1/parcels", data={"a": "b"}, headers=headers), 415, "bad_input")


def test_faults_are_told_in_the_caller_s_language_without_repeating_values(scanner: Scanner) -> None:
    scanner.headers["Accept-Language"] = "zh"
    answer = scanner.post("/parcels", parcel_of(phone="secret 555"))
    assert "secret" not in answer.text
