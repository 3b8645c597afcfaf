"""The parcels list, the problems, one parcel's page and the export over HTTP."""

import csv
import html
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from station.core import clock
from station.core.db import db, reading, transaction
from station.events import queries as events
from station.parcels import counter, export, hand_over, handling, overdue, parcel_queries
from station.parcels.hand_over import Taker
from station.parcels.intake import CheckedIn
from station.parcels.lifecycle import Problem
from station.parcels.parcel_queries import Detail
from tests.factories import Station, make_station, open_batch, recipient, store, waybill

KEY = {"key": "page-0001"}


def look(station: Station, parcel: CheckedIn) -> Detail:
    with reading():
        return parcel_queries.detail(station.id, parcel.parcel_id)


def page_of(parcel: CheckedIn) -> str:
    return f"/parcels/{parcel.parcel_id}"


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
        "q=1111": there,
        "q=王": there,
        f"q={there.waybill[-6:]}": there,
    }.items():
        text = clerk_client.get(f"/parcels?{query}").text
        other = here if expected is there else there
        assert expected.waybill in text, query
        assert other.waybill not in text, query


def test_a_phone_number_never_stands_in_an_address(web_station: Station, clerk_client: FlaskClient) -> None:
    parcel = store(web_station)
    store(web_station, to=recipient(web_station, "13900001111", "王芳"))
    answer = clerk_client.post("/parcels/search", data={"text": "138 1234 4068"})
    assert answer.status_code == 303
    assert "4068" not in answer.headers["Location"]
    page = clerk_client.get(answer.headers["Location"])
    assert parcel.waybill in page.text
    assert "1111" not in page.text
    unknown = clerk_client.post("/parcels/search", data={"text": "13700000000"})
    assert "137" not in unknown.headers["Location"]
    assert "Nobody with this phone number" in clerk_client.get(unknown.headers["Location"]).text


def test_a_search_says_where_else_it_found_something(web_station: Station, clerk_client: FlaskClient) -> None:
    parcel = store(web_station)
    with transaction():
        hand_over.hand_over(web_station.clerk, parcel.parcel_id, Taker())
    page = clerk_client.get(f"/parcels?q={parcel.pickup_code}")
    assert "Not in this list, but known here" in page.text
    assert "Handed over" in page.text


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
        "person=x",
        "person=99999999999999999999",
        "after=x",
        "after=1-99999999999999999999",
        "q=" + "x" * 201,
    ],
)
def test_a_list_that_does_not_exist_is_refused(clerk_client: FlaskClient, query: str) -> None:
    answer = clerk_client.get(f"/parcels?{query}")
    assert answer.status_code == 422
    assert "from" in answer.text


@pytest.mark.parametrize("text", ["\x00", "📦", "-1", "'; drop table parcels; --", "%%%", "包" * 150])
def test_a_strange_search_finds_nothing(web_station: Station, clerk_client: FlaskClient, text: str) -> None:
    store(web_station)
    answer = clerk_client.post("/parcels/search", data={"text": text})
    assert answer.status_code == 303
    assert clerk_client.get(answer.headers["Location"]).status_code == 200


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
    assert all(one.pickup_code in page.text for one in parcels)


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


def test_a_parcels_page_tells_its_whole_story_masked(web_station: Station, clerk_client: FlaskClient) -> None:
    parcel, there = store(web_station), web_station.layer("2")
    with transaction():
        moved = handling.move(web_station.clerk, parcel.parcel_id, there)
        hand_over.hand_over(web_station.clerk, parcel.parcel_id, Taker())
        hand_over.undo_hand_over(web_station.manager, parcel.parcel_id, reason="wrong_person")
    text = clerk_client.get(page_of(parcel)).text
    for words in (
        f"Checked in at {parcel.pickup_code}.",
        f"Moved from {parcel.pickup_code} to {moved.pickup_code}.",
        "Handed over to the recipient.",
        "The hand-over was taken back: It went to the wrong person and came back.",
        "Manager",
        "Nobody has asked the recipient yet.",
        "The last four digits of the waybill",
        "After 48 hours of storage.",
    ):
        assert words in text, words
    assert "陈晓明" not in text
    assert "13812344068" not in text


