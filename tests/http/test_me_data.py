"""A resident's own data: shown, downloaded, and erased in two steps, for nobody but themselves."""

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient

from station.core.db import reading, transaction
from station.parcels import hand_over
from station.parcels.hand_over import Taker
from station.payments import service
from station.residents import queries
from station.residents.service import phone_hash
from tests import ledger, payments
from tests.factories import Station, recipient, store
from tests.http.forms import post
from tests.http.residents import PHONE, sign_in

NAME = "陈晓明"


@pytest.fixture
def parcel_id(web_station: Station) -> int:
    return store(web_station, to=recipient(web_station, PHONE, NAME)).parcel_id


@pytest.fixture
def browser(web: Flask, parcel_id: int) -> FlaskClient:
    browser = web.test_client()
    sign_in(browser)
    return browser


def collect(station: Station, parcel_id: int) -> None:
    with transaction():
        hand_over.hand_over(station.clerk, parcel_id, Taker())


def test_everything_is_shown_as_a_page(browser: FlaskClient, web_station: Station) -> None:
    assert NAME not in browser.get("/me/export").text
    shown = post(browser, "/me/export", {"form": "page"})
    assert shown.status_code == 200
    for text in (NAME, PHONE, "Maple Court", "What happened to your parcels", "Checked in at"):
        assert text in shown.text


def test_everything_is_downloaded_as_json(browser: FlaskClient) -> None:
    answer = post(browser, "/me/export", {"form": "file"})
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="my-data-')
    assert answer.headers["Cache-Control"] == "no-store"
    (station,) = json.loads(answer.text)["stations"]
    assert station["people"][0]["name"] == NAME


def test_erasing_takes_two_steps_and_ends_the_session(
    web: Flask, browser: FlaskClient, web_station: Station, parcel_id: int
) -> None:
    other_phone = web.test_client()
    sign_in(other_phone)
    collect(web_station, parcel_id)
    first, second = browser.get("/me/erase"), browser.get("/me/erase/sure")
    assert "90 days" in first.text
    assert 'action="/me/erase"' not in first.text
    assert 'action="/me/erase"' in second.text
    done = post(browser, "/me/erase", follow_redirects=True)
    assert "Erased at 1 station." in done.text
    for left in (browser, other_phone):
        assert left.get("/me/").headers["Location"].startswith("/me/sign-in")
    with reading():
        assert queries.stations_of(phone_hash(PHONE)) == []


def test_a_waiting_parcel_is_said_and_nothing_is_erased(browser: FlaskClient, web_station: Station) -> None:
    assert "not settled yet" in browser.get("/me/erase").text
    assert 'action="/me/erase"' not in browser.get("/me/erase/sure").text
    answer = post(browser, "/me/erase", follow_redirects=True)
    assert "not settled yet" in answer.text
    with reading():
        assert queries.stations_of(phone_hash(PHONE)) == [web_station.id]


def test_staff_read_erased_in_the_list(
    browser: FlaskClient, web_station: Station, clerk_client: FlaskClient, parcel_id: int
) -> None:
    collect(web_station, parcel_id)
    post(browser, "/me/erase")
    shown = clerk_client.get(f"/parcels/{parcel_id}")
    assert shown.status_code == 200
    assert "erased" in shown.text
    assert NAME[0] + "**" not in shown.text
    unmasked = post(clerk_client, f"/parcels/{parcel_id}/unmask", {"reason": "call"}, follow_redirects=True)
    assert unmasked.status_code == 200
    assert PHONE not in unmasked.text
    assert clerk_client.get("/parcels?status=left").status_code == 200


def test_who_no_station_knows_has_nothing_to_take_or_erase(web: Flask, web_station: Station) -> None:
    browser = web.test_client()
    sign_in(browser, "13900009999")
    assert browser.get("/me/choices").status_code == 200
    assert browser.get("/me/erase").status_code == 200
    assert post(browser, "/me/export", {"form": "file"}).status_code == 404
    assert post(browser, "/me/erase").status_code == 404


def owes(station: Station, amount: int) -> None:
    """Let the resident owe the station `amount`, or be owed below nothing."""
    with reading():
        (mine,) = queries.ids_at_phone(station.id, phone_hash(PHONE))
    moves = ((ledger.resident(mine), ledger.CASH, amount), (ledger.CASH, ledger.resident(mine), -amount))
    ledger.post(station.clerk, next(move for move in moves if move[2] > 0))


@pytest.mark.parametrize(
    ("amount", "says"),
    [(500, "You owe Maple Court ¥5.00"), (-500, "¥5.00 at Maple Court is yours. Have it back first")],
)
def test_whose_money_is_open_is_not_erased_and_told_the_way_on(
    browser: FlaskClient, web_station: Station, parcel_id: int, amount: int, says: str
) -> None:
    collect(web_station, parcel_id)
    owes(web_station, amount)
    for path in ("/me/erase", "/me/erase/sure"):
        page = browser.get(path).text
        assert says in page
        assert f"/me/pay/{web_station.id}" in page
        assert "Erase it for good" not in page
    assert says[:20] in post(browser, "/me/erase", follow_redirects=True).text
    owes(web_station, -amount)
    assert "Erase it for good" in browser.get("/me/erase/sure").text
    post(browser, "/me/erase")
    with reading():
        assert queries.stations_of(phone_hash(PHONE)) == []


def test_who_waits_for_a_payment_is_not_erased_yet(
    browser: FlaskClient, web_station: Station, parcel_id: int
) -> None:
    collect(web_station, parcel_id)
    asked = payments.ask(web_station, recipient(web_station, PHONE, NAME))
    assert "Wait until it has arrived" in browser.get("/me/erase").text
    assert "still on its way" in post(browser, "/me/erase", follow_redirects=True).text
    with payments.later(asked), transaction():
        assert service.expire(web_station.manager, asked.id)
    assert "still on its way" not in browser.get("/me/erase").text
    post(browser, "/me/erase")
    with reading():
        assert queries.stations_of(phone_hash(PHONE)) == []
