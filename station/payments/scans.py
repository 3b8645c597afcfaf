"""A code that a payer showed: which one may be sent, and how it stands with it. The code itself is written nowhere."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from station.core import clock
from station.core.actor import Actor
from station.core.db import connection
from station.events.service import take_turn
from station.payments import queries
from station.payments.lifecycle import PaymentState, ScanAction, ScanState, scanned
from station.payments.models import Payment
from station.payments.queries import Asked

# Ours: a provider is given ten seconds to connect and ten to answer; after that nothing of ours is under way to it.
UNDER_WAY = timedelta(seconds=30)
REASON_LIMIT = 64


def send(actor: Actor, payment_id: int) -> bool:
    """Tell whether a code may be sent for a payment, and keep that one is: of several scans at once it is one.

    Raises StationError `not_found`.
    """
    return _step(actor, payment_id, ScanAction.SEND, scanned_at=clock.now(), scan_reason=None)


def wait(actor: Actor, payment_id: int) -> bool:
    """Keep that the payer has to agree on their phone; return whether that is new. Raises StationError `not_found`."""
    return _step(actor, payment_id, ScanAction.WAIT)


def refuse(actor: Actor, payment_id: int, reason: str) -> bool:
    """Keep that the provider took nothing, and its own code of why. Raises StationError `not_found`."""
    return _step(actor, payment_id, ScanAction.REFUSE, scan_reason=reason[:REASON_LIMIT])


def is_under_way(asked: Asked, now: datetime) -> bool:
    """Tell whether a code may still be on its way to the provider."""
    if asked.state is not PaymentState.ASKED or asked.scan is not ScanState.SENT or asked.scanned_at is None:
        return False
    return now < asked.scanned_at + UNDER_WAY


def _step(actor: Actor, payment_id: int, action: ScanAction, **values: Any) -> bool:
    take_turn(actor.station_id)
    asked = queries.payment(actor.station_id, payment_id)
    state = scanned(asked.scan, action)
    is_over = asked.expires_at is None or asked.expires_at <= clock.now()
    if state is None or asked.state is not PaymentState.ASKED or (action is ScanAction.SEND and is_over):
        return False
    row = (Payment.station_id == actor.station_id, Payment.id == payment_id)
    connection().execute(update(Payment).where(*row).values(scan=state.value, **values))
    return True
