"""Messages in quiet hours: what waits until when, what does not, and what a person's own wishes change."""

from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import select, update

from station.core import clock
from station.core.db import connection, reading, transaction
from station.core.phones import parse
from station.events import outbox
from station.events.models import OutboxMessage
from station.network.models import StationSettings
from station.notices import dispatch
from station.residents import preferences, sign_in
from station.residents.preferences import Preferences, Way
from tests import factories
from tests.services.test_dispatch import Recorder

MORNING = datetime(2026, 11, 22, 0, tzinfo=UTC)  # 08:00 in Shanghai
EVENING = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)  # 20:30


def at(moment):
    return clock.use(lambda: moment)


@pytest.fixture(autouse=True)
def nights(station):
    be_quiet(station, until="08:00")


def be_quiet(station, *, until):
    with transaction():
        connection().execute(
            update(StationSettings)
            .where(StationSettings.station_id == station.id)
            .values(quiet_from="21:00", quiet_until=until)
        )


@pytest.fixture
def channel():
    return Recorder()


def send(station, channel, moment):
    with at(moment):
        return dispatch.run_due(station.id, [channel], moment).sent


def states(station):
    with reading():
        query = select(OutboxMessage.state, OutboxMessage.attempts).where(
            OutboxMessage.station_id == station.id
        )
        return [tuple(row) for row in connection().execute(query.order_by(OutboxMessage.id))]


def test_message_of_the_night_goes_out_in_the_morning(station, channel):
    with at(EVENING + timedelta(hours=2)):
        factories.store(station)

    night = [send(station, channel, EVENING + timedelta(hours=hours)) for hours in (3, 6, 11)]
    early, due = (send(station, channel, MORNING + timedelta(seconds=second)) for second in (-1, 0))

    assert (night, early, due) == ([0, 0, 0], 0, 1)


def test_waiting_counts_as_no_attempt_and_further_parcels_join(station, channel):
    with at(EVENING + timedelta(hours=2)):
        first = factories.store(station)
    send(station, channel, EVENING + timedelta(hours=3))
    assert states(station) == [("open", 0)]
    with at(EVENING + timedelta(hours=4)):
        second = factories.store(station)
    send(station, channel, MORNING)

    assert [message.text.count("-1-") for message in channel.messages] == [2]
    assert first.pickup_code in channel.messages[0].text
    assert second.pickup_code in channel.messages[0].text


def test_next_attempt_waits_too_and_keeps_its_count(station):
    channel = Recorder(failures=1)
    with at(EVENING):
        factories.store(station)
    send(station, channel, EVENING + timedelta(minutes=29, seconds=30))
    night = send(station, channel, EVENING + timedelta(minutes=31))

    assert (night, states(station)) == (0, [("claimed", 1)])
    assert send(station, channel, MORNING) == 1


def test_code_to_sign_in_does_not_wait(station, channel):
    factories.recipient(station)
    night = EVENING + timedelta(hours=3)
    with at(night), transaction():
        sign_in.ask(parse("13812344068"), address="10.0.0.1")

    assert send(station, channel, night) == 1


@pytest.mark.parametrize(("until", "sent"), [("12:00", 1), ("09:00", 0)])
def test_last_warning_goes_out_when_the_parcel_goes_back_before_the_quiet_ends(station, channel, until, sent):
    night = EVENING + timedelta(hours=2)
    with at(night - timedelta(days=7)):
        parcel, person = factories.store(station), factories.recipient(station)
    send(
        station, channel, MORNING - timedelta(days=6)
    )  # it goes back at 10:00, an hour after the station opens
    be_quiet(station, until=until)
    with at(night), transaction():
        outbox.enqueue(
            station.id, topic="alert", recipient_id=person.id, parcel_id=parcel.parcel_id, due_at=night
        )

    assert send(station, channel, night) == sent


def wish(station, **wishes):
    person = factories.recipient(station)
    with transaction():
        preferences.choose(station.clerk, person.id, Preferences(**wishes))


def test_persons_own_quiet_hours_count_instead(station, channel):
    wish(station, quiet_from=time(7), quiet_until=time(15))
    night, siesta = EVENING + timedelta(hours=3), MORNING + timedelta(hours=4)
    with at(night):
        factories.store(station)
    assert send(station, channel, night + timedelta(minutes=5)) == 1
    with at(siesta):
        factories.store(station)

    assert send(station, channel, siesta + timedelta(minutes=5)) == 0
    assert send(station, channel, MORNING + timedelta(hours=7)) == 1


def test_message_speaks_the_persons_language(station, channel):
    wish(station, language="zh")
    with at(EVENING):
        parcel = factories.store(station)
    send(station, channel, EVENING + timedelta(minutes=5))

    assert f"凭 {parcel.pickup_code} 取件" in channel.messages[0].text


def test_who_wants_no_messages_gets_only_the_codes_they_ask_for(station, channel):
    wish(station, channel=Way.NONE)
    with at(EVENING):
        factories.store(station)
    assert send(station, channel, EVENING + timedelta(minutes=5)) == 0
    assert states(station) == [("dropped", 1)]
    with at(EVENING), transaction():
        sign_in.ask(parse("13812344068"), address="10.0.0.1")

    assert send(station, channel, EVENING + timedelta(minutes=1)) == 1
