"""Pages of accounts: sign-in and its limits, one's own account, staff, devices, the network's stations."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select
from werkzeug.test import TestResponse

from station.accounts import devices
from station.accounts.models import Account, Membership
from station.core import clock, ids
from station.core.db import db, reading, transaction
from station.core.errors import StationError
from station.core.permissions import Role
from station.web.blueprints import BLUEPRINTS
from tests.factories import PASSWORD, Station, make_station
from tests.http.forms import post

NEW_PASSWORD = "four words are easy"


def sign_in(browser: FlaskClient, login: str, password: str, **kwargs: object) -> TestResponse:
    return browser.post("/sign-in", data={"login": login, "password": password}, **kwargs)


def is_signed_in(browser: FlaskClient) -> bool:
    return browser.get("/account").status_code == 200


def secret_in(answer: TestResponse, css_class: str) -> str:
    found = re.search(rf'class="mono {css_class}">([^<]+)<', answer.text)
    assert found, answer.text
    return found[1]


@pytest.fixture
def other(web: Flask, web_station: Station) -> Station:
    return make_station("Lotus Garden")


@pytest.fixture
def admin_client(web: Flask, web_station: Station, other: Station) -> FlaskClient:
    with transaction():
        stored = select(Account.password_hash).where(Account.id == web_station.manager.id)
        password_hash = db.session.execute(stored).scalar_one()
        admin, now = ids.next_id(), clock.now()
        values = {"login": "admin", "name": "Admin", "password_hash": password_hash, "created_at": now}
        db.session.execute(insert(Account).values(id=admin, **values))
        member = {"account_id": admin, "station_id": None, "role": Role.NETWORK_ADMIN, "created_at": now}
        db.session.execute(insert(Membership).values(id=ids.next_id(), **member))
    browser = web.test_client()
    sign_in(browser, "admin", PASSWORD)
    return browser


def test_right_password_signs_in(client: FlaskClient, web_station: Station) -> None:
    answer = sign_in(client, f"clerk{web_station.id}", PASSWORD)

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/"
    assert is_signed_in(client)


@pytest.mark.parametrize(("login", "password"), [("clerk{}", "wrong password"), ("nobody", PASSWORD)])
def test_wrong_login_and_wrong_password_read_the_same(
    client: FlaskClient, web_station: Station, login: str, password: str
) -> None:
    answer = sign_in(client, login.format(web_station.id), password)

    assert answer.status_code == 401
    assert "The sign-in name or the password is not right." in answer.text
    assert not is_signed_in(client)


@pytest.mark.parametrize("login", ["", "x" * 41, "x" * 100_000, "\x00", "' or 1=1 --", "😀", "陈\u202e"])
def test_strange_sign_in_name_is_refused_politely(client: FlaskClient, login: str) -> None:
    answer = sign_in(client, login, PASSWORD)

    assert answer.status_code in (200, 401)
    assert not is_signed_in(client)


def test_guessing_ends_with_the_sixth_try(client: FlaskClient, web_station: Station) -> None:
    login = f"clerk{web_station.id}"
    answers = [sign_in(client, login, f"wrong password {number}").status_code for number in range(6)]

    assert answers == [401] * 5 + [429]
    assert sign_in(client, login, PASSWORD).status_code == 429


def test_signed_in_person_is_sent_on_by_the_sign_in_page(clerk_client: FlaskClient) -> None:
    assert clerk_client.get("/sign-in?next=/account").headers["Location"] == "/account"


def test_sign_in_leads_back_to_the_page_that_was_asked_for(client: FlaskClient, web_station: Station) -> None:
    asked = client.get("/account").headers["Location"]

    answer = client.post(asked, data={"login": f"clerk{web_station.id}", "password": PASSWORD})

    assert answer.headers["Location"] == "/account"


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x"]
)
def test_sign_in_never_leads_to_another_site(client: FlaskClient, web_station: Station, target: str) -> None:
    data = {"login": f"clerk{web_station.id}", "password": PASSWORD}

    answer = client.post("/sign-in", query_string={"next": target}, data=data)

    assert answer.headers["Location"] == "/"


def test_sign_out_ends_the_session(clerk_client: FlaskClient) -> None:
    clerk_client.post("/sign-out")

    assert not is_signed_in(clerk_client)


def test_sign_out_everywhere_ends_the_session_of_another_browser(
    web: Flask, web_station: Station, clerk_client: FlaskClient
) -> None:
    other_browser = web_station.sign_in(web.test_client(), "clerk")

    post(clerk_client, "/sign-out-everywhere")

    assert not is_signed_in(clerk_client)
    assert not is_signed_in(other_browser)


def test_stolen_session_value_of_another_account_is_refused(
    client: FlaskClient, web_station: Station
) -> None:
    for forged in (f"{web_station.clerk.id}.99.{web_station.id}", "x.y.z", "1.2", "", "1.2.3.4", "²·1.1"):
        with client.session_transaction() as session:
            session["_user_id"] = forged
        assert not is_signed_in(client)


def test_password_change_keeps_this_session_and_ends_others(
    web: Flask, web_station: Station, clerk_client: FlaskClient
) -> None:
    other_browser = web_station.sign_in(web.test_client(), "clerk")
    data = {"old": PASSWORD, "new": NEW_PASSWORD, "again": NEW_PASSWORD}

    answer = clerk_client.post("/account/password", data=data)

    assert answer.status_code == 303
    assert is_signed_in(clerk_client)
    assert not is_signed_in(other_browser)
    assert sign_in(web.test_client(), f"clerk{web_station.id}", NEW_PASSWORD).status_code == 303


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"old": "wrong password", "new": NEW_PASSWORD, "again": NEW_PASSWORD}, 401),
        ({"old": PASSWORD, "new": NEW_PASSWORD, "again": "another one"}, 422),
        ({"old": PASSWORD, "new": "short", "again": "short"}, 422),
        ({"old": PASSWORD, "new": "1234567890", "again": "1234567890"}, 422),
        ({"old": PASSWORD, "new": PASSWORD, "again": PASSWORD}, 422),
        ({}, 422),
    ],
)
def test_password_change_is_refused_with_a_sentence(
    clerk_client: FlaskClient, data: dict[str, str], status: int
) -> None:
    answer = clerk_client.post("/account/password", data=data)

    assert answer.status_code == status
    assert "alert-" in answer.text
    assert is_signed_in(clerk_client)


def test_guessing_the_old_password_ends_too(clerk_client: FlaskClient) -> None:
    data = {"old": "wrong password", "new": NEW_PASSWORD, "again": NEW_PASSWORD}

    answers = [clerk_client.post("/account/password", data=data).status_code for _try in range(6)]

    assert answers == [401] * 5 + [429]


def test_new_clerk_signs_in_once_with_what_was_shown_once(web: Flask, manager_client: FlaskClient) -> None:
    made = post(manager_client, "/staff", data={"name": "Sun Li", "login": "sun.li", "role": "clerk"})
    password = secret_in(made, "code")
    browser = web.test_client()
    sign_in(browser, "sun.li", password)

    assert password not in manager_client.get("/staff").text
    assert browser.get("/").headers["Location"] == "/account"
    assert "one-time password" in browser.get("/account").text

    data = {"old": password, "new": NEW_PASSWORD, "again": NEW_PASSWORD}
    browser.post("/account/password", data=data)
    assert browser.get("/").headers["Location"] != "/account" or is_signed_in(browser)
    assert "one-time password" not in browser.get("/account").text


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"login": ""}, 422),
        ({"login": "x"}, 422),
        ({"login": "no blanks allowed"}, 422),
        ({"name": ""}, 422),
        ({"name": "y" * 41}, 422),
        ({"name": "a\u202eb"}, 422),
        ({"role": "network_admin"}, 422),
        ({"role": "boss"}, 422),
    ],
)
def test_staff_form_is_refused_and_keeps_what_was_typed(
    manager_client: FlaskClient, change: dict[str, str], status: int
) -> None:
    answer = post(
        manager_client, "/staff", data={"name": "Sun Li", "login": "sun.li", "role": "clerk"} | change
    )

    assert answer.status_code == status
    assert 'value="Sun Li"' in answer.text or "name" in change


def test_sign_in_name_of_somebody_else_is_refused(manager_client: FlaskClient, web_station: Station) -> None:
    data = {"name": "Sun Li", "login": f"clerk{web_station.id}", "role": "clerk"}

    assert post(manager_client, "/staff", data=data).status_code == 409


def test_disabled_clerk_is_signed_out_at_once(
    manager_client: FlaskClient, clerk_client: FlaskClient, web_station: Station
) -> None:
    post(manager_client, f"/staff/{web_station.clerk.id}/disable")

    assert not is_signed_in(clerk_client)
    assert "Disabled" in manager_client.get("/staff").text


def test_manager_cannot_disable_themselves(manager_client: FlaskClient, web_station: Station) -> None:
    answer = post(manager_client, f"/staff/{web_station.manager.id}/disable", follow_redirects=True)

    assert "You cannot disable yourself." in answer.text
    assert is_signed_in(manager_client)


def test_reset_password_is_shown_once_and_works(
    web: Flask, manager_client: FlaskClient, web_station: Station
) -> None:
    made = post(manager_client, f"/staff/{web_station.clerk.id}/password")

    answer = sign_in(web.test_client(), f"clerk{web_station.id}", secret_in(made, "code"))

    assert answer.status_code == 303


def test_name_is_corrected(manager_client: FlaskClient, web_station: Station) -> None:
    post(manager_client, f"/staff/{web_station.clerk.id}/name", data={"name": "陈晓明"})

    assert "陈晓明" in manager_client.get("/staff").text


@pytest.mark.parametrize("act", ["name", "disable", "enable", "password"])
def test_staff_of_another_station_is_not_found(manager_client: FlaskClient, other: Station, act: str) -> None:
    answer = post(manager_client, f"/staff/{other.clerk.id}/{act}", data={"name": "X"})

    assert answer.status_code == 404


def test_device_token_is_shown_once_and_works_until_revoked(manager_client: FlaskClient) -> None:
    made = post(manager_client, "/devices", data={"name": "Gate scanner"})
    token = secret_in(made, "token")
    with reading():
        device = devices.authenticate_device(token)
    page = manager_client.get("/devices").text

    post(manager_client, f"/devices/{device.id}/revoke")

    assert "Gate scanner" in page
    assert token not in page
    with pytest.raises(StationError), reading():
        devices.authenticate_device(token)


def test_device_is_renamed(manager_client: FlaskClient, web_station: Station) -> None:
    with transaction():
        made = devices.add_device(web_station.manager, name="Gate scanner")

    post(manager_client, f"/devices/{made.id}/name", data={"name": "Door scanner"})

    assert "Door scanner" in manager_client.get("/devices").text


@pytest.mark.parametrize("name", ["", " ", "x" * 41, "a\x00b"])
def test_device_without_a_good_name_is_refused(manager_client: FlaskClient, name: str) -> None:
    assert post(manager_client, "/devices", data={"name": name}).status_code == 422


@pytest.mark.parametrize("act", ["name", "revoke"])
def test_device_of_another_station_is_not_found(
    manager_client: FlaskClient, other: Station, act: str
) -> None:
    with transaction():
        made = devices.add_device(other.manager, name="Gate scanner")

    answer = post(manager_client, f"/devices/{made.id}/{act}", data={"name": "X"})

    assert answer.status_code == 404


def test_network_administrator_moves_between_stations(admin_client: FlaskClient, other: Station) -> None:
    page = admin_client.get("/network/stations").text
    admin_client.post("/account/station", data={"station": str(other.id)})

    assert "Maple Court" in page
    assert "Lotus Garden" in page
    assert '<span class="st">Lotus Garden</span>' in admin_client.get("/account").text


def test_network_administrator_adds_a_manager_anywhere(admin_client: FlaskClient, other: Station) -> None:
    admin_client.post("/account/station", data={"station": str(other.id)})

    post(admin_client, "/staff", data={"name": "Sun Li", "login": "sun.li", "role": "manager"})

    with reading():
        roles = select(Membership.role).where(Membership.station_id == other.id)
        assert sorted(db.session.scalars(roles)) == ["clerk", "manager", "manager"]


@pytest.mark.parametrize("target", ["", "x", "0", "-1", "9" * 30])
def test_unknown_station_is_not_found(admin_client: FlaskClient, target: str) -> None:
    assert admin_client.post("/account/station", data={"station": target}).status_code == 404


def test_clerk_cannot_move_to_another_station(clerk_client: FlaskClient, other: Station) -> None:
    assert clerk_client.post("/account/station", data={"station": str(other.id)}).status_code == 404


@pytest.fixture
def _guarded(web: Flask):
    web.config["WTF_CSRF_ENABLED"] = True
    yield
    web.config["WTF_CSRF_ENABLED"] = False


@pytest.mark.usefixtures("_guarded")
def test_writing_without_the_page_token_is_refused(web: Flask, web_station: Station) -> None:
    browser = web.test_client()
    page = browser.get("/sign-in").text
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    data = {"login": f"clerk{web_station.id}", "password": PASSWORD}

    refused = browser.post("/sign-in", data=data)
    accepted = browser.post("/sign-in", data=data | {"csrf_token": found[1]})

    assert refused.status_code == 400
    assert "too old" in refused.text
    assert accepted.status_code == 303


@pytest.mark.usefixtures("_guarded")
def test_every_writing_page_asks_for_the_token(web: Flask, web_station: Station) -> None:
    apis = {blueprint.name for blueprint, is_api in BLUEPRINTS if is_api}
    open_ones = []
    for rule in web.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or rule.endpoint.partition(".")[0] in apis:
            continue
        with web.test_request_context():
            path = web.url_for(rule.endpoint, **dict.fromkeys(rule.arguments, 1))
        answer = web.test_client().post(path)
        if answer.status_code != 400:
            open_ones.append(f"{path}: {answer.status}")

    assert open_ones == []
