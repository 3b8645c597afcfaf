"""Whose payments are under way: nobody is erased while money of theirs is still moving."""

from collections.abc import Sequence

from sqlalchemy import and_, func, or_, select

from station.core.db import connection
from station.payments.lifecycle import PaymentState, RefundState
from station.payments.models import Payment, Refund


def under_way(station_id: int, recipient_ids: Sequence[int]) -> int:
    """Return how many payments of these recipients wait for their money, or for a provider to give it back."""
    given = and_(
        Refund.station_id == Payment.station_id,
        Refund.payment_id == Payment.id,
        Refund.state == RefundState.ASKED.value,
    )
    moving = or_(Payment.state == PaymentState.ASKED.value, Refund.id.is_not(None))
    query = (
        select(func.count(Payment.id.distinct()))
        .select_from(Payment)
        .outerjoin(Refund, given)
        .where(Payment.station_id == station_id, Payment.recipient_id.in_(recipient_ids), moving)
    )
    return connection().scalar(query) or 0
