"""kill -9 in the middle of a batch: nothing lost, and nothing doubled but the one under way, under the same id."""

import json
import os
import signal
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections import Counter
from contextlib import contextmanager

import pytest
from sqlalchemy import select

from station.core.db import connection, db, reading, transaction
from station.core.settings import KEY_NAMES
from station.events.models import OutboxMessage
from station.notices import channel_settings
from station.notices.channel_settings import ChannelName, Draft
from station.residents import preferences
from station.residents.preferences import Preferences
from tests import factories
from tests.conftest import TEST_KEYS
from tests.gateways import http_gateway, mailbox

PEOPLE = 6
KILLED_AT = 3  # the message during which the process dies
DUE, CLAIM_OVER = 10, 30  # minutes from now
TIMEOUT_S = 60
EMAIL = {"host": "127.0.0.1", "security": "none", "sender": "maple@station.example"}
SMS = {"key_id": "id", "key_secret": "secret", "sign_name": "枫林苑", "templates": {"*": "SMS_1"}}


class Dispatchers:
    """Starts dispatchers on the database of `app`, and kills the one that runs when its third message arrives."""

    def __init__(self, app, **place):
        settings = app.config["SETTINGS"]
        keys = (TEST_KEYS.session, TEST_KEYS.data, TEST_KEYS.hash, TEST_KEYS.signing)
        named = dict(zip(KEY_NAMES, (urlsafe_b64encode(key).decode() for key in keys), strict=True))
        base = {"STATION_INSTANCE": str(settings.instance), "DATABASE_URL": settings.database_url}
        self.env = {**os.environ, **named, **base, "STATION_PRIVATE_GATEWAYS": "1", **place}
        self.running = None
        self.arrived = 0

    def run(self, minutes):
        """Run one to its end; return its exit code."""
        db.session.remove()
        self.running = subprocess.Popen(
            [sys.executable, "-m", "tests.dispatcher", str(minutes)], env=self.env, stderr=subprocess.DEVNULL
        )
        return self.running.wait(TIMEOUT_S)

    def on_arrival(self):
        """Kill at the chosen message: it came, and no answer ever went back."""
        self.arrived += 1
        if self.arrived == KILLED_AT:
            self.running.send_signal(signal.SIGKILL)
            self.running.wait(TIMEOUT_S)


@contextmanager
def by_email(app):
    dispatchers = Dispatchers(app)
    with mailbox(on_mail=dispatchers.on_arrival) as box:
        yield (
            dispatchers,
            (ChannelName.EMAIL, EMAIL | {"port": box.port}),
            lambda: [id_of(mail) for mail in box.mails],
        )


def id_of(mail):
    return int(mail["Message-ID"].strip("<>").partition("@")[0])


@contextmanager
def by_webhook(app):
    dispatchers = Dispatchers(app)

    def answer(request):
        dispatchers.on_arrival()
        return 200, "", {}

    with http_gateway(answer) as gateway:
        options = {"url": gateway.url, "secret": "s" * 20, "texts_extensions": False}
        yield (
            dispatchers,
            (ChannelName.WEBHOOK, options),
            lambda: [int(one.json["id"]) for one in gateway.requests],
        )


@contextmanager
def by_aliyun(app):
    taken = []

    def answer(request):
        if request.action == "QuerySendDetails":
            details = [{"OutId": str(number)} for number in taken]
            return 200, json.dumps({"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": details}}), {}
        taken.append(int(request.form["OutId"]))
        dispatchers.on_arrival()
        return 200, json.dumps({"Code": "OK"}), {}

    with http_gateway(answer) as gateway:
        dispatchers = Dispatchers(app, STATION_ALIYUN_ENDPOINT=gateway.url)
        yield dispatchers, (ChannelName.SMS_ALIYUN, SMS), lambda: taken


def owe(station, channel):
    """Owe each of PEOPLE a message by `channel`; return the messages' ids."""
    name, options = channel
    with transaction():
        channel_settings.save(station.manager, name, Draft(True, 1, options), version=0)
    for number in range(PEOPLE):
        person = factories.recipient(station, f"1390000000{number}")
        with transaction():
            preferences.choose(station.manager, person.id, Preferences(email=f"p{number}@example.com"))
        factories.store(station, to=person)
    return {message_id for message_id, _state in kept(station)}


def kept(station):
    with reading():
        query = select(OutboxMessage.id, OutboxMessage.state).where(OutboxMessage.station_id == station.id)
        return [tuple(row) for row in connection().execute(query)]


@pytest.mark.parametrize(
    ("gateway", "times_of_the_killed_one"),
    [(by_email, 2), (by_webhook, 2), (by_aliyun, 1)],  # Aliyun is asked before a second try
    ids=["email", "webhook", "sms"],
)
def test_nothing_is_lost_and_nothing_doubled_but_the_one_under_way(
    app, station, gateway, times_of_the_killed_one
):
    with gateway(app) as (dispatchers, channel, delivered):
        owed = owe(station, channel)
        killed = dispatchers.run(DUE)
        halfway = list(delivered())
        states = Counter(state for _id, state in kept(station))
        ended = dispatchers.run(CLAIM_OVER)
        counts = Counter(delivered())

    under_way = halfway[-1]
    assert (killed, ended) == (-signal.SIGKILL, 0)
    assert states == {"sent": KILLED_AT - 1, "claimed": 1, "open": PEOPLE - KILLED_AT}
    assert set(counts) == owed
    assert counts.pop(under_way) == times_of_the_killed_one
    assert set(counts.values()) == {1}
    assert {state for _id, state in kept(station)} == {"sent"}
