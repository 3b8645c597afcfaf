"""Pages of the day book."""

import csv
import io
import json
from datetime import timedelta
from itertools import count

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from station.core import clock, crypto
from station.core.db import reading, transaction
from station.days import queries, service
from station.days.queries import DayFacts
from tests.factories import Station, make_station, store

_keys = count(1)


def post(browser: FlaskClient, path: str, *, key: str | None = None, **data: str) -> TestResponse:
    return browser.post(path, data={"key": key or f"day-key-{next(_keys)}", **data})


def today(station: Station) -> str:
    with reading():
        return queries.local_today(station.id).isoformat()


def known(station: Station) -> DayFacts | None:
    with reading():
        return queries.day_of(station.id, queries.local_today(station.id))


def close(station: Station) -> None:
    with reading():
        day = queries.local_today(station.id)
    with transaction():
        service.close_day(station.manager, day)


@pytest.mark.parametrize("path", ["/day", "/day/2026-03-02", "/day/2026-03-02/export.csv"])
def test_nobody_signed_in_is_sent_away(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 303


def test_a_clerk_sees_today(clerk_client: FlaskClient, web_station: Station) -> None:
    store(web_station)
    page = clerk_client.get("/day")
    assert page.status_code == 200
    assert "Not opened" in page.text
    assert "Close the day" not in page.text


def test_a_clerk_opens_the_day_and_comes_and_goes(clerk_client: FlaskClient, web_station: Station) -> None:
    assert post(clerk_client, "/day/open").status_code == 303
    assert known(web_station) is not None
    post(clerk_client, "/day/shift/start")
    assert "here now" in clerk_client.get("/day").text
    post(clerk_client, "/day/shift/end")
    assert "here now" not in clerk_client.get("/day").text


def test_the_same_form_twice_acts_once(clerk_client: FlaskClient, web_station: Station) -> None:
    post(clerk_client, "/day/shift/start", key="twice-0001")
    post(clerk_client, "/day/shift/end")
    post(clerk_client, "/day/shift/start", key="twice-0001")
    with reading():
        assert queries.on_shift(web_station.id) == []


def test_a_form_without_a_key_does_nothing(clerk_client: FlaskClient, web_station: Station) -> None:
    assert clerk_client.post("/day/open", data={}).status_code == 400
    assert known(web_station) is None


def test_a_clerk_cannot_close_nor_correct(clerk_client: FlaskClient, web_station: Station) -> None:
    day = today(web_station)
    assert post(clerk_client, f"/day/{day}/close").status_code == 403
    assert post(clerk_client, f"/day/{day}/correct", text="x").status_code == 403


def test_a_manager_closes_signs_and_corrects(manager_client: FlaskClient, web_station: Station) -> None:
    store(web_station)
    day = today(web_station)
    assert post(manager_client, f"/day/{day}/close").status_code == 303
    page = manager_client.get(f"/day/{day}").text
    assert "Closed and signed" in page
    assert "the figures are those that were signed" in page
    post(manager_client, f"/day/{day}/correct", text="One was <b>counted</b> twice.")
    assert "One was &lt;b&gt;counted&lt;/b&gt; twice." in manager_client.get(f"/day/{day}").text


def test_a_second_close_is_told(manager_client: FlaskClient, web_station: Station) -> None:
    close(web_station)
    day = today(web_station)
    post(manager_client, f"/day/{day}/close")
    assert "This day is closed already" in manager_client.get(f"/day/{day}").text


@pytest.mark.parametrize("text", ["", "x" * 301])
def test_a_correction_of_a_wrong_length_is_refused(
    manager_client: FlaskClient, web_station: Station, text: str
) -> None:
    close(web_station)
    day = today(web_station)
    assert post(manager_client, f"/day/{day}/correct", text=text).status_code == 303
    now = known(web_station)
    assert now is not None
    assert now.note is None


@pytest.mark.parametrize("text", ["x", "2026-13-01", "9999-99-99", "2026-03-02T00:00", "🙂", "%00"])
def test_a_date_that_is_none_is_not_found(manager_client: FlaskClient, text: str) -> None:
    for path in (f"/day/{text}", f"/day/{text}/export.csv", f"/day/{text}/export.json"):
        assert manager_client.get(path).status_code == 404
    assert post(manager_client, f"/day/{text}/close").status_code == 404


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_ends_of_the_calendar_are_no_error(manager_client: FlaskClient, day: str) -> None:
    assert manager_client.get(f"/day/{day}").status_code in (200, 404)
    assert manager_client.get(f"/day/{day}/export.csv").status_code in (200, 404)
    assert post(manager_client, f"/day/{day}/close").status_code in (303, 404)


def test_tomorrow_has_not_begun(manager_client: FlaskClient, web_station: Station) -> None:
    with reading():
        tomorrow = queries.local_today(web_station.id) + timedelta(days=1)
    assert manager_client.get(f"/day/{tomorrow.isoformat()}").status_code == 404


def test_a_forgotten_day_is_named(manager_client: FlaskClient, web_station: Station) -> None:
    yesterday = clock.now() - timedelta(days=1)
    with clock.use(lambda: yesterday), transaction():
        service.open_day(web_station.clerk)
    assert "Still to be closed" in manager_client.get("/day").text


def test_csv_has_a_line_for_each_figure(clerk_client: FlaskClient, web_station: Station) -> None:
    store(web_station)
    answer = clerk_client.get(f"/day/{today(web_station)}/export.csv")
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0] == ["section", "item", "figure", "count"]
    assert ["parcels", "sf", "in", "1"] in rows
    assert ["parcels", "total", "left", "1"] in rows


def test_json_of_a_closed_day_can_be_verified_by_anybody(
    clerk_client: FlaskClient, web_station: Station
) -> None:
    store(web_station)
    close(web_station)
    found = json.loads(clerk_client.get(f"/day/{today(web_station)}/export.json").text)
    signature, public = bytes.fromhex(found["signature"]), bytes.fromhex(found["public_key"])
    assert crypto.verify(found["statement"].encode(), signature, public)
    assert json.loads(found["statement"]) == found["day"]


def test_json_of_an_open_day_is_not_signed(clerk_client: FlaskClient, web_station: Station) -> None:
    post(clerk_client, "/day/open")
    found = json.loads(clerk_client.get(f"/day/{today(web_station)}/export.json").text)
    assert found["statement"] is found["signature"] is found["public_key"] is None
    assert clerk_client.get("/day/2020-01-01/export.json").status_code == 404


def test_another_station_s_days_are_not_shown(web: Flask, manager_client: FlaskClient) -> None:
    close(make_station("Elsewhere"))
    assert "Closed" not in manager_client.get("/day").text.split("Days in the book")[1]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_stands_in_both_languages(clerk_client: FlaskClient, language: str) -> None:
    clerk_client.post("/preferences", data={"language": language})
    assert clerk_client.get("/day").status_code == 200