def test_looking_behind_the_mask_needs_a_reason_shows_once_and_is_logged(
    web_station: Station, clerk_client: FlaskClient
) -> None:
    parcel = store(web_station)
    address = f"{page_of(parcel)}/unmask"
    for reason in ("", "curious"):
        assert clerk_client.post(address, data={"reason": reason, **KEY}).status_code == 422
    shown = clerk_client.post(address, data={"reason": "call", **KEY})
    assert shown.status_code == 200
    assert "陈晓明" in shown.text
    assert "13812344068" in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert "To call the recipient" in shown.text
    again = clerk_client.post(address, data={"reason": "call", **KEY})
    assert again.status_code == 303
    with reading():
        kinds = [one.kind for one in events.story(web_station.id, parcel.parcel_id)]
    assert kinds.count("personal_data_shown") == 1
    assert "陈晓明" not in clerk_client.get(page_of(parcel)).text


DEEDS = {
    "move": ({"row": "3-1"}, lambda one: str(one.pickup_code).startswith("3-1-")),
    "hold": ({"reason": "complaint"}, lambda one: one.hold_reason == "complaint"),
    "problem": ({"problem": "damaged"}, lambda one: one.problem == "damaged"),
    "remind": ({}, lambda one: one.state == "stored"),
    "return": ({"reason": "refused"}, lambda one: one.state == "returning"),
    "lost": ({"reason": "not_found"}, lambda one: one.state == "lost"),
    "recipient": ({"phone": "139 1234 0000", "name": "王芳"}, lambda one: one.phone_tail == "0000"),
    "carrier": ({"carrier": "zto"}, lambda one: one.carrier == "zto"),
    "consent": ({"choice": "always", "how": "in_person"}, lambda one: one.consent_basis == "standing"),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_each_deed_is_done_once_and_said(web_station: Station, clerk_client: FlaskClient, deed: str) -> None:
    parcel, (data, holds) = store(web_station), DEEDS[deed]
    for _ in range(2):
        assert clerk_client.post(f"{page_of(parcel)}/{deed}", data=data | KEY).status_code == 303
        assert 'class="flash ok"' in clerk_client.get(page_of(parcel)).text
    assert holds(look(web_station, parcel))


@pytest.mark.parametrize(
    ("deed", "data"),
    [
        ("move", {"row": ""}),
        ("hold", {"reason": "because"}),
        ("problem", {"problem": "no_phone"}),
        ("return", {}),
        ("recipient", {"phone": ""}),
        ("recipient", {"phone": "1" * 41}),
        ("carrier", {"carrier": "nobody"}),
        ("consent", {"choice": "maybe", "how": "in_person"}),
    ],
)
def test_a_deed_without_its_facts_is_refused(
    web_station: Station, clerk_client: FlaskClient, deed: str, data: dict
) -> None:
    parcel = store(web_station)
    assert clerk_client.post(f"{page_of(parcel)}/{deed}", data=data | KEY).status_code == 422


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"phone": "12", "name": ""}, "not a phone number"),
        ({"phone": "13812344068", "name": "<script>"}, "not a name"),
        ({"phone": "13812344068", "name": "📦"}, "not a name"),
    ],
)
def test_a_phone_or_name_that_is_none_is_said_plainly(
    web_station: Station, clerk_client: FlaskClient, data: dict, words: str
) -> None:
    parcel = store(web_station, recipient=None, problem=Problem.NO_PHONE)
    clerk_client.post(f"{page_of(parcel)}/recipient", data=data | KEY)
    assert words in clerk_client.get(page_of(parcel)).text
    assert look(web_station, parcel).recipient_id is None


