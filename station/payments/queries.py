"""Reads of payments, refunds and notices."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, and_, func, select

from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.payments.catalogue import AT_COUNTER, Outcome, Reason, Way
from station.payments.lifecycle import PaymentState, RefundState, ScanState
from station.payments.models import Payment, PaymentNotice, Refund

PURPOSE = re.compile(r"balance|group_order:[0-9]{1,19}", re.ASCII)
COUNTER = "at_counter:"  # how the key begins of a payment that is waited for at a counter
PAGE = 50  # payments of one page of the list
MOST = 100  # refunds of one payment, payments of one resident on their page


@dataclass(frozen=True, slots=True)
class Asked:
    """A payment as it stands."""

    station_id: int
    id: int
    purpose: str
    recipient_id: int
    provider: Way
    amount_minor: int
    currency: str
    state: PaymentState
    provider_ref: str | None
    asked_by: str
    asked_at: datetime
    expires_at: datetime | None
    paid_at: datetime | None
    refunded_minor: int
    journal_id: int | None
    version: int
    scan: ScanState | None
    scanned_at: datetime | None
    scan_reason: str | None

    @property
    def rest_minor(self) -> int:
        """What can still be given back of it."""
        return self.amount_minor - self.refunded_minor if self.state is PaymentState.PAID else 0


@dataclass(frozen=True, slots=True)
class Given:
    """A refund as it stands."""

    station_id: int
    id: int
    payment_id: int
    amount_minor: int
    state: RefundState
    reason: Reason
    provider_ref: str | None
    asked_by: str
    asked_at: datetime
    ended_at: datetime | None
    journal_id: int


@dataclass(frozen=True, slots=True)
class Told:
    """A provider's notice that was kept."""

    provider: Way
    outcome: Outcome
    at: datetime


_PAYMENT = (
    Payment.station_id,
    Payment.id,
    Payment.purpose,
    Payment.recipient_id,
    Payment.provider,
    Payment.amount_minor,
    Payment.currency,
    Payment.state,
    Payment.provider_ref,
    Payment.asked_by,
    Payment.asked_at,
    Payment.expires_at,
    Payment.paid_at,
    Payment.refunded_minor,
    Payment.journal_id,
    Payment.version,
    Payment.scan,
    Payment.scanned_at,
    Payment.scan_reason,
)
_REFUND = (
    Refund.station_id,
    Refund.id,
    Refund.payment_id,
    Refund.amount_minor,
    Refund.state,
    Refund.reason,
    Refund.provider_ref,
    Refund.asked_by,
    Refund.asked_at,
    Refund.ended_at,
    Refund.journal_id,
)


_OF_PAYMENT = and_(Payment.station_id == Refund.station_id, Payment.id == Refund.payment_id)


def payment(station_id: int, payment_id: int) -> Asked:
    """Return one payment. Raises StationError `not_found`."""
    found = _payments(select(*_PAYMENT).where(Payment.station_id == station_id, Payment.id == payment_id))
    if not found:
        raise StationError("not_found", _("There is no such payment at your station."))
    return found[0]


def remote(station_id: int, payment_id: int) -> Asked:
    """Return one payment through a provider. Raises StationError `not_found`, for one that a clerk took too."""
    found = payment(station_id, payment_id)
    if found.provider in AT_COUNTER:
        raise StationError("not_found", _("There is no such payment at your station."))
    return found


def by_key(station_id: int, key: str) -> Asked | None:
    """Return the payment that was asked under a key."""
    found = _payments(select(*_PAYMENT).where(Payment.station_id == station_id, Payment.key == key))
    return found[0] if found else None


def by_number(station_id: int, provider: Way, number: str) -> Asked | None:
    """Return the payment that a provider knows under our `number`."""
    if not number.isascii() or not number.isdecimal() or len(number) > 19:
        return None
    mine = (Payment.station_id == station_id, Payment.id == int(number), Payment.provider == provider.value)
    found = _payments(select(*_PAYMENT).where(*mine))
    return found[0] if found else None


def has_ref(station_id: int, provider: Way, ref: str) -> bool:
    """Tell whether a payment stands under a provider's own number."""
    mine = (Payment.station_id == station_id, Payment.provider == provider.value)
    return connection().scalar(select(Payment.id).where(*mine, Payment.provider_ref == ref)) is not None


def of_recipients(station_id: int, recipient_ids: Sequence[int]) -> list[Asked]:
    """Return the newest payments of some recipients, at most MOST, newest first."""
    mine = (Payment.station_id == station_id, Payment.recipient_id.in_(recipient_ids))
    return _payments(select(*_PAYMENT).where(*mine).order_by(Payment.id.desc()).limit(MOST))


