"""What a waiting page shows of a payment: one face of ten, so that it is drawn anew only when that changes. Pure."""

from datetime import datetime
from enum import StrEnum

from station.payments import scans
from station.payments.lifecycle import PaymentState, ScanState
from station.payments.queries import Asked


class Face(StrEnum):
    """What somebody at the counter sees."""

    CODE = "code"  # a code to scan by phone, and a field for the payer's own
    SENT = "sent"  # a payer's code is on its way to the provider
    CONFIRM = "confirm"  # the payer has to agree on their phone
    REFUSED = "refused"  # nothing was taken; another code may be scanned
    SILENT = "silent"  # nobody knows: the provider does not answer
    PAID = "paid"
    BACK = "back"  # the money came and was given back at once
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    LOST = "lost"  # cancelled because the provider never knew of the payer's code


ENDS = {PaymentState.EXPIRED: Face.EXPIRED, PaymentState.FAILED: Face.CANCELLED}
SCANNED = {None: Face.CODE, ScanState.CONFIRM: Face.CONFIRM, ScanState.REFUSED: Face.REFUSED}
WAITING = frozenset({Face.CODE, Face.SENT, Face.CONFIRM, Face.REFUSED, Face.SILENT})
TAKES_SCANS = frozenset({Face.CODE, Face.REFUSED})


def face(asked: Asked, now: datetime) -> Face:
    """Return what a payment's page shows at a moment."""
    if asked.state is PaymentState.PAID:
        return Face.PAID if asked.rest_minor else Face.BACK
    if asked.state is PaymentState.FAILED and asked.scan is ScanState.SENT:
        return Face.LOST
    if asked.state is not PaymentState.ASKED:
        return ENDS[asked.state]
    if scans.is_under_way(asked, now):
        return Face.SENT
    is_over = asked.expires_at is not None and asked.expires_at <= now
    return SCANNED.get(asked.scan, Face.SILENT) if not is_over else Face.SILENT
