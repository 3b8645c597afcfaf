"""The hand-over desk over HTTP: finding, scanning, several at once, undo, and what is refused."""

import io
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from station.core.db import db, reading, transaction
from station.events.models import RefusedScan
from station.parcels import attachments, handling, parcel_queries
from station.parcels.intake import CheckedIn
from station.parcels.lifecycle import Problem
from tests.factories import Station, make_station, recipient, store

DESK = "/hand-over"


def state(station: Station, parcel: CheckedIn) -> str:
    with reading():
        return parcel_queries.detail(station.id, parcel.parcel_id).state


def person(station: Station, parcel: CheckedIn) -> str:
    return f"r{parcel.recipient.id}" if parcel.recipient else f"p{parcel.parcel_id}"


def scan(client: FlaskClient, value: str, key: str = "scan-0001", **more: str) -> Any:
    body = {"value": value, "scanned_at": "2026-11-21T09:00:00Z"} | more
    return client.post(
        f"{DESK}/scan",
        data=json.dumps(body),
        headers={"Idempotency-Key": key},
        content_type="application/json",
    )


def refused_scans() -> list[tuple[str, str]]:
    with reading():
        return [tuple(row) for row in db.session.execute(select(RefusedScan.purpose, RefusedScan.reason))]


def test_the_desk_opens_empty_and_listens(clerk_client: FlaskClient) -> None:
    page = clerk_client.get(DESK)
    assert page.status_code == 200
    assert "autofocus" in page.text
    assert "Who is collecting?" in page.text


def test_one_box_finds_the_person_and_shows_what_waits(
    web_station: Station, clerk_client: FlaskClient
) -> None:
    first, second = store(web_station), store(web_station, layer_id=web_station.layer("2"))
    page = clerk_client.post(DESK, data={"value": first.pickup_code})
    assert page.status_code == 200
    for parcel in (first, second):
        assert f'value="{parcel.parcel_id}"' in page.text
    assert "陈**" in page.text
    assert "4068" in page.text
    assert "13812344068" not in page.text
    assert "陈晓明" not in page.text


@pytest.mark.parametrize("text", ["id:ABC", "ID:" + "X" * 138])
def test_an_identity_code_that_is_none_says_what_to_do(clerk_client: FlaskClient, text: str) -> None:
    answer = scan(clerk_client, text)
    assert answer.status_code == 422
    assert "This identity code cannot be read" in answer.json["html"]
    assert answer.json["sound"] == "bad"


def test_scans_hand_over_one_by_one_and_the_others_stay(
    web_station: Station, clerk_client: FlaskClient
) -> None:
    first, second = store(web_station), store(web_station)
    found = scan(clerk_client, first.pickup_code, "scan-0001")
    assert found.json["kind"] == "served"
    answer = scan(clerk_client, first.waybill, "scan-0002", person=person(web_station, first))
    assert (answer.status_code, answer.json["sound"]) == (200, "ok")
    assert f"1 stays: {second.pickup_code}" in answer.json["html"]
    assert (state(web_station, first), state(web_station, second)) == ("handed_over", "stored")
    last = scan(clerk_client, second.waybill, "scan-0003", person=person(web_station, first))
    assert "Nothing else waits" in last.json["html"]
    assert last.json["kind"] == "desk"


def test_the_same_scan_twice_acts_once(web_station: Station, clerk_client: FlaskClient) -> None:
    parcel, _other = store(web_station), store(web_station)
    for _ in range(2):
        answer = scan(clerk_client, parcel.waybill, "scan-0002", person=person(web_station, parcel))
        assert (answer.status_code, answer.json["sound"]) == (200, "ok")
    with reading():
        assert len(parcel_queries.left_of(web_station.id, [parcel.parcel_id])) == 1


def test_a_strangers_parcel_sounds_bad_and_names_nobody(
    web_station: Station, clerk_client: FlaskClient
) -> None:
    mine = store(web_station)
    theirs = store(web_station, to=recipient(web_station, "13900001111", "王芳"))
    answer = scan(clerk_client, theirs.waybill, person=person(web_station, mine))
    assert (answer.status_code, answer.json["sound"]) == (409, "bad")
    assert "for somebody else" in answer.json["html"]
    assert "王" not in answer.json["html"]
    assert "1111" not in answer.json["html"]
    assert refused_scans() == [("hand_over", "not_your_parcel")]
    assert state(web_station, theirs) == "stored"


