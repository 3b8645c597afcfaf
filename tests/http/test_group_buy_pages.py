"""The manager's pages of group buys: the form, its bounds, opening, sharing, pictures, suppliers."""

import io
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select

from station.core import clock
from station.core.db import connection, reading, transaction
from station.core.money import format_money
from station.group_buys import cut_off, pictures, store, suppliers
from station.group_buys.models import Campaign
from station.group_buys.prices import Tier
from tests.factories import Station, make_station, recipient
from tests.group_buys import ZONE, campaign, make_campaign, make_draft, make_supplier, place
from tests.http.forms import post
from tests.papers import loose_fonts


def said(station: Station, **changes: object) -> dict[str, object]:
    cut_off = (clock.now() + timedelta(days=3)).astimezone(ZONE)
    usual = {
        "title": "Gannan oranges",
        "unit": "box of 2.5 kg",
        "text": "Sweet.\nFrom one orchard.",
        "supplier": str(make_supplier(station)),
        "storage": "chilled",
        "box_size": "6",
        "from_total-0": "1",
        "price-0": "29.90",
        "from_total-1": "20",
        "price-1": "27.9",
        "pays": "before",
        "commission": "7.5",
        "minimum": "12",
        "maximum": "120",
        "each": "10",
        "cut_off_at": cut_off.strftime("%Y-%m-%dT%H:%M"),
        "at_cut_off": "close_if_minimum",
        "arrives_on": (cut_off.date() + timedelta(days=2)).isoformat(),
        "collect_h": "24",
        "unclaimed": "donate",
    }
    return usual | changes


def how_many() -> int:
    with reading():
        return connection().scalar(select(func.count()).select_from(Campaign)) or 0


def newest(station: Station) -> store.Current:
    with reading():
        query = (
            select(Campaign.id).where(Campaign.station_id == station.id).order_by(Campaign.id.desc()).limit(1)
        )
        return store.look_campaign(station.id, connection().scalar(query))