def test_a_write_off_needs_another_person(
    web_station: Station, clerk_client: FlaskClient, manager_client: FlaskClient
) -> None:
    parcel = store(web_station)
    address = f"{page_of(parcel)}/write-off"
    clerk_client.post(f"{address}/ask", data={"reason": "destroyed", **KEY})
    clerk_client.post(f"{address}/confirm", data={"key": "page-0002"})
    assert "A colleague has to confirm this" in clerk_client.get(page_of(parcel)).text
    assert look(web_station, parcel).state == "stored"
    manager_client.post(f"{address}/confirm", data=KEY)
    assert look(web_station, parcel).state == "written_off"


def test_an_undo_on_the_page_brings_the_parcel_back(web_station: Station, clerk_client: FlaskClient) -> None:
    parcel = store(web_station)
    with transaction():
        hand_over.hand_over(web_station.clerk, parcel.parcel_id, Taker())
    clerk_client.post(f"{page_of(parcel)}/undo-hand-over", data={"reason": "not_taken", **KEY})
    assert look(web_station, parcel).state == "stored"


def test_a_picture_is_kept_and_shown_and_a_text_is_not(
    web_station: Station, clerk_client: FlaskClient
) -> None:
    parcel = store(web_station)
    address = f"{page_of(parcel)}/pictures"
    png = b"\x89PNG\r\n\x1a\n" + b"0" * 40
    files = {"kind": "signature", "picture": (io.BytesIO(png), "s.png"), **KEY}
    clerk_client.post(address, data=files, content_type="multipart/form-data")
    text = clerk_client.get(page_of(parcel)).text
    link = text.partition(f'src="{address}/')[2].partition('"')[0]
    picture = clerk_client.get(f"{address}/{link}")
    assert (picture.mimetype, picture.data) == ("image/png", png)
    wrong = {
        "kind": "signature",
        "picture": (io.BytesIO(b"<svg onload=alert(1)>"), "s.png"),
        "key": "page-0002",
    }
    clerk_client.post(address, data=wrong, content_type="multipart/form-data")
    assert "Choose a photo" in clerk_client.get(page_of(parcel)).text
    assert clerk_client.get(f"{address}/1").status_code == 404


@pytest.mark.parametrize(
    "rest", ["", "/unmask", "/move", "/undo-hand-over", "/write-off/confirm", "/pictures", "/nothing"]
)
def test_another_stations_parcel_does_not_exist(
    web_station: Station, clerk_client: FlaskClient, rest: str
) -> None:
    theirs = store(make_station("Elm Yard"))
    if not rest:
        assert clerk_client.get(page_of(theirs)).status_code == 404
        return
    data = {"reason": "wrong_parcel" if "undo" in rest else "call", "row": "1-1", "kind": "damage"}
    data |= {"picture": (io.BytesIO(b"\x89PNG\r\n\x1a\n0"), "s.png"), **KEY}
    assert clerk_client.post(page_of(theirs) + rest, data=data).status_code == 404


def test_a_form_without_a_key_is_refused(web_station: Station, clerk_client: FlaskClient) -> None:
    parcel = store(web_station)
    assert clerk_client.post(f"{page_of(parcel)}/hold", data={"reason": "complaint"}).status_code == 400


def test_pages_are_not_for_people_who_are_not_signed_in(client: FlaskClient) -> None:
    for address in ("/parcels", "/problems", "/parcels/1", "/parcels/export.csv"):
        assert client.get(address).status_code == 303


def test_times_are_the_stations_own(web_station: Station, clerk_client: FlaskClient) -> None:
    noon = datetime.fromisoformat("2026-11-20T04:00:00+00:00")
    with clock.use(lambda: noon):
        parcel = store(web_station)
    assert "20 Nov 12:00" in clerk_client.get(page_of(parcel)).text
