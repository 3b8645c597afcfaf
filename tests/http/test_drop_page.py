"""The courier's drop page and its worker over HTTP: who may open it, and that nobody sends another's scans."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from station.core import clock
from station.drops import presence
from station.web import headers
from tests import couriers
from tests.factories import Station


@pytest.fixture
def phone(web: Flask, web_station: Station) -> FlaskClient:
    """A courier's phone, signed in."""
    return couriers.sign_in(web.test_client(), couriers.make_courier(web_station))


def test_the_page_is_a_couriers_and_may_read_codes(phone: FlaskClient) -> None:
    answer = phone.get("/courier/drop")
    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"] == headers.WITH_WASM


def test_nobody_else_opens_the_page(client: FlaskClient) -> None:
    answer = client.get("/courier/drop")
    assert (answer.status_code, answer.location.startswith("/courier/sign-in")) == (303, True)


def test_the_worker_stands_above_the_couriers_pages(client: FlaskClient) -> None:
    answer = client.get("/courier/drop-worker.js")
    assert (answer.status_code, answer.mimetype) == (200, "text/javascript")


@pytest.mark.parametrize(("is_own", "status"), [(True, 200), (False, 401)])
def test_scans_kept_for_another_courier_are_not_taken(
    web: Flask, web_station: Station, is_own: bool, status: int
) -> None:
    courier, mate = (couriers.make_courier(web_station) for _ in range(2))
    phone = couriers.sign_in(web.test_client(), courier)
    sent = {"presence": presence.code(web_station.id, clock.now())}
    owner = courier if is_own else mate
    said = {"X-Owner": str(owner.account_id), "Idempotency-Key": "open-0001", "Accept": "application/json"}
    assert phone.post("/courier/drops", json=sent, headers=said).status_code == status
