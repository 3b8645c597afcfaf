"""A courier's own pages: sign-in, the day at a station, their phones, and becoming one."""

import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from station.accounts import service as accounts
from station.core import clock
from station.core.db import connection, db, reading, transaction
from station.core.phones import parse
from station.couriers import applications, invitations, people_queries, service
from station.couriers.models import CourierPhone
from station.couriers.queries import SignedInCourier
from station.parcels import handling
from station.parcels.lifecycle import Problem
from station.returns import manifests
from tests import couriers
from tests.couriers import PASSWORD
from tests.factories import Station, make_station, store, waybill
from tests.http.forms import post

NUMBER = "13700001234"
ANDROID = {"User-Agent": "Mozilla/5.0 (Linux; Android 14; PDA) AppleWebKit Chrome/156.0 Mobile Safari/537.36"}
NEW = "violet harbour lamp"


@pytest.fixture
def courier(web_station: Station) -> SignedInCourier:
    return couriers.make_courier(web_station, phone=NUMBER)


@pytest.fixture
def phone(client: FlaskClient, courier: SignedInCourier) -> FlaskClient:
    """A phone on which the courier is signed in."""
    return couriers.sign_in(client, courier)


@pytest.fixture
def other(web_station: Station) -> Station:
    return make_station("Lotus Garden")


def sign_in(browser: FlaskClient, number: str = NUMBER, password: str = PASSWORD, **more: str):
    data = {"phone": number, "password": password} | more
    return browser.post("/courier/sign-in", data=data, headers=ANDROID)


def their_phones(courier: SignedInCourier) -> list[str]:
    with reading():
        return [
            one.name for one in people_queries.phones_of([courier.account_id]).get(courier.account_id, ())
        ]


@pytest.mark.parametrize("typed", [NUMBER, " 137 0000 1234 ", "+86 137-0000-1234"])
def test_courier_signs_in_with_phone_and_password(
    client: FlaskClient, courier: SignedInCourier, typed: str
) -> None:
    answer = sign_in(client, typed)

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/courier/"
    assert "Maple Court" in client.get("/courier/").text
    assert their_phones(courier)[0] == "Android, Chrome"


@pytest.mark.parametrize(
    ("number", "password"), [(NUMBER, "wrong password"), ("13700009999", PASSWORD), (NUMBER, PASSWORD + " ")]
)
def test_wrong_sign_in_says_the_same_whoever_it_is(
    client: FlaskClient, courier: SignedInCourier, number: str, password: str
) -> None:
    answer = sign_in(client, number, password)

    assert answer.status_code == 401
    assert "The phone number or the password is not right. Try again." in answer.text


def test_what_is_no_phone_number_is_said(client: FlaskClient, web_station: Station) -> None:
    assert "This is not a phone number" in sign_in(client, "12").text


def test_guessing_is_limited_for_a_number(client: FlaskClient, courier: SignedInCourier) -> None:
    for _guess in range(accounts.LIMIT_PER_LOGIN):
        sign_in(client, password="wrong password")

    answer = sign_in(client)

    assert answer.status_code == 429


def test_sign_in_leads_back_to_the_page_wanted(client: FlaskClient, courier: SignedInCourier) -> None:
    wanted = client.get("/courier/problems")
    assert wanted.headers["Location"] == "/courier/sign-in?next=/courier/problems"

    answer = client.post(wanted.headers["Location"], data={"phone": NUMBER, "password": PASSWORD})

    assert answer.headers["Location"] == "/courier/problems"


@pytest.mark.parametrize(("more", "days"), [({}, 0.5), ({"remember": "y"}, 30)])
def test_phone_is_remembered_only_when_asked(
    client: FlaskClient, courier: SignedInCourier, more: dict[str, str], days: float
) -> None:
    sign_in(client, **more)

    with reading():
        newest = db.session.scalar(select(CourierPhone.expires_at).order_by(CourierPhone.id.desc()).limit(1))
    assert newest is not None
    assert (newest - clock.now()).total_seconds() / 86400 == pytest.approx(days, abs=0.01)


def test_session_ends_when_the_phone_is_over(phone: FlaskClient) -> None:
    assert phone.get("/courier/").status_code == 200

    with transaction():
        connection().execute(update(CourierPhone).values(expires_at=clock.now()))

    assert phone.get("/courier/").status_code == 303


def test_sign_out_ends_the_phone(phone: FlaskClient, courier: SignedInCourier) -> None:
    assert post(phone, "/courier/sign-out").status_code == 303

    assert their_phones(courier) == []
    assert phone.get("/courier/").status_code == 303


