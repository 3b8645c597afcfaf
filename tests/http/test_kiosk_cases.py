"""What staff are called for on every page, and hand-overs that somebody must settle."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from station.accounts.devices import authenticate_device
from station.core import clock
from station.core.actor import Actor
from station.core.db import reading, transaction
from station.kiosks import conflicts
from station.kiosks.conflicts import Refused
from station.parcels import parcel_queries
from tests.factories import Station, make_station, recipient, store
from tests.http.forms import post
from tests.http.kiosks import Kiosk, code, make_kiosk, now
from tests.http.test_kiosk_watch_api import REPORT
from tests.services.kiosk_world import left_by

REGION = 'id="kiosk-calls"'


@pytest.fixture
def kiosk(web: Flask, web_station: Station) -> Kiosk:
    return make_kiosk(web, web_station)


@pytest.fixture
def door(kiosk: Kiosk) -> Actor:
    with reading():
        return authenticate_device(kiosk.token)


def call(kiosk: Kiosk, kind: str = "staff_called", **more: str) -> str:
    answer = kiosk.post("/alerts", {"kind": kind, "at": now()} | more)
    assert answer.json
    return str(answer.json["alert_id"])


def calls(browser: FlaskClient) -> list[Any]:
    answer = browser.get("/kiosk-cases/calls")
    assert answer.json
    return list(answer.json["calls"])


def test_pages_listen_for_calls_only_where_there_are_kiosks(web: Flask, clerk_client: FlaskClient) -> None:
    assert REGION not in clerk_client.get("/parcels").text


def test_every_page_of_a_station_with_kiosks_listens(clerk_client: FlaskClient, kiosk: Kiosk) -> None:
    for path in ("/parcels", "/check-in", "/hand-over", "/problems"):
        assert REGION in clerk_client.get(path).text, path


def test_a_call_is_told_in_words_until_somebody_sees_to_it(
    web_station: Station, clerk_client: FlaskClient, kiosk: Kiosk
) -> None:
    parcel = store(web_station)
    alert_id = call(kiosk, "wrong_parcel", parcel_id=str(parcel.parcel_id))
    (told,) = calls(clerk_client)
    assert told["id"] == alert_id
    assert told["title"].endswith("Somebody has a wrong parcel in their hands")
    assert parcel.pickup_code in told["text"]
    assert told["settle"] is None
    assert post(clerk_client, told["dismiss"], {}).status_code == 303
    assert calls(clerk_client) == []


def test_a_script_dismisses_with_its_key_in_the_header(clerk_client: FlaskClient, kiosk: Kiosk) -> None:
    call(kiosk)
    (told,) = calls(clerk_client)
    for _again in range(2):
        answer = clerk_client.post(told["dismiss"], headers={"Idempotency-Key": "dismiss-1"})
        assert answer.status_code == 200
    other = clerk_client.post(told["dismiss"], headers={"Idempotency-Key": "dismiss-2"})
    assert other.status_code == 404


def test_other_stations_hear_nothing(web: Flask, kiosk: Kiosk, client: FlaskClient) -> None:
    call(kiosk)
    stranger = make_station("Lotus Garden").sign_in(client, "clerk")
    assert calls(stranger) == []
    assert REGION not in stranger.get("/parcels").text


def released(kiosk: Kiosk, station: Station) -> Any:
    person = recipient(station)
    parcel = store(station, to=person)
    visit = kiosk.begin("identity_code", text=code(station, person)).json
    return kiosk.release(visit, parcel).json


def unfinished(kiosk: Kiosk, station: Station) -> Any:
    left = released(kiosk, station)
    kiosk.post("/reports", REPORT | {"at": now(), "unfinished": [left["parcel_id"]]})
    return left


def settled(kiosk: Kiosk, left: Any) -> list[str]:
    answer = kiosk.post("/reports", REPORT | {"at": now(), "unfinished": [left["parcel_id"]]})
    assert answer.json
    return list(answer.json["settled"])


def state(station: Station, left: Any) -> str:
    with reading():
        return parcel_queries.detail(station.id, int(left["parcel_id"])).state


@pytest.mark.parametrize(("answer", "becomes"), [("left", "handed_over"), ("here", "stored")])
def test_staff_say_whether_a_parcel_left(
    web_station: Station, clerk_client: FlaskClient, kiosk: Kiosk, answer: str, becomes: str
) -> None:
    left = unfinished(kiosk, web_station)
    assert settled(kiosk, left) == []
    text = clerk_client.get("/kiosk-cases").text
    assert "Did the parcel leave?" in text
    post(clerk_client, f"/kiosk-cases/hand-overs/{left['hand_over_id']}/{answer}", {})
    assert state(web_station, left) == becomes
    assert settled(kiosk, left) == [left["parcel_id"]]
    assert calls(clerk_client) == []


def conflict(station: Station, door: Actor) -> int:
    first, ming = left_by(station.clerk, station), recipient(station)
    what = Refused(
        first.parcel_id, first.waybill, "identity_code", ming.id, clock.now(), "already_handed_over"
    )
    with transaction():
        return conflicts.make(door, what)


def test_a_conflict_shows_both_stories_and_a_manager_settles_it(
    web_station: Station, manager_client: FlaskClient, door: Actor
) -> None:
    conflict_id = conflict(web_station, door)
    text = manager_client.get("/kiosk-cases").text
    assert "Stands in the books" in text
    assert "while offline. Known by: identity code. It was 陈**." in text.replace("&#39;", "'")
    note = "Both were at the desk; the second took another parcel."
    post(manager_client, f"/kiosk-cases/conflicts/{conflict_id}/settle", {"note": note})
    text = manager_client.get("/kiosk-cases").text
    assert note in text
    assert "Settled lately" in text


def test_a_clerk_reads_a_conflict_and_settles_none(
    web_station: Station, clerk_client: FlaskClient, door: Actor
) -> None:
    conflict_id = conflict(web_station, door)
    assert "A manager settles it" in clerk_client.get("/kiosk-cases").text
    answer = post(clerk_client, f"/kiosk-cases/conflicts/{conflict_id}/settle", {"note": "Mine."})
    assert answer.status_code == 403
