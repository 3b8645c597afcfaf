"""Choosing among channels, and what the outbox keeps of each way a channel can fail."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from station.core import clock
from station.core.db import connection, reading
from station.core.phones import parse
from station.events.models import CustodyEvent, OutboxMessage
from station.events.outbox import LAST_ATTEMPT
from station.notices import channels, composing, dispatch
from station.notices.channels import ChannelError, Medium, Message, RefusedError
from tests import factories

LATER = timedelta(minutes=5)
PRIVACY = "17012345678,8462"


class Fake:
    """A channel that reaches numbers without extension and does what it is told."""

    def __init__(self, name="fake", medium=Medium.PHONE, error=None):
        self.name, self.medium, self.error, self.taken = name, medium, error, []

    def reaches(self, phone, email):
        return email is not None if self.medium is Medium.EMAIL else phone.extension is None

    def send(self, message):
        if self.error:
            raise self.error
        self.taken.append(message.id)


def run(station, *found, after=LATER):
    return dispatch.run_due(station.id, found, clock.now() + after)


def kept(station):
    query = select(OutboxMessage.state, OutboxMessage.failure, OutboxMessage.attempts).where(
        OutboxMessage.station_id == station.id
    )
    with reading():
        return [tuple(row) for row in connection().execute(query.order_by(OutboxMessage.id))]


def failures(station):
    with reading():
        query = select(CustodyEvent.parcel_id).where(
            CustodyEvent.station_id == station.id, CustodyEvent.kind == "message_failed"
        )
        return list(connection().scalars(query))


def message(number="13812344068", email=None):
    return Message(1, parse(number), "凭 1-1-1 取件", email=email)


def test_first_channel_that_reaches_the_person_is_taken():
    mail, text = Fake("email", Medium.EMAIL), Fake("sms")

    assert channels.pick([mail, text], message()) is text
    assert channels.pick([mail, text], message(email="a@example.com")) is mail


def test_preferred_medium_comes_first_if_it_reaches():
    mail, text = Fake("email", Medium.EMAIL), Fake("sms")

    assert channels.pick([text, mail], message(email="a@example.com"), "email") is mail
    assert channels.pick([text, mail], message(), "email") is text


def test_nobody_reaches():
    assert channels.pick([Fake()], message(PRIVACY)) is None


def test_message_nobody_can_deliver_goes_to_the_call_list_at_once(station):
    parcel = factories.store(station, to=factories.recipient(station, PRIVACY))

    assert run(station, Fake()) == dispatch.Tally(to_call=1)
    assert kept(station) == [("dead", "no_channel", 1)]
    assert failures(station) == [parcel.parcel_id]
    assert run(station, Fake(), after=timedelta(days=2)) == dispatch.Tally()


def test_refused_message_dies_at_once_and_shows(station):
    parcel = factories.store(station)

    assert run(station, Fake(error=RefusedError("address_refused"))) == dispatch.Tally(failed=1)
    assert kept(station) == [("dead", "address_refused", 1)]
    assert failures(station) == [parcel.parcel_id]


def test_broken_channel_is_logged_without_words_and_tried_again(station, caplog):
    factories.store(station)
    run(station, Fake(error=ValueError("凭 12-3-3210 取件")))

    assert kept(station) == [("claimed", "channel_broke", 1)]
    assert "ValueError" in caplog.text
    assert "3210" not in caplog.text


def test_gateway_that_is_away_does_not_hold_up_the_turn(station):
    for number in range(5):
        factories.store(station, to=factories.recipient(station, f"1390000000{number}"))
    away = Fake(error=ChannelError("gateway_unreachable"))

    assert run(station, away) == dispatch.Tally(failed=dispatch.FAILURES_IN_A_ROW)
    assert run(station, Fake()) == dispatch.Tally(sent=2)
    assert run(station, Fake(), after=timedelta(minutes=10)) == dispatch.Tally(sent=3)


@pytest.mark.parametrize("elapsed", [timedelta(0), timedelta(minutes=3)])
def test_slow_station_ends_its_turn(station, monkeypatch, elapsed):
    for number in range(2):
        factories.store(station, to=factories.recipient(station, f"1390000000{number}"))
    monkeypatch.setattr(dispatch, "_since", lambda began: elapsed)

    assert run(station, Fake()) == dispatch.Tally(sent=0 if elapsed else 2)


def test_claim_runs_from_when_it_was_made(station, monkeypatch):
    factories.store(station)
    now = clock.now()
    monkeypatch.setattr(dispatch, "_since", lambda began: dispatch.TURN)
    dispatch.run_due(station.id, [Fake(error=ChannelError("gateway_busy"))], now + LATER)
    with reading():
        due = connection().scalar(select(OutboxMessage.due_at).where(OutboxMessage.station_id == station.id))

    assert due == now + LATER + dispatch.TURN + timedelta(minutes=1)


def test_station_whose_settings_broke_keeps_no_other_waiting(station, caplog):
    other = factories.make_station("Elm Yard")
    factories.store(station)
    factories.store(other)
    fake, options = Fake(), {"password": "hunter2"}

    def channels_of(station_id):
        if station_id == station.id:
            raise TypeError(str(options))
        return [fake]

    with pytest.raises(TypeError):
        dispatch.run_all(channels_of, clock.now() + LATER)

    assert len(fake.taken) == 1
    assert str(station.id) in caplog.text
    assert "hunter2" not in caplog.text


def test_message_that_cannot_be_written_keeps_no_other_waiting(station, monkeypatch, caplog):
    broken, _good = (
        factories.store(station, to=factories.recipient(station, f"1390000000{number}"))
        for number in range(2)
    )
    compose, words = composing.compose, "凭 12-3-3210 取件"

    def break_one(claimed, now):
        if claimed.recipient_id == broken.recipient.id:
            raise ValueError(words)
        return compose(claimed, now)

    monkeypatch.setattr(composing, "compose", break_one)
    fake = Fake()
    assert run(station, fake) == dispatch.Tally(sent=1, failed=1)

    assert len(fake.taken) == 1
    assert sorted(kept(station)) == [("claimed", "channel_broke", 1), ("sent", None, 1)]
    assert "ValueError" in caplog.text
    assert "3210" not in caplog.text
    for hours in range(1, LAST_ATTEMPT + 1):
        run(station, fake, after=timedelta(hours=hours))
    assert sorted(kept(station)) == [("dead", "channel_broke", LAST_ATTEMPT), ("sent", None, 1)]
    assert failures(station) == [broken.parcel_id]
