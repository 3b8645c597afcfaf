"""Messages that were given up: sent again once, called about once, listed for whoever has to see to them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from station.core import clock
from station.core.db import connection, reading, transaction
from station.core.errors import StationError
from station.events import message_retention
from station.events.models import CustodyEvent, OutboxMessage
from station.notices import dispatch, message_queries, notes, undelivered, wording
from station.notices.channels import RefusedError
from station.notices.message_queries import Which
from station.notices.queries import Price
from station.parcels.hand_over import Taker, hand_over
from tests import factories
from tests.services.test_dispatch import LATER, Recorder


class Refusing(Recorder):
    """A channel that will never take anything."""

    def send(self, message):
        raise RefusedError("address_refused")


def send(station, *channels, after=LATER):
    return dispatch.run_due(station.id, channels, clock.now() + after)


def listed(station, which):
    with reading():
        return message_queries.page(station.id, which).lines


def give_up(station, *channels):
    parcel = factories.store(station)
    send(station, *channels)
    (line,) = listed(station, Which.DEAD)
    return parcel, line


def resend(station, message_id):
    with transaction():
        return undelivered.resend(station.manager, message_id)


def call(station, message_id):
    with transaction():
        undelivered.called(station.manager, message_id)


def kinds(station):
    with reading():
        query = select(CustodyEvent.kind, CustodyEvent.parcel_id).where(CustodyEvent.station_id == station.id)
        return [tuple(row) for row in connection().execute(query.order_by(CustodyEvent.seq))]


def test_message_that_was_given_up_is_sent_again_as_a_new_one(station):
    parcel, dead = give_up(station, Refusing())
    new, channel = resend(station, dead.id), Recorder()
    send(station, channel)

    assert [message.id for message in channel.messages] == [new]
    assert parcel.pickup_code in channel.messages[0].text
    assert listed(station, Which.DEAD)[0].resent_as == new
    assert ("message_resent", parcel.parcel_id) in kinds(station)


def test_message_is_sent_again_once(station):
    _parcel, dead = give_up(station, Refusing())
    resend(station, dead.id)

    for act in (resend, call):
        with pytest.raises(StationError, match="dealt with"):
            act(station, dead.id)


def test_what_left_since_is_not_told_of_again(station):
    parcel, dead = give_up(station, Refusing())
    with transaction():
        hand_over(station.clerk, parcel.parcel_id, Taker())
    resend(station, dead.id)
    channel = Recorder()
    send(station, channel)

    assert channel.messages == []


def test_message_that_is_not_dead_is_not_sent_again(station):
    factories.store(station)
    (waiting,) = listed(station, Which.WAITING)
    for message_id in (waiting.id, 1):
        with pytest.raises(StationError):
            resend(station, message_id)


def test_other_stations_message_does_not_exist_here(station):
    _parcel, dead = give_up(station, Refusing())
    other = factories.make_station("Elm Yard")
    with pytest.raises(StationError, match="no such message"), transaction():
        undelivered.called(other.manager, dead.id)


def test_code_is_not_sent_again(station):
    _parcel, dead = give_up(station, Refusing())
    with transaction():
        topic = next(iter(notes.SECRET))
        connection().execute(update(OutboxMessage).where(OutboxMessage.id == dead.id).values(topic=topic))
    with pytest.raises(StationError, match="not sent again"):
        resend(station, dead.id)


def test_who_no_channel_reaches_stands_on_the_call_list_until_called(station):
    parcel, dead = give_up(station)
    assert [line.id for line in listed(station, Which.CALL)] == [dead.id]
    assert dead.parcels == ((parcel.parcel_id, parcel.pickup_code),)
    call(station, dead.id)

    assert listed(station, Which.CALL) == []
    assert listed(station, Which.DEAD)[0].called_at is not None
    assert ("message_called", parcel.parcel_id) in kinds(station)


def test_lists_and_counts_say_what_became_of_messages(station):
    give_up(station)
    factories.store(station)
    send(station, Recorder())
    factories.store(station)
    with reading():
        counts = message_queries.counts(station.id)

    assert counts == {Which.CALL: 1, Which.DEAD: 1, Which.WAITING: 1}
    assert len(listed(station, Which.SENT)) == 1


def test_lists_go_on_where_the_page_before_ended(station, monkeypatch):
    monkeypatch.setattr(message_queries, "PAGE", 2)
    for number in range(5):
        factories.store(station, to=factories.recipient(station, f"1380000000{number}"))
    seen, before = [], None
    for _ in range(3):
        with reading():
            page = message_queries.page(station.id, Which.WAITING, before=before)
        seen += [line.id for line in page.lines]
        before = page.next_before

    assert before is None
    assert len(seen) == len(set(seen)) == 5
    assert seen == sorted(seen, reverse=True)


def test_months_cost_what_their_messages_cost_then(station):
    october = datetime(2026, 10, 31, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    price(station, 4500)
    send_at(station, october)
    price(station, 9000)
    send_at(station, october + timedelta(minutes=2))
    send_at(station, october + timedelta(minutes=3))
    with reading():
        november, previous, *older = message_queries.months(station.id, "Asia/Shanghai", date(2026, 11, 21))

    assert (november.first, november.sent, november.parts, november.costs) == (
        date(2026, 11, 1),
        2,
        2,
        (("CNY", 18),),
    )
    assert (previous.sent, previous.costs) == (1, (("CNY", 4),))  # 4.5 fen, to the even one
    assert [month.sent for month in older] == [0, 0, 0, 0]


def price(station, minor):
    with transaction():
        wording.set_price(station.manager, "recorder", Price(minor, "CNY"))


def send_at(station, moment):
    with clock.use(lambda: moment):
        factories.store(station)
        assert send(station, Recorder()).sent == 1


def test_words_of_long_ago_are_erased_and_the_log_says_so(station):
    with clock.use(lambda: datetime.now(UTC) - timedelta(days=91)):
        factories.store(station)
        send(station, Recorder())
    factories.store(station, to=factories.recipient(station, "13900000001"))
    send(station, Recorder())
    erased = []
    for _ in range(2):
        with transaction():
            erased.append(message_retention.erase_bodies(station.id))

    assert erased == [1, 0]
    assert [line.body is None for line in listed(station, Which.SENT)] == [False, True]
    assert [kind for kind, _parcel in kinds(station)].count("messages_erased") == 1
