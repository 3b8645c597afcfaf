"""Visits, releases and replays over HTTP: what fits, what counts as a try, what is kept, and how much it costs."""

from typing import Any

import pytest
from flask import Flask

from station.accounts import devices
from station.core.db import reading, transaction
from station.kiosks import waiting
from station.kiosks.limits import FAILURES
from station.parcels.intake import CheckedIn
from station.residents import proxies
from station.residents.proxies import Wish
from station.residents.service import Known
from tests.factories import Station, recipient, store
from tests.http.kiosks import Kiosk, allow, code, digits, make_kiosk, now
from tests.http.scanner import problem, refused_scans
from tests.http.test_me_pages import statements

TAIL = "4068"


@pytest.fixture
def kiosk(web: Flask, web_station: Station) -> Kiosk:
    allow(web_station)
    return make_kiosk(web, web_station)


@pytest.fixture
def person(web_station: Station) -> Known:
    return recipient(web_station)


@pytest.fixture
def parcel(web_station: Station, person: Known) -> CheckedIn:
    return store(web_station, to=person)


# Visits


def test_the_six_digits_begin_a_visit_that_may_enrol_nobody(
    kiosk: Kiosk, web_station: Station, person: Known, parcel: CheckedIn
) -> None:
    said = kiosk.begin("six_digits", tail=TAIL, digits=digits(web_station, person)).json

    assert (said["way"], said["recipient_id"]) == ("six_digits", str(person.id))
    assert (said["may_enrol"], said["is_guardian_fit"]) == (False, False)
    assert [one["parcel_id"] for one in said["parcels"]] == [str(parcel.parcel_id)]


def test_a_pickup_code_tells_nobody_s_id(kiosk: Kiosk, person: Known, parcel: CheckedIn) -> None:
    said = kiosk.begin("pickup_code", code=parcel.pickup_code, tail=TAIL).json

    assert (said["name"], said["recipient_id"]) == ("陈**", None)
    assert kiosk.release(said, parcel).status_code == 200


def test_a_proxy_is_greeted_by_the_name_they_were_given(
    kiosk: Kiosk, web_station: Station, person: Known, parcel: CheckedIn
) -> None:
    with transaction():
        text = proxies.give(web_station.clerk, Wish(person.id, parcel.parcel_id, name="李雷雷")).code
    said = kiosk.begin("proxy_code", code=f"proxy:{text}").json

    assert (said["name"], said["recipient_id"]) == ("李**", None)


def test_a_face_needs_the_agreement(kiosk: Kiosk, person: Known) -> None:
    problem(kiosk.begin("face", recipient_id=str(person.id)), 409, "face_not_agreed")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"way": "identity_code"},
        {"way": "magic", "text": "x"},
        {"way": "identity_code", "text": ""},
        {"way": "identity_code", "text": "x" * 301},
        {"way": "identity_code", "text": "ID:1", "tail": "4068"},
        {"way": "six_digits", "tail": "4068"},
        {"way": "six_digits", "tail": "4068", "digits": "12345a"},
        {"way": "pickup_code", "code": "1-1-1"},
        {"way": "pickup_code", "code": "1-1-1", "tail": "40680"},
        {"way": "proxy_code"},
        {"way": "face", "recipient_id": "0"},
        {"way": "face", "recipient_id": "1", "more": 1},
        {"way": "face", "recipient_id": "1", "at": "2026-11-21T09:00:00"},
    ],
)
def test_what_belongs_to_no_way_is_refused(kiosk: Kiosk, body: dict[str, Any]) -> None:
    problem(kiosk.post("/sessions", {"at": now()} | body), 422, "bad_input")


def test_a_kiosk_may_send_the_fields_of_other_ways_as_null(kiosk: Kiosk) -> None:
    body = {"way": "proxy_code", "code": "NONE2345", "text": None, "tail": None, "at": now()}

    problem(kiosk.post("/sessions", body), 422, "proxy_code_wrong")


# Tries


def test_five_wrong_tails_are_the_last_and_a_repeated_request_is_one_try(
    kiosk: Kiosk, parcel: CheckedIn
) -> None:
    wrong = {"way": "pickup_code", "code": parcel.pickup_code, "tail": "0000", "at": now()}
    for _ in range(FAILURES + 4):
        problem(kiosk.post("/sessions", wrong, key="the-same-key"), 422, "pickup_code_or_tail_wrong")
    for _ in range(FAILURES - 1):
        problem(kiosk.post("/sessions", wrong), 422, "pickup_code_or_tail_wrong")

    facts = problem(kiosk.post("/sessions", wrong | {"tail": TAIL}), 429, "too_many_attempts")
    assert facts["retry_after_s"] == 15 * 60


