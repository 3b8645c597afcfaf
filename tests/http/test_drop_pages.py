"""The counter's pages of drops: the code on the screen, the day's drops, a drop with its count, the receipt."""

from datetime import UTC, datetime, timedelta

import pytest

from station.core import clock
from station.core.db import reading, transaction
from station.drops import presence, queries, scans, service
from station.drops.scans import Scan
from tests.couriers import make_courier
from tests.factories import waybill
from tests.http.forms import post

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon():
    with clock.use(lambda: NOON):
        yield


@pytest.fixture
def courier(web_station):
    return make_courier(web_station, name="Zhao Lei").actor


@pytest.fixture
def drop(web_station, courier):
    with transaction():
        seen = presence.read(presence.code(web_station.id, NOON))
        drop = service.open_drop(courier, seen, NOON).drop
        scans.take(
            courier, drop.id, [Scan("key-00000001", 1, waybill(), NOON), Scan("key-00000002", 2, "?", NOON)]
        )
    return drop


def finish(courier, drop):
    with transaction():
        service.finish(courier, drop.id, 1)


def test_code_changes_with_the_time(clerk_client, web_station) -> None:
    first = clerk_client.get("/drops/presence")
    assert 'hx-trigger="load delay:' in first.text
    same = clerk_client.get("/drops/presence/code").text
    assert presence.code(web_station.id, NOON) in same  # for whoever has no camera
    with clock.use(lambda: NOON + timedelta(seconds=presence.STEP_S)):
        other = clerk_client.get("/drops/presence/code").text
    assert same != other


def test_days_drops_show_what_each_came_to(clerk_client, drop) -> None:
    page = clerk_client.get("/drops").text
    assert "Zhao Lei" in page
    assert "Scanning" in page


def test_count_is_kept_and_its_difference_shown(clerk_client, courier, drop) -> None:
    finish(courier, drop)
    answer = post(clerk_client, f"/drops/{drop.id}/count", {"count": "3"})
    assert answer.status_code == 303
    page = clerk_client.get(f"/drops/{drop.id}").text
    assert "2 more than scanned" in page
    assert "Signed and unchanged" in page


def test_drop_that_is_going_on_cannot_be_counted(clerk_client, drop) -> None:
    assert "still scanning" in clerk_client.get(f"/drops/{drop.id}").text
    post(clerk_client, f"/drops/{drop.id}/count", {"count": "3"})
    with reading():
        assert queries.get(drop.station_id, drop.id).counted is None


@pytest.mark.parametrize("typed", ["", "-1", "x", "1000000"])
def test_count_that_is_none_is_refused(clerk_client, courier, drop, typed) -> None:
    finish(courier, drop)
    assert post(clerk_client, f"/drops/{drop.id}/count", {"count": typed}).status_code == 422


def test_receipt_is_shown_once_there_is_one(clerk_client, courier, drop) -> None:
    assert clerk_client.get(f"/drops/{drop.id}/receipt").status_code == 404
    finish(courier, drop)
    assert "Ed25519" in clerk_client.get(f"/drops/{drop.id}/receipt").text


def test_no_drops_yet(clerk_client) -> None:
    assert "No drops today" in clerk_client.get("/drops").text
