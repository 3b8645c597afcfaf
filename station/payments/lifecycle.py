"""The lives of a payment, a scanned code, a refund and a difference as tables of data. Pure."""

from enum import StrEnum


class PaymentState(StrEnum):
    """Where a payment stands."""

    ASKED = "asked"
    PAID = "paid"
    EXPIRED = "expired"  # nobody paid in time; money that comes all the same still counts
    FAILED = "failed"  # the provider closed it, by itself or because the counter cancelled it


class PaymentAction(StrEnum):
    """What happens to a payment."""

    PAY = "pay"
    EXPIRE = "expire"
    FAIL = "fail"


class ScanState(StrEnum):
    """How it stands with the code that a payer showed and a counter scanned."""

    SENT = "sent"  # nobody knows yet what came of it
    CONFIRM = "confirm"  # the payer has to agree on their phone
    REFUSED = "refused"  # nothing was taken; a code may be scanned again, for the same payment


class ScanAction(StrEnum):
    """What happens to a scanned code."""

    SEND = "send"
    WAIT = "wait"
    REFUSE = "refuse"


class RefundState(StrEnum):
    """Where a refund stands. The money is out of the resident's account from the first moment."""

    ASKED = "asked"  # the provider has not answered yet; it is asked again under the same number
    DONE = "done"
    FAILED = "failed"  # the provider refused; the resident's account has the money again


class RefundAction(StrEnum):
    """What happens to a refund."""

    CONFIRM = "confirm"
    FAIL = "fail"


class LineState(StrEnum):
    """What was done about a difference between our books and the provider's."""

    OPEN = "open"
    BOOKED = "booked"
    EXPLAINED = "explained"


class LineAction(StrEnum):
    """What can be done about a difference."""

    BOOK = "book"
    EXPLAIN = "explain"


PAYMENTS: dict[tuple[PaymentState, PaymentAction], PaymentState] = {
    (PaymentState.ASKED, PaymentAction.PAY): PaymentState.PAID,
    (PaymentState.ASKED, PaymentAction.EXPIRE): PaymentState.EXPIRED,
    (PaymentState.ASKED, PaymentAction.FAIL): PaymentState.FAILED,
    (PaymentState.EXPIRED, PaymentAction.PAY): PaymentState.PAID,
    (PaymentState.FAILED, PaymentAction.PAY): PaymentState.PAID,
}
"""Paid is the end: a mistake is a refund. Money that came is never turned away, however late."""

SCANS: dict[tuple[ScanState, ScanAction], ScanState] = {
    (ScanState.REFUSED, ScanAction.SEND): ScanState.SENT,
    (ScanState.SENT, ScanAction.WAIT): ScanState.CONFIRM,
    (ScanState.SENT, ScanAction.REFUSE): ScanState.REFUSED,
}
"""Of a payment that is asked for: while one code is on its way no other is sent; the end is the payment's own."""

REFUNDS: dict[tuple[RefundState, RefundAction], RefundState] = {
    (RefundState.ASKED, RefundAction.CONFIRM): RefundState.DONE,
    (RefundState.ASKED, RefundAction.FAIL): RefundState.FAILED,
}

LINES: dict[tuple[LineState, LineAction], LineState] = {
    (LineState.OPEN, LineAction.BOOK): LineState.BOOKED,
    (LineState.OPEN, LineAction.EXPLAIN): LineState.EXPLAINED,
}


def paid(state: PaymentState, action: PaymentAction) -> PaymentState | None:
    """Return the state that `action` leads a payment to, None when it changes nothing."""
    return PAYMENTS.get((state, action))


def scanned(state: ScanState | None, action: ScanAction) -> ScanState | None:
    """Return how it stands with a scanned code after `action`, None when that changes nothing."""
    if state is None:
        return ScanState.SENT if action is ScanAction.SEND else None
    return SCANS.get((state, action))
