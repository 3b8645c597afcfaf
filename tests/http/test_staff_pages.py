"""The staff page: roles, and people of another station who work here too."""

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from station.accounts.models import Account, Membership
from station.core.db import db, reading, transaction
from station.core.permissions import Role
from station.events.models import CustodyEvent
from tests.factories import PASSWORD, Station, make_station
from tests.http.forms import post


def role_of(station: Station, account_id: int) -> str | None:
    with reading():
        return db.session.scalar(
            select(Membership.role).where(
                Membership.station_id == station.id, Membership.account_id == account_id
            )
        )


def login_of(account_id: int) -> str:
    with reading():
        return db.session.scalar(select(Account.login).where(Account.id == account_id)) or ""


def told(answer_to: FlaskClient, path: str, data: dict[str, str]) -> str:
    return post(answer_to, path, data, follow_redirects=True).text


@pytest.fixture
def other(web_station: Station) -> Station:
    return make_station("Lotus Garden")


def test_manager_makes_a_clerk_a_manager_at_once(
    manager_client: FlaskClient, clerk_client: FlaskClient, web_station: Station
) -> None:
    assert clerk_client.get("/staff").status_code == 403

    page = told(manager_client, f"/staff/{web_station.clerk.id}/role", {"role": "manager"})

    assert "The role is changed." in page
    assert clerk_client.get("/staff").status_code == 200


def test_role_change_is_in_the_log(manager_client: FlaskClient, web_station: Station) -> None:
    post(manager_client, f"/staff/{web_station.clerk.id}/role", {"role": "manager"})

    with reading():
        newest = select(CustodyEvent.data).where(CustodyEvent.station_id == web_station.id)
        data = json.loads(db.session.scalars(newest.order_by(CustodyEvent.seq.desc())).first() or "{}")
    assert data == {"account": str(web_station.clerk.id), "role": "manager", "was": "clerk"}


def test_same_role_again_changes_nothing(manager_client: FlaskClient, web_station: Station) -> None:
    assert "Nothing was changed." in told(
        manager_client, f"/staff/{web_station.clerk.id}/role", {"role": "clerk"}
    )


def test_nobody_changes_their_own_role(manager_client: FlaskClient, web_station: Station) -> None:
    page = told(manager_client, f"/staff/{web_station.manager.id}/role", {"role": "clerk"})

    assert "You cannot change your own role." in page
    assert role_of(web_station, web_station.manager.id) == "manager"
    assert f'action="/staff/{web_station.manager.id}/role"' not in manager_client.get("/staff").text


def test_last_manager_stays_one_even_for_the_network(clerk_client: FlaskClient, web_station: Station) -> None:
    with transaction():
        theirs = update(Membership).where(Membership.account_id == web_station.clerk.id)
        db.session.execute(theirs.values(station_id=None, role=Role.NETWORK_ADMIN))

    page = told(clerk_client, f"/staff/{web_station.manager.id}/role", {"role": "clerk"})

    assert "the station&#39;s last manager" in page
    assert role_of(web_station, web_station.manager.id) == "manager"


@pytest.mark.parametrize("role", ["", "boss", "network_admin", "device"])
def test_role_that_is_none_is_refused(manager_client: FlaskClient, web_station: Station, role: str) -> None:
    assert post(manager_client, f"/staff/{web_station.clerk.id}/role", {"role": role}).status_code == 422
    assert role_of(web_station, web_station.clerk.id) == "clerk"


def test_role_of_somebody_elsewhere_is_not_found(manager_client: FlaskClient, other: Station) -> None:
    assert post(manager_client, f"/staff/{other.clerk.id}/role", {"role": "manager"}).status_code == 404
    assert role_of(other, other.clerk.id) == "clerk"


def test_clerk_changes_nobody(clerk_client: FlaskClient, web_station: Station, other: Station) -> None:
    known = {"known_login": login_of(other.clerk.id), "known_role": "clerk"}

    assert post(clerk_client, f"/staff/{web_station.clerk.id}/role", {"role": "manager"}).status_code == 403
    assert post(clerk_client, "/staff/known", known).status_code == 403


def test_somebody_of_another_station_works_here_too(
    web: Flask, manager_client: FlaskClient, web_station: Station, other: Station
) -> None:
    known = {"known_login": f" {login_of(other.clerk.id).upper()} ", "known_role": "manager"}

    page = told(manager_client, "/staff/known", known)
    browser = web.test_client()
    browser.post("/sign-in", data={"login": login_of(other.clerk.id), "password": PASSWORD})
    browser.post("/account/station", data={"station": str(web_station.id)})

    assert "This person can work here now" in page
    assert browser.get("/staff").status_code == 200
    assert role_of(other, other.clerk.id) == "clerk"


def test_somebody_who_works_here_is_not_attached_again(
    manager_client: FlaskClient, web_station: Station
) -> None:
    known = {"known_login": login_of(web_station.clerk.id), "known_role": "manager"}

    assert "can work here already" in told(manager_client, "/staff/known", known)
    assert role_of(web_station, web_station.clerk.id) == "clerk"


@pytest.mark.parametrize("login", ["nobody", "😀", "' or 1=1 --", "陈\u202e"])
def test_unknown_sign_in_name_is_told(manager_client: FlaskClient, login: str) -> None:
    known = {"known_login": login, "known_role": "clerk"}

    assert "Nobody has this sign-in name." in told(manager_client, "/staff/known", known)


@pytest.mark.parametrize("known", [{"known_login": ""}, {"known_login": "x" * 41}, {"known_role": "boss"}])
def test_attaching_nonsense_is_refused(
    manager_client: FlaskClient, other: Station, known: dict[str, str]
) -> None:
    said = {"known_login": login_of(other.clerk.id), "known_role": "clerk"} | known

    assert post(manager_client, "/staff/known", said).status_code == 422
