"""The recipient's link in messages: where it stands, that it is not kept, and that it tells nothing of a number."""

import pytest

from station.core import clock
from station.core.db import reading, transaction
from station.core.phones import parse
from station.events import outbox
from station.notices import composing, dispatch, message_queries, wording
from station.notices.message_queries import Which
from station.notices.texts import Topic
from station.residents import links
from tests import factories
from tests.services.test_dispatch import LATER, Recorder

ADDRESS = "https://pickup.example.org"


@pytest.fixture(autouse=True)
def address(station):
    links.configure(ADDRESS)
    yield
    links.configure("")


def send(station):
    channel = Recorder()
    dispatch.run_due(station.id, [channel], clock.now() + LATER)
    return [message.text for message in channel.messages]


def kept(station):
    with reading():
        return [line.body for line in message_queries.page(station.id, Which.SENT).lines]


def test_question_leads_to_the_answer(station):
    factories.store(station, consent="unknown")
    (text,) = send(station)

    assert f"Choose here: {ADDRESS}/t/" in text
    assert ADDRESS not in kept(station)[0]
    assert "Choose here: […]" in kept(station)[0]


def test_first_message_without_a_question_is_short(station):
    factories.store(station, consent="this_parcel")

    assert ADDRESS not in send(station)[0]


def test_reminder_leads_to_more_time(station):
    parcel, person = factories.store(station, consent="this_parcel"), factories.recipient(station)
    send(station)
    with transaction():
        outbox.enqueue(
            station.id,
            topic="remind",
            recipient_id=person.id,
            parcel_id=parcel.parcel_id,
            due_at=clock.now(),
        )

    assert f"Need more time? {ADDRESS}/t/" in send(station)[0]


def test_stations_own_words_say_where_it_stands(station):
    with transaction():
        wording.choose(station.manager, Topic.STORED, "en", body="Code {codes}: {link} till {day}")
    factories.store(station, consent="this_parcel")

    (text,) = send(station)
    assert text.count(ADDRESS) == 1


def test_address_with_a_part_of_the_number_is_left_out(station):
    links.configure("http://station:4068")
    factories.store(station, consent="unknown")

    (text,) = send(station)
    assert "4068" not in text
    assert "Tell us at the counter" in text


@pytest.mark.parametrize(
    ("number", "text", "found"),
    [
        ("13812344068", "a 4068 b", True),
        ("13812344068", "a 90234406 b", True),
        ("13812344068", "a 406 8 b", False),
        ("17012345678,8462", "x8462", True),
        ("13812344068", "9999", False),
    ],
)
def test_part_of_a_number_is_found(number, text, found):
    assert composing.tells_of(parse(number), text) is found
