"""A resident's pages for proxies and extensions: one's own only, the code shown once, taken back in one tap."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from station.core.db import db, reading, transaction
from station.parcels.models import Parcel
from station.residents import proxies
from station.residents.models import Proxy
from station.residents.proxies import Wish
from tests.factories import Station, make_station, recipient, store
from tests.http import residents
from tests.http.forms import post
from tests.http.test_me_pages import statements

PHONE = "13812344068"
NEIGHBOUR = "13911112222"


def signed_in(web: Flask, phone: str) -> FlaskClient:
    browser = web.test_client()
    residents.sign_in(browser, phone)
    return browser


@pytest.fixture
def owner(web: Flask, web_station: Station) -> FlaskClient:
    recipient(web_station)
    return signed_in(web, PHONE)


@pytest.fixture
def stranger(web: Flask, web_station: Station) -> FlaskClient:
    recipient(web_station, NEIGHBOUR, "Li Lei")
    return signed_in(web, NEIGHBOUR)


def given() -> list[Proxy]:
    with reading():
        return list(db.session.scalars(select(Proxy)))


def what(station: Station, parcel_id: int | None = None) -> dict[str, str]:
    return {"what": f"parcel-{station.id}-{parcel_id}" if parcel_id else f"day-{station.id}"}


def test_code_is_shown_once_as_text_and_as_qr(owner: FlaskClient, web_station: Station) -> None:
    one = store(web_station)
    answer = post(owner, "/me/proxies/give", what(web_station, one.parcel_id) | {"name": "Li Lei"})
    code = re.findall(r'class="mono code">([A-Z0-9]{4} [A-Z0-9]{4})<', answer.text)[0].replace(" ", "")
    assert 'class="qr"' in answer.text
    assert given()[0].code_hash == proxies.code_hash(code)
    listed = owner.get("/me/proxies/").text
    assert "Li Lei" in listed
    assert code not in listed


def test_form_sent_twice_gives_once(owner: FlaskClient, web_station: Station) -> None:
    store(web_station)
    answers = [post(owner, "/me/proxies/give", what(web_station), key="twice-twice") for _ in range(2)]
    assert len(given()) == 1
    assert "Code to collect" in answers[1].text


def test_phone_number_is_shown_as_its_tail(owner: FlaskClient, web_station: Station) -> None:
    store(web_station)
    post(owner, "/me/proxies/give", what(web_station) | {"phone": NEIGHBOUR})
    listed = owner.get("/me/proxies/").text
    assert "2222" in listed
    assert NEIGHBOUR not in listed


def test_proxy_is_taken_back_in_one_tap(owner: FlaskClient, web_station: Station) -> None:
    store(web_station)
    post(owner, "/me/proxies/give", what(web_station) | {"phone": NEIGHBOUR})
    answer = post(owner, f"/me/proxies/{web_station.id}/{given()[0].id}/revoke", follow_redirects=True)
    assert given()[0].state == "revoked"
    assert "Nobody but you" in answer.text


def test_somebody_elses_proxy_and_parcel_are_not_found(
    owner: FlaskClient, stranger: FlaskClient, web_station: Station
) -> None:
    one = store(web_station)
    post(owner, "/me/proxies/give", what(web_station, one.parcel_id))
    proxy_id = given()[0].id
    page = f"/me/parcels/{web_station.id}/{one.parcel_id}"

    assert post(stranger, f"/me/proxies/{web_station.id}/{proxy_id}/revoke").status_code == 404
    assert post(stranger, "/me/proxies/give", what(web_station, one.parcel_id)).status_code == 422
    for path in ("/longer", "/tomorrow"):
        assert post(stranger, page + path).status_code == 404
    assert stranger.get(page).status_code == 404
    assert "Li" not in stranger.get("/me/proxies/").text
    assert [one.state for one in given()] == ["active"]


def test_other_stations_are_told_apart(owner: FlaskClient, web_station: Station) -> None:
    other = make_station("Lotus Garden")
    store(web_station)
    store(other)
    listed = owner.get("/me/proxies/").text
    assert "Lotus Garden: Everything that waits" in listed
    post(owner, "/me/proxies/give", what(other))
    assert [one.station_id for one in given()] == [other.id]


def test_what_is_no_name_or_number_is_refused(owner: FlaskClient, web_station: Station) -> None:
    store(web_station)
    answer = post(owner, "/me/proxies/give", what(web_station) | {"phone": "12", "name": "###"})
    assert answer.status_code == 422
    assert "This is not a phone number" in answer.text
    assert "This is not a name" in answer.text
    answer = post(owner, "/me/proxies/give", what(web_station) | {"phone": "13911112222,8462"})
    assert "own number" in answer.text
    assert given() == []


def test_parcels_page_extends_once_by_the_rule(owner: FlaskClient, web_station: Station) -> None:
    one = store(web_station)
    page = f"/me/parcels/{web_station.id}/{one.parcel_id}"
    assert "You can extend the storage time once, by 24 hours" in owner.get(page).text
    for _ in range(2):
        answer = post(owner, f"{page}/longer", key="pressed-twice", follow_redirects=True)
        assert "It waits for you until" in answer.text
    assert "cannot be extended again" in answer.text
    with reading():
        assert db.session.scalar(select(Parcel.extended_h).where(Parcel.id == one.parcel_id)) == 24


def test_coming_tomorrow_needs_no_extension_of_a_new_parcel(owner: FlaskClient, web_station: Station) -> None:
    one = store(web_station)
    page = f"/me/parcels/{web_station.id}/{one.parcel_id}"
    assert "It waits for you until" in post(owner, f"{page}/tomorrow", follow_redirects=True).text
    with reading():
        assert db.session.scalar(select(Parcel.extended_h).where(Parcel.id == one.parcel_id)) == 0


def test_pages_ask_the_database_as_often_however_much_there_is(
    owner: FlaskClient, web_station: Station
) -> None:
    def asked() -> int:
        with statements() as found:
            assert owner.get("/me/proxies/").status_code == 200
        return len(found)

    store(web_station)
    post(owner, "/me/proxies/give", what(web_station))
    few = asked()
    for _ in range(4):
        one = store(web_station)
        post(owner, "/me/proxies/give", what(web_station, one.parcel_id))
    assert asked() == few


def test_a_permission_is_shown_however_many_were_taken_back_since(
    owner: FlaskClient, web_station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = recipient(web_station).id
    with transaction():
        proxies.give(web_station.clerk, Wish(mine, name="李雷"))
    monkeypatch.setattr(proxies, "LISTED", 2)
    for _ in range(2):
        with transaction():
            made = proxies.give(web_station.clerk, Wish(mine))
            proxies.revoke(web_station.clerk, made.proxy_id)

    assert "李雷" in owner.get("/me/proxies/").text
