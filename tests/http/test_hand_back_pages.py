"""Hand-backs on a courier's phone over HTTP: the list, a line refused, the signature, the receipt, who sees what."""

import io
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from station.core.db import reading, transaction
from station.couriers import service as couriers_service
from station.couriers.queries import SignedInCourier
from station.returns import manifests, queries
from tests import couriers
from tests.factories import Station
from tests.hand_backs import PNG, going, opened
from tests.http.forms import post


@pytest.fixture
def courier(web_station: Station) -> SignedInCourier:
    return couriers.make_courier(web_station, name="Zhao Lei", carriers=("sf",))


@pytest.fixture
def phone(client: FlaskClient, courier: SignedInCourier) -> FlaskClient:
    return couriers.sign_in(client, courier)


@pytest.fixture
def manifest(web_station: Station) -> str:
    """Where a manifest with two parcels is on the phone."""
    return f"/courier/hand-backs/{opened(web_station, going(web_station), going(web_station))}"


def seen(phone: FlaskClient, manifest: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', phone.get(manifest).text)
    return found[1] if found else "another list"


def sign(phone: FlaskClient, manifest: str, *, shown: str = "", **kwargs: Any) -> Any:
    data = {"seen": shown or seen(phone, manifest), "picture": (io.BytesIO(PNG), "signature.png")}
    return post(phone, f"{manifest}/sign", data, content_type="multipart/form-data", **kwargs)


def items(station: Station, manifest: str) -> list[queries.Item]:
    with reading():
        return queries.items(station.id, int(manifest.rpartition("/")[2]))


def test_home_leads_to_what_waits_and_the_receipt_stays(
    web_station: Station, phone: FlaskClient, manifest: str
) -> None:
    assert f'href="{manifest}"' in phone.get("/courier/").text
    waybills = [one.waybill for one in items(web_station, manifest)]
    page = phone.get(manifest).text
    assert all(one in page for one in waybills)
    assert "received for SF by Zhao Lei" in page
    receipt = sign(phone, manifest, follow_redirects=True).text
    assert "Signed: you have 2 parcels" in receipt
    with reading():
        found = queries.manifest(web_station.id, int(manifest.rpartition("/")[2]))
    assert found.sha256 is not None
    for text in (*waybills, found.sha256.hex(), "Zhao Lei", "own phone"):
        assert text in receipt
    assert f'href="{manifest}"' in phone.get("/courier/hand-backs").text


def test_pressed_twice_the_signature_counts_once(phone: FlaskClient, manifest: str) -> None:
    shown = seen(phone, manifest)
    pages = [sign(phone, manifest, shown=shown, key="signed-twice", follow_redirects=True) for _ in range(2)]
    assert ["Signed: you have 2 parcels" in page.text for page in pages] == [True, True]


def test_the_counter_was_faster_and_the_phone_is_told(
    web_station: Station, phone: FlaskClient, manifest: str
) -> None:
    shown = seen(phone, manifest)
    with transaction():
        manifest_id = int(manifest.rpartition("/")[2])
        manifests.sign(web_station.clerk, manifest_id, courier_name="Qian Bo", signature=PNG)
    page = sign(phone, manifest, shown=shown, follow_redirects=True).text
    assert "Qian Bo signed it at the counter" in page
    assert "Receipt of a hand-back" in page


def test_the_clerk_sees_who_signed_where(
    web_station: Station, phone: FlaskClient, clerk_client: FlaskClient, manifest: str
) -> None:
    sign(phone, manifest)
    page = clerk_client.get(f"/returns/manifests/{manifest.rpartition('/')[2]}").text
    assert "Zhao Lei" in page
    assert "On the courier&#39;s own phone" in page


def test_a_refused_line_is_gone_here_and_explained_there(
    web_station: Station, phone: FlaskClient, clerk_client: FlaskClient, manifest: str
) -> None:
    refused, kept = items(web_station, manifest)
    data = {"parcel": str(refused.parcel_id), "reason": "not_ours"}
    page = post(phone, f"{manifest}/refuse", data, follow_redirects=True).text
    assert refused.waybill not in page
    assert kept.waybill in page
    counter = clerk_client.get(f"/returns/manifests/{manifest.rpartition('/')[2]}").text
    assert "The courier did not take" in counter
    assert "Not a parcel of this carrier" in counter
    assert refused.waybill in counter


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"parcel": "1"},
        {"parcel": "x", "reason": "not_ours"},
        {"parcel": "9" * 19, "reason": "not_ours"},
        {"parcel": "1", "reason": "complaint"},
    ],
)
def test_a_refusal_that_says_nothing_is_refused(
    web_station: Station, phone: FlaskClient, manifest: str, data: dict[str, str]
) -> None:
    assert post(phone, f"{manifest}/refuse", data).status_code == 422
    assert len(items(web_station, manifest)) == 2


def test_an_unsigned_form_gives_nothing_back(web_station: Station, phone: FlaskClient, manifest: str) -> None:
    page = post(phone, f"{manifest}/sign", {"seen": seen(phone, manifest)}, follow_redirects=True)
    assert "Sign with your finger" in page.text
    assert {one.state for one in items(web_station, manifest)} == {"on"}
    assert post(phone, f"{manifest}/sign").status_code == 422


def test_a_manifest_that_was_given_up_says_so(
    web_station: Station, phone: FlaskClient, manifest: str
) -> None:
    with transaction():
        manifests.cancel(web_station.clerk, int(manifest.rpartition("/")[2]))
    assert "gave this manifest up" in phone.get(manifest).text


def test_who_comes_for_another_carrier_or_no_more_sees_nothing(
    web: Flask, web_station: Station, courier: SignedInCourier, phone: FlaskClient, manifest: str
) -> None:
    other = couriers.sign_in(
        web.test_client(), couriers.make_courier(web_station, name="Qian Bo", carriers=("zto",))
    )
    shown = seen(phone, manifest)
    assert other.get(manifest).status_code == 404
    assert sign(other, manifest, shown=shown).status_code == 404
    with transaction():
        couriers_service.shut_out(web_station.manager, courier.account_id)
    assert phone.get(manifest).location.startswith("/courier/sign-in")
    assert web.test_client().get(manifest).location.startswith("/courier/sign-in")
