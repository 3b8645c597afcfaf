"""Hand-over, facts, story and search by the API."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from station.core import clock
from station.core.db import db, reading
from station.events.models import CustodyEvent
from station.parcels.models import HandOver
from tests.factories import Station, make_station, store
from tests.http.scanner import PHONE, Scanner, counted, parcel_of, problem, refused_scans

# Hand-over


def test_hand_over_lets_a_parcel_go_once(scanner: Scanner, web_station: Station) -> None:
    stored = store(web_station)
    left = scanner.post(f"/parcels/{stored.parcel_id}/hand-over", {})
    assert left.status_code == 200, left.text
    assert left.json["pickup_code"] == stored.pickup_code
    facts = problem(
        scanner.post(f"/parcels/{stored.parcel_id}/hand-over", {"proxy_name": "李雷"}),
        409,
        "already_handed_over",
    )
    assert facts["handed_by"] == f"device:{scanner.id}"
    assert facts["method"] == "api"
    assert refused_scans() == [("hand_over", "already_handed_over", str(stored.parcel_id))]
    assert counted(HandOver) == 1


def test_a_second_hand_over_says_in_words_when_how_and_by_whom(
    scanner: Scanner, web_station: Station
) -> None:
    address = f"/parcels/{store(web_station).parcel_id}/hand-over"
    scanner.post(address, {"proxy_name": "李雷"})
    detail = scanner.post(address, {}).json["detail"]
    assert re.fullmatch(
        "This parcel has left the station already. It went to somebody collecting for the recipient "
        r"on \d+ \w+ \d\d:\d\d through .+\.",
        detail,
    )


def test_several_leave_together_with_partial_success(scanner: Scanner, web_station: Station) -> None:
    first, second, gone = store(web_station), store(web_station), store(web_station)
    scanner.post(f"/parcels/{gone.parcel_id}/hand-over", {})
    body = {
        "parcel_ids": [str(first.parcel_id), str(first.parcel_id)],
        "waybills": [second.waybill.lower(), gone.waybill, "SF9999999999999"],
        "proxy_name": "李雷",
    }
    answer = scanner.post("/hand-overs", body).json
    assert (answer["handed_over"], answer["refused"]) == (2, 3)
    codes = [item["refused"] and item["refused"]["code"] for item in answer["items"]]
    assert codes == [None, "already_handed_over", None, "already_handed_over", "not_found"]
    with reading():
        assert set(db.session.scalars(select(HandOver.taken_by))) == {"proxy", "recipient"}


@pytest.mark.parametrize("body", [{}, {"parcel_ids": []}, {"waybills": ["x"] * 101}, {"parcel_ids": ["x"]}])
def test_hand_overs_without_or_with_too_many_parcels_are_refused(scanner: Scanner, body: Any) -> None:
    problem(scanner.post("/hand-overs", body), 422, "bad_input")


def test_a_hand_over_can_be_undone(scanner: Scanner, web_station: Station) -> None:
    stored = store(web_station)
    scanner.post(f"/parcels/{stored.parcel_id}/hand-over", {})
    back = scanner.post(f"/parcels/{stored.parcel_id}/hand-over/undo", {"reason": "wrong_parcel"})
    assert back.json == {
        "parcel_id": str(stored.parcel_id),
        "pickup_code": stored.pickup_code,
        "is_same_code": True,
    }
    again = scanner.post(f"/parcels/{stored.parcel_id}/hand-over/undo", {"reason": "wrong_parcel"})
    problem(again, 409, "illegal_transition")


# Facts and story


def test_a_parcel_s_facts_are_masked_and_by_the_clock(scanner: Scanner, web_station: Station) -> None:
    stored_at = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
    with clock.use(lambda: stored_at):
        stored = store(web_station)
    with clock.use(lambda: stored_at + timedelta(hours=50)):
        answer = scanner.get(f"/parcels/{stored.parcel_id}")
    assert answer.status_code == 200, answer.text
    assert answer.json["level"] == "overdue"
    assert answer.json["recipient"]["name_masked"] == "陈**"
    assert (answer.json["shelf"], answer.json["layer"]) == ("1", 1)
    assert PHONE not in answer.text


def test_a_parcel_that_left_has_no_place(scanner: Scanner, web_station: Station) -> None:
    stored = store(web_station)
    scanner.post(f"/parcels/{stored.parcel_id}/hand-over", {})
    facts = scanner.get(f"/parcels/{stored.parcel_id}").json
    assert (facts["state"], facts["shelf"], facts["layer"]) == ("handed_over", None, None)
    assert facts["left_at"] is not None


def test_the_story_is_the_parcel_s_events_in_order(scanner: Scanner, web_station: Station) -> None:
    stored = store(web_station)
    store(web_station)
    scanner.post(f"/parcels/{stored.parcel_id}/hand-over", {})
    story = scanner.get(f"/parcels/{stored.parcel_id}/story").json
    assert [one["kind"] for one in story["events"]] == ["checked_in", "handed_over"]
    assert story["next_cursor"] is None
    rest = scanner.get(f"/parcels/{stored.parcel_id}/story", cursor=story["events"][0]["seq"]).json
    assert [one["kind"] for one in rest["events"]] == ["handed_over"]


@pytest.mark.parametrize("query", [{"cursor": "x"}, {"cursor": "-1"}, {"cursor": "9" * 19}, {"other": "1"}])
def test_a_story_s_cursor_is_checked(scanner: Scanner, web_station: Station, query: dict[str, str]) -> None:
    problem(scanner.get(f"/parcels/{store(web_station).parcel_id}/story", **query), 422, "bad_input")


Call = Callable[[Scanner, int], TestResponse]
OTHERS: dict[str, Call] = {
    "facts": lambda scanner, parcel: scanner.get(f"/parcels/{parcel}"),
    "story": lambda scanner, parcel: scanner.get(f"/parcels/{parcel}/story"),
    "hand_over": lambda scanner, parcel: scanner.post(f"/parcels/{parcel}/hand-over", {}),
    "undo": lambda scanner, parcel: scanner.post(
        f"/parcels/{parcel}/hand-over/undo", {"reason": "not_taken"}
    ),
}


@pytest.mark.parametrize("call", OTHERS.values(), ids=OTHERS)
def test_another_station_s_parcel_does_not_exist(scanner: Scanner, call: Call) -> None:
    theirs = store(make_station("Elsewhere"))
    with reading():
        before = counted(CustodyEvent)
    problem(call(scanner, theirs.parcel_id), 404, "not_found")
    assert counted(CustodyEvent) == before


def test_another_station_s_parcel_and_row_are_refused_in_lists(scanner: Scanner) -> None:
    elsewhere = make_station("Elsewhere")
    theirs = store(elsewhere)
    answer = scanner.post(
        "/hand-overs", {"parcel_ids": [str(theirs.parcel_id)], "waybills": [theirs.waybill]}
    ).json
    assert {item["refused"]["code"] for item in answer["items"]} == {"not_found"}
    body = parcel_of(shelf=None, layer=None, layer_id=str(elsewhere.layer()))
    problem(scanner.post("/parcels", body), 404, "not_found")


@pytest.mark.parametrize("parcel", ["0", "-1", "x", "9" * 19, "1.5"])
def test_an_id_that_is_none_is_not_found(scanner: Scanner, parcel: str) -> None:
    problem(scanner.get(f"/parcels/{parcel}"), 404, "not_found")


# Search


def search(scanner: Scanner, text: str, **more: Any) -> TestResponse:
    """Search without a key: a question writes nothing, it is a POST to keep its text out of the address."""
    return scanner.browser.post(
        "/api/v1/parcels/search", json={"query": text, **more}, headers=scanner.headers
    )


def test_a_name_or_number_is_never_searched_by_address(scanner: Scanner) -> None:
    problem(scanner.get("/parcels", query="4068"), 405, "method_not_allowed")


@pytest.mark.parametrize(
    "text", ["4068", PHONE, "陈晓明", "陈", "{waybill}", "{tail}", "{code}", "{code_spaced}"]
)
def test_one_box_finds_a_parcel_by_anything(scanner: Scanner, web_station: Station, text: str) -> None:
    stored = store(web_station)
    code = stored.pickup_code
    query = text.format(
        waybill=stored.waybill, tail=stored.waybill[-6:], code=code, code_spaced=code.replace("-", " ")
    )
    answer = search(scanner, query)
    assert answer.status_code == 200, answer.text
    assert [found["parcel_id"] for found in answer.json["parcels"]] == [str(stored.parcel_id)]
    assert PHONE not in answer.text


def test_search_goes_on_where_it_stopped(scanner: Scanner, web_station: Station) -> None:
    stored = {str(store(web_station).parcel_id) for _ in range(5)}
    first = search(scanner, "4068", limit=3).json
    second = search(scanner, "4068", limit=3, cursor=first["next_cursor"]).json
    assert second["next_cursor"] is None
    assert {found["parcel_id"] for found in first["parcels"] + second["parcels"]} == stored


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"query": ""},
        {"query": "x" * 201},
        {"query": "4068", "limit": 0},
        {"query": "4068", "limit": 51},
        {"query": "4068", "limit": "many"},
        {"query": "4068", "cursor": "-1"},
        {"query": "4068", "page": "2"},
    ],
)
def test_a_search_that_does_not_fit_is_refused(scanner: Scanner, query: dict[str, Any]) -> None:
    problem(scanner.post("/parcels/search", query), 422, "bad_input")


@pytest.mark.parametrize("text", ["🙂", "\x00", "ID:ABC", "%", "' or 1=1 --", "-1--1--1"])
def test_a_search_for_nonsense_finds_nothing(scanner: Scanner, web_station: Station, text: str) -> None:
    store(web_station)
    answer = search(scanner, text)
    assert answer.status_code == 200
    assert answer.json == {"parcels": [], "next_cursor": None}


def test_a_search_stays_in_its_station(scanner: Scanner) -> None:
    store(make_station("Elsewhere"))
    assert search(scanner, "4068").json["parcels"] == []


def test_a_search_asks_the_database_as_often_for_many_as_for_one(
    scanner: Scanner, web_station: Station
) -> None:
    store(web_station)
    search(scanner, "4068")
    one = statements(lambda: search(scanner, "4068"))
    for _ in range(10):
        store(web_station)
    assert statements(lambda: search(scanner, "4068")) == one


def statements(ask: Callable[[], TestResponse]) -> int:
    asked: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    ask()
    event.remove(db.engine, "before_cursor_execute", note)
    return len(asked)
