"""What kiosks tell of themselves over HTTP, and what they are told to do."""

import base64
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from station.core import ids
from station.core.db import connection, reading, transaction
from station.core.idempotency import IdempotentAnswer
from station.kiosks import pictures, rules
from station.kiosks.rules import KioskRules
from station.parcels import attachments
from station.residents import agreements
from station.residents.agreement_texts import CURRENT, TEXTS, Purpose
from station.residents.service import Known
from tests.factories import Station, make_station, recipient, store
from tests.http.kiosks import Kiosk, allow, code, make_kiosk, now
from tests.http.scanner import problem

JPEG = b"\xff\xd8\xff\xe0 hands and a parcel"
REPORT: dict[str, Any] = {
    "version": "1.0",
    "queue_length": 0,
    "clock_drift_ms": 12,
    "list_age_s": 5,
    "camera": "ok",
    "faces": 0,
    "unfinished": [],
    "is_demo": False,
}


@pytest.fixture
def kiosk(web: Flask, web_station: Station) -> Kiosk:
    allow(web_station)
    return make_kiosk(web, web_station)


@pytest.fixture
def person(web_station: Station) -> Known:
    return recipient(web_station)


def report(kiosk: Kiosk, **changes: Any) -> Any:
    answer = kiosk.post("/reports", REPORT | {"at": now()} | changes)
    assert answer.status_code == 200, answer.text
    return answer.json


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def begin(kiosk: Kiosk, station: Station, who: Known) -> Any:
    answer = kiosk.begin("identity_code", text=code(station, who))
    assert answer.status_code == 200, answer.text
    return answer.json


def face(visit: Any, **changes: Any) -> dict[str, Any]:
    body = {
        "session_id": visit["session_id"],
        "version": CURRENT[Purpose.FACE],
        "language": "zh",
        "at": now(),
    }
    return body | changes


def test_a_report_is_answered_with_what_the_kiosk_compares(kiosk: Kiosk, web_station: Station) -> None:
    said = report(kiosk)
    assert said["setup_version"] == kiosk.get("/setup").json["version"]
    assert said["waiting_head"] == kiosk.get("/waiting").json["next_cursor"]
    assert (said["forget_faces"], said["settled"], said["is_revoked"]) == ([], [], False)
    store(web_station)
    assert report(kiosk)["waiting_head"] != said["waiting_head"]
    allow(web_station, KioskRules())
    assert report(kiosk)["setup_version"] != said["setup_version"]


def test_reports_leave_no_answers_behind(kiosk: Kiosk) -> None:
    report(kiosk)
    report(kiosk, list_age_s=None, camera="missing")
    with reading():
        assert connection().execute(select(IdempotentAnswer.key)).all() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"camera": "broken"},
        {"queue_length": -1},
        {"clock_drift_ms": 2**31},
        {"version": "1.0 <b>"},
        {"unfinished": ["1"] * 51},
        {"template": [0.1]},
        {"at": "2026-11-21T10:00:00"},
    ],
    ids=["camera", "queue", "drift", "version", "unfinished", "template", "zone"],
)
def test_a_report_that_is_none_is_refused(kiosk: Kiosk, changes: dict[str, Any]) -> None:
    answer = kiosk.post("/reports", REPORT | {"at": now()} | changes)
    problem(answer, 422, "bad_input")


def test_a_call_is_raised_and_a_kind_of_the_stations_own_is_refused(kiosk: Kiosk) -> None:
    first = kiosk.post("/alerts", {"kind": "staff_called", "at": now()})
    again = kiosk.post("/alerts", {"kind": "staff_called", "at": now()})
    assert first.json == again.json
    problem(kiosk.post("/alerts", {"kind": "silent", "at": now()}), 422, "bad_input")
    fault = kiosk.post("/alerts", {"kind": "fault", "at": now(), "part": "printer"})
    assert fault.status_code == 200
    wrong = {"kind": "wrong_parcel", "at": now(), "parcel_id": str(ids.next_id())}
    assert kiosk.post("/alerts", wrong).status_code == 200


def left(kiosk: Kiosk, station: Station, person: Known) -> Any:
    parcel = store(station, to=person)
    return kiosk.release(begin(kiosk, station, person), parcel).json


def test_a_photo_is_kept_with_its_parcel(kiosk: Kiosk, web_station: Station, person: Known) -> None:
    gone = left(kiosk, web_station, person)
    body = {"hand_over_id": gone["hand_over_id"], "taken_at": now(), "jpeg": encoded(JPEG)}
    answer = kiosk.post("/photos", body)
    assert answer.status_code == 200, answer.text
    with reading():
        kept = attachments.of_parcel(web_station.id, int(gone["parcel_id"]))
    assert kept == [(int(answer.json["photo_id"]), "hand_over")]


@pytest.mark.parametrize(
    "jpeg", ["no base64!", "照片", encoded(b"GIF89a"), "A" * 600_000], ids=lambda text: text[:9]
)
def test_a_photo_that_is_none_is_refused(
    kiosk: Kiosk, web_station: Station, person: Known, jpeg: str
) -> None:
    gone = left(kiosk, web_station, person)
    body = {"hand_over_id": gone["hand_over_id"], "taken_at": now(), "jpeg": jpeg}
    problem(kiosk.post("/photos", body), 422, "bad_input")


