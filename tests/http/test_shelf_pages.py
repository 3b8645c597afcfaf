from contextlib import contextmanager

import pytest
from sqlalchemy import event

from station.core.db import db, reading
from station.shelves import queries
from tests.factories import make_station, store
from tests.http.forms import post

ADD = {"code": "12", "layers": "3", "capacity": "40", "size_class": "small"}


def shelves(station):
    with reading():
        return {shelf.code: shelf for shelf in queries.shelves(station.id)}


@contextmanager
def statements():
    """List what is asked of the database inside the block."""
    asked = []

    def note(_connection, _cursor, statement, *_rest):
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield asked
    event.remove(db.engine, "before_cursor_execute", note)


def layers_form(shelf, **values):
    form = {}
    for layer in shelf.layers:
        form |= {f"capacity_{layer.number}": layer.capacity, f"size_{layer.number}": layer.size_class}
        form |= {f"numbers_{layer.number}": layer.counter_space}
    return form | values


def test_list_shows_shelves_and_how_full_they_are(manager_client, web_station):
    store(web_station)

    page = manager_client.get("/shelves").text

    assert "1 of 380 places used" in page  # three shelves of 120 and the set-aside one of 20
    assert "Set-aside shelf" in page


def test_list_asks_the_database_as_often_for_many_shelves(manager_client):
    with statements() as few:
        manager_client.get("/shelves")
    for number in range(20, 30):
        post(manager_client, "/shelves/add", data=ADD | {"code": str(number)})

    with statements() as many:
        manager_client.get("/shelves")

    assert len(many) == len(few)


def test_clerk_sees_and_prints_but_does_not_change(clerk_client, web_station):
    page = clerk_client.get("/shelves").text
    one = shelves(web_station)["1"]

    assert "Add a shelf" not in page
    assert clerk_client.get("/shelves/cards").status_code == 200
    assert clerk_client.get("/shelves/commands").status_code == 200
    assert clerk_client.get("/shelves/add").status_code == 403
    assert clerk_client.get(f"/shelves/{one.id}").status_code == 403
    assert post(clerk_client, f"/shelves/{one.id}/retire").status_code == 403


@pytest.mark.parametrize("page", ["/shelves", "/shelves/add", "/shelves/cards", "/shelves/commands"])
def test_nobody_is_sent_to_the_sign_in_page(client, page):
    assert client.get(page).status_code == 303


def test_shelf_is_added(manager_client, web_station):
    answer = post(manager_client, "/shelves/add", data=ADD | {"code": " m2 ", "is_set_aside": "y"})

    assert answer.status_code == 303
    added = shelves(web_station)["M2"]
    assert [(layer.capacity, layer.size_class) for layer in added.layers] == [(40, "small")] * 3
    assert added.is_set_aside


def test_shelf_is_added_once(manager_client, web_station):
    post(manager_client, "/shelves/add", data=ADD)

    answer = post(manager_client, "/shelves/add", data=ADD)

    assert answer.status_code == 409
    assert "There is a shelf 12 already." in answer.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": ""},
        {"code": "123456789"},
        {"code": "1-2"},
        {"code": "冷藏"},
        {"code": "A😀"},
        {"code": "x" * 5000},
        {"code": "A\x00"},
        {"layers": "0"},
        {"layers": "21"},
        {"layers": "many"},
        {"capacity": "-1"},
        {"capacity": "1000"},
        {"capacity": ""},
        {"size_class": "huge"},
    ],
)
def test_shelf_that_makes_no_sense_is_refused(manager_client, web_station, wrong):
    before = set(shelves(web_station))

    assert post(manager_client, "/shelves/add", data=ADD | wrong).status_code == 422
    assert set(shelves(web_station)) == before


