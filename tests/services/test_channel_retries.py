"""Gateways that are away or slow, through a station's own settings: tried again, and visible meanwhile."""

import re
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from station.core import clock
from station.core.db import connection, reading, transaction
from station.core.phones import parse
from station.events.models import OutboxMessage
from station.notices import channel_settings, dispatch, wire
from station.notices.channel_settings import ChannelName, Draft
from station.residents import preferences, sign_in
from station.residents.preferences import Preferences, Way
from tests import factories
from tests.gateways import http_gateway, mailbox

EMAIL = {"host": "127.0.0.1", "security": "none", "sender": "maple@station.example"}
PRIVACY = "17012345678,8462"


@pytest.fixture
def here(settings):
    return replace(settings, private_gateways=True)


def set_up(station, name, options, *, version=0, position=1):
    with transaction():
        draft = Draft(True, position, options)
        channel_settings.save(station.manager, name, draft, version=version)


def run(here, minutes=5):
    channels_of = partial(channel_settings.channels_for, settings=here)
    return dispatch.run_all(channels_of, clock.now() + timedelta(minutes=minutes))


def kept(station):
    query = select(
        OutboxMessage.state, OutboxMessage.failure, OutboxMessage.attempts, OutboxMessage.channel
    ).where(OutboxMessage.station_id == station.id)
    with reading():
        return [tuple(row) for row in connection().execute(query)]


def owe(station, number="13812344068", email="chen@example.com"):
    person = factories.recipient(station, number)
    with transaction():
        preferences.choose(station.manager, person.id, Preferences(email=email))
    factories.store(station, to=person)


def test_mail_server_that_is_away_is_tried_again(station, here):
    owe(station)
    with mailbox() as gone:
        pass
    set_up(station, ChannelName.EMAIL, EMAIL | {"port": gone.port})
    away = run(here), kept(station)
    with mailbox() as box:
        set_up(station, ChannelName.EMAIL, EMAIL | {"port": box.port}, version=1)
        back = run(here, minutes=10), kept(station)

    assert away == (dispatch.Tally(failed=1), [("claimed", "gateway_unreachable", 1, None)])
    assert back == (dispatch.Tally(sent=1), [("sent", None, 2, "email")])
    assert len(box.mails) == 1


def test_gateway_that_takes_too_long_is_tried_again(station, here, monkeypatch):
    monkeypatch.setattr(wire, "WHOLE_S", 0.2)
    owe(station)
    with mailbox(delay_s=0.5) as box:
        set_up(station, ChannelName.EMAIL, EMAIL | {"port": box.port})
        tally = run(here)

    assert tally == dispatch.Tally(failed=1)
    assert kept(station) == [("claimed", "gateway_unreachable", 1, None)]


def test_number_that_is_refused_is_given_up_at_once(station, here):
    owe(station)
    with http_gateway(lambda request: (422, "", {})) as gateway:
        options = {"url": gateway.url, "secret": "s" * 20, "texts_extensions": False}
        set_up(station, ChannelName.WEBHOOK, options)
        run(here)
        run(here, minutes=60)

    assert len(gateway.requests) == 1
    assert kept(station) == [("dead", "address_refused", 1, None)]


def test_privacy_number_goes_where_it_can_be_reached_or_to_the_call_list(station, here):
    owe(station, PRIVACY, email=None)
    with http_gateway() as gateway:
        options = {"url": gateway.url, "secret": "s" * 20, "texts_extensions": False}
        set_up(station, ChannelName.WEBHOOK, options)
        first = run(here)
        set_up(station, ChannelName.WEBHOOK, options | {"texts_extensions": True}, version=1)
        owe(station, "17012345678,1234", email=None)
        second = run(here)

    assert (first, second) == (dispatch.Tally(to_call=1), dispatch.Tally(sent=1))
    assert [request.json["extension"] for request in gateway.requests] == ["1234"]
    assert ("dead", "no_channel", 1, None) in kept(station)


def test_second_channel_serves_whom_the_first_does_not_reach(station, here):
    owe(station, "13812344068", email=None)
    with mailbox() as box, http_gateway() as gateway:
        set_up(station, ChannelName.EMAIL, EMAIL | {"port": box.port})
        options = {"url": gateway.url, "secret": "s" * 20, "texts_extensions": False}
        set_up(station, ChannelName.WEBHOOK, options, position=2)
        run(here)

    assert (len(box.mails), len(gateway.requests)) == (0, 1)


def test_code_to_sign_in_goes_to_the_phone_whatever_its_owner_prefers(station, here):
    """Whoever could put an address beside a number would else sign in as its owner."""
    person = factories.recipient(station, "13812344068")
    with transaction():
        wish = Preferences(channel=Way.EMAIL, email="chen@example.com")
        preferences.choose(station.manager, person.id, wish)
        sign_in.ask(parse("13812344068"), address="192.0.2.1")
    with mailbox() as box, http_gateway(lambda request: (200, '{"Code": "OK"}', {})) as gateway:
        set_up(station, ChannelName.EMAIL, EMAIL | {"port": box.port})
        sms = {"key_id": "id", "key_secret": "k", "sign_name": "枫林苑", "templates": {"*": "SMS_1"}}
        set_up(station, ChannelName.SMS_ALIYUN, sms, position=2)
        tally = run(replace(here, aliyun_endpoint=gateway.url), minutes=1)
    [request] = gateway.requests

    assert (tally, box.mails) == (dispatch.Tally(sent=1), [])
    assert re.fullmatch(r'\{"code": "\d{6}"\}', request.form["TemplateParam"])
