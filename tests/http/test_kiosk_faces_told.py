"""What a resident reads of their face among their choices, from enrolling to the receipt of its deletion."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import Station, recipient
from tests.http import residents
from tests.http.forms import post
from tests.http.kiosks import Kiosk, allow, code, make_kiosk, now
from tests.http.test_kiosk_watch_api import REPORT, face


@pytest.fixture
def kiosk(web: Flask, web_station: Station) -> Kiosk:
    allow(web_station)
    return make_kiosk(web, web_station)


def report(kiosk: Kiosk) -> list[str]:
    answer = kiosk.post("/reports", REPORT | {"at": now()})
    assert answer.json
    return list(answer.json["forget_faces"])


def test_withdrawing_on_the_phone_leads_to_a_receipt(
    web_station: Station, kiosk: Kiosk, client: FlaskClient
) -> None:
    person = recipient(web_station, residents.PHONE)
    residents.sign_in(client)
    mine = f"/me/choices/{web_station.id}/{person.id}"
    assert "Your face is enrolled" not in client.get(mine).text

    visit = kiosk.begin("identity_code", text=code(web_station, person)).json
    assert kiosk.post("/faces", face(visit)).status_code == 200
    assert "Your face is enrolled at the kiosk Kiosk" in client.get(mine).text

    post(client, f"{mine}/agreements/face/withdraw")
    assert "deletes your face at its next contact" in client.get(mine).text

    assert report(kiosk) == [str(person.id)]
    kiosk.post("/faces/gone", {"recipient_id": str(person.id), "reason": "withdrawn", "at": now()})
    text = client.get(mine).text
    assert "Your face was deleted at the kiosk Kiosk" in text
    assert "deletes your face" not in text
    assert report(kiosk) == []
