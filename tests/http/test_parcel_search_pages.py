"""The search box of the parcels list: where each text leads, and that no name or number stands in an address."""

import base64
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from station.core import crypto
from station.core.db import transaction
from station.parcels import hand_over
from station.parcels.hand_over import Taker
from station.parcels.intake import CheckedIn
from tests.factories import Station, make_station, recipient, store

WANG = ("13900004068", "王芳")  # ends like the phone of tests.factories.recipient


def find(client: FlaskClient, text: str, *, address: str = "/parcels/search") -> TestResponse:
    answer = client.post(address, data={"text": text})
    assert answer.status_code == 303
    return answer


def shown(client: FlaskClient, answer: TestResponse, *parcels: CheckedIn) -> list[bool]:
    text = client.get(answer.location).text
    return [one.waybill in text for one in parcels]


def asked(answer: TestResponse) -> dict[str, list[str]]:
    return parse_qs(urlsplit(answer.location).query)


@pytest.mark.parametrize("text", ["{code}", "{waybill}", "{end}", "4068", "13812344068", "陈", "陈晓明"])
def test_one_parcel_leads_to_its_page(web_station: Station, clerk_client: FlaskClient, text: str) -> None:
    parcel = store(web_station)
    store(web_station, to=recipient(web_station, "13900001111", "王芳"))
    text = text.format(code=parcel.pickup_code, waybill=parcel.waybill, end=parcel.waybill[-6:])
    assert find(clerk_client, text).location == f"/parcels/{parcel.parcel_id}"


@pytest.mark.parametrize("text", ["4068", "138 1234 4068", "陈", "陈晓明"])
def test_one_person_leads_to_the_list_by_id(
    web_station: Station, clerk_client: FlaskClient, text: str
) -> None:
    first, second = store(web_station), store(web_station)
    other = store(web_station, to=recipient(web_station, "13900001111", "王芳"))
    answer = find(clerk_client, text, address="/parcels/search?order=newest")
    assert asked(answer) == {"recipient": [str(first.recipient.id)], "order": ["newest"]}
    assert shown(clerk_client, answer, first, second, other) == [True, True, False]


def test_a_code_that_was_used_again_stays_in_the_address(
    web_station: Station, clerk_client: FlaskClient
) -> None:
    first = store(web_station)
    with transaction():
        hand_over.hand_over(web_station.clerk, first.parcel_id, Taker())
    again = store(web_station, waybill=first.waybill)
    other = store(web_station)
    answer = find(clerk_client, first.waybill.lower())
    assert asked(answer) == {"q": [first.waybill]}
    assert shown(clerk_client, answer, again, other) == [True, False]


@pytest.mark.parametrize("text", ["4068", "138****4068"])
def test_what_several_people_share_is_sealed_in_the_address(
    web_station: Station, clerk_client: FlaskClient, text: str
) -> None:
    mine, theirs = store(web_station), store(web_station, to=recipient(web_station, *WANG))
    other = store(web_station, to=recipient(web_station, "13900001111", "李雷"))
    answer = find(clerk_client, text, address="/parcels/search?shelf=1")
    assert set(asked(answer)) == {"sealed", "shelf"}
    assert "4068" not in answer.location
    assert shown(clerk_client, answer, mine, theirs, other) == [True, True, False]
    assert f'value="{text}"' in clerk_client.get(answer.location).text


def test_no_name_or_number_stands_in_any_address_of_a_page(
    web_station: Station, manager_client: FlaskClient
) -> None:
    for name in ("陈晓明", "陈小宝"):
        store(web_station, to=recipient(web_station, f"139000{len(name)}{ord(name[1]) % 10000:04d}", name))
    answer = find(manager_client, "陈")
    page = manager_client.get(answer.location).text
    addresses = [part.split('"')[0] for part in page.replace("action=", "href=").split('href="')[1:]]
    assert [one for one in addresses if "陈" in unquote(one)] == []
    assert any("sealed=" in one and "export.csv" in one for one in addresses)


