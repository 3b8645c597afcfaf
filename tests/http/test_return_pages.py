"""The return list and manifests over HTTP: opening, scanning, taking off, signing, printing, and what is refused."""

import io
import json
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from station.core.db import db, reading, transaction
from station.events.models import RefusedScan
from station.parcels import handling, parcel_queries
from station.parcels.intake import CheckedIn
from station.returns import manifests
from tests.factories import Station, make_station, store
from tests.http.forms import post

LIST = "/returns"
PNG = b"\x89PNG\r\n\x1a\n signed"


@pytest.fixture
def going(web_station: Station) -> CheckedIn:
    """A parcel picked for its carrier."""
    parcel = store(web_station)
    with transaction():
        handling.start_return(web_station.clerk, parcel.parcel_id, reason="carrier_asks")
    return parcel


@pytest.fixture
def manifest(web_station: Station) -> str:
    """The address of the carrier's open manifest."""
    with transaction():
        return f"/returns/manifests/{manifests.open_manifest(web_station.clerk, 'sf')}"


def scan(client: FlaskClient, manifest: str, value: str, key: str = "scan-0001") -> Any:
    return client.post(
        f"{manifest}/scan",
        data=json.dumps({"value": value, "scanned_at": "2026-11-21T09:00:00Z"}),
        headers={"Idempotency-Key": key},
        content_type="application/json",
    )


def seen(client: FlaskClient, manifest: str) -> str:
    """Return for which list the page lets somebody sign; any other once nobody may sign any more."""
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', client.get(f"{manifest}/sign").text)
    return found[1] if found else "another list"


def sign(client: FlaskClient, manifest: str, *, name: str = "赵师傅", shown: str = "", **kwargs: Any) -> Any:
    data: dict[str, Any] = {"courier_name": name, "seen": shown or seen(client, manifest)}
    data["picture"] = (io.BytesIO(PNG), "signature.png")
    return post(client, f"{manifest}/sign", data, content_type="multipart/form-data", **kwargs)


def state(station: Station, parcel: CheckedIn) -> str:
    with reading():
        return parcel_queries.detail(station.id, parcel.parcel_id).state


def test_the_list_is_reached_from_parcels_and_problems(clerk_client: FlaskClient) -> None:
    for page in ("/parcels?tab=returning", "/problems"):
        assert f'href="{LIST}"' in clerk_client.get(page).text
    assert "Nothing goes back" in clerk_client.get(LIST).text


def test_the_list_shows_what_goes_back_by_carrier_and_can_be_printed(
    clerk_client: FlaskClient, going: CheckedIn
) -> None:
    for page in (LIST, f"{LIST}/pick/sf"):
        text = clerk_client.get(page).text
        assert going.waybill in text
        assert "Return begun" in text
        assert "陈" not in text
    assert clerk_client.get(f"{LIST}/pick/nobody").status_code == 404


