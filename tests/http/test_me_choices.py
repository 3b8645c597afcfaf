"""A resident's choices on the phone: standing choice, messages, separate agreements, the answer to a question."""

import re
from datetime import time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from station.core import clock
from station.core.db import connection, reading, transaction
from station.parcels import consent_answers, counter, parcel_queries
from station.residents import agreements, merging, preferences
from station.residents.agreement_texts import CURRENT, Purpose
from station.residents.models import ConsentRecord
from station.residents.preferences import Preferences, Way
from tests.factories import Station, make_station, open_batch, recipient, store, waybill
from tests.http.forms import post
from tests.http.residents import PHONE, sign_in

PHOTOS = str(CURRENT[Purpose.PHOTOS])
MESSAGES = {
    "channel": "email",
    "email": "ming@example.org",
    "language": "en",
    "quiet_from": "22:00",
    "quiet_until": "07:00",
}


@pytest.fixture
def ming(web_station: Station) -> int:
    return recipient(web_station, PHONE).id


@pytest.fixture
def browser(web: Flask, ming: int) -> FlaskClient:
    browser = web.test_client()
    sign_in(browser)
    return browser


@pytest.fixture
def page(web_station: Station, ming: int) -> str:
    return f"/me/choices/{web_station.id}/{ming}"


def said(station: Station) -> list[tuple[str, str]]:
    with reading():
        query = select(ConsentRecord.choice, ConsentRecord.how).where(ConsentRecord.station_id == station.id)
        return [tuple(row) for row in connection().execute(query.order_by(ConsentRecord.id))]


def test_one_name_is_led_to_at_once_and_nothing_is_ticked(browser: FlaskClient, page: str) -> None:
    assert browser.get("/me/choices").headers["Location"] == page
    shown = browser.get(page)
    assert shown.status_code == 200
    assert "checked" not in shown.text


def test_two_names_are_listed(browser: FlaskClient, web_station: Station) -> None:
    recipient(web_station, PHONE, "王芳")
    shown = browser.get("/me/choices").text
    assert "王**" in shown
    assert "陈**" in shown


def test_a_merged_name_has_no_choices_of_its_own(
    browser: FlaskClient, web_station: Station, ming: int, page: str
) -> None:
    other = recipient(web_station, PHONE, "陈小明").id
    with transaction():
        merging.merge(web_station.clerk, ming, other)
    assert browser.get("/me/choices").headers["Location"] == page
    assert browser.get(f"/me/choices/{web_station.id}/{other}").status_code == 404


@pytest.mark.parametrize("choice", ["station", "door", "locker", "ask"])
def test_a_standing_choice_is_recorded_once_and_shown(
    browser: FlaskClient, web_station: Station, page: str, choice: str
) -> None:
    for _again in range(2):
        answer = post(browser, f"{page}/place", {"choice": choice})
        assert answer.headers["Location"] == page
    assert said(web_station) == [(choice, "own_page")]
    assert re.search(rf'checked[^>]*value="{choice}"', browser.get(page).text)


@pytest.mark.parametrize(
    ("choice", "led_to"),
    [
        ("station", ("standing", None)),
        ("door", ("unknown", "door_wanted")),
        ("locker", ("unknown", "ask")),
        ("ask", ("unknown", "ask")),
    ],
)
def test_check_in_obeys_without_stopping_the_line(
    browser: FlaskClient, web_station: Station, ming: int, page: str, choice: str, led_to: tuple[str, str]
) -> None:
    post(browser, f"{page}/place", {"choice": choice})
    batch_id, number = open_batch(web_station), waybill()
    with transaction():
        counter.scan(web_station.clerk, batch_id, number, scanned_at=clock.now())
        outcome = counter.answer_recipient(web_station.clerk, batch_id, ming)
    assert outcome.question is None
    assert outcome.stored is not None
    assert (outcome.stored.consent_basis, outcome.stored.problem) == led_to


def test_ask_me_clears_nothing(browser: FlaskClient, web_station: Station, page: str) -> None:
    post(browser, f"{page}/place", {"choice": "station"})
    post(browser, f"{page}/place", {"choice": "ask"})
    assert said(web_station) == [("station", "own_page"), ("ask", "own_page")]


def test_no_choice_and_a_wrong_one_are_refused(browser: FlaskClient, web_station: Station, page: str) -> None:
    assert post(browser, f"{page}/place").status_code == 422
    assert post(browser, f"{page}/place", {"choice": "roof"}).status_code == 422
    assert said(web_station) == []


