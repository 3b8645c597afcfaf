"""The parcels list, its search, bulk actions and export, and the problems over HTTP."""

import csv
import html
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from station.core import clock
from station.core.db import db, reading, transaction
from station.parcels import counter, export, hand_over, handling, overdue, parcel_queries
from station.parcels.hand_over import Taker
from station.parcels.intake import CheckedIn
from station.parcels.lifecycle import Problem
from station.parcels.parcel_queries import Detail
from tests.factories import Station, open_batch, recipient, store, waybill

KEY = {"key": "page-0001"}


def look(station: Station, parcel: CheckedIn) -> Detail:
    with reading():
        return parcel_queries.detail(station.id, parcel.parcel_id)


@contextmanager
def ago(hours: float) -> Iterator[None]:
    moment = clock.now() - timedelta(hours=hours)
    with clock.use(lambda: moment):
        yield


@contextmanager
def counted() -> Iterator[list[str]]:
    """Count the statements sent to the database."""
    seen: list[str] = []

    def note(conn, cursor, statement, parameters, context, executemany):
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_the_list_shows_the_longest_wait_first_and_masks(
    web_station: Station, clerk_client: FlaskClient
) -> None:
    with ago(30):
        old = store(web_station)
    new = store(web_station)
    page = clerk_client.get("/parcels")
    assert page.status_code == 200
    assert page.text.index(old.waybill) < page.text.index(new.waybill)
    assert "陈**" in page.text
    assert "陈晓明" not in page.text
    assert "13812344068" not in page.text
    turned = clerk_client.get("/parcels?order=newest")
    assert turned.text.index(new.waybill) < turned.text.index(old.waybill)


def test_levels_are_right_while_the_scheduler_is_down(
    web_station: Station, clerk_client: FlaskClient
) -> None:
    with ago(24 * 9):
        late = store(web_station)
    fresh = store(web_station)
    page = clerk_client.get("/parcels?tab=overdue")
    assert late.waybill in page.text
    assert fresh.waybill not in page.text
    assert "2 waiting, 1 overdue" in page.text
    assert 'class="overdue"' in page.text
    with transaction():
        while overdue.enter_levels(web_station.id):
            pass
    entered = clerk_client.get("/parcels?tab=overdue")
    assert late.waybill in entered.text
    assert "2 waiting, 1 overdue" in entered.text


def test_every_tab_shows_its_own(web_station: Station, clerk_client: FlaskClient) -> None:
    waiting, damaged, back, gone = (store(web_station) for _ in range(4))
    with transaction():
        handling.mark_problem(web_station.clerk, damaged.parcel_id, Problem.DAMAGED)
        handling.start_return(web_station.clerk, back.parcel_id, reason="refused")
        hand_over.hand_over(web_station.clerk, gone.parcel_id, Taker())
    shown = {"waiting": [waiting, damaged], "problems": [damaged], "returning": [back], "collected": [gone]}
    for tab, parcels in shown.items():
        text = clerk_client.get(f"/parcels?tab={tab}").text
        found = {one.waybill for one in (waiting, damaged, back, gone) if one.waybill in text}
        assert found == {one.waybill for one in parcels}, tab


def test_filters_narrow_the_list(web_station: Station, clerk_client: FlaskClient) -> None:
    here = store(web_station, carrier="zto")
    there = store(
        web_station, to=recipient(web_station, "13900001111", "王芳"), layer_id=web_station.layer("2")
    )
    for query, expected in {
        "shelf=2": there,
        "carrier=zto": here,
        f"q={here.pickup_code}": here,
        f"q={there.waybill}": there,
        f"recipient={there.recipient.id}": there,
    }.items():
        text = clerk_client.get(f"/parcels?{query}").text
        other = here if expected is there else there
        assert expected.waybill in text, query
        assert other.waybill not in text, query


def test_pages_follow_each_other_without_gap_or_repeat(
    web_station: Station, clerk_client: FlaskClient
) -> None:
    layers = [web_station.layer(shelf, layer) for shelf in "123" for layer in (1, 2, 3)]
    stored = [store(web_station, layer_id=layers[number % 9]) for number in range(120)]
    for order in ("longest", "newest"):
        seen, address = [], f"/parcels?order={order}"
        while address:
            text = clerk_client.get(address).text
            seen += [one.waybill for one in stored if one.waybill in text]
            following = re.search(r'href="([^"]*)">Next page', text)
            address = html.unescape(following[1]) if following else ""
        assert sorted(seen) == sorted(one.waybill for one in stored)


def test_the_list_makes_the_same_number_of_queries_whatever_its_length(
    web_station: Station, clerk_client: FlaskClient
) -> None:
    store(web_station)
    clerk_client.get("/parcels")
    with counted() as few:
        clerk_client.get("/parcels")
    for _ in range(30):
        store(web_station)
    with ago(24 * 4):
        for number in range(10):
            store(
                web_station,
                to=recipient(web_station, f"139000011{number:02d}"),
                layer_id=web_station.layer("2"),
            )
    with counted() as many:
        clerk_client.get("/parcels")
    assert len(many) == len(few)
    assert len(many) <= 22


