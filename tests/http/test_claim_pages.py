"""Complaints about collected goods on the phone and at the desk: said once, seen by those concerned, answered once."""

import io
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from station.claims import messages
from station.claims import service as claims
from station.claims.models import OrderClaim
from station.core import clock
from station.core.db import connection, reading
from tests.claims import claim, collected, get, photo, refund
from tests.factories import Station, make_station, recipient
from tests.http import residents
from tests.http.forms import post

SAID = {"problem": "damaged", "units": "2", "words": "Two boxes were crushed."}


@pytest.fixture
def phone(client: FlaskClient, web_station: Station) -> FlaskClient:
    """A resident's phone, known at the station."""
    recipient(web_station, residents.PHONE)
    residents.sign_in(client)
    return client


def mine(station, **values):
    me = recipient(station, residents.PHONE)
    one, (order,) = collected(station, (3,), people=(me,), **values)
    return one, order


def at(one, order, rest="complaint"):
    return f"/me/group-buys/{one.station.id}/{one.id}/orders/{order}/{rest}"


def send(browser, one, path, data=None, photos=(), **more):
    sent = [(io.BytesIO(content), f"{number}.jpg") for number, content in enumerate(photos)]
    body = dict(data or {}) | ({"photos": sent} if sent else {})
    with clock.use(one.clock):
        return post(browser, path, body, **more)


def look(browser, one, path):
    with clock.use(one.clock):
        return browser.get(path)


def campaign_page(browser, one):
    return look(browser, one, f"/me/group-buys/{one.station.id}/{one.id}").text


def count():
    with reading():
        return connection().scalar(select(func.count()).select_from(OrderClaim))


def test_a_buyer_says_what_was_wrong_and_sees_photo_answer_and_money(phone, web_station):
    one, order = mine(web_station)
    assert "Something is wrong with the goods" in campaign_page(phone, one)
    assert "How many are concerned?" in look(phone, one, at(one, order)).text

    answer = send(phone, one, at(one, order), SAID, [photo(), photo()], follow_redirects=True)

    assert "Your complaint is here" in answer.text
    assert "Two boxes were crushed." in answer.text
    with reading():
        claim_id = connection().scalar(select(OrderClaim.id))
    picture = look(phone, one, at(one, order, f"complaints/{claim_id}/photos/2"))
    assert (picture.mimetype, picture.headers["Cache-Control"]) == ("image/jpeg", "no-store")
    refund(one, claim_id, 2)
    assert "¥20.00 for 2 units is on your account here." in campaign_page(phone, one)


def test_what_was_wrong_is_kept_once_however_often_it_is_sent(phone, web_station):
    one, order = mine(web_station)
    for _time in range(3):
        send(phone, one, at(one, order), SAID | {"key": "one-and-the-same"}, [photo()])
    assert count() == 1
    again = send(phone, one, at(one, order), SAID, [photo()])
    assert (again.status_code, count()) == (409, 1)
    assert "Your complaint is here already" in again.text


@pytest.mark.parametrize(
    ("values", "photos", "told"),
    [
        ({"problem": "ugly"}, [photo()], "Choose one of the list."),
        ({"problem": ""}, [photo()], "Fill this in."),
        ({"units": "1.5"}, [photo()], "whole number"),
        ({"units": "-1"}, [photo()], "whole number"),
        ({"units": "4"}, [photo()], "1 to 3 units"),
        ({}, [], "Add a photo"),
        ({}, [b"<svg onload=alert(1)>"], "JPEG, PNG or WebP"),
        ({}, [photo()] * 4, "at most 3 photos"),
        ({"words": "x" * 2000}, [photo()], "at most"),
    ],
)
def test_what_cannot_be_read_is_said_on_the_form(phone, web_station, values, photos, told):
    one, order = mine(web_station)
    answer = send(phone, one, at(one, order), SAID | values, photos)
    assert answer.status_code == 422
    assert told in answer.text
    assert count() == 0


def test_after_its_time_the_page_says_so_and_takes_nothing(phone, web_station):
    one, order = mine(web_station)
    one.clock.wind(timedelta(days=7))
    assert "The time for complaints is over" in campaign_page(phone, one)
    assert '<form class="card' not in look(phone, one, at(one, order)).text
    assert send(phone, one, at(one, order), SAID, [photo()]).status_code == 409


def test_a_buyer_withdraws_a_complaint(phone, web_station):
    one, order = mine(web_station)
    claim_id = claim(one, order)
    path = at(one, order, f"complaints/{claim_id}/withdraw")
    assert "is withdrawn" in send(phone, one, path, follow_redirects=True).text
    assert get(web_station, claim_id).state == "withdrawn"


def test_nobody_complains_about_looks_at_or_withdraws_what_is_anothers(phone, web_station):
    one, (theirs,) = collected(web_station, (3,))
    claim_id = claim(one, theirs)
    other, order = mine(web_station)
    assert look(phone, one, at(one, theirs)).status_code == 404
    assert send(phone, one, at(one, theirs), SAID, [photo()]).status_code == 404
    for order_id in (theirs, order):
        photo_path = at(other, order_id, f"complaints/{claim_id}/photos/1")
        assert look(phone, other, photo_path).status_code == 404
        assert send(phone, other, at(other, order_id, f"complaints/{claim_id}/withdraw")).status_code == 404
    assert get(web_station, claim_id).state == "open"


