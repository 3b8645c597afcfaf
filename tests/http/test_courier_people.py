"""The manager's page of couriers: what it shows, what it refuses, and only of the own station."""

import pytest
from flask.testing import FlaskClient

from station.core.db import reading, transaction
from station.couriers import people_queries, service
from station.couriers.queries import SignedInCourier
from tests import couriers
from tests.factories import Station, make_station
from tests.http.forms import post
from tests.http.test_me_pages import statements

WHO = {"name": "Zhao Lei", "phone": "13700001234", "carriers": ["sf", "jd"]}


@pytest.fixture
def courier(web_station: Station) -> SignedInCourier:
    return couriers.make_courier(web_station, phone="13700001234")


@pytest.fixture
def stranger(web_station: Station) -> SignedInCourier:
    """A courier of another station."""
    return couriers.make_courier(make_station("Lotus Garden"), name="Qian Bo")


def test_clerk_does_not_see_the_couriers(clerk_client: FlaskClient, web_station: Station) -> None:
    assert clerk_client.get("/couriers").status_code == 403


def test_page_shows_couriers_masked_and_only_those_of_the_station(
    manager_client: FlaskClient, courier: SignedInCourier, stranger: SignedInCourier
) -> None:
    page = manager_client.get("/couriers").text

    assert "Zhao Lei" in page
    assert "137****1234" in page
    assert "13700001234" not in page
    assert "Qian Bo" not in page


def test_page_asks_as_much_for_many_couriers_as_for_one(
    manager_client: FlaskClient, web_station: Station, courier: SignedInCourier
) -> None:
    with statements() as few:
        manager_client.get("/couriers")
    for _more in range(5):
        couriers.make_courier(web_station)

    with statements() as many:
        manager_client.get("/couriers")

    assert len(many) == len(few)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"phone": "12"}, "This is not a phone number"),
        ({"phone": "17012345678,8462"}, "This is not a phone number"),
        ({"carriers": []}, "Choose at least one carrier."),
        ({"carriers": ["nobody"]}, "Choose at least one carrier."),
        ({"name": " "}, "Type a name of at most 40 characters."),
        ({"name": "x" * 41}, "Type at most 40 characters."),
    ],
)
def test_invitation_that_is_refused_says_why(
    manager_client: FlaskClient, web_station: Station, changed: dict[str, object], said: str
) -> None:
    answer = post(manager_client, "/couriers/invite", WHO | changed)

    assert answer.status_code == 422
    assert said in answer.text
    with reading():
        assert people_queries.invited(web_station.id) == []


def test_invitation_pressed_twice_shows_the_same_code(
    manager_client: FlaskClient, web_station: Station
) -> None:
    pages = [post(manager_client, "/couriers/invite", WHO, key="twice-pressed").text for _press in range(2)]

    codes = {page.partition('class="mono code">')[2][:14] for page in pages}
    assert len(codes) == 1
    with reading():
        assert len(people_queries.invited(web_station.id)) == 1


@pytest.mark.parametrize("path", ["carriers", "disable", "enable", "invite", "phones/{phone}/end"])
def test_courier_of_another_station_is_not_found(
    manager_client: FlaskClient, stranger: SignedInCourier, path: str
) -> None:
    path = f"/couriers/{stranger.account_id}/{path.format(phone=stranger.phone_id)}"

    assert post(manager_client, path, {"carriers": "sf"}).status_code == 404


def test_phone_of_another_courier_is_not_found(
    manager_client: FlaskClient, courier: SignedInCourier, stranger: SignedInCourier
) -> None:
    path = f"/couriers/{courier.account_id}/phones/{stranger.phone_id}/end"

    assert post(manager_client, path).status_code == 404


def test_disabled_courier_is_out_at_once_and_in_again_after(
    manager_client: FlaskClient, client: FlaskClient, courier: SignedInCourier
) -> None:
    couriers.sign_in(client, courier)
    assert client.get("/courier/").status_code == 200

    post(manager_client, f"/couriers/{courier.account_id}/disable")

    assert client.get("/courier/").status_code == 303
    assert "Disabled" in manager_client.get("/couriers").text
    post(manager_client, f"/couriers/{courier.account_id}/enable")
    answer = client.post("/courier/sign-in", data={"phone": WHO["phone"], "password": couriers.PASSWORD})
    assert answer.headers["Location"] == "/courier/"


def test_lost_password_of_somebody_shared_is_not_the_managers_to_replace(
    manager_client: FlaskClient, client: FlaskClient, web_station: Station, stranger: SignedInCourier
) -> None:
    with transaction():
        service.let_in(web_station.manager, stranger.account_id, ("sf",))

    page = post(manager_client, f"/couriers/{stranger.account_id}/invite").text

    code = page.partition('class="mono code">')[2][:14]
    assert "Sign in with the password you have" in client.get(f"/courier/invited/{code}").text
