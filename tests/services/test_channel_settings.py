"""A station's channels: kept, encrypted, changed by one at a time, and a secret that goes to no other server."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import select, text

from station.core.db import connection, db, reading, transaction
from station.core.errors import StationError
from station.core.phones import parse
from station.events.models import CustodyEvent
from station.notices import channel_settings
from station.notices.channel_settings import ChannelName, Draft
from tests.factories import make_station

EMAIL = {
    "host": "smtp.example.com",
    "port": 587,
    "security": "starttls",
    "user": "maple",
    "password": "correct horse",
    "sender": "maple@station.example",
    "sender_name": "Maple Court",
}
WEBHOOK = {"url": "https://gateway.example/send", "secret": "s" * 20, "texts_extensions": False}
SMS = {"key_id": "id", "key_secret": "hush", "sign_name": "枫林苑", "templates": {"*": "SMS_1"}}


def save(station, name, options, *, version=0, position=1, is_enabled=True):
    with transaction():
        draft = Draft(is_enabled, position, options)
        return channel_settings.save(station.manager, name, draft, version=version)


def found(station):
    with reading():
        return channel_settings.for_station(station.id)


def ways(station, settings):
    with reading():
        return channel_settings.channels_for(station.id, settings)


def test_console_until_something_is_set_up(station, settings):
    assert [channel.name for channel in ways(station, settings)] == ["console"]


def test_channels_come_in_their_order_and_only_those_that_are_on(station, settings):
    save(station, ChannelName.EMAIL, EMAIL, position=2)
    save(station, ChannelName.SMS_ALIYUN, SMS, position=1)
    save(station, ChannelName.WEBHOOK, WEBHOOK, position=3, is_enabled=False)

    assert [channel.name for channel in ways(station, settings)] == ["sms_aliyun", "email"]
    assert ways(station, settings)[0].reaches(parse("13812344068"), None)


def test_all_off_is_not_the_console(station, settings):
    save(station, ChannelName.EMAIL, EMAIL, is_enabled=False)

    assert ways(station, settings) == []


def test_another_stations_channels_are_its_own(station, settings):
    save(station, ChannelName.EMAIL, EMAIL)

    assert [channel.name for channel in ways(make_station("Elm Yard"), settings)] == ["console"]


def test_secret_stands_encrypted_and_in_no_log(station):
    save(station, ChannelName.EMAIL, EMAIL)
    with reading():
        stored = connection().execute(text("SELECT options FROM station_channels")).scalar_one()
        query = select(CustodyEvent.data).where(CustodyEvent.kind == "settings_changed")
        event = json.loads(db.session.scalars(query.order_by(CustodyEvent.seq.desc())).first())

    assert b"correct horse" not in bytes(stored)
    assert event["channel"] == "email"
    assert set(event["fields"]) == {*EMAIL, "is_enabled", "position"}
    assert "correct horse" not in json.dumps(event)
    assert "correct horse" not in repr(found(station))
    assert "password" not in found(station)[0].shown


def test_empty_secret_keeps_the_old_one(station):
    save(station, ChannelName.EMAIL, EMAIL)
    changed = save(station, ChannelName.EMAIL, EMAIL | {"password": "", "sender_name": "Elm"}, version=1)

    assert changed == {"sender_name"}
    assert found(station)[0].options["password"] == "correct horse"
    assert found(station)[0].version == 2


def test_nothing_new_writes_nothing(station):
    save(station, ChannelName.EMAIL, EMAIL)

    assert save(station, ChannelName.EMAIL, EMAIL, version=1) == frozenset()
    assert found(station)[0].version == 1


@pytest.mark.parametrize(
    ("name", "options", "change"),
    [
        (ChannelName.EMAIL, EMAIL | {"password": ""}, {"host": "evil.example"}),
        (ChannelName.EMAIL, EMAIL | {"password": ""}, {"security": "none"}),
        (ChannelName.WEBHOOK, WEBHOOK | {"secret": ""}, {"url": "https://evil.example"}),
        (ChannelName.SMS_ALIYUN, SMS | {"key_secret": ""}, {"key_id": "other"}),
    ],
)
def test_kept_secret_is_never_told_to_another_server(station, name, options, change):
    first = {ChannelName.EMAIL: EMAIL, ChannelName.WEBHOOK: WEBHOOK, ChannelName.SMS_ALIYUN: SMS}[name]
    save(station, name, first)
    with pytest.raises(StationError, match="changed"):
        save(station, name, options | change, version=1)
    assert found(station)[0].version == 1


@pytest.mark.parametrize(
    ("name", "options"),
    [(ChannelName.WEBHOOK, WEBHOOK | {"secret": ""}), (ChannelName.SMS_ALIYUN, SMS | {"key_secret": ""})],
)
def test_secret_is_needed_the_first_time(station, name, options):
    with pytest.raises(StationError, match="key"):
        save(station, name, options)


def test_mail_server_may_ask_for_no_password(station):
    save(station, ChannelName.EMAIL, EMAIL | {"user": "", "password": ""})

    assert found(station)[0].options["password"] == ""


@pytest.mark.parametrize("version", [0, 2])
def test_somebody_else_was_faster(station, version):
    save(station, ChannelName.EMAIL, EMAIL)
    with pytest.raises(StationError) as caught:
        save(station, ChannelName.EMAIL, EMAIL | {"sender_name": "Elm"}, version=version)
    assert caught.value.code == "stale"


def test_private_addresses_are_the_operators_to_allow(station, settings):
    save(station, ChannelName.WEBHOOK, WEBHOOK | {"url": "http://127.0.0.1:9/"})
    strict, allowing = (
        ways(station, replace(settings, private_gateways=is_allowed))[0] for is_allowed in (False, True)
    )

    assert (strict._rule, allowing._rule) == (
        channel_settings.wire.public_only,
        channel_settings.wire.anywhere,
    )
