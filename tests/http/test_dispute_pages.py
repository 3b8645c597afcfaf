"""Disputes over HTTP: opened by courier and staff, seen by both, answered, settled, withdrawn, the log as a file."""

import hashlib
import json
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from station.core.db import db, reading
from station.couriers.queries import SignedInCourier
from station.disputes import queries
from station.disputes.queries import Case
from station.parcels.intake import CheckedIn
from tests import couriers
from tests.factories import Station, make_station
from tests.hand_backs import disputed, signed
from tests.http.forms import post


@pytest.fixture
def courier(web_station: Station) -> SignedInCourier:
    return couriers.make_courier(web_station, name="Zhao Lei", carriers=("sf",))


@pytest.fixture
def phone(web: Flask, courier: SignedInCourier) -> FlaskClient:
    return couriers.sign_in(web.test_client(), courier)


@pytest.fixture
def signed_for(web_station: Station) -> tuple[int, list[CheckedIn]]:
    """A signed manifest of two parcels."""
    return signed(web_station)


def only(station: Station) -> Case:
    with reading():
        (found,) = [*queries.standing(station.id), *queries.ended(station.id)]
    return found


def test_the_courier_claims_and_both_sides_see_it(
    web_station: Station, phone: FlaskClient, clerk_client: FlaskClient, signed_for
) -> None:
    manifest_id, (missing, there) = signed_for
    receipt = f"/courier/hand-backs/{manifest_id}"
    assert f'href="{receipt}/dispute"' in phone.get(receipt).text
    assert missing.waybill in phone.get(f"{receipt}/dispute").text
    said = {"parcel": [str(missing.parcel_id)], "claim": "not_received", "words": "It was not in the bag."}
    page = post(phone, f"{receipt}/dispute", said, follow_redirects=True).text
    assert "The station has your claim" in page
    case = only(web_station)
    assert (case.parcels, case.words) == (1, "It was not in the bag.")
    assert "Not received" in phone.get("/courier/").text
    assert f"/courier/disputes/{case.id}" in phone.get(receipt).text
    assert "in a dispute already" in phone.get(f"{receipt}/dispute").text
    assert f"/disputes/{case.id}" in clerk_client.get("/disputes").text
    assert "1 dispute is not settled" in clerk_client.get("/returns").text
    staff = clerk_client.get(f"/disputes/{case.id}").text
    for text in ("It was not in the bag.", "Zhao Lei", missing.waybill, "As it was attached"):
        assert text in staff
    assert there.waybill not in staff
    assert f"/disputes/{case.id}" in clerk_client.get(f"/returns/manifests/{manifest_id}").text
    assert "A dispute was opened" in clerk_client.get(f"/parcels/{missing.parcel_id}").text


def test_staff_open_one_from_manifest_or_parcel(
    web_station: Station, clerk_client: FlaskClient, signed_for
) -> None:
    manifest_id, (parcel, other) = signed_for
    for query in (f"manifest={manifest_id}", f"parcel={parcel.parcel_id}"):
        form = clerk_client.get(f"/disputes/new?{query}").text
        assert f'action="/disputes/new/{manifest_id}"' in form
    assert f'value="{parcel.parcel_id}" checked' in form
    assert f'value="{other.parcel_id}" checked' not in form
    assert f"/disputes/new?parcel={parcel.parcel_id}" in clerk_client.get(f"/parcels/{parcel.parcel_id}").text
    said = {"parcel": [str(parcel.parcel_id), str(other.parcel_id)], "claim": "damaged"}
    page = post(clerk_client, f"/disputes/new/{manifest_id}", said, follow_redirects=True).text
    assert "the log is attached" in page
    assert (only(web_station).parcels, only(web_station).claim) == (2, "damaged")


def test_pressed_twice_there_is_one(web_station: Station, phone: FlaskClient, signed_for) -> None:
    manifest_id, (parcel, _other) = signed_for
    said = {"parcel": [str(parcel.parcel_id)], "claim": "not_received"}
    where = f"/courier/hand-backs/{manifest_id}/dispute"
    first, second = (post(phone, where, said, key="claimed-twice") for _ in range(2))
    assert first.location == second.location == f"/courier/disputes/{only(web_station).id}"
    other = post(phone, where, said, follow_redirects=True)
    assert "There is an open dispute about" in other.text


@pytest.mark.parametrize(
    "said",
    [{}, {"claim": "stolen"}, {"claim": "damaged"}, {"claim": "damaged", "parcel": ["x"]}],
)
def test_a_claim_that_says_nothing_is_refused(
    web_station: Station, clerk_client: FlaskClient, phone: FlaskClient, signed_for, said
) -> None:
    manifest_id, _parcels = signed_for
    for browser, where in (
        (clerk_client, f"/disputes/new/{manifest_id}"),
        (phone, f"/courier/hand-backs/{manifest_id}/dispute"),
    ):
        assert post(browser, where, said).status_code in (303, 422)
    with reading():
        assert queries.standing(web_station.id) == []


