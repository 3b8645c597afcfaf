"""Alipay, by python-alipay-sdk: its page or a QR code, signed callbacks, questions, refunds and the bill of a day.

The SDK is an extra (`make alipay`), so it is imported when Alipay is first asked for. It signs and verifies (RSA2:
RSASSA-PKCS1-v1_5 with SHA-256); what an answer means is decided here. Alipay's fields and codes are those of
opendocs.alipay.com: alipay.trade.wap.pay, .precreate, .pay, .query, .cancel, .refund, .fastpay.refund.query.
"""

import base64
import binascii
import http.client
import re
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from station.core import clock
from station.payments import alipay_bill
from station.payments.alipay_bill import minor, yuan
from station.payments.catalogue import Outcome, Way
from station.payments.provider import (
    NUMBER,
    Back,
    Begun,
    FileLine,
    Notice,
    NoticeError,
    Page,
    ProviderError,
    RefusedError,
    Seen,
    Status,
    Wish,
)

HOME = ZoneInfo("Asia/Shanghai")  # Alipay's times are GMT+8 and carry no zone
NOTICE_ID = re.compile(r"[0-9A-Za-z_-]{1,128}", re.ASCII)  # notify_id: at most 128 characters
TIMEOUT_S = 10  # ours: somebody waits before a page for it
OK, REFUSED, IN_PROCESS = "10000", "40004", "10003"
# The gateway turned it away: something is missing or not permitted.
NOT_DONE = frozenset({"40001", "40002", "40006"})
UNSETTLED = frozenset({"ACQ.SYSTEM_ERROR", "aop.ACQ.SYSTEM_ERROR"})  # refused now, and to be asked again
NOT_THERE, HAS_SUCCESS = "ACQ.TRADE_NOT_EXIST", "ACQ.TRADE_HAS_SUCCESS"
STATUS = {
    "WAIT_BUYER_PAY": Status.WAITING,
    "TRADE_CLOSED": Status.CLOSED,
    "TRADE_SUCCESS": Status.PAID,
    "TRADE_FINISHED": Status.PAID,  # paid, and too old to be refunded
}
CURRENCY = "CNY"
CODE_LIMIT = 512  # characters: alipay.trade.precreate's qr_code takes 1,024 at most, and has 46 in fact
DOWNLOADS = (".alipay.com", ".alipaydev.com")  # where Alipay serves bills from


@dataclass(frozen=True, slots=True)
class AlipayOptions:
    """A merchant's application. Keys in PEM or in base64 alone, as Alipay's key tool writes them."""

    app_id: str
    seller_id: str
    page: str
    is_sandbox: bool
    alipay_public_key: str
    app_private_key: str = field(repr=False)


