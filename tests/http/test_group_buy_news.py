"""Pages of what is told and moved between cut-off and end: reminders, late goods, and what is left over."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from station.core.db import reading
from station.group_buys import lateness, reminders, surplus, surplus_uses
from station.group_buys.lifecycle import CampaignState, OrderState
from station.ledger.queries import local_today
from station.residents.service import Known
from tests.factories import Station, make_station, recipient
from tests.group_buys import campaign, make_campaign, make_late, make_left_over, order, place
from tests.http import residents
from tests.http.forms import post

NEIGHBOUR = "13900002222"
THIRD = "13900003333"


@pytest.fixture
def buyer(web_station: Station) -> Known:
    return recipient(web_station, residents.PHONE)


@pytest.fixture
def phone(client: FlaskClient, buyer: Known) -> FlaskClient:
    """The buyer's phone, signed in."""
    residents.sign_in(client)
    return client


def me(station: Station, campaign_id: int) -> str:
    return f"/me/group-buys/{station.id}/{campaign_id}"


def sharing(campaign_id: int) -> str:
    return f"/group-buys/{campaign_id}/sharing"


def asked(station: Station, campaign_id: int, buyer: Known) -> bool:
    with reading():
        return reminders.is_asked(station.id, campaign_id, [buyer.id])


def test_a_reminder_is_asked_for_and_taken_back_in_one_tap(
    phone: FlaskClient, web_station: Station, buyer: Known
) -> None:
    made = make_campaign(web_station)
    assert "Remind me before it closes" in phone.get(me(web_station, made)).text
    post(phone, f"{me(web_station, made)}/remind")
    assert asked(web_station, made, buyer)
    page = phone.get(me(web_station, made)).text
    assert "No reminder, thank you" in page
    post(phone, f"{me(web_station, made)}/remind/stop")
    assert not asked(web_station, made, buyer)


def test_no_reminder_is_offered_to_who_has_ordered(
    phone: FlaskClient, web_station: Station, buyer: Known
) -> None:
    made = make_campaign(web_station)
    place(web_station, made, buyer)
    assert "Remind me" not in phone.get(me(web_station, made)).text
    post(phone, f"{me(web_station, made)}/remind")
    assert not asked(web_station, made, buyer)


def test_buyers_read_before_they_order_what_holds_when_goods_are_late(
    phone: FlaskClient, web_station: Station
) -> None:
    page = phone.get(me(web_station, make_campaign(web_station))).text
    assert "you may give your order back and nothing is charged" in page


def test_a_buyer_gives_a_late_order_back(phone: FlaskClient, web_station: Station, buyer: Known) -> None:
    made, order_id = make_late(web_station, buyer)
    page = phone.get(me(web_station, made)).text
    assert "Late: nothing has come yet" in page
    assert "Give the late order back" in page
    post(phone, f"{me(web_station, made)}/orders/{order_id}/give-back")
    got = order(web_station, order_id)
    assert (got.state, got.result) == (OrderState.CLOSED, lateness.GIVEN_BACK)
    assert "You gave it back because it was late." in phone.get(me(web_station, made)).text


def test_nobody_gives_another_persons_order_back(phone: FlaskClient, web_station: Station) -> None:
    made, order_id = make_late(web_station, recipient(web_station, NEIGHBOUR))
    post(phone, f"{me(web_station, made)}/orders/{order_id}/give-back")
    assert order(web_station, order_id).state == OrderState.ALLOCATED


def test_late_goods_stand_among_the_problems_until_another_day_is_named(
    manager_client: FlaskClient, web_station: Station, buyer: Known
) -> None:
    made, _order = make_late(web_station, buyer)
    page = manager_client.get("/problems").text
    assert "Late group buys" in page
    assert "Nobody has seen to it" in page
    with reading():
        day = local_today(web_station.id) + timedelta(days=2)
    post(manager_client, f"{sharing(made)}/day", {"day": day.isoformat()})
    assert campaign(web_station, made).arrives_on == day
    assert "Late group buys" not in manager_client.get("/problems").text
    assert "first said" in manager_client.get(sharing(made)).text


