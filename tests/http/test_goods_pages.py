"""A resident's own goods: let others have them, take what was left; nobody else's."""

import pytest
from flask.testing import FlaskClient

from station.core import clock
from station.group_buys import unclaimed
from station.group_buys.lifecycle import OrderState
from tests.factories import Station, recipient
from tests.http import residents
from tests.http.forms import post
from tests.sharing import packed, shelve


@pytest.fixture
def phone(client: FlaskClient, web_station: Station) -> FlaskClient:
    """A resident's phone, known at the station."""
    recipient(web_station, residents.PHONE)
    residents.sign_in(client)
    return client


def send(browser, one, order, rest):
    with clock.use(one.clock):
        path = f"/me/group-buys/{one.station.id}/{one.id}/orders/{order}/{rest}"
        return post(browser, path, follow_redirects=True)


def page(browser, one):
    with clock.use(one.clock):
        return browser.get(f"/me/group-buys/{one.station.id}/{one.id}").text


def test_a_buyer_lets_others_have_the_goods(phone, web_station):
    me = recipient(web_station, residents.PHONE)
    one, (mine, waits) = packed(web_station, (1,), (1,), came=1, maximum_total=1, people=(me,))
    assert "Let others have it" not in page(phone, one)
    shelve(one, mine)
    assert "Let others have it" in page(phone, one)
    assert "Whoever waits is asked" in send(phone, one, mine, "release").text
    assert one.get(mine).state == OrderState.UNCLAIMED
    assert "Let others have it" not in page(phone, one)
    assert send(phone, one, waits, "take").status_code == 404
    assert one.get(waits).state == OrderState.WAITING


@pytest.mark.parametrize(("answer", "state"), [("take", OrderState.READY), ("decline", OrderState.WAITING)])
def test_who_waits_takes_or_declines_what_is_offered(phone, web_station, answer, state):
    me = recipient(web_station, residents.PHONE)
    other = recipient(web_station, "13912340000", "李雷")
    one, (theirs, mine) = packed(web_station, (1,), (1,), came=1, maximum_total=1, people=(other, me))
    shelve(one, theirs)
    assert "Take it" not in page(phone, one)
    one.do(unclaimed.agree_release, theirs)
    assert "1 became free" in page(phone, one)
    assert send(phone, one, mine, answer).status_code == 200
    assert one.get(mine).state == state
    assert "Take it" not in page(phone, one)
