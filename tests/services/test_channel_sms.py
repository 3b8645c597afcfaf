"""Text messages through Aliyun's own SDK, against a server of ours that speaks like Aliyun."""

import json
import socket
import sys

import pytest

from station.core.phones import parse
from station.notices import channel_sms_aliyun
from station.notices.channel_sms_aliyun import AliyunOptions, AliyunSmsChannel
from station.notices.channels import ChannelError, Message, RefusedError
from tests.gateways import http_gateway

OPTIONS = AliyunOptions("key-id", "枫林苑", {"stored": "SMS_1", "*": "SMS_2"}, "key-secret")
TAKEN = {"Code": "OK", "Message": "OK", "BizId": "1", "RequestId": "r"}


def message(topic="stored", attempt=1, to="13812344068"):
    variables = {"code": "12-3-3210", "station": "枫林苑"}
    return Message(7, parse(to), "text", topic=topic, variables=variables, attempt=attempt)


def answering(body, status=200):
    return http_gateway(lambda request: (status, json.dumps(body), {"Content-Type": "application/json"}))


def send(body, status=200, **about):
    with answering(body, status) as gateway:
        AliyunSmsChannel(OPTIONS, gateway.url).send(message(**about))
    return [request.form for request in gateway.requests]


def test_request_names_template_and_id():
    [form] = send(TAKEN)

    assert (form["PhoneNumbers"], form["SignName"], form["TemplateCode"]) == (
        "13812344068",
        "枫林苑",
        "SMS_1",
    )
    assert json.loads(form["TemplateParam"]) == {"code": "12-3-3210", "station": "枫林苑"}
    assert form["OutId"] == "7"


def test_other_topics_take_the_common_template():
    [form] = send(TAKEN, topic="moved")

    assert form["TemplateCode"] == "SMS_2"


def test_without_a_template_nothing_is_asked():
    with answering(TAKEN) as gateway, pytest.raises(ChannelError, match="gateway_settings"):
        AliyunSmsChannel(AliyunOptions("id", "sign", {}, "secret"), gateway.url).send(message())
    assert gateway.requests == []


@pytest.mark.parametrize(
    ("code", "kind", "reason"),
    [
        ("isv.BUSINESS_LIMIT_CONTROL", ChannelError, "gateway_busy"),
        ("Throttling.User", ChannelError, "gateway_busy"),
        ("isv.AMOUNT_NOT_ENOUGH", ChannelError, "gateway_settings"),
        ("isp.RAM_PERMISSION_DENY", ChannelError, "gateway_settings"),
        ("isp.SYSTEM_ERROR", ChannelError, "gateway_failed"),
        ("something new", ChannelError, "gateway_failed"),
        ("isv.MOBILE_NUMBER_ILLEGAL", RefusedError, "address_refused"),
        ("isv.BLACK_KEY_CONTROL_LIMIT", RefusedError, "address_refused"),
        ("isv.PARAM_LENGTH_LIMIT", RefusedError, "text_refused"),
    ],
)
@pytest.mark.parametrize("status", [200, 400])
def test_codes_of_the_provider(code, kind, reason, status):
    with pytest.raises(ChannelError, match=reason) as caught:
        send({"Code": code, "Message": "because", "RequestId": "r"}, status)
    assert type(caught.value) is kind
    assert "because" in caught.value.answer


@pytest.mark.parametrize("status", [500, 503])
def test_server_that_breaks_is_tried_again(status):
    with pytest.raises(ChannelError, match=r"gateway_(busy|failed)") as caught:
        send({"Code": "ServiceUnavailable", "Message": "", "RequestId": "r"}, status)
    assert not isinstance(caught.value, RefusedError)


def test_page_that_is_no_answer_is_tried_again():
    broken = pytest.raises(ChannelError, match="gateway")
    with http_gateway(lambda request: (502, "<html>", {})) as gateway, broken:
        AliyunSmsChannel(OPTIONS, gateway.url).send(message())


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        endpoint = f"http://127.0.0.1:{listening.getsockname()[1]}"
    with pytest.raises(ChannelError, match="gateway_unreachable"):
        AliyunSmsChannel(OPTIONS, endpoint).send(message())


def test_slow_server_is_given_up(monkeypatch):
    monkeypatch.setattr(channel_sms_aliyun, "READ_MS", 200)
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        pytest.raises(ChannelError, match="unreachable"),
    ):
        AliyunSmsChannel(OPTIONS, f"http://127.0.0.1:{listening.getsockname()[1]}").send(message())


def details(*ids):
    found = [{"OutId": str(number), "SendStatus": 3, "PhoneNum": "13812344068"} for number in ids]
    return {"Code": "OK", "TotalCount": len(ids), "SmsSendDetailDTOs": {"SmsSendDetailDTO": found}}


@pytest.mark.parametrize(("arrived", "actions"), [((6, 7), 1), ((6,), 3), ((), 3)])
def test_second_attempt_asks_whether_the_first_arrived(arrived, actions):
    def answer(request):
        return 200, json.dumps(details(*arrived) if request.action == "QuerySendDetails" else TAKEN), {}

    with http_gateway(answer) as gateway:
        AliyunSmsChannel(OPTIONS, gateway.url).send(message(attempt=2))
    sent = [request for request in gateway.requests if request.action == "SendSms"]

    assert len(gateway.requests) == actions
    assert len(sent) == (0 if 7 in arrived else 1)


def test_whom_it_reaches():
    channel = AliyunSmsChannel(OPTIONS, "https://localhost")

    assert channel.reaches(parse("13812344068"), None)
    assert not channel.reaches(parse("17012345678,8462"), None)
    assert not channel.reaches(parse("+85251234567"), None)
    assert not channel.reaches(parse("057188886666"), None)


def test_missing_packages_are_said_plainly(monkeypatch):
    channel_sms_aliyun._sdk.cache_clear()
    monkeypatch.setitem(sys.modules, "alibabacloud_dysmsapi20170525.client", None)
    with pytest.raises(ChannelError, match="gateway_settings") as caught:
        AliyunSmsChannel(OPTIONS, "http://127.0.0.1:1").send(message())
    assert "make sms" in caught.value.answer


def test_nothing_secret_shows_in_a_trace(caplog):
    with caplog.at_level("DEBUG"), pytest.raises(ChannelError):
        send({"Code": "isv.MOBILE_NUMBER_ILLEGAL", "Message": "13812344068", "RequestId": "r"})
    shown = caplog.text + repr(OPTIONS) + repr(message())

    assert "key-secret" not in shown
    assert "13812344068" not in shown
    assert "3210" not in shown
