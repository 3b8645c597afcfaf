"""A resident's pages: the identity card, what waits and what came before, only their own; signing out everywhere."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from station.accounts import service as accounts
from station.core import clock
from station.core.db import db, transaction
from station.me import card, queries
from station.parcels import consent_answers, hand_over
from station.parcels.hand_over import Taker
from station.parcels.intake import CheckedIn
from station.residents.service import phone_hash
from station.web.gate import RESIDENT
from tests.factories import Station, make_station, recipient, store

PHONE, OTHER_PHONE = "13812344068", "13900001234"


@pytest.fixture
def me(web: Flask, web_station: Station) -> FlaskClient:
    """The browser of a resident whom the station knows."""
    recipient(web_station, PHONE)
    return resident_browser(web, PHONE)


def resident_browser(web: Flask, phone: str) -> FlaskClient:
    with transaction():
        found = accounts.sign_in_resident(phone_hash(phone))
    browser = web.test_client()
    with browser.session_transaction() as session:
        session[RESIDENT] = f"{found.account_id}.{found.epoch}"
    return browser


def collect(station: Station, parcel: CheckedIn, taker: Taker | None = None) -> None:
    with transaction():
        hand_over.hand_over(station.clerk, parcel.parcel_id, taker or Taker())


@contextmanager
def statements() -> Iterator[list[str]]:
    sent: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield sent
    event.remove(db.engine, "before_cursor_execute", note)


def test_home_shows_the_identity_card_and_what_waits(me: FlaskClient, web_station: Station) -> None:
    parcel = store(web_station)
    page = me.get("/me/")

    assert page.status_code == 200
    assert 'viewBox="-4 -4 49 49"' in page.text
    assert "My identity code" in page.text
    assert f"<b>{parcel.pickup_code.split('-')[-1]}</b>" in page.text
    assert "Shelf 1, layer 1" in page.text
    assert re.search(r"Collect it by \d+ \w+ \d\d:\d\d: 7 days", page.text)
    assert PHONE not in page.text


def test_home_never_shows_another_s_parcels(web: Flask, me: FlaskClient, web_station: Station) -> None:
    other = store(web_station, to=recipient(web_station, OTHER_PHONE, "李雷"))

    assert other.pickup_code.split("-")[-1] not in me.get("/me/").text
    assert "Nothing is waiting" in me.get("/me/").text


def test_somebody_no_station_knows_sees_no_card(web: Flask, web_station: Station) -> None:
    page = resident_browser(web, OTHER_PHONE).get("/me/")

    assert page.status_code == 200
    assert "My identity code" not in page.text


def test_a_resident_of_two_stations_chooses_whose_code_is_shown(
    me: FlaskClient, web_station: Station
) -> None:
    second = make_station("Lotus Garden")
    store(second, to=recipient(second, PHONE))
    stranger = make_station("Far Away")

    assert f"/me/identity-codes/{second.id}.json" in me.get("/me/").text  # where something waits
    assert f"/me/identity-codes/{web_station.id}.json" in me.get(f"/me/?station={web_station.id}").text
    assert me.get(f"/me/?station={stranger.id}").status_code == 404
    assert me.get(f"/me/identity-codes/{stranger.id}.json").status_code == 404


def test_the_phone_gets_twenty_codes_then_only_those_it_lacks(me: FlaskClient, web_station: Station) -> None:
    address = f"/me/identity-codes/{web_station.id}.json"
    first = me.get(address).json or {}
    screens = first["screens"]

    assert [one["step"] - screens[0]["step"] for one in screens] == list(range(20))
    assert {len(one["digits"]) for one in screens} == {6}
    assert abs(first["now"] / 1000 - clock.now().timestamp()) < 5
    later = me.get(f"{address}?after={screens[-2]['step']}").json or {}
    assert later["screens"][0]["step"] == screens[-1]["step"]
    assert me.get(f"{address}?after=x").status_code == 200


def test_codes_need_a_sign_in(web: Flask, me: FlaskClient, web_station: Station) -> None:
    address = f"/me/identity-codes/{web_station.id}.json"

    assert web.test_client().get(address, headers={"Accept": "application/json"}).status_code == 401


def test_the_worker_is_served_above_the_pages_it_keeps(me: FlaskClient) -> None:
    answer = me.get("/me/worker.js")

    assert answer.status_code == 200
    assert "javascript" in answer.content_type


def test_a_drawn_code_has_41_modules_and_reads_back() -> None:
    path = card.draw("ID:" + "A1B" * 46)

    assert path.count("M0 ") == card.SIZE
    assert path.startswith("M0 0.5m0 0h7")


def test_history_says_what_became_of_each_parcel(me: FlaskClient, web_station: Station) -> None:
    own, by_proxy, waiting = store(web_station), store(web_station), store(web_station)
    collect(web_station, own)
    collect(web_station, by_proxy, Taker(proxy_name="李雷"))
    others = store(web_station, to=recipient(web_station, OTHER_PHONE, "韩梅梅"))
    collect(web_station, others)
    text = me.get("/me/parcels").text

    assert "You collected it on" in text
    assert "Somebody collected it for you on" in text
    assert f"···{own.waybill[-4:]}" in text
    assert f"···{waiting.waybill[-4:]}" not in text
    assert f"···{others.waybill[-4:]}" not in text


def test_history_is_paged_without_gaps(me: FlaskClient, web_station: Station) -> None:
    second = make_station("Lotus Garden")
    person = recipient(second, PHONE)
    parcels = [store(web_station) for _ in range(15)] + [store(second, to=person) for _ in range(15)]
    for number, parcel in enumerate(parcels):
        with clock.use(lambda number=number: NOW + timedelta(minutes=number % 7)):
            collect(web_station if number < 15 else second, parcel)
    first = me.get("/me/parcels")
    cursor = first.text.partition("/me/parcels?after=")[2].partition('"')[0]
    rest = me.get(f"/me/parcels?after={cursor}")

    seen = [text.count("···") for text in (first.text, rest.text)]
    assert seen == [queries.PAGE, len(parcels) - queries.PAGE]
    assert all(f"···{one.waybill[-4:]}" in first.text + rest.text for one in parcels)
    assert "Older parcels" not in rest.text


NOW = clock.now() + timedelta(days=1)


@pytest.mark.parametrize("cursor", ["x", "1", "1.x", "-1.1", "9" * 30 + ".1", "1." + "9" * 30])
def test_a_cursor_that_is_none_is_refused(me: FlaskClient, cursor: str) -> None:
    assert me.get(f"/me/parcels?after={cursor}").status_code == 422


@pytest.mark.parametrize("page", ["/me/", "/me/parcels"])
def test_pages_ask_the_database_as_often_for_many_parcels_as_for_few(
    me: FlaskClient, web_station: Station, page: str
) -> None:
    def some() -> None:
        collect(web_station, store(web_station))
        store(web_station)

    some()
    me.get(page)
    with statements() as few:
        me.get(page)
    for _ in range(5):
        some()
    with statements() as many:
        me.get(page)

    assert len(many) == len(few)


def test_signing_out_everywhere_ends_every_session(web: Flask, me: FlaskClient) -> None:
    other = resident_browser(web, PHONE)
    assert other.get("/me/account").status_code == 200

    assert me.post("/me/sign-out-everywhere").headers["Location"].startswith("/me/sign-in")
    assert other.get("/me/account").headers["Location"].startswith("/me/sign-in")


def test_home_asks_where_nobody_asked_before(me: FlaskClient, web_station: Station) -> None:
    parcel = store(web_station)

    assert f"/me/parcels/{web_station.id}/{parcel.parcel_id}/answer" in me.get("/me/").text
    with transaction():
        consent_answers.answer(web_station.clerk, parcel.parcel_id, "yes", how="in_person")
    assert f"/me/parcels/{web_station.id}/{parcel.parcel_id}/answer" not in me.get("/me/").text
