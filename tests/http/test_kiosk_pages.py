"""Managers' pages about kiosks."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from station.core.db import reading, transaction
from station.kiosks import pictures, rules
from station.kiosks.rules import KioskRules
from tests.factories import Station
from tests.http.forms import post
from tests.http.kiosks import EVERYTHING, Kiosk, make_kiosk
from tests.http.test_kiosk_watch_api import JPEG, REPORT, encoded, now


@pytest.fixture
def kiosk(web: Flask, web_station: Station) -> Kiosk:
    return make_kiosk(web, web_station)


def page(browser: FlaskClient) -> str:
    answer = browser.get("/kiosks")
    assert answer.status_code == 200
    return answer.text


def test_a_station_without_kiosks_is_told_how_to_begin(manager_client: FlaskClient) -> None:
    assert "No kiosk yet" in page(manager_client)


def test_a_code_is_shown_once_with_the_command_and_enrols(web: Flask, manager_client: FlaskClient) -> None:
    shown = post(manager_client, "/kiosks", {"name": "Door kiosk"})
    assert shown.status_code == 200
    found = re.search(r"python -m kiosk enrol http://localhost ([A-Z0-9-]+)", shown.text)
    assert found
    assert '<svg class="qr"' in shown.text
    body = {"code": found[1], "version": "1.0"}
    assert web.test_client().post("/api/v1/kiosks/enrol", json=body).status_code == 200
    text = page(manager_client)
    assert "Door kiosk" in text
    assert found[1] not in text


def test_a_code_without_a_name_is_not_made(manager_client: FlaskClient) -> None:
    assert post(manager_client, "/kiosks", {"name": ""}).status_code == 422


def test_what_a_kiosk_says_is_shown(manager_client: FlaskClient, kiosk: Kiosk) -> None:
    assert "Not heard yet" in page(manager_client)
    kiosk.post("/reports", REPORT | {"at": now(), "queue_length": 7, "camera": "dark", "is_demo": True})
    text = page(manager_client)
    assert "Working" in text
    assert "too dark" in text
    assert "<dd>7</dd>" in text
    assert "Demo camera" in text


def test_the_switches_are_kept(web_station: Station, manager_client: FlaskClient) -> None:
    on = {
        "takes_pickup_codes": "y",
        "takes_faces": "y",
        "takes_photos": "y",
    }
    post(manager_client, "/kiosks/rules", on)
    with reading():
        assert rules.for_station(web_station.id) == EVERYTHING
    post(manager_client, "/kiosks/rules", {})
    with reading():
        assert rules.for_station(web_station.id) == KioskRules(
            takes_pickup_codes=False, face_always_asks_tail=False
        )


def test_a_kiosk_is_renamed_and_taken_out_of_use(manager_client: FlaskClient, kiosk: Kiosk) -> None:
    post(manager_client, f"/kiosks/{kiosk.id}/name", {"name": "Yard kiosk"})
    assert "Yard kiosk" in page(manager_client)
    post(manager_client, f"/kiosks/{kiosk.id}/revoke", {})
    assert "Out of use" in page(manager_client)
    assert kiosk.get("/setup").status_code == 401
    again = post(manager_client, f"/kiosks/{kiosk.id}/name", {"name": "Hall"})
    assert again.status_code == 404


def test_a_look_is_asked_for_and_shown_once(
    web_station: Station, manager_client: FlaskClient, kiosk: Kiosk
) -> None:
    asked = post(manager_client, f"/kiosks/{kiosk.id}/look", {})
    assert asked.headers["Location"] == f"/kiosks/{kiosk.id}/look"
    assert "The kiosk is asked" in manager_client.get(f"/kiosks/{kiosk.id}/look").text
    waiting = manager_client.post(f"/kiosks/{kiosk.id}/look/show", headers={"HX-Request": "true"})
    assert "The kiosk is asked" in waiting.text
    assert "<html" not in waiting.text
    kiosk.post("/thumbnails", {"taken_at": now(), "jpeg": encoded(JPEG)})
    shown = manager_client.post(f"/kiosks/{kiosk.id}/look/show")
    assert f"data:image/jpeg;base64,{encoded(JPEG)}" in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    over = manager_client.post(f"/kiosks/{kiosk.id}/look/show")
    assert "No picture came" in over.text
    with transaction():
        assert pictures.take(web_station.manager, kiosk.id) is None


def test_scanners_are_no_kiosks_and_kiosks_no_scanners(manager_client: FlaskClient, kiosk: Kiosk) -> None:
    post(manager_client, "/devices", {"name": "Gate scanner"})
    assert "Gate scanner" not in page(manager_client)
    assert "Kiosk " not in manager_client.get("/devices").text.partition("<table")[2]
    assert post(manager_client, "/kiosks/1/look", {}).status_code == 404


def test_clerks_do_not_see_the_settings(clerk_client: FlaskClient) -> None:
    assert clerk_client.get("/kiosks").status_code == 403
