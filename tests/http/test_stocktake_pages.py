"""Stocktakes over HTTP: the walk, its scans, settling, the report, and what is refused."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from station.core.db import db, reading, transaction
from station.events.models import RefusedScan
from station.parcels import parcel_queries
from station.parcels.intake import CheckedIn
from station.stocktakes import service
from station.stocktakes.models import StocktakeScan
from tests.factories import Station, make_station, store, waybill
from tests.http.forms import post
from tests.http.test_me_pages import statements

LIST = "/stocktakes"
FAR = "2099-01-01T00:00:00Z"  # a device whose clock is ahead: it counts as now


@pytest.fixture
def walk(web_station: Station) -> str:
    with transaction():
        return f"{LIST}/{service.open_stocktake(web_station.clerk)}"


def scan(client: FlaskClient, walk: str, value: str, *, layer: int | str = "", key: str = "") -> Any:
    body = {"value": value, "scanned_at": FAR, "layer": str(layer)}
    return client.post(
        f"{walk}/scan",
        data=json.dumps(body),
        headers={"Idempotency-Key": key or f"scan-{value}-{layer}"},
        content_type="application/json",
    )


def state(station: Station, parcel: CheckedIn) -> str:
    with reading():
        return parcel_queries.detail(station.id, parcel.parcel_id).state


def scans() -> int:
    with reading():
        return db.session.scalar(select(func.count()).select_from(StocktakeScan)) or 0


def test_a_stocktake_is_begun_once_and_gone_on_with(clerk_client: FlaskClient) -> None:
    assert "Begin a stocktake" in clerk_client.get(LIST).text
    first = post(clerk_client, LIST)
    again = post(clerk_client, LIST)
    assert first.status_code == again.status_code == 303
    assert first.location == again.location
    assert "Count with a scanner" in clerk_client.get(LIST).text
    assert "autofocus" in clerk_client.get(first.location).text


def test_a_card_and_its_parcels_are_scanned(
    web_station: Station, clerk_client: FlaskClient, walk: str
) -> None:
    stored = store(web_station)
    card = scan(clerk_client, walk, "SHELF:1-1")
    assert (card.status_code, card.json["sound"], card.json["title"]) == (200, "ok", "Counting 1-1")
    row = web_station.layer()
    assert f'data-layer="{row}"' in card.json["html"]
    answer = scan(clerk_client, walk, stored.waybill, layer=row)
    assert (answer.json["sound"], answer.json["title"]) == ("ok", stored.pickup_code)
    assert "1 of 1" in answer.json["html"]


def test_a_scan_sent_twice_counts_once(web_station: Station, clerk_client: FlaskClient, walk: str) -> None:
    for _ in range(2):
        assert scan(clerk_client, walk, "SHELF:1-1", key="scan-0001").json["sound"] == "ok"
    assert scans() == 1


def test_what_does_not_belong_warns(web_station: Station, clerk_client: FlaskClient, walk: str) -> None:
    elsewhere = store(web_station, layer_id=web_station.layer("2"))
    scan(clerk_client, walk, "SHELF:1-1")
    row = web_station.layer()
    assert scan(clerk_client, walk, elsewhere.waybill, layer=row).json["sound"] == "warn"
    unknown = scan(clerk_client, walk, waybill(), layer=row)
    assert (unknown.json["sound"], unknown.json["text"]) == ("warn", "By the books: Not in the books.")


def test_an_unknown_code_is_refused_and_kept(
    web_station: Station, clerk_client: FlaskClient, walk: str
) -> None:
    scan(clerk_client, walk, "SHELF:1-1")
    answer = scan(clerk_client, walk, "hello", layer=web_station.layer())
    assert (answer.status_code, answer.json["sound"]) == (422, "bad")
    assert 'data-tag="1-1"' in answer.json["html"]
    with reading():
        kept = db.session.execute(select(RefusedScan.purpose, RefusedScan.reason, RefusedScan.raw)).all()
    assert [tuple(one) for one in kept] == [("stocktake", "waybill_malformed", "hello")]


@pytest.mark.parametrize("layer", ["", "x", "-1", "9" * 30, "12345"])
def test_a_parcel_without_a_counted_row_is_refused(clerk_client: FlaskClient, walk: str, layer: str) -> None:
    answer = scan(clerk_client, walk, waybill(), layer=layer, key="scan-0001")
    assert answer.status_code == 409
    assert "Scan the card of the shelf first" in answer.json["title"]


def test_counting_works_without_scripts(web_station: Station, clerk_client: FlaskClient, walk: str) -> None:
    stored = store(web_station)
    card = post(clerk_client, walk, {"value": "SHELF:1-1"})
    assert f'name="layer" value="{web_station.layer()}"' in card.text
    page = post(clerk_client, walk, {"value": stored.waybill, "layer": str(web_station.layer())})
    assert "Counted in 1-1" in page.text


def test_differences_are_explained(web_station: Station, clerk_client: FlaskClient, walk: str) -> None:
    missing = store(web_station)
    scan(clerk_client, walk, "SHELF:1-1")
    page = clerk_client.get(f"{walk}/differences")
    assert missing.waybill in page.text
    assert f"Checked in at {missing.pickup_code}." in page.text
    assert "Look here, likeliest first" in page.text


def test_one_difference_is_settled(web_station: Station, clerk_client: FlaskClient, walk: str) -> None:
    missing = store(web_station)
    scan(clerk_client, walk, "SHELF:1-1")
    for _ in range(2):
        answer = post(clerk_client, f"{walk}/settle", {"one": f"lost {missing.waybill}"}, key="settle-0001")
        assert answer.status_code == 303
    assert state(web_station, missing) == "lost"
    assert "Marked as lost" in clerk_client.get(f"{walk}/report").text


def test_several_are_settled_and_what_is_refused_is_told(
    web_station: Station, clerk_client: FlaskClient, walk: str
) -> None:
    first, second, elsewhere = (
        store(web_station),
        store(web_station),
        store(web_station, layer_id=web_station.layer("2")),
    )
    scan(clerk_client, walk, "SHELF:1-1")
    chosen = {"resolution": "lost", "waybill": [first.waybill, second.waybill, elsewhere.waybill]}
    post(clerk_client, f"{walk}/settle", chosen)
    page = clerk_client.get(f"{walk}/differences").text
    assert "2 differences settled." in page
    assert f"{elsewhere.waybill}: This is settled already" in page
    assert [state(web_station, one) for one in (first, second, elsewhere)] == ["lost", "lost", "stored"]


def test_what_check_in_asks_about_is_answered_there(
    clerk_client: FlaskClient, walk: str, web_station: Station
) -> None:
    number = waybill()
    scan(clerk_client, walk, "SHELF:1-1")
    scan(clerk_client, walk, number, layer=web_station.layer())
    answer = post(clerk_client, f"{walk}/settle", {"one": f"check_in {number}"})
    assert answer.location == "/check-in"
    assert number in clerk_client.get("/check-in").text


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"resolution": "lost"},
        {"resolution": "burn", "waybill": "SF123"},
        {"one": "burn SF123"},
        {"one": "lost"},
        {"resolution": "lost", "waybill": "x" * 99},
        {"resolution": "lost", "waybill": "<script>"},
    ],
)
def test_bad_input_settles_nothing(clerk_client: FlaskClient, walk: str, data: dict[str, str]) -> None:
    post(clerk_client, f"{walk}/settle", data)
    page = clerk_client.get(f"{walk}/differences").text
    assert "Choose at least one parcel." in page or "cannot be chosen" in page


def test_a_closed_stocktake_shows_its_report_only(
    web_station: Station, clerk_client: FlaskClient, walk: str
) -> None:
    missing = store(web_station)
    scan(clerk_client, walk, "SHELF:1-1")
    assert post(clerk_client, f"{walk}/close").location == f"{walk}/report"
    for path in (walk, f"{walk}/camera", f"{walk}/differences"):
        assert clerk_client.get(path).location == f"{walk}/report"
    assert missing.waybill in clerk_client.get(f"{walk}/report").text
    assert scan(clerk_client, walk, "SHELF:1-2").status_code == 409


def test_the_report_is_a_file_too(web_station: Station, clerk_client: FlaskClient, walk: str) -> None:
    missing = store(web_station)
    scan(clerk_client, walk, "SHELF:1-1")
    answer = clerk_client.get(f"{walk}/report.csv")
    assert answer.mimetype == "text/csv"
    assert answer.text.startswith("\ufeffDifference,Pickup code")
    assert f"Missing,{missing.pickup_code},{missing.waybill},On the shelf,1-1,,open,," in answer.text


def test_a_clerk_cannot_end_what_the_manager_began(web_station: Station, clerk_client: FlaskClient) -> None:
    with transaction():
        walk = f"{LIST}/{service.open_stocktake(web_station.manager)}"
    for end in ("close", "abandon"):
        post(clerk_client, f"{walk}/{end}")
        assert "Only who opened this stocktake, or the manager, can end it." in clerk_client.get(walk).text


def test_another_station_s_stocktake_is_not_found(clerk_client: FlaskClient) -> None:
    other = make_station("Elm Court")
    with transaction():
        walk = f"{LIST}/{service.open_stocktake(other.clerk)}"
    for path in (walk, f"{walk}/camera", f"{walk}/differences", f"{walk}/report", f"{walk}/report.csv"):
        assert clerk_client.get(path).status_code == 404
    assert scan(clerk_client, walk, "SHELF:1-1").status_code == 404
    for path in (f"{walk}/close", f"{walk}/abandon"):
        assert post(clerk_client, path).status_code == 404


def test_only_the_camera_s_page_may_compile(clerk_client: FlaskClient, walk: str) -> None:
    assert "wasm-unsafe-eval" in clerk_client.get(f"{walk}/camera").headers["Content-Security-Policy"]
    assert "wasm-unsafe-eval" not in clerk_client.get(walk).headers["Content-Security-Policy"]


@pytest.mark.parametrize("page", ["", "/differences", "/report"])
def test_pages_ask_the_same_however_many_parcels_differ(
    web_station: Station, clerk_client: FlaskClient, walk: str, page: str
) -> None:
    scan(clerk_client, walk, "SHELF:1-1")
    scan(clerk_client, walk, waybill(), layer=web_station.layer())
    with statements() as few:
        clerk_client.get(walk + page)
    for _ in range(5):
        scan(clerk_client, walk, waybill(), layer=web_station.layer())
    with statements() as many:
        clerk_client.get(walk + page)
    assert len(many) == len(few)


def test_the_code_reader_is_served_as_what_it_is(clerk_client: FlaskClient) -> None:
    with clerk_client.get("/static/vendor/zxing_reader.wasm") as answer:
        assert answer.mimetype == "application/wasm"