def test_lost_phone_is_signed_out_from_another(
    web: Flask, phone: FlaskClient, courier: SignedInCourier
) -> None:
    lost = web.test_client()
    sign_in(lost)
    assert "Android, Chrome" in phone.get("/courier/account").text
    with reading():
        newest = people_queries.phones_of([courier.account_id])[courier.account_id][0]

    post(phone, f"/courier/phones/{newest.id}/end")

    assert lost.get("/courier/").status_code == 303
    assert phone.get("/courier/").status_code == 200


def test_sign_out_everywhere_ends_all_phones(
    web: Flask, phone: FlaskClient, courier: SignedInCourier
) -> None:
    second = web.test_client()
    sign_in(second)

    post(phone, "/courier/sign-out-everywhere")

    assert [one.get("/courier/").status_code for one in (phone, second)] == [303, 303]


def test_new_password_signs_the_other_phones_out(
    web: Flask, phone: FlaskClient, courier: SignedInCourier
) -> None:
    second = web.test_client()
    sign_in(second)
    data = {"old": PASSWORD, "new": NEW, "again": NEW}

    assert post(phone, "/courier/password", data).status_code == 303

    assert phone.get("/courier/").status_code == 200
    assert second.get("/courier/").status_code == 303
    assert sign_in(second).status_code == 401
    assert sign_in(second, password=NEW).status_code == 303


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"old": "nonsense", "new": NEW, "again": NEW}, "The password you have now is not right"),
        ({"old": PASSWORD, "new": "short", "again": "short"}, "Use 10 to 128 characters"),
        ({"old": PASSWORD, "new": NEW, "again": "other"}, "The two are not the same"),
        ({"old": PASSWORD, "new": NUMBER, "again": NUMBER}, "easy to guess"),
    ],
)
def test_password_change_that_is_refused_says_why(
    phone: FlaskClient, data: dict[str, str], said: str
) -> None:
    answer = post(phone, "/courier/password", data)

    assert answer.status_code in (401, 422)
    assert said in answer.text


def test_home_shows_what_goes_back_and_what_is_wrong(
    phone: FlaskClient, web_station: Station, courier: SignedInCourier
) -> None:
    going, torn = waybill(), waybill()
    back = store(web_station, waybill=going, carrier="sf")
    broken = store(web_station, waybill=torn, carrier="zto")
    with transaction():
        handling.mark_problem(web_station.clerk, broken.parcel_id, Problem.DAMAGED)
        handling.start_return(web_station.clerk, back.parcel_id, reason="refused")
    _pick(web_station, going)

    home, problems = phone.get("/courier/").text, phone.get("/courier/problems").text

    assert "1 parcel waits for your signature" in home
    assert "1 parcel is ready for you" in home
    assert "Damaged" in home
    assert torn in problems
    assert "陈" not in problems


def _pick(station: Station, number: str) -> None:
    with transaction():
        manifest_id = manifests.open_manifest(station.clerk, "sf")
        manifests.add(station.clerk, manifest_id, number)


def test_home_shows_nothing_of_other_carriers(phone: FlaskClient, web_station: Station) -> None:
    number = waybill()
    foreign = store(web_station, waybill=number, carrier="jd")
    with transaction():
        handling.mark_problem(web_station.clerk, foreign.parcel_id, Problem.DAMAGED)

    assert "Every parcel of yours is in order" in phone.get("/courier/").text
    assert number not in phone.get("/courier/problems").text


def test_courier_changes_to_another_of_their_stations(
    phone: FlaskClient, courier: SignedInCourier, other: Station
) -> None:
    with transaction():
        service.let_in(other.manager, courier.account_id, ("jd",))

    answer = phone.post("/courier/station", data={"station": str(other.id)}, follow_redirects=True)

    assert '<p class="phone-name">Lotus Garden</p>' in answer.text
    assert "JD" in answer.text


def test_courier_cannot_change_to_a_station_that_is_not_theirs(phone: FlaskClient, other: Station) -> None:
    assert phone.post("/courier/station", data={"station": str(other.id)}).status_code == 404


def test_export_is_a_file_of_what_is_kept(phone: FlaskClient) -> None:
    answer = phone.get("/courier/export")

    assert json.loads(answer.text)["phone"] == NUMBER
    assert answer.headers["Cache-Control"] == "no-store"


def test_erased_courier_cannot_sign_in(phone: FlaskClient) -> None:
    assert "erased at every station" in phone.get("/courier/erase").text

    answer = post(phone, "/courier/erase", follow_redirects=True)

    assert "Your account is erased" in answer.text
    assert sign_in(phone).status_code == 401


