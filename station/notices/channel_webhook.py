"""Messages to any gateway that takes a signed HTTPS request; docs/operations.md describes it for who builds one."""

import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from station.core import clock
from station.core.phones import Phone, PhoneKind
from station.notices import signed_post, wire
from station.notices.channels import ChannelError, Medium, Message, RefusedError
from station.notices.wire import AddressRule

# What an answer means that is no success (RFC 9110, section 15; 429: RFC 6585). Whatever is not here: it failed.
ALREADY_DELIVERED = http.HTTPStatus.CONFLICT
REFUSALS = {400: "text_refused", 413: "text_refused", 422: "address_refused"}
FAILURES = {
    401: "gateway_settings",
    403: "gateway_settings",
    404: "gateway_settings",
    405: "gateway_settings",
}
BUSY = {408, 425, 429, 503}


@dataclass(frozen=True, slots=True)
class WebhookOptions:
    """Where to send and how to sign; `texts_extensions`: whether the gateway reaches privacy numbers."""

    url: str
    secret: str = field(repr=False)
    texts_extensions: bool = False


class WebhookChannel:
    """Post each message as JSON, signed with a shared secret."""

    name = "webhook"
    medium = Medium.PHONE

    def __init__(self, options: WebhookOptions, rule: AddressRule) -> None:
        self._options = options
        self._rule = rule

    def reaches(self, phone: Phone, email: str | None) -> bool:
        """Mobile numbers of every country, and numbers with an extension where the gateway can."""
        if phone.kind is PhoneKind.PRIVACY:
            return self._options.texts_extensions
        return phone.kind in {PhoneKind.MOBILE, PhoneKind.INTERNATIONAL} and phone.extension is None

    def send(self, message: Message) -> None:
        """Post `message` once. Raises ChannelError, RefusedError."""
        body = body_of(message)
        status, answer = self._post(body, headers_of(message, body, self._options.secret))
        if 200 <= status < 300 or status == ALREADY_DELIVERED:
            return
        if status in REFUSALS:
            raise RefusedError(REFUSALS[status], f"{status} {answer}")
        raise ChannelError(_failure(status), f"{status} {answer}")

    def _post(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        try:
            return signed_post.post(self._options.url, body, headers, self._rule)
        except wire.ForbiddenAddressError as error:
            raise ChannelError("gateway_settings", wire.forbidden()) from error
        except ssl.SSLCertVerificationError as error:
            raise ChannelError("gateway_settings", error.verify_message) from error
        except (OSError, http.client.HTTPException) as error:
            raise ChannelError("gateway_unreachable", type(error).__name__) from error


def body_of(message: Message) -> bytes:
    """Return the request's body: what the signature is made over."""
    values: dict[str, Any] = {
        "id": str(message.id),
        "to": international(message.to),
        "text": message.text,
        "topic": message.topic,
        "timestamp": int(clock.now().timestamp()),
    }
    if message.to.extension:
        values["extension"] = message.to.extension
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def international(phone: Phone) -> str:
    """Return a number as ITU-T E.164 writes it."""
    return phone.number if phone.number.startswith("+") else f"+86{phone.number}"


def headers_of(message: Message, body: bytes, secret: str) -> dict[str, str]:
    """Return the headers that name and sign a request."""
    return signed_post.headers(str(message.id), body, secret)


def _failure(status: int) -> str:
    if status in BUSY:
        return "gateway_busy"
    if 300 <= status < 400:
        return "gateway_settings"
    return FAILURES.get(status, "gateway_failed")