def test_the_form_makes_a_draft_of_what_was_typed(manager_client: FlaskClient, web_station: Station) -> None:
    answer = post(manager_client, "/group-buys/new", said(web_station))

    assert answer.status_code == 303
    made = newest(web_station)
    assert (made.state, made.title, made.storage, made.pays) == (
        "draft",
        "Gannan oranges",
        "chilled",
        "before",
    )
    assert (made.minimum_total, made.maximum_total, made.per_person_most, made.box_size) == (12, 120, 10, 6)
    assert (made.commission_bp, made.collect_h, made.at_cut_off) == (750, 24, "close_if_minimum")
    with reading():
        prices = [(tier.from_total, tier.unit_price_minor) for tier in store.tiers(web_station.id, made.id)]
        assert prices == [(1, 2990), (20, 2790)]
    page = manager_client.get(answer.location)
    assert "Nobody sees it yet" in page.text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"price-0": "-1"}, "Type an amount in digits"),
        ({"price-0": "29.905"}, "CNY has no smaller part"),
        ({"price-0": "free"}, "Type an amount in digits"),
        ({"price-0": "0"}, "Prices begin with the first unit"),
        ({"price-1": "31"}, "Prices begin with the first unit and fall"),
        ({"from_total-1": "1"}, "Prices begin with the first unit and fall"),
        ({"from_total-0": "2"}, "Prices begin with the first unit"),
        ({"from_total-1": ""}, "Each price needs the total"),
        ({"from_total-1": "2.5"}, "Type a whole number"),
        ({"maximum": "1.5"}, "Type a whole number"),
        ({"maximum": "-5"}, "Type a whole number"),
        ({"maximum": "1e3"}, "Type a whole number"),
        ({"maximum": "999999"}, "whole numbers from 1 to"),
        ({"maximum": "5", "minimum": "", "each": "", "at_cut_off": "close"}, "less than one box"),
        ({"minimum": "121"}, "The minimum is more than the maximum"),
        ({"minimum": ""}, "Without a minimum"),
        ({"each": "121"}, "more than the maximum"),
        ({"box_size": "0"}, "A box holds 1 to"),
        ({"commission": "101"}, "Commission and share"),
        ({"commission": "a lot"}, "Type a percentage"),
        ({"cut_off_at": "2020-01-01T12:00"}, "The cut-off is over already"),
        ({"cut_off_at": "tomorrow"}, "Cut-off"),
        ({"arrives_on": "2020-01-01"}, "cannot arrive before the cut-off"),
        ({"collect_h": "0"}, "The time to collect"),
        ({"title": " "}, "title"),
        ({"pays": "later"}, "Choose one of the list"),
        ({"supplier": "7"}, "This supplier does not exist"),
        ({"points": "7"}, "There is no such station"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_keeps_what_was_typed(
    manager_client: FlaskClient, web_station: Station, changes: dict[str, str], sentence: str
) -> None:
    answer = post(manager_client, "/group-buys/new", said(web_station, **changes))

    assert answer.status_code in (404, 422)
    assert sentence.lower() in answer.text.lower()
    assert how_many() == 0
    assert "box of 2.5 kg" in answer.text


def test_a_draft_is_opened_and_then_keeps_what_buyers_rely_on(
    manager_client: FlaskClient, web_station: Station
) -> None:
    post(manager_client, "/group-buys/new", said(web_station))
    made = newest(web_station)
    path = f"/group-buys/{made.id}"
    assert post(manager_client, f"{path}/open").status_code == 303
    assert campaign(web_station, made.id).state == "open"

    dearer = post(manager_client, f"{path}/edit", said(web_station, **{"price-0": "39.90", "version": "1"}))
    assert dearer.status_code == 409
    assert "People order by what stands here" in dearer.text
    assert "Changed here: prices." in dearer.text
    kinder = post(
        manager_client, f"{path}/edit", said(web_station, text="Sweeter.", maximum="240", version="1")
    )
    assert kinder.status_code == 303
    assert campaign(web_station, made.id).maximum_total == 240


def test_two_managers_do_not_overwrite_each_others_draft(
    manager_client: FlaskClient, web_station: Station
) -> None:
    post(manager_client, "/group-buys/new", said(web_station))
    path = f"/group-buys/{newest(web_station).id}/edit"

    assert post(manager_client, path, said(web_station, title="Oranges", version="1")).status_code == 303
    assert post(manager_client, path, said(web_station, title="Apples", version="1")).status_code == 409
    assert newest(web_station).title == "Oranges"


def test_the_page_of_a_campaign_shows_orders_masked(
    manager_client: FlaskClient, web_station: Station
) -> None:
    oranges = make_campaign(web_station, maximum_total=10)
    place(web_station, oranges, recipient(web_station), 3, tolerance=1)

    page = manager_client.get(f"/group-buys/{oranges}").text

    assert "陈晓明" not in page
    assert "13812344068" not in page
    assert "4068" in page
    assert "On " in page
    assert "ordering ends" in page
    live = manager_client.get(f"/group-buys/{oranges}/live").text
    assert format_money(3 * 2990, "CNY") in live


def test_a_clerk_sees_and_orders_but_does_not_run(clerk_client: FlaskClient, web_station: Station) -> None:
    oranges = make_campaign(web_station)

    page = clerk_client.get(f"/group-buys/{oranges}").text
    assert "Order for somebody" in page
    assert "Call it off" not in page
    for path in ("new", f"{oranges}/edit", f"{oranges}/preview", "suppliers"):
        assert clerk_client.get(f"/group-buys/{path}").status_code == 403
    assert post(clerk_client, f"/group-buys/{oranges}/cancel", {"reason": "No."}).status_code == 403
    assert campaign(web_station, oranges).state == "open"


def test_calling_off_needs_a_reason_once_somebody_ordered(
    manager_client: FlaskClient, web_station: Station
) -> None:
    oranges = make_campaign(web_station)
    place(web_station, oranges, recipient(web_station))
    path = f"/group-buys/{oranges}/cancel"

    told = post(manager_client, path, {"reason": ""}, follow_redirects=True)
    assert "Say in one line why" in told.text
    told = post(manager_client, path, {"reason": "Frost"}, follow_redirects=True)
    assert "1 person is told" in told.text
    assert campaign(web_station, oranges).state == "cancelled"


def test_a_copy_opens_its_form(manager_client: FlaskClient, web_station: Station) -> None:
    oranges = make_campaign(web_station)

    answer = post(manager_client, f"/group-buys/{oranges}/duplicate", follow_redirects=True)

    assert answer.status_code == 200
    assert "This is the copy" in answer.text
    assert "29.90" in answer.text


def photo(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "orange").save(file, "PNG")
    return file.getvalue()


def add_picture(browser: FlaskClient, campaign_id: int, content: bytes, name: str = "x.png") -> str:
    data = {"picture": (io.BytesIO(content), name)}
    answer = post(browser, f"/group-buys/{campaign_id}/pictures", data, follow_redirects=True)
    return answer.text


def test_pictures_are_checked_by_what_is_in_them(manager_client: FlaskClient, web_station: Station) -> None:
    oranges = make_draft(web_station)

    assert "at most 8 MB" in add_picture(manager_client, oranges, b"<svg onload=alert(1)>", "x.svg")
    assert "at most 8 MB" in add_picture(manager_client, oranges, b"")
    assert "The picture is added." in add_picture(manager_client, oranges, photo(2400, 1800))
    with reading():
        (kept,) = pictures.of_campaign(web_station.id, oranges)
    found = campaign(web_station, oranges)
    path = f"/buy/{web_station.id}/{found.share_token}/pictures/{kept.id}"
    shown = manager_client.get(path)
    small = manager_client.get(f"{path}/small")
    assert [sent.mimetype for sent in (shown, small)] == ["image/jpeg", "image/jpeg"]
    sizes = [Image.open(io.BytesIO(sent.data)).size for sent in (shown, small)]
    assert sizes == [(1600, 1200), (320, 240)]
    assert manager_client.get(path.replace(found.share_token, "x" * 20)).status_code == 404
    told = post(manager_client, f"/group-buys/{oranges}/pictures/{kept.id}/remove", follow_redirects=True)
    assert "The picture is removed." in told.text
    assert manager_client.get(path).status_code == 404


def test_the_share_link_needs_no_sign_in_and_cannot_be_guessed(
    client: FlaskClient, web_station: Station
) -> None:
    oranges = make_campaign(web_station)
    place(web_station, oranges, recipient(web_station), 2)
    token = campaign(web_station, oranges).share_token

    page = client.get(f"/buy/{web_station.id}/{token}")

    assert page.status_code == 200
    assert "Gannan oranges" in page.text
    assert "/me/sign-in?next=" in page.text
    assert "4068" not in page.text
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert client.get(f"/buy/{web_station.id}/{token[:-1]}A").status_code == 404
    assert client.get(f"/buy/{web_station.id + 1}/{token}").status_code == 404
    draft = campaign(web_station, make_draft(web_station)).share_token
    assert client.get(f"/buy/{web_station.id}/{draft}").status_code == 404


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_poster_is_one_sheet_that_leads_to_the_page(
    manager_client: FlaskClient, web_station: Station, language: str
) -> None:
    oranges = make_campaign(web_station, title="赣南脐橙 Gannan oranges", text="一箱二十五斤。" * 60)
    manager_client.set_cookie("language", language)

    answer = manager_client.get(f"/group-buys/{oranges}/poster.pdf")

    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF-")
    assert answer.data.count(b"/Type /Page\n") == 1
    assert loose_fonts(answer.data) == set()
    printed = manager_client.get(f"/group-buys/{oranges}/poster")
    assert printed.status_code == 200
    assert 'class="qr"' in printed.text
    assert manager_client.get(f"/group-buys/{make_draft(web_station)}/poster").status_code == 409


def test_suppliers_are_added_changed_retired(manager_client: FlaskClient, web_station: Station) -> None:
    said_of = {"name": "Hill Farm", "phone": "13900001111", "email": "hill@farm.example", "language": "en"}
    assert (
        "The supplier is added."
        in post(manager_client, "/group-buys/suppliers", said_of, follow_redirects=True).text
    )
    again = post(manager_client, "/group-buys/suppliers", said_of, follow_redirects=True)
    assert "A supplier with this name exists." in again.text
    with reading():
        (known,) = suppliers.all_of(web_station.id)
    path = f"/group-buys/suppliers/{known.id}"
    wrong = post(manager_client, path, said_of | {"email": "nobody"}, follow_redirects=True)
    assert "This is not an e-mail address." in wrong.text
    assert "Saved." in post(manager_client, f"{path}/retire", follow_redirects=True).text
    with reading():
        assert not suppliers.get(web_station.id, known.id).is_active
    refused = post(manager_client, "/group-buys/new", said(web_station, supplier=str(known.id)))
    assert "This supplier is retired." in refused.text


def test_lists_lead_on_page_by_page(manager_client: FlaskClient, web_station: Station) -> None:
    make_campaign(web_station, title="Oranges")
    ended = make_campaign(web_station, title="Pears")
    post(manager_client, f"/group-buys/{ended}/cancel", {"reason": ""})

    running, over = (manager_client.get(path).text for path in ("/group-buys", "/group-buys/over"))

    assert "Oranges" in running
    assert "Pears" not in running
    assert "Pears" in over
    assert "Pears" not in manager_client.get(f"/group-buys/over?before={ended}").text
    assert manager_client.get("/group-buys/over?before=x").status_code == 422


def test_after_the_cut_off_the_page_leads_to_sharing_out(
    manager_client: FlaskClient, web_station: Station
) -> None:
    oranges = make_campaign(web_station)
    place(web_station, oranges, recipient(web_station), 2)
    later = campaign(web_station, oranges).cut_off_at
    with clock.use(lambda: later), transaction():
        cut_off.cut_off(web_station.manager, oranges)

    page = manager_client.get(f"/group-buys/{oranges}").text

    assert f"/group-buys/{oranges}/sharing" in page
    assert "Order for somebody" not in page
    assert manager_client.get(f"/group-buys/{oranges}/sharing").status_code == 200


def test_each_partner_station_has_a_share_of_its_own(
    manager_client: FlaskClient, web_station: Station
) -> None:
    lotus, willow = make_station("Lotus Garden"), make_station("Willow Bank")
    shares = {f"share-{lotus.id}": "5", f"share-{willow.id}": "2.5", "share-x": "9", "share-": "9"}
    wanted = said(web_station, points=[str(lotus.id), str(willow.id)], **shares)

    post(manager_client, "/group-buys/new", wanted)

    made = newest(web_station)
    with reading():
        points = store.points(web_station.id, made.id)
    assert {point.station_id: point.share_bp for point in points} == {
        web_station.id: 0,
        lotus.id: 500,
        willow.id: 250,
    }
    page = manager_client.get(f"/group-buys/{made.id}/edit").text
    assert f'name="share-{willow.id}"' in page
    assert 'value="2.5"' in page
    only_lotus = said(web_station, points=str(lotus.id), version=str(made.version), **shares)
    post(manager_client, f"/group-buys/{made.id}/edit", only_lotus)
    with reading():
        assert [point.station_id for point in store.points(web_station.id, made.id)] == sorted(
            [web_station.id, lotus.id]
        )


@pytest.mark.parametrize("typed", ["-1", "x", "5.555", "101", "93"])
def test_share_that_cannot_be_is_refused(
    manager_client: FlaskClient, web_station: Station, typed: str
) -> None:
    lotus = make_station("Lotus Garden")
    wanted = said(web_station, points=str(lotus.id), **{f"share-{lotus.id}": typed})
    page = post(manager_client, "/group-buys/new", wanted)
    assert page.status_code == 422
    assert f'value="{typed}"' in page.text


def test_after_the_cut_off_nobody_is_told_of_lower_prices_or_units_left(
    manager_client: FlaskClient, web_station: Station
) -> None:
    milk = make_campaign(web_station, maximum_total=60, tiers=(Tier(1, 1680), Tier(24, 1480)))
    place(web_station, milk, recipient(web_station), 20)
    preview = f"/group-buys/{milk}/preview"
    before = manager_client.get(preview).text
    assert "4 more to ¥14.80" in before
    assert "40 left" in before
    later = campaign(web_station, milk).cut_off_at
    with clock.use(lambda: later), transaction():
        cut_off.cut_off(web_station.manager, milk)

    after = manager_client.get(preview).text

    assert "20 ordered" in after
    assert "more to" not in after
    assert "left</span>" not in after
