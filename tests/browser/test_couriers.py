"""A courier's phone and the manager's page of couriers: they read well in both languages, on every screen."""

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from station.core.db import db, reading, transaction
from station.core.phones import parse
from station.couriers import invitations, people_queries, service
from station.couriers.invitations import Person
from station.couriers.queries import SignedInCourier
from station.parcels import handling
from station.parcels.lifecycle import Problem
from station.returns import manifests
from tests import couriers
from tests.browser.conftest import DESKTOP, PHONE, Desk, complaints, scrolls_sideways
from tests.factories import PASSWORD, Station, make_station, store, waybill

SMALL_PHONE = (320, 640)
PAGES = ("/courier/", "/courier/problems", "/courier/account", "/courier/erase")
NUMBER = "13700001234"
LOOKS = [("en", "light", "normal"), ("zh", "dark", "normal"), ("zh", "light", "more")]


@pytest.fixture
def courier(web_station: Station) -> SignedInCourier:
    """A courier of two stations, with parcels to take back, one to sign for, and two problems."""
    found = couriers.make_courier(web_station, phone=NUMBER)
    other = make_station("Lotus Garden")
    numbers = [waybill() for _parcel in range(4)]
    stored = [store(web_station, waybill=number, carrier="sf").parcel_id for number in numbers]
    with transaction():
        service.let_in(other.manager, found.account_id, ("sf", "jd"))
        handling.mark_problem(web_station.clerk, stored[0], Problem.DAMAGED)
        handling.mark_problem(web_station.clerk, stored[1], Problem.NO_PHONE)
        for parcel_id in stored[2:]:
            handling.start_return(web_station.clerk, parcel_id, reason="refused")
        manifest_id = manifests.open_manifest(web_station.clerk, "sf")
        manifests.add(web_station.clerk, manifest_id, numbers[3])
    return found


def session(web: Flask, courier: SignedInCourier) -> str:
    cookie = couriers.sign_in(web.test_client(), courier).get_cookie("session")
    assert cookie is not None
    return cookie.value


def phone(desk: Desk, web: Flask, courier: SignedInCourier, *, size: tuple[int, int] = PHONE) -> Page:
    """Return a phone on which the courier is signed in."""
    page = desk.window("/courier/sign-in", who="", size=size)
    page.context.add_cookies([{"name": "session", "value": session(web, courier), "url": desk.url}])
    return page


def look(page: Page, url: str, language: str, theme: str, contrast: str) -> None:
    chosen = {"language": language, "theme": theme, "contrast": contrast}
    page.context.add_cookies([{"name": name, "value": value, "url": url} for name, value in chosen.items()])


def wrong(page: Page) -> list[str]:
    return complaints(page) + (["scrolls sideways"] if scrolls_sideways(page) else [])


def invite(station: Station) -> str:
    number = parse("13700009999")
    assert number is not None
    with transaction():
        return invitations.invite(station.manager, Person("Li Na", number, ("yto",))).code


@pytest.mark.parametrize(("language", "theme", "contrast"), LOOKS)
def test_couriers_pages_read_well_on_the_smallest_phone(
    web: Flask, desk: Desk, courier: SignedInCourier, language: str, theme: str, contrast: str
) -> None:
    page = phone(desk, web, courier, size=SMALL_PHONE)
    look(page, desk.url, language, theme, contrast)
    db.session.remove()
    found = {}
    for address in PAGES:
        page.goto(desk.url + address)
        if faults := wrong(page):
            found[address] = faults

    assert found == {}


@pytest.mark.parametrize(("language", "theme", "contrast"), LOOKS)
def test_pages_of_whoever_becomes_a_courier_read_well(
    web: Flask, desk: Desk, web_station: Station, language: str, theme: str, contrast: str
) -> None:
    code = invite(web_station)
    page = desk.window("/courier/sign-in", who="", size=SMALL_PHONE)
    look(page, desk.url, language, theme, contrast)
    found = {}
    for address in (
        "/courier/sign-in",
        "/courier/invited",
        f"/courier/invited/{code}",
        f"/courier/join?station={web_station.id}",
    ):
        page.goto(desk.url + address)
        if faults := wrong(page):
            found[address] = faults

    assert found == {}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_managers_page_reads_well(desk: Desk, web_station: Station, language: str) -> None:
    couriers.names(web_station)
    desk.prefer(language=language)
    page = desk.window("/couriers", who="manager", size=DESKTOP)
    found = wrong(page)
    page.locator("details.menu summary.btn-sm", has_text="Zhao Lei").click()
    found += wrong(page)
    for width, height in (PHONE, SMALL_PHONE):
        page.set_viewport_size({"width": width, "height": height})
        found += wrong(page)

    assert found == []


def test_courier_is_invited_chooses_a_password_and_stays_signed_in(desk: Desk, web_station: Station) -> None:
    counter = desk.window("/couriers", who="manager")
    form = counter.locator("section[aria-labelledby=invite]")
    form.get_by_label("Name").fill("Zhao Lei")
    form.get_by_label("Phone number").fill(NUMBER)
    form.get_by_label("ZTO Express").check()
    form.get_by_role("button", name="Invite and show the code").click()
    assert complaints(counter) == []

    page = desk.window("/courier/sign-in", who="", size=PHONE)
    page.get_by_role("link", name="I have an invitation").click()
    page.get_by_label("Code of the invitation").fill(counter.locator(".code").inner_text())
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Choose a password").fill(PASSWORD)
    page.get_by_label("Remember this phone for 30 days").check()
    page.get_by_role("button", name="Accept and sign in").click()

    expect(page.get_by_role("heading", name="Today", exact=True)).to_be_visible()
    expect(page.locator(".phone-who")).to_contain_text("ZTO")


def test_courier_asks_and_the_manager_confirms_by_the_number(desk: Desk, web_station: Station) -> None:
    page = desk.window(f"/courier/join?station={web_station.id}", who="", size=PHONE)
    page.get_by_label("Name").fill("Zhao Lei")
    page.get_by_label("Phone number").fill(NUMBER)
    page.get_by_label("Choose a password").fill(PASSWORD)
    page.get_by_label("SF Express").check()
    page.get_by_role("button", name="Ask the manager").click()
    number = page.locator(".code").inner_text()
    assert wrong(page) == []

    counter = desk.window("/couriers", who="manager")
    expect(counter.locator(".courier-asking")).to_contain_text(number)
    counter.locator(".courier-asking").get_by_role("button", name="Confirm").click()
    expect(counter.locator("#flashes")).to_contain_text("Confirmed")

    page.get_by_role("link", name="To the sign-in").click()
    page.get_by_label("Phone number").fill(NUMBER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".phone-who")).to_contain_text("SF")
    with reading():
        assert people_queries.asking(web_station.id) == []
