"""Text messages through Aliyun's short message service, by its official SDK.

The SDK is an extra (`make sms`), so it is imported when the first message goes out. Aliyun knows the words already: a
message names one of the station's approved templates and brings what differs.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

from station.core import clock
from station.core.i18n import gettext as _
from station.core.phones import Phone, PhoneKind
from station.notices.channels import ChannelError, Medium, Message, RefusedError

REGION = "cn-hangzhou"  # where Aliyun serves the whole Chinese mainland from
CONNECT_MS = 3_000
READ_MS = 6_000  # ours: three requests, the most there are, stay under the 30 s that a channel has
HOME = ZoneInfo("Asia/Shanghai")  # the days that Aliyun counts in
DETAILS = 50  # the longest page of QuerySendDetails; one phone gets at most 50 messages a day
ANY_TOPIC = "*"
OK = "OK"

# What Aliyun's codes mean for us. Source: API error codes of SendSms 2017-05-25 in Aliyun's help centre. Whatever
# begins with `isv.` and is not here is about the station's account, signature or template.
REFUSALS = {
    "isv.MOBILE_NUMBER_ILLEGAL": "address_refused",
    "isv.BLACK_KEY_CONTROL_LIMIT": "address_refused",
    "isv.CUSTOMER_REFUSED": "address_refused",
    "isv.PARAM_LENGTH_LIMIT": "text_refused",
    "isv.PARAM_NOT_SUPPORT_URL": "text_refused",
    "isv.TEMPLATE_PARAMS_ILLEGAL": "text_refused",
    "isv.SMS_CONTENT_ILLEGAL": "text_refused",
}
FAILURES = {
    "isv.BUSINESS_LIMIT_CONTROL": "gateway_busy",
    "isv.DAY_LIMIT_CONTROL": "gateway_busy",
    "isv.MONTH_LIMIT_CONTROL": "gateway_busy",
    "isp.RAM_PERMISSION_DENY": "gateway_settings",
}
BEGINNINGS = {
    "Throttling": "gateway_busy",
    "ServiceUnavailable": "gateway_busy",
    "isv.": "gateway_settings",
    "InvalidAccessKeyId": "gateway_settings",
    "SignatureDoesNotMatch": "gateway_settings",
    "InvalidTimeStamp": "gateway_settings",
    "Forbidden": "gateway_settings",
}


@dataclass(frozen=True, slots=True)
class AliyunOptions:
    """The account, the approved signature, and the approved template of each topic (`*`: of all others)."""

    key_id: str
    sign_name: str
    templates: Mapping[str, str]
    key_secret: str = field(repr=False)


class AliyunSmsChannel:
    """Text mobile numbers of the Chinese mainland."""

    name = "sms_aliyun"
    medium = Medium.PHONE

    def __init__(self, options: AliyunOptions, endpoint: str) -> None:
        self._options = options
        self._endpoint = endpoint

    def reaches(self, phone: Phone, email: str | None) -> bool:
        """Mobile numbers; a text message cannot dial an extension."""
        return phone.kind is PhoneKind.MOBILE and phone.extension is None

    def send(self, message: Message) -> None:
        """Send `message`, unless an earlier try arrived whose answer was lost. Raises ChannelError, RefusedError."""
        if message.attempt > 1 and self._was_taken(message):
            return
        template = self._options.templates.get(message.topic) or self._options.templates.get(ANY_TOPIC)
        if template is None:
            raise ChannelError("gateway_settings", _("No template is set for this kind of message."))
        request = _sdk().models.SendSmsRequest(
            phone_numbers=message.to.number,
            sign_name=self._options.sign_name,
            template_code=template,
            template_param=json.dumps(variables_of(message), ensure_ascii=False),
            out_id=str(message.id),
        )
        _require_ok(self._call("send_sms_with_options", request))

    def _was_taken(self, message: Message) -> bool:
        """Ask whether Aliyun has a message of ours under this id, of today or yesterday."""
        today = clock.now().astimezone(HOME).date()
        return any(
            detail.out_id == str(message.id)
            for day in (today, today - timedelta(days=1))
            for detail in self._details(message.to.number, f"{day:%Y%m%d}")
        )

    def _details(self, number: str, day: str) -> list[Any]:
        request = _sdk().models.QuerySendDetailsRequest(
            phone_number=number, send_date=day, page_size=DETAILS, current_page=1
        )
        body = self._call("query_send_details_with_options", request)
        _require_ok(body)
        found = body.sms_send_detail_dtos
        return (found.sms_send_detail_dto or []) if found else []

    def _call(self, operation: str, request: Any) -> Any:
        """Return the body of Aliyun's answer. Raises ChannelError, RefusedError."""
        sdk, options = _sdk(), self._options
        protocol, _sep, host = self._endpoint.rpartition("://")
        config = sdk.config(
            access_key_id=options.key_id,
            access_key_secret=options.key_secret,
            region_id=REGION,
            endpoint=host or None,  # none: the SDK knows the address for the region
            protocol=protocol or "https",
            connect_timeout=CONNECT_MS,
            read_timeout=READ_MS,
        )
        call = getattr(sdk.client(config), operation)
        try:
            return call(request, sdk.runtime()).body
        except sdk.answered as error:
            raise failure_of(str(error.code), str(error.message)) from error
        except sdk.unanswered as error:
            raise ChannelError("gateway_unreachable", type(error).__name__) from error


@dataclass(frozen=True, slots=True)
class _Sdk:
    """The parts of the SDK that we use."""

    client: Any
    config: Any
    models: Any
    runtime: Any
    answered: Any
    unanswered: tuple[type[Exception], ...]


@cache
def _sdk() -> _Sdk:
    """Import the SDK. Raises ChannelError when it is not installed."""
    # The addresses of its requests hold phone numbers and codes, and below it they are logged.
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    try:
        failures = import_module("darabonba.exceptions")
        return _Sdk(
            client=import_module("alibabacloud_dysmsapi20170525.client").Client,
            config=import_module("alibabacloud_tea_openapi.utils_models").Config,
            models=import_module("alibabacloud_dysmsapi20170525.models"),
            runtime=import_module("darabonba.runtime").RuntimeOptions,
            answered=import_module("alibabacloud_tea_openapi.exceptions").AlibabaCloudException,
            unanswered=(failures.RetryError, failures.UnretryableException, OSError, ValueError),
        )
    except ImportError as error:
        raise ChannelError(
            "gateway_settings",
            _("Aliyun's packages are not installed. On the station's machine, run: make sms"),
        ) from error


def variables_of(message: Message) -> dict[str, str]:
    """Return what fills a template; Aliyun takes neither empty values nor addresses of pages."""
    filled = {name: value for name, value in message.variables.items() if value and "://" not in value}
    return filled or {"text": message.text}


def _require_ok(body: Any) -> None:
    if body.code != OK:
        raise failure_of(str(body.code), str(body.message))


def failure_of(code: str, said: str) -> ChannelError:
    """Return what a code of Aliyun's means."""
    answer = f"{code} {said}"
    if code in REFUSALS:
        return RefusedError(REFUSALS[code], answer)
    by_beginning = (reason for beginning, reason in BEGINNINGS.items() if code.startswith(beginning))
    return ChannelError(FAILURES.get(code) or next(by_beginning, "gateway_failed"), answer)