def test_a_second_hand_over_says_when_how_and_by_whom(
    web_station: Station, clerk_client: FlaskClient
) -> None:
    parcel, _other = store(web_station), store(web_station)
    who = person(web_station, parcel)
    scan(clerk_client, parcel.waybill, "scan-0001", person=who)
    answer = scan(clerk_client, parcel.waybill, "scan-0002", person=who)
    assert answer.status_code == 409
    assert "has left the station already" in answer.json["html"]
    assert "Clerk handed it to the recipient at the counter on" in answer.json["html"]
    search = scan(clerk_client, parcel.waybill, "scan-0003")
    assert "Clerk handed it to the recipient at the counter on" in search.json["html"]


def test_a_proxy_is_noted_and_a_name_that_is_none_refused(
    web_station: Station, clerk_client: FlaskClient
) -> None:
    parcel, _other = store(web_station), store(web_station)
    who = person(web_station, parcel)
    wrong = scan(clerk_client, parcel.waybill, "scan-0001", person=who, proxy_name="<b>")
    assert wrong.status_code == 422
    assert "not a name" in wrong.json["html"]
    scan(clerk_client, parcel.waybill, "scan-0002", person=who, proxy_name="李雷")
    with reading():
        (left,) = parcel_queries.left_of(web_station.id, [parcel.parcel_id])
    assert left.taken_by == "proxy"


def test_several_together_leave_and_the_refused_one_stays(
    web_station: Station, clerk_client: FlaskClient
) -> None:
    first, second, held = store(web_station), store(web_station), store(web_station)
    with transaction():
        handling.hold(web_station.clerk, held.parcel_id, reason="complaint")
    chosen = [first.parcel_id, second.parcel_id, held.parcel_id]
    data = {"person": person(web_station, first), "parcel": chosen, "key": "together-1"}
    for _ in range(2):
        page = clerk_client.post(f"{DESK}/together", data=data)
        assert page.status_code == 200
        assert f"Handed over: {first.pickup_code}, {second.pickup_code}" in page.text
        assert "on hold" in page.text
        assert f"1 stays: {held.pickup_code}" in page.text
    assert [state(web_station, one) for one in (first, second, held)] == [
        "handed_over",
        "handed_over",
        "stored",
    ]


def test_who_has_to_pay_first_is_led_to_paying(web_station: Station, clerk_client: FlaskClient) -> None:
    free, held = store(web_station), store(web_station)
    to_pay = f'href="/money/counter/people/{person(web_station, held)[1:]}"'
    assert to_pay not in clerk_client.post(DESK, data={"value": free.pickup_code}).text
    with transaction():
        handling.hold(web_station.clerk, held.parcel_id, reason="payment_due")

    page = clerk_client.post(DESK, data={"value": free.pickup_code}).text

    assert "To be paid first" in page
    assert to_pay in page


def test_together_takes_only_this_persons_parcels(web_station: Station, clerk_client: FlaskClient) -> None:
    mine = store(web_station)
    theirs = store(web_station, to=recipient(web_station, "13900001111", "王芳"))
    data = {"person": person(web_station, mine), "parcel": [theirs.parcel_id], "key": "together-1"}
    page = clerk_client.post(f"{DESK}/together", data=data)
    assert page.status_code == 409
    assert state(web_station, theirs) == "stored"


@pytest.mark.parametrize(
    "parcels", [[], ["x"], ["-1"], ["99999999999999999999"], ["²"], [str(n) for n in range(101)]]
)
def test_together_refuses_parcels_that_cannot_be_chosen(
    web_station: Station, clerk_client: FlaskClient, parcels
) -> None:
    data = {"person": person(web_station, store(web_station)), "parcel": parcels, "key": "together-1"}
    assert clerk_client.post(f"{DESK}/together", data=data).status_code == 422


