"""The public tracking page: what a stranger is told, and that guessing tells nothing."""

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from station.core.db import transaction
from station.me import tracking_views
from station.parcels import hand_over
from station.parcels.hand_over import Taker
from tests.factories import Station, make_station, recipient, store

NOTHING = "No parcel fits both"


def track(client: FlaskClient, waybill: str, tail: str = "4068") -> TestResponse:
    return client.post("/track", data={"waybill": waybill, "tail": tail})


def test_waybill_and_tail_say_where_a_parcel_is(client: FlaskClient, web_station: Station) -> None:
    parcel = store(web_station)
    text = track(client, f" {parcel.waybill.lower()} ").text

    assert "It has been waiting at the station since" in text
    assert "Maple Court" in text
    assert f"···{parcel.waybill[-4:]}" in text


def test_nothing_that_opens_a_parcel_or_names_a_person_is_told(
    client: FlaskClient, web_station: Station
) -> None:
    parcel = store(web_station)
    text = track(client, parcel.waybill).text

    assert parcel.pickup_code not in text
    assert 'class="tag' not in text
    assert "陈" not in text
    assert "13812344068" not in text


def test_a_parcel_that_left_says_when(client: FlaskClient, web_station: Station) -> None:
    parcel = store(web_station)
    with transaction():
        hand_over.hand_over(web_station.clerk, parcel.parcel_id, Taker(proxy_name="李雷"))
    text = track(client, parcel.waybill).text

    assert "It was collected on" in text
    assert "李" not in text


def test_every_station_is_asked(client: FlaskClient, web_station: Station) -> None:
    other = make_station("Lotus Garden")
    parcel = store(other, to=recipient(other))

    assert "Lotus Garden" in track(client, parcel.waybill).text


def test_a_wrong_tail_and_an_unknown_waybill_are_answered_alike(
    client: FlaskClient, web_station: Station
) -> None:
    parcel = store(web_station)
    wrong, unknown, none = (
        track(client, parcel.waybill, "1111"),
        track(client, "SF1999999999999", "1111"),
        track(client, "???", "1111"),
    )

    assert {answer.status_code for answer in (wrong, unknown, none)} == {200}
    assert all(NOTHING in answer.text for answer in (wrong, unknown, none))
    assert wrong.text.replace(parcel.waybill, "") == unknown.text.replace("SF1999999999999", "")


@pytest.mark.parametrize("tail", ["", "12", "12345", "abcd", "1' o"])
def test_a_tail_that_is_none_is_told(client: FlaskClient, web_station: Station, tail: str) -> None:
    text = track(client, store(web_station).waybill, tail).text

    assert "waiting at the station" not in text


def test_guessing_the_tail_of_a_waybill_ends(client: FlaskClient, web_station: Station) -> None:
    parcel = store(web_station)
    for number in range(tracking_views.TRIES_PER_WAYBILL):
        assert track(client, parcel.waybill, f"{1000 + number}").status_code == 200

    refused = track(client, parcel.waybill)
    assert refused.status_code == 429
    assert "Too many attempts" in refused.text


def test_what_is_no_waybill_is_counted_for_nobody_else(client: FlaskClient, web_station: Station) -> None:
    for _ in range(tracking_views.TRIES_PER_WAYBILL + 1):
        assert NOTHING in track(client, "???").text


def test_one_address_asks_so_often_only(client: FlaskClient, web_station: Station) -> None:
    for number in range(tracking_views.TRIES_PER_ADDRESS):
        assert track(client, f"SF1{number:012d}").status_code == 200

    assert track(client, store(web_station).waybill).status_code == 429


def test_other_addresses_of_the_same_house_give_no_more_tries(
    client: FlaskClient, web_station: Station
) -> None:
    for number in range(tracking_views.TRIES_PER_ADDRESS):
        client.environ_base["REMOTE_ADDR"] = f"2001:db8::{number:x}"
        assert track(client, f"SF1{number:012d}").status_code == 200

    client.environ_base["REMOTE_ADDR"] = "2001:db8::ffff"
    assert track(client, store(web_station).waybill).status_code == 429