def listed(station_id: int, *, state: PaymentState | None = None, before: int = 0) -> list[Asked]:
    """Return payments, newest first, those older than payment `before`: PAGE and one, if there are more."""
    conditions: list[ColumnElement[bool]] = [Payment.station_id == station_id]
    if state:
        conditions.append(Payment.state == state.value)
    if before:
        conditions.append(Payment.id < before)
    return _payments(select(*_PAYMENT).where(*conditions).order_by(Payment.id.desc()).limit(PAGE + 1))


def waiting(station_id: int, asked_before: datetime) -> list[Asked]:
    """Return payments that nobody has paid yet, of before a moment, oldest first."""
    mine = (Payment.station_id == station_id, Payment.state == PaymentState.ASKED.value)
    query = select(*_PAYMENT).where(*mine, Payment.asked_at < asked_before)
    return _payments(query.order_by(Payment.id).limit(MOST))


def count_waiting(station_id: int, recipient_id: int) -> int:
    """Return how many payments of a resident wait for their money."""
    mine = (Payment.station_id == station_id, Payment.recipient_id == recipient_id)
    query = select(func.count()).select_from(Payment).where(*mine, Payment.state == PaymentState.ASKED.value)
    return int(connection().scalar(query) or 0)


def count_paid(station_id: int, recipient_ids: Sequence[int]) -> int:
    """Return how many payments some recipients have paid."""
    mine = (Payment.station_id == station_id, Payment.recipient_id.in_(recipient_ids))
    query = select(func.count()).select_from(Payment).where(*mine, Payment.state == PaymentState.PAID.value)
    return int(connection().scalar(query) or 0)


def waiting_at_counter(station_id: int, recipient_ids: Sequence[int], now: datetime) -> list[Asked]:
    """Return some recipients' payments that a counter waits for and whose time is not over, oldest first."""
    query = select(*_PAYMENT).where(
        Payment.station_id == station_id,
        Payment.recipient_id.in_(recipient_ids),
        Payment.state == PaymentState.ASKED.value,
        Payment.expires_at > now,
        Payment.key.startswith(COUNTER, autoescape=True),
    )
    return _payments(query.order_by(Payment.id))


def code_of(station_id: int, payment_id: int) -> str | None:
    """Return the code under which a payment is scanned, None while none is known."""
    mine = (Payment.station_id == station_id, Payment.id == payment_id)
    found: str | None = connection().scalar(select(Payment.code).where(*mine))
    return found


def refundable(station_id: int, recipient_id: int, currency: str) -> list[Asked]:
    """Return a resident's payments of which something can be given back, newest first."""
    query = select(*_PAYMENT).where(
        Payment.station_id == station_id,
        Payment.recipient_id == recipient_id,
        Payment.currency == currency,
        Payment.state == PaymentState.PAID.value,
        Payment.refunded_minor < Payment.amount_minor,
    )
    return _payments(query.order_by(Payment.paid_at.desc(), Payment.id.desc()).limit(MOST))


def paid_between(station_id: int, provider: Way, begin: datetime, end: datetime) -> list[Asked]:
    """Return what was paid through a provider from `begin` until before `end`."""
    query = select(*_PAYMENT).where(
        Payment.station_id == station_id,
        Payment.provider == provider.value,
        Payment.paid_at >= begin,
        Payment.paid_at < end,
    )
    return _payments(query.order_by(Payment.id))


def payments_of(station_id: int, given: Sequence[Given]) -> list[Asked]:
    """Return the payments that refunds are of."""
    ids = sorted({one.payment_id for one in given})
    mine = (Payment.station_id == station_id, Payment.id.in_(ids))
    return _payments(select(*_PAYMENT).where(*mine).order_by(Payment.id))


def refund(station_id: int, refund_id: int) -> Given:
    """Return one refund. Raises StationError `not_found`."""
    found = _refunds(select(*_REFUND).where(Refund.station_id == station_id, Refund.id == refund_id))
    if not found:
        raise StationError("not_found", _("There is no such refund at your station."))
    return found[0]


def refund_by_number(station_id: int, provider: Way, number: str) -> Given | None:
    """Return the refund that a provider knows under our `number`."""
    if not number.isascii() or not number.isdecimal() or len(number) > 19:
        return None
    mine = (Refund.station_id == station_id, Refund.id == int(number), Payment.provider == provider.value)
    found = _refunds(select(*_REFUND).join(Payment, _OF_PAYMENT).where(*mine))
    return found[0] if found else None


