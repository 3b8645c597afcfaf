"""The JSON API: signing in, keys, bodies, check-in, hand-over, facts and story."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from station.accounts import devices
from station.accounts.models import Device
from station.core import clock
from station.core.db import db, reading, transaction
from station.events.models import CustodyEvent, RefusedScan
from station.network import service as network
from station.parcels.models import HandOver, Parcel
from station.residents import service as residents
from station.residents.models import ConsentRecord, Recipient
from station.web.api import WRONG_TOKENS
from tests.factories import Station, make_station, recipient, store, waybill

PHONE = "13812344068"
_keys = count(1)


@dataclass
class Scanner:
    """A device that speaks to the API."""

    browser: FlaskClient
    id: int
    token: str
    headers: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.headers = {"Authorization": f"Bearer {self.token}"}

    def get(self, path: str, **query: str) -> TestResponse:
        return self.browser.get(f"/api/v1{path}", query_string=query, headers=self.headers)

    def post(self, path: str, body: Any, *, key: str | None = None) -> TestResponse:
        headers = self.headers | {"Idempotency-Key": key or f"test-key-{next(_keys)}"}
        return self.browser.post(f"/api/v1{path}", json=body, headers=headers)


def make_scanner(web: Flask, station: Station) -> Scanner:
    with transaction():
        made = devices.add_device(station.manager, name="PDA")
    return Scanner(web.test_client(), made.id, made.token)


@pytest.fixture
def scanner(web: Flask, web_station: Station) -> Scanner:
    return make_scanner(web, web_station)


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


# Signing in


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer smt_1_2_nonsense", "Basic YTpi", "Bearer " + "x" * 5000]
)
def test_without_a_good_token_nobody_is_signed_in(client: FlaskClient, header: str) -> None:
    answer = client.get("/api/v1/parcels/1", headers={"Authorization": header})
    problem(answer, 401, "sign_in_needed")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_person_s_session_does_not_open_the_api(clerk_client: FlaskClient) -> None:
    problem(clerk_client.get("/api/v1/parcels/1"), 403, "forbidden")


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
        "Idempotency-Key": f"raw-key-{next(_keys)}",
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


# Check-in


def test_check_in_tells_where_the_parcel_goes(scanner: Scanner) -> None:
    body = parcel_of()
    answer = scanner.post("/parcels", body)
    assert answer.status_code == 200, answer.text
    stored = answer.json
    assert stored["waybill"] == body["waybill"]
    assert stored["pickup_code"] == f"1-1-{body['waybill'][-4:]}"
    assert (stored["shelf"], stored["layer"], stored["problem"]) == ("1", 1, None)
    assert stored["carrier"] == "sf"
    assert stored["recipient"]["phone_tail"] == "4068"
    assert stored["recipient"]["name_masked"] == "陈**"
    assert PHONE not in answer.text
    assert isinstance(stored["parcel_id"], str)
    assert stored["is_told"]


def test_a_row_may_be_named_by_its_id(scanner: Scanner, web_station: Station) -> None:
    body = parcel_of(shelf=None, layer=None, layer_id=str(web_station.layer("2", 3)))
    assert scanner.post("/parcels", body).json["pickup_code"].startswith("2-3-")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"waybill": "https://example.org/"}, "waybill_malformed"),
        ({"waybill": "x" * 1000}, "waybill_malformed"),
        ({"waybill": "🙂" * 20}, "waybill_malformed"),
        ({"waybill": "SF1234567890123SF1234567890123"}, "two_scans_glued"),
    ],
)
def test_a_scan_that_is_refused_is_kept(scanner: Scanner, change: dict[str, Any], code: str) -> None:
    problem(scanner.post("/parcels", parcel_of(**change)), 422, code)
    assert [(purpose, reason) for purpose, reason, _raw in refused_scans()] == [("check_in", code)]
    assert counted(Parcel) == counted(Recipient) == 0


def test_a_row_that_does_not_exist_is_not_found(scanner: Scanner) -> None:
    problem(scanner.post("/parcels", parcel_of(shelf="77")), 404, "not_found")
    unknown = parcel_of(shelf=None, layer=None, layer_id="5")
    problem(scanner.post("/parcels", unknown), 404, "not_found")


@pytest.mark.parametrize(
    ("change", "expected"),
    [({"phone": None, "name": None}, "no_phone"), ({"waybill": "Q1W2E3R4T5Y6U7"}, "unknown_carrier")],
)
def test_what_the_counter_would_ask_sets_the_parcel_aside(
    scanner: Scanner, change: dict[str, Any], expected: str
) -> None:
    stored = scanner.post("/parcels", parcel_of(**change)).json
    assert (stored["problem"], stored["shelf"], stored["is_told"]) == (expected, "99", False)


@pytest.mark.parametrize(("choice", "expected"), [("door", "door_wanted"), ("ask", "ask"), ("locker", "ask")])
def test_a_recipient_who_wants_it_elsewhere_is_obeyed(
    scanner: Scanner, web_station: Station, choice: str, expected: str
) -> None:
    known = recipient(web_station)
    with transaction():
        residents.record_consent(web_station.clerk, known.id, choice=choice, how="phone_call")
    assert scanner.post("/parcels", parcel_of()).json["problem"] == expected
    assert scanner.post("/parcels", parcel_of(consent="declared_by_courier")).json["problem"] is None


def test_where_unknown_consent_is_set_aside_the_api_obeys(scanner: Scanner, web_station: Station) -> None:
    with transaction():
        network.change_settings(web_station.manager, {"unknown_consent": "set_aside"}, version=1)
    assert scanner.post("/parcels", parcel_of()).json["problem"] == "ask"


def test_a_consent_for_this_parcel_is_recorded(scanner: Scanner) -> None:
    body = parcel_of(consent="this_parcel", consent_how="phone_call")
    stored = scanner.post("/parcels", body).json
    assert stored["consent_basis"] == "this_parcel"
    with reading():
        record = db.session.execute(select(ConsentRecord.parcel_id, ConsentRecord.how)).one()
    assert (str(record.parcel_id), record.how) == (stored["parcel_id"], "phone_call")


def test_a_silent_parcel_owes_no_message(scanner: Scanner) -> None:
    assert not scanner.post("/parcels", parcel_of(silent=True)).json["is_told"]


# Batch


def test_a_batch_takes_what_it_can(scanner: Scanner, web_station: Station) -> None:
    here, good = store(web_station).waybill, parcel_of()
    parcels = [
        good,
        parcel_of(waybill=here),
        parcel_of(phone="nonsense"),
        parcel_of(shelf="77"),
        dict(good),
        "not an object",
        parcel_of(),
    ]
    answer = scanner.post("/parcels/batch", {"parcels": parcels})
    assert answer.status_code == 200, answer.text
    assert (answer.json["stored"], answer.json["refused"]) == (2, 5)
    codes = [item["refused"] and item["refused"]["code"] for item in answer.json["items"]]
    assert codes == [
        None,
        "already_checked_in",
        "bad_input",
        "not_found",
        "already_checked_in",
        "bad_input",
        None,
    ]
    assert len(refused_scans()) == 5


def test_a_batch_acts_once(scanner: Scanner) -> None:
    body = {"parcels": [parcel_of() for _ in range(3)]}
    first, second = (scanner.post("/parcels/batch", body, key="batch-key-1") for _ in range(2))
    assert first.json == second.json
    assert counted(Parcel) == 3


def test_a_batch_fills_a_row_and_refuses_the_rest(scanner: Scanner) -> None:
    answer = scanner.post("/parcels/batch", {"parcels": [parcel_of() for _ in range(43)]}).json
    assert (answer["stored"], answer["refused"]) == (40, 3)
    assert {item["refused"]["code"] for item in answer["items"] if item["refused"]} == {"shelf_full"}


@pytest.mark.parametrize("size", [0, 501])
def test_a_batch_of_another_size_is_refused(scanner: Scanner, size: int) -> None:
    body = {"parcels": [{"waybill": "x"}] * size}
    problem(scanner.post("/parcels/batch", body), 422, "bad_input")


# Hand-over


def test_hand_over_lets_a_parcel_go_once(scanner: Scanner, web_station: Station) -> None:
    stored = store(web_station)
    left = scanner.post(f"/parcels/{stored.parcel_id}/hand-over", {})
    assert left.status_code == 200, left.text
    assert left.json["pickup_code"] == stored.pickup_code
    facts = problem(
        scanner.post(f"/parcels/{stored.parcel_id}/hand-over", {"proxy_name": "李雷"}),
        409,
        "already_handed_over",
    )
    assert facts["handed_by"] == f"device:{scanner.id}"
    assert facts["method"] == "api"
    assert refused_scans() == [("hand_over", "already_handed_over", str(stored.parcel_id))]
    assert counted(HandOver) == 1


def test_several_leave_together_with_partial_success(scanner: Scanner, web_station: Station) -> None:
    first, second, gone = store(web_station), store(web_station), store(web_station)
    scanner.post(f"/parcels/{gone.parcel_id}/hand-over", {})
    body = {
        "parcel_ids": [str(first.parcel_id), str(first.parcel_id)],
        "waybills": [second.waybill.lower(), gone.waybill, "SF9999999999999"],
        "proxy_name": "李雷",
    }
    answer = scanner.post("/hand-overs", body).json
    assert (answer["handed_over"], answer["refused"]) == (2, 3)
    codes = [item["refused"] and item["refused"]["code"] for item in answer["items"]]
    assert codes == [None, "already_handed_over", None, "already_handed_over", "not_found"]
    with reading():
        assert set(db.session.scalars(select(HandOver.taken_by))) == {"proxy", "recipient"}


@pytest.mark.parametrize("body", [{}, {"parcel_ids": []}, {"waybills": ["x"] * 101}, {"parcel_ids": ["x"]}])
def test_hand_overs_without_or_with_too_many_parcels_are_refused(scanner: Scanner, body: Any) -> None:
    problem(scanner.post("/hand-overs", body), 422, "bad_input")


def test_a_hand_over_can_be_undone(scanner: Scanner, web_station: Station) -> None:
    stored = store(web_station)
    scanner.post(f"/parcels/{stored.parcel_id}/hand-over", {})
    back = scanner.post(f"/parcels/{stored.parcel_id}/hand-over/undo", {"reason": "wrong parcel"})
    assert back.json == {
        "parcel_id": str(stored.parcel_id),
        "pickup_code": stored.pickup_code,
        "is_same_code": True,
    }
    again = scanner.post(f"/parcels/{stored.parcel_id}/hand-over/undo", {"reason": "wrong parcel"})
    problem(again, 409, "illegal_transition")


# Facts and story


def test_a_parcel_s_facts_are_masked_and_by_the_clock(scanner: Scanner, web_station: Station) -> None:
    stored_at = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
    with clock.use(lambda: stored_at):
        stored = store(web_station)
    with clock.use(lambda: stored_at + timedelta(hours=50)):
        answer = scanner.get(f"/parcels/{stored.parcel_id}")
    assert answer.status_code == 200, answer.text
    assert answer.json["level"] == "overdue"
    assert answer.json["recipient"]["name_masked"] == "陈**"
    assert (answer.json["shelf"], answer.json["layer"]) == ("1", 1)
    assert PHONE not in answer.text


def test_a_parcel_that_left_has_no_place(scanner: Scanner, web_station: Station) -> None:
    stored = store(web_station)
    scanner.post(f"/parcels/{stored.parcel_id}/hand-over", {})
    facts = scanner.get(f"/parcels/{stored.parcel_id}").json
    assert (facts["state"], facts["shelf"], facts["layer"]) == ("handed_over", None, None)
    assert facts["left_at"] is not None


def test_the_story_is_the_parcel_s_events_in_order(scanner: Scanner, web_station: Station) -> None:
    stored = store(web_station)
    store(web_station)
    scanner.post(f"/parcels/{stored.parcel_id}/hand-over", {})
    story = scanner.get(f"/parcels/{stored.parcel_id}/story").json
    assert [event["kind"] for event in story["events"]] == ["checked_in", "handed_over"]
    assert story["next_cursor"] is None
    rest = scanner.get(f"/parcels/{stored.parcel_id}/story", cursor=story["events"][0]["seq"]).json
    assert [event["kind"] for event in rest["events"]] == ["handed_over"]


@pytest.mark.parametrize("query", [{"cursor": "x"}, {"cursor": "-1"}, {"cursor": "9" * 19}, {"other": "1"}])
def test_a_story_s_cursor_is_checked(scanner: Scanner, web_station: Station, query: dict[str, str]) -> None:
    problem(scanner.get(f"/parcels/{store(web_station).parcel_id}/story", **query), 422, "bad_input")


Call = Callable[[Scanner, int], TestResponse]
OTHERS: dict[str, Call] = {
    "facts": lambda scanner, parcel: scanner.get(f"/parcels/{parcel}"),
    "story": lambda scanner, parcel: scanner.get(f"/parcels/{parcel}/story"),
    "hand_over": lambda scanner, parcel: scanner.post(f"/parcels/{parcel}/hand-over", {}),
    "undo": lambda scanner, parcel: scanner.post(f"/parcels/{parcel}/hand-over/undo", {"reason": "x"}),
}


@pytest.mark.parametrize("call", OTHERS.values(), ids=OTHERS)
def test_another_station_s_parcel_does_not_exist(web: Flask, scanner: Scanner, call: Call) -> None:
    theirs = store(make_station("Elsewhere"))
    with reading():
        before = counted(CustodyEvent)
    problem(call(scanner, theirs.parcel_id), 404, "not_found")
    assert counted(CustodyEvent) == before


def test_another_station_s_parcel_and_row_are_refused_in_lists(scanner: Scanner) -> None:
    elsewhere = make_station("Elsewhere")
    theirs = store(elsewhere)
    answer = scanner.post(
        "/hand-overs", {"parcel_ids": [str(theirs.parcel_id)], "waybills": [theirs.waybill]}
    ).json
    assert {item["refused"]["code"] for item in answer["items"]} == {"not_found"}
    body = parcel_of(shelf=None, layer=None, layer_id=str(elsewhere.layer()))
    problem(scanner.post("/parcels", body), 404, "not_found")


@pytest.mark.parametrize("parcel", ["0", "-1", "x", "9" * 19, "1.5"])
def test_an_id_that_is_none_is_not_found(scanner: Scanner, parcel: str) -> None:
    problem(scanner.get(f"/parcels/{parcel}"), 404, "not_found")
