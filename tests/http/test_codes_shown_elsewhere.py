"""Codes that open something at the hand-over desk, scanned anywhere else: refused, and kept without what is secret."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from station.core.db import transaction
from station.returns import manifests
from station.stocktakes import service as stocktakes
from tests.factories import Station
from tests.http import counter as check_in
from tests.http.scanner import Scanner, refused_scans

CODES = [
    ("PROXY:K7MWA2RD", "PROXY:…"),
    ("proxy: k7mw a2rd", "PROXY:…"),
    ("ＰＲＯＸＹ：Ｋ７ＭＷＡ２ＲＤ", "PROXY:…"),
    ("ID:" + "X" * 138, "ID:…"),
    ("id:6BF3L", "ID:…"),
    ("SF1999999999999PROXY:K7MWA2RD", "SF1999999999999PROXY:…"),  # two scans ran together
]
DIGITS = [
    ("4068 883046", "4068 …"),
    (" 4068  883 046 ", "4068 …"),
    ("４０６８ ８８３０４６", "4068 …"),
]
SHOWN = [*CODES, *DIGITS]


def scan(client: FlaskClient, page: str, value: str, **more: str) -> Any:
    body = {"value": value, "scanned_at": "2026-11-21T09:00:00Z"} | more
    return client.post(f"{page}/scan", json=body, headers={"Idempotency-Key": "scan-0001"})


# With a row chosen, digits that could be a waybill are taken for one, and nothing is refused.
@pytest.mark.parametrize(("shown", "kept"), SHOWN)
def test_at_check_in(clerk_client: FlaskClient, shown: str, kept: str) -> None:
    assert check_in.scan(clerk_client, shown).status_code in (409, 422)
    assert [(purpose, raw) for purpose, _reason, raw in refused_scans()] == [("check_in", kept)]


@pytest.mark.parametrize(("shown", "kept"), SHOWN)
def test_at_returns(web_station: Station, clerk_client: FlaskClient, shown: str, kept: str) -> None:
    with transaction():
        manifest_id = manifests.open_manifest(web_station.clerk, "sf")
    assert scan(clerk_client, f"/returns/manifests/{manifest_id}", shown).status_code in (404, 422)
    assert [(purpose, raw) for purpose, _reason, raw in refused_scans()] == [("return", kept)]


@pytest.mark.parametrize(("shown", "kept"), SHOWN)
def test_at_a_stocktake(web_station: Station, clerk_client: FlaskClient, shown: str, kept: str) -> None:
    with transaction():
        stocktake_id = stocktakes.open_stocktake(web_station.clerk)
    assert scan(clerk_client, f"/stocktakes/{stocktake_id}", shown, layer="").status_code in (409, 422)
    assert [(purpose, raw) for purpose, _reason, raw in refused_scans()] == [("stocktake", kept)]


@pytest.mark.parametrize(("shown", "kept"), CODES)
def test_in_the_deliveries_of_a_device(scanner: Scanner, shown: str, kept: str) -> None:
    scanner.post("/parcels", {"waybill": shown, "shelf": "1", "layer": 1})
    assert [(purpose, raw) for purpose, _reason, raw in refused_scans()] == [("check_in", kept)]


@pytest.mark.parametrize("text", ["SF1999999999999", "4068883046", "4068", "12-3-3210", "PAID 1234"])
def test_anything_else_is_kept_as_it_was_read(
    web_station: Station, clerk_client: FlaskClient, text: str
) -> None:
    with transaction():
        manifest_id = manifests.open_manifest(web_station.clerk, "sf")
    scan(clerk_client, f"/returns/manifests/{manifest_id}", text)
    assert [raw for _purpose, _reason, raw in refused_scans()] == [text]