def test_layers_are_changed(manager_client, web_station):
    one = shelves(web_station)["1"]
    form = layers_form(one, capacity_2="15", size_2="large", numbers_2="200")

    assert post(manager_client, f"/shelves/{one.id}", data=form).status_code == 303

    changed = shelves(web_station)["1"].layers[1]
    assert (changed.capacity, changed.size_class, changed.counter_space) == (15, "large", 200)


@pytest.mark.parametrize(
    "wrong",
    [
        {"capacity_1": "0"},
        {"capacity_1": "1000"},
        {"capacity_3": "all"},
        {"size_1": "huge"},
        {"size_2": ""},
        {"numbers_1": "99"},
        {"numbers_1": "100000"},
        {"numbers_2": ""},
        {"numbers_2": "many"},
        {"capacity_1": "200", "numbers_1": "199"},
    ],
)
def test_layer_that_makes_no_sense_is_refused(manager_client, web_station, wrong):
    one = shelves(web_station)["1"]

    assert post(manager_client, f"/shelves/{one.id}", data=layers_form(one, **wrong)).status_code == 422
    assert shelves(web_station)["1"] == one


def test_empty_shelf_is_retired_and_brought_back(manager_client, web_station):
    one = shelves(web_station)["2"]

    assert post(manager_client, f"/shelves/{one.id}/retire").location == "/shelves"
    assert "Out of use" in manager_client.get("/shelves").text
    assert shelves(web_station)["2"].is_retired

    post(manager_client, f"/shelves/{one.id}/reopen")
    assert not shelves(web_station)["2"].is_retired


def test_shelf_that_holds_parcels_is_not_retired(manager_client, web_station):
    store(web_station)
    one = shelves(web_station)["1"]

    answer = post(manager_client, f"/shelves/{one.id}/retire", follow_redirects=True)

    assert "Shelf 1 still holds 1 parcel." in answer.text
    assert not shelves(web_station)["1"].is_retired


def test_last_set_aside_shelf_is_missed_on_the_list(manager_client, web_station):
    aside = shelves(web_station)["99"]

    post(manager_client, f"/shelves/{aside.id}", data=layers_form(aside))

    assert "There is no set-aside shelf." in manager_client.get("/shelves").text


@pytest.mark.parametrize("shelf_id", ["1", "9223372036854775807", "9223372036854775808", "9" * 60, "x"])
def test_shelf_that_does_not_exist_is_not_found(manager_client, shelf_id):
    assert manager_client.get(f"/shelves/{shelf_id}").status_code == 404
    assert post(manager_client, f"/shelves/{shelf_id}/retire").status_code == 404
    assert post(manager_client, f"/shelves/{shelf_id}/reopen").status_code == 404


def test_shelf_of_another_station_is_not_found(manager_client, web_station):
    strange = shelves(make_station("Elm"))["1"]

    assert manager_client.get(f"/shelves/{strange.id}").status_code == 404
    assert post(manager_client, f"/shelves/{strange.id}", data=layers_form(strange)).status_code == 404
    assert post(manager_client, f"/shelves/{strange.id}/retire").status_code == 404


def test_every_layer_has_a_card(manager_client):
    page = manager_client.get("/shelves/cards").text

    assert page.count('class="print-card"') == 10
    assert "Shelf 2, layer 3" in page
    assert page.count('class="qr"') == 10


def test_cards_of_one_shelf_are_printed_alone(manager_client):
    page = manager_client.get("/shelves/cards?shelf=2").text

    assert page.count('class="print-card"') == 3


@pytest.mark.parametrize("code", ["77", "%F0%9F%98%80", "x" * 3000])
def test_cards_of_an_unknown_shelf_are_not_found(manager_client, code):
    assert manager_client.get(f"/shelves/cards?shelf={code}").status_code == 404


def test_command_cards_are_all_there(manager_client):
    page = manager_client.get("/shelves/commands").text

    assert page.count('class="print-card"') == 18
    for text in ("CMD:UNDO", "CMD:SET-ASIDE", "CMD:HAND-OVER", "CMD:9", "CMD:0"):
        assert text in page
