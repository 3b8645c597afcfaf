"""What the station says to a payment provider and hears from it: one protocol for all of them.

A provider is never called inside a transaction: it may take seconds to answer. Amounts are whole minor units.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from station.payments.catalogue import Outcome, Way

# Our numbers are ids, a provider's reference letters and digits: Alipay's out_trade_no and trade_no take 64 characters
# (opendocs.alipay.com, alipay.trade.query).
NUMBER = re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII)


class Status(StrEnum):
    """Where a payment stands at the provider."""

    PAID = "paid"
    WAITING = "waiting"
    CLOSED = "closed"
    UNKNOWN = "unknown"  # the provider never heard of it: nobody opened its page


class Page(StrEnum):
    """How somebody gets to a provider."""

    LINK = "link"  # the browser goes there
    QR = "qr"  # a code is shown and scanned with the provider's app


@dataclass(frozen=True, slots=True)
class Wish:
    """A payment to be begun. `number` is the payment's id; `notify_url` and `return_url` are whole addresses."""

    number: str
    subject: str
    amount_minor: int
    currency: str
    expires_at: datetime
    notify_url: str
    return_url: str


@dataclass(frozen=True, slots=True)
class Begun:
    """Where to pay: an address to go to, or a text to show as a QR code."""

    page: Page
    text: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What a provider says of one payment, in a notice or when it is asked.

    `ref`, `amount_minor` and `currency` say nothing unless it is paid. `paid_at`: None when the provider does not say.
    """

    number: str
    status: Status
    ref: str = ""
    amount_minor: int = 0
    currency: str = ""
    paid_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A verified callback. `id`: the provider's own, the same when it tells the same again."""

    id: str
    seen: Seen


@dataclass(frozen=True, slots=True)
class Back:
    """Money to give back: `number` is the refund's id, `payment` the payment's."""

    number: str
    payment: str
    amount_minor: int
    currency: str


class Kind(StrEnum):
    """What a line of a provider's file tells of."""

    PAYMENT = "payment"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class FileLine:
    """One movement in a provider's file. `number`: ours, of the payment or the refund; amounts are positive.

    `payment`: our number of the payment that a refund is of, empty where the file does not say. `fee_minor`: what the
    provider keeps for itself, below nothing what it gives back of that.
    """

    kind: Kind
    number: str
    ref: str
    amount_minor: int
    currency: str
    payment: str = ""
    fee_minor: int = 0


class NoticeError(Exception):
    """A callback that is not believed; `outcome` says why."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome)
        self.outcome = outcome


class ProviderError(Exception):
    """The provider gave no answer, or none that settles it: ask again later. Never holds a secret."""


class RefusedError(Exception):
    """The provider refused for good; `code` is its own short code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Provider(Protocol):
    """A payment provider, with the keys of one station."""

    @property
    def way(self) -> Way:
        """Which way to pay it is."""

    @property
    def success(self) -> str:
        """What a callback is answered that need not be told again."""

    @property
    def failure(self) -> str:
        """What any other callback is answered."""

    def begin(self, wish: Wish) -> Begun:
        """Return where to pay. Raises ProviderError, RefusedError."""

    def code(self, wish: Wish) -> str:
        """Return a text to show as a QR code that the payer scans, the same payment when asked for again.

        Raises ProviderError, RefusedError.
        """

    def charge(self, wish: Wish, code: str) -> Seen:
        """Take a payment from whoever shows `code` in their app: it is paid, or waits for them to agree there.

        The same number takes money once, whatever code is shown. A code moves money: it stands in no address, no log
        and no error. Raises RefusedError when nothing was taken, ProviderError when it is not known.
        """

    def cancel(self, number: str) -> str:
        """Let nobody pay a payment any more; return nothing, or its reference when money came and was given back.

        Raises ProviderError when it is not known what became of it.
        """

    def read_notice(self, fields: Mapping[str, str]) -> Notice:
        """Verify a callback and return what it says. Raises NoticeError for one that is not believed."""

    def look(self, number: str) -> Seen:
        """Ask where a payment stands. Raises ProviderError."""

    def refund(self, back: Back) -> str:
        """Give money back; return the provider's reference. The same number gives back once.

        Raises ProviderError when it is not known what became of it, RefusedError when nothing was given back.
        """

    def fetch_file(self, day: date) -> bytes:
        """Fetch the file of a day. Raises ProviderError while there is none."""

    def read_file(self, content: bytes) -> Sequence[FileLine]:
        """Read a file of a day. Raises StationError `file_unreadable`."""
