"""One signed HTTP request to an address that somebody gave us, and its answer: the wire format of all our webhooks.

The signature is HMAC-SHA256 (RFC 2104) over the timestamp, a full stop and the body, with a shared secret. A redirect
is an answer like any other: what is signed goes to the address that was named, or nowhere.
"""

import hashlib
import hmac
import http.client
import socket
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

from station.core import clock
from station.notices import wire
from station.notices.wire import AddressRule

ANSWER_LIMIT = 2000  # bytes of an answer that are read at all
SCHEMES = {"https": 443, "http": 80}


def headers(key: str, body: bytes, secret: str) -> dict[str, str]:
    """Return the headers that name and sign a request; `key` is the same whenever the same is sent again."""
    stamp = str(int(clock.now().timestamp()))
    signature = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json; charset=utf-8",
        "Connection": "close",
        "Idempotency-Key": key,
        "Stationmaster-Timestamp": stamp,
        "Stationmaster-Signature": f"v1={signature}",
    }


def post(url: str, body: bytes, headers: Mapping[str, str], rule: AddressRule) -> tuple[int, str]:
    """Post once; return the answer's status and the beginning of its body.

    Raises wire.ForbiddenAddressError, OSError (ssl.SSLError among them) and http.client.HTTPException.
    """
    target = urlsplit(url)
    host, port = target.hostname or "", target.port or SCHEMES[target.scheme]
    path = target._replace(scheme="", netloc="", fragment="").geturl() or "/"
    allowed = rule if target.scheme == "https" else wire.unencrypted(rule)
    with wire.line(host, port, allowed) as line:
        secured = wire.secured(line.socket, host) if target.scheme == "https" else line.socket
        answer = _exchange(secured, (host, port), path, body, headers)
        if line.cut.is_set():
            raise TimeoutError
        return answer


def _exchange(
    line: socket.socket, address: tuple[str, int], path: str, body: bytes, headers: Mapping[str, str]
) -> tuple[int, str]:
    """Send one request and read its answer."""
    kind = http.client.HTTPSConnection if isinstance(line, ssl.SSLSocket) else http.client.HTTPConnection
    client = kind(*address)
    client.sock = line
    with line:
        client.request("POST", path, body=body, headers=dict(headers))
        answer = client.getresponse()
        return answer.status, answer.read(ANSWER_LIMIT).decode(errors="replace")
