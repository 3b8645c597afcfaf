"""Why a provider takes nothing from a payer's code, in words that say what to do next. Pure.

A provider's own codes stand here beside what they mean at a counter; what a code says to developers alone is told as
it is. Alipay's are those of opendocs.alipay.com, alipay.trade.pay, and the gateway's own for a missing permission.
"""

from station.core.i18n import gettext as _
from station.core.i18n import lazy as _l

EXPIRED, NOT_ENOUGH = "code_expired", "not_enough"  # the test provider's own
SCAN_AGAIN = _l("The code has expired or was used already. Let the customer refresh it, then scan again.")
NO_MONEY = _l("There is not enough money. Let the customer choose another card in the app, then scan again.")
SWITCHED_OFF = _l("The customer has switched this way to pay off in the app. Take the money another way.")
LIMIT = _l(
    "The customer has reached a limit of theirs. Let them choose another card, or take the money another way."
)
STATION_LIMIT = _l("The station has reached a limit of its own at the provider. Take the money another way.")
NOT_THIS_ONE = _l("The provider does not let this customer pay. Take the money another way.")
SAME = _l("This is the code of the station’s own account. It cannot pay itself.")
NOT_ALLOWED = _l(
    "The provider does not let the station scan codes yet: its application needs face-to-face payment."
)
BEGIN_ANEW = _l("Somebody else began to pay this already. Cancel this payment, then take the money again.")

WORDS: dict[str, str] = {
    EXPIRED: SCAN_AGAIN,
    NOT_ENOUGH: NO_MONEY,
    "ACQ.PAYMENT_AUTH_CODE_INVALID": SCAN_AGAIN,
    "ACQ.PULL_MOBILE_CASHIER_FAIL": SCAN_AGAIN,
    "ACQ.PAYMENT_FAIL": SCAN_AGAIN,
    "ACQ.BUYER_BALANCE_NOT_ENOUGH": NO_MONEY,
    "ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH": NO_MONEY,
    "ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE": NO_MONEY,
    "ACQ.ERROR_BALANCE_PAYMENT_DISABLE": SWITCHED_OFF,
    "ACQ.MOBILE_PAYMENT_SWITCH_OFF": SWITCHED_OFF,
    "ACQ.USER_FACE_PAYMENT_SWITCH_OFF": SWITCHED_OFF,
    "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR": LIMIT,
    "ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR": LIMIT,
    "ACQ.BEYOND_PAY_RESTRICTION": STATION_LIMIT,
    "ACQ.BEYOND_PER_RECEIPT_RESTRICTION": STATION_LIMIT,
    "ACQ.TOTAL_FEE_EXCEED": STATION_LIMIT,
    "ACQ.BUYER_ENABLE_STATUS_FORBID": NOT_THIS_ONE,
    "ACQ.ERROR_BUYER_CERTIFY_LEVEL_LIMIT": NOT_THIS_ONE,
    "ACQ.PAYMENT_REQUEST_HAS_RISK": NOT_THIS_ONE,
    "ACQ.BUYER_SELLER_EQUAL": SAME,
    "ACQ.ACCESS_FORBIDDEN": NOT_ALLOWED,
    "ACQ.AGREEMENT_NOT_EXIST": NOT_ALLOWED,
    "isv.insufficient-isv-permissions": NOT_ALLOWED,
    "ACQ.TRADE_BUYER_NOT_MATCH": BEGIN_ANEW,
    "ACQ.TRADE_HAS_CLOSE": BEGIN_ANEW,
    "ACQ.CONTEXT_INCONSISTENT": BEGIN_ANEW,
}


def words(code: str) -> str:
    """Say why nothing was taken, and what to do."""
    known = WORDS.get(code)
    if known:
        return _(known)
    return _("The provider refuses this payment (%(code)s). Take the money another way.", code=code)
