"""Arrival and share-out in the browser: from the supplier's order to the last bag, and what is refused on the way."""

import io

import pytest
from sqlalchemy import select

from station.core import clock
from station.core.db import connection, reading, transaction
from station.events.models import RefusedScan
from station.group_buys import arrival, supplier_orders, unclaimed
from station.group_buys.bag_store import BagState
from station.group_buys.lifecycle import CampaignState, OrderState
from tests.http.forms import post
from tests.papers import texts
from tests.sharing import bag, deal, packed, parcel, shelve

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


def at(one, rest=""):
    return f"/group-buys/{one.id}/sharing{rest}"


def send(browser, one, rest, data=None, **more):
    with clock.use(one.clock):
        return post(browser, at(one, rest), data or {}, **more)


def look(browser, one, rest=""):
    with clock.use(one.clock):
        return browser.get(at(one, rest))


def closed(station):
    one = deal(station)
    order = one.order(2)
    one.cut_off()
    return one, order


def test_the_way_from_the_order_to_the_shelf(manager_client, web_station):
    one, order = closed(web_station)
    assert "Order from the supplier" in look(manager_client, one).text
    send(manager_client, one, "/order")
    assert one.campaign.state == CampaignState.ORDERED
    assert "Strawberries" in look(manager_client, one, "/order.csv").text
    manager_client.set_cookie("language", "zh")
    (paper,) = texts(look(manager_client, one, "/order.pdf").data)
    manager_client.set_cookie("language", "en")
    assert "Strawberries" in paper
    assert "Page 1 of 1" in paper  # in the supplier's language, not the manager's
    send(manager_client, one, "/order/sent")
    assert "I handed it over" not in look(manager_client, one).text
    send(manager_client, one, "/crates", {"crate": "Crate 1", "counted": "2", "damaged": "", "short": ""})
    assert "Crate 1" in look(manager_client, one).text
    send(manager_client, one, "/counted")
    assert "Pack the bags" in look(manager_client, one).text
    send(manager_client, one, "/bags")
    number = parcel(web_station, bag(one, order).parcel_id).waybill
    assert 'data-paper="sticker"' in look(manager_client, one, "/labels").text
    assert number in look(manager_client, one, "/labels?paper=a4").text
    assert look(manager_client, one, "/labels?paper=roll").status_code == 422
    assert number in manager_client.get("/group-buys/sharing/picking").text
    first = send(manager_client, one, "/shelve", {"value": "SHELF:1-1"})
    assert "You are at 1-1" in first.text
    second = send(manager_client, one, "/shelve", {"value": number})
    assert "Put it at 1-1" in second.text
    assert one.get(order).state == OrderState.READY
    assert "Strawberries" in manager_client.get("/group-buys/sharing").text


def test_a_bag_needs_a_shelf_first_and_the_refused_scan_is_kept(clerk_client, web_station):
    one, (order,) = packed(web_station, (1,))
    number = parcel(web_station, bag(one, order).parcel_id).waybill
    answer = send(clerk_client, one, "/shelve", {"value": number})
    assert (answer.status_code, "Scan a shelf card first" in answer.text) == (409, True)
    with reading():
        kept = connection().execute(select(RefusedScan.purpose, RefusedScan.reason)).all()
    assert kept == [("share_out", "scan_a_shelf_first")]
    assert one.get(order).state == OrderState.ALLOCATED


def test_a_scan_of_the_page_s_queue_is_taken_once_by_its_key(clerk_client, web_station):
    one, (order,) = packed(web_station, (1,))
    number = parcel(web_station, bag(one, order).parcel_id).waybill
    for key, value in (("row-key-1", "SHELF:1-1"), ("bag-key-1", number), ("bag-key-1", number)):
        body = {"value": value, "scanned_at": "2026-11-22T12:00:00Z"}
        with clock.use(one.clock):
            answer = clerk_client.post(at(one, "/scan"), json=body, headers={"Idempotency-Key": key})
        assert (answer.status_code, answer.json["sound"]) == (200, "ok")
    assert bag(one, order).state == BagState.READY
    again = {"value": number, "scanned_at": "2026-11-22T12:00:00Z"}
    with clock.use(one.clock):
        refused = clerk_client.post(at(one, "/scan"), json=again, headers={"Idempotency-Key": "bag-key-2"})
    assert (refused.status_code, refused.json["sound"]) == (409, "bad")