@pytest.mark.parametrize(
    "query",
    [
        "tab=all",
        "order=up",
        "carrier=nobody",
        "shelf=1-1",
        "recipient=x",
        "recipient=99999999999999999999",
        "after=x",
        "after=1-99999999999999999999",
        "q=" + "x" * 201,
    ],
)
def test_a_list_that_does_not_exist_is_refused(clerk_client: FlaskClient, query: str) -> None:
    answer = clerk_client.get(f"/parcels?{query}")
    assert answer.status_code == 422
    assert "from" in answer.text


def bulk(client: FlaskClient, action: str, parcels: list[CheckedIn], **more: str):
    data = {"action": action, "parcel": [one.parcel_id for one in parcels], "back": "/parcels", **KEY, **more}
    answer = client.post("/parcels/bulk", data=data)
    return answer, client.get("/parcels").text


def test_many_are_reminded_and_the_refused_are_named(web_station: Station, clerk_client: FlaskClient) -> None:
    good, other = store(web_station), store(web_station)
    nameless = store(web_station, recipient=None, problem=Problem.NO_PHONE)
    _answer, text = bulk(clerk_client, "remind", [good, other, nameless])
    assert "2 reminders are on their way." in text
    assert f"1 parcel was left out. {nameless.pickup_code}: This parcel has no phone number" in text


def test_many_are_moved_to_a_row_typed_or_scanned(web_station: Station, clerk_client: FlaskClient) -> None:
    first, second = store(web_station), store(web_station)
    bulk(clerk_client, "move", [first], row="2-3")
    bulk(clerk_client, "move", [second], row="shelf:2-3", key="page-0002")
    assert all(str(look(web_station, one).pickup_code).startswith("2-3-") for one in (first, second))
    _answer, text = bulk(clerk_client, "move", [first], row="nowhere", key="page-0003")
    assert "There is no such shelf and layer here" in text


def test_many_returns_are_begun_once(web_station: Station, clerk_client: FlaskClient) -> None:
    parcel = store(web_station)
    for _ in range(2):
        _answer, text = bulk(clerk_client, "return", [parcel])
        assert "1 return was begun." in text
    assert look(web_station, parcel).state == "returning"


def test_stickers_of_many_are_one_page_to_print(web_station: Station, clerk_client: FlaskClient) -> None:
    parcels = [store(web_station), store(web_station)]
    answer, _text = bulk(clerk_client, "print", parcels)
    page = clerk_client.get(answer.headers["Location"])
    assert page.status_code == 200
    text = re.sub("<[^>]*>", "", page.text)
    assert all(one.pickup_code in text for one in parcels)


@pytest.mark.parametrize(
    "data", [{}, {"action": "burn", "parcel": "1"}, {"action": "remind"}, {"action": "remind", "parcel": "x"}]
)
def test_bulk_refuses_what_it_does_not_know(clerk_client: FlaskClient, data: dict) -> None:
    assert clerk_client.post("/parcels/bulk", data=data | KEY).status_code == 422


def test_an_export_is_for_managers_masked_and_safe_to_open(
    web_station: Station, clerk_client: FlaskClient, manager_client: FlaskClient
) -> None:
    parcel = store(web_station)
    store(web_station, to=recipient(web_station, "13900001111", "-王芳"), layer_id=web_station.layer("2"))
    assert clerk_client.get("/parcels/export.csv").status_code == 403
    answer = manager_client.get("/parcels/export.csv?shelf=1")
    assert answer.status_code == 200
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert len(rows) == 2
    assert rows[1][0] == parcel.pickup_code
    assert rows[1][4:6] == ["陈**", "4068"]
    everything = manager_client.get("/parcels/export.csv").data.decode("utf-8-sig")
    assert "王芳" not in everything
    assert "13900001111" not in everything
    assert "'-" in everything


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_a_cell_that_would_run_is_made_text(cell: str) -> None:
    (row,) = csv.reader(io.StringIO(export.line(cell), newline=""))
    assert row == [f"'{cell}"]


def test_an_export_is_complete_beyond_one_page(
    web_station: Station, manager_client: FlaskClient, monkeypatch
) -> None:
    monkeypatch.setattr("station.parcels.views.EXPORT_PAGE", 7)
    stored = [store(web_station) for _ in range(20)]
    text = manager_client.get("/parcels/export.csv").data.decode("utf-8-sig")
    assert all(text.count(one.waybill) == 1 for one in stored)


def test_problems_are_grouped_with_their_next_step(web_station: Station, clerk_client: FlaskClient) -> None:
    assert "No problems" in clerk_client.get("/problems").text
    store(web_station, recipient=None, problem=Problem.NO_PHONE)
    store(web_station, carrier=None, problem=Problem.UNKNOWN_CARRIER)
    store(web_station, problem=Problem.ASK)
    held, lost = store(web_station), store(web_station)
    with transaction():
        handling.hold(web_station.clerk, held.parcel_id, reason="payment_due")
        handling.ask_write_off(web_station.manager, lost.parcel_id, reason="destroyed")
    text = clerk_client.get("/problems").text
    for words in (
        "Give phone",
        "Choose carrier",
        "Ask consent",
        "Lift the hold",
        "Something is still to be paid",
        "Decide",
    ):
        assert words in text, words


def test_an_open_question_is_listed(web_station: Station, clerk_client: FlaskClient) -> None:
    batch_id, number = open_batch(web_station), waybill()
    with transaction():
        counter.scan(web_station.clerk, batch_id, number, scanned_at=clock.now())
    text = clerk_client.get("/problems").text
    assert number in text
    assert "Whose is it?" in text
