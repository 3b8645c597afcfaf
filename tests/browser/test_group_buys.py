"""Group buys in a browser: a resident orders with a thumb on the smallest phone, and every page reads well."""

import re
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from station.accounts import service as accounts
from station.core.db import db, transaction
from station.core.money import format_money
from station.group_buys import pictures
from station.group_buys.plans import Pays
from station.residents.service import Known, phone_hash
from station.shelves.storage import Storage
from station.web.gate import RESIDENT
from tests import claims
from tests.browser.conftest import PHONE, Desk, complaints, hold_back, scrolls_sideways, wait_until
from tests.browser.server import Server
from tests.factories import Station, recipient
from tests.group_buys import (
    campaign,
    make_campaign,
    make_draft,
    make_late,
    make_left_over,
    place,
    remind,
)

SMALL_PHONE = (320, 640)
NUMBER = "13812344068"
PICTURE = Path(__file__).parents[2] / "docs/images"


@pytest.fixture
def buyer(web_station: Station) -> Known:
    return recipient(web_station, NUMBER)


def phone(desk: Desk, web: Flask, *, size: tuple[int, int] = PHONE) -> Page:
    """Return a phone on which the resident is signed in."""
    with transaction():
        found = accounts.sign_in_resident(phone_hash(NUMBER))
    client = web.test_client()
    with client.session_transaction() as values:
        values[RESIDENT] = f"{found.account_id}.{found.epoch}"
    cookie = client.get_cookie("session")
    assert cookie is not None
    page = desk.window("/track", who="", size=size)
    page.context.add_cookies([{"name": "session", "value": cookie.value, "url": desk.url}])
    return page


def photo() -> bytes:
    return next(PICTURE.glob("*.png")).read_bytes()


def make_pages(station: Station, buyer: Known) -> dict[str, int]:
    """Make campaigns in which the buyer has ordered nothing, has to pay, and waits; return their ids."""
    oranges = make_campaign(
        station, maximum_total=60, minimum_total=30, box_size=6, storage=Storage.CHILLED, collect_h=24
    )
    with transaction():
        pictures.add(station.manager, oranges, photo())
        pictures.add(station.manager, oranges, photo())
    eggs = make_campaign(station, title="Free-range eggs", pays=Pays.BEFORE)
    milk = make_campaign(station, title="Milk from the hills", maximum_total=2)
    place(station, milk, recipient(station, "13900000009", "周星"), 2)
    place(station, eggs, buyer, 2)
    place(station, milk, buyer, 1)
    return {"oranges": oranges, "eggs": eggs, "milk": milk, "draft": make_draft(station, title="Mooncakes")}


def make_news(station: Station, buyer: Known) -> dict[str, int]:
    """Make what a buyer is told between: a reminder that was asked for, late goods, and some that are left over."""
    reminded = make_campaign(station, title="Pears")
    remind(station, reminded, buyer)
    late, _order = make_late(station, buyer)
    left_over, _order = make_left_over(station, buyer)
    return {"reminded": reminded, "late": late, "left over": left_over}


def make_complaints(station: Station, buyer: Known) -> tuple[str, list[str], list[str]]:
    """Make one that was answered and one that waits; return the buyer's order, the buyer's pages and the staff's."""
    neighbour = recipient(station, "13900000009", "周星")
    berries, (mine, theirs) = claims.collected(station, (3,), (2,), people=(buyer, neighbour))
    answered = claims.claim(berries, mine, 1, words="One of them is mouldy.")
    claims.refund(berries, answered)
    waits = claims.claim(berries, theirs, 2, words="Both boxes were crushed on the way.")
    claims.just_now(berries, mine)
    own = f"/me/group-buys/{station.id}/{berries.id}"
    staff = [f"/group-buys/complaints{rest}" for rest in ("", f"/{answered}", f"/{waits}")]
    desk = f"/group-buys/{berries.id}/orders/{mine}"
    return own, [own, f"{own}/orders/{mine}/complaint"], [*staff, desk, f"{desk}/complaint"]


@pytest.mark.parametrize("size", [PHONE, SMALL_PHONE], ids=["390", "320"])
def test_a_resident_orders_changes_and_withdraws(
    web: Flask, desk: Desk, web_station: Station, buyer: Known, size: tuple[int, int]
) -> None:
    oranges = make_campaign(web_station, box_size=6)
    page = phone(desk, web, size=size)
    page.goto(f"{desk.url}/me/group-buys/")
    page.get_by_role("link", name=re.compile("Join.*Gannan oranges")).click()

    page.get_by_label("How many (box of 2.5 kg)").fill("2")
    page.get_by_label("How many more, if it helps to fill a box").fill("1")
    expect(page.locator("#total")).to_contain_text(format_money(3 * 2990, "CNY"))
    page.get_by_role("button", name="Place the order").click()
    expect(page.get_by_role("heading", name="Your order", exact=True)).to_be_visible()
    expect(page.locator("#progress")).to_contain_text("2 ordered")

    place(web_station, oranges, recipient(web_station, "13900000009", "周星"), 5)
    page.evaluate(
        "htmx.trigger('#progress', 'every'); htmx.ajax('GET', document.querySelector('#progress')"
        ".getAttribute('hx-get'), {target: '#progress', swap: 'outerHTML'})"
    )
    expect(page.locator("#progress")).to_contain_text("7 ordered")

    page.get_by_label("How many (box of 2.5 kg)").fill("4")
    page.get_by_role("button", name="Save the change").click()
    expect(page.locator("#progress")).to_contain_text("9 ordered")
    page.get_by_text("Withdraw the order").click()
    page.get_by_role("button", name="Withdraw my order").click()
    expect(page.locator("#progress")).to_contain_text("5 ordered")
    assert campaign(web_station, oranges).ordered_units == 5
    assert not scrolls_sideways(page)