def test_opening_twice_leads_to_the_same_manifest(clerk_client: FlaskClient) -> None:
    first, second = (post(clerk_client, f"{LIST}/manifests", {"carrier": "sf"}) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    refused = post(clerk_client, f"{LIST}/manifests", {"carrier": "nobody"}, follow_redirects=True)
    assert "There is no such carrier." in refused.text


def test_a_scan_puts_a_parcel_on_and_a_repeated_request_acts_once(
    web_station: Station, clerk_client: FlaskClient, going: CheckedIn, manifest: str
) -> None:
    answers = [scan(clerk_client, manifest, going.waybill) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.json["sound"] for answer in answers] == ["ok", "ok"]
    assert "1 parcel on the manifest" in answers[1].json["html"]
    again = scan(clerk_client, manifest, going.waybill, key="scan-0002")
    assert (again.status_code, again.json["sound"]) == (409, "bad")
    assert "scanned already" in again.json["html"]


@pytest.mark.parametrize(
    ("value", "reason"),
    [("SF1999999999999", "not_found"), ("?", "waybill_malformed"), ("1-1-1234", "waybill_malformed")],
)
def test_refused_scans_are_kept(clerk_client: FlaskClient, manifest: str, value: str, reason: str) -> None:
    answer = scan(clerk_client, manifest, value)
    assert answer.status_code in (404, 422)
    with reading():
        kept = db.session.execute(select(RefusedScan.purpose, RefusedScan.reason, RefusedScan.raw)).all()
    assert [tuple(row) for row in kept] == [("return", reason, value)]


def test_without_scripts_a_typed_waybill_does_the_same(
    clerk_client: FlaskClient, going: CheckedIn, manifest: str
) -> None:
    page = post(clerk_client, f"{manifest}/add", {"value": going.waybill})
    assert page.status_code == 200
    assert f"On the manifest: {going.pickup_code}" in page.text
    off = post(clerk_client, f"{manifest}/take-off", {"parcel": str(going.parcel_id)})
    assert "Taken off" in off.text
    assert post(clerk_client, f"{manifest}/take-off", {"parcel": "x"}).status_code == 422


def test_the_courier_signs_on_screen_and_everything_is_given_back(
    web_station: Station, clerk_client: FlaskClient, going: CheckedIn, manifest: str
) -> None:
    scan(clerk_client, manifest, going.waybill)
    assert going.waybill in clerk_client.get(f"{manifest}/sign").text
    page = sign(clerk_client, manifest, follow_redirects=True)
    assert "1 parcel is back with its carrier" in page.text
    assert "赵师傅" in page.text
    assert state(web_station, going) == "returned"
    picture = clerk_client.get(f"{manifest}/signature")
    assert (picture.data, picture.mimetype) == (PNG, "image/png")
    assert clerk_client.get(f"{manifest}/sign").status_code == 303
    printed = clerk_client.get(f"{manifest}/print")
    assert going.waybill in printed.text
    assert 'class="qr"' in printed.text


def test_pressed_twice_the_signature_counts_once(
    web_station: Station, clerk_client: FlaskClient, going: CheckedIn, manifest: str
) -> None:
    scan(clerk_client, manifest, going.waybill)
    shown = seen(clerk_client, manifest)
    first, second = (
        sign(clerk_client, manifest, shown=shown, key="signed-twice", follow_redirects=True) for _ in range(2)
    )
    assert "1 parcel is back" in first.text
    assert "1 parcel is back" in second.text
    other = sign(clerk_client, manifest, follow_redirects=True)
    assert "This manifest is closed" in other.text


def test_what_was_scanned_since_the_courier_looked_is_not_signed_for(
    web_station: Station, clerk_client: FlaskClient, going: CheckedIn, manifest: str
) -> None:
    shown = seen(clerk_client, manifest)
    scan(clerk_client, manifest, going.waybill)
    page = sign(clerk_client, manifest, shown=shown, follow_redirects=True)
    assert "The list has changed since you looked" in page.text
    assert state(web_station, going) == "returning"


@pytest.mark.parametrize("name", ["", "12345", "x" * 200])
def test_a_signature_without_a_name_is_refused(
    web_station: Station, clerk_client: FlaskClient, going: CheckedIn, manifest: str, name: str
) -> None:
    scan(clerk_client, manifest, going.waybill)
    sign(clerk_client, manifest, name=name)
    assert state(web_station, going) == "returning"


def test_an_unsigned_form_is_refused(
    web_station: Station, clerk_client: FlaskClient, going: CheckedIn, manifest: str
) -> None:
    scan(clerk_client, manifest, going.waybill)
    said = {"courier_name": "赵师傅", "seen": seen(clerk_client, manifest)}
    page = post(clerk_client, f"{manifest}/sign", said, follow_redirects=True)
    assert "The courier has to sign first" in page.text
    assert state(web_station, going) == "returning"


def test_given_up_a_manifest_stays_in_the_list(clerk_client: FlaskClient, manifest: str) -> None:
    page = post(clerk_client, f"{manifest}/cancel", follow_redirects=True)
    assert "given up" in page.text
    assert "Given up" in clerk_client.get(f"{LIST}/manifests").text
    assert "Given up" in clerk_client.get(manifest).text


def test_the_export_names_parcels_and_no_people(
    clerk_client: FlaskClient, manager_client: FlaskClient, going: CheckedIn, manifest: str
) -> None:
    scan(clerk_client, manifest, going.waybill)
    answer = manager_client.get(f"{manifest}/manifest.csv")
    assert answer.mimetype == "text/csv"
    assert f"sf,1,{going.waybill},{going.pickup_code}" in answer.text
    assert "陈" not in answer.text
    assert clerk_client.get(f"{manifest}/manifest.csv").status_code == 403


def test_a_printed_code_leads_to_its_manifest(clerk_client: FlaskClient, manifest: str) -> None:
    code = f"manifest:{manifest.rpartition('/')[2]}"
    assert clerk_client.get(f"{LIST}/find", query_string={"code": code}).location == manifest
    assert clerk_client.get(f"{LIST}/find?code=SHELF:1-1").status_code == 422


@pytest.mark.parametrize("address", ["?before=x", "?before=99999999999999999999"])
def test_a_page_of_the_past_that_is_none_is_refused(clerk_client: FlaskClient, address: str) -> None:
    assert clerk_client.get(f"{LIST}/manifests{address}").status_code == 422


def test_nobody_signed_in_is_sent_to_the_door(client: FlaskClient, manifest: str) -> None:
    for page in (LIST, manifest, f"{manifest}/print", f"{manifest}/signature"):
        assert client.get(page).location.startswith("/sign-in")


def test_another_station_s_manifest_does_not_exist(
    web: Flask, clerk_client: FlaskClient, web_station: Station
) -> None:
    clerk = make_station("Cedar").clerk
    with transaction():
        other = manifests.open_manifest(clerk, "sf")
    for page in ("", "/print", "/sign", "/signature"):
        assert clerk_client.get(f"{LIST}/manifests/{other}{page}").status_code == 404
    assert scan(clerk_client, f"{LIST}/manifests/{other}", "SF1999999999999").status_code == 404
