"""How cold a shelf is on the pages: chosen in the settings, said where somebody looks, refused at the scanner."""

import pytest

from station.core import clock
from station.core.db import transaction
from station.group_buys import shelving
from station.parcels import solving
from station.shelves.storage import Storage
from tests import cold
from tests.cold import add_cold_shelves, make_bag
from tests.factories import store
from tests.group_buys import make_draft
from tests.http.forms import post
from tests.sharing import Deal, bag

ADD = {"code": "F", "layers": "2", "capacity": "10", "size_class": "medium", "storage": "frozen"}


def change(browser, station, code, **values):
    found = cold.shelf(station, code)
    form = {"storage": found.storage}
    for layer in found.layers:
        form |= {f"capacity_{layer.number}": layer.capacity, f"size_{layer.number}": layer.size_class}
        form |= {f"numbers_{layer.number}": layer.counter_space}
    return post(browser, f"/shelves/{found.id}", data=form | values, follow_redirects=True)


def scan(browser, one: Deal, text):
    with clock.use(one.clock):
        return post(browser, f"/group-buys/{one.id}/sharing/shelve", {"value": text})


def test_a_freezer_is_added_and_said_on_list_card_and_map(manager_client, web_station):
    assert post(manager_client, "/shelves/add", data=ADD).status_code == 303

    assert cold.shelf(web_station, "F").storage == Storage.FROZEN
    assert "Frozen" in manager_client.get("/shelves").text
    assert "Frozen" in manager_client.get("/shelves/cards?shelf=F").text
    assert "Frozen" in manager_client.get("/parcels").text


@pytest.mark.parametrize("page", ["/shelves", "/shelves/cards", "/parcels"])
def test_nothing_is_said_of_shelves_at_room_temperature(manager_client, page):
    text = manager_client.get(page).text

    assert not [words for words in ("At room temperature", "Chilled", "Frozen") if words in text]


@pytest.mark.parametrize(
    "wrong", [{"storage": "warm"}, {"storage": ""}, {"is_set_aside": "y"}, {"storage": "frozen\0"}]
)
def test_a_kind_that_is_none_and_a_cold_set_aside_shelf_are_refused(manager_client, web_station, wrong):
    assert post(manager_client, "/shelves/add", data=ADD | wrong).status_code == 422
    assert manager_client.get("/shelves/cards?shelf=F").status_code == 404


def test_the_kind_of_a_shelf_is_changed_and_stays_what_its_bags_need(manager_client, web_station):
    assert "Saved." in change(manager_client, web_station, "1", storage="frozen").text
    one, _order, number = make_bag(web_station, Storage.FROZEN)
    scan(manager_client, one, "SHELF:1-1")
    scan(manager_client, one, number)

    page = change(manager_client, web_station, "1", storage="room").text

    assert "Shelf 1 holds 1 bag that has to be kept: Frozen. Move it first." in page
    assert cold.shelf(web_station, "1").storage == Storage.FROZEN


def test_the_share_out_desk_says_where_to_go_and_refuses_a_wrong_shelf(clerk_client, web_station):
    add_cold_shelves(web_station)
    one, _order, number = make_bag(web_station, Storage.FROZEN)
    assert "Frozen: these bags go on shelf F." in scan(clerk_client, one, "SHELF:1-1").text

    wrong = scan(clerk_client, one, number)

    assert wrong.status_code == 409
    assert "This bag has to be kept frozen. Put it on shelf F." in wrong.text
    scan(clerk_client, one, "SHELF:F-1")
    assert scan(clerk_client, one, number).status_code == 200


def test_the_share_out_desk_warns_where_no_such_shelf_is(clerk_client, web_station):
    one, _order, number = make_bag(web_station, Storage.CHILLED)
    assert "Chilled: no shelf for that has room." in scan(clerk_client, one, "SHELF:1-1").text

    stored = scan(clerk_client, one, number)

    assert stored.status_code == 200
    assert "It has to be kept chilled, and no shelf for that has room." in stored.text


def test_the_manager_hears_before_the_goods_come_that_there_is_no_shelf(manager_client, web_station):
    frozen = make_draft(web_station, storage=Storage.FROZEN)
    plain = make_draft(web_station)
    warning = "Frozen: there is no shelf for that yet at Maple Court"

    for rest in ("", "/preview"):
        assert warning in manager_client.get(f"/group-buys/{frozen}{rest}").text
        assert "there is no shelf" not in manager_client.get(f"/group-buys/{plain}{rest}").text
    assert "There is no shelf here yet for: Chilled, Frozen." in manager_client.get("/group-buys/new").text

    add_cold_shelves(web_station)
    assert warning not in manager_client.get(f"/group-buys/{frozen}/preview").text
    assert "There is no shelf here yet" not in manager_client.get("/group-buys/new").text


def test_the_counter_is_told_that_a_bag_is_in_the_freezer(clerk_client, web_station):
    add_cold_shelves(web_station)
    one, _order, number = make_bag(web_station, Storage.FROZEN)
    with clock.use(one.clock), transaction():
        shelving.scan(web_station.clerk, "SHELF:F-1")
        shelving.scan(web_station.clerk, number)

    page = post(clerk_client, "/hand-over", {"value": number}).text

    assert "Shelf F, layer 1" in page
    assert "Frozen" in page


def test_a_parcels_page_says_what_has_to_be_kept_cold_and_what_stands_on_a_cold_shelf(
    clerk_client, web_station
):
    one, order, number = make_bag(web_station, Storage.FROZEN)
    with clock.use(one.clock), transaction():  # no freezer yet: the bag stands elsewhere for now
        shelving.scan(web_station.clerk, "SHELF:1-1")
        shelving.scan(web_station.clerk, number)
    add_cold_shelves(web_station)
    warm, chilled = store(web_station), store(web_station)
    layer_id = web_station.layer("C")
    with transaction():
        solving.move(web_station.clerk, chilled.parcel_id, layer_id)

    said = {
        parcel_id: [words for words in ("At room temperature", "Chilled", "Frozen") if words in head]
        for parcel_id in (bag(one, order).parcel_id, warm.parcel_id, chilled.parcel_id)
        for head in [clerk_client.get(f"/parcels/{parcel_id}").text.split("<h2>")[0]]
    }

    assert list(said.values()) == [["Frozen"], [], ["Chilled"]]