def test_no_photo_of_another_kiosks_hand_over(
    web: Flask, kiosk: Kiosk, web_station: Station, person: Known
) -> None:
    gone = left(make_kiosk(web, web_station), web_station, person)
    body = {"hand_over_id": gone["hand_over_id"], "taken_at": now(), "jpeg": encoded(JPEG)}
    problem(kiosk.post("/photos", body), 404, "not_found")


def test_a_look_goes_from_the_kiosk_to_who_asked(kiosk: Kiosk, web_station: Station) -> None:
    assert not report(kiosk)["thumbnail_wanted"]
    with transaction():
        pictures.ask(web_station.manager, kiosk.id)
    assert report(kiosk)["thumbnail_wanted"]
    sent = kiosk.post("/thumbnails", {"taken_at": now(), "jpeg": encoded(JPEG)})
    assert (sent.status_code, sent.json) == (200, {})
    assert not report(kiosk)["thumbnail_wanted"]
    with transaction():
        assert pictures.take(web_station.manager, kiosk.id) == JPEG


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_text_to_agree_to_is_the_current_one(kiosk: Kiosk, language: str) -> None:
    version = CURRENT[Purpose.FACE]
    said = kiosk.get("/agreement", language=language).json
    assert said == {"version": version, "text": TEXTS[Purpose.FACE, version, language].body}
    problem(kiosk.get("/agreement", language="xx"), 422, "bad_input")


def test_a_face_lives_from_agreeing_to_the_receipt(kiosk: Kiosk, web_station: Station, person: Known) -> None:
    enrolled = kiosk.post("/faces", face(begin(kiosk, web_station, person)))
    assert enrolled.status_code == 200, enrolled.text
    assert enrolled.json["recipient_id"] == str(person.id)
    used = {"recipient_ids": [str(person.id)], "at": now()}
    assert kiosk.post("/faces/used", used).status_code == 200
    with transaction():
        agreements.withdraw(web_station.manager, person.id, Purpose.FACE)
    assert report(kiosk)["forget_faces"] == [str(person.id)]
    receipt = {"recipient_id": str(person.id), "reason": "withdrawn", "at": now()}
    assert kiosk.post("/faces/gone", receipt).json == {}
    assert report(kiosk)["forget_faces"] == []


def test_a_guardian_agrees_by_a_visit_of_their_own(kiosk: Kiosk, web_station: Station, person: Known) -> None:
    parent = recipient(web_station, "13977770001", "陈国强")
    child, adult = begin(kiosk, web_station, person), begin(kiosk, web_station, parent)
    answer = kiosk.post("/faces", face(child, guardian_session_id=adult["session_id"]))
    assert answer.status_code == 200, answer.text
    with reading():
        held = agreements.in_force(web_station.id, person.id, Purpose.FACE)
    assert held
    assert held.given_by is agreements.GivenBy.GUARDIAN


def test_nobody_is_their_own_guardian(kiosk: Kiosk, web_station: Station, person: Known) -> None:
    visit = begin(kiosk, web_station, person)
    body = face(visit, guardian_session_id=visit["session_id"])
    problem(kiosk.post("/faces", body), 422, "bad_input")


def test_only_an_identity_code_leads_to_enrolling(kiosk: Kiosk, web_station: Station, person: Known) -> None:
    parcel = store(web_station, to=person)
    visit = kiosk.begin("pickup_code", code=parcel.pickup_code, tail="4068").json
    problem(kiosk.post("/faces", face(visit)), 403, "forbidden")


def test_a_visit_at_another_kiosk_does_not_count(
    web: Flask, kiosk: Kiosk, web_station: Station, person: Known
) -> None:
    visit = begin(make_kiosk(web, web_station), web_station, person)
    problem(kiosk.post("/faces", face(visit)), 404, "not_found")


def test_an_old_text_is_refused(kiosk: Kiosk, web_station: Station, person: Known) -> None:
    visit = begin(kiosk, web_station, person)
    problem(kiosk.post("/faces", face(visit, version=99)), 409, "stale")


def test_a_station_that_takes_no_faces_enrols_none(kiosk: Kiosk, web_station: Station, person: Known) -> None:
    visit = begin(kiosk, web_station, person)
    with transaction():
        rules.change(web_station.manager, KioskRules())
    problem(kiosk.post("/faces", face(visit)), 409, "way_off")


def test_another_stations_people_are_nobody_here(kiosk: Kiosk, web_station: Station) -> None:
    stranger = recipient(make_station("Lotus Garden"))
    receipt = {"recipient_id": str(stranger.id), "reason": "unused", "at": now()}
    assert kiosk.post("/faces/gone", receipt).json == {}
    assert kiosk.post("/faces/used", {"recipient_ids": [str(stranger.id)], "at": now()}).json == {}