def test_the_rule_is_stated_before_anybody_orders(client, web_station, phone):
    one, _order = mine(web_station, storage="chilled")
    page = campaign_page(phone, one)
    assert "within 1 day of collecting it" in page
    assert "Consumer Rights Law, art. 25" in page


def test_a_manager_gives_money_back(manager_client, web_station):
    one, order = mine(web_station)
    claim_id = claim(one, order, 2, words="Crushed")
    path = f"/group-buys/complaints/{claim_id}"
    page = look(manager_client, one, path).text
    assert "Crushed" in page
    assert "for all 2: ¥20.00" in page
    assert look(manager_client, one, f"{path}/photos/1").mimetype == "image/jpeg"
    answer = send(
        manager_client, one, f"{path}/refund", {"units": "1", "borne_by": "supplier"}, follow_redirects=True
    )
    assert "¥10.00 is back on the buyer’s account" in answer.text
    assert one.balance(order) == -2000
    again = send(
        manager_client, one, f"{path}/refund", {"units": "1", "borne_by": "supplier"}, follow_redirects=True
    )
    assert "answered or withdrawn before" in again.text
    assert "borne by the supplier" in look(manager_client, one, path).text


@pytest.mark.parametrize("values", [{"units": "3"}, {"units": "0"}, {"units": "x"}, {"borne_by": "nobody"}])
def test_a_refund_that_cannot_be_is_said_on_the_page(manager_client, web_station, values):
    one, order = mine(web_station)
    path = f"/group-buys/complaints/{claim(one, order, 2)}/refund"
    assert send(manager_client, one, path, {"units": "1", "borne_by": "station"} | values).status_code == 422
    assert one.balance(order) == -3000


def test_a_refusal_needs_a_reason(manager_client, web_station):
    one, order = mine(web_station)
    claim_id = claim(one, order)
    path = f"/group-buys/complaints/{claim_id}/refuse"
    assert send(manager_client, one, path, {"reason": " "}).status_code == 422
    answer = send(manager_client, one, path, {"reason": "Another shop's box."}, follow_redirects=True)
    assert "The buyer is told" in answer.text
    assert get(web_station, claim_id).answer == "Another shop's box."


def test_a_clerk_notes_what_is_said_at_the_counter_and_leaves_the_answer(clerk_client, web_station):
    one, order = mine(web_station)
    path = f"/group-buys/{one.id}/orders/{order}"
    assert f"{path}/complaint" in look(clerk_client, one, path).text
    assert "Photos" in look(clerk_client, one, f"{path}/complaint").text
    page = send(clerk_client, one, f"{path}/complaint", SAID, [photo()], follow_redirects=True).text
    assert "The complaint is noted." in page
    assert "A manager answers it." in page
    with reading():
        claim_id = connection().scalar(select(OrderClaim.id))
    refused = send(
        clerk_client, one, f"/group-buys/complaints/{claim_id}/refund", {"units": "1", "borne_by": "station"}
    )
    assert refused.status_code == 403


def test_the_list_shows_the_oldest_first_and_what_waits_too_long(manager_client, web_station):
    one, orders = collected(web_station, (1,), (1,), (1,))
    first, second, third = (claim(one, order) for order in orders)
    one.do(claims.withdraw, second)
    page = look(manager_client, one, "/group-buys/complaints").text
    assert page.index(f'complaints/{first}"') < page.index(f'complaints/{third}"')
    assert page.index(f'complaints/{third}"') < page.index(f'complaints/{second}"')
    assert "Waits for more than a day" not in page
    assert "Complaints <b>2</b>" in look(manager_client, one, "/group-buys").text
    assert "Complaints about goods" not in look(manager_client, one, "/problems").text
    one.clock.wind(timedelta(days=1))
    assert "Waits for more than a day" in look(manager_client, one, "/group-buys/complaints").text
    assert "Complaints about goods" in look(manager_client, one, "/problems").text
    of_one = look(manager_client, one, f"/group-buys/complaints?campaign={one.id}")
    assert "Strawberries" in of_one.text
    assert "2 wait for an answer, 1 answered" in look(manager_client, one, f"/group-buys/{one.id}").text


def test_another_stations_complaints_are_not_there(manager_client, web_station):
    theirs, order = mine(make_station("Other"))
    claim_id = claim(theirs, order)
    for rest in ("", "/photos/1"):
        assert look(manager_client, theirs, f"/group-buys/complaints/{claim_id}{rest}").status_code == 404
    data = {"units": "1", "borne_by": "supplier", "reason": "No"}
    for rest in ("refund", "refuse"):
        path = f"/group-buys/complaints/{claim_id}/{rest}"
        assert send(manager_client, theirs, path, data).status_code == 404
    assert str(claim_id) not in look(manager_client, theirs, "/group-buys/complaints").text


def test_the_message_tells_the_answer(web_station):
    one, order = mine(web_station)
    claim_id = claim(one, order)
    person, number = one.get(order).recipient_id, one.campaign.number

    def words():
        with reading():
            return messages.write(web_station.id, person, number=number)

    assert words() is None
    one.do(claims.refuse, claim_id, "No")
    assert "your complaint is answered" in words()
    refund(one, claim(one, order), 1)
    assert "the money for 1 unit is back on your account" in words()