def refund_by_key(station_id: int, key: str) -> Given | None:
    """Return the refund that was asked under a key."""
    found = _refunds(select(*_REFUND).where(Refund.station_id == station_id, Refund.key == key))
    return found[0] if found else None


def cancelled_key(payment: str) -> str:
    """Return the key of the refund that a provider made by itself when the payment of our number was cancelled."""
    return f"cancelled:{payment}"


def made_there_key(provider: Way, number: str) -> str:
    """Return the key of a refund that was made at a provider's own site, under its number there."""
    return f"made_there:{provider}:{number}"


def refunds_under(station_id: int, beginning: str) -> list[Given]:
    """Return the refunds whose key begins so, oldest first."""
    mine = (Refund.station_id == station_id, Refund.key.startswith(beginning, autoescape=True))
    return _refunds(select(*_REFUND).where(*mine).order_by(Refund.id))


def refunds_of(station_id: int, payment_ids: Sequence[int]) -> list[Given]:
    """Return the refunds of some payments, oldest first."""
    mine = (Refund.station_id == station_id, Refund.payment_id.in_(payment_ids))
    return _refunds(select(*_REFUND).where(*mine).order_by(Refund.id))


def refunds_waiting(station_id: int, asked_before: datetime) -> list[Given]:
    """Return refunds whose provider has not answered, of before a moment, oldest first."""
    mine = (Refund.station_id == station_id, Refund.state == RefundState.ASKED.value)
    return _refunds(
        select(*_REFUND).where(*mine, Refund.asked_at < asked_before).order_by(Refund.id).limit(MOST)
    )


def refunds_between(station_id: int, provider: Way, begin: datetime, end: datetime) -> list[Given]:
    """Return what a provider gave back from `begin` until before `end`."""
    query = (
        select(*_REFUND)
        .join(Payment, _OF_PAYMENT)
        .where(
            Refund.station_id == station_id,
            Payment.provider == provider.value,
            Refund.state == RefundState.DONE.value,
            Refund.ended_at >= begin,
            Refund.ended_at < end,
        )
    )
    return _refunds(query.order_by(Refund.id))


def notices_of(station_id: int, payment_id: int) -> list[Told]:
    """Return what a provider said of a payment, oldest first, at most MOST."""
    mine = (PaymentNotice.station_id == station_id, PaymentNotice.payment_id == payment_id)
    return _notices(*mine)


def notices_refused(station_id: int) -> list[Told]:
    """Return the newest notices that no payment was found for, or that were not believed; oldest first."""
    return _notices(PaymentNotice.station_id == station_id, PaymentNotice.payment_id.is_(None))


def stations_waiting() -> list[int]:
    """Return the stations where a payment or a refund waits, in order."""
    asked = select(Payment.station_id).where(Payment.state == PaymentState.ASKED.value)
    given = select(Refund.station_id).where(Refund.state == RefundState.ASKED.value)
    return sorted(connection().scalars(asked.union(given)))


def count_refused(station_id: int, since: datetime) -> int:
    """Return how many notices were kept since a moment that no payment stands behind."""
    mine = (PaymentNotice.station_id == station_id, PaymentNotice.payment_id.is_(None))
    query = select(func.count()).select_from(PaymentNotice).where(*mine, PaymentNotice.at >= since)
    return int(connection().scalar(query) or 0)


def _notices(*conditions: ColumnElement[bool]) -> list[Told]:
    query = select(PaymentNotice.provider, PaymentNotice.outcome, PaymentNotice.at).where(*conditions)
    rows = connection().execute(query.order_by(PaymentNotice.id.desc()).limit(MOST))
    return [Told(Way(row.provider), Outcome(row.outcome), row.at) for row in rows][::-1]


def _payments(query: Select[Any]) -> list[Asked]:
    return [_asked(row._mapping) for row in connection().execute(query)]


def _asked(row: RowMapping) -> Asked:
    scan = None if row["scan"] is None else ScanState(row["scan"])
    return Asked(
        **{**row, "provider": Way(row["provider"]), "state": PaymentState(row["state"]), "scan": scan}
    )


def _refunds(query: Select[Any]) -> list[Given]:
    rows = (row._mapping for row in connection().execute(query))
    return [
        Given(**{**row, "state": RefundState(row["state"]), "reason": Reason(row["reason"])}) for row in rows
    ]
