"""A resident's pages: signing in by one-time code, and seeing what waits."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from station.core import crypto
from station.core.db import reading
from station.residents import sign_in
from station.residents.service import phone_hash
from tests.factories import Station, recipient, store

PHONE = "13812344068"


def code_of(phone: str) -> str:
    with reading():
        found = sign_in.current_code(phone_hash(phone))
    assert found is not None
    return found


@pytest.fixture
def browser(web: Flask, web_station: Station) -> FlaskClient:
    return web.test_client()


def signed_in(browser: FlaskClient) -> FlaskClient:
    browser.post("/me/sign-in", data={"phone": PHONE})
    answer = browser.post("/me/code", data={"code": code_of(PHONE)})
    assert answer.headers["Location"] == "/me/"
    return browser


def test_a_resident_signs_in_and_sees_what_waits(browser: FlaskClient, web_station: Station) -> None:
    parcel = store(web_station)
    page = signed_in(browser).get("/me/")
    number = parcel.pickup_code.split("-")[-1]
    assert f"<b>{number}</b>" in page.text
    assert "1 parcel waiting" in page.text


def test_a_number_nobody_knows_gets_the_same_answer(browser: FlaskClient, web_station: Station) -> None:
    recipient(web_station, PHONE)
    known = browser.post("/me/sign-in", data={"phone": PHONE})
    unknown = browser.post("/me/sign-in", data={"phone": "13900000000"})
    assert (known.status_code, known.headers["Location"]) == (
        unknown.status_code,
        unknown.headers["Location"],
    )
    assert browser.post("/me/code", data={"code": "123456"}).status_code == 401


def test_a_code_works_once(web: Flask, browser: FlaskClient, web_station: Station) -> None:
    recipient(web_station, PHONE)
    browser.post("/me/sign-in", data={"phone": PHONE})
    code = code_of(PHONE)
    assert browser.post("/me/code", data={"code": code}).status_code == 303
    other = web.test_client()
    with other.session_transaction() as session:
        session["me.phone"] = crypto.encrypt(PHONE).hex()
    assert other.post("/me/code", data={"code": code}).status_code == 401


def test_five_wrong_tries_end_a_code(browser: FlaskClient, web_station: Station) -> None:
    recipient(web_station, PHONE)
    browser.post("/me/sign-in", data={"phone": PHONE})
    code = code_of(PHONE)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(5):
        assert browser.post("/me/code", data={"code": wrong}).status_code == 401
    assert browser.post("/me/code", data={"code": code}).status_code == 401


def test_nobody_signed_in_is_sent_to_the_residents_sign_in(browser: FlaskClient) -> None:
    assert browser.get("/me/").headers["Location"].startswith("/me/sign-in")


def test_whoever_asked_too_often_can_still_type_the_code_that_came(
    browser: FlaskClient, web_station: Station
) -> None:
    recipient(web_station, PHONE)
    for _ in range(sign_in.ASKED_PER_PHONE):
        browser.post("/me/sign-in", data={"phone": PHONE})
    with browser.session_transaction() as session:
        session.clear()

    refused = browser.post("/me/sign-in", data={"phone": PHONE})

    assert refused.status_code == 429
    assert "I have a code for 138****4068" in refused.text
    assert browser.post("/me/code", data={"code": code_of(PHONE)}).status_code == 303


def test_the_number_that_waits_for_its_code_is_not_readable_in_the_cookie(
    browser: FlaskClient, web_station: Station
) -> None:
    browser.post("/me/sign-in", data={"phone": PHONE})
    with browser.session_transaction() as session:
        assert PHONE not in str(dict(session))