@pytest.mark.parametrize(
    ("language", "theme", "contrast"),
    [("en", "light", "normal"), ("zh", "dark", "normal"), ("zh", "light", "more")],
)
def test_pages_read_well_on_the_smallest_phone(
    web: Flask,
    desk: Desk,
    buyer: Known,
    language: str,
    theme: str,
    contrast: str,
) -> None:
    web_station = desk.station
    made = make_pages(web_station, buyer)
    token = campaign(web_station, made["oranges"]).share_token
    _own, after_sales, _staff = make_complaints(web_station, buyer)
    made |= make_news(web_station, buyer)
    page = phone(desk, web, size=SMALL_PHONE)
    desk.prefer(language=language, theme=theme, contrast=contrast)
    db.session.remove()
    shown = ("oranges", "eggs", "milk", "reminded", "late", "left over")
    paths = [f"/me/group-buys/{web_station.id}/{made[name]}" for name in shown]
    found = {}
    for path in ("/me/group-buys/", *paths, *after_sales, f"/buy/{web_station.id}/{token}"):
        page.set_viewport_size({"width": SMALL_PHONE[0], "height": SMALL_PHONE[1]})
        page.goto(desk.url + path)
        wrong = complaints(page)
        if scrolls_sideways(page):
            wrong.append("scrolls sideways")
        page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        if scrolls_sideways(page):
            wrong.append("scrolls sideways with large text")
        if wrong:
            found[path] = wrong

    assert found == {}


@pytest.mark.parametrize(
    ("language", "theme", "contrast"),
    [("en", "light", "normal"), ("zh", "dark", "normal"), ("zh", "light", "more")],
)
def test_the_managers_pages_read_well(
    desk: Desk, web_station: Station, buyer: Known, language: str, theme: str, contrast: str
) -> None:
    made = make_pages(web_station, buyer)
    oranges = f"/group-buys/{made['oranges']}"
    news = make_news(web_station, buyer)
    desk.prefer(language=language, theme=theme, contrast=contrast)
    db.session.remove()
    page = desk.window("/group-buys", who="manager")
    paths = (
        "/group-buys",
        "/group-buys/new",
        "/group-buys/suppliers",
        f"/group-buys/{made['milk']}",
        f"/group-buys/{made['draft']}",
        *(f"{oranges}{part}" for part in ("", "/edit", "/preview", "/desk", "/poster")),
        *make_complaints(web_station, buyer)[2],
        *(f"/group-buys/{news[name]}/sharing" for name in ("late", "left over")),
        "/problems",
    )
    found = {}
    for path in paths:
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(desk.url + path)
        wrong = complaints(page)
        for width, height in (PHONE, SMALL_PHONE):
            page.set_viewport_size({"width": width, "height": height})
            if scrolls_sideways(page) and not path.endswith("/poster"):
                wrong.append(f"scrolls sideways at {width}")
        if wrong:
            found[path] = wrong

    assert found == {}


def test_photos_of_a_complaint_are_made_small_on_the_phone_and_sent_once(
    web: Flask, desk: Desk, server: Server, web_station: Station, buyer: Known
) -> None:
    own, _pages, _staff = make_complaints(web_station, buyer)
    server.poison = b"in no photo"  # a photo has zero bytes
    page = phone(desk, web)
    page.goto(desk.url + own)
    page.get_by_role("link", name="Something is wrong with the goods").click()
    page.get_by_label("Broken or crushed").check()
    large = {"name": "large.jpg", "mimeType": "image/jpeg", "buffer": claims.photo((3000, 2000), quality=100)}
    page.get_by_label("Photos").set_input_files([large] * 4)
    expect(page.locator("#photos-shown img")).to_have_count(3)
    expect(page.get_by_text("Choose at most 3 photos.")).to_be_visible()
    widths = "[...document.querySelectorAll('#photos-shown img')].map((one) => one.naturalWidth)"
    wait_until(page, f"{widths}.every((one) => one === 1600)")
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_text("Your complaint is here; you are told the answer.")).to_be_visible()
    expect(page.locator("article.claim")).to_have_count(2)


def test_photos_chosen_before_the_script_came_are_made_small_too(
    web: Flask, desk: Desk, web_station: Station, buyer: Known
) -> None:
    own, _pages, _staff = make_complaints(web_station, buyer)
    page = phone(desk, web)
    page.goto(desk.url + own)
    let_it_come = hold_back(page, "claim.js")
    page.get_by_role("link", name="Something is wrong with the goods").click()
    chosen = {
        "name": "large.jpg",
        "mimeType": "image/jpeg",
        "buffer": claims.photo((3000, 2000), quality=100),
    }
    page.get_by_label("Photos").set_input_files([chosen])
    let_it_come()
    wait_until(page, "document.querySelector('#photos-shown img')?.naturalWidth === 1600")


def test_the_counter_orders_with_the_keyboard_alone(desk: Desk, web_station: Station, buyer: Known) -> None:
    oranges = make_campaign(web_station)
    page = desk.window(f"/group-buys/{oranges}/desk")

    page.keyboard.type("4068")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=re.compile("1 person"))).to_be_visible()
    page.get_by_label("How many (box of 2.5 kg)").focus()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("3")
    page.keyboard.press("Enter")

    expect(page.get_by_text("Ordered.", exact=True)).to_be_visible()
    assert campaign(web_station, oranges).ordered_units == 3
