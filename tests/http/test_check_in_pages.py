"""The check-in screen over HTTP: the page, what a scan is taken for, and what is refused."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from station.core import clock
from station.core.db import db, reading
from station.events.models import RefusedScan
from station.parcels import batches
from station.parcels.models import OpenQuestion, Parcel
from tests.factories import Station, recipient, store, waybill
from tests.http.counter import SCREEN, check_in, counted, post, refused, scan


def test_the_screen_opens_without_a_batch(clerk_client: FlaskClient) -> None:
    page = clerk_client.get(SCREEN)
    assert page.status_code == 200
    assert "autofocus" in page.text
    assert counted(Parcel) == 0


def test_the_screen_comes_back_as_it_was_left(counter: FlaskClient) -> None:
    number = waybill()
    scan(counter, number)
    page = counter.get(SCREEN).text
    assert number in page
    assert 'data-asks="no_phone"' in page
    assert "1-1" in page


@pytest.mark.parametrize("path", ["", "/side"])
def test_nobody_sees_the_screen_without_signing_in(client: FlaskClient, path: str) -> None:
    assert client.get(SCREEN + path).status_code == 303


def test_a_scan_without_the_pages_token_is_refused(
    web: Flask, clerk_client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(web.config, "WTF_CSRF_ENABLED", True)
    said = scan(clerk_client, waybill())
    assert (said.status_code, said.json["code"]) == (400, "csrf_failed")


def test_a_waybill_before_a_shelf_card_asks_for_the_card(clerk_client: FlaskClient) -> None:
    said = scan(clerk_client, waybill())
    assert said.status_code == 409
    assert "Scan a shelf card first" in said.json["html"]
    assert said.json["sound"] == "bad"


@pytest.mark.parametrize("card", ["SHELF:2-3", "shelf:2-3", "  SHELF:2-3 ", "SHELF：2-3"])
def test_a_shelf_card_chooses_the_row(counter: FlaskClient, card: str) -> None:
    said = scan(counter, card)
    assert (said.status_code, said.json["kind"]) == (200, "row")
    assert check_in(counter, waybill())["row"]["tag"] == "2-3"


@pytest.mark.parametrize("card", ["SHELF:77-1", "SHELF:1-0", "SHELF:", "CMD:DANCE", "CMD:", "ID:ABC123"])
def test_a_code_of_ours_that_does_not_belong_here_is_refused(counter: FlaskClient, card: str) -> None:
    said = scan(counter, card)
    assert 400 <= said.status_code < 500
    assert said.json["kind"] == "refused"
    assert len(refused()) == 1
    assert counted(Parcel) == counted(OpenQuestion) == 0


def test_a_parcel_of_a_known_person_shows_its_tag_masked(counter: FlaskClient) -> None:
    number = waybill()
    parcel = check_in(counter, number)
    assert parcel["code"] == f"1-1-{number[-4:]}"
    page = counter.get(SCREEN).text
    assert "陈**" in page
    assert "陈晓明" not in page
    assert "13812344068" not in page


def test_the_same_key_answers_the_same_and_acts_once(counter: FlaskClient) -> None:
    number, at = waybill(), clock.now().isoformat()
    first = scan(counter, number, key="one-key-1", scanned_at=at)
    again = scan(counter, number, key="one-key-1", scanned_at=at)
    assert (first.status_code, first.json["html"]) == (again.status_code, again.json["html"])
    assert counted(OpenQuestion) == 1


def test_a_refusal_is_replayed_and_kept_once(clerk_client: FlaskClient) -> None:
    number, at = waybill(), clock.now().isoformat()
    first = scan(clerk_client, number, key="one-key-1", scanned_at=at)
    again = scan(clerk_client, number, key="one-key-1", scanned_at=at)
    assert (first.status_code, first.json["html"]) == (again.status_code, again.json["html"])
    assert refused() == ["scan_a_shelf_first"]


def test_a_key_with_another_body_is_refused(counter: FlaskClient) -> None:
    scan(counter, waybill(), key="one-key-1")
    said = scan(counter, waybill(), key="one-key-1")
    assert (said.status_code, said.json["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("key", ["", "short", "x" * 81, "ключ-ключ", "a key with spaces"])
def test_a_scan_without_a_usable_key_changes_nothing(counter: FlaskClient, key: str) -> None:
    headers = {"Accept": "application/json"} | ({"Idempotency-Key": key} if key.isascii() else {})
    body = {"value": waybill(), "scanned_at": clock.now().isoformat()}
    said = counter.post(f"{SCREEN}/scan", json=body, headers=headers)
    assert (said.status_code, said.json["code"]) == (400, "idempotency_key_missing")
    assert counted(OpenQuestion) == 0


def test_a_parcel_scanned_twice_is_refused_with_its_place(counter: FlaskClient) -> None:
    number = waybill()
    parcel = check_in(counter, number)
    said = scan(counter, number)
    assert said.status_code == 409
    assert said.json["sound"] == "bad"
    assert parcel["code"].rpartition("-")[2] in said.json["html"]
    assert refused() == ["already_checked_in"]


NOVEL = "All happy families are alike. " * 13
BAD_SCANS = (
    "",
    " ",
    "😀😀😀😀😀😀😀😀",
    "SF\x00\x01\x02\x1b[31m",
    "\ud800\udfff\ud800",
    "SF1\u202e234567890123",
    "<script>alert(1)</script>",
    "'; DROP TABLE parcels; --",
    "-1",
    "1" * 33,
    NOVEL,
    "快递快递快递快递快递",
    "%s%n%(name)s{0}",
)


@pytest.mark.parametrize("value", BAD_SCANS, ids=range(len(BAD_SCANS)))
def test_a_scan_that_is_no_waybill_is_refused_in_words_and_kept(counter: FlaskClient, value: str) -> None:
    said = scan(counter, value)
    assert said.status_code == 422, said.text
    assert said.json["sound"] == "bad"
    assert "<script>alert" not in said.json["html"]
    assert len(refused()) == 1
    assert counted(Parcel) == counted(OpenQuestion) == 0
    assert counter.get(SCREEN).status_code == 200


def test_a_refused_scan_is_kept_with_the_time_the_device_says(clerk_client: FlaskClient) -> None:
    moment = clock.now() - timedelta(hours=3)
    scan(clerk_client, waybill(), scanned_at=moment.isoformat())
    with reading():
        assert db.session.scalars(select(RefusedScan)).one().scanned_at == moment


def test_two_scans_glued_together_are_refused(counter: FlaskClient) -> None:
    said = scan(counter, waybill() + waybill())
    assert said.status_code == 422
    assert refused() == ["two_scans_glued"]


def test_a_scan_longer_than_any_is_refused_in_words(counter: FlaskClient) -> None:
    said = scan(counter, "x" * 100_000)
    assert (said.status_code, said.json["code"]) == (422, "bad_input")


BAD_TIMES = (
    "",
    "yesterday",
    "2026-13-45T99:99:99Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "2026-11-21",
    "2026-11-21T09:00:00",
    "20261121T090000Z",
    "1e400",
    "\x00",
)


@pytest.mark.parametrize("moment", BAD_TIMES, ids=range(len(BAD_TIMES)))
def test_a_strange_time_never_breaks_the_screen(counter: FlaskClient, moment: str) -> None:
    said = scan(counter, waybill(), scanned_at=moment)
    assert said.status_code < 500
    assert counter.get(SCREEN).status_code == 200
    assert counter.get(f"{SCREEN}/side").status_code == 200


def test_a_scan_from_the_future_is_refused_and_kept(counter: FlaskClient) -> None:
    said = scan(counter, waybill(), scanned_at=(clock.now() + timedelta(days=2)).isoformat())
    assert said.status_code == 422
    assert len(refused()) == 1


BAD_BODIES: tuple[Any, ...] = (
    [],
    "text",
    None,
    7,
    {},
    {"value": "x"},
    {"value": 1, "scanned_at": "x"},
    {"value": None, "scanned_at": None},
    {"value": ["SF"], "scanned_at": "x"},
    {"value": "x", "scanned_at": "x", "station_id": "1"},
    {"value": "x", "scanned_at": "x", "batch": "1"},
)


@pytest.mark.parametrize("body", BAD_BODIES, ids=range(len(BAD_BODIES)))
@pytest.mark.parametrize("operation", ["scan", "answer", "undo", "damaged"])
def test_a_body_that_is_not_understood_is_refused(counter: FlaskClient, operation: str, body: Any) -> None:
    said = post(counter, operation, body)
    assert 400 <= said.status_code < 500, said.text
    assert counted(Parcel) == 0


def test_a_body_that_is_no_json_is_refused(counter: FlaskClient) -> None:
    headers = {
        "Idempotency-Key": "test-key-x",
        "Content-Type": "application/json",
        "Accept": "application/json",
    }
    said = counter.post(f"{SCREEN}/scan", data=b"{\xff", headers=headers)
    assert said.status_code == 422


def test_the_list_shows_parcels_and_refusals_newest_first(counter: FlaskClient) -> None:
    first, second = check_in(counter, waybill()), None
    scan(counter, "not a waybill")
    second = check_in(counter, waybill())
    side = counter.get(f"{SCREEN}/side").text
    found = [side.index(f'data-undo="{parcel["id"]}"') for parcel in (second, first)]
    assert found == sorted(found)
    assert found[0] < side.index("Refused") < found[1]


def test_the_list_escapes_what_was_scanned(counter: FlaskClient) -> None:
    scan(counter, "<b>x</b>")
    assert "<b>x" not in counter.get(SCREEN).text


def test_the_screen_costs_the_same_with_one_and_with_thirty(
    web_station: Station, counter: FlaskClient
) -> None:
    person = recipient(web_station)
    with reading():
        batch = batches.current(web_station.clerk)
    assert batch is not None
    store(web_station, to=person, batch_id=batch.id)
    few = statements_of(counter)
    for _ in range(30):
        store(web_station, to=person, batch_id=batch.id)
    assert statements_of(counter) == few


def statements_of(counter: FlaskClient) -> int:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert counter.get(SCREEN).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)