class AlipayProvider:
    """Alipay for one merchant. `endpoint`: another gateway than Alipay's, for tests and mock-ups."""

    way = Way.ALIPAY
    success = "success"
    failure = "failure"  # Alipay tells again whatever is not answered with exactly `success`

    def __init__(self, options: AlipayOptions, endpoint: str = "") -> None:
        self._options = options
        self._endpoint = endpoint

    def begin(self, wish: Wish) -> Begun:
        """Return Alipay's page for phones, or the code to scan, by what the station chose."""
        if self._options.page == Page.QR:
            return Begun(Page.QR, self.code(wish))
        client = self._client()
        query = client.client_api(
            "alipay.trade.wap.pay",
            {**_content(wish), "product_code": "QUICK_WAP_WAY"},
            notify_url=wish.notify_url,
            return_url=wish.return_url,
            timestamp=_stamp(clock.now()),
        )
        return Begun(Page.LINK, f"{client._gateway}?{query}")

    def code(self, wish: Wish) -> str:
        """Return the code to scan; nothing stands at Alipay before somebody scans it."""
        answer = _settled(self._ask("alipay.trade.precreate", _content(wish), notify_url=wish.notify_url))
        text = str(answer.get("qr_code", ""))
        if not 0 < len(text) <= CODE_LIMIT:
            raise ProviderError("no code")
        return text

    def charge(self, wish: Wish, code: str) -> Seen:
        """Charge the payment code that somebody shows in their app (scene bar_code)."""
        content = {**_content(wish), "scene": "bar_code", "auth_code": code}
        answer = self._ask("alipay.trade.pay", content, notify_url=wish.notify_url)
        said, why = str(answer.get("code")), str(answer.get("sub_code", ""))
        if said == IN_PROCESS:
            return Seen(wish.number, Status.WAITING)
        if why == HAS_SUCCESS:  # by an earlier code of the same payment: asking for it tells
            raise ProviderError(why)
        if said in NOT_DONE:
            raise RefusedError(why[:64])
        try:
            seen = _seen({**_settled(answer), "trade_status": "TRADE_SUCCESS"}, "gmt_payment")
        except (KeyError, ValueError) as error:
            raise ProviderError("not understood") from error
        if seen.number != wish.number:
            raise ProviderError("another payment")
        return seen

    def cancel(self, number: str) -> str:
        """Close a payment; Alipay gives its money back where it came at the same moment."""
        try:
            answer = _settled(self._ask("alipay.trade.cancel", {"out_trade_no": number}))
        except RefusedError as error:
            raise ProviderError(error.code) from error
        if answer.get("retry_flag") == "Y":
            raise ProviderError("not cancelled yet")
        if answer.get("action") != "refund":  # `close`, or nothing: nobody had scanned it
            return ""
        ref = str(answer.get("trade_no", ""))
        if not NUMBER.fullmatch(ref):
            raise ProviderError("no trade")
        return ref

    def read_notice(self, fields: Mapping[str, str]) -> Notice:
        """Verify a callback by Alipay's public key, then that it is meant for this application and this seller."""
        said = dict(fields)
        if not self._verified(said, said.pop("sign", "")):
            raise NoticeError(Outcome.FORGED)
        if said.get("app_id") != self._options.app_id:
            raise NoticeError(Outcome.OTHER_APP)
        if said.get("seller_id") != self._options.seller_id:
            raise NoticeError(Outcome.OTHER_SELLER)
        if said.get("trans_currency", CURRENCY) != CURRENCY:
            raise NoticeError(Outcome.OTHER_CURRENCY)
        notice_id = said.get("notify_id", "")
        if not NOTICE_ID.fullmatch(notice_id):
            raise NoticeError(Outcome.MALFORMED)
        try:
            return Notice(notice_id, _seen(said, "gmt_payment"))
        except (KeyError, ValueError) as error:
            raise NoticeError(Outcome.MALFORMED) from error

    def look(self, number: str) -> Seen:
        """Ask where a payment stands."""
        answer = self._ask("alipay.trade.query", {"out_trade_no": number})
        if answer.get("sub_code") == NOT_THERE:
            return Seen(number, Status.UNKNOWN)
        try:
            seen = _seen(_settled(answer), "send_pay_date")
        except (RefusedError, KeyError, ValueError) as error:
            raise ProviderError(str(answer.get("sub_code", ""))) from error
        if seen.number != number:
            raise ProviderError("another payment")
        return seen

    def refund(self, back: Back) -> str:
        """Give money back; a repeat under the same number is told apart by asking for it."""
        content = {
            "out_trade_no": back.payment,
            "refund_amount": yuan(back.amount_minor),
            "out_request_no": back.number,
        }
        answer = _settled(self._ask("alipay.trade.refund", content))
        if answer.get("fund_change") != "Y":  # nothing moved by this request: perhaps by an earlier one
            self._require_refunded(back)
        return str(answer.get("trade_no", ""))

    def _require_refunded(self, back: Back) -> None:
        content = {"out_trade_no": back.payment, "out_request_no": back.number}
        answer = _settled(self._ask("alipay.trade.fastpay.refund.query", content))
        is_whole = str(answer.get("refund_amount")) == yuan(back.amount_minor)
        if answer.get("refund_status", "REFUND_SUCCESS") != "REFUND_SUCCESS" or not is_whole:
            raise ProviderError("refund not confirmed")

    def fetch_file(self, day: date) -> bytes:
        """Fetch the bill of a day of Alipay's; it is ready at about nine the next morning."""
        content = {"bill_type": "trade", "bill_date": day.isoformat()}
        try:
            answer = _settled(self._ask("alipay.data.dataservice.bill.downloadurl.query", content))
        except RefusedError as error:
            raise ProviderError(error.code) from error
        return self._download(str(answer.get("bill_download_url", "")))

    def read_file(self, content: bytes) -> Sequence[FileLine]:
        """Read a bill."""
        return alipay_bill.read(content)

    def _download(self, url: str) -> bytes:
        host = urlsplit(url).hostname or ""
        is_alipays = url.startswith("https://") and host.endswith(DOWNLOADS)
        is_ours = bool(self._endpoint) and host == urlsplit(self._endpoint).hostname
        if not is_alipays and not is_ours:
            raise ProviderError("the bill is not at Alipay")
        try:
            with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:  # noqa: S310 - judged above
                content: bytes = answer.read(alipay_bill.MOST_PACKED + 1)
        except (OSError, http.client.HTTPException) as error:
            raise ProviderError(type(error).__name__) from error
        return content

    def _ask(self, method: str, content: dict[str, str], **more: str) -> dict[str, Any]:
        """Return Alipay's answer, its signature verified. Raises ProviderError for none, or one that is not signed."""
        sdk, client = _sdk(), self._client()
        try:
            answer = _post(client, method, content, {**more, "timestamp": _stamp(clock.now())})
        except sdk.failures as error:
            raise ProviderError(type(error).__name__) from None  # its words may repeat what we sent
        if not isinstance(answer, dict):
            raise ProviderError("no object")
        return answer

    def _verified(self, said: dict[str, str], signature: str) -> bool:
        sdk, client = _sdk(), self._client()
        try:
            return bool(client.verify(said, signature))
        except sdk.unbelievable:
            return False

    def _client(self) -> Any:
        options, sdk = self._options, _sdk()
        client = sdk.client(
            appid=options.app_id,
            app_private_key_string=key_of(options.app_private_key),
            alipay_public_key_string=key_of(options.alipay_public_key),
            sign_type="RSA2",
            debug=options.is_sandbox,
            config=sdk.config(timeout=TIMEOUT_S),
        )
        if self._endpoint:
            client._gateway = self._endpoint
        return client