def test_a_sealed_search_is_exported_and_paged(
    web_station: Station, manager_client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("station.parcels.views.EXPORT_PAGE", 2)
    wang = recipient(web_station, *WANG)
    found = [store(web_station), *(store(web_station, to=wang) for _ in range(4))]
    other = store(web_station, to=recipient(web_station, "13900001111", "李雷"))
    address = find(manager_client, "4068").location.replace("/parcels?", "/parcels/export.csv?")
    text = manager_client.get(address).data.decode("utf-8-sig")
    assert all(text.count(one.waybill) == 1 for one in found)
    assert other.waybill not in text


def test_a_search_goes_on_in_the_list_it_was_made_in_and_replaces_the_one_before(
    web_station: Station, clerk_client: FlaskClient
) -> None:
    store(web_station)
    wang = recipient(web_station, *WANG)
    store(web_station, to=wang)
    store(web_station, to=wang)
    first = find(clerk_client, "4068", address="/parcels/search?tab=overdue&shelf=2&carrier=sf")
    query = urlsplit(first.location).query
    second = find(clerk_client, "王", address=f"/parcels/search?{query}")
    assert asked(second) == {
        "tab": ["overdue"],
        "shelf": ["2"],
        "carrier": ["sf"],
        "recipient": [str(wang.id)],
    }


def test_what_waits_in_another_list_is_shown_there(web_station: Station, clerk_client: FlaskClient) -> None:
    first, second = store(web_station), store(web_station)
    with transaction():
        for one in (first, second):
            hand_over.hand_over(web_station.clerk, one.parcel_id, Taker())
    page = clerk_client.get(find(clerk_client, "4068").location).text
    assert "Not in this list, but known here" in page
    assert first.pickup_code in page


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("13700000000", "Nobody with this phone number has had a parcel here."),
        ("9999", "Nothing found."),
        ("赵钱孙", "Nothing found."),
        ("12-3-3210", "Nothing found."),
        ("\x00", "This is nothing the station knows."),
        ("📦", "This is nothing the station knows."),
        ("-1", "This is nothing the station knows."),
        ("%%%", "This is nothing the station knows."),
        ("'; drop table parcels; --", "Nothing"),
        ("包" * 150, "This is nothing the station knows."),
    ],
)
def test_what_finds_nothing_says_so_and_keeps_the_list(
    web_station: Station, clerk_client: FlaskClient, text: str, said: str
) -> None:
    parcel = store(web_station, to=recipient(web_station, "13900001111", "王芳"))
    answer = find(clerk_client, text, address="/parcels/search?shelf=1")
    assert answer.location == "/parcels?shelf=1"
    page = clerk_client.get(answer.location).text
    assert said in page
    assert parcel.waybill in page


def test_an_empty_search_shows_the_list_again(web_station: Station, clerk_client: FlaskClient) -> None:
    assert find(clerk_client, "  ", address="/parcels/search?tab=overdue&recipient=5").location == (
        "/parcels?tab=overdue"
    )


def test_a_text_longer_than_the_box_is_refused(clerk_client: FlaskClient) -> None:
    assert clerk_client.post("/parcels/search", data={"text": "x" * 201}).status_code == 422


def test_a_search_needs_the_pages_token(
    web: Flask, clerk_client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(web.config, "WTF_CSRF_ENABLED", True)
    assert clerk_client.post("/parcels/search", data={"text": "4068"}).status_code == 400


@pytest.mark.parametrize("text", ["4068", "王", "13900001111", "43210", "x" * 201])
def test_an_address_with_a_persons_text_is_refused(clerk_client: FlaskClient, text: str) -> None:
    assert clerk_client.get("/parcels", query_string={"q": text}).status_code == 422


def test_a_sealed_text_opens_only_at_its_station_and_only_as_it_was_sealed(
    web_station: Station, clerk_client: FlaskClient
) -> None:
    store(web_station)
    store(web_station, to=recipient(web_station, *WANG))
    (sealed,) = asked(find(clerk_client, "4068"))["sealed"]
    elsewhere = make_station("Elm Yard")
    store(elsewhere)
    store(elsewhere, to=recipient(elsewhere, *WANG))
    stranger = elsewhere.sign_in(clerk_client.application.test_client(), "clerk")
    assert stranger.get(f"/parcels?sealed={sealed}").status_code == 422
    for wrong in ("", "x", "é", "A" * 2000, sealed[:-2], sealed[::-1], "*" + sealed[1:]):
        answer = clerk_client.get("/parcels", query_string={"sealed": wrong})
        assert answer.status_code == (422 if wrong else 200), wrong


def test_nothing_else_that_is_encrypted_can_be_read_through_the_address(
    web_station: Station, clerk_client: FlaskClient
) -> None:
    """Who gets at the database without its keys must not be able to let the list decrypt a column."""
    column = base64.urlsafe_b64encode(crypto.encrypt("13812344068")).decode()
    answer = clerk_client.get("/parcels", query_string={"sealed": column})
    assert answer.status_code == 422
    assert "13812344068" not in answer.text
