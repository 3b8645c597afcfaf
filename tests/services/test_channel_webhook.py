"""The signed webhook: what is sent, what each answer means, and where it may not go."""

import hashlib
import hmac
import ipaddress
import socket
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from station.core import clock
from station.core.phones import parse
from station.notices import wire
from station.notices.channel_webhook import WebhookChannel, WebhookOptions, body_of, headers_of
from station.notices.channels import ChannelError, Message, RefusedError
from tests.gateways import http_gateway

SECRET = "a secret of at least sixteen letters"
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MOST_S = 60.0  # how long a gateway drips at most; a test is over long before that
PRIVACY = parse("17012345678,8462")


def channel(url, *, rule=wire.anywhere, extensions=False):
    return WebhookChannel(WebhookOptions(url, SECRET, extensions), rule)


def message(to="13812344068"):
    return Message(7, parse(to), "凭 12-3-3210 取件", topic="stored")


def send(status, headers=None, *, to="13812344068"):
    with http_gateway(lambda request: (status, "said so", headers or {})) as gateway:
        channel(gateway.url + "/send?a=1").send(message(to))
    return gateway.requests


def test_request_is_signed_and_carries_the_id():
    with clock.use(lambda: NOON):
        [request] = send(200)

    stamp = request.headers["Stationmaster-Timestamp"]
    signature = hmac.new(SECRET.encode(), f"{stamp}.".encode() + request.body, hashlib.sha256).hexdigest()
    assert request.path == "/send?a=1"
    assert request.headers["Stationmaster-Signature"] == f"v1={signature}"
    assert request.headers["Idempotency-Key"] == "7"
    assert request.json == {
        "id": "7",
        "to": "+8613812344068",
        "text": "凭 12-3-3210 取件",
        "topic": "stored",
        "timestamp": int(NOON.timestamp()),
    }


def test_extension_stands_beside_the_number():
    [request] = send(200, to="17012345678,8462")

    assert (request.json["to"], request.json["extension"]) == ("+8617012345678", "8462")


@pytest.mark.parametrize("status", [200, 201, 202, 204, 409])
def test_taken_and_taken_before_are_the_same(status):
    assert len(send(status)) == 1


@pytest.mark.parametrize(("status", "reason"), [(400, "text_refused"), (422, "address_refused")])
def test_refusal_is_for_good(status, reason):
    with pytest.raises(RefusedError, match=reason) as caught:
        send(status)
    assert caught.value.answer == f"{status} said so"


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, "gateway_settings"),
        (404, "gateway_settings"),
        (429, "gateway_busy"),
        (500, "gateway_failed"),
        (503, "gateway_busy"),
    ],
)
def test_failure_is_for_now(status, reason):
    with pytest.raises(ChannelError, match=reason) as caught:
        send(status)
    assert not isinstance(caught.value, RefusedError)


def test_redirect_is_not_followed():
    with http_gateway() as elsewhere, pytest.raises(ChannelError, match="gateway_settings"):
        send(307, {"Location": elsewhere.url})
    assert elsewhere.requests == []


def test_private_address_is_refused_unless_allowed():
    with http_gateway() as gateway, pytest.raises(ChannelError, match="gateway_settings") as caught:
        channel(gateway.url, rule=wire.public_only).send(message())
    assert gateway.requests == []
    assert "inside the house only" in caught.value.answer


@pytest.mark.parametrize(
    ("address", "is_allowed"),
    [
        ("47.1.2.3", True),
        ("2400:3200::1", True),
        ("127.0.0.1", False),
        ("10.0.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("0.0.0.0", False),
        ("::1", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_public_addresses_only(address, is_allowed):
    assert wire.public_only(ipaddress.ip_address(address)) is is_allowed


@pytest.mark.parametrize(("address", "is_allowed"), [("47.1.2.3", False), ("10.0.0.1", True)])
def test_without_encryption_nothing_leaves_the_house(address, is_allowed):
    given = ipaddress.ip_address(address)

    assert wire.unencrypted(wire.anywhere)(given) is is_allowed
    assert not wire.unencrypted(wire.public_only)(given)


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(ChannelError, match="gateway_unreachable"):
        channel(f"http://127.0.0.1:{port}/").send(message())


def test_gateway_that_drips_is_cut_off(monkeypatch):
    monkeypatch.setattr(wire, "WHOLE_S", 0.3)
    ended, over = threading.Event(), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip():
            peer, _ = listening.accept()
            with peer:
                peer.sendall(b"HTTP/1.1 200 OK\r\nX-Drip: ")
                end = time.monotonic() + MOST_S
                while not ended.wait(0.02) and time.monotonic() < end:
                    try:
                        peer.sendall(b".")
                    except OSError:
                        return
            over.set()

        thread = threading.Thread(target=drip)
        thread.start()
        with pytest.raises(ChannelError, match="gateway_unreachable"):
            channel(f"http://127.0.0.1:{listening.getsockname()[1]}/").send(message())
        assert not over.is_set()
        ended.set()
        thread.join()


def test_https_certificate_must_be_trusted(mail_certificate):
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer():
            peer, _ = listening.accept()
            with peer, pytest.raises(OSError, match=r"(?i)ssl|tls"):
                mail_certificate.server.wrap_socket(peer, server_side=True)

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(ChannelError, match="gateway_settings"):
            channel(f"https://127.0.0.1:{listening.getsockname()[1]}/").send(message())
        thread.join()


def test_whom_it_reaches():
    plain, extensions = channel("http://127.0.0.1/"), channel("http://127.0.0.1/", extensions=True)

    assert plain.reaches(parse("13812344068"), None)
    assert plain.reaches(parse("+85251234567"), None)
    assert not plain.reaches(PRIVACY, "a@example.com")
    assert extensions.reaches(PRIVACY, None)
    assert not extensions.reaches(parse("057188886666"), None)


def test_nothing_secret_shows_in_a_trace():
    shown = repr(WebhookOptions("https://gateway.example", SECRET)) + repr(message())

    assert SECRET not in shown
    assert "3210" not in shown
    assert "4068" not in shown


def test_signature_in_the_documentation_is_ours():
    text = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
    with clock.use(lambda: datetime.fromtimestamp(1795262400, UTC)):
        body = body_of(message())
        headers = headers_of(message(), body, SECRET)

    assert body.decode() in text
    assert f"Stationmaster-Signature: {headers['Stationmaster-Signature']}" in text
