"""A courier signs for a hand-back on a small phone, and the counter's page shows it; every page reads well."""

import re

import pytest
from playwright.sync_api import Page, expect

from station.core.db import db, reading, transaction
from station.couriers.queries import SignedInCourier
from station.disputes import service
from station.parcels import parcel_queries
from station.parcels.intake import CheckedIn
from station.returns import manifests, queries
from station.returns import phone as phones
from tests import couriers
from tests.browser.conftest import DESKTOP, PHONE, Desk, complaints, hold_back, scrolls_sideways
from tests.browser.courier import sign_in
from tests.browser.server import Server
from tests.browser.test_returns import SIGNED
from tests.factories import Station
from tests.hand_backs import disputed, going, opened

SMALL_PHONE = (360, 740)
SMALLEST = (320, 640)
PNG = b"\x89PNG\r\n\x1a\n"
LOOKS = [("en", "light", "normal"), ("zh", "dark", "normal"), ("zh", "light", "more")]


@pytest.fixture
def courier(web_station: Station) -> SignedInCourier:
    return couriers.make_courier(web_station, name="Zhao Lei", carriers=("sf", "zto"))


@pytest.fixture
def parcels(web_station: Station) -> list[CheckedIn]:
    """Parcels on the open manifest."""
    found = [going(web_station) for _ in range(3)]
    opened(web_station, *found)
    db.session.remove()
    return found


def phone(desk: Desk, courier: SignedInCourier, path: str, size: tuple[int, int] = SMALL_PHONE) -> Page:
    """Return a phone on which the courier is signed in."""
    page = desk.window("/courier/sign-in", who="", size=size)
    sign_in(desk, page, courier)
    page.goto(desk.url + path)
    return page


def draw(page: Page) -> None:
    """Sign by hand, and wait until the drawing is the form's picture."""
    pad = page.locator("canvas.sign")
    expect(pad).to_be_visible()
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 90, steps=6)
    page.mouse.move(box["x"] + 240, box["y"] + 40, steps=6)
    page.mouse.up()
    page.evaluate(SIGNED)


def test_a_courier_loads_refuses_signs_and_the_counter_sees_it(
    web_station: Station, desk: Desk, server: Server, courier: SignedInCourier, parcels: list[CheckedIn]
) -> None:
    server.poison = b"nothing"  # a picture has zero bytes
    first, second, third = parcels
    page = phone(desk, courier, "/courier/")
    page.get_by_role("link", name=re.compile("^Sign")).click()
    page.get_by_label(second.waybill).check()
    expect(page.locator("[data-loaded]")).to_have_text("Loaded: 1/3")
    page.reload()
    expect(page.get_by_label(second.waybill)).to_be_checked()
    line = page.locator("li", has_text=first.waybill)
    line.locator("summary").click()
    line.get_by_role("button").click()
    expect(page.locator("[data-loaded]")).to_have_text("Loaded: 1/2")
    draw(page)
    page.get_by_role("button", name="I have received these parcels").click()
    expect(page.get_by_role("heading", name="Receipt of a hand-back")).to_be_visible()
    expect(page.locator(".phone-facts")).to_contain_text("On the courier's own phone")

    with reading():
        (manifest,) = queries.ended(web_station.id)
        states = [parcel_queries.detail(web_station.id, one.parcel_id).state for one in parcels]
    assert states == ["returning", "returned", "returned"]
    counter = desk.window(f"/returns/manifests/{manifest.id}")
    expect(counter.locator("dl")).to_contain_text("Zhao Lei")
    expect(counter.locator("dl")).to_contain_text("On the courier's own phone")
    expect(counter.locator("img.signed")).to_be_visible()
    expect(counter.locator("section", has_text="The courier did not take")).to_contain_text(first.waybill)

    page.get_by_role("link", name="Something is missing or wrong").click()
    page.get_by_label(third.waybill).check()
    page.get_by_label("In your own words").fill("Not in the bag.")
    page.get_by_role("button", name="Tell the station").click()
    expect(page.get_by_text("Not in the bag.")).to_be_visible()
    counter.goto(desk.url + "/disputes")
    counter.locator(".rows a").click()
    counter.get_by_label("What the station says to it").fill("We look at the camera.")
    counter.get_by_role("button", name="Answer").click()
    expect(counter.locator("#flashes")).to_contain_text("The answer is kept")
    page.reload()
    expect(page.get_by_text("We look at the camera.")).to_be_visible()


