"""What the check-in screen shows while a question is open: it stays until it is answered, undone or set aside."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from station.core.db import db, reading, transaction
from station.network.models import StationSettings
from station.parcels.models import OpenQuestion, Parcel
from station.residents import queries as residents
from station.shelves.models import Layer
from tests.factories import Station, store, waybill
from tests.http.counter import answer, check_in, counted, people, post, refused, scan

ASKED = "No phone number came with this parcel"


@pytest.fixture
def asked(counter: FlaskClient) -> str:
    """A parcel that waits for an answer; its waybill."""
    number = waybill()
    assert scan(counter, number).json["kind"] == "question"
    return number


def test_a_refused_answer_says_why_beside_the_question(counter: FlaskClient, asked: str) -> None:
    said = answer(counter, asked, phone="110")
    assert said.status_code == 422
    assert (said.json["kind"], said.json["sound"]) == ("refused", "bad")
    assert "This is not a phone number" in said.json["html"]
    assert ASKED in said.json["html"]


def test_a_refused_scan_leaves_the_question_on_screen(
    web_station: Station, counter: FlaskClient, asked: str
) -> None:
    said = scan(counter, store(web_station).waybill)
    assert "Already checked in" in said.json["html"]
    assert ASKED in said.json["html"]
    assert refused() == ["already_checked_in"]


def test_another_shelf_card_leaves_the_question_on_screen(counter: FlaskClient, asked: str) -> None:
    said = scan(counter, "SHELF:2-2")
    assert "The next parcels go on 2-2" in said.json["html"]
    assert ASKED in said.json["html"]
    assert answer(counter, asked, phone="13812344068").json["parcel"]["row"]["tag"] == "2-2"


def test_undo_withdraws_the_waiting_parcel_first(counter: FlaskClient) -> None:
    stored = check_in(counter, waybill())
    scan(counter, waybill())
    said = post(counter, "undo", {})
    assert "This parcel is not checked in" in said.json["html"]
    assert counted(OpenQuestion) == 0
    said = post(counter, "undo", {})
    assert stored["waybill"] in said.json["html"]
    assert counted(Parcel, Parcel.state == "stored") == 0


def test_undo_of_a_named_parcel_leaves_the_question_open(counter: FlaskClient) -> None:
    stored = check_in(counter, waybill())
    scan(counter, waybill())
    said = post(counter, "undo", {"parcel": stored["id"]})
    assert "Undone" in said.json["html"]
    assert ASKED in said.json["html"]


def test_damaged_means_the_waiting_parcel(counter: FlaskClient) -> None:
    check_in(counter, waybill())
    number = waybill()
    scan(counter, number)
    said = post(counter, "damaged", {})
    assert "Put it on the set-aside shelf" in said.json["html"]
    with reading():
        found = db.session.scalars(select(Parcel.waybill).where(Parcel.problem == "damaged")).all()
    assert found == [number]


def test_a_carrier_question_has_a_digit_for_other(counter: FlaskClient) -> None:
    html = scan(counter, "ABCDEFGH98").json["html"]
    assert "Which carrier brought this parcel?" in html
    assert html.count("data-digit") == 10
    assert """data-digit="9" data-answer='{"carrier": "other"}'""" in html


def test_a_full_row_names_itself_and_others(web_station: Station, counter: FlaskClient) -> None:
    stored = check_in(counter, waybill())
    with transaction():
        db.session.execute(update(Layer).where(Layer.number == 1).values(capacity=1))
    scan(counter, waybill())
    number = waybill()
    scan(counter, number)
    html = answer(counter, number, phone="13812344068").json["html"]
    assert f"{stored['row']['tag']} is full" in html
    assert '"row": "1-2"' in html


def test_the_way_a_consent_is_known_is_asked_with_it(counter: FlaskClient) -> None:
    with transaction():
        db.session.execute(update(StationSettings).values(unknown_consent="set_aside"))
    number = waybill()
    scan(counter, number)
    html = answer(counter, number, phone="13812344068").json["html"]
    assert "Did the recipient agree" in html
    assert 'id="how"' in html
    said = answer(counter, number, choice="always", how="phone_call")
    assert said.json["parcel"]["consent"] == "standing"


def test_the_list_offers_someone_new_after_those_who_are_known(
    web_station: Station, counter: FlaskClient
) -> None:
    check_in(counter, waybill())
    html = people(counter, "4068").text
    assert html.index('data-digit="1"') < html.index('data-digit="2" data-new') < html.index('data-digit="0"')
    with reading():
        (known,) = residents.by_tail(web_station.id, "4068")
    assert f'"recipient": "{known.id}"' in html