def test_what_is_refused_is_kept_without_what_is_secret_in_it(kiosk: Kiosk, parcel: CheckedIn) -> None:
    kiosk.begin("identity_code", text="ID:ABC")
    kiosk.begin("six_digits", tail=TAIL, digits="123456")
    kiosk.begin("pickup_code", code="3-3-9", tail=TAIL)
    kiosk.begin("proxy_code", code="NONE2345")
    kiosk.begin("face", recipient_id="1")

    assert refused_scans() == [
        ("kiosk", "identity_code_invalid", "ID:…"),
        ("kiosk", "six_digits_wrong", "4068 …"),
        ("kiosk", "pickup_code_or_tail_wrong", "3-3-9 …"),
        ("kiosk", "proxy_code_wrong", "PROXY:…"),
        ("kiosk", "not_found", "…"),
    ]


# Replays


def test_a_replay_is_accepted_or_becomes_a_conflict(
    kiosk: Kiosk, web_station: Station, person: Known, parcel: CheckedIn
) -> None:
    when = now()
    body = {
        "key": "kiosk-key-1",
        "session": {"way": "identity_code", "text": code(web_station, person), "began_at": when},
        "parcel_id": str(parcel.parcel_id),
        "waybill": parcel.waybill,
        "at": when,
    }
    first = kiosk.post("/replays", body).json
    again = kiosk.post("/replays", body).json
    other = kiosk.post("/replays", body | {"key": "kiosk-key-2"}).json

    assert first == again
    assert (first["outcome"], first["conflict_id"], first["reason"]) == ("accepted", None, None)
    assert (other["outcome"], other["hand_over_id"], other["reason"]) == (
        "conflict",
        None,
        "already_handed_over",
    )


@pytest.mark.parametrize(
    "change",
    [{"key": "short"}, {"parcel_id": "x"}, {"waybill": ""}, {"at": "now"}, {"session": {}}, {"more": 1}],
)
def test_replays_that_are_none_are_refused(kiosk: Kiosk, change: dict[str, Any]) -> None:
    session = {"way": "face", "recipient_id": "1", "began_at": now()}
    body = {"key": "kiosk-key-1", "session": session, "parcel_id": "1", "waybill": "SF1", "at": now()}

    problem(kiosk.post("/replays", body | change), 422, "bad_input")


# The list


def test_the_list_is_told_in_parts(kiosk: Kiosk, web_station: Station, person: Known) -> None:
    parcels = [str(store(web_station, to=person).parcel_id) for _ in range(3)]
    first = kiosk.get("/waiting", limit="2").json
    second = kiosk.get("/waiting", after=first["next_cursor"], limit="2").json

    assert [one["parcel_id"] for one in first["changed"] + second["changed"]] == parcels
    assert (first["is_complete"], second["is_complete"]) == (False, True)
    assert first["people"] == [
        {"owner": first["changed"][0]["owner"], "recipient_ids": [str(person.id)]},
    ]
    problem(kiosk.get("/waiting", after="elsewhere"), 409, "cursor_unknown")


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "501"}, {"after": "x" * 81}, {"more": "1"}])
def test_queries_that_are_none_are_refused(kiosk: Kiosk, query: dict[str, str]) -> None:
    problem(kiosk.get("/waiting", **query), 422, "bad_input")


# What it costs


def test_the_list_takes_as_many_statements_for_many_parcels_as_for_few(
    kiosk: Kiosk, web_station: Station, person: Known, parcel: CheckedIn
) -> None:
    kiosk.get("/waiting")  # notes that the kiosk was seen
    with statements() as few:
        kiosk.get("/waiting")
    with reading():
        cursor = waiting.head(devices.authenticate_device(kiosk.token))
    for number in range(12):
        store(web_station, to=recipient(web_station, f"139000022{number:02d}", "张伟"))
    with statements() as many:
        kiosk.get("/waiting")
    with statements() as behind:
        kiosk.get("/waiting", after=cursor)

    assert len(few) == len(many) <= 15
    assert len(behind) <= 14


def test_a_release_takes_as_many_statements_whatever_waits(
    kiosk: Kiosk, web_station: Station, person: Known, parcel: CheckedIn
) -> None:
    visit = kiosk.begin("identity_code", text=code(web_station, person)).json
    store(web_station, to=person)  # one message is owed for both, whatever the number
    with statements() as few:
        kiosk.release(visit, parcel)
    parcels = [store(web_station, to=person) for _ in range(6)]
    with statements() as many:
        kiosk.release(visit, parcels[0])

    assert len(few) == len(many) <= 25
