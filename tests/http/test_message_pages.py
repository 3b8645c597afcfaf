"""The pages of messages and of their words over HTTP."""

import re

import pytest
from sqlalchemy import event, update

from station.core import clock
from station.core.db import connection, db, reading, transaction
from station.events.models import OutboxMessage
from station.notices import dispatch, message_queries, queries
from station.notices.message_queries import Which
from tests.factories import recipient, store
from tests.http.forms import post
from tests.services.test_dispatch import LATER, Recorder

WORDS = "/settings/words/stored/en"
GOOD = "Your code {codes} waits at {station}."


def send(station, *channels):
    dispatch.run_due(station.id, channels, clock.now() + LATER)


def dead(station):
    with reading():
        return message_queries.page(station.id, Which.DEAD).lines


def own(station, language="en"):
    with reading():
        return queries.own_words(station.id, "stored", language)


@pytest.mark.parametrize(
    "path", ["/messages", "/messages?list=call", "/settings/words", WORDS, f"{WORDS}/preview"]
)
def test_clerk_sees_none_of_these_pages(clerk_client, path):
    assert clerk_client.get(path).status_code == 403


def test_lists_show_messages_masked(web_station, manager_client):
    person = recipient(web_station)
    store(web_station, to=person)
    send(web_station)
    parcel = store(web_station, to=person)
    send(web_station, Recorder())
    call, sent = (manager_client.get(f"/messages?list={which}").text for which in ("call", "sent"))

    assert "No channel reaches this person" in call
    assert f"Pickup code {parcel.pickup_code}." in sent
    for page in (call, sent):
        assert "4068" in page
        assert "13812344068" not in page
        assert "陈晓明" not in page


def test_message_of_which_nobody_knows_says_so(web_station, manager_client):
    store(web_station)
    send(web_station)
    (line,) = dead(web_station)
    with transaction():
        mine = (OutboxMessage.station_id == web_station.id, OutboxMessage.id == line.id)
        connection().execute(update(OutboxMessage).where(*mine).values(failure="not settled"))

    assert "nobody knows whether it went out" in manager_client.get("/messages").text


@pytest.mark.parametrize("query", ["list=nonsense", "before=x", "before=-1", "before=99999999999999999999"])
def test_lists_that_do_not_exist_are_refused(manager_client, query):
    assert manager_client.get(f"/messages?{query}").status_code == 422


def test_message_is_sent_again_and_only_once(web_station, manager_client):
    store(web_station)
    send(web_station)
    (line,) = dead(web_station)
    first = post(manager_client, f"/messages/{line.id}/resend", follow_redirects=True)
    second = post(manager_client, f"/messages/{line.id}/called", follow_redirects=True)
    channel = Recorder()
    send(web_station, channel)

    assert "It is sent again" in first.text
    assert "Somebody has dealt with this message already." in second.text
    assert len(channel.messages) == 1


def test_called_message_leaves_the_call_list(web_station, manager_client):
    store(web_station)
    send(web_station)
    page = post(manager_client, f"/messages/{dead(web_station)[0].id}/called", follow_redirects=True)

    assert "Kept: the recipient was called." in page.text
    assert "Nobody has to be called." in page.text


def test_unknown_message_is_not_found(manager_client):
    for act in ("resend", "called"):
        assert post(manager_client, f"/messages/1/{act}").status_code == 404


def statements_of(browser, path):
    """Count the statements of a page."""
    seen = []

    def note(*args):
        seen.append(args[2])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert browser.get(path).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


def test_page_asks_the_same_number_of_statements_however_many_messages(web_station, manager_client):
    counts = []
    for round_ in range(2):
        for number in range(3 + 20 * round_):
            store(web_station, to=recipient(web_station, f"138000{round_}{number:04d}"))
        counts.append(statements_of(manager_client, "/messages?list=waiting"))

    assert counts[0] == counts[1] <= 20


def test_next_page_goes_on(web_station, manager_client, monkeypatch):
    monkeypatch.setattr(message_queries, "PAGE", 1)
    tails = ("0001", "0002")
    for tail in tails:
        store(web_station, to=recipient(web_station, f"1380000{tail}"))
    page = manager_client.get("/messages?list=waiting").text
    link = re.search(r'href="(/messages\?list=waiting&amp;before=\d+)"', page)[1].replace("&amp;", "&")

    assert tails[1] in page
    assert tails[0] in manager_client.get(link).text


def test_words_are_listed_and_changed(web_station, manager_client):
    assert "Pickup code {codes}. Please collect by {day}." in manager_client.get("/settings/words").text
    assert post(manager_client, WORDS, data={"body": GOOD}).status_code == 303
    assert own(web_station) == GOOD
    assert "Your own" in manager_client.get("/settings/words").text
    parcel, channel = store(web_station, consent="this_parcel"), Recorder()
    send(web_station, channel)

    assert channel.messages[0].text == f"[Maple Court] Your code {parcel.pickup_code} waits at Maple Court."


def test_words_of_before_stay_and_the_built_in_ones_come_back(web_station, manager_client):
    post(manager_client, WORDS, data={"body": GOOD})
    post(manager_client, WORDS, data={"body": GOOD, "ours": "1"})
    page = manager_client.get(WORDS).text

    assert own(web_station) is None
    assert own(web_station, "zh") is None
    assert GOOD in page
    assert "Pickup code {codes}. Please collect by {day}." in page


@pytest.mark.parametrize("body", ["", "no code", "Code {codes} {x.__class__}", "a\x00{codes}", "x" * 5000])
def test_bad_words_are_refused_and_kept_for_correcting(web_station, manager_client, body):
    answer = post(manager_client, WORDS, data={"body": body})

    assert answer.status_code == 422
    assert own(web_station) is None


@pytest.mark.parametrize(
    "path", ["/settings/words/nonsense/en", "/settings/words/stored/xx", "/settings/words/x/y/preview"]
)
def test_words_that_do_not_exist_are_not_found(manager_client, path):
    assert manager_client.get(path).status_code == 404


def test_preview_shows_the_message_its_parts_and_its_cost(manager_client):
    post(
        manager_client, "/settings/words/price", data={"channel": "webhook", "price": "45", "currency": "CNY"}
    )
    good = manager_client.get(f"{WORDS}/preview", query_string={"body": GOOD}).text
    bad = manager_client.get(f"{WORDS}/preview", query_string={"body": "<script>{codes}"}).text

    assert "[Maple Court] Your code 12-3-3210 waits at Maple Court." in good
    assert "1 SMS part" in good
    assert "0.045 CNY" in good
    assert "right before {codes}" in bad
    assert "<script>" not in bad


@pytest.mark.parametrize(
    "wrong", [{"price": "-1"}, {"price": "x"}, {"currency": "XXX"}, {"channel": "pigeon"}]
)
def test_prices_that_make_no_sense_are_refused(web_station, manager_client, wrong):
    data = {"channel": "webhook", "price": "45.00", "currency": "CNY"} | wrong

    assert post(manager_client, "/settings/words/price", data=data).status_code == 422
    with reading():
        assert queries.prices(web_station.id) == {}


def test_costs_stand_on_the_page(web_station, manager_client):
    store(web_station)
    send(web_station, Recorder())
    assert "no price known" in manager_client.get("/messages").text
