"""From an owed message to words on a channel: what is told, when not, and what happens when sending fails."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from station.core import clock
from station.core.db import connection, reading, transaction
from station.core.i18n import speaking
from station.core.phones import parse
from station.events import outbox
from station.events.models import CustodyEvent
from station.events.outbox import LAST_ATTEMPT
from station.network.models import StationSettings
from station.notices import dispatch, queries, texts
from station.notices.channels import ChannelError
from station.notices.texts import Facts, Topic
from station.parcels import handling
from station.parcels.hand_over import Taker, hand_over
from tests import factories

LATER = timedelta(minutes=5)


class Recorder:
    """A channel that remembers, and fails as often as it is told to."""

    name = "recorder"
    medium = "sms"

    def reaches(self, phone, email):
        return True

    def __init__(self, failures=0):
        self.messages, self.failures = [], failures

    def send(self, message):
        if self.failures:
            self.failures -= 1
            raise ChannelError("file_not_writable")
        self.messages.append(message)


class Crashing(Recorder):
    """A channel that delivers and takes the process down before it could be kept."""

    def send(self, message):
        super().send(message)
        raise KeyboardInterrupt


@pytest.fixture
def channel():
    return Recorder()


def run(station, channel, *, after=LATER):
    return dispatch.run_due(station.id, [channel], clock.now() + after)


def hand_out(station, checked_in):
    with transaction():
        return hand_over(station.clerk, checked_in.parcel_id, Taker())


def move(station, checked_in):
    layer_id = station.layer("2", 1)
    with transaction():
        return handling.move(station.clerk, checked_in.parcel_id, layer_id)


def set_language(station, language):
    with transaction():
        connection().execute(
            update(StationSettings)
            .where(StationSettings.station_id == station.id)
            .values(language=language, version=StationSettings.version + 1)
        )


def events(station, kind):
    with reading():
        query = select(CustodyEvent.parcel_id).where(
            CustodyEvent.station_id == station.id, CustodyEvent.kind == kind
        )
        return list(connection().scalars(query.order_by(CustodyEvent.seq)))


def test_parcels_of_a_batch_become_one_message(station, channel):
    first, second = factories.store(station), factories.store(station)

    tally = run(station, channel)

    assert tally == dispatch.Tally(sent=1)
    assert f"{first.pickup_code}, {second.pickup_code}" in channel.messages[0].text
    assert channel.messages[0].to == parse("13812344068")


def test_nothing_is_sent_before_its_time(station, channel):
    factories.store(station)

    assert run(station, channel, after=timedelta(0)) == dispatch.Tally()


def test_nothing_is_sent_twice(station, channel):
    factories.store(station)
    run(station, channel)

    assert run(station, channel, after=timedelta(days=30)) == dispatch.Tally()


def test_parcel_that_left_is_not_told_of(station, channel):
    gone, here = factories.store(station), factories.store(station)
    hand_out(station, gone)
    run(station, channel)

    assert gone.pickup_code not in channel.messages[0].text
    assert here.pickup_code in channel.messages[0].text


def test_no_message_when_every_parcel_left(station, channel):
    hand_out(station, factories.store(station))

    assert run(station, channel) == dispatch.Tally()


def test_parcel_that_leaves_between_attempts_is_not_told_of(station):
    channel = Recorder(failures=1)
    parcel = factories.store(station)
    run(station, channel)
    hand_out(station, parcel)

    run(station, channel, after=timedelta(hours=1))

    assert channel.messages == []


def test_moved_parcel_is_told_with_its_new_code(station, channel):
    parcel = factories.store(station)
    run(station, channel)
    moved = move(station, parcel)
    run(station, channel)

    assert moved.pickup_code in channel.messages[1].text
    assert parcel.pickup_code not in channel.messages[1].text


def test_failed_message_is_sent_later_under_the_same_id(station):
    channel = Recorder(failures=1)
    factories.store(station)

    first = run(station, channel)
    early = run(station, channel)
    later = run(station, channel, after=timedelta(minutes=10))

    assert (first, early, later) == (dispatch.Tally(failed=1), dispatch.Tally(), dispatch.Tally(sent=1))


def test_message_that_always_fails_ends_dead_and_in_the_log(station):
    channel = Recorder(failures=99)
    parcel = factories.store(station)
    tally = dispatch.Tally()
    for hour in range(1, LAST_ATTEMPT + 5):
        tally += run(station, channel, after=timedelta(hours=2 * hour))

    with reading():
        told = queries.last_messages(station.id, [parcel.parcel_id])[parcel.parcel_id]
    assert tally == dispatch.Tally(failed=LAST_ATTEMPT)
    assert told.state == "dead"
    assert events(station, "message_failed") == [parcel.parcel_id]


def test_crash_between_sending_and_keeping_sends_again_under_the_same_id(station):
    factories.store(station)
    crashing, channel = Crashing(), Recorder()
    with pytest.raises(KeyboardInterrupt):
        run(station, crashing)

    run(station, channel, after=timedelta(hours=1))

    assert [message.id for message in channel.messages] == [message.id for message in crashing.messages]


def test_sent_message_stands_in_each_parcels_story(station, channel):
    first, second = factories.store(station), factories.store(station)
    run(station, channel)

    assert events(station, "message_sent") == [first.parcel_id, second.parcel_id]


def test_last_message_of_a_list_of_parcels(station, channel):
    told, waiting = (
        factories.store(station),
        factories.store(station, to=factories.recipient(station, "13700000001")),
    )
    with transaction():
        run_only = outbox.claim_next(station.id, clock.now() + LATER)
        outbox.mark_sent(run_only, channel="console", body="Hello")
    with reading():
        found = queries.last_messages(station.id, [told.parcel_id, waiting.parcel_id, 1])

    assert found[told.parcel_id].text == "Hello"
    assert found[waiting.parcel_id].state == "open"
    assert 1 not in found


def test_all_messages_of_a_parcel_in_order(station, channel):
    parcel = factories.store(station)
    run(station, channel)
    move(station, parcel)
    with reading():
        found = queries.messages_of(station.id, parcel.parcel_id)

    assert [(told.topic, told.state) for told in found] == [("stored", "sent"), ("moved", "open")]


def test_every_station_with_due_messages_is_served(station, channel):
    other = factories.make_station("Elm Yard")
    factories.store(station)
    factories.store(other)
    dispatch.run_all(lambda _: [channel], clock.now() + LATER)

    assert {message.text[: message.text.index("]")] for message in channel.messages} >= {
        "[Maple Court",
        "[Elm Yard",
    }


def test_message_speaks_the_stations_language(station, channel):
    set_language(station, "zh")
    parcel = factories.store(station)
    with speaking("en"):
        run(station, channel)

    assert re.match(rf"【Maple Court】凭 {parcel.pickup_code} 取件", channel.messages[0].text)


def test_message_shows_neither_waybill_nor_phone(station, channel):
    parcel = factories.store(station, to=factories.recipient(station, "13598765432", "赵敏"))
    run(station, channel)
    text = channel.messages[0].text.replace(parcel.pickup_code, "")

    assert parcel.waybill not in text
    assert "赵" not in text
    assert not re.search(r"\d{4}", text)


def test_message_asks_when_consent_is_unknown(station, channel):
    factories.store(station, consent="unknown")
    run(station, channel)

    assert "Tell us at the counter" in channel.messages[0].text


def test_message_does_not_ask_when_consent_is_known(station, channel):
    factories.store(station, consent="this_parcel")
    run(station, channel)

    assert "counter" not in channel.messages[0].text


FACTS = Facts("Maple Court", ("6-5-3002", "6-2-3006"), date(2026, 11, 28), asks_consent=False)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("topic", list(Topic))
def test_every_topic_has_words(topic, language):
    with speaking(language):
        text = texts.write(topic, FACTS)

    assert "6-5-3002, 6-2-3006" in text
    assert "%(" not in text
    assert not re.search(r"\d{4}", re.sub(r"6-\d-\d{4}", "", text))


@pytest.mark.parametrize("topic", [Topic.STORED, Topic.MOVED, Topic.REMIND, Topic.OVERDUE, Topic.ALERT])
def test_phones_find_the_code_in_chinese(topic):
    with speaking("zh"):
        text = texts.write(topic, replace(FACTS, codes=("12-3-3210",)))

    assert re.search(r"凭\s*(?:取件码)?\s*12-3-3210\s*取", text)


def test_one_parcel_and_several_read_differently():
    with speaking("en"):
        one = texts.write(Topic.REMIND, replace(FACTS, codes=("6-5-3002",)))
        two = texts.write(Topic.REMIND, FACTS)

    assert "Your parcel is waiting" in one
    assert "2 parcels are waiting" in two


def test_many_codes_are_cut_short():
    facts = replace(FACTS, codes=tuple(f"1-1-{number}" for number in range(25)))
    with speaking("en"):
        text = texts.write(Topic.STORED, facts)

    assert "1-1-9 and 15 more" in text
    assert "1-1-10" not in text