def test_answered_and_settled_the_courier_sees_it(
    web_station: Station, phone: FlaskClient, clerk_client: FlaskClient, courier: SignedInCourier, signed_for
) -> None:
    manifest_id, (parcel, _other) = signed_for
    dispute_id = disputed(courier.actor, manifest_id, parcel)
    here, there = f"/disputes/{dispute_id}", f"/courier/disputes/{dispute_id}"
    settled = post(clerk_client, f"{here}/settle", {"outcome": "settle_for_carrier"}, follow_redirects=True)
    assert "cannot be done with the dispute" in settled.text
    post(clerk_client, f"{here}/answer", {"answer": "The camera shows one bag."})
    assert "The camera shows one bag." in phone.get(there).text
    post(clerk_client, f"{here}/settle", {"outcome": "settle_for_carrier"})
    assert "Settled: as the carrier says" in phone.get(there).text
    assert "Take the claim back" not in phone.get(there).text
    assert post(clerk_client, f"{here}/settle", {"outcome": "withdraw"}).status_code == 422


def test_the_courier_takes_a_claim_back_and_staff_cannot(
    web_station: Station, phone: FlaskClient, clerk_client: FlaskClient, courier: SignedInCourier, signed_for
) -> None:
    manifest_id, (parcel, _other) = signed_for
    dispute_id = disputed(courier.actor, manifest_id, parcel)
    refused = post(clerk_client, f"/disputes/{dispute_id}/withdraw", follow_redirects=True)
    assert "taken back by the side that made it" in refused.text
    page = post(phone, f"/courier/disputes/{dispute_id}/withdraw", follow_redirects=True)
    assert "Withdrawn" in page.text


def test_the_log_is_sent_byte_for_byte(
    web_station: Station, phone: FlaskClient, clerk_client: FlaskClient, courier: SignedInCourier, signed_for
) -> None:
    manifest_id, (parcel, _other) = signed_for
    dispute_id = disputed(courier.actor, manifest_id, parcel)
    sent = [
        browser.get(f"{where}/{dispute_id}/log.json").data
        for browser, where in ((clerk_client, "/disputes"), (phone, "/courier/disputes"))
    ]
    assert sent[0] == sent[1]
    assert hashlib.sha256(sent[0]).digest() == only(web_station).sha256
    assert json.loads(sent[0])["dispute_id"] == str(dispute_id)


def test_a_list_goes_on_from_its_last(clerk_client: FlaskClient) -> None:
    assert clerk_client.get("/disputes?before=1").status_code == 200
    assert clerk_client.get("/disputes?before=x").status_code == 422
    assert clerk_client.get("/disputes/new").status_code == 404


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """What is sent to the database."""
    sent: list[str] = []

    def listen(_conn, _cursor, statement: str, *_rest) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", listen)
    yield sent
    event.remove(db.engine, "before_cursor_execute", listen)


def test_lists_ask_as_often_however_long_they_are(
    web_station: Station, phone: FlaskClient, clerk_client: FlaskClient, statements: list[str]
) -> None:
    asked = []
    for _more in range(2):
        for _one in range(3):
            manifest_id, (parcel, _other) = signed(web_station)
            disputed(web_station.clerk, manifest_id, parcel)
        counts = []
        for browser, page in (
            (clerk_client, "/disputes"),
            (phone, "/courier/hand-backs"),
            (phone, "/courier/"),
        ):
            statements.clear()
            assert browser.get(page).status_code == 200
            counts.append(len(statements))
        asked.append(counts)
    assert asked[0] == asked[1]
    assert max(asked[0]) <= 20


def test_others_see_nothing_of_it(
    web: Flask, web_station: Station, clerk_client: FlaskClient, signed_for
) -> None:
    manifest_id, (parcel, _other) = signed_for
    dispute_id = disputed(web_station.clerk, manifest_id, parcel)
    stranger = couriers.sign_in(web.test_client(), couriers.make_courier(web_station, carriers=("zto",)))
    for page in (
        f"hand-backs/{manifest_id}/dispute",
        f"disputes/{dispute_id}",
        f"disputes/{dispute_id}/log.json",
    ):
        assert stranger.get(f"/courier/{page}").status_code == 404
    elsewhere = make_station("Cedar")
    far_manifest, (far_parcel, _far) = signed(elsewhere)
    far = disputed(elsewhere.clerk, far_manifest, far_parcel)
    for page in (f"/disputes/{far}", f"/disputes/{far}/log.json", f"/disputes/new?manifest={far_manifest}"):
        assert clerk_client.get(page).status_code == 404
    assert web.test_client().get(f"/disputes/{dispute_id}").location.startswith("/sign-in")
