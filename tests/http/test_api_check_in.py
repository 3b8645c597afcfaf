"""Checking in by the API, one by one and in batches."""

from typing import Any

import pytest
from sqlalchemy import select

from station.core.db import db, reading, transaction
from station.network import service as network
from station.parcels.models import Parcel
from station.residents import service as residents
from station.residents.models import ConsentRecord, Recipient
from tests.factories import Station, recipient, store
from tests.http.scanner import PHONE, Scanner, counted, parcel_of, problem, refused_scans

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
    assert scanner.post("/parcels", parcel_of(consent="declared_by_courier")).json["problem"] == expected


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


def test_a_batch_keeps_the_time_of_each_scan(scanner: Scanner) -> None:
    answer = scanner.post("/parcels/batch", {"parcels": [parcel_of(scanned_at="2026-01-05T08:00:00Z")]})
    assert answer.json["stored"] == 1, answer.text


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