@pytest.mark.parametrize(
    "numbers",
    [
        {"counted": "1.5"},
        {"counted": "-1"},
        {"counted": "two"},
        {"counted": ""},
        {"counted": "1", "damaged": "2"},
        {"counted": "1", "short": "1e3"},
        {"counted": "9999999"},
    ],
)
def test_what_is_no_count_is_refused(clerk_client, web_station, numbers):
    one, _order = closed(web_station)
    one.do(supplier_orders.make, one.id)
    data = {"crate": "A", "damaged": "", "short": ""} | numbers
    answer = send(clerk_client, one, "/crates", data, follow_redirects=True)
    assert (answer.status_code == 422) or "Count whole units" in answer.text
    with reading():
        assert arrival.crates(web_station.id, one.id) == []


def test_a_photo_of_the_damage_can_be_seen_again(clerk_client, web_station):
    one, _order = closed(web_station)
    one.do(supplier_orders.make, one.id)
    data = {"crate": "A", "counted": "2", "damaged": "1", "short": "0"}
    send(clerk_client, one, "/crates", data | {"picture": (io.BytesIO(PNG), "a.png")})
    page = look(clerk_client, one).text
    where = page.split("/photo")[0].rsplit("/crates/", 1)[1]
    assert look(clerk_client, one, f"/crates/{where}/photo").data == PNG
    send(clerk_client, one, f"/crates/{where}", {"counted": "2", "damaged": "0", "short": "0"})
    assert "1 damaged" not in look(clerk_client, one).text


def test_a_clerk_neither_orders_nor_calls_off(clerk_client, web_station):
    one, _order = closed(web_station)
    for rest, data in (("/order", {}), ("/call-off", {"reason": "No"})):
        assert send(clerk_client, one, rest, data).status_code == 403
    assert one.campaign.state == CampaignState.CLOSED


def test_the_manager_calls_it_off_with_a_reason(manager_client, web_station):
    one, order = closed(web_station)
    send(manager_client, one, "/call-off", {"reason": "The harvest failed"})
    assert one.campaign.state == CampaignState.CANCELLED
    assert one.balance(order) == 0


def test_what_nobody_collects_is_released_and_taken_off_its_shelf(clerk_client, web_station):
    one, (first, second) = packed(web_station, (1,), (1,))
    for order in (first, second):
        shelve(one, order)
    send(clerk_client, one, "/release", {"bag": str(first)})
    assert one.get(first).state == OrderState.UNCLAIMED
    one.clock.time = bag(one, second).collect_until
    with clock.use(one.clock), transaction():
        unclaimed.run(web_station.id)
    assert "Taken off its shelf" in look(clerk_client, one).text
    for order in (first, second):
        send(clerk_client, one, "/clear", {"bag": str(bag(one, order).id)})
    assert "Taken off its shelf" not in look(clerk_client, one).text


@pytest.mark.parametrize("rest", ["/release", "/clear"])
@pytest.mark.parametrize("wrong", ["", "x", "1" * 20, "-1"])
def test_a_bag_that_is_none_is_refused(clerk_client, web_station, rest, wrong):
    one, _orders = packed(web_station, (1,))
    assert send(clerk_client, one, rest, {"bag": wrong}).status_code in (404, 422)


def test_another_station_s_campaign_does_not_exist_here(clerk_client, web_station):
    for rest in ("", "/labels", "/order.csv", "/order.pdf"):
        assert clerk_client.get(f"/group-buys/1/sharing{rest}").status_code == 404


def test_nothing_to_do_says_so(clerk_client, web_station):
    assert "Nothing is to be shared out" in clerk_client.get("/group-buys/sharing").text
    assert "Every bag is packed" in clerk_client.get("/group-buys/sharing/picking").text
