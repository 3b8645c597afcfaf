"""Every form that writes: refused without a key, done once however often it is sent, refused with other values."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from station.accounts import devices
from station.accounts.models import Account
from station.core.db import db, reading, transaction
from station.days import queries as days
from station.days import service as day_book
from station.events.models import CustodyEvent
from station.network import queries as network_queries
from station.network import service as network
from station.network.calendar import SpecialKind
from station.residents import proxies
from station.shelves import queries as shelves
from station.web.idempotent import WITHOUT_KEY
from tests import couriers
from tests.factories import Station, make_station, recipient, store
from tests.group_buys import make_draft
from tests.http import residents
from tests.http.carrier_system import make_system
from tests.http.every_form import DEEDS, FORM_ROOMS, FORMS, MINE, SAID, SENT, SHELF, STAFF
from tests.http.forms import post
from tests.http.kiosks import make_kiosk
from tests.http.message_links import path_of

OF_CARRIERS = ("/api/v1/disputes", "/api/v1/manifests", "/api/v1/webhooks")
SAID_PLAINLY = "This page was sent before with other values"


@pytest.fixture
def names(web_station: Station) -> dict[str, str]:
    """What the forms are about: people, devices, shelves and days that are there."""
    manager, stranger = web_station.manager, make_station("Lotus Garden").clerk
    mine = recipient(web_station, residents.PHONE)
    parcel = store(web_station, to=mine, layer_id=web_station.layer("3"))
    link = path_of(web_station, parcel)
    with transaction():
        proxy = proxies.give(web_station.clerk, proxies.Wish(mine.id))
    with reading():
        today = days.local_today(web_station.id)
        racks = [str(shelf.id) for shelf in shelves.shelves(web_station.id)]
        login = db.session.scalar(select(Account.login).where(Account.id == stranger.id))
    soon = today + timedelta(days=10)
    with transaction():
        machines = [str(devices.add_device(manager, name=name).id) for name in ("Gate", "Spare")]
        closed = [
            str(network.add_special_day(manager, network.NewSpecialDay(kind, day, day, "Rest")))
            for kind, day in ((SpecialKind.HOLIDAY, soon), (SpecialKind.CLOSURE, soon + timedelta(days=1)))
        ]
        day_book.close_day(manager, today - timedelta(days=2))
        version = network_queries.rules(web_station.id).version
    return {
        "mine": f"{web_station.id}/{mine.id}",
        "my_parcel": f"{web_station.id}/{parcel.parcel_id}",
        "everything": f"day-{web_station.id}",
        "proxy": f"{web_station.id}/{proxy.proxy_id}",
        "link_page": link,
        "group_buy": str(make_draft(web_station)),
        "link": f"{link}/{parcel.parcel_id}",
        "clerk": str(web_station.clerk.id),
        "manager": str(manager.id),
        "stranger": str(login),
        "today": today.isoformat(),
        "before": (today - timedelta(days=1)).isoformat(),
        "closed": (today - timedelta(days=2)).isoformat(),
        "version": str(version),
        "soon": (soon + timedelta(days=5)).isoformat(),
        **couriers.names(web_station),
        **dict(zip(("device", "spare"), machines, strict=True)),
        **dict(zip(("holiday", "closure"), closed, strict=True)),
        **dict(zip(("shelf", "next_shelf"), racks[:2], strict=True)),
    }


def filled(data: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    return {name: text.format(**names) for name, text in data.items()}


def send(browser: FlaskClient, path: str, data: Mapping[str, str], *, key: str) -> TestResponse:
    return post(browser, path, data, key=key, follow_redirects=True)


def changes(station: Station) -> tuple[int, int]:
    """Return how much has happened: events of the custody log, and sessions ended."""
    with reading():
        events = db.session.scalar(select(func.count()).where(CustodyEvent.station_id == station.id))
        epochs = db.session.scalar(select(func.sum(Account.epoch)))
    return events or 0, epochs or 0


def shown(answer: TestResponse) -> tuple[int, str, list[str]]:
    """Return what somebody sees of an answer: the page it ended at, what it says was done, a secret shown once."""
    told = re.search(r'id="flashes"[^>]*>(.*?)</div>', answer.text, re.DOTALL)
    said = re.findall(r"<span>(.*?)</span>", told[1] if told else "")
    said += re.findall(r'class="mono (?:code|token)">(.*?)<', answer.text)
    return answer.status_code, answer.request.path, said


def writing(app: Flask) -> dict[str, Rule]:
    rules = (rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ()))
    return {rule.endpoint: rule for rule in rules}


def test_every_form_of_these_rooms_is_tried(web: Flask) -> None:
    ours = {endpoint for endpoint in writing(web) if endpoint.partition(".")[0] in FORM_ROOMS}

    assert set(FORMS) == ours - WITHOUT_KEY


def test_what_needs_no_key_exists(web: Flask) -> None:
    assert set(writing(web)) >= WITHOUT_KEY


def test_every_writing_route_asks_for_a_key(
    web: Flask, web_station: Station, manager_client: FlaskClient, scanner: Any, names: dict[str, str]
) -> None:
    answers, kiosk, system = {}, make_kiosk(web, web_station), make_system(web, web_station)
    residents.sign_in(manager_client)
    couriers.sign_in(manager_client, couriers.make_courier(web_station))
    for endpoint, rule in writing(web).items():
        if endpoint in WITHOUT_KEY:
            continue
        form = FORMS.get(endpoint) or MINE.get(endpoint)
        ids = dict.fromkeys(rule.arguments, 1) | {"deed": DEEDS.get(endpoint, ""), "name": "email"}
        ids |= {"topic": "stored", "language": "en", "way": "alipay", "carrier": "zto"}
        with web.test_request_context():
            path = web.url_for(endpoint, **{name: ids[name] for name in rule.arguments})
        said: dict[str, Any] = {"data": filled(form.data, names) if form else SAID.get(endpoint, {})}
        said = {"json": SENT[endpoint]} if endpoint in SENT else said
        machine = kiosk if path.startswith("/api/v1/kiosks/") else scanner
        machine = system if path.startswith(OF_CARRIERS) else machine
        headers = {"Accept": "application/json"} | (machine.headers if path.startswith("/api/") else {})

        answer = manager_client.post(form.path.format(**names) if form else path, headers=headers, **said)

        answers[endpoint] = (answer.json or {}).get("code") if answer.is_json else answer.status_code

    unasked = {endpoint: code for endpoint, code in answers.items() if code != "idempotency_key_missing"}
    assert unasked == {}


@pytest.mark.parametrize("endpoint", FORMS)
def test_form_sent_twice_acts_once_and_answers_the_same(
    web: Flask, web_station: Station, manager_client: FlaskClient, names: dict[str, str], endpoint: str
) -> None:
    form = FORMS[endpoint]
    path, data = form.path.format(**names), filled(form.data, names)
    for earlier in form.first:
        post(manager_client, earlier, follow_redirects=True)
    before = changes(web_station)

    first = send(manager_client, path, data, key="pressed-twice")
    once = changes(web_station)
    if endpoint == "accounts.sign_out_everywhere":
        web_station.sign_in(manager_client, "manager")
    second = send(manager_client, path, data, key="pressed-twice")

    assert once != before
    assert changes(web_station) == once
    assert shown(second) == shown(first)
    assert shown(first)[2] != []


@pytest.mark.parametrize("endpoint", [name for name, form in FORMS.items() if form.again is not None])
def test_key_used_for_something_else_is_refused_in_plain_words(
    web_station: Station, manager_client: FlaskClient, names: dict[str, str], endpoint: str
) -> None:
    form = FORMS[endpoint]
    path, data = form.path.format(**names), filled(form.data, names)
    send(manager_client, path, data, key="pressed-again")
    before = changes(web_station)
    elsewhere = (form.again_at or form.path).format(**names)

    answer = send(manager_client, elsewhere, data | filled(form.again or {}, names), key="pressed-again")

    assert SAID_PLAINLY in answer.text
    assert changes(web_station) == before


def test_every_form_shown_has_a_key_of_its_own(manager_client: FlaskClient, names: dict[str, str]) -> None:
    pages = ("/account", "/staff", "/devices", "/settings/hours", "/settings/days", "/shelves/add", "/day")
    keys = []
    for _again in range(2):
        for page in pages:
            keys += re.findall(r'name="key" value="([0-9a-f]{32})"', manager_client.get(page).text)

    assert len(keys) == len(set(keys))
    assert len(keys) >= 2 * len(pages)


def test_old_page_without_a_key_is_told_to_load_again(manager_client: FlaskClient) -> None:
    answer = manager_client.post("/staff", data=STAFF)

    assert answer.status_code == 400
    assert "This page is too old. Load it again" in answer.text


def test_refused_form_can_be_put_right_and_sent_again(manager_client: FlaskClient) -> None:
    post(manager_client, "/shelves/add", SHELF)

    refused = post(manager_client, "/shelves/add", SHELF)
    new = re.findall(r'name="key" value="([0-9a-f]{32})"', refused.text)
    answer = post(manager_client, "/shelves/add", SHELF | {"code": "14"}, key=new[-1])

    assert refused.status_code == 409
    assert answer.status_code == 303


def test_secret_is_not_kept_in_the_clear(
    web: Flask, web_station: Station, manager_client: FlaskClient
) -> None:
    page = post(manager_client, "/devices", {"name": "Gate scanner"}).text
    token = re.findall(r"smt_[0-9]+_[0-9]+_([A-Za-z0-9_-]+)", page)[0]

    with reading():
        raw = db.session.connection().exec_driver_sql("SELECT answer FROM idempotent_answers").scalars().all()

    assert raw
    assert not any(token.encode() in (one if isinstance(one, bytes) else str(one).encode()) for one in raw)