def test_messages_are_kept_and_shown_again(
    browser: FlaskClient, web_station: Station, ming: int, page: str
) -> None:
    assert post(browser, f"{page}/messages", MESSAGES).headers["Location"] == page
    with reading():
        kept = preferences.of(web_station.id, ming)
    assert kept == Preferences(Way.EMAIL, "ming@example.org", time(22), time(7), "en")
    shown = browser.get(page).text
    assert "ming@example.org" in shown
    assert "22:00" in shown


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"email": "ming"}, "not an e-mail address"),
        ({"email": ""}, "Type the e-mail address"),
        ({"quiet_until": ""}, "Type both times"),
        ({"quiet_from": "25:00"}, "Type a time"),
        ({"channel": "pigeon"}, "Choose one of the list"),
    ],
)
def test_messages_that_make_no_sense_are_refused_in_words(
    browser: FlaskClient, web_station: Station, ming: int, page: str, changed: dict[str, str], words: str
) -> None:
    answer = post(browser, f"{page}/messages", MESSAGES | changed)
    assert answer.status_code == 422
    assert words in answer.text
    with reading():
        assert preferences.of(web_station.id, ming) == Preferences()


def test_an_agreement_is_read_given_and_withdrawn_in_one_tap(
    browser: FlaskClient, web_station: Station, ming: int, page: str
) -> None:
    text = browser.get(f"{page}/agreements/face").text
    assert "Collecting by face" in text
    assert "checked" not in text
    post(browser, f"{page}/agreements/face", {"version": "1", "given_by": "self"})
    assert _held(web_station, ming) == {Purpose.FACE}
    assert post(browser, f"{page}/agreements/face/withdraw").headers["Location"] == page
    assert _held(web_station, ming) == set()


def test_a_guardian_needs_a_name_and_nothing_is_agreed_by_silence(
    browser: FlaskClient, web_station: Station, ming: int, page: str
) -> None:
    silent = post(browser, f"{page}/agreements/photos", {"version": PHOTOS})
    nameless = post(browser, f"{page}/agreements/photos", {"version": PHOTOS, "given_by": "guardian"})
    assert (silent.status_code, nameless.status_code) == (422, 422)
    assert _held(web_station, ming) == set()
    guardian = {"guardian_name": "王芳", "guardian_phone": "13900001111"}
    post(browser, f"{page}/agreements/photos", {"version": PHOTOS, "given_by": "guardian", **guardian})
    assert _held(web_station, ming) == {Purpose.PHOTOS}


def _held(station: Station, recipient_id: int) -> set[Purpose]:
    with reading():
        return {purpose for _one, purpose in agreements.all_in_force(station.id, [recipient_id])}


def test_nothing_of_another_resident_opens(browser: FlaskClient, web_station: Station) -> None:
    other = recipient(web_station, "13900000001", "李雷")
    elsewhere = make_station("Elsewhere")
    parcel = store(web_station, to=other)
    for address in (f"{web_station.id}/{other.id}", f"{elsewhere.id}/{recipient(elsewhere).id + 1}"):
        assert browser.get(f"/me/choices/{address}").status_code == 404
        assert browser.get(f"/me/choices/{address}/agreements/face").status_code == 404
        for place in ("place", "messages", "agreements/face", "agreements/face/withdraw"):
            data = MESSAGES | {"choice": "station", "version": "1", "given_by": "self"}
            assert post(browser, f"/me/choices/{address}/{place}", data).status_code == 404
    question = f"/me/parcels/{web_station.id}/{parcel.parcel_id}/answer"
    assert post(browser, question, {"answer": "yes"}).status_code == 404
    assert said(web_station) == []


def test_what_is_no_agreement_is_not_found(browser: FlaskClient, page: str) -> None:
    assert browser.get(f"{page}/agreements/everything").status_code == 404


@pytest.mark.parametrize(("answer", "basis"), [("yes", "this_parcel"), ("deliver", "unknown")])
def test_the_question_is_answered_on_the_page(
    browser: FlaskClient, web_station: Station, ming: int, answer: str, basis: str
) -> None:
    parcel = store(web_station)
    question = f"/me/parcels/{web_station.id}/{parcel.parcel_id}/answer"
    assert post(browser, question, {"answer": answer}).status_code == 303
    with reading():
        assert parcel_queries.detail(web_station.id, parcel.parcel_id).consent_basis == basis
        assert consent_answers.unanswered(web_station.id, [ming]) == frozenset()
    assert said(web_station)[0][1] == "own_page"


def test_nobody_signed_in_is_asked_to_sign_in(web: Flask, page: str) -> None:
    assert web.test_client().get(page).headers["Location"].startswith("/me/sign-in")
