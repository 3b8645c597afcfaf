"""Ordering in group buys: on a resident's phone and at the counter, within the bounds and for oneself only."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from station.core.db import reading
from station.core.money import format_money
from station.group_buys import orders
from station.group_buys.plans import Pays, Point
from station.group_buys.store import Order
from station.residents import queries
from station.residents.service import phone_hash
from tests.factories import Station, make_station, recipient
from tests.group_buys import campaign, make_campaign, make_draft, order, pay_in, place
from tests.http import residents
from tests.http.forms import post

NEIGHBOUR = "13900002222"


@pytest.fixture
def phone(client: FlaskClient, web_station: Station) -> FlaskClient:
    """A resident's phone, known at the station."""
    recipient(web_station, residents.PHONE)
    residents.sign_in(client)
    return client


def path(station: Station, campaign_id: int) -> str:
    return f"/me/group-buys/{station.id}/{campaign_id}"


def wish(station: Station, quantity: object = 1, tolerance: object = 0, **more: object) -> dict[str, object]:
    return {"quantity": str(quantity), "tolerance": str(tolerance), "point": str(station.id), **more}


def mine(station: Station, campaign_id: int) -> Order | None:
    with reading():
        return orders.live_order(station.id, campaign_id, recipient_id(station))


def recipient_id(station: Station) -> int:
    return queries.ids_at_phone(station.id, phone_hash(residents.PHONE))[0]


def test_a_resident_orders_changes_and_takes_back(phone: FlaskClient, web_station: Station) -> None:
    oranges = make_campaign(web_station, box_size=6)
    address = path(web_station, oranges)
    assert "Gannan oranges" in phone.get("/me/group-buys/").text
    assert "How many more, if it helps to fill a box" in phone.get(address).text

    told = post(phone, f"{address}/order", wish(web_station, 2, 1), follow_redirects=True)
    assert "Ordered. You can change it until the cut-off." in told.text
    assert format_money(3 * 2990, "CNY") in told.text
    placed = mine(web_station, oranges)
    assert placed is not None
    assert (placed.quantity, placed.tolerance, placed.account_id is not None) == (2, 1, True)

    post(phone, f"{address}/orders/{placed.id}/change", wish(web_station, 4))
    assert order(web_station, placed.id).quantity == 4
    told = post(phone, f"{address}/orders/{placed.id}/cancel", follow_redirects=True)
    assert "Taken back." in told.text
    assert campaign(web_station, oranges).ordered_units == 0
    assert "Earlier" in phone.get("/me/group-buys/").text


@pytest.mark.parametrize(
    "said",
    [
        {"quantity": "0"},
        {"quantity": "-2"},
        {"quantity": "1.5"},
        {"quantity": "１.５"},
        {"quantity": "1e2"},
        {"quantity": "999999"},
        {"quantity": "9" * 30},
        {"quantity": ""},
        {"quantity": "two"},
        {"tolerance": "-1"},
        {"tolerance": "0.5"},
        {"point": "7"},
        {"point": "here"},
    ],
)
def test_what_no_order_may_be_is_refused_in_words(
    phone: FlaskClient, web_station: Station, said: dict[str, str]
) -> None:
    oranges = make_campaign(web_station)

    answer = post(phone, f"{path(web_station, oranges)}/order", wish(web_station) | said)

    assert answer.status_code == 422
    assert 'class="flash bad"' in answer.text
    assert mine(web_station, oranges) is None
    assert campaign(web_station, oranges).ordered_units == 0


def test_a_price_from_the_browser_says_nothing(phone: FlaskClient, web_station: Station) -> None:
    oranges = make_campaign(web_station)
    cheap = {
        "price": "0.01",
        "unit_price_minor": "1",
        "total": "0",
        "state": "placed",
        "ranked_at": "2020-01-01",
    }

    told = post(
        phone, f"{path(web_station, oranges)}/order", wish(web_station, 2, **cheap), follow_redirects=True
    )

    assert format_money(2 * 2990, "CNY") in told.text
    quote = phone.get(f"{path(web_station, oranges)}/quote?quantity=2&tolerance=1&price=1").text
    assert format_money(3 * 2990, "CNY") in quote
    assert format_money(2 * 2990, "CNY") in quote
    assert not phone.get(f"{path(web_station, oranges)}/quote?quantity=-2").text.strip()


def test_nobody_touches_a_neighbours_order(phone: FlaskClient, web_station: Station) -> None:
    oranges = make_campaign(web_station)
    theirs = place(web_station, oranges, recipient(web_station, NEIGHBOUR, "王芳"), 2).order_id
    address = path(web_station, oranges)

    assert post(phone, f"{address}/orders/{theirs}/change", wish(web_station, 1)).status_code == 404
    assert post(phone, f"{address}/orders/{theirs}/cancel").status_code == 404

    assert order(web_station, theirs).quantity == 2
    assert "2222" not in phone.get(address).text


def test_a_second_name_at_the_same_phone_is_the_same_buyer(phone: FlaskClient, web_station: Station) -> None:
    oranges = make_campaign(web_station)
    second_name = recipient(web_station, residents.PHONE, "陈奶奶")
    place(web_station, oranges, second_name, 1)

    told = post(phone, f"{path(web_station, oranges)}/order", wish(web_station))

    assert told.status_code == 409
    assert "You have ordered already." in told.text
    assert campaign(web_station, oranges).ordered_units == 1