def test_courier_is_nobody_on_the_staffs_and_the_residents_pages(phone: FlaskClient) -> None:
    for path in ("/parcels", "/staff", "/couriers", "/me/", "/account"):
        assert phone.get(path).status_code == 303, path


def invite(station: Station, *, number: str = NUMBER) -> str:
    found = parse(number)
    assert found is not None
    with transaction():
        return invitations.invite(station.manager, invitations.Person("Zhao Lei", found, ("sf",))).code


def test_invited_courier_chooses_a_password_and_is_in(client: FlaskClient, web_station: Station) -> None:
    code = invite(web_station)
    typed = client.post("/courier/invited", data={"code": code.lower()})
    page = client.get(typed.headers["Location"])
    assert "Come to Maple Court as a courier" in page.text
    assert "137****1234" in page.text

    answer = client.post(f"/courier/invited/{code}", data={"password": NEW}, follow_redirects=True)

    assert answer.request.path == "/courier/"
    assert sign_in(client.application.test_client(), password=NEW).status_code == 303


def test_weak_password_keeps_the_invitation(client: FlaskClient, web_station: Station) -> None:
    code = invite(web_station)

    assert client.post(f"/courier/invited/{code}", data={"password": "short"}).status_code == 422

    assert client.get(f"/courier/invited/{code}").status_code == 200


def test_courier_of_another_station_proves_the_password_they_have(
    client: FlaskClient, web_station: Station, other: Station
) -> None:
    couriers.make_courier(other, phone=NUMBER)
    code = invite(web_station)
    assert "Sign in with the password you have" in client.get(f"/courier/invited/{code}").text

    wrong = client.post(f"/courier/invited/{code}", data={"password": NEW})
    right = client.post(f"/courier/invited/{code}", data={"password": PASSWORD})

    assert (wrong.status_code, right.status_code) == (401, 303)


def test_wrong_codes_are_limited(client: FlaskClient, web_station: Station) -> None:
    answers = {client.get("/courier/invited/AAAA").status_code for _try in range(invitations.TRIES + 1)}

    assert answers == {410, 429}


JOIN = {"name": "Zhao Lei", "phone": NUMBER, "password": NEW, "carriers": ["sf", "jd"]}


def test_courier_who_asks_is_told_a_number_for_the_manager(
    client: FlaskClient, web_station: Station, manager_client: FlaskClient
) -> None:
    answer = client.post(f"/courier/join?station={web_station.id}", data=JOIN)

    number = re.findall(r'class="mono code">(\d{4})<', answer.text)[0]
    listed = manager_client.get("/couriers").text
    assert number in listed
    assert "137****1234" in listed
    assert NUMBER not in listed
    assert sign_in(client, password=NEW).status_code == 401


def test_asking_says_the_same_of_a_number_that_is_known(
    client: FlaskClient, web_station: Station, courier: SignedInCourier
) -> None:
    answers = [
        client.post(f"/courier/join?station={web_station.id}", data=JOIN | {"phone": number}).text
        for number in (NUMBER, "13700009999")
    ]

    plain = [re.sub(r'content="[^"]*"|value="[^"]*"|\b\d{4}\b', "", one) for one in answers]
    assert plain[0] == plain[1]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"carriers": []}, "Choose at least one carrier."),
        ({"carriers": ["nobody"]}, "Choose at least one carrier."),
        ({"phone": "12"}, "This is not a phone number"),
        ({"password": "short"}, "Use 10 to 128 characters"),
        ({"name": ""}, "Fill this in."),
    ],
)
def test_asking_with_something_wrong_says_what(
    client: FlaskClient, web_station: Station, changed: dict[str, object], said: str
) -> None:
    answer = client.post(f"/courier/join?station={web_station.id}", data=JOIN | changed)

    assert said in answer.text
    with reading():
        assert people_queries.asking(web_station.id) == []


def test_asking_is_limited_for_an_address(client: FlaskClient, web_station: Station) -> None:
    path = f"/courier/join?station={web_station.id}"
    for _time in range(applications.ASKED_PER_ADDRESS):
        client.post(path, data=JOIN)

    assert client.post(path, data=JOIN).status_code == 429


@pytest.mark.parametrize("query", ["", "?station=1", "?station=x", "?station=99999999999999999999"])
def test_asking_a_station_that_is_none_is_not_found(
    client: FlaskClient, web_station: Station, query: str
) -> None:
    assert client.get(f"/courier/join{query}").status_code == 404
