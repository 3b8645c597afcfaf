"""The ways to pay, as one table of data. Pure: what a station has set up stands in settings.py.

WeChat Pay and Stripe come as two more rows here, each with a module that keeps to `provider.Provider`.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from station.core.i18n import lazy as _l
from station.ledger.chart import AccountKind, AccountRef


class Way(StrEnum):
    """How money comes."""

    CASH = "cash"
    CARD = "card"
    ALIPAY = "alipay"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Facts:
    """What sets one way apart. `currencies`: empty for any. `is_real`: whether real money moves.

    `payer_code`: how a code looks that a payer shows and a counter scans; None where that cannot be.
    """

    label: str
    account: AccountRef
    currencies: frozenset[str] = frozenset()
    is_real: bool = True
    payer_code: re.Pattern[str] | None = None


WAYS: dict[Way, Facts] = {
    Way.CASH: Facts(_l("Cash"), AccountRef(AccountKind.CASH)),
    Way.CARD: Facts(_l("Card"), AccountRef(AccountKind.CARD)),
    # Alipay's domestic products settle in yuan only (opendocs.alipay.com, alipay.trade.page.pay, total_amount).
    # 16 to 24 digits that begin with 25 … 30 (opendocs.alipay.com, alipay.trade.pay, auth_code).
    Way.ALIPAY: Facts(
        _l("Alipay"),
        AccountRef(AccountKind.PROVIDER, "alipay"),
        frozenset({"CNY"}),
        payer_code=re.compile(r"(?:2[5-9]|30)[0-9]{14,22}", re.ASCII),
    ),
    # Ours (test_codes.py): no app's codes begin so.
    Way.TEST: Facts(
        _l("Test payment – no real money"),
        AccountRef(AccountKind.PROVIDER, "test"),
        is_real=False,
        payer_code=re.compile(r"90[0-9]{22}", re.ASCII),
    ),
}
AT_COUNTER = frozenset({Way.CASH, Way.CARD})
"""Money a clerk takes and gives back by hand; all others are providers that are asked over the network."""
REMOTE = tuple(way for way in Way if way not in AT_COUNTER)


class Reason(StrEnum):
    """Why money is given back; never typed, so that nothing personal stands in the books."""

    NOT_NEEDED = "not_needed"  # the resident wants their balance back
    MISTAKE = "mistake"  # it was never taken, or another sum
    COMPLAINT = "complaint"
    BY_PROVIDER = (
        "by_provider"  # given back there without our asking: at its own site, or with a cancelled payment
    )


REASONS: dict[Reason, str] = {
    Reason.NOT_NEEDED: _l("The balance is not needed"),
    Reason.MISTAKE: _l("Typed by mistake"),
    Reason.COMPLAINT: _l("A complaint"),
    Reason.BY_PROVIDER: _l("Given back by the provider itself"),
}


class Outcome(StrEnum):
    """What came of a notice of a provider."""

    PAID = "paid"
    FAILED = "failed"
    NOTHING = "nothing"  # it told what was known, or nothing that is final
    FORGED = "forged"
    MALFORMED = "malformed"
    OTHER_APP = "other_app"
    OTHER_SELLER = "other_seller"
    OTHER_AMOUNT = "other_amount"
    OTHER_CURRENCY = "other_currency"
    OTHER_TRADE = "other_trade"
    UNKNOWN_PAYMENT = "unknown_payment"


OUTCOMES: dict[Outcome, str] = {
    Outcome.PAID: _l("Booked as paid"),
    Outcome.FAILED: _l("Booked as closed by the provider"),
    Outcome.NOTHING: _l("Nothing new"),
    Outcome.FORGED: _l("The signature is not the provider’s"),
    Outcome.MALFORMED: _l("Not understood"),
    Outcome.OTHER_APP: _l("Meant for another application"),
    Outcome.OTHER_SELLER: _l("Meant for another seller"),
    Outcome.OTHER_AMOUNT: _l("Another amount than was asked"),
    Outcome.OTHER_CURRENCY: _l("Another currency than was asked"),
    Outcome.OTHER_TRADE: _l("The payment was paid by another trade already"),
    Outcome.UNKNOWN_PAYMENT: _l("No payment has this number"),
}
ACCEPTED = frozenset({Outcome.PAID, Outcome.FAILED, Outcome.NOTHING})
"""What a provider is told `success` for, so that it does not tell it again."""
