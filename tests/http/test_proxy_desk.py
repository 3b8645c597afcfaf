"""Collecting for somebody else at the desk and by the API: the code, the phone's tail, and everything refused."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from station.core import clock
from station.core.actor import Actor, ActorKind
from station.core.db import reading, transaction
from station.core.permissions import Role
from station.core.phones import parse
from station.parcels import parcel_queries
from station.parcels.intake import CheckedIn
from station.residents import proxies
from station.residents.proxies import Made, Wish
from tests.factories import Station, recipient, store
from tests.http.forms import post
from tests.http.scanner import Scanner

NEIGHBOUR = "13911112222"


def give(station: Station, *, parcel: CheckedIn | None = None, phone: str = "") -> Made:
    owner = recipient(station)
    resident = Actor(ActorKind.RESIDENT, 1, station.id, Role.RESIDENT)
    with transaction():
        wish = Wish(owner.id, parcel.parcel_id if parcel else None, parse(phone), "Li Lei")
        return proxies.give(resident, wish)


def state(station: Station, parcel: CheckedIn) -> str:
    with reading():
        return parcel_queries.detail(station.id, parcel.parcel_id).state


def typed(browser: FlaskClient, value: str) -> TestResponse:
    return browser.post("/hand-over", data={"value": value}, headers={"HX-Request": "true"})


def test_code_shows_whose_parcels_they_may_take(clerk_client: FlaskClient, web_station: Station) -> None:
    one, other = store(web_station), store(web_station)
    made = give(web_station, parcel=one)
    for value in (f"PROXY:{made.code}", (made.code or "").lower()):
        shown = typed(clerk_client, value).text
        assert "Collects for" in shown
        assert f'value="{one.parcel_id}"' in shown
        assert f'value="{other.parcel_id}"' not in shown


def test_desk_hands_over_to_the_proxy(clerk_client: FlaskClient, web_station: Station) -> None:
    one = store(web_station)
    made = give(web_station, parcel=one)
    data = {"person": f"x{made.proxy_id}", "parcel": str(one.parcel_id)}
    answer = post(clerk_client, "/hand-over/together", data)
    assert "Handed over" in answer.text
    assert state(web_station, one) == "handed_over"
    assert "used already" in typed(clerk_client, f"PROXY:{made.code}").text


def test_key_of_a_proxy_opens_no_other_parcel(clerk_client: FlaskClient, web_station: Station) -> None:
    one, other = store(web_station), store(web_station)
    made = give(web_station, parcel=one)
    data = {"person": f"x{made.proxy_id}", "parcel": str(other.parcel_id)}
    assert "for another parcel" in post(clerk_client, "/hand-over/together", data).text
    data = {"person": "x1", "parcel": str(other.parcel_id)}
    post(clerk_client, "/hand-over/together", data)
    assert state(web_station, other) == "stored"


def test_tail_of_the_proxys_phone_finds_the_owner(clerk_client: FlaskClient, web_station: Station) -> None:
    store(web_station)
    give(web_station, phone=NEIGHBOUR)
    for value in ("2222", NEIGHBOUR):
        shown = typed(clerk_client, value).text
        assert "Collects for" in shown
        assert "Li **" in shown
    store(web_station, to=recipient(web_station, NEIGHBOUR, "Li Lei"))
    assert "Who is it?" in typed(clerk_client, "2222").text


def test_wrong_codes_are_refused_and_counted(clerk_client: FlaskClient, web_station: Station) -> None:
    made = give(web_station, parcel=store(web_station))
    for _ in range(proxies.WRONG_CODES):
        assert "not known here" in typed(clerk_client, "PROXY:AAAA2222").text
    assert typed(clerk_client, f"PROXY:{made.code}").status_code == 429
    # What may be something else is looked for, as before.
    assert "Nothing found" in typed(clerk_client, "AAAA2222").text


@pytest.fixture
def waiting(web_station: Station) -> CheckedIn:
    return store(web_station)


def hand_over(scanner: Scanner, parcel: CheckedIn, code: str) -> tuple[int, Any]:
    answer = scanner.post(f"/parcels/{parcel.parcel_id}/hand-over", {"proxy_code": code})
    return answer.status_code, (answer.json or {}).get("code")


def test_api_takes_the_code_once(scanner: Scanner, web_station: Station, waiting: CheckedIn) -> None:
    other = store(web_station)
    code = give(web_station, parcel=waiting).code or ""
    assert hand_over(scanner, other, code) == (409, "not_your_parcel")
    assert hand_over(scanner, waiting, f"PROXY:{code}") == (200, None)
    assert hand_over(scanner, other, code) == (409, "proxy_used")


def test_api_refuses_wrong_old_and_revoked_codes(
    scanner: Scanner, web_station: Station, waiting: CheckedIn
) -> None:
    gone, old = give(web_station, parcel=waiting), give(web_station)
    with transaction():
        proxies.revoke(web_station.manager, gone.proxy_id)
    assert hand_over(scanner, waiting, gone.code or "") == (409, "proxy_revoked")
    assert hand_over(scanner, waiting, "PROXY:AAAA2222") == (422, "proxy_code_wrong")
    with clock.use(lambda: old.expires_at + timedelta(seconds=1)):
        assert hand_over(scanner, waiting, old.code or "") == (409, "proxy_expired")
    assert state(web_station, waiting) == "stored"


def test_api_ends_guessing(scanner: Scanner, web_station: Station, waiting: CheckedIn) -> None:
    code = give(web_station).code or ""
    for _ in range(proxies.WRONG_CODES):
        hand_over(scanner, waiting, "AAAA2222")
    assert hand_over(scanner, waiting, code) == (429, "too_many_attempts")


def test_api_hands_several_over_by_a_code_for_the_day(
    scanner: Scanner, web_station: Station, waiting: CheckedIn
) -> None:
    stranger = store(web_station, to=recipient(web_station, NEIGHBOUR, "Li Lei"))
    code = give(web_station).code
    ids = [str(waiting.parcel_id), str(stranger.parcel_id)]
    answer = scanner.post("/hand-overs", {"parcel_ids": ids, "proxy_code": code})
    assert (answer.json["handed_over"], answer.json["refused"]) == (1, 1)
    assert answer.json["items"][1]["refused"]["code"] == "not_your_parcel"