def test_an_undo_needs_a_reason_and_brings_the_parcel_back(
    web_station: Station, clerk_client: FlaskClient
) -> None:
    parcel = store(web_station)
    scan(clerk_client, parcel.waybill, person=person(web_station, parcel))
    assert "Undo" in clerk_client.get(DESK).text
    for reason in ("", "because", "x" * 500):
        data = {"parcel": parcel.parcel_id, "reason": reason, "key": "undo-0001"}
        assert clerk_client.post(f"{DESK}/undo", data=data).status_code == 422
    data = {"parcel": parcel.parcel_id, "reason": "wrong_parcel", "key": "undo-0001"}
    page = clerk_client.post(f"{DESK}/undo", data=data)
    assert page.status_code == 200
    assert f"Put it on {parcel.pickup_code} again" in page.text
    assert state(web_station, parcel) == "stored"


def test_people_with_one_tail_are_chosen_by_digit(web_station: Station, clerk_client: FlaskClient) -> None:
    store(web_station)
    store(web_station, to=recipient(web_station, "13912344068", "王芳"))
    page = clerk_client.post(DESK, data={"value": "4068"})
    assert 'data-digit="1"' in page.text
    assert 'data-digit="2"' in page.text


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("", 200),
        ("&&&", 422),
        ("\x00\x1b", 422),
        ("📦", 422),
        ("-5", 422),
        ("包" * 400, 422),
        ("SF1234567890123\nSF1234567890124", 422),
    ],
)
def test_what_means_nothing_is_said_and_kept(clerk_client: FlaskClient, value: str, status: int) -> None:
    answer = scan(clerk_client, value)
    assert answer.status_code == status
    assert len(refused_scans()) == (1 if status == 422 else 0)


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"value": 1, "scanned_at": ""},
        {"value": "x" * 401, "scanned_at": ""},
        {"value": "1", "scanned_at": "", "owner": "1"},
    ],
)
def test_a_body_that_is_no_entry_is_refused(clerk_client: FlaskClient, body: object) -> None:
    answer = clerk_client.post(f"{DESK}/scan", json=body, headers={"Idempotency-Key": "scan-0001"})
    assert answer.status_code == 422


def test_a_scan_without_a_key_is_refused(web_station: Station, clerk_client: FlaskClient) -> None:
    parcel = store(web_station)
    assert scan(clerk_client, parcel.waybill, "", person=person(web_station, parcel)).status_code == 400
    assert state(web_station, parcel) == "stored"


def test_another_stations_people_and_parcels_do_not_exist(
    web_station: Station, clerk_client: FlaskClient
) -> None:
    elsewhere = make_station("Elm Yard")
    theirs, mine = store(elsewhere), store(web_station)
    assert "Nothing found" in scan(clerk_client, theirs.waybill).json["html"]
    assert (
        scan(clerk_client, theirs.waybill, "scan-0002", person=person(web_station, mine)).status_code == 404
    )
    undo = {"parcel": theirs.parcel_id, "reason": "wrong_parcel", "key": "undo-0001"}
    assert clerk_client.post(f"{DESK}/undo", data=undo).status_code == 404
    assert (
        "Nothing waits for this person" in clerk_client.get(f"{DESK}?person={person(elsewhere, theirs)}").text
    )


def test_nobody_signed_in_is_sent_to_sign_in(client: FlaskClient) -> None:
    assert client.get(DESK).status_code == 303
    assert client.post(f"{DESK}/together").status_code == 303


def test_a_parcel_without_a_phone_can_be_collected(web_station: Station, clerk_client: FlaskClient) -> None:
    parcel = store(web_station, recipient=None, problem=Problem.NO_PHONE)
    found = scan(clerk_client, parcel.waybill, "scan-0001")
    assert "No phone number" in found.json["html"]
    answer = scan(clerk_client, parcel.waybill, "scan-0002", person=f"p{parcel.parcel_id}")
    assert answer.json["sound"] == "ok"


def test_the_desk_speaks_chinese(web_station: Station, clerk_client: FlaskClient) -> None:
    clerk_client.set_cookie("language", "zh")
    assert 'lang="zh-CN"' in clerk_client.get(DESK).text