@dataclass(frozen=True, slots=True)
class _Sdk:
    """The parts of the SDK that we use."""

    client: Any
    config: Any
    unbelievable: tuple[type[Exception], ...]
    failures: tuple[type[Exception], ...]


@cache
def _sdk() -> _Sdk:
    alipay = import_module("alipay")
    errors = import_module("alipay.exceptions")
    config = import_module("alipay.utils").AliPayConfig
    # A signature that is no base64 is a ValueError; an answer of another shape than Alipay's breaks the SDK's reading.
    unbelievable = (ValueError, errors.AliPayException, errors.AliPayValidationError)
    unanswered = (OSError, http.client.HTTPException, AttributeError, TypeError)
    return _Sdk(alipay.AliPay, config, unbelievable, (*unbelievable, *unanswered))


def _post(client: Any, method: str, content: dict[str, str], more: dict[str, str]) -> Any:
    """Ask Alipay and return its verified answer. What is asked stands in the body: a payer's code in no address."""
    parts = client.client_api(method, content, **more).split("&")
    body = next(part for part in parts if part.startswith("biz_content="))
    address = f"{client._gateway}?{'&'.join(part for part in parts if part != body)}"
    asked = urllib.request.Request(address, data=body.encode())  # noqa: S310 - Alipay's own, or the operator's
    with urllib.request.urlopen(asked, timeout=TIMEOUT_S) as answer:  # noqa: S310 - the same
        text: str = answer.read().decode()
    return client._verify_and_return_sync_response(text, f"{method.replace('.', '_')}_response")


def is_installed() -> bool:
    """Tell whether the SDK is there: `make alipay`."""
    try:
        _sdk()
    except ImportError:
        return False
    return True


def key_of(text: str) -> str | bytes:
    """Return a key as the SDK reads it: PEM as it is, base64 alone as the DER it holds. Raises ValueError."""
    if "-----BEGIN" in text:
        return text.strip()
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error as error:
        raise ValueError("not a key") from error


def are_keys(private: str, public: str) -> bool:
    """Tell whether both are RSA keys, the first one private, the second one not."""
    rsa = import_module("Cryptodome.PublicKey.RSA")
    try:
        ours, theirs = rsa.import_key(key_of(private)), rsa.import_key(key_of(public))
    except (ValueError, IndexError, TypeError):
        return False
    return bool(ours.has_private() and not theirs.has_private())


def _content(wish: Wish) -> dict[str, str]:
    return {
        "subject": wish.subject,
        "out_trade_no": wish.number,
        "total_amount": yuan(wish.amount_minor),
        "time_expire": _stamp(wish.expires_at),
    }


def _settled(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer that says yes. Raises RefusedError for a final no, ProviderError for anything else."""
    code, why = str(answer.get("code")), str(answer.get("sub_code", ""))
    if code == OK:
        return answer
    if code == REFUSED and why not in UNSETTLED:
        raise RefusedError(why[:64])
    raise ProviderError(f"{code} {why}"[:64])


def _seen(said: Mapping[str, str], paid_at: str) -> Seen:
    """Read what Alipay says of a payment. Raises KeyError or ValueError for what it would never say."""
    number, status = str(said["out_trade_no"]), STATUS[said["trade_status"]]
    if status is not Status.PAID:
        return Seen(number, status)
    ref, when = str(said["trade_no"]), said.get(paid_at)
    if not NUMBER.fullmatch(ref):
        raise ValueError("not a trade")
    moment = datetime.fromisoformat(when).replace(tzinfo=HOME) if when else None
    return Seen(number, status, ref, minor(str(said["total_amount"])), CURRENCY, moment)


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(HOME):%Y-%m-%d %H:%M:%S}"
