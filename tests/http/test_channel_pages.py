"""The pages of a station's channels: who sees them, what they refuse, and a test message that really goes."""

import html
import re
from dataclasses import replace

import pytest

from station.core.db import reading
from station.notices import channel_settings
from tests.gateways import http_gateway, mailbox
from tests.http.forms import post

EMAIL = {
    "version": "0",
    "is_enabled": "y",
    "position": "1",
    "host": "127.0.0.1",
    "port": "25",
    "security": "none",
    "user": "",
    "password": "",
    "sender": "maple@station.example",
    "sender_name": "Maple Court",
}
WEBHOOK = {"version": "0", "is_enabled": "y", "position": "1", "secret": "a secret of ours, long"}
SMS = {
    "version": "0",
    "position": "2",
    "key_id": "id",
    "key_secret": "hush hush",
    "sign_name": "枫林苑",
    "templates": "stored SMS_1\n* SMS_2",
}
PAGES = ("/settings/channels", *(f"/settings/channels/{name}" for name in channel_settings.ChannelName))


@pytest.fixture
def private(web):
    """The installation allows gateways in the house."""
    before = web.config["SETTINGS"]
    web.config["SETTINGS"] = replace(before, private_gateways=True)
    yield
    web.config["SETTINGS"] = before


def kept(station):
    with reading():
        return channel_settings.for_station(station.id)


def text_of(answer):
    return html.unescape(re.sub(r"<[^>]+>", " ", answer.text))


@pytest.mark.parametrize("path", PAGES)
def test_manager_sees_the_page(manager_client, path):
    assert manager_client.get(path).status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_clerk_does_not(clerk_client, path):
    assert clerk_client.get(path).status_code == 403
    assert post(clerk_client, f"{path}/test", {"to": "a@b.example"}).status_code in {403, 404}


def test_unknown_channel_is_not_found(manager_client):
    assert manager_client.get("/settings/channels/pigeon").status_code == 404
    assert post(manager_client, "/settings/channels/pigeon/test", {"to": "a@b.example"}).status_code == 404


def test_channel_is_saved_and_its_secret_never_shown_again(manager_client, web_station):
    answer = post(manager_client, "/settings/channels/sms_aliyun", SMS)
    page = manager_client.get(answer.location).text

    assert answer.status_code == 303
    [saved] = kept(web_station)
    assert saved.options["key_secret"] == "hush hush"
    assert saved.options["templates"] == {"stored": "SMS_1", "*": "SMS_2"}
    assert not saved.is_enabled
    assert "hush" not in page
    assert "stored SMS_1" in page
    assert "is kept" in page


def test_empty_password_keeps_the_old_one(manager_client, web_station):
    post(manager_client, "/settings/channels/sms_aliyun", SMS)
    post(
        manager_client,
        "/settings/channels/sms_aliyun",
        SMS | {"version": "1", "key_secret": "", "position": "3"},
    )

    [saved] = kept(web_station)
    assert (saved.options["key_secret"], saved.position) == ("hush hush", 3)


def test_another_server_asks_for_the_password_again(manager_client, web_station):
    post(manager_client, "/settings/channels/email", EMAIL | {"user": "maple", "password": "right"})
    stolen = EMAIL | {"version": "1", "user": "maple", "host": "evil.example"}
    answer = post(manager_client, "/settings/channels/email", stolen)

    assert answer.status_code == 422
    assert "password or key again" in answer.text
    assert kept(web_station)[0].options["host"] == "127.0.0.1"


@pytest.mark.parametrize(
    ("name", "good", "wrong"),
    [
        ("email", EMAIL, {"host": "two words"}),
        ("email", EMAIL, {"host": "x" * 300}),
        ("email", EMAIL, {"host": "a\r\nb"}),
        ("email", EMAIL, {"port": "0"}),
        ("email", EMAIL, {"port": "65536"}),
        ("email", EMAIL, {"security": "rot13"}),
        ("email", EMAIL, {"sender": "maple"}),
        ("email", EMAIL, {"sender": "a@b.example\r\nBcc: c@d.example"}),
        ("email", EMAIL, {"position": "0"}),
        ("webhook", WEBHOOK, {"url": ""}),
        ("webhook", WEBHOOK, {"url": "ftp://gateway.example"}),
        ("webhook", WEBHOOK, {"url": "https://me:secret@gateway.example"}),
        ("webhook", WEBHOOK, {"url": "https://gateway.example:99999"}),
        ("webhook", WEBHOOK, {"url": "https://[bad"}),
        ("webhook", WEBHOOK, {"url": "https://gateway.example/", "secret": "short"}),
        ("sms_aliyun", SMS, {"templates": "SMS_1"}),
        ("sms_aliyun", SMS, {"templates": "lunch SMS_1"}),
        ("sms_aliyun", SMS, {"templates": "stored sms"}),
        ("sms_aliyun", SMS, {"key_secret": ""}),
    ],
)
def test_nonsense_is_refused(manager_client, web_station, name, good, wrong):
    answer = post(manager_client, f"/settings/channels/{name}", good | wrong)

    assert answer.status_code == 422
    assert kept(web_station) == []


def test_test_message_really_arrives(manager_client, private):
    with mailbox() as box:
        post(manager_client, "/settings/channels/email", EMAIL | {"port": str(box.port)})
        answer = post(
            manager_client, "/settings/channels/email/test", {"to": "chen@example.com"}, key="pressed-twice"
        )
        again = post(
            manager_client, "/settings/channels/email/test", {"to": "chen@example.com"}, key="pressed-twice"
        )

    assert "The provider took the message" in text_of(answer)
    assert "sent before" in text_of(again)
    [mail] = box.mails
    assert "This is a test message." in mail.get_content()


def test_provider_is_quoted_when_it_refuses(manager_client, private):
    with mailbox(replies={"RCPT": "550 <b>no</b> such user"}) as box:
        post(manager_client, "/settings/channels/email", EMAIL | {"port": str(box.port)})
        answer = post(manager_client, "/settings/channels/email/test", {"to": "chen@example.com"})

    assert "does not exist or refuses messages" in text_of(answer)
    assert "550 &lt;b&gt;no" in answer.text


def test_gateway_in_the_house_needs_the_operators_word(manager_client):
    with http_gateway() as gateway:
        post(manager_client, "/settings/channels/webhook", WEBHOOK | {"url": gateway.url})
        answer = post(manager_client, "/settings/channels/webhook/test", {"to": "13812344068"})

    assert gateway.requests == []
    assert "inside the house only" in text_of(answer)


@pytest.mark.parametrize("to", ["13812344068", "nobody", "17012345678,8462"])
def test_whom_it_does_not_reach_is_said(manager_client, private, to):
    post(manager_client, "/settings/channels/email", EMAIL)

    assert "does not reach" in text_of(post(manager_client, "/settings/channels/email/test", {"to": to}))


def test_test_before_setting_up_is_refused(manager_client):
    answer = post(manager_client, "/settings/channels/email/test", {"to": "chen@example.com"})

    assert answer.status_code == 404
    assert "Set this channel up first." in text_of(answer)


def test_list_shows_order_and_state(manager_client):
    before = text_of(manager_client.get("/settings/channels"))
    post(manager_client, "/settings/channels/sms_aliyun", SMS)
    after = text_of(manager_client.get("/settings/channels"))

    assert "Nobody receives them" in before
    assert "Nobody receives them" not in after
    assert re.search(r"Text messages through Aliyun\s+2\s+off", after)