def test_a_returning_parcel_says_what_to_do(web_station: Station, clerk_client: FlaskClient) -> None:
    parcel = store(web_station)
    with transaction():
        handling.start_return(web_station.clerk, parcel.parcel_id, reason="refused")
    answer = scan(clerk_client, parcel.waybill, person=person(web_station, parcel))
    assert answer.status_code == 409
    assert "Clerk began its return to the carrier on" in answer.json["html"]
    assert "Cancel the return" in answer.json["html"]


def test_a_search_says_what_became_of_a_parcel(web_station: Station, clerk_client: FlaskClient) -> None:
    parcel = store(web_station)
    with transaction():
        handling.mark_lost(web_station.clerk, parcel.parcel_id, reason="not_found")
    answer = scan(clerk_client, parcel.waybill)
    assert (answer.status_code, answer.json["sound"]) == (200, "warn")
    assert "Clerk marked it as lost on" in answer.json["html"]
    assert "check it in again" in answer.json["html"]


def test_a_privacy_number_is_asked_for_and_shown_by_what_is_after_its_comma(
    web_station: Station, clerk_client: FlaskClient
) -> None:
    assert "With a privacy number: the 4 digits after the comma" in clerk_client.get(DESK).text
    first = store(web_station, to=recipient(web_station, "17012345678,8462"))
    shown = ',8462</span> <span class="small muted">the 4 digits after the comma</span>'
    assert shown in scan(clerk_client, "8462", "scan-0001").json["html"]
    store(web_station, to=recipient(web_station, "13900008462", "王芳"))
    several = scan(clerk_client, "8462", "scan-0002").json["html"]
    assert (several.count('data-digit="'), several.count(shown)) == (2, 1)
    left = scan(clerk_client, first.waybill, "scan-0003", person=person(web_station, first))
    assert ",8462</span>" in left.json["html"]  # what just left is a list: the comma says it there
    assert shown in scan(clerk_client, first.waybill, "scan-0004").json["html"]


PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def test_one_signature_is_kept_for_all_that_left(web_station: Station, clerk_client: FlaskClient) -> None:
    parcels = [store(web_station) for _ in range(2)]
    chosen = [one.parcel_id for one in parcels]
    for number in range(2):
        files = {
            "kind": "signature",
            "parcel": chosen,
            "picture": (io.BytesIO(PNG), "s.png"),
            "key": "proof-001",
        }
        answer = clerk_client.post(f"{DESK}/proof", data=files, content_type="multipart/form-data")
        assert answer.status_code == 200, number
        assert "The picture is kept." in answer.text
    with reading():
        kinds = [attachments.of_parcel(web_station.id, parcel_id) for parcel_id in chosen]
    assert [[kind for _id, kind in found] for found in kinds] == [["signature"], ["signature"]]


@pytest.mark.parametrize(
    ("kind", "content", "status"),
    [
        ("signature", b"", 422),
        ("signature", b"<svg>", 422),
        ("portrait", PNG, 422),
        ("signature", PNG + b"0" * 100, 422),
    ],
    ids=["empty", "no picture", "unknown kind", "too large"],
)
def test_what_is_no_picture_is_refused(
    web_station: Station,
    clerk_client: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    content: bytes,
    status: int,
) -> None:
    monkeypatch.setattr(attachments, "LARGEST", 100)
    parcel = store(web_station)
    files = {
        "kind": kind,
        "parcel": [parcel.parcel_id],
        "picture": (io.BytesIO(content), "s.png"),
        "key": "proof-001",
    }
    answer = clerk_client.post(f"{DESK}/proof", data=files, content_type="multipart/form-data")
    assert answer.status_code == status


def test_another_stations_parcel_takes_no_picture(web_station: Station, clerk_client: FlaskClient) -> None:
    theirs = store(make_station("Elm Yard"))
    files = {
        "kind": "signature",
        "parcel": [theirs.parcel_id],
        "picture": (io.BytesIO(PNG), "s.png"),
        "key": "proof-001",
    }
    answer = clerk_client.post(f"{DESK}/proof", data=files, content_type="multipart/form-data")
    assert answer.status_code == 404
