"""Managers' pages of carriers' systems: keys and webhooks, shown once, changed, revoked; nobody else's business."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from station.core import clock
from station.core.db import db, transaction
from station.tracking import queries, webhooks
from tests.carriers import give_up, make_webhook, read, tell
from tests.factories import Station, make_station, store
from tests.gateways import http_gateway
from tests.http.forms import post

KEY = {"name": "SF tracking", "carrier": "sf", "scopes": "events", "per_minute": "60"}
PAGES = ("/settings/carrier-keys", "/settings/webhooks")
TOKEN = re.compile(r'class="mono token">([^<]+)<')


def token_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.text
    return TOKEN.findall(answer.text)[0]


def status_of(web: Flask, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return web.test_client().get("/api/v1/events", headers=headers).status_code


def make_key(browser: FlaskClient) -> tuple[str, str]:
    """Make a key; return its token and the address of its row's forms."""
    token = token_of(post(browser, PAGES[0], KEY))
    return token, f"{PAGES[0]}/{token.split('_')[2]}"


def test_a_key_is_made_its_token_shown_once_and_works(web: Flask, manager_client: FlaskClient) -> None:
    token, _path = make_key(manager_client)

    assert status_of(web, token) == 200
    page = manager_client.get(PAGES[0]).text
    assert "SF tracking" in page
    assert "SF Express" in page
    assert token not in page
    assert "SF tracking" not in manager_client.get("/devices").text


def test_a_key_gets_a_new_token_beside_the_old_one(web: Flask, manager_client: FlaskClient) -> None:
    old, path = make_key(manager_client)

    new = token_of(post(manager_client, f"{path}/rotate", {"days": "7"}))

    assert (status_of(web, new), status_of(web, old)) == (200, 200)
    assert "The old token works until" in manager_client.get(PAGES[0]).text
    newest = token_of(post(manager_client, f"{path}/rotate", {"days": "0"}))
    assert [status_of(web, one) for one in (newest, new, old)] == [200, 401, 401]


def test_a_revoked_key_opens_nothing(web: Flask, manager_client: FlaskClient) -> None:
    token, path = make_key(manager_client)

    answer = post(manager_client, f"{path}/revoke", {}, follow_redirects=True)

    assert "The key is revoked." in answer.text
    assert status_of(web, token) == 401


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"carrier": "x"}, {"scopes": ""}, {"per_minute": "0"}, {"per_minute": "x"}]
)
def test_a_key_without_sense_is_refused(manager_client: FlaskClient, wrong: dict[str, str]) -> None:
    assert post(manager_client, PAGES[0], KEY | wrong).status_code == 422


def test_a_key_of_another_station_is_not_there(web: Flask, manager_client: FlaskClient) -> None:
    _token, path = make_key(manager_client)
    other = make_station("Lotus Garden").sign_in(web.test_client(), "manager")

    for deed in ("rotate", "revoke"):
        assert post(other, f"{path}/{deed}", {"days": "1"}).status_code == 404
    assert "SF tracking" not in other.get(PAGES[0]).text


def test_a_webhook_is_made_and_its_secret_shown_once(manager_client: FlaskClient) -> None:
    url = "https://carrier.example/events"

    secret = token_of(post(manager_client, PAGES[1], {"carrier": "sf", "url": url}))

    page = manager_client.get(PAGES[1]).text
    assert url in page
    assert secret not in page
    refused = post(manager_client, PAGES[1], {"carrier": "sf", "url": "https://10.0.0.1/"})
    assert refused.status_code == 422
    assert "This address is not allowed" in refused.text


def test_a_dead_letter_is_seen_and_tried_again(web_station: Station, manager_client: FlaskClient) -> None:
    with http_gateway(lambda request: (500, "", {})) as receiver:
        made = make_webhook(web_station, receiver.url)
        parcel = store(web_station)
        tell()
    with transaction():
        db.session.execute(text("UPDATE webhook_deliveries SET state = 'dead', settled_at = due_at"))
    path = f"{PAGES[1]}/{made.id}"
    page = manager_client.get(path).text
    delivery = re.findall(r'name="delivery" value="(\d+)"', page)[0]
    assert parcel.waybill in page
    assert "Their system refused it (500)" in page

    again = post(manager_client, f"{path}/resend", {"delivery": delivery}, follow_redirects=True)

    assert "It is tried again now." in again.text
    assert parcel.waybill not in again.text


def test_a_webhook_is_replayed_and_ended(web_station: Station, manager_client: FlaskClient) -> None:
    made = make_webhook(web_station, "https://carrier.example/")
    path = f"{PAGES[1]}/{made.id}"

    replayed = post(manager_client, f"{path}/replay", {"after": "0"}, follow_redirects=True)
    ended = post(manager_client, f"{path}/end", {}, follow_redirects=True)

    assert "It is told again from there on." in replayed.text
    assert "Ended" in ended.text
    assert post(manager_client, f"{path}/replay", {"after": "x"}).status_code == 422
    assert post(manager_client, f"{path}/resend", {"delivery": "x"}).status_code == 422
    assert post(manager_client, f"{path}/end", {}).status_code == 404
    assert manager_client.get(f"{PAGES[1]}/1").status_code == 404
    assert read(lambda: queries.due(clock.now())) == []


@pytest.mark.parametrize("page", PAGES)
def test_clerks_and_strangers_do_not_get_there(
    client: FlaskClient, clerk_client: FlaskClient, page: str
) -> None:
    assert clerk_client.get(page).status_code == 403
    assert post(clerk_client, page, KEY).status_code == 403
    assert client.get(page).status_code in (303, 401)


def test_what_could_not_be_told_stands_among_the_problems_until_it_is_seen_to(
    web_station: Station, manager_client: FlaskClient
) -> None:
    webhook = make_webhook(web_station, "https://carrier.example/")
    assert "could not be told" not in manager_client.get("/problems").text
    store(web_station)
    give_up(web_station, webhook.id)

    page = manager_client.get("/problems").text

    assert "Carriers that could not be told" in page
    assert f"/settings/webhooks/{webhook.id}" in page
    with transaction():
        webhooks.end(web_station.manager, webhook.id)
    assert "could not be told" not in manager_client.get("/problems").text


def test_what_could_not_be_told_is_no_clerk_s_business_nor_another_station_s(
    web: Flask, web_station: Station, clerk_client: FlaskClient
) -> None:
    webhook = make_webhook(web_station, "https://carrier.example/")
    store(web_station)
    give_up(web_station, webhook.id)

    assert "could not be told" not in clerk_client.get("/problems").text
    elsewhere = make_station("Lotus Garden").sign_in(web.test_client(), "manager")
    assert "could not be told" not in elsewhere.get("/problems").text