def test_a_tick_made_before_the_script_came_is_kept(
    web_station: Station, desk: Desk, courier: SignedInCourier, parcels: list[CheckedIn]
) -> None:
    with reading():
        manifest_id = queries.open_manifests(web_station.id)["sf"].id
    page = phone(desk, courier, "/courier/")
    let_it_come = hold_back(page, "hand-back.js")
    page.goto(f"{desk.url}/courier/hand-backs/{manifest_id}", wait_until="commit")
    page.get_by_label(parcels[1].waybill).check()
    expect(page.locator("[data-loaded]")).to_have_text("")
    let_it_come()
    expect(page.locator("[data-loaded]")).to_have_text("Loaded: 1/3")
    page.reload()
    expect(page.get_by_label(parcels[1].waybill)).to_be_checked()


@pytest.mark.parametrize("look", LOOKS, ids="-".join)
def test_every_page_of_hand_backs_and_disputes_reads_well(
    desk: Desk, courier: SignedInCourier, parcels: list[CheckedIn], look: tuple[str, str, str]
) -> None:
    (language, theme, contrast), web_station = look, desk.station
    with reading():
        manifest_id = queries.open_manifests(web_station.id)["sf"].id
    with transaction():
        phones.refuse(courier.actor, manifest_id, parcels[0].parcel_id, reason="not_there")
    past, one, other = signed_by_zto(web_station)
    stands = disputed(courier.actor, past, one, words="Only one was there.")
    ended = disputed(web_station.clerk, past, other, claim="damaged")
    with transaction():
        service.answer(web_station.clerk, stands, "We look.")
        service.withdraw(web_station.clerk, ended)
    desk.prefer(language=language, theme=theme, contrast=contrast)
    db.session.remove()
    wrong = {}
    hand_back = "/courier/hand-backs"
    page = phone(desk, courier, "/courier/", SMALLEST)
    chosen = {"language": language, "theme": theme, "contrast": contrast}
    page.context.add_cookies(
        [{"name": name, "value": value, "url": desk.url} for name, value in chosen.items()]
    )
    for path in (
        "/courier/",
        hand_back,
        f"{hand_back}/{manifest_id}",
        f"{hand_back}/{past}",
        f"{hand_back}/{past}/dispute",
        f"/courier/disputes/{stands}",
    ):
        page.goto(desk.url + path)
        for fold in page.locator("details.refuse > summary, details.confirm > summary").all()[:1]:
            fold.click()
        if found := looks_wrong(page):
            wrong[path] = found
    counter = desk.window("/disputes", who="manager")
    manifest = f"/returns/manifests/{past}"
    fresh = f"/disputes/new?manifest={past}"
    for path in (
        "/disputes",
        f"/disputes/{stands}",
        f"/disputes/{ended}",
        fresh,
        manifest,
        f"/returns/manifests/{manifest_id}",
        "/returns",
    ):
        for width, height in (DESKTOP, PHONE):
            counter.set_viewport_size({"width": width, "height": height})
            counter.goto(desk.url + path)
            if found := looks_wrong(counter):
                wrong[f"{path} {width}"] = found
    assert wrong == {}


def signed_by_zto(station: Station) -> tuple[int, CheckedIn, CheckedIn]:
    """Return a signed manifest of another carrier than the one whose manifest is open, and its parcels."""
    one, other = (going(station, carrier="zto", waybill=f"7300000000123{number}") for number in (4, 5))
    manifest_id = opened(station, one, other, carrier="zto")
    with transaction():
        manifests.sign(station.clerk, manifest_id, courier_name="Zhao Lei", signature=PNG)
    return manifest_id, one, other


def looks_wrong(page: Page) -> list[str]:
    return complaints(page) + (["scrolls sideways"] if scrolls_sideways(page) else [])