def test_an_unpaid_order_says_what_to_pay_and_until_when(phone: FlaskClient, web_station: Station) -> None:
    oranges = make_campaign(web_station, pays=Pays.BEFORE)
    address = path(web_station, oranges)

    page = post(phone, f"{address}/order", wish(web_station, 2), follow_redirects=True).text

    assert "Kept for you until" in page
    assert f"{format_money(2 * 2990, 'CNY')} to pay" in page
    found = mine(web_station, oranges)
    assert found is not None
    pay_in(web_station, recipient(web_station, residents.PHONE), 2 * 2990, "cash-0001")
    assert "to pay" not in phone.get(address).text


def test_who_waits_sees_how_many_are_before(phone: FlaskClient, web_station: Station) -> None:
    oranges = make_campaign(web_station, maximum_total=2)
    place(web_station, oranges, recipient(web_station, NEIGHBOUR, "王芳"), 2)
    place(web_station, oranges, recipient(web_station, "13900003333", "李雷"), 1)

    page = post(phone, f"{path(web_station, oranges)}/order", wish(web_station), follow_redirects=True).text

    assert "you are on the waiting list now" in page
    assert "1 waits before you." in page


def test_drafts_are_nobodys_to_see_and_progress_comes_anew(phone: FlaskClient, web_station: Station) -> None:
    assert phone.get(path(web_station, make_draft(web_station))).status_code == 404
    oranges = make_campaign(web_station)
    place(web_station, oranges, recipient(web_station, NEIGHBOUR, "王芳"), 5)

    assert "15 more to" in phone.get(f"{path(web_station, oranges)}/live").text


def test_somebody_the_station_does_not_know_orders_by_what_another_station_knows(
    web: Flask, client: FlaskClient, web_station: Station
) -> None:
    oranges = make_campaign(web_station)
    recipient(make_station("Lotus Garden"), residents.PHONE)
    residents.sign_in(client)

    told = post(client, f"{path(web_station, oranges)}/order", wish(web_station), follow_redirects=True)
    assert "Ordered." in told.text

    stranger = web.test_client()
    residents.sign_in(stranger, NEIGHBOUR)
    told = post(stranger, f"{path(web_station, oranges)}/order", wish(web_station))
    assert "No station knows your number yet" in told.text


def test_it_is_collected_at_a_partner_station_that_the_campaign_names(
    phone: FlaskClient, web_station: Station
) -> None:
    other = make_station("Lotus Garden")
    oranges = make_campaign(web_station, points=(Point(web_station.id), Point(other.id, 200)))
    assert "Lotus Garden" in phone.get(path(web_station, oranges)).text

    post(phone, f"{path(web_station, oranges)}/order", wish(other))

    found = mine(web_station, oranges)
    assert found is not None
    assert found.point_station_id == other.id


def test_the_counter_orders_for_somebody_known(clerk_client: FlaskClient, web_station: Station) -> None:
    oranges = make_campaign(web_station)
    person = recipient(web_station, residents.PHONE)
    desk = f"/group-buys/{oranges}/desk"

    for typed in ("4068", residents.PHONE, "138 1234 4068"):
        found = clerk_client.post(f"{desk}/find", data={"who": typed})
        assert f'name="recipient" value="{person.id}"' in found.text
        assert "陈晓明" not in found.text
    told = post(
        clerk_client, f"{desk}/order", wish(web_station, 2, recipient=str(person.id)), follow_redirects=True
    )

    assert "Ordered." in told.text
    again = clerk_client.post(f"{desk}/find", data={"who": "4068"})
    assert "Has ordered already." in again.text
    order_path = re.search(r"/group-buys/\d+/orders/\d+", again.text)
    assert order_path
    assert (
        "Changed."
        in post(clerk_client, f"{order_path[0]}/change", wish(web_station, 3), follow_redirects=True).text
    )
    assert campaign(web_station, oranges).ordered_units == 3
    assert "Taken back." in post(clerk_client, f"{order_path[0]}/cancel", follow_redirects=True).text
    assert campaign(web_station, oranges).ordered_units == 0


def test_the_counter_orders_for_somebody_new(clerk_client: FlaskClient, web_station: Station) -> None:
    oranges = make_campaign(web_station)
    desk = f"/group-buys/{oranges}/desk"
    assert (
        "Nobody with this number was here before."
        in clerk_client.post(f"{desk}/find", data={"who": NEIGHBOUR}).text
    )
    assert "Type the whole number" in clerk_client.post(f"{desk}/find", data={"who": "2222"}).text

    said = wish(web_station, 2, phone=NEIGHBOUR, name="王芳")
    assert "Ordered." in post(clerk_client, f"{desk}/order", said, follow_redirects=True).text
    assert campaign(web_station, oranges).ordered_units == 2


@pytest.mark.parametrize("typed", ["", "12", "17012345678,8462", "nobody", "9" * 60])
def test_the_counter_refuses_what_is_no_phone_number(
    clerk_client: FlaskClient, web_station: Station, typed: str
) -> None:
    oranges = make_campaign(web_station)

    found = clerk_client.post(f"/group-buys/{oranges}/desk/find", data={"who": typed})

    assert found.status_code == 422
    said = wish(web_station, 1, phone=typed[:40])
    assert post(clerk_client, f"/group-buys/{oranges}/desk/order", said).status_code == 422
    assert campaign(web_station, oranges).ordered_units == 0


def test_an_order_of_another_campaign_is_not_found_here(
    clerk_client: FlaskClient, web_station: Station
) -> None:
    oranges, pears = (make_campaign(web_station, title=title) for title in ("Oranges", "Pears"))
    placed = place(web_station, oranges, recipient(web_station), 2).order_id

    assert clerk_client.get(f"/group-buys/{pears}/orders/{placed}").status_code == 404
    assert post(clerk_client, f"/group-buys/{pears}/orders/{placed}/cancel").status_code == 404
    assert order(web_station, placed).state == "placed"
