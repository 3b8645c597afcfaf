"""The people page: finding somebody, what it shows, and that nothing personal is shown unasked."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, select

from station.core.db import db, reading, transaction
from station.events.models import CustodyEvent
from station.parcels import hand_over
from station.parcels.hand_over import Taker
from station.residents import notes, service
from tests.factories import make_station, recipient, store
from tests.http.forms import post

PHONE = "13812344068"
PRIVACY = "17012340000,8462"  # not the one the form gives as an example
NAME = "陈晓明"


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


def find(client, text):
    return client.post("/people/find", data={"text": text})


def page(client, who):
    return client.get(f"/people/{who.id}")


def logged(station, kind):
    with reading():
        return list(
            db.session.scalars(
                select(CustodyEvent.data).where(
                    CustodyEvent.station_id == station.id, CustodyEvent.kind == kind
                )
            )
        )


@pytest.mark.parametrize("text", ["4068", PHONE, "+86 138 1234 4068", NAME, "陈"])
def test_somebody_alone_is_opened_at_once(web_station, clerk_client, text):
    who = recipient(web_station, PHONE, NAME)

    answer = find(clerk_client, text)

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/people/{who.id}")


def test_several_are_listed_masked_those_with_parcels_first(web_station, clerk_client):
    idle, waiting = recipient(web_station, PHONE, NAME), recipient(web_station, "13900004068", "王五")
    store(web_station, to=waiting)

    text = find(clerk_client, "4068").text

    assert text.index(f"/people/{waiting.id}") < text.index(f"/people/{idle.id}")
    assert "1 parcel waiting" in text
    for personal in (PHONE, NAME, "13900004068", "王五"):
        assert personal not in text


@pytest.mark.parametrize("text", ["", "   ", "0000", "13999999999", "x" * 200, "12-3-3210", "' or 1=1 --"])
def test_nobody_found_says_what_to_try(web_station, clerk_client, text):
    recipient(web_station, PHONE, NAME)

    answer = find(clerk_client, text)

    assert answer.status_code == 200
    assert "Nobody found." in answer.text


def test_a_text_too_long_is_refused(clerk_client):
    assert find(clerk_client, "4" * 5000).status_code == 422


def test_the_first_page_lists_for_whom_most_waits(web_station, clerk_client):
    assert "No parcel waits for anybody." in clerk_client.get("/people").text
    who = recipient(web_station, PHONE, NAME)
    store(web_station, to=who)

    text = clerk_client.get("/people").text

    assert f"/people/{who.id}" in text
    assert NAME not in text


def test_a_person_s_page_shows_what_waits_what_left_and_what_they_wish(web_station, clerk_client):
    who = recipient(web_station, PHONE, NAME)
    here, gone = store(web_station, to=who), store(web_station, to=who)
    with transaction():
        hand_over.hand_over(web_station.clerk, gone.parcel_id, Taker())
        service.record_consent(web_station.clerk, who.id, choice="station", how="in_person")

    text = page(clerk_client, who).text

    assert f"/parcels/{here.parcel_id}" in text
    assert f"/parcels/{gone.parcel_id}" in text
    for told in ("Here now", "to be collected by ", "Handed over", "keep it here", "Pickup code"):
        assert told in text, told
    assert NAME not in text
    assert PHONE not in text


def test_looking_behind_the_mask_needs_a_reason_shows_once_and_is_logged(web_station, clerk_client):
    who = recipient(web_station, PHONE, NAME)
    address = f"/people/{who.id}/unmask"
    for reason in ("", "curious"):
        assert post(clerk_client, address, {"reason": reason}).status_code == 422

    shown = post(clerk_client, address, {"reason": "call"}, key="look-once")
    again = post(clerk_client, address, {"reason": "call"}, key="look-once")

    assert NAME in shown.text
    assert PHONE in shown.text
    assert again.status_code == 303
    assert PHONE not in page(clerk_client, who).text
    (told,) = logged(web_station, "personal_data_shown")
    assert str(who.id) in told
    assert NAME not in told


def test_a_note_is_written_and_erased(web_station, clerk_client):
    who = recipient(web_station, PHONE, NAME)

    post(clerk_client, f"/people/{who.id}/notes", {"text": "<b>Deaf</b>, please write."})

    text = page(clerk_client, who).text
    assert "&lt;b&gt;Deaf&lt;/b&gt;, please write." in text
    assert "Clerk" in text
    with reading():
        (note,) = notes.of(web_station.id, who.id)
    post(clerk_client, f"/people/{who.id}/notes/{note.id}/erase")
    assert "please write" not in page(clerk_client, who).text


@pytest.mark.parametrize(("text", "status"), [("", 303), ("x" * 301, 303), ("x" * 5000, 422)])
def test_a_note_that_is_none_is_refused(web_station, clerk_client, text, status):
    who = recipient(web_station, PHONE, NAME)

    assert post(clerk_client, f"/people/{who.id}/notes", {"text": text}).status_code == status

    with reading():
        assert notes.of(web_station.id, who.id) == []


def test_two_names_at_one_phone_are_merged_and_separated(web_station, clerk_client):
    kept, other = recipient(web_station, PHONE, NAME), recipient(web_station, PHONE, "陈小明")
    parcel = store(web_station, to=other)

    post(clerk_client, f"/people/{kept.id}/merge/{other.id}")

    text = page(clerk_client, kept).text
    assert "Merged. Both names are this person now." in text
    assert f"/parcels/{parcel.parcel_id}" in text
    assert page(clerk_client, other).headers["Location"] == f"/people/{kept.id}"

    post(clerk_client, f"/people/{kept.id}/separate/{other.id}")
    assert page(clerk_client, other).status_code == 200


def test_two_phones_are_not_merged(web_station, clerk_client):
    one, two = recipient(web_station, PHONE, NAME), recipient(web_station, "13900004068", NAME)

    post(clerk_client, f"/people/{one.id}/merge/{two.id}")

    assert "they are never merged" in page(clerk_client, one).text


def test_a_privacy_number_is_linked(web_station, clerk_client):
    who, hidden = recipient(web_station, PHONE, NAME), recipient(web_station, PRIVACY, None)
    parcel = store(web_station, to=hidden)

    post(clerk_client, f"/people/{who.id}/link", {"phone": PRIVACY})

    assert f"/parcels/{parcel.parcel_id}" in page(clerk_client, who).text
    assert PRIVACY not in page(clerk_client, who).text


@pytest.mark.parametrize("phone", ["", "abc", "9" * 39, "9" * 500])
def test_a_number_that_is_none_is_not_linked(web_station, clerk_client, phone):
    who = recipient(web_station, PHONE, NAME)

    assert post(clerk_client, f"/people/{who.id}/link", {"phone": phone}).status_code == 422


def test_people_of_another_station_are_not_found(web_station, clerk_client):
    stranger = recipient(make_station("Elm"), PHONE, NAME)
    who = recipient(web_station, "13900001111", "王五")

    assert page(clerk_client, stranger).status_code == 404
    for path in ("unmask", "notes", f"merge/{who.id}", f"separate/{who.id}"):
        fields = {"reason": "call", "text": "x"}
        assert post(clerk_client, f"/people/{stranger.id}/{path}", fields).status_code == 404, path
    assert post(clerk_client, f"/people/{who.id}/merge/{stranger.id}").status_code == 404
    assert "Nobody found." in find(clerk_client, PHONE).text


def test_pages_cost_the_same_however_much_there_is(web_station, clerk_client):
    who = recipient(web_station, PHONE, NAME)
    store(web_station, to=who)
    recipient(web_station, PHONE, "陈一")
    addresses = (f"/people/{who.id}", "/people")
    for address in addresses:
        clerk_client.get(address)
    with counted() as few:
        for address in addresses:
            clerk_client.get(address)
        find(clerk_client, "4068")
    for number in range(6):
        store(web_station, to=who)
        store(web_station, to=recipient(web_station, PHONE, f"陈{'二三四五六七'[number]}"))
        with transaction():
            notes.add(web_station.clerk, who.id, f"note {number}")

    with counted() as many:
        for address in addresses:
            clerk_client.get(address)
        find(clerk_client, "4068")

    # The one more reads the names of those who wrote the notes.
    assert len(many) <= len(few) + 1