@pytest.mark.parametrize("day", ["", "yesterday", "2020-01-01", "9999-12-31"])
def test_a_day_that_is_none_is_refused(
    manager_client: FlaskClient, web_station: Station, buyer: Known, day: str
) -> None:
    made, _order = make_late(web_station, buyer)
    before = campaign(web_station, made).arrives_on
    post(manager_client, f"{sharing(made)}/day", {"day": day})
    assert campaign(web_station, made).arrives_on == before


def test_a_clerk_names_no_day_but_gives_an_order_back_for_its_buyer(
    clerk_client: FlaskClient, web_station: Station, buyer: Known
) -> None:
    made, order_id = make_late(web_station, buyer)
    assert post(clerk_client, f"{sharing(made)}/day", {"day": "2026-12-24"}).status_code == 403
    assert "Give the order back" in clerk_client.get(f"/group-buys/{made}/orders/{order_id}").text
    post(clerk_client, f"/group-buys/{made}/orders/{order_id}/give-back")
    assert order(web_station, order_id).state == OrderState.CLOSED


def test_who_waits_takes_what_is_left_over_on_the_phone(
    phone: FlaskClient, web_station: Station, buyer: Known
) -> None:
    made, order_id = make_left_over(web_station, buyer)
    page = phone.get(me(web_station, made)).text
    assert "More came than was ordered." in page
    assert "¥59.80" in page
    post(phone, f"{me(web_station, made)}/orders/{order_id}/take")
    assert order(web_station, order_id).state == OrderState.ALLOCATED


def test_staff_note_what_was_done_with_the_rest(
    clerk_client: FlaskClient, web_station: Station, buyer: Known
) -> None:
    made, _order = make_left_over(web_station, buyer)
    assert "3 units left over" in clerk_client.get(sharing(made)).text
    post(clerk_client, f"{sharing(made)}/left-over", {"units": "2", "way": "returned"})
    post(clerk_client, f"{sharing(made)}/left-over", {"units": "1", "way": "eaten"})
    post(clerk_client, f"{sharing(made)}/left-over", {"units": "1.5", "way": "returned"})
    post(clerk_client, f"{sharing(made)}/left-over", {"units": "1", "way": "returned"})
    with reading():
        found = surplus.of_campaign(web_station.id, made)
        uses = surplus_uses.of_campaign(web_station.id, made)
    assert found is not None
    assert (found.remaining, [(one.units, one.way) for one in uses]) == (2, [(1, "returned")])
    assert "Returned to the supplier" in clerk_client.get(sharing(made)).text


def test_what_is_left_over_stays_on_the_list_of_work_when_all_is_collected(
    clerk_client: FlaskClient, web_station: Station, buyer: Known
) -> None:
    made, _order = make_left_over(web_station, buyer)
    assert "1 unit left over" in clerk_client.get("/group-buys/sharing").text
    assert campaign(web_station, made).state == CampaignState.ARRIVED


def test_another_station_finds_nothing(manager_client: FlaskClient, buyer: Known) -> None:
    other = make_station("Elm")
    made, order_id = make_late(other, recipient(other, THIRD))
    for path in (f"{sharing(made)}/left-over", f"/group-buys/{made}/orders/{order_id}/give-back"):
        post(manager_client, path, {"units": "1", "way": "returned"})
    post(manager_client, f"{sharing(made)}/day", {"day": "2026-12-24"})
    assert order(other, order_id).state == OrderState.ALLOCATED
    with reading():
        assert lateness.delays(other.id, made) == []


def test_the_list_of_running_campaigns_says_which_are_late(
    manager_client: FlaskClient, web_station: Station, buyer: Known
) -> None:
    make_campaign(web_station)
    assert "late" not in manager_client.get("/group-buys").text.split("<main")[1]
    make_late(web_station, buyer)
    assert "days late" in manager_client.get("/group-buys").text
